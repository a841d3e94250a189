//! Users and groups, by name or number, as the system's database has them.

use nix::unistd::{Gid, Group, Uid, User};
use std::fmt;

/// There is no such user or group.
#[derive(Debug, PartialEq, Eq)]
pub struct Unknown {
    kind: &'static str,
    name: String,
    cause: Option<nix::Error>,
}

impl fmt::Display for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Unknown { kind, name, cause } = self;
        match cause {
            Some(cause) => write!(f, "the {kind} {name:?} cannot be looked up: {cause}"),
            None => write!(f, "there is no {kind} {name:?}: make it, or write the number of one"),
        }
    }
}

impl std::error::Error for Unknown {}

/// A user to become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its number.
    pub uid: Uid,
    /// Its own group, if it is known.
    pub gid: Option<Gid>,
}

/// Looks a user up. A number need not have a name.
///
/// # Errors
/// [`Unknown`].
pub fn user(name: &str) -> Result<Account, Unknown> {
    let unknown = |cause| Unknown { kind: "user", name: name.to_owned(), cause };
    let named = User::from_name(name).map_err(|cause| unknown(Some(cause)))?;
    let number = name.parse().ok().map(Uid::from_raw);
    let found = match (named, number) {
        (None, Some(uid)) => User::from_uid(uid).map_err(|cause| unknown(Some(cause)))?,
        (named, _) => named,
    };
    match (found, number) {
        (Some(user), _) => Ok(Account { name: Some(user.name), uid: user.uid, gid: Some(user.gid) }),
        (None, Some(uid)) => Ok(Account { name: None, uid, gid: None }),
        (None, None) => Err(unknown(None)),
    }
}

/// Looks a group up. A number need not have a name.
///
/// # Errors
/// [`Unknown`].
pub fn group(name: &str) -> Result<Gid, Unknown> {
    let unknown = |cause| Unknown { kind: "group", name: name.to_owned(), cause };
    match (Group::from_name(name), name.parse().ok()) {
        (Ok(Some(group)), _) => Ok(group.gid),
        (_, Some(number)) => Ok(Gid::from_raw(number)),
        (Ok(None), None) => Err(unknown(None)),
        (Err(cause), None) => Err(unknown(Some(cause))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_found() {
        let root = user("root").expect("root");
        assert_eq!((root.uid, root.gid), (Uid::from_raw(0), Some(Gid::from_raw(0))));
        assert_eq!(user("0"), Ok(root));
        assert_eq!(user("4000000001").expect("a number").gid, None);
        assert!(user("no such user").expect_err("unknown").to_string().contains("there is no user"));
        assert_eq!(group("root"), Ok(Gid::from_raw(0)));
        assert!(group("-1").is_err() && group("").is_err());
    }
}
