//! The protocol buffers of dnstap, as far as an authoritative server fills them
//! (<https://github.com/dnstap/dnstap.pb/blob/main/dnstap.proto>).

use prost::Message as _;
use ptrd_listen::{Exchange, Protocol};
use std::net::IpAddr;

const TYPE_MESSAGE: i32 = 1;
const AUTH_QUERY: i32 = 1;
const AUTH_RESPONSE: i32 = 2;
const INET: i32 = 1;
const INET6: i32 = 2;

#[derive(Clone, PartialEq, prost::Message)]
struct Dnstap {
    #[prost(bytes = "vec", optional, tag = "1")]
    identity: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "2")]
    version: Option<Vec<u8>>,
    #[prost(message, optional, tag = "14")]
    message: Option<Message>,
    #[prost(int32, required, tag = "15")]
    kind: i32,
}

#[derive(Clone, PartialEq, prost::Message)]
struct Message {
    #[prost(int32, required, tag = "1")]
    kind: i32,
    #[prost(int32, optional, tag = "2")]
    socket_family: Option<i32>,
    #[prost(int32, optional, tag = "3")]
    socket_protocol: Option<i32>,
    #[prost(bytes = "vec", optional, tag = "4")]
    query_address: Option<Vec<u8>>,
    #[prost(bytes = "vec", optional, tag = "5")]
    response_address: Option<Vec<u8>>,
    #[prost(uint32, optional, tag = "6")]
    query_port: Option<u32>,
    #[prost(uint32, optional, tag = "7")]
    response_port: Option<u32>,
    #[prost(uint64, optional, tag = "8")]
    query_time_sec: Option<u64>,
    #[prost(fixed32, optional, tag = "9")]
    query_time_nsec: Option<u32>,
    #[prost(bytes = "vec", optional, tag = "10")]
    query_message: Option<Vec<u8>>,
    #[prost(uint64, optional, tag = "12")]
    response_time_sec: Option<u64>,
    #[prost(fixed32, optional, tag = "13")]
    response_time_nsec: Option<u32>,
    #[prost(bytes = "vec", optional, tag = "14")]
    response_message: Option<Vec<u8>>,
}

/// Who we say that we are.
#[derive(Clone, Debug)]
pub(super) struct Identity {
    pub identity: Option<Vec<u8>>,
    pub version: Option<Vec<u8>>,
}

/// Which half of an exchange a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Query,
    Response,
}

/// The numbers of `SocketProtocol`.
fn protocol(protocol: Protocol) -> i32 {
    match protocol {
        Protocol::Udp => 1,
        Protocol::Tcp => 2,
        Protocol::Tls => 3,
        Protocol::Https => 4,
        Protocol::Quic => 7,
    }
}

/// Half of an exchange as a dnstap message.
pub(super) fn encode(who: &Identity, half: Half, exchange: &Exchange<'_>) -> Vec<u8> {
    let octets = |ip: IpAddr| match ip {
        IpAddr::V4(v4) => v4.octets().to_vec(),
        IpAddr::V6(v6) => v6.octets().to_vec(),
    };
    let (seconds, nanoseconds) = (exchange.at / 1_000_000_000, (exchange.at % 1_000_000_000) as u32);
    let is_response = half == Half::Response;
    let message = Message {
        kind: if is_response { AUTH_RESPONSE } else { AUTH_QUERY },
        socket_family: Some(if exchange.peer.is_ipv4() { INET } else { INET6 }),
        socket_protocol: Some(protocol(exchange.protocol)),
        query_address: Some(octets(exchange.peer.ip())),
        response_address: Some(octets(exchange.local.ip())),
        query_port: Some(exchange.peer.port().into()),
        response_port: Some(exchange.local.port().into()),
        query_time_sec: Some(seconds),
        query_time_nsec: Some(nanoseconds),
        query_message: (!is_response).then(|| exchange.query.to_vec()),
        response_time_sec: is_response.then_some(seconds),
        response_time_nsec: is_response.then_some(nanoseconds),
        response_message: is_response.then(|| exchange.reply.to_vec()),
    };
    let Identity { identity, version } = who.clone();
    Dnstap { identity, version, message: Some(message), kind: TYPE_MESSAGE }.encode_to_vec()
}
