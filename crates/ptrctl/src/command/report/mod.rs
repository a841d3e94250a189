//! `ptrctl report`: what a survey found, drawn for whoever is to see it.
//!
//! What is in a report is `ptrd_posture::report`, what it looks like `ptrd-report`; here are arguments and files.

mod gathered;

use super::verify::Asking;
use crate::cli::Globals;
use crate::failure::{Failure, verified};
use crate::screen::{Screen, counted};
use crate::whole_file::WholeFile;
use clap::Args;
use gathered::{From, Gathering};
use ptrd_posture::identity::Grade;
use ptrd_posture::report::{Options, Report as Model};
use ptrd_posture::rir::Registry;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

pub const EXAMPLES: &str = "\
Examples:
  Asks as `ptrctl verify` does, and writes what came of it:
    ptrctl report 192.0.2.0/24 --authoritative -o report.html
  From what was found before, with what a probe saw and how the zones stand:
    ptrctl verify sending.csv --state sending.state
    ptrctl rir check 192.0.2.0/24 --json >zones.json
    ptrctl inspect --json returned/*.eml >seen.jsonl
    ptrctl report --from sending.state --probe probe.jsonl --seen seen.jsonl --rir zones.json -o report.json
  The same report in other forms, octet for octet as if made at once:
    ptrctl report --from report.json -o report.html
    ptrctl report --from report.json --title 'Mail servers of Example Inc.' -o report.pdf

A report holds no time but those of what is in it, so that it comes out the same whenever it is made. The exit status is as
with `ptrctl verify`: 0 all pass, 13 something fails, 14 something could not be found out, 15 nothing worse than a warning.";

/// `report`.
#[derive(Debug, Args)]
pub struct Report {
    /// Addresses, prefixes, and files with one of these a line or as CSV: address,helo,mta,domains
    #[arg(value_name = "PREFIX|ADDRESS|FILE", required_unless_present = "from")]
    what: Vec<String>,
    #[command(flatten)]
    asking: Asking,
    /// Ask nobody: take what `ptrctl verify` kept with --state or printed with --json, or a report as JSON
    #[arg(long, value_name = "FILE", conflicts_with_all = [
        "what", "resolver", "authoritative", "roots", "sample", "helo", "rate", "timeout", "state", "yes"])]
    from: Option<PathBuf>,
    /// What `ptrd probe` saw, as lines of JSON. Repeatable
    #[arg(long, value_name = "FILE")]
    probe: Vec<PathBuf>,
    /// What receivers saw, as `ptrctl inspect` and `ptrctl mail-test --match` print it with --json. Repeatable
    #[arg(long, value_name = "FILE")]
    seen: Vec<PathBuf>,
    /// How the zones stand, as `ptrctl rir check` prints it with --json or keeps it with --state. Repeatable
    #[arg(long, value_name = "FILE")]
    rir: Vec<PathBuf>,
    /// What to write [default: as the name of the file ends, else md]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// The file to write; to stdout unless given
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What the report is called
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// Whose the addresses are: ripe, arin, apnic, afrinic or lacnic; all are spoken of unless given
    #[arg(long, value_name = "REGISTRY")]
    registry: Option<Registry>,
    /// How many addresses are shown with all that was asked, the worst first [default: 100]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=2_000))]
    details: Option<u16>,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// The whole report, for programs, and to make the others from
    Json,
    /// Markdown
    Md,
    /// One file of HTML, without a script
    Html,
    /// PDF, tagged (PDF/UA-1)
    Pdf,
}

impl Report {
    /// Makes the report, and says by the exit status how it stands.
    pub async fn run(self, globals: &Globals, screen: &mut Screen) -> Result<(), Failure> {
        let format = self.format(globals)?;
        let Some(mut report) = self.report(globals, screen).await? else { return Ok(()) };
        if let Some(title) = &self.title {
            report.title.clone_from(title);
        }
        let octets = draw(&report, format)?;
        match &self.output {
            Some(path) => put(screen, path, &octets, &report, globals)?,
            None if format == Format::Pdf => screen.raw(&octets)?,
            None => screen.text(&octets)?,
        }
        verified(report.grade.unwrap_or(Grade::Unknown))
    }

    fn format(&self, globals: &Globals) -> Result<Format, Failure> {
        let ending = self.output.as_deref().and_then(Path::extension).and_then(|ending| ending.to_str());
        let format = match (self.format, ending) {
            (Some(format), _) => format,
            (None, Some("json")) => Format::Json,
            (None, Some("md")) => Format::Md,
            (None, Some("html" | "htm")) => Format::Html,
            (None, Some("pdf")) => Format::Pdf,
            (None, None) if self.output.is_some() => {
                return Err(
                    Failure::usage("the name of the file says no format").hint("name one with --format")
                );
            }
            (None, None) if globals.json => Format::Json,
            (None, None) => Format::Md,
            (None, Some(ending)) => {
                return Err(Failure::usage(format!("a file whose name ends in .{ending} says no format"))
                    .hint("name one with --format"));
            }
        };
        if format == Format::Pdf && self.output.is_none() && std::io::stdout().is_terminal() {
            return Err(Failure::usage("a PDF is no text for a terminal").hint("name a file: -o report.pdf"));
        }
        Ok(format)
    }

    /// The report; `None` where only what asking would take was wanted.
    async fn report(&self, globals: &Globals, screen: &mut Screen) -> Result<Option<Model>, Failure> {
        let options = Options { registry: self.registry, ..Options::default() };
        let details = self.details.map_or(options.details, usize::from);
        let mut gathering = Gathering::new(Options { details, ..options });
        match &self.from {
            Some(path) => match gathering.read(path)? {
                From::Survey => (),
                From::Report(report) => return self.unaltered(path).map(|()| Some(*report)),
            },
            None => {
                screen.warnings(&gathering.ask_for_blocks(&self.what, globals).await)?;
                if self.asking.survey(&self.what, globals, screen, &mut gathering).await?.is_none() {
                    return Ok(None);
                }
            }
        }
        self.probe.iter().try_for_each(|path| gathering.sightings(path))?;
        self.seen.iter().try_for_each(|path| gathering.seen(path))?;
        self.rir.iter().try_for_each(|path| gathering.zones(path))?;
        gathering.finish().map(Some)
    }

    /// What goes into a report goes in when it is made.
    fn unaltered(&self, path: &Path) -> Result<(), Failure> {
        let given = [
            (!self.probe.is_empty(), "--probe"),
            (!self.seen.is_empty(), "--seen"),
            (!self.rir.is_empty(), "--rir"),
            (self.registry.is_some(), "--registry"),
            (self.details.is_some(), "--details"),
        ];
        match given.iter().find(|(given, _)| *given) {
            None => Ok(()),
            Some((_, option)) => Err(Failure::usage(format!(
                "{option}: {} is a report already, and made without that",
                path.display()
            ))
            .hint("make it anew from what `ptrctl verify --state` kept")),
        }
    }
}

fn draw(report: &Model, format: Format) -> Result<Vec<u8>, Failure> {
    Ok(match format {
        Format::Json => ptrd_report::json(report).into_bytes(),
        Format::Md => ptrd_report::markdown(report).into_bytes(),
        Format::Html => ptrd_report::html(report).into_bytes(),
        Format::Pdf => ptrd_report::pdf(report).map_err(|error| {
            Failure::local(error.to_string())
                .hint("this is a fault of ptrctl; --format html writes the same report")
        })?,
    })
}

/// Writes the file, and says so.
fn put(
    screen: &mut Screen,
    path: &Path,
    octets: &[u8],
    report: &Model,
    globals: &Globals,
) -> Result<(), Failure> {
    if !globals.dry_run {
        let mut file = WholeFile::create(path, 0o666)?;
        file.write(octets)?;
        file.put()?;
    }
    let (file, size) = (path.display(), octets.len());
    if screen.json() {
        let document =
            serde_json::json!({ "file": file.to_string(), "octets": size, "headline": report.headline });
        return screen.document(document.to_string().as_bytes());
    }
    let written = if globals.dry_run { " would be written" } else { "" };
    screen.line(&format!("{file}: {}{written}", counted(size as u64, "octet", "octets")))?;
    screen.line(&report.headline)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_how_to_ask_is_refused_where_nobody_is_asked() {
        let command = Report::augment_args(clap::Command::new("report"));
        let from = command.get_arguments().find(|one| one.get_id() == "from").expect("--from");
        let refused: Vec<_> =
            command.get_arg_conflicts_with(from).into_iter().map(clap::Arg::get_id).collect();
        for asking in Asking::augment_args(clap::Command::new("asking")).get_arguments() {
            assert!(refused.contains(&asking.get_id()), "--from with {}", asking.get_id());
        }
    }
}
