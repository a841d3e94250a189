//! `ptrctl key`.
//!
//! A secret is never an argument: whoever is on the machine sees those (`ps`). It comes from a file or stdin, and only
//! `key show` puts it out.

use super::{Limit, access, change, facts};
use crate::client::{Client, segment};
use crate::failure::Failure;
use crate::listing::list;
use crate::screen::Screen;
use clap::{Subcommand, ValueEnum};
use ptrd_api::{AccessView, ChangeRequest, KeyDetail, KeyFilter, KeyView, KeyWrite, Secret};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Octets of a file that holds a secret. More is another file.
const LONGEST_FILE: u64 = 64 << 10;

/// How many permissions a listing shows of each key.
const SHOWN: usize = 3;

const ADD_EXAMPLES: &str = "\
Examples:
  ptrctl key add acme-1.example                              (with a new secret)
  ptrctl access allow transfer --key acme-1.example --tenant acme
  ptrctl key show acme-1.example --format bind               (for the other side)
  ptrctl key add ns2.example.net --algorithm hmac-sha512 --secret-file ns2.secret
  pass show dns/ns2 | ptrctl key add ns2.example.net --secret-file -

Both sides must have the same name, algorithm and secret. The secret is given in
a file or on stdin, in base64: others on the machine can see arguments.

To roll a key, which has no command of its own: add one with another name, such
as acme-2.example, allow it what the old one may, let the other side go over to
it, then `ptrctl key remove acme-1.example --revoke`. Under one name the secret
could not change on both sides at once, and what is signed in between would fail.";

const LIST_EXAMPLES: &str = "\
Examples:
  ptrctl key list
  ptrctl key list --json";

const SHOW_EXAMPLES: &str = "\
Examples:
  ptrctl key show acme-1.example
  (umask 077; ptrctl key show acme-1.example --format bind > acme-1.key)
  dig -k acme-1.key @ns1.example.net 1.2.0.192.in-addr.arpa PTR
  kdig -y \"$(ptrctl key show acme-1.example --format dig)\" @ns1.example.net 2.0.192.in-addr.arpa SOA

The secret is shown, here and nowhere else: not in `ptrctl log`, `diff` or the
log of ptrd. Backups of the store hold it. With `-y` others on the machine can
see it while the command runs; `-k` reads it from a file.";

const REMOVE_EXAMPLES: &str = "\
Examples:
  ptrctl key list                                            (which permissions name it)
  ptrctl key remove acme-1.example
  ptrctl key remove acme-1.example --revoke                  (with its permissions)

What is signed with it is refused from then on. The change log keeps the secret,
unseen, so that `ptrctl rollback` can bring the key back; `ptrctl log prune`
takes it out.";

/// Keys that ptrd shares with other servers and clients (TSIG).
#[derive(Debug, Subcommand)]
pub enum Key {
    /// Adds a key, with a new secret or a given one
    #[command(after_help = ADD_EXAMPLES)]
    Add {
        /// What both sides call it: a domain name
        name: String,
        /// How it signs; the last two only with a given secret, for peers that have nothing better
        #[arg(long, default_value = "hmac-sha256")]
        algorithm: Algorithm,
        /// A file with the secret in base64; `-` is stdin. A new secret is made unless given
        #[arg(long, value_name = "FILE")]
        secret_file: Option<PathBuf>,
    },
    /// Lists keys, and what may be done with each
    #[command(after_help = LIST_EXAMPLES)]
    List(Limit),
    /// Shows a key with its secret, as BIND, Knot, NSD and dig want it written
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// Its name
        name: String,
        /// Only this form of it, to be put into a file; all unless given
        #[arg(long, value_enum)]
        format: Option<Format>,
    },
    /// Removes a key that no permission names
    #[command(after_help = REMOVE_EXAMPLES)]
    Remove {
        /// Its name
        name: String,
        /// Also take back the permissions that name it
        #[arg(long)]
        revoke: bool,
    },
}

/// How a key signs.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Algorithm {
    #[value(name = "hmac-sha256")]
    Sha256,
    #[value(name = "hmac-sha384")]
    Sha384,
    #[value(name = "hmac-sha512")]
    Sha512,
    #[value(name = "hmac-sha224")]
    Sha224,
    #[value(name = "hmac-sha1")]
    Sha1,
}

impl Algorithm {
    fn word(self) -> Option<String> {
        self.to_possible_value().map(|value| value.get_name().to_owned())
    }
}

/// For whom a key is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Format {
    /// A statement for named.conf; rndc, nsupdate -k and dig -k read it, too
    Bind,
    /// A section for knot.conf
    Knot,
    /// A clause for nsd.conf
    Nsd,
    /// The argument of dig -y, kdig -y and nsupdate -y
    Dig,
}

