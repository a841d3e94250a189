//! What is shown, and how: text for people, JSON for programs, nothing for a pipe that nobody reads any more.
//!
//! Whatever came from outside goes through [`visible`] before it reaches a terminal: a PTR must not move the cursor.

use crate::failure::{Failure, place};
use crate::table::Table;
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use ptrd_api::{AcknowledgedBy, ChangeDone, Problem, ReportLine};
use std::borrow::Cow;
use std::io::{BufRead, BufWriter, IsTerminal, Stdout, Write};

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    fn on(self, terminal: bool) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            // https://no-color.org: set, and not empty.
            Color::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        }
    }
}

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const CYAN: Style = AnsiColor::Cyan.on_default();

/// Where output goes.
pub struct Screen {
    out: BufWriter<Stdout>,
    json: bool,
    terminal: bool,
    color: bool,
    color_of_errors: bool,
}

impl Screen {
    pub fn new(json: bool, color: Color) -> Screen {
        let terminal = std::io::stdout().is_terminal();
        Screen {
            out: BufWriter::new(std::io::stdout()),
            json,
            terminal,
            color: color.on(terminal),
            color_of_errors: color.on(std::io::stderr().is_terminal()),
        }
    }

    /// Whether the daemon's JSON is shown as it came.
    pub fn json(&self) -> bool {
        self.json
    }

    /// A progress bar makes sense.
    pub fn progress(&self) -> bool {
        !self.json && std::io::stderr().is_terminal()
    }

    /// A progress bar over so many things, where one makes sense.
    pub fn bar(&self, total: u64, template: &str) -> ProgressBar {
        bar(Some(total), template, self.progress())
    }

    /// A table that fits.
    pub fn table(&self, headings: &[&'static str]) -> Table {
        Table::new(headings, self.terminal, self.color)
    }

    /// Octets as they are.
    pub fn raw(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.out.write_all(octets).map_err(|error| Failure::output(&error))
    }

    /// Octets of the daemon: as they are to a file or a pipe, with control characters made visible to a terminal.
    pub fn text(&mut self, octets: &[u8]) -> Result<(), Failure> {
        if !self.terminal {
            return self.raw(octets);
        }
        let text = String::from_utf8_lossy(octets);
        let lines: Vec<_> = text.split('\n').map(|line| tabs_kept(line).into_owned()).collect();
        self.raw(lines.join("\n").as_bytes())
    }

    /// JSON as it came, on a line of its own.
    pub fn document(&mut self, octets: &[u8]) -> Result<(), Failure> {
        self.text(octets.trim_ascii_end())?;
        self.raw(b"\n")
    }

    /// A line, which holds text of the daemon.
    pub fn line(&mut self, text: &str) -> Result<(), Failure> {
        let text = visible(text);
        self.raw(text.as_bytes())?;
        self.raw(b"\n")
    }

    /// A line about what is there no more.
    pub fn gone(&mut self, text: &str) -> Result<(), Failure> {
        self.marked(AnsiColor::Red.on_default(), '-', text)
    }

    /// A line about what is there now.
    pub fn come(&mut self, text: &str) -> Result<(), Failure> {
        self.marked(AnsiColor::Green.on_default(), '+', text)
    }

    fn marked(&mut self, style: Style, mark: char, text: &str) -> Result<(), Failure> {
        let text = visible(text);
        let line =
            if self.color { format!("{style}{mark} {text}{style:#}\n") } else { format!("{mark} {text}\n") };
        self.raw(line.as_bytes())
    }

    /// What a change has done.
    pub fn done(&mut self, done: &ChangeDone, dry_run: bool) -> Result<(), Failure> {
        self.line(&done.summary)?;
        let detail = detail(done, dry_run);
        let detail = if self.color { format!("{CYAN}  {detail}{CYAN:#}\n") } else { format!("  {detail}\n") };
        self.raw(detail.as_bytes())?;
        self.flush()?;
        for warning in &done.warnings {
            self.complain(YELLOW, "warning", warning);
        }
        if done.acknowledged_by == Some(AcknowledgedBy::Local) {
            self.complain(YELLOW, "warning", "no standby has it yet: see `ptrctl standby status`");
        }
        Ok(())
    }

    /// What became of each thing: all of it where that is little, else what is not simply done, and how much more
    /// there is.
    pub fn report(&mut self, report: &[ReportLine], total: u64) -> Result<(), Failure> {
        const LITTLE: usize = 50;
        if self.json || report.is_empty() {
            return Ok(());
        }
        let plain = |line: &&ReportLine| {
            !matches!(line.what.as_str(), "imported" | "replaced" | "unchanged" | "adopted")
        };
        let shown: Vec<&ReportLine> = match report.len() <= LITTLE {
            true => report.iter().collect(),
            false => report.iter().filter(plain).collect(),
        };
        let mut table = self.table(&["WHAT", "RESULT", "DETAIL"]);
        let row = |line: &&ReportLine| vec![line.subject.clone(), line.what.clone(), line.detail.clone()];
        table.show(self, &shown.iter().map(row).collect::<Vec<_>>())?;
        let more = total.saturating_sub(shown.len() as u64);
        if more > 0 {
            self.line(&format!("… and {more} more; --json lists them"))?;
        }
        self.flush()
    }

    /// What to know, to stderr.
    pub fn warnings(&mut self, warnings: &[String]) -> Result<(), Failure> {
        self.flush()?;
        warnings.iter().for_each(|warning| self.complain(YELLOW, "warning", warning));
        Ok(())
    }

    /// What else there is to know, to stderr.
    pub fn notes(&mut self, notes: &[String]) -> Result<(), Failure> {
        self.flush()?;
        notes.iter().for_each(|note| self.complain(CYAN, "note", note));
        Ok(())
    }

    /// What went wrong, to stderr. With `--json` as JSON, that of the daemon as it came.
    pub fn failure(&self, failure: &Failure) {
        let Some(problem) = &failure.problem else { return };
        if self.json {
            let raw = failure.raw.clone().filter(|raw| serde_json::from_slice::<Problem>(raw).is_ok());
            let octets = raw.or_else(|| serde_json::to_vec(problem).ok()).unwrap_or_default();
            let _ = writeln!(std::io::stderr(), "{}", visible(&String::from_utf8_lossy(&octets)));
            return;
        }
        self.complain(RED, "error", &problem.message);
        for error in &problem.errors {
            let _ = writeln!(std::io::stderr(), "  {}", visible(&place(error)));
        }
        let unseen = problem.errors_total.saturating_sub(problem.errors.len() as u64);
        if unseen > 0 {
            let _ = writeln!(std::io::stderr(), "  … and {unseen} more");
        }
        if let Some(hint) = &problem.hint {
            self.complain(CYAN, "hint", hint);
        }
    }

    /// Whether somebody is there who can be asked.
    pub fn can_ask(&self) -> Result<(), Failure> {
        if std::io::stdin().is_terminal() {
            return Ok(());
        }
        Err(Failure::usage("nobody can be asked here").hint("say --yes, or look first: --dry-run"))
    }

    /// Asks on the terminal.
    pub fn confirmed(&mut self, question: &str) -> Result<bool, Failure> {
        self.flush()?;
        let failed = |error: std::io::Error| Failure::local(format!("asking: {error}"));
        let mut stderr = std::io::stderr();
        stderr.write_all(question.as_bytes()).and_then(|()| stderr.flush()).map_err(failed)?;
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).map_err(failed)?;
        Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
    }

