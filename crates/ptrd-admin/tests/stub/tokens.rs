//! Tokens of the stub.

use super::State;
use ptrd_api::{Problem, Secret, TokenMade, TokenView, TokenWrite, code};

/// The text of a token.
pub fn text(id: &str) -> String {
    format!("ptrd_{id}and-a-secret")
}

pub fn made(id: &str) -> TokenMade {
    TokenMade { id: id.to_owned(), token: Secret::new(text(id)) }
}

pub fn add(state: &mut State, write: TokenWrite) -> Result<String, Problem> {
    let TokenWrite { name, operator: _, tenant, prefixes, write, expires, from } = write;
    if state.tokens.values().any(|token| token.name == name) {
        return Err(Problem::new(code::CONFLICT, format!("name: there is a token {name} already")));
    }
    let id = format!("k{:011}", state.tokens.len() + 1);
    let view = TokenView {
        id: id.clone(),
        name: name.clone(),
        tenant,
        prefixes,
        write,
        expires,
        expired: false,
        from,
        made_by: "ann".to_owned(),
        made: "2026-11-25T17:30:00Z".to_owned(),
        parent: None,
        used: None,
        used_from: None,
    };
    state.tokens.insert(id.clone(), view);
    Ok(format!("token {id} ({name}) added"))
}