impl Key {
    pub async fn run(self, client: &mut Client, screen: &mut Screen) -> Result<(), Failure> {
        match self {
            Key::Add { name, algorithm, secret_file } => {
                let secret = secret_file.as_deref().map(read_secret).transpose()?;
                let write = KeyWrite { name: name.clone(), algorithm: algorithm.word(), secret };
                change(client, screen, ChangeRequest::KeyAdd(write)).await?;
                if screen.json() || client.dry_run() {
                    return Ok(());
                }
                screen.line(&format!("  `ptrctl key show {name}` shows it for the other side"))
            }
            Key::List(Limit { limit }) => {
                let headings = ["KEY", "ALGORITHM", "ADDED", "PERMISSIONS"];
                list(client, screen, "/v1/keys", KeyFilter::default(), limit, &headings, row).await
            }
            Key::Show { name, format } => {
                let answer = client.get::<KeyDetail>(&format!("/v1/keys/{}", segment(&name))).await?;
                match format {
                    _ if screen.json() => screen.document(&answer.raw),
                    Some(format) => shown(screen, form(&answer.value, format)),
                    None => show(screen, answer.value),
                }
            }
            Key::Remove { name, revoke } => {
                change(client, screen, ChangeRequest::KeyRemove { name, revoke }).await
            }
        }
    }
}

fn form(key: &KeyDetail, format: Format) -> &Secret {
    match format {
        Format::Bind => &key.bind,
        Format::Knot => &key.knot,
        Format::Nsd => &key.nsd,
        Format::Dig => &key.dig,
    }
}

/// A form of a key, which ends with a line.
fn shown(screen: &mut Screen, form: &Secret) -> Result<(), Failure> {
    screen.text(form.reveal().as_bytes())?;
    if form.reveal().ends_with('\n') { Ok(()) } else { screen.raw(b"\n") }
}

fn show(screen: &mut Screen, key: KeyDetail) -> Result<(), Failure> {
    let view = &key.key;
    let mut lines = vec![
        ("name", view.name.clone()),
        ("algorithm", view.algorithm.clone()),
        ("added", view.added.clone()),
        ("secret", key.secret.reveal().to_owned()),
    ];
    lines.extend(view.access.iter().map(|permission| ("may", words(permission))));
    let more = view.access_total.saturating_sub(view.access.len() as u64);
    if more > 0 {
        lines.push(("", format!("… and {more} more")));
    }
    facts(screen, &lines)?;
    for (format, place) in [
        (Format::Bind, "BIND, named.conf"),
        (Format::Knot, "Knot, knot.conf"),
        (Format::Nsd, "NSD, nsd.conf"),
        (Format::Dig, "dig -y, kdig -y"),
    ] {
        screen.line("")?;
        screen.line(&format!("{place}:"))?;
        shown(screen, form(&key, format))?;
    }
    Ok(())
}

fn row(key: KeyView) -> Vec<String> {
    let listed = key.access.len().min(SHOWN);
    let mut permissions: Vec<String> = key.access.iter().take(SHOWN).map(words).collect();
    let more = key.access_total.saturating_sub(listed as u64);
    if more > 0 {
        permissions.push(format!("… and {more} more"));
    }
    if permissions.is_empty() {
        permissions.push("none".to_owned());
    }
    vec![key.name, key.algorithm, key.added, permissions.join("; ")]
}

/// A permission in words, but for the key.
fn words(view: &AccessView) -> String {
    let from = view.from.as_ref().map(|from| format!(" from {from}")).unwrap_or_default();
    format!("{} {}{from}", view.action, access::zones(view))
}

fn read_secret(path: &Path) -> Result<Secret, Failure> {
    let (text, place) = secret_text(path)?;
    match text.trim() {
        "" => Err(Failure::usage(format!("{place}: empty")).hint("it is to hold the secret in base64")),
        text => Ok(Secret::new(text)),
    }
}

/// What a file says that holds a secret, or stdin for `-`; and what it is called.
pub(super) fn secret_text(path: &Path) -> Result<(String, String), Failure> {
    let (read, place) = match path.as_os_str() == "-" {
        true => (read_text(io::stdin().lock()), "stdin".to_owned()),
        false => (File::open(path).and_then(read_text), path.display().to_string()),
    };
    match read {
        Ok(text) => Ok((text, place)),
        Err(error) => Err(Failure::local(format!("{place}: {error}"))),
    }
}

fn read_text(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(LONGEST_FILE + 1).read_to_string(&mut text)?;
    match text.len() as u64 > LONGEST_FILE {
        true => Err(io::Error::other("too long to be a secret")),
        false => Ok(text),
    }
}
