//! What is sent, and what came of it, for people and for programs.

use crate::failure::{Failure, verified};
use crate::screen::{Screen, counted};
use crate::table::Table;
use ptrd_message::marked::{Account, Marked};
use ptrd_posture::identity::Grade;
use serde_json::json;
use std::path::Path;

/// Shown in the place of a mark that was not used.
const NO_MARK: &str = "MARK";

/// What would be sent.
pub fn planned(screen: &mut Screen, all: &[Marked]) -> Result<(), Failure> {
    for one in all {
        let text = one.text("DATE").replace(&one.mark.to_string(), NO_MARK);
        if screen.json() {
            let document = json!({ "address": one.address, "from": one.from, "to": one.to, "text": text });
            screen.document(document.to_string().as_bytes())?;
            continue;
        }
        screen.line(&format!(
            "From {} to {}, to leave from {} as {}:",
            one.from, one.to, one.address, one.helo
        ))?;
        for line in text.lines() {
            screen.line(&format!("  {line}"))?;
        }
    }
    if screen.json() { Ok(()) } else { screen.line(&format!("{}; nothing was sent", messages(all.len()))) }
}

fn messages(number: usize) -> String {
    counted(number as u64, "message", "messages")
}

/// Messages, as they are sent.
pub struct Sent {
    table: Table,
    taken: usize,
    refused: usize,
}

impl Sent {
    pub fn new(screen: &Screen) -> Sent {
        Sent { table: screen.table(&["ADDRESS", "FROM", "TO", "MAIL SERVER"]), taken: 0, refused: 0 }
    }

    /// The mail server took it, and said so; or it did not, for this reason.
    pub fn add(
        &mut self,
        screen: &mut Screen,
        one: &Marked,
        outcome: Result<&str, &str>,
    ) -> Result<(), Failure> {
        let said = match outcome {
            Ok(said) => format!("taken: {said}"),
            Err(why) => format!("refused: {why}"),
        };
        *if outcome.is_ok() { &mut self.taken } else { &mut self.refused } += 1;
        if screen.json() {
            let document = json!({ "address": one.address, "from": one.from, "to": one.to, "mark": one.mark, "said": said });
            return screen.document(document.to_string().as_bytes());
        }
        let row = vec![one.address.to_string(), one.from.clone(), one.to.clone(), said];
        self.table.show(screen, &[row])
    }

    /// Says what is to be done now; the exit status says whether some were refused.
    pub fn end(self, screen: &mut Screen, state: &Path) -> Result<(), Failure> {
        if !screen.json() {
            let refused =
                if self.refused > 0 { format!(", {} refused", self.refused) } else { String::new() };
            screen
                .line(&format!("{} handed over{refused}. When they have come back:", messages(self.taken)))?;
            let state = ptrd_escape::shell_word(&state.display().to_string());
            screen.line(&format!("  ptrctl mail-test --match FILE|FOLDER --state {state}"))?;
        }
        verified(if self.refused > 0 { Grade::Fail } else { Grade::Pass })
    }
}

/// What came of it.
pub fn account(screen: &mut Screen, account: &Account) -> Result<(), Failure> {
    if screen.json() {
        let octets = serde_json::to_vec(account).map_err(|error| Failure::local(error.to_string()))?;
        return screen.document(&octets);
    }
    let rows: Vec<Vec<String>> = account
        .addresses
        .iter()
        .flat_map(|address| {
            address.letters.iter().map(|letter| {
                let grade = letter.grade.to_string();
                vec![
                    grade,
                    address.address.to_string(),
                    address.helo.clone(),
                    letter.to.clone(),
                    letter.outcome.said(),
                ]
            })
        })
        .collect();
    screen.table(&["GRADE", "ADDRESS", "ITS NAME", "TO", "ITS MESSAGE"]).show(screen, &rows)?;
    let count = |grade: Grade| account.addresses.iter().filter(|one| one.grade == grade).count();
    let grades =
        Grade::ALL.iter().rev().map(|&grade| (grade, count(grade))).filter(|(_, number)| *number > 0);
    let grades: Vec<String> = grades.map(|(grade, number)| format!("{number} {grade}")).collect();
    let addresses = counted(account.addresses.len() as u64, "address", "addresses");
    screen.line(&format!("{addresses}: {}", grades.join(", ")))?;
    if account.strange > 0 {
        screen
            .notes(&[format!("{} that came back have marks of no message of this test", account.strange)])?;
    }
    Ok(())
}
