//! What a report is made of: a survey, from the network or from a file, what a probe saw, how zones stand, and blocks.

use crate::cli::Globals;
use crate::client::{Client, with_query};
use crate::command::verify::Sink;
use crate::failure::Failure;
use crate::lines::Lines;
use crate::screen::Screen;
use ptrd_api::{BlockFilter, BlockView, Page};
use ptrd_message::{Inspection, Seen};
use ptrd_posture::identity::{FORMAT, Grade, Identity, Line, Survey};
use ptrd_posture::report::{Block, Builder, Options, Report, read_zone_checks};
use ptrd_posture::rir::AddrRange;
use ptrd_probe::Sighting;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use std::path::Path;

/// Octets of a report, or of what is known of zones.
const MOST: u64 = 64 << 20;
/// Blocks that are asked for, of each range.
const MOST_BLOCKS: u64 = 500;

/// See the module.
pub struct Gathering {
    options: Options,
    blocks: Vec<Block>,
    builder: Option<Builder>,
    grades: BTreeMap<Grade, u64>,
}

/// A line of a program that reads what receivers wrote.
#[derive(Deserialize)]
#[serde(untagged)]
enum Told {
    /// `ptrctl inspect`.
    Inspection(Box<Inspection>),
    /// `ptrctl mail-test --match`.
    Account {
        #[serde(rename = "addresses")]
        _addresses: IgnoredAny,
        seen: Vec<Seen>,
    },
}

/// What a file had.
pub enum From {
    /// The lines of a survey, which are taken in.
    Survey,
    /// A report.
    Report(Box<Report>),
}

impl Sink for Gathering {
    fn begin(&mut self, _: &mut Screen, survey: &Survey) -> Result<(), Failure> {
        self.start(survey.clone());
        Ok(())
    }

    fn add(&mut self, _: &mut Screen, identity: Identity) -> Result<(), Failure> {
        *self.grades.entry(identity.grade()).or_default() += 1;
        if let Some(builder) = &mut self.builder {
            builder.add(identity);
        }
        Ok(())
    }

    fn short(&self) -> String {
        let worse = self.grades.iter().rev().filter(|(grade, _)| **grade != Grade::Pass);
        worse.map(|(grade, n)| format!("{n} {grade}")).collect::<Vec<_>>().join(", ")
    }
}

impl Gathering {
    pub fn new(options: Options) -> Gathering {
        Gathering { options, blocks: Vec::new(), builder: None, grades: BTreeMap::new() }
    }

    fn start(&mut self, survey: Survey) {
        let mut builder = Builder::new(survey, self.options.clone());
        builder.blocks(std::mem::take(&mut self.blocks));
        self.builder = Some(builder);
    }

    /// The blocks that a daemon has for these ranges. None need be there. What to know of those that are left out.
    pub async fn ask_for_blocks(&mut self, what: &[String], globals: &Globals) -> Vec<String> {
        let ranges: Vec<&String> = what.iter().filter(|text| text.parse::<AddrRange>().is_ok()).collect();
        let mut left_out = Vec::new();
        if ranges.is_empty() {
            return left_out;
        }
        let Ok(mut client) = Client::connect(&globals.socket(), None, true).await else { return left_out };
        for range in ranges {
            let within = BlockFilter { within: Some(range.clone()), ..BlockFilter::default() };
            let around = BlockFilter { around: Some(range.clone()), ..BlockFilter::default() };
            for filter in [within, around] {
                let filter = BlockFilter { limit: Some(MOST_BLOCKS), ..filter };
                let Ok(target) = with_query("/v1/blocks", &filter) else { continue };
                let Ok(page) = client.get::<Page<BlockView>>(&target).await else { continue };
                if page.value.next.is_some() {
                    left_out.push(format!(
                        "{range} has more than {MOST_BLOCKS} blocks: those after them are not in the report's map"
                    ));
                }
                self.blocks.extend(page.value.items.into_iter().filter_map(block));
            }
        }
        self.blocks.sort_by_key(|block| (block.range.first(), block.range.last()));
        self.blocks.dedup();
        left_out
    }

    /// Takes in a survey, or finds a report.
    pub fn read(&mut self, path: &Path) -> Result<From, Failure> {
        let mut lines = Lines::open(path)?;
        let first = lines.beginning()?;
        match serde_json::from_slice(&first) {
            Ok(Line::Survey(survey)) if survey.format == FORMAT => self.start(survey),
            Ok(Line::Survey(survey)) => {
                let found = survey.format;
                return Err(
                    lines.wrong(&format!("a survey of format {found}; this program reads format {FORMAT}"))
                );
            }
            // A report may be one line, and what it comes from a pipe.
            _ => {
                return report(path, lines.rest(first, MOST + 1)?)
                    .map(|report| From::Report(Box::new(report)));
            }
        }
        while let Some(line) = lines.next_whole()? {
            match serde_json::from_slice(&line) {
                Ok(Line::Identity(identity)) => self.take(identity),
                Ok(Line::Summary(_)) => (),
                Ok(Line::Survey(_)) | Err(_) => return Err(lines.wrong("it is no line of a survey")),
            }
        }
        Ok(From::Survey)
    }

