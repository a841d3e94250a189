//! Tokens made, used and looked through.

use super::{Bench, operator, request};
use ptrd_api::{
    BlockFilter, ChangeDone, ChangeRequest, LogFilter, Problem, PtrFilter, RecordFilter, TenantFilter,
    TokenFilter, TokenId, TokenMade, TokenWrite, ZoneFilter,
};
use ptrd_change::{Caller, Role};

/// `NAME of TENANT` or `NAME operator`, then `write`, `prefix=…`, `from=…`, `expires=…`.
pub fn token_write(line: &str) -> TokenWrite {
    let mut words = line.split_whitespace();
    let mut write = TokenWrite { name: words.next().expect("a name").to_owned(), ..TokenWrite::default() };
    while let Some(word) = words.next() {
        match word.split_once('=') {
            Some(("prefix", text)) => write.prefixes.push(text.to_owned()),
            Some(("from", text)) => write.from.push(text.to_owned()),
            Some(("expires", text)) => write.expires = Some(text.to_owned()),
            None if word == "operator" => write.operator = true,
            None if word == "write" => write.write = true,
            None if word == "of" => write.tenant = words.next().map(str::to_owned),
            _ => panic!("{word}"),
        }
    }
    write
}

pub fn caller(role: Role) -> Caller {
    let actor = match role {
        Role::Token(id) => format!("token {id}"),
        _ => "root".to_owned(),
    };
    Caller { role, ..Caller::operator(actor, "test", None) }
}

impl Bench {
    pub fn make_token(&self, by: Role, line: &str) -> Result<TokenMade, Problem> {
        let by = if by == Role::Operator { operator() } else { self.bearer(by) };
        let request = ChangeRequest::TokenAdd(token_write(line));
        let done = self.runtime.block_on(self.road.change(by, request, false))?;
        Ok(done.token.expect("a token"))
    }

    /// A token that the operator makes.
    #[track_caller]
    pub fn token(&self, line: &str) -> Role {
        Role::Token(id(&self.make_token(Role::Operator, line).expect(line)))
    }

    /// Whoever holds it, as the log calls it.
    fn bearer(&self, role: Role) -> Caller {
        let Role::Token(id) = role else { return caller(role) };
        let view = self.road.tokens(Role::Operator, &TokenFilter::default()).expect("tokens");
        let found = view.items.into_iter().find(|token| token.id == id.to_string());
        let actor = found.map_or_else(
            || "token gone".to_owned(),
            |token| match token.tenant {
                Some(tenant) => format!("token {} of {tenant}", token.name),
                None => format!("token {}", token.name),
            },
        );
        Caller { role, ..Caller::operator(actor, "test", None) }
    }

    pub fn with_token(&self, token: Role, line: &str) -> Result<ChangeDone, Problem> {
        self.change_with(token, request(line))
    }

    pub fn change_with(&self, token: Role, request: ChangeRequest) -> Result<ChangeDone, Problem> {
        self.runtime.block_on(self.road.change(self.bearer(token), request, false))
    }

    /// All that somebody sees, a line each.
    pub fn seen_by(&self, role: Role) -> Vec<String> {
        let view = self.road.view_for(role).expect("a view");
        let mut seen = Vec::new();
        let mut push = |what: &str, item: String| seen.push(format!("{what} {item}"));
        for tenant in view.tenants(&TenantFilter::default()).expect("tenants").items {
            push("tenant", format!("{tenant:?}"));
        }
        for block in view.blocks(&BlockFilter::default()).expect("blocks").items {
            push("block", format!("{block:?}"));
        }
        for zone in view.zones(&ZoneFilter::default()).expect("zones").items {
            push("zone", format!("{} {}", zone.apex, zone.tenant));
            let mut text = Vec::new();
            view.export(&zone.apex).expect("a zone").write(&mut text).expect("a text");
            let text = String::from_utf8(text).expect("text");
            text.lines().filter(|line| !line.contains("SOA")).for_each(|line| push("line", line.to_owned()));
        }
        for record in view.records(&RecordFilter::default()).expect("records").items {
            if record.rtype != "SOA" {
                push("record", format!("{} {} {:?}", record.owner, record.rtype, record.data));
            }
        }
        for ptr in view.ptrs(&PtrFilter::default()).expect("PTRs").items {
            push("ptr", format!("{} {:?}", ptr.address, ptr.names));
        }
        for token in self.road.tokens(role, &TokenFilter::default()).expect("tokens").items {
            push("token", format!("{} {:?}", token.name, token.tenant));
        }
        let log = self.runtime.block_on(self.road.log_for(role, LogFilter::default())).expect("a log");
        for change in log.items {
            push("log", format!("{change:?}"));
            let detail = self.runtime.block_on(self.road.logged_for(role, change.change)).expect("a change");
            push("detail", format!("{detail:?}"));
            let edits = self.runtime.block_on(self.road.edits_for(role, change.change)).expect("edits");
            let mut text = Vec::new();
            edits.write(&mut text).expect("a text");
            String::from_utf8(text).expect("text").lines().for_each(|line| push("edit", line.to_owned()));
        }
        seen
    }
}

pub fn id(made: &TokenMade) -> TokenId {
    made.id.parse().expect("an identity")
}
