//! What can be checked of a configuration without starting: that what it names is there, and is what it should be.

use super::Finding;
use super::runtime::Config;
use crate::standby::Secret;
use crate::{account, secrets};
use ptrd_listen::{Certificate, CertificateError};
use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Looks at the users, files, folders and sockets that a configuration names. Nothing is changed.
pub fn environment(config: &Config, findings: &mut Vec<Finding>) {
    users(config, findings);
    if let Some(path) = &config.answers.cookie_secret_file {
        secret(path, findings);
    }
    if let Some((chain, key)) = config.tls.files() {
        certificate(chain, key, findings);
    }
    if let Some(path) = &config.standby.secret_file {
        shared_secret(path, findings);
    }
    store(config, findings);
    if !config.store.read_only {
        socket(&config.admin.socket, findings);
    }
}

fn users(config: &Config, findings: &mut Vec<Finding>) {
    let mut look = |key: &str, found: Result<(), account::Unknown>| {
        if let Err(unknown) = found {
            findings.push(Finding::error(key, unknown.to_string()));
        }
    };
    if let Some(name) = &config.user.name {
        look("user.name", account::user(name).map(drop));
    }
    if let Some(name) = &config.user.group {
        look("user.group", account::group(name).map(drop));
    }
    if let Some(name) = &config.admin.group {
        look("admin.group", account::group(name).map(drop));
    }
    for name in &config.admin.users {
        look("admin.users", account::user(name).map(drop));
    }
    let world = config.admin.mode & 0o007;
    if world != 0 && config.admin.users.is_empty() {
        let message = "everybody may connect, but only those who are let in get an answer: mode 0660 will do";
        findings.push(Finding::warning("admin.mode", message));
    }
}

fn secret(path: &Path, findings: &mut Vec<Finding>) {
    const KEY: &str = "answers.cookie-secret-file";
    match secrets::read(path) {
        Ok(_) if secrets::is_open_to_all(path) => {
            findings
                .push(Finding::warning(KEY, format!("everybody may read {}: chmod o-r it", path.display())));
        }
        Ok(_) => {}
        Err(error) => findings.push(Finding::error(KEY, format!("{error:#}"))),
    }
}

fn shared_secret(path: &Path, findings: &mut Vec<Finding>) {
    const KEY: &str = "standby.secret-file";
    match Secret::read(path) {
        Ok(_) if secrets::is_open_to_all(path) => {
            findings
                .push(Finding::warning(KEY, format!("everybody may read {}: chmod o-r it", path.display())));
        }
        Ok(_) => {}
        Err(error) => findings.push(Finding::error(KEY, format!("{error:#}"))),
    }
}

/// Days before a certificate expires from which on somebody should know.
const NEARLY_OVER: i64 = 7;

fn certificate(chain: &Path, key: &Path, findings: &mut Vec<Finding>) {
    const CERTIFICATE: &str = "tls.certificate";
    const KEY: &str = "tls.key";
    let certificate = match Certificate::read(chain, key) {
        Ok(certificate) => certificate,
        Err(error) => {
            let key = if is_about(&error, key) { KEY } else { CERTIFICATE };
            findings.push(Finding::error(key, format!("{:#}", anyhow::Error::new(error))));
            return;
        }
    };
    if secrets::is_open_to_all(key) {
        findings.push(Finding::warning(KEY, format!("everybody may read {}: chmod o-r it", key.display())));
    }
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64;
    let days = |from: i64, to: i64| match (to - from) / 86_400 {
        1 => "a day".to_owned(),
        days => format!("{days} days"),
    };
    let (begins, ends) = (certificate.not_before(), certificate.not_after());
    let message = if ends < now {
        format!("{} has expired {} ago: clients that check refuse it", chain.display(), days(ends, now))
    } else if begins > now {
        format!(
            "{} is not valid for another {}: clients that check refuse it",
            chain.display(),
            days(now, begins)
        )
    } else if ends < now + NEARLY_OVER * 86_400 {
        format!("{} expires in {}", chain.display(), days(now, ends))
    } else {
        return;
    };
    findings.push(Finding::warning(CERTIFICATE, message));
}

/// Whether an error concerns the key's file more than the certificate's.
fn is_about(error: &CertificateError, key: &Path) -> bool {
    use CertificateError::{BadKey, Mismatch, NoKey, NoPem, Unreadable};
    match error {
        Unreadable { path, .. } | NoPem { path, .. } => path == key,
        NoKey(_) | BadKey { .. } | Mismatch { .. } => true,
        _ => false,
    }
}

fn store(config: &Config, findings: &mut Vec<Finding>) {
    const KEY: &str = "store.path";
    let path = &config.store.path;
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => {
            findings.push(Finding::error(KEY, format!("{} is a folder: name a file in it", path.display())));
        }
        Ok(found) if !found.is_file() => {
            findings.push(Finding::error(KEY, format!("{} is no regular file", path.display())));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound && config.store.read_only => {
            let message = format!("{} is not there, and store.read-only makes none", path.display());
            findings.push(Finding::error(KEY, message));
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            if folder.is_some_and(|folder| !folder.exists()) {
                let message = format!("the folder of {} is not there yet; ptrd makes it", path.display());
                findings.push(Finding::warning(KEY, message));
            }
        }
        Err(error) => findings.push(Finding::error(KEY, format!("{}: {error}", path.display()))),
    }
}

