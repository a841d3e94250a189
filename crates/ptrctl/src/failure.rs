//! Why a command failed, and what the program exits with.

use ptrd_api::{LineError, Problem, code};
use ptrd_posture::identity::Grade;

/// No `ptrd` answers on the socket.
pub const UNREACHABLE: &str = "unreachable";
/// A text in which nothing is known.
pub const UNKNOWN: &str = "unknown";
/// The exit status for it.
pub const UNKNOWN_EXIT: u8 = 16;
/// The exit status where records could not be brought to the server of their zone.
pub const NOT_PUSHED_EXIT: u8 = 17;
/// Something on this side: a file that cannot be read, an answer that makes no sense.
pub const LOCAL: &str = "local";

/// The exit statuses, as `--help` shows them. A test holds them equal to [`code::exit`].
pub const EXIT_STATUSES: &str = "\
Exit status:
   0  done (or the reader of the output went away)
   1  something on this side: a file that cannot be read, an answer cut short
   2  the arguments or the request are malformed, or too large
   3  a rule forbids it: host bits, crossing blocks, a CNAME beside other data
   4  not allowed: by the daemon, or by the mode of the socket
   5  no such thing
   6  it exists already, or belongs to another tenant
   7  it changed since the version given with --expect
   8  the daemon is busy; try again
   9  the daemon's store failed; DNS goes on
  10  a fault of ptrd
  11  no ptrd answers on the socket
  12  changes are made on another server: this one is its standby
  13  verify, posture, inspect, mail-test: something fails
  14  verify, posture, inspect, mail-test: something could not be found out, and nothing fails
  15  verify, posture, inspect, mail-test: there are warnings, and nothing worse
  16  explain: nothing is known of the text
  17  forward: a record could not be brought there";

/// A failure, ready to be shown.
#[derive(Debug)]
pub struct Failure {
    /// The exit status.
    pub exit: u8,
    /// What to show; `None` when there is nobody to show it to.
    pub problem: Option<Box<Problem>>,
    /// The daemon's own words, for `--json`.
    pub raw: Option<Vec<u8>>,
}

impl Failure {
    /// The daemon has no such thing.
    pub fn is_not_found(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.code == code::NOT_FOUND)
    }

    /// Nobody answers on the socket.
    pub fn is_unreachable(&self) -> bool {
        self.problem.as_ref().is_some_and(|problem| problem.code == UNREACHABLE)
    }

    /// Something on this side.
    pub fn local(message: impl Into<String>) -> Failure {
        Failure { exit: 1, problem: Some(Box::new(Problem::new(LOCAL, message))), raw: None }
    }

    /// Arguments that are wrong in a way that clap cannot see.
    pub fn usage(message: impl Into<String>) -> Failure {
        Failure { exit: 2, problem: Some(Box::new(Problem::new(code::BAD_REQUEST, message))), raw: None }
    }

    /// There is no such thing.
    pub fn absent(message: impl Into<String>) -> Failure {
        let problem = Some(Box::new(Problem::new(code::NOT_FOUND, message)));
        Failure { exit: code::exit(code::NOT_FOUND), problem, raw: None }
    }

    /// What was shown already says what is wrong: for the exit status alone.
    pub fn found() -> Failure {
        Failure { exit: code::exit(code::INVALID), problem: None, raw: None }
    }

    /// Nobody answers.
    pub fn unreachable(message: impl Into<String>, hint: impl Into<String>) -> Failure {
        Failure {
            exit: 11,
            problem: Some(Box::new(Problem::new(UNREACHABLE, message).hint(hint))),
            raw: None,
        }
    }

    /// Some records were not brought where they belong; what was shown says which, and why.
    pub fn not_pushed() -> Failure {
        Failure { exit: NOT_PUSHED_EXIT, problem: None, raw: None }
    }

    /// The daemon said no.
    pub fn refused(problem: Problem, raw: Vec<u8>) -> Failure {
        Failure { exit: code::exit(&problem.code), problem: Some(Box::new(problem)), raw: Some(raw) }
    }

    /// What reads our output has gone, as `head` does. No failure to speak of.
    pub fn nobody_reads() -> Failure {
        Failure { exit: 0, problem: None, raw: None }
    }

    /// Writing the output failed.
    pub fn output(error: &std::io::Error) -> Failure {
        if error.kind() == std::io::ErrorKind::BrokenPipe {
            return Failure::nobody_reads();
        }
        Failure::local(format!("writing the output: {error}"))
    }

    /// The same, with a hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Failure {
        self.problem = self.problem.map(|problem| Box::new(problem.hint(hint)));
        self
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::local(format!("{error:#}"))
    }
}

/// What the worst that was found exits with. What was shown already says what is wrong.
pub fn verified(worst: Grade) -> Result<(), Failure> {
    let exit = match worst {
        Grade::Pass => return Ok(()),
        Grade::Fail => 13,
        Grade::Unknown => 14,
        Grade::Warn => 15,
    };
    Err(Failure { exit, problem: None, raw: None })
}

/// `line 7: …` or `a.zone, line 7: …`.
pub fn place(error: &LineError) -> String {
    match (&error.file, error.line) {
        (Some(file), 0) => format!("{file}: {}", error.message),
        (Some(file), line) => format!("{file}, line {line}: {}", error.message),
        (None, 0) => error.message.clone(),
        (None, line) => format!("line {line}: {}", error.message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_exit_statuses_is_that_of_the_interface() {
        for word in [
            code::BAD_REQUEST,
            code::BAD_METHOD,
            code::TOO_LARGE,
            code::INVALID,
            code::FORBIDDEN,
            code::NOT_FOUND,
            code::CONFLICT,
            code::STALE,
            code::BUSY,
            code::TIMEOUT,
            code::STORE,
            code::INTERNAL,
            "a word of tomorrow",
        ] {
            let exit = code::exit(word);
            assert!(EXIT_STATUSES.contains(&format!("\n{exit:4}  ")), "{word}: {exit}");
        }
        assert!(EXIT_STATUSES.contains("\n  11  no ptrd"));
        for grade in Grade::ALL {
            let exit = verified(grade).err().map_or(0, |failure| failure.exit);
            assert!(EXIT_STATUSES.contains(&format!("\n{exit:4}  ")), "{grade}: {exit}");
        }
    }
}
