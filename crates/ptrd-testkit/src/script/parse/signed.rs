//! The statements about TSIG: keys, and how a query is signed.

use super::{Reader, number};
use crate::script::Ask;
use crate::signing::{self, NOW, SharedKey, Signing};
use crate::text::{hex, parse_name};
use ptrd_wire::Name;

impl Reader {
    pub(super) fn key(&mut self, [name, algorithm, secret]: [&str; 3], rest: &[&str]) -> Result<(), String> {
        let algorithm = parse_name(algorithm, &Name::root())?;
        signing::algorithm(&algorithm).ok_or(format!("scripts cannot sign with {algorithm}"))?;
        let shortest_mac = match rest {
            [] => None,
            [word] => {
                let octets = word.strip_prefix("shortest-mac=").ok_or(format!("a key has no “{word}”"))?;
                Some(number(octets)?)
            }
            _ => return Err("key NAME ALGORITHM HEX [shortest-mac=N]".to_owned()),
        };
        let key = SharedKey { name: self.name(name)?, algorithm, secret: hex(secret)?, shortest_mac };
        self.world.server.keys.push(key);
        Ok(())
    }

    pub(super) fn sign(&mut self, rest: &[&str]) -> Result<(), String> {
        self.close_section()?;
        let [name, rest @ ..] = rest else { return Err("sign NAME …".to_owned()) };
        let name = self.name(name)?;
        let key = self.world.server.keys.iter().find(|key| key.name == name);
        let mut signing = Signing::with(key.ok_or(format!("no key {name}"))?);
        signing.name = name;
        for word in rest {
            match word.split_once('=').unwrap_or((word, "")) {
                // The server does not know this name.
                ("as", name) => signing.name = self.name(name)?,
                ("secret", octets) => signing.secret = hex(octets)?,
                ("algorithm", name) => signing.algorithm = parse_name(name, &Name::root())?,
                ("time", seconds) => signing.time = NOW.saturating_add_signed(number(seconds)?),
                ("fudge", n) => signing.fudge = number(n)?,
                ("original-id", n) => signing.original_id = Some(number(n)?),
                ("error", n) => signing.error = number(n)?,
                ("other", octets) => signing.other = hex(octets)?,
                ("mac", n) => signing.mac = Some(number(n)?),
                ("compressed", "") => signing.compressed = true,
                _ => return Err(format!("“{word}” is no way to sign")),
            }
        }
        match self.steps.last_mut().map(|step| &mut step.ask) {
            Some(Ask::Query { question, .. }) => question.signing = Some(signing),
            _ => return Err("“sign” is for the query above it".to_owned()),
        }
        Ok(())
    }
}
