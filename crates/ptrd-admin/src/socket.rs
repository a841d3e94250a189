//! The socket file: made so that nobody gets in before its mode is set, and never in place of something else.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// Where and how to listen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketOptions {
    /// The file; its folder is made if it is missing.
    pub path: PathBuf,
    /// Who may connect, by the file's mode.
    pub mode: u32,
    /// The group that gets access; that of the daemon unless given.
    pub group: Option<u32>,
    /// The owner; the daemon's user unless given.
    pub owner: Option<u32>,
}

impl SocketOptions {
    /// Mode 0660, the daemon's own group.
    pub fn at(path: impl Into<PathBuf>) -> SocketOptions {
        SocketOptions { path: path.into(), mode: 0o660, group: None, owner: None }
    }
}

/// Why there is no admin socket.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SocketError {
    /// The path is a symbolic link: somebody may have put it there to make us replace or expose what it leads to.
    #[error("{0} is a symbolic link, which an admin socket must not be: remove it, or name another path")]
    Symlink(PathBuf),
    /// The path is taken by something that is no socket.
    #[error("{0} is there already and is no socket: remove it, or name another path")]
    NoSocket(PathBuf),
    /// Somebody answers there.
    #[error("another process answers on {0}: is a second ptrd running?")]
    InUse(PathBuf),
    /// The path has no folder or no file name.
    #[error("{0} is no path of a socket")]
    NoPath(PathBuf),
    /// What was handed over is no socket with a path, or its file is not there.
    #[error("the admin socket that was handed over has no path: it must be one of the file system")]
    Nameless,
    /// The system refused.
    #[error("{action} {path}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: io::Error,
    },
}

/// A bound admin socket. Dropping it leaves the file behind for the next daemon to replace; [`AdminSocket::remove`]
/// takes it away.
#[derive(Debug)]
pub struct AdminSocket {
    listener: UnixListener,
    path: PathBuf,
    /// Device and inode, so that only our own file is ever removed; `None` when it is somebody else's to remove.
    identity: Option<(u64, u64)>,
    group: u32,
}

impl AdminSocket {
    /// Binds, sets owner and mode, and only then moves the socket to its path: before that it has a name that no client
    /// looks for, and connections are accepted by nobody. A umask was rejected, since it belongs to the whole process.
    ///
    /// # Errors
    /// [`SocketError`]; whatever was at the path is untouched then, unless it was the socket of a dead daemon.
    pub fn bind(options: &SocketOptions) -> Result<AdminSocket, SocketError> {
        let path = &options.path;
        let (Some(folder), Some(_)) = (path.parent(), path.file_name()) else {
            return Err(SocketError::NoPath(path.clone()));
        };
        if !folder.as_os_str().is_empty() {
            fs::create_dir_all(folder).map_err(failed("making the folder", folder))?;
        }
        vacate(path)?;
        let staging = staging(path);
        vacate(&staging)?;
        let listener = UnixListener::bind(&staging).map_err(failed("binding", path))?;
        prepare(&listener, &staging, options).inspect_err(|_| {
            let _ = fs::remove_file(&staging);
        })
    }

    /// Takes a socket that a service manager listens on. Its file, with mode and group, is the manager's, and stays.
    ///
    /// # Errors
    /// [`SocketError`].
    pub fn adopt(listener: UnixListener) -> Result<AdminSocket, SocketError> {
        let address = listener.local_addr().ok();
        let path = address.and_then(|address| address.as_pathname().map(Path::to_owned));
        let path = path.ok_or(SocketError::Nameless)?;
        let found = fs::symlink_metadata(&path).map_err(failed("looking at", &path))?;
        if !found.file_type().is_socket() {
            return Err(SocketError::NoSocket(path));
        }
        listener.set_nonblocking(true).map_err(failed("listening on", &path))?;
        Ok(AdminSocket { listener, path, identity: None, group: found.gid() })
    }

    /// Where it listens.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The group whose members may connect.
    pub fn group(&self) -> u32 {
        self.group
    }

    pub(crate) fn listener(&self) -> io::Result<tokio::net::UnixListener> {
        tokio::net::UnixListener::from_std(self.listener.try_clone()?)
    }

    /// Removes the file, if it is still ours.
    pub fn remove(self) {
        let ours = fs::symlink_metadata(&self.path)
            .is_ok_and(|found| Some((found.dev(), found.ino())) == self.identity);
        if ours && let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "the admin socket could not be removed");
        }
    }
}

