//! Who is at the other end, and whether they may be.
//!
//! The kernel checks the socket's mode when a client connects. It is checked again here, so that a mode or an access
//! list that was loosened by accident lets nobody in. The peer's credentials hold its primary group only; the others
//! are looked up in two places: the process itself (a service with `SupplementaryGroups=`), and the user database
//! (when `/proc` of other users is hidden).

use crate::control::{Bearer, Caller, Standing};
use nix::unistd::{Gid, Uid, User, geteuid, getgrouplist};
use ptrd_api::{Problem, code};
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::net::unix::UCred;

/// How long an entry of the user database is believed.
const BELIEVED: Duration = Duration::from_secs(10);
/// How long the user database may take; a directory service that hangs must not close the door to root.
const PATIENCE: Duration = Duration::from_secs(3);

/// A peer who may come in.
#[derive(Clone, Debug)]
pub(crate) struct Peer {
    actor: String,
    origin: String,
    standing: Standing,
}

impl Peer {
    /// Somebody who was let in elsewhere.
    pub(crate) fn new(actor: String, origin: String, standing: Standing) -> Peer {
        Peer { actor, origin, standing }
    }

    pub(crate) fn standing(&self) -> Standing {
        self.standing
    }

    /// The same with a token.
    pub(crate) fn bearing(&self, bearer: Bearer) -> Peer {
        Peer { actor: bearer.actor, origin: self.origin.clone(), standing: Standing::Token(bearer.token) }
    }

    pub(crate) fn caller(&self, reason: Option<String>) -> Caller {
        let Peer { actor, origin, standing } = self.clone();
        Caller { actor, origin, reason, standing, once: None }
    }
}

/// A user as the user database has it.
#[derive(Clone, Debug, Default)]
struct Account {
    name: Option<String>,
    groups: Vec<u32>,
}

/// Users that are let in besides root, our own user and members of the socket's group, by number. Clones are one list,
/// which can be changed while connections are served; who has been let in already stays.
#[derive(Clone, Debug, Default)]
pub struct Allowed(Arc<RwLock<Vec<u32>>>);

impl Allowed {
    /// These users.
    pub fn new(uids: Vec<u32>) -> Allowed {
        Allowed(Arc::new(RwLock::new(uids)))
    }

    /// From now on these users.
    pub fn set(&self, uids: Vec<u32>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = uids;
    }

    fn contains(&self, uid: u32) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains(&uid)
    }
}

/// Lets in root, the daemon's user, members of the socket's group, and some users more.
#[derive(Debug)]
pub(crate) struct Doorkeeper {
    group: u32,
    allowed: Allowed,
    accounts: Mutex<HashMap<u32, (Instant, Account)>>,
}

impl Doorkeeper {
    pub(crate) fn new(group: u32, allowed: Allowed) -> Doorkeeper {
        Doorkeeper { group, allowed, accounts: Mutex::default() }
    }

    /// The peer, or why it may not come in.
    pub(crate) async fn admit(&self, credentials: &UCred) -> Result<Peer, Problem> {
        let (uid, pid) = (credentials.uid(), credentials.pid());
        let account = self.account(uid).await;
        let known = uid == 0 || uid == geteuid().as_raw() || self.allowed.contains(uid);
        let member = || {
            credentials.gid() == self.group
                || account.groups.contains(&self.group)
                || pid.is_some_and(|pid| process_groups(pid, uid).contains(&self.group))
        };
        let actor = account.name.clone().unwrap_or_else(|| format!("uid {uid}"));
        if known || member() {
            let origin = pid.map_or_else(|| "socket".to_owned(), |pid| format!("socket pid {pid}"));
            return Ok(Peer { actor, origin, standing: Standing::Operator });
        }
        tracing::warn!(%actor, uid, pid, "refused on the admin socket");
        let group = self.group;
        Err(Problem::new(code::FORBIDDEN, format!("{actor} may not use the admin socket")).hint(format!(
            "root, the user that ptrd runs as, and members of the socket's group (gid {group}) may; or add the user to \
             admin.users of the configuration, and reload it"
        )))
    }

    async fn account(&self, uid: u32) -> Account {
        if let Some((at, account)) = self.lock().get(&uid)
            && at.elapsed() < BELIEVED
        {
            return account.clone();
        }
        let looking = tokio::task::spawn_blocking(move || look_up(uid));
        let Ok(Ok(account)) = tokio::time::timeout(PATIENCE, looking).await else {
            return Account::default();
        };
        let mut accounts = self.lock();
        accounts.retain(|_, (at, _)| at.elapsed() < BELIEVED);
        accounts.insert(uid, (Instant::now(), account.clone()));
        account
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u32, (Instant, Account)>> {
        self.accounts.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn look_up(uid: u32) -> Account {
    let Ok(Some(user)) = User::from_uid(Uid::from_raw(uid)) else { return Account::default() };
    let groups = CString::new(user.name.as_str())
        .ok()
        .and_then(|name| getgrouplist(&name, user.gid).ok())
        .unwrap_or_default();
    // The name goes into the log: a directory service is not trusted with control characters.
    let name = user.name.chars().filter(|c| !c.is_control()).collect();
    Account { name: Some(name), groups: groups.into_iter().map(Gid::as_raw).collect() }
}

/// The groups of a process, if it still is one of this user: the number may have gone to another one since.
fn process_groups(pid: i32, uid: u32) -> Vec<u32> {
    std::fs::read_to_string(format!("/proc/{pid}/status")).map_or_else(|_| Vec::new(), |s| groups_of(&s, uid))
}

fn groups_of(status: &str, uid: u32) -> Vec<u32> {
    let numbers = |field: &str| -> Vec<u32> {
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        line.unwrap_or_default().split_whitespace().filter_map(|word| word.parse().ok()).collect()
    };
    // Real, effective, saved and file-system uid; the peer's credentials had the effective one.
    if numbers("Uid:").get(1) == Some(&uid) { numbers("Groups:") } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_count_for_the_right_user_only() {
        let status = "Name:\tptrctl\nUid:\t1000\t1000\t1000\t1000\nGid:\t1000\nGroups:\t4 27 998 \n";
        assert_eq!(groups_of(status, 1000), [4, 27, 998]);
        assert!(groups_of(status, 0).is_empty());
        assert!(groups_of("", 1000).is_empty());
    }

    #[test]
    fn root_has_a_name() {
        assert_eq!(look_up(0).name.as_deref(), Some("root"));
        assert!(look_up(4_000_000_001).name.is_none());
    }
}
