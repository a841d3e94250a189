//! How it stands, for people: what is not as it should be, or all there is of one address or zone.

use crate::failure::{Failure, verified};
use crate::screen::{Screen, counted};
use crate::table::Table;
use ptrd_api::{PostureCheck, PostureCounts, PostureTenantView, PostureTurn, PostureView};
use ptrd_posture::identity::Grade;

/// See the module.
pub struct Shown {
    /// All there is of one thing.
    whole: bool,
    table: Option<Table>,
    counts: PostureCounts,
    unseen: u64,
}

fn grade(word: &str) -> Grade {
    Grade::ALL.into_iter().find(|grade| grade.word() == word).unwrap_or(Grade::Unknown)
}

/// The worst of some; none of none.
pub fn worst(counts: &PostureCounts) -> Option<Grade> {
    let by = [
        (Grade::Pass, counts.pass),
        (Grade::Warn, counts.warn),
        (Grade::Unknown, counts.unknown),
        (Grade::Fail, counts.fail),
    ];
    by.into_iter().filter(|(_, count)| *count > 0).map(|(grade, _)| grade).max()
}

/// `2 fail, 1 pass`.
fn said(counts: &PostureCounts) -> String {
    let by =
        [("fail", counts.fail), ("unknown", counts.unknown), ("warn", counts.warn), ("pass", counts.pass)];
    let some = by.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(word, count)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
}

/// The line of a tenant.
pub fn tenant(view: &PostureTenantView) -> Vec<String> {
    let PostureCounts { pass, warn, unknown, fail } = view.addresses;
    let faults = view.faults.iter().map(|fault| format!("{} {} {}", fault.count, fault.check, fault.grade));
    let mut row = vec![view.tenant.clone(), view.addresses.total().to_string()];
    row.extend([pass, warn, unknown, fail].map(|count| count.to_string()));
    row.extend([said(&view.zones), faults.collect::<Vec<_>>().join(", ")]);
    row.push(view.oldest.clone().unwrap_or_default());
    row
}

impl Shown {
    pub fn new(whole: bool) -> Shown {
        Shown { whole, table: None, counts: PostureCounts::default(), unseen: 0 }
    }

    /// Takes in what is known of some, and shows it unless JSON was asked for.
    pub fn add(&mut self, screen: &mut Screen, views: Vec<PostureView>) -> Result<(), Failure> {
        for view in &views {
            *match grade(&view.grade) {
                Grade::Pass => &mut self.counts.pass,
                Grade::Warn => &mut self.counts.warn,
                Grade::Unknown => &mut self.counts.unknown,
                Grade::Fail => &mut self.counts.fail,
            } += 1;
            self.unseen += u64::from(view.looked.is_none());
        }
        if screen.json() {
            return Ok(());
        }
        if self.whole && views.len() == 1 {
            return views.iter().try_for_each(|view| whole(screen, view));
        }
        let rows: Vec<_> = views.iter().flat_map(rows).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let headings = ["GRADE", "SUBJECT", "TENANT", "CHECK", "SINCE", "WHY", "DO"];
        let table = self.table.get_or_insert_with(|| screen.table(&headings));
        table.show(screen, &rows)
    }

    /// Says by the exit status how it stands. Of what was asked for by name, and is not there, that it is not.
    pub fn end(self, screen: &mut Screen, named: Option<&str>) -> Result<(), Failure> {
        let total = self.counts.total();
        if let Some(named) = named.filter(|_| total == 0) {
            return Err(Failure::absent(format!("{named} is not watched")).hint(
                "watched are addresses that are marked with `ptrctl sending`, and zones of addresses, where the section watch of ptrd.toml says so",
            ));
        }
        if !screen.json() && (!self.whole || total != 1) {
            let what = counted(total, "address or zone", "addresses and zones");
            let by = if total > 0 { format!(": {}", said(&self.counts)) } else { String::new() };
            let unseen = match self.unseen {
                0 => String::new(),
                unseen => format!("; {unseen} not looked at yet"),
            };
            screen.line(&format!("{what}{by}{unseen}"))?;
        }
        verified(worst(&self.counts).unwrap_or(Grade::Pass))
    }
}

/// What is not as it should be; a line each.
fn rows(view: &PostureView) -> Vec<Vec<String>> {
    let row = |check: &PostureCheck| {
        let (grade, why) = match &check.doubt {
            Some(doubt) => (doubted(check), doubt.why.clone()),
            None => (check.grade.clone(), check.why.clone()),
        };
        vec![
            grade,
            view.subject.clone(),
            view.tenant.clone(),
            check.check.clone(),
            check.since.clone(),
            why,
            check.todo.clone(),
        ]
    };
    let is_amiss = |check: &&PostureCheck| check.grade != "pass" || check.doubt.is_some();
    view.checks.iter().filter(is_amiss).map(row).collect()
}

/// `pass, fail?`: what stands, and what another look is to confirm.
fn doubted(check: &PostureCheck) -> String {
    match &check.doubt {
        Some(doubt) => format!("{}, {}?", check.grade, doubt.grade.as_deref().unwrap_or("gone")),
        None => check.grade.clone(),
    }
}

/// All there is of one.
fn whole(screen: &mut Screen, view: &PostureView) -> Result<(), Failure> {
    let PostureView { subject, kind, tenant, grade, looked, unknown, checks, history, notes, .. } = view;
    let tenant = if tenant.is_empty() { String::new() } else { format!(" of {tenant}") };
    let looked = looked.as_ref().map_or("not looked at yet".to_owned(), |at| format!("looked at {at}"));
    let open = match unknown {
        0 => String::new(),
        1 => ", something was not found out".to_owned(),
        n => format!(", something was not found out {n} times in a row"),
    };
    screen.line(&format!("{subject} {grade}: {kind}{tenant}, {looked}{open}"))?;
    let row = |check: &PostureCheck| {
        vec![doubted(check), check.check.clone(), check.since.clone(), check.why.clone()]
    };
    let rows: Vec<_> = checks.iter().map(row).collect();
    if !rows.is_empty() {
        screen.table(&["GRADE", "CHECK", "SINCE", "WHY"]).show(screen, &rows)?;
    }
    for check in checks {
        if let Some(doubt) = &check.doubt {
            screen
                .line(&format!("{}, to be confirmed from {} on: {}", check.check, doubt.until, doubt.why))?;
        }
        if !check.todo.is_empty() {
            screen.line(&format!("{}: {}", check.check, check.todo))?;
        }
        for command in &check.run {
            screen.line(&format!("  {command}"))?;
        }
    }
    for note in notes {
        let sign = if note.worse { "-" } else { "+" };
        screen.line(&format!("{sign} {}  {}", note.at, note.what))?;
    }
    let turn = |turn: &PostureTurn| {
        let word = |grade: &Option<String>, none: &str| grade.clone().unwrap_or_else(|| none.to_owned());
        vec![
            turn.since.clone(),
            turn.check.clone(),
            word(&turn.from, "new"),
            word(&turn.to, "gone"),
            turn.why.clone(),
        ]
    };
    let rows: Vec<_> = history.iter().map(turn).collect();
    if rows.is_empty() {
        return Ok(());
    }
    screen.table(&["SINCE", "CHECK", "FROM", "TO", "WHY"]).show(screen, &rows)
}