fn prepare(
    listener: &UnixListener,
    staging: &Path,
    options: &SocketOptions,
) -> Result<AdminSocket, SocketError> {
    let path = options.path.clone();
    if options.owner.is_some() || options.group.is_some() {
        chown(staging, options.owner, options.group).map_err(failed("setting owner and group of", &path))?;
    }
    fs::set_permissions(staging, Permissions::from_mode(options.mode))
        .map_err(failed("setting the mode of", &path))?;
    let found = fs::symlink_metadata(staging).map_err(failed("looking at", &path))?;
    listener.set_nonblocking(true).map_err(failed("listening on", &path))?;
    let listener = listener.try_clone().map_err(failed("listening on", &path))?;
    // rename(2) replaces a link that appeared meanwhile, it does not follow it.
    fs::rename(staging, &path).map_err(failed("moving the socket to", &path))?;
    Ok(AdminSocket { listener, path, identity: Some((found.dev(), found.ino())), group: found.gid() })
}

/// Makes sure that nothing is at the path but, at most, the socket of a dead daemon, which is removed.
fn vacate(path: &Path) -> Result<(), SocketError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed("looking at", path)(error)),
    };
    if found.is_symlink() {
        return Err(SocketError::Symlink(path.to_owned()));
    }
    if !found.is_socket() {
        return Err(SocketError::NoSocket(path.to_owned()));
    }
    match UnixStream::connect(path) {
        Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(failed("removing the stale socket", path))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // Whatever else it is, somebody holds the other end.
        _ => Err(SocketError::InUse(path.to_owned())),
    }
}

fn staging(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    name.into()
}

fn failed<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(io::Error) -> SocketError + use<'a> {
    move |cause| SocketError::Io { action, path: path.to_owned(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a folder")
    }

    #[test]
    fn the_socket_has_its_mode_and_the_folder_is_made() {
        let folder = folder();
        let path = folder.path().join("run/ptrd/admin.sock");
        let socket = AdminSocket::bind(&SocketOptions::at(&path)).expect("a socket");
        let found = fs::symlink_metadata(&path).expect("a file");
        assert_eq!(found.permissions().mode() & 0o7777, 0o660);
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("a folder").count(), 1);
        socket.remove();
        assert!(!path.exists());
    }

    #[test]
    fn what_is_no_socket_is_refused_and_left_alone() {
        let folder = folder();
        let path = folder.path().join("s");
        fs::write(&path, "precious").expect("a file");
        let refused = AdminSocket::bind(&SocketOptions::at(&path));
        assert!(matches!(refused, Err(SocketError::NoSocket(_))), "{refused:?}");
        assert_eq!(fs::read_to_string(&path).expect("a file"), "precious");

        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let refused = AdminSocket::bind(&SocketOptions::at(&link));
        assert!(matches!(refused, Err(SocketError::Symlink(_))), "{refused:?}");
        let dangling = folder.path().join("dangling");
        std::os::unix::fs::symlink(folder.path().join("nothing"), &dangling).expect("a link");
        let refused = AdminSocket::bind(&SocketOptions::at(&dangling));
        assert!(matches!(refused, Err(SocketError::Symlink(_))), "{refused:?}");
        let refused = AdminSocket::bind(&SocketOptions::at(folder.path()));
        assert!(matches!(refused, Err(SocketError::NoSocket(_))), "{refused:?}");
    }

    #[test]
    fn a_stale_socket_is_replaced_and_a_live_one_is_not() {
        let folder = folder();
        let path = folder.path().join("s");
        drop(UnixListener::bind(&path).expect("a socket"));
        assert!(path.exists());
        let first = AdminSocket::bind(&SocketOptions::at(&path)).expect("in place of the stale one");
        let second = AdminSocket::bind(&SocketOptions::at(&path));
        assert!(matches!(second, Err(SocketError::InUse(_))), "{second:?}");

        fs::remove_file(&path).expect("removed");
        let third = AdminSocket::bind(&SocketOptions::at(&path)).expect("a new one");
        first.remove();
        assert!(path.exists(), "the first one must not remove the socket of the third");
        third.remove();
    }

    #[test]
    fn a_socket_that_was_handed_over_is_left_to_its_owner() {
        let folder = folder();
        let path = folder.path().join("s");
        let socket = AdminSocket::adopt(UnixListener::bind(&path).expect("a socket")).expect("adopted");
        assert_eq!(socket.path(), path);
        socket.remove();
        assert!(path.exists());
        let gone = UnixListener::bind(folder.path().join("gone")).expect("a socket");
        fs::remove_file(folder.path().join("gone")).expect("removed");
        assert!(matches!(AdminSocket::adopt(gone), Err(SocketError::Io { .. })));
    }

    #[test]
    fn a_path_that_is_too_long_is_an_error() {
        let folder = folder();
        let refused = AdminSocket::bind(&SocketOptions::at(folder.path().join("x".repeat(120))));
        assert!(matches!(refused, Err(SocketError::Io { .. })), "{refused:?}");
        assert!(matches!(AdminSocket::bind(&SocketOptions::at("/")), Err(SocketError::NoPath(_))));
    }
}