fn socket(path: &Path, findings: &mut Vec<Finding>) {
    const KEY: &str = "admin.socket";
    match fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_symlink() => {
            let message =
                "is a symbolic link, which an admin socket must not be: remove it, or name another path";
            findings.push(Finding::error(KEY, format!("{} {message}", path.display())));
        }
        Ok(found) if !found.file_type().is_socket() => {
            let message = "is there already and is no socket: remove it, or name another path";
            findings.push(Finding::error(KEY, format!("{} {message}", path.display())));
        }
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => findings.push(Finding::error(KEY, format!("{}: {error}", path.display()))),
    }
    // sun_path of unix(7): 108 octets with the NUL, and `.new` is appended while it is made.
    if path.as_os_str().len() > 103 {
        findings.push(Finding::error(KEY, "the path of a socket is at most 103 octets long".to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Level;
    use std::os::unix::fs::PermissionsExt;

    fn found(change: impl FnOnce(&mut Config)) -> Vec<(Level, String)> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = Config::default();
        config.store.path = folder.path().join("ptrd.db");
        config.admin.socket = folder.path().join("admin.sock");
        change(&mut config);
        let mut findings = Vec::new();
        environment(&config, &mut findings);
        findings
            .into_iter()
            .map(|finding| (finding.level, format!("{}: {}", finding.key, finding.message)))
            .collect()
    }

    fn folder_with(name: &str, content: &str) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        fs::write(&path, content).expect("a file");
        (folder, path)
    }

    #[test]
    fn users_groups_and_files_are_looked_for() {
        assert_eq!(found(|_| ()), []);
        let wrong = found(|config| {
            config.user.name = Some("no-such-user".into());
            config.user.group = Some("no-such-group".into());
            config.admin.group = Some("no-such-group".into());
            config.admin.users = vec!["root".into(), "0".into(), "nobody-at-all".into()];
            config.answers.cookie_secret_file = Some("/nonexistent/secret".into());
            config.standby.secret_file = Some("/nonexistent/secret".into());
        });
        let keys: Vec<&str> = wrong.iter().filter_map(|(_, line)| line.split(':').next()).collect();
        assert_eq!(
            keys,
            [
                "user.name",
                "user.group",
                "admin.group",
                "admin.users",
                "answers.cookie-secret-file",
                "standby.secret-file"
            ]
        );
        assert!(wrong.iter().all(|(level, _)| *level == Level::Error));
    }

    #[test]
    fn a_secret_must_be_one() {
        let (_folder, path) = folder_with("secret", "0123\n");
        let wrong = found(|config| config.answers.cookie_secret_file = Some(path.clone()));
        assert!(wrong[0].1.contains("line 1: a cookie secret is 32"), "{wrong:?}");
        fs::write(&path, "e5e973e5a6b2a43f48e7dc849e37bfcf\n").expect("a file");
        fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).expect("a mode");
        let open = found(|config| config.answers.cookie_secret_file = Some(path.clone()));
        assert!(
            matches!(&open[..], [(Level::Warning, line)] if line.contains("everybody may read")),
            "{open:?}"
        );
    }

    #[test]
    fn certificates_are_read_and_their_dates_looked_at() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs() as i64;
        let write = |from: i64, to: i64| {
            let mut parameters =
                rcgen::CertificateParams::new(vec!["ns1.example.net".to_owned()]).expect("a name");
            // An hour more, so that the seconds of this test make no other day of it.
            let days = |days: i64| now + days * 86_400 + 3_600 * days.signum();
            let days = |n: i64| (UNIX_EPOCH + std::time::Duration::from_secs(days(n) as u64)).into();
            (parameters.not_before, parameters.not_after) = (days(from), days(to));
            let key = rcgen::KeyPair::generate().expect("a key");
            fs::write(path("c.pem"), parameters.self_signed(&key).expect("signed").pem()).expect("written");
            fs::write(path("k.pem"), key.serialize_pem()).expect("written");
            fs::set_permissions(path("k.pem"), PermissionsExt::from_mode(0o600)).expect("a mode");
        };
        let look = || {
            found(|config| {
                (config.tls.certificate, config.tls.key) = (Some(path("c.pem")), Some(path("k.pem")));
            })
        };
        for (from, to, expected) in [
            (-1, 90, None),
            (-90, -2, Some("has expired 2 days ago")),
            (3, 90, Some("is not valid for another 3 days")),
            (-80, 5, Some("expires in 5 days")),
        ] {
            write(from, to);
            let said = look();
            assert_eq!(said.len(), usize::from(expected.is_some()), "{said:?}");
            if let Some(expected) = expected {
                assert!(said[0].0 == Level::Warning && said[0].1.contains(expected), "{said:?}");
            }
        }
        let key = fs::read(path("k.pem")).expect("a key");
        write(-1, 90);
        fs::write(path("k.pem"), key).expect("written");
        let said = look();
        assert!(
            said.len() == 1 && said[0].0 == Level::Error && said[0].1.starts_with("tls.key: "),
            "{said:?}"
        );
        assert!(said[0].1.contains("does not fit"), "{said:?}");
        fs::remove_file(path("c.pem")).expect("removed");
        let said = look();
        assert!(said[0].1.starts_with("tls.certificate: ") && said[0].1.contains("No such file"), "{said:?}");
    }

    #[test]
    fn sockets_and_stores_must_not_be_something_else() {
        let (folder, path) = folder_with("file", "precious");
        let wrong = found(|config| config.admin.socket = path.clone());
        assert!(wrong[0].1.contains("is no socket"), "{wrong:?}");
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&path, &link).expect("a link");
        let wrong = found(|config| config.admin.socket = link);
        assert!(wrong[0].1.contains("is a symbolic link"), "{wrong:?}");
        let wrong = found(|config| config.store.path = folder.path().to_owned());
        assert!(wrong[0].1.contains("is a folder"), "{wrong:?}");
        let wrong = found(|config| {
            config.store.path = folder.path().join("none.db");
            config.store.read_only = true;
        });
        assert!(wrong[0].1.contains("is not there"), "{wrong:?}");
    }
}
