//! From a secret that a stranger shows to somebody who may ask: what every door with tokens has in common.
//!
//! A door hands over what came with a request and the client's address, and has a [`Guest`] or a refusal to answer with. It
//! needs nothing else to know who asks:
//!
//! ```ignore
//! let guest = gate.admit(&headers, peer.ip())?;                 // Authorization: Bearer …, or X-API-Key: …
//! control.blocks(guest.standing, filter).await?;                // reading
//! control.change(guest.caller(reason), request, dry_run).await? // changing
//! ```
//!
//! Whoever shows what is no token again and again is not heard for a while, not even with a good one: by address, or by the
//! /64 of IPv6 that it lies in. The table of them is of fixed size; when it is full, those who tried least recently are
//! forgotten.

use crate::control::{Bearer, Caller, Control, Standing};
use crate::rates::{Rates, network};
use axum::http::{HeaderMap, header};
use ptrd_api::{Problem, code};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is shown in a header of its own, as clients of PowerDNS do.
pub const KEY_HEADER: &str = "x-api-key";

/// Failed tries that an address has at first.
const TRIES: u32 = 10;
/// How long until another one is granted.
pub(crate) const PER_TRY: Duration = Duration::from_secs(6);

/// Somebody who showed a token that is of use. What it may is judged whenever something is read or changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// As whom it asks.
    pub standing: Standing,
    /// What the log calls it.
    pub actor: String,
    /// From where, for the log: `192.0.2.1`. A door may say more.
    pub origin: String,
}

impl Guest {
    /// The same for a change.
    pub fn caller(&self, reason: Option<String>) -> Caller {
        let Guest { standing, actor, origin } = self.clone();
        Caller { actor, origin, reason, standing, once: None }
    }
}

/// See the module. Clones are one gate: doors share it, so that failed tries count for all.
pub struct Gate<C> {
    control: Arc<C>,
    failures: Arc<Rates<IpAddr>>,
}

impl<C> Clone for Gate<C> {
    fn clone(&self) -> Gate<C> {
        Gate { control: self.control.clone(), failures: self.failures.clone() }
    }
}

impl<C: Control> Gate<C> {
    /// The gate to a daemon.
    pub fn new(control: Arc<C>) -> Gate<C> {
        Gate { control, failures: Arc::new(Rates::new(TRIES, PER_TRY)) }
    }

    /// Who has sent these headers from this address: `Authorization: Bearer` or [`KEY_HEADER`] has the token.
    ///
    /// # Errors
    /// [`code::UNAUTHENTICATED`]: no token, or one that is of no use; [`code::TOO_MANY`]: too many of those.
    pub fn admit(&self, headers: &HeaderMap, from: IpAddr) -> Result<Guest, Problem> {
        self.admit_token(shown(headers)?, from)
    }

    /// Who has shown this token from this address.
    ///
    /// # Errors
    /// As for [`Gate::admit`].
    pub fn admit_token(&self, token: &str, from: IpAddr) -> Result<Guest, Problem> {
        let from = from.to_canonical();
        let now = Instant::now();
        if self.failures.check(network(from), now).is_err() {
            let problem = Problem::new(code::TOO_MANY, "too many tokens from this address were of no use");
            return Err(problem.hint(format!("try again in {} seconds", PER_TRY.as_secs())));
        }
        match self.control.bearer(token, from) {
            Ok(Bearer { token, actor }) => {
                Ok(Guest { standing: Standing::Token(token), actor, origin: from.to_string() })
            }
            Err(problem) => {
                if problem.code == code::UNAUTHENTICATED {
                    tracing::info!(%from, "somebody showed a token that is of no use");
                    self.failures.note(network(from), now);
                }
                Err(problem)
            }
        }
    }
}

/// The token among headers.
fn shown(headers: &HeaderMap) -> Result<&str, Problem> {
    let bearer = headers.get_all(header::AUTHORIZATION).iter().map(|value| {
        let (scheme, token) = value.to_str().ok()?.trim().split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let key = headers.get_all(KEY_HEADER).iter().map(|value| value.to_str().ok().map(str::trim));
    let all: Vec<Option<&str>> = bearer.chain(key).collect();
    match all[..] {
        [Some(token)] if !token.is_empty() => Ok(token),
        [] => Err(Problem::new(code::UNAUTHENTICATED, "no token was shown")
            .hint("send it as `Authorization: Bearer ptrd_…`; `ptrctl token add` makes one")),
        [_] => Err(Problem::new(code::UNAUTHENTICATED, "what was shown is no token")
            .hint("send it as `Authorization: Bearer ptrd_…`")),
        _ => Err(Problem::new(code::BAD_REQUEST, "more than one token was shown").hint("send one of them")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_token_is_taken_from_either_header() {
        let headers = |list: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in list {
                headers.append(*name, axum::http::HeaderValue::from_static(value));
            }
            headers
        };
        let token = |list| shown(&headers(list)).map(str::to_owned).map_err(|problem| problem.code);
        assert_eq!(token(&[("authorization", "Bearer abc")]).as_deref(), Ok("abc"));
        assert_eq!(token(&[("authorization", "bearer  abc ")]).as_deref(), Ok("abc"));
        assert_eq!(token(&[("x-api-key", "abc")]).as_deref(), Ok("abc"));
        for bad in [
            &[][..],
            &[("authorization", "Basic abc")],
            &[("authorization", "Bearer ")],
            &[("x-api-key", "")],
        ] {
            assert_eq!(token(bad), Err(code::UNAUTHENTICATED.to_owned()), "{bad:?}");
        }
        let both = [("authorization", "Bearer abc"), ("x-api-key", "abc")];
        assert_eq!(token(&both), Err(code::BAD_REQUEST.to_owned()));
    }
}
