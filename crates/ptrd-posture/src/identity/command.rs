//! Commands that show anybody the same.
//!
//! Names come from the network, so whatever a shell or dig could take for something else is quoted.

use super::answer::{Observation, Question, Served};
use ptrd_escape::shell_word;
use std::net::SocketAddr;

/// What dig is to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dig {
    /// The records alone.
    Short,
    /// The whole reply: its status too.
    Whole,
    /// The reply with signatures and the AD flag.
    Validated,
    /// The same, with validation switched off.
    Unvalidated,
    /// What a nameserver says of its own accord.
    Authority,
    /// The way from the root.
    Trace,
}

/// The command that puts a question to a server.
pub fn dig(question: &Question, server: Option<SocketAddr>, how: Dig) -> String {
    let mut words = vec!["dig".to_owned()];
    words.extend(
        match how {
            Dig::Short => &["+short"][..],
            Dig::Whole => &[],
            Dig::Validated => &["+dnssec"],
            Dig::Unvalidated => &["+dnssec", "+cd"],
            Dig::Authority => &["+norec"],
            Dig::Trace => &["+trace"],
        }
        .iter()
        .map(|&word| word.to_owned()),
    );
    match question {
        Question::Ptr(address) => words.extend(["-x".to_owned(), address.to_string()]),
        Question::A(name) | Question::Aaaa(name) => {
            words.extend([dig_name(name), question.rtype().to_owned()]);
        }
    }
    if let Some(server) = server {
        words.push(format!("@{}", server.ip()));
        if server.port() != 53 {
            words.extend(["-p".to_owned(), server.port().to_string()]);
        }
    }
    words.join(" ")
}

/// The command that asks again what was asked.
pub fn again(observation: &Observation) -> String {
    match (observation.is_authoritative(), observation.server) {
        (true, None) => dig(&observation.question, None, Dig::Trace),
        (true, server) => dig(&observation.question, server, Dig::Authority),
        (false, server) if observation.answer.is_known() => dig(&observation.question, server, Dig::Short),
        (false, server) => dig(&observation.question, server, Dig::Whole),
    }
}

/// The command that asks one nameserver again.
pub fn of_server(question: &Question, served: &Served) -> String {
    dig(question, Some(served.server), Dig::Authority)
}

/// A name among the words of dig, which would take `-x` for an option, and `@x` for a server.
pub(crate) fn dig_name(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    format!("{}{}", if is_plain { "" } else { "-q " }, shell_word(name))
}

/// The command that says what filters have against a name.
pub(crate) fn lint_command(name: &str) -> String {
    let is_option = name.starts_with('-');
    format!("ptrctl lint {}{}", if is_option { "-- " } else { "" }, shell_word(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_dig_is_told() {
        let ptr = Question::Ptr("192.0.2.1".parse().expect("an address"));
        let google = "8.8.8.8:53".parse().ok();
        assert_eq!(dig(&ptr, google, Dig::Short), "dig +short -x 192.0.2.1 @8.8.8.8");
        assert_eq!(dig(&ptr, "[::1]:5353".parse().ok(), Dig::Whole), "dig -x 192.0.2.1 @::1 -p 5353");
        assert_eq!(dig(&ptr, None, Dig::Trace), "dig +trace -x 192.0.2.1");
        let name = Question::Aaaa("mail.example.com.".to_owned());
        assert_eq!(dig(&name, google, Dig::Unvalidated), "dig +dnssec +cd mail.example.com. AAAA @8.8.8.8");
    }

    #[test]
    fn a_name_is_never_more_than_a_name() {
        for (name, said) in [
            ("$(reboot).example.", "dig +short -q '$(reboot).example.' A"),
            ("a'b;c.example.", r"dig +short 'a'\''b;c.example.' A"),
            ("-f.example.", "dig +short -q -f.example. A"),
            ("@192.0.2.1.example.", "dig +short -q '@192.0.2.1.example.' A"),
            (r"a\032b.example.", r"dig +short 'a\032b.example.' A"),
        ] {
            assert_eq!(dig(&Question::A(name.to_owned()), None, Dig::Short), said);
        }
        assert_eq!(lint_command("a.example."), "ptrctl lint a.example.");
        assert_eq!(lint_command("--socket=x.example."), "ptrctl lint -- '--socket=x.example.'");
    }
}
