//! The stub's sending inventory.

use super::{State, absent, absolute, problem};
use ptrd_api::{
    LineError, Page, Problem, RequestText, SENDING_COLUMNS, SendingFilter, SendingView, SendingWrite, code,
};
use std::net::IpAddr;

fn read(address: &str) -> Result<IpAddr, Problem> {
    address.parse().map_err(|_| problem(code::BAD_REQUEST, format!("{address}: no address")))
}

pub fn set(state: &mut State, write: SendingWrite) -> Result<String, Problem> {
    let address = read(&write.address)?;
    let names = state.ptrs.get(&address).map(|ptr| ptr.names.clone()).unwrap_or_default();
    let view = SendingView {
        address: address.to_string(),
        helo: absolute(&write.helo),
        mta: write.mta,
        domains: write.domains.iter().map(|domain| absolute(domain)).collect(),
        tenant: "acme".into(),
        block: "192.0.2.0/24".into(),
        mode: "direct".into(),
        names,
        version: "s-1".into(),
    };
    let summary = format!("{address} sends mail as {}", view.helo);
    state.sending.insert(address, view);
    Ok(summary)
}

pub fn clear(state: &mut State, range: &str) -> Result<String, Problem> {
    let address = read(range)?;
    state.sending.remove(&address).ok_or_else(|| absent("sending mark of", range))?;
    Ok(format!("{range}: 1 sending mark taken away"))
}

pub fn import(state: &mut State, csv: &str) -> Result<usize, Problem> {
    let mut lines = csv.lines();
    if lines.next() != Some(SENDING_COLUMNS.join(",").as_str()) {
        return Err(problem(code::BAD_REQUEST, "the file does not start with a header"));
    }
    let mut count = 0;
    for (n, line) in lines.enumerate() {
        let fields: Vec<&str> = line.split(',').collect();
        let [address, helo, mta, domains] = fields[..] else {
            let message = format!("{} fields, and the header has 4", fields.len());
            let errors = vec![LineError { file: None, line: n as u64 + 2, message }];
            let message = "1 bad line in the import; nothing was imported";
            return Err(Problem { errors, errors_total: 1, ..problem(code::INVALID, message) });
        };
        let mta = (!mta.is_empty()).then(|| mta.to_owned());
        let domains = domains.split_whitespace().map(str::to_owned).collect();
        let (address, helo) = (address.to_owned(), helo.to_owned());
        set(state, SendingWrite { address, helo, mta, domains, expect: None })?;
        count += 1;
    }
    Ok(count)
}

pub fn list(state: &State, filter: SendingFilter) -> Page<SendingView> {
    let asked = |view: &SendingView| filter.mta.is_none() || filter.mta == view.mta;
    let all = state.sending.values().filter(|view| asked(view)).cloned().collect::<Vec<_>>();
    super::views::page(all.into_iter(), |view| view.address.clone(), filter.after, filter.limit)
}

pub fn request_text(state: &State, range: String) -> Result<RequestText, Problem> {
    let lines = state.sending.values().map(|view| format!("    {} PTR {}\n", view.address, view.helo));
    let text = format!("Subject: Reverse DNS of {range}\n\n{}", lines.collect::<String>());
    let warnings = vec!["the text offers no delegation, for no nameservers are set".into()];
    Ok(RequestText { range, addresses: state.sending.len() as u64, text, warnings })
}
