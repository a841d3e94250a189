//! The secret of server cookies (RFC 7873, 9018): read from a file that a fleet shares, or made at start.

use anyhow::{Context, bail};
use ptrd_engine::CookieSecrets;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A secret of our own. Cookies then last until the next start, which costs clients nothing but a new one.
pub fn make() -> anyhow::Result<CookieSecrets> {
    let mut secret = [0; 16];
    getrandom::fill(&mut secret).context("making a cookie secret")?;
    Ok(CookieSecrets::new(secret, None))
}

/// Reads a file.
pub fn read(path: &Path) -> anyhow::Result<CookieSecrets> {
    let read = || parse(&fs::read_to_string(path)?);
    read().with_context(|| format!("reading the cookie secret {}", path.display()))
}

/// Whether others than owner and group may read a file.
pub fn is_open_to_all(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.permissions().mode() & 0o004 != 0)
}

/// One secret a line, the present one first; empty lines and those with `#` in front say nothing.
fn parse(text: &str) -> anyhow::Result<CookieSecrets> {
    let lines = text.lines().enumerate().map(|(nth, line)| (nth + 1, line.trim()));
    let mut secrets = Vec::new();
    for (number, line) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        secrets.push(CookieSecrets::parse(line).with_context(|| format!("line {number}"))?);
    }
    match secrets[..] {
        [current] => Ok(CookieSecrets::new(current, None)),
        [current, previous] => Ok(CookieSecrets::new(current, Some(previous))),
        [] => bail!("there is none: write 32 hexadecimal digits, such as `openssl rand -hex 16` prints"),
        _ => bail!(
            "there are {} of them: the present one and the one before are all that is used",
            secrets.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    const ONE: &str = "e5e973e5a6b2a43f48e7dc849e37bfcf";
    const TWO: &str = "445536bcd2513298075a5d379663c962";
    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn the_first_makes_and_both_verify() {
        let rolled = parse(&format!("# rolled over on Monday\n{ONE}\n\n  {TWO}\n")).expect("two secrets");
        let before = parse(TWO).expect("a secret").make(&[1; 8], PEER, 100);
        assert!(rolled.verify(&[1; 8], &before, PEER, 200));
        assert_eq!(rolled.make(&[1; 8], PEER, 100), parse(ONE).expect("a secret").make(&[1; 8], PEER, 100));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let wrong = |text: &str| format!("{:#}", parse(text).expect_err("refused"));
        assert!(wrong(&format!("{ONE}\nabc")).starts_with("line 2: "), "{}", wrong("abc"));
        assert!(wrong("# none\n").starts_with("there is none"));
        assert!(wrong(&format!("{ONE}\n{TWO}\n{ONE}")).starts_with("there are 3"));
        assert!(
            format!("{:#}", read(Path::new("/nonexistent/x")).expect_err("refused"))
                .contains("/nonexistent/x")
        );
    }

    #[test]
    fn a_made_secret_is_a_new_one() {
        let cookie = || make().expect("a secret").make(&[1; 8], PEER, 100);
        assert_ne!(cookie(), cookie());
    }
}
