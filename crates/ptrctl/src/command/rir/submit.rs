//! `ptrctl rir submit`.

use super::object::Object;
use super::web;
use crate::cli::Globals;
use crate::failure::Failure;
use crate::screen::Screen;
use crate::secret::private;
use clap::Args;
use ptrd_api::{Problem, code};
use ptrd_posture::rir::Registry;
use ptrd_posture::rir::submit::{Answer, Api, Arin, Call, Ripe, Step};
use std::path::PathBuf;

pub const EXAMPLES: &str = "\
Examples:
  What would be sent, to whom:
    ptrctl rir submit 203.0.113.0/24 --registry ripe --mnt-by EXAMPLE-MNT --admin-c EX1-RIPE \\
        --endpoint https://rest.db.ripe.net --credential /etc/ptrctl/ripe.key --dry-run
  To RIPE, all objects of the block or none. The file has the key's name and secret, a colon between:
    ptrctl rir submit 2001:db8::/29 --registry ripe --mnt-by EXAMPLE-MNT --admin-c EX1-RIPE \\
        --endpoint https://rest.db.ripe.net --credential /etc/ptrctl/ripe.key
  In the place of objects that are there:
    ptrctl rir submit 203.0.113.0/24 --registry ripe --replace --mnt-by EXAMPLE-MNT --admin-c EX1-RIPE \\
        --endpoint https://rest.db.ripe.net --credential /etc/ptrctl/ripe.key
  To ARIN, whose delegations are there once the network is; the file has an API key:
    ptrctl rir submit 203.0.113.0/24 --registry arin --ns ns1.example.net --ns ns2.example.net \\
        --endpoint https://reg.arin.net --credential /etc/ptrctl/arin.key

`ptrctl rir check` finds beforehand what RIPE's own test finds in some minutes. The exit status is 3 if a registry refuses, \
and 8 if it says that it may take it later.";

/// `rir submit`.
#[derive(Clone, Debug, Args)]
pub struct Submit {
    #[command(flatten)]
    object: Object,
    /// Where the registry has its interface, an https URL: see the examples
    #[arg(long, value_name = "URL")]
    endpoint: web::Endpoint,
    /// A file that nobody else may read: KEY:SECRET for RIPE, an API key for ARIN
    #[arg(long, value_name = "FILE")]
    credential: PathBuf,
    /// The authorities that the registry's certificate is checked against, PEM
    #[arg(long, value_name = "FILE", default_value = "/etc/ssl/certs/ca-certificates.crt")]
    ca_file: PathBuf,
    /// RIPE: take the place of objects that are there, one after the other
    #[arg(long)]
    replace: bool,
}

impl Submit {
    /// Sends the objects of the block.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let api = self.api()?;
        let secret = web::Secret::new(&private(&self.credential)?);
        let prepared = self.object.clone().prepare(globals).await?;
        screen.notes(&prepared.notes)?;
        let steps = api.steps(&prepared.objects);
        if globals.dry_run {
            return self.plan(screen, &steps);
        }
        let web = web::Web::new(&self.endpoint, &self.ca_file, secret)?;
        let mut answers = Vec::new();
        for step in &steps {
            let answer = take(&*api, &web, step).await?;
            let done = answer.done;
            let again = answer.again;
            if !screen.json() {
                show(screen, step, &answer)?;
            }
            answers.push(serde_json::json!({ "zones": step.zones, "answer": answer }));
            if !done {
                finish(screen, &answers)?;
                return Err(refusal(self.object.registry, again));
            }
        }
        finish(screen, &answers)
    }

    fn api(&self) -> Result<Box<dyn Api>, Failure> {
        match self.object.registry {
            Registry::Ripe => {
                let source = self.object.source.clone().unwrap_or_else(|| Registry::Ripe.name().to_owned());
                Ok(Box::new(Ripe { source, replace: self.replace }))
            }
            Registry::Arin if self.replace => {
                Err(Failure::usage("--replace is for RIPE: what is sent to ARIN always replaces"))
            }
            Registry::Arin => Ok(Box::new(Arin)),
            other => {
                Err(Failure::usage(format!("{other} takes objects by its web page or by mail alone")).hint(
                    format!("`ptrctl rir object … --registry {}` prints them", other.name().to_lowercase()),
                ))
            }
        }
    }

    fn plan(&self, screen: &mut Screen, steps: &[Step]) -> Result<(), Failure> {
        if screen.json() {
            let octets = serde_json::to_vec(
                &serde_json::json!({ "endpoint": self.endpoint.to_string(), "steps": steps }),
            );
            return screen.document(&octets.map_err(|error| Failure::local(error.to_string()))?);
        }
        for step in steps {
            for Call { method, path, body, .. } in step.look.iter().chain([&step.write]) {
                screen.line(&format!("{method} {}{path}", self.endpoint))?;
                screen.text(body.as_bytes())?;
                screen.line("")?;
            }
        }
        screen.line("dry run: nothing was sent")
    }
}

/// One step: nothing is sent where it is as wanted.
async fn take(api: &dyn Api, web: &web::Web, step: &Step) -> Result<Answer, Failure> {
    if let Some(look) = &step.look {
        let (status, body) = web.call(look).await?;
        let there = api.answer(status, &body);
        if !there.done {
            return Ok(there);
        }
        if api.is_as_wanted(step, &body) {
            return Ok(Answer {
                done: true,
                messages: vec!["it is so already".to_owned()],
                ..Answer::default()
            });
        }
    }
    let (status, body) = web.call(&step.write).await?;
    Ok(api.answer(status, &body))
}

fn show(screen: &mut Screen, step: &Step, answer: &Answer) -> Result<(), Failure> {
    let word = if answer.done { "accepted" } else { "refused" };
    for zone in &step.zones {
        screen.line(&format!("{zone}: {word}"))?;
    }
    answer.messages.iter().try_for_each(|message| screen.line(&format!("  {message}")))?;
    screen.flush()
}

fn finish(screen: &mut Screen, answers: &[serde_json::Value]) -> Result<(), Failure> {
    if !screen.json() {
        return Ok(());
    }
    let octets = serde_json::to_vec(&serde_json::json!({ "steps": answers }));
    screen.document(&octets.map_err(|error| Failure::local(error.to_string()))?)
}

fn refusal(registry: Registry, again: bool) -> Failure {
    let (code, message, hint) = match again {
        true => (code::BUSY, format!("{registry} did not take it now"), "send the same again later"),
        false => (
            code::INVALID,
            format!("{registry} did not take it"),
            "the lines above are the registry's own; change what they name, and send it again",
        ),
    };
    let problem = Problem::new(code, message).hint(hint);
    Failure { exit: code::exit(code), problem: Some(Box::new(problem)), raw: None }
}
