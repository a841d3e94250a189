//! `ptrd check-config`: all that is wrong with a configuration, without starting.

use crate::arguments::CheckConfig;
use crate::config::{Finding, Level, Place, print, source::Reading};
use crate::failure::{Failure, Part};
use anyhow::Context;
use serde::Serialize;
use std::io::Write;
use std::process::ExitCode;

/// A finding as JSON.
#[derive(Serialize)]
struct Row<'a> {
    level: Level,
    #[serde(skip_serializing_if = "str::is_empty")]
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    option: Option<&'a str>,
    message: &'a str,
}

#[derive(Serialize)]
struct Report<'a> {
    file: &'a str,
    errors: usize,
    warnings: usize,
    findings: Vec<Row<'a>>,
}

/// Checks, and says what was found on stdout.
pub fn check(arguments: CheckConfig) -> Result<ExitCode, Failure> {
    let CheckConfig { file, print, example, json, mut settings } = arguments;
    let said = |text: &str| {
        let mut out = std::io::stdout().lock();
        out.write_all(text.as_bytes())
            .and_then(|()| out.flush())
            .context("writing to stdout")
            .map_err(Failure::fault)
    };
    if example {
        return said(&print::example()).map(|()| ExitCode::SUCCESS);
    }
    settings.config = file.or(settings.config);
    let source = settings.source();
    let name = source.path().display().to_string();
    let Reading { config, merged, findings } = source.read();
    let count = |level| findings.iter().filter(|finding| finding.level == level).count();
    let (errors, warnings) = (count(Level::Error), count(Level::Warning));
    let lines: String = findings.iter().map(|finding| finding.line(&name) + "\n").collect();
    if json {
        let findings = findings.iter().map(row).collect();
        let report = Report { file: &name, errors, warnings, findings };
        let text = serde_json::to_string_pretty(&report).context("writing JSON").map_err(Failure::fault)?;
        said(&(text + "\n"))?;
    } else if print {
        // What is wrong is not in force, and must not get into a file that is made of this.
        eprint!("{lines}");
        said(&print::effective(&config, &merged, &name))?;
    } else if findings.is_empty() {
        said(&format!("{name}: nothing is wrong\n"))?;
    } else {
        let plural = |count, word| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
        said(&format!("{lines}{name}: {}, {}\n", plural(errors, "error"), plural(warnings, "warning")))?;
    }
    Ok(if errors == 0 { ExitCode::SUCCESS } else { ExitCode::from(Part::Config as u8) })
}

fn row(finding: &Finding) -> Row<'_> {
    let (line, column, option) = match finding.place {
        Place::Line(line, column) => (Some(line), Some(column), None),
        Place::Option(option) => (None, None, Some(option)),
        Place::Octet(_) | Place::Default => (None, None, None),
    };
    Row { level: finding.level, key: &finding.key, line, column, option, message: &finding.message }
}