    fn take(&mut self, identity: Identity) {
        if let Some(builder) = &mut self.builder {
            builder.add(identity);
        }
    }

    /// Takes in what a probe saw.
    pub fn sightings(&mut self, path: &Path) -> Result<(), Failure> {
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next()? {
            let sighting: Sighting = serde_json::from_slice(&line)
                .map_err(|error| lines.wrong(&format!("it is not what `ptrd probe` writes: {error}")))?;
            if sighting.format != ptrd_probe::FORMAT {
                return Err(lines.wrong("it is of another version than this program reads"));
            }
            if let Some(builder) = &mut self.builder {
                builder.seen(sighting.identity.subject.address, sighting.seen());
            }
        }
        Ok(())
    }

    /// Takes in what receivers saw, as `ptrctl inspect` and `ptrctl mail-test --match` tell it.
    pub fn seen(&mut self, path: &Path) -> Result<(), Failure> {
        let mut lines = Lines::open(path)?;
        while let Some(line) = lines.next()? {
            let all = match serde_json::from_slice(&line) {
                Ok(Told::Inspection(inspection)) if inspection.format != ptrd_message::FORMAT => {
                    return Err(lines.wrong("it is of another version than this program reads"));
                }
                Ok(Told::Inspection(inspection)) => inspection.seen.into_iter().collect(),
                Ok(Told::Account { seen, .. }) => seen,
                Err(_) => {
                    return Err(lines.wrong(
                        "it is not what `ptrctl inspect` or `ptrctl mail-test --match` prints with --json",
                    ));
                }
            };
            for seen in all {
                // Of what does not say where it came from there is nothing to report.
                if let (Some(builder), Some(address)) = (&mut self.builder, seen.address) {
                    builder.seen(address, seen.seen);
                }
            }
        }
        Ok(())
    }

    /// Takes in how zones stand.
    pub fn zones(&mut self, path: &Path) -> Result<(), Failure> {
        let octets = Lines::open(path)?.rest(Vec::new(), MOST + 1)?;
        let zones = read_zone_checks(&text(path, octets)?).map_err(|error| {
            Failure::local(format!("{}: {error}", path.display()))
                .hint("`ptrctl rir check … --json` writes it")
        })?;
        if let Some(builder) = &mut self.builder {
            builder.zones(zones);
        }
        Ok(())
    }

    /// The report.
    pub fn finish(self) -> Result<Report, Failure> {
        let builder =
            self.builder.ok_or_else(|| Failure::local("nothing was asked, so there is nothing to report"))?;
        Ok(builder.finish())
    }
}

fn block(view: BlockView) -> Option<Block> {
    let range = view.range.parse().ok()?;
    Some(Block { range, tenant: view.tenant, mode: view.mode, suspended: view.suspended })
}

fn report(path: &Path, octets: Vec<u8>) -> Result<Report, Failure> {
    ptrd_report::read(&text(path, octets)?).map_err(|error| {
        Failure::local(format!("{}: neither a survey nor a report: {error}", path.display()))
            .hint("`ptrctl verify --state FILE` keeps a survey, `ptrctl report -o FILE.json` writes a report")
    })
}

/// Octets as text, of which no more than one too many was read.
fn text(path: &Path, octets: Vec<u8>) -> Result<String, Failure> {
    let wrong = |why: &str| Failure::local(format!("{}: {why}", path.display()));
    if octets.len() as u64 > MOST {
        return Err(wrong("it is larger than 64 MiB"));
    }
    String::from_utf8(octets).map_err(|_| wrong("it is no text (UTF-8)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_may_be_one_long_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("report.json");
        let survey = Survey {
            format: FORMAT,
            of: Vec::new(),
            addresses: 0,
            digest: String::new(),
            sources: Vec::new(),
            sample: None,
            rules: ptrd_posture::identity::Rules::default(),
            at: 7,
        };
        let mut report = Builder::new(survey, Options::default()).finish();
        report.limits = vec!["x".repeat(1_000); 5_000];
        std::fs::write(&path, serde_json::to_string(&report).expect("JSON")).expect("written");
        match Gathering::new(Options::default()).read(&path) {
            Ok(From::Report(read)) => assert_eq!(*read, report),
            _ => panic!("a report of {} octets", std::fs::metadata(&path).expect("a file").len()),
        }
    }
}