    /// Writes what is still held back.
    pub fn flush(&mut self) -> Result<(), Failure> {
        self.out.flush().map_err(|error| Failure::output(&error))
    }

    fn complain(&self, style: Style, word: &str, text: &str) {
        let text = visible(text);
        // If stderr is closed, there is no other place to say so.
        let _ = if self.color_of_errors {
            writeln!(std::io::stderr(), "{style}{word}:{style:#} {text}")
        } else {
            writeln!(std::io::stderr(), "{word}: {text}")
        };
    }
}

/// `change 17, 16 PTRs, 1 zone: 2.0.192.in-addr.arpa. (serial 5)`.
fn detail(done: &ChangeDone, dry_run: bool) -> String {
    const SHOWN: usize = 3;
    let Some(change) = done.change else {
        return if dry_run { "dry run: nothing was changed" } else { "nothing had to change" }.to_owned();
    };
    let mut text = format!("change {change}");
    if done.ptrs_changed > 0 {
        text += &format!(", {}", counted(done.ptrs_changed, "PTR", "PTRs"));
    }
    if done.zones_changed > 0 {
        let step = |step: &ptrd_api::ZoneStep| match step.serial {
            Some(serial) => format!("{} (serial {serial})", visible(&step.apex)),
            None => format!("{} (removed)", visible(&step.apex)),
        };
        let shown: Vec<_> = done.zones.iter().take(SHOWN).map(step).collect();
        text += &format!(", {}: {}", counted(done.zones_changed, "zone", "zones"), shown.join(", "));
        let more = done.zones_changed.saturating_sub(shown.len() as u64);
        if more > 0 {
            text += &format!(" and {more} more");
        }
    }
    text
}

/// A progress bar on stderr, or none.
pub fn bar(total: Option<u64>, template: &str, show: bool) -> ProgressBar {
    if !show {
        return ProgressBar::hidden();
    }
    ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr()).with_style(style(template))
}

/// What a progress bar looks like.
pub fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// `1 zone`, `2 zones`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// Whether a character could do something to a terminal or to the order of what is read there, or does not show.
fn acts(c: char) -> bool {
    c.is_control() || ptrd_escape::is_hidden(c)
}

/// The text with whatever would act on a terminal written out.
pub fn visible(text: &str) -> Cow<'_, str> {
    escaped(text, acts)
}

fn tabs_kept(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\t' && acts(c))
}

fn escaped(text: &str, acts: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&acts) {
        return Cow::Borrowed(text);
    }
    let write = |c: char| if acts(c) { c.escape_unicode().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(write).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(visible("a.example."), "a.example.");
        assert_eq!(visible("\u{1b}[2Jx\r\n"), "\\u{1b}[2Jx\\u{d}\\u{a}");
        assert_eq!(visible("\u{9b}31m\u{7f}\u{202e}é"), "\\u{9b}31m\\u{7f}\\u{202e}é");
        assert_eq!(visible("a\u{200b}\u{2028}\u{feff}\u{e0041}"), "a\\u{200b}\\u{2028}\\u{feff}\\u{e0041}");
        assert_eq!(tabs_kept("a\tb\0"), "a\tb\\u{0}");
    }

    #[test]
    fn the_detail_of_a_change_is_one_line() {
        let step =
            |n: u32| ptrd_api::ZoneStep { apex: format!("{n}.example."), serial: (n != 2).then_some(n) };
        let mut done =
            ChangeDone { change: Some(7), zones: (1..=5).map(step).collect(), ..ChangeDone::default() };
        assert_eq!(detail(&done, false), "change 7");
        (done.zones_changed, done.ptrs_changed) = (5, 1);
        let expected = "change 7, 1 PTR, 5 zones: 1.example. (serial 1), 2.example. (removed), 3.example. (serial 3) and 2 more";
        assert_eq!(detail(&done, false), expected);
        assert_eq!(detail(&ChangeDone::default(), false), "nothing had to change");
        assert_eq!(detail(&ChangeDone::default(), true), "dry run: nothing was changed");
    }
}
