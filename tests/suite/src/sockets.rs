//! Sockets as a service manager holds them: bound once, and handed to each daemon that is started on them, so that
//! what comes in between waits for the next (sd_listen_fds(3)).

use std::ffi::OsStr;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The sockets, as descriptors 3, 4 and 5 of each daemon.
pub struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
    admin: UnixListener,
    /// Where DNS is answered.
    pub dns: SocketAddr,
    /// The admin socket.
    pub path: PathBuf,
}

impl Sockets {
    /// Binds a port of loopback for UDP and TCP, and `admin.sock` in a folder.
    pub fn bind(folder: &Path) -> Sockets {
        let (udp, tcp) = (0..64)
            .find_map(|_| {
                let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a socket");
                let udp = UdpSocket::bind(tcp.local_addr().expect("an address")).ok()?;
                Some((udp, tcp))
            })
            .expect("a port that is free for both");
        let path = folder.join("admin.sock");
        let admin = UnixListener::bind(&path).expect("a socket");
        let dns = tcp.local_addr().expect("an address");
        Sockets { udp, tcp, admin, dns, path }
    }

    /// The command that becomes the program, with the sockets; arguments are the caller's to add. A shell puts the
    /// sockets where they belong, and is replaced. What the program writes to stderr is appended to `log`.
    pub fn command(&self, program: impl AsRef<OsStr>, log: &Path) -> Command {
        let script = "exec 3<&0 4<&1 5<&2 0</dev/null 1>/dev/null 2>>\"$LOG\"\n\
                      export LISTEN_PID=$$ LISTEN_FDS=3 LISTEN_FDNAMES=dns:dns:admin\nexec \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script, "sh"]).arg(program).env("LOG", log);
        let stdio = |socket: OwnedFd| Stdio::from(socket);
        command.stdin(stdio(self.udp.try_clone().expect("a descriptor").into()));
        command.stdout(stdio(self.tcp.try_clone().expect("a descriptor").into()));
        command.stderr(stdio(self.admin.try_clone().expect("a descriptor").into()));
        command
    }
}
