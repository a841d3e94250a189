//! Giving up what root may: after the sockets are bound, before anything of the store or the network is read.
//!
//! The order is groups, group, user; each is checked. Threads made later inherit all of it, and so does
//! `no_new_privs`, which is why this happens before there are any.

use crate::account;
use crate::config::Config;
use crate::failure::{Failure, Part};
use anyhow::{Context, anyhow, bail};
use nix::unistd::{Gid, Uid, User, getegid, geteuid, initgroups, setgid, setgroups, setuid};
use std::ffi::CString;
use std::fs::{self, DirBuilder, File};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, chown};
use std::path::Path;

/// Whom to become.
#[derive(Clone, Debug)]
pub struct Target {
    name: Option<String>,
    /// The user.
    pub uid: Uid,
    /// The group.
    pub gid: Gid,
}

/// Whom a configuration says to become; `None` when that is who we are.
pub fn target(config: &Config) -> Result<Option<Target>, Failure> {
    let find = || -> anyhow::Result<Option<Target>> {
        let Some(name) = &config.user.name else { return Ok(None) };
        let account = account::user(name).context("user.name")?;
        let gid = match &config.user.group {
            Some(group) => account::group(group).context("user.group")?,
            None => account
                .gid
                .ok_or_else(|| anyhow!("the user {name} has no group of its own: name user.group"))?,
        };
        if (geteuid(), getegid()) == (account.uid, gid) {
            return Ok(None);
        }
        if !geteuid().is_root() {
            bail!(
                "ptrd runs as {} and cannot become {name}: start it as root, or leave user.name out",
                who(geteuid())
            );
        }
        Ok(Some(Target { name: account.name, uid: account.uid, gid }))
    };
    find().map_err(|error| Failure::of(Part::Privileges, error))
}

/// Makes the folder of a file for the target, if it is missing: later it could not.
pub fn make_folder(file: &Path, mode: u32, target: &Target) -> Result<(), Failure> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    let make = || -> anyhow::Result<()> {
        if folder.exists() {
            return Ok(());
        }
        if let Some(above) = folder.parent() {
            fs::create_dir_all(above)?;
        }
        DirBuilder::new().mode(mode).create(folder)?;
        chown(folder, Some(target.uid.as_raw()), Some(target.gid.as_raw()))?;
        Ok(())
    };
    make()
        .with_context(|| format!("making the folder {}", folder.display()))
        .map_err(|error| Failure::of(Part::Privileges, error))
}

/// Becomes the target for good, and gives up the way back.
pub fn give_up(target: Option<&Target>, config: &Config, file: &Path) -> Result<(), Failure> {
    let become_it = |target: &Target| -> anyhow::Result<()> {
        match &target.name {
            Some(name) => {
                initgroups(&CString::new(name.as_str())?, target.gid).context("setting the groups")?
            }
            None => setgroups(&[target.gid]).context("setting the groups")?,
        }
        setgid(target.gid).context("setting the group")?;
        setuid(target.uid).context("setting the user")?;
        if !target.uid.is_root() && setuid(Uid::from_raw(0)).is_ok() {
            bail!("the way back to root is still open");
        }
        Ok(())
    };
    let given_up = || -> anyhow::Result<()> {
        if let Some(target) = target {
            become_it(target).with_context(|| format!("becoming {}", who(target.uid)))?;
        }
        if config.user.refuse_root && geteuid().is_root() {
            bail!(
                "ptrd runs as root, which user.refuse-root forbids: name a user to become, or start it as one"
            );
        }
        nix::sys::prctl::set_no_new_privs().context("giving up new privileges")
    };
    given_up().map_err(|error| Failure::of(Part::Privileges, error))?;
    if target.is_some() {
        warn_of_unreadable(file);
        let files = [&config.answers.cookie_secret_file, &config.tls.certificate, &config.tls.key];
        files.into_iter().flatten().for_each(|file| warn_of_unreadable(file));
    } else if geteuid().is_root() {
        tracing::warn!("running as root: name a user to become (user.name, --user)");
    }
    Ok(())
}

/// A reload reads again what root could read.
fn warn_of_unreadable(path: &Path) {
    match File::open(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let user = who(geteuid());
            tracing::warn!(path = %path.display(), user, %error, "a reload will fail: the file can no longer be read");
        }
        _ => {}
    }
}

fn who(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| format!("uid {uid}"), |user| user.name)
}
