//! Which addresses are meant, and what is known of them: from arguments, from files, from the daemon's inventory.

use crate::cli::Globals;
use crate::client::Client;
use crate::failure::Failure;
use crate::listing::each;
use crate::screen::{Screen, counted};
use anyhow::Context;
use ipnet::IpNet;
use ptrd_api::{PtrFilter, PtrView, SendingFilter, SendingView};
use ptrd_posture::identity::{Subject, pair};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// How many addresses one run looks at.
const MOST: usize = 1 << 20;
/// How many addresses of an IPv6 prefix are looked at one by one.
const MOST_OF_V6: u128 = 1 << 16;

/// The addresses, in order.
pub struct Gathered {
    pub subjects: Vec<Subject>,
}

/// Finds them.
pub async fn gather(
    what: &[String],
    helo: &[(IpAddr, String)],
    globals: &Globals,
    screen: &mut Screen,
) -> Result<Gathered, Failure> {
    let mut found = Found::default();
    let mut prefixes = Vec::new();
    for text in what {
        found.take(text, &mut prefixes)?;
    }
    if !prefixes.is_empty() {
        let mut client = daemon(globals, "which addresses send mail is not known", screen).await?;
        for prefix in prefixes {
            found.prefix(prefix, client.as_mut(), screen).await?;
        }
    }
    for (address, name) in helo {
        let Some(subject) = found.0.get_mut(address) else {
            return Err(Failure::usage(format!(
                "--helo {address}={name}: the address is not among those to look at"
            )));
        };
        (subject.helo, subject.sending) = (Some(name.clone()), Some(true));
    }
    let mut subjects: Vec<Subject> = found.0.into_values().collect();
    pair(&mut subjects);
    if subjects.is_empty() {
        return Err(Failure::usage(format!("{}: no addresses in it", what.join(" "))));
    }
    Ok(Gathered { subjects })
}

/// A daemon that knows more of addresses. None need be there; of one that was named, or may not be asked, it is said what is
/// `lacking` without it.
pub async fn daemon(
    globals: &Globals,
    lacking: &str,
    screen: &mut Screen,
) -> Result<Option<Client>, Failure> {
    let named =
        globals.socket.is_some() || std::env::var_os("PTRD_SOCKET").is_some_and(|path| !path.is_empty());
    match Client::connect(&globals.socket(), None, true).await {
        Ok(client) => Ok(Some(client)),
        Err(failure) if named || !failure.is_unreachable() => {
            screen.warnings(&[format!("{}: {lacking}", message(failure))])?;
            Ok(None)
        }
        Err(_) => Ok(None),
    }
}

#[derive(Default)]
struct Found(BTreeMap<IpAddr, Subject>);

impl Found {
    /// Takes one argument. Prefixes are put aside: a daemon may know more about them.
    fn take(&mut self, text: &str, prefixes: &mut Vec<IpNet>) -> Result<(), Failure> {
        if let Some(net) = read(text)? {
            prefixes.push(net);
            return Ok(());
        }
        let content = std::fs::read_to_string(text)
            .with_context(|| format!("{text}: no address and no prefix, so it is taken for a file"))?;
        self.file(text, &content)
    }

    /// A file: CSV if its first line names the columns, else an address or prefix a line.
    fn file(&mut self, name: &str, content: &str) -> Result<(), Failure> {
        let mut lines = content.lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
        let is_csv = lines.next().is_some_and(|line| {
            line.trim_start_matches('\u{feff}')
                .split(',')
                .next()
                .is_some_and(|word| word.trim().eq_ignore_ascii_case("address"))
        });
        if is_csv {
            return self.csv(name, content);
        }
        for (nth, line) in content.lines().enumerate() {
            let text = line.split('#').next().unwrap_or_default().trim();
            if text.is_empty() {
                continue;
            }
            let at = |message: &str| Failure::usage(format!("{name}, line {}: {message}", nth + 1));
            let net = read(text).map_err(|failure| at(&message(failure)))?;
            let net = net.ok_or_else(|| at(&format!("{text}: neither an address nor a prefix")))?;
            self.each(net).map_err(|failure| at(&message(failure)))?;
        }
        Ok(())
    }

    fn csv(&mut self, name: &str, content: &str) -> Result<(), Failure> {
        let wrong = |error: csv::Error| Failure::usage(format!("{name}: {error}"));
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .comment(Some(b'#'))
            .trim(csv::Trim::All)
            .from_reader(content.trim_start_matches('\u{feff}').as_bytes());
        let columns = reader.headers().map_err(wrong)?.clone();
        let column = |wanted: &str| columns.iter().position(|column| column.eq_ignore_ascii_case(wanted));
        let places = ["address", "helo", "mta", "domains"].map(column);
        for record in reader.records() {
            let record = record.map_err(wrong)?;
            let field =
                |nth: usize| places[nth].and_then(|place| record.get(place)).filter(|text| !text.is_empty());
            let Some(address) = field(0) else { continue };
            let line = record.position().map_or(0, csv::Position::line);
            let address = address
                .parse()
                .map_err(|_| Failure::usage(format!("{name}, line {line}: {address}: no address")))?;
            let domains = field(3).into_iter().flat_map(str::split_whitespace).map(str::to_owned);
            self.sends(Subject {
                address,
                sending: Some(true),
                helo: field(1).map(str::to_owned),
                mta: field(2).map(str::to_owned),
                domains: domains.collect(),
                both_families: false,
            })?;
        }
        Ok(())
    }

    /// The addresses of a prefix, with what a daemon knows of them.
    async fn prefix(
        &mut self,
        net: IpNet,
        mut client: Option<&mut Client>,
        screen: &mut Screen,
    ) -> Result<(), Failure> {
        let inventory = match client.as_deref_mut() {
            Some(client) => inventory(client, net, screen).await?,
            None => Vec::new(),
        };
        if is_countable(net) {
            self.each(net)?;
        } else {
            let known = match client {
                Some(client) => ptrs(client, net, screen).await?,
                None => Vec::new(),
            };
            if known.is_empty() && inventory.is_empty() {
                return Err(Failure::usage(format!("{net}: too many addresses to look at each of them")).hint(
                    "name the addresses in a file; or let a ptrd that has PTRs or an inventory for them say which there are",
                ));
            }
            for address in known {
                self.add(address)?;
            }
        }
        if inventory.is_empty() {
            return Ok(());
        }
        // Who keeps an inventory says by it which addresses do not send.
        let within = self.0.values_mut().filter(|subject| net.contains(&subject.address));
        within.filter(|subject| subject.sending.is_none()).for_each(|subject| subject.sending = Some(false));
        inventory.into_iter().try_for_each(|subject| self.sends(subject))
    }

    /// Each address of a prefix.
    fn each(&mut self, net: IpNet) -> Result<(), Failure> {
        if !is_countable(net) {
            let fewer = if net.addr().is_ipv4() { "" } else { "; of IPv6, at most a /112" };
            return Err(
                Failure::usage(format!("{net}: more than {MOST} addresses{fewer}")).hint("look at a part")
            );
        }
        let (first, last) = (net.network(), net.broadcast());
        let mut next = Some(first);
        while let Some(address) = next {
            self.add(address)?;
            next = (address != last).then(|| after(address));
        }
        Ok(())
    }

    fn add(&mut self, address: IpAddr) -> Result<(), Failure> {
        self.0.entry(address).or_insert_with(|| Subject::new(address));
        self.bounded()
    }

    fn sends(&mut self, subject: Subject) -> Result<(), Failure> {
        self.0.insert(subject.address, subject);
        self.bounded()
    }

    fn bounded(&self) -> Result<(), Failure> {
        if self.0.len() <= MOST {
            return Ok(());
        }
        let most = counted(MOST as u64, "address", "addresses");
        Err(Failure::usage(format!("more than {most}")).hint("look at one part after the other"))
    }
}

/// `ADDRESS=NAME`, as an argument.
pub fn helo(text: &str) -> Result<(IpAddr, String), String> {
    let (address, name) = text.split_once('=').ok_or("write ADDRESS=NAME, as 192.0.2.1=mail.example.com")?;
    let address = address.parse().map_err(|_| format!("{address}: no address"))?;
    if name.is_empty() { Err("no name behind the `=`".to_owned()) } else { Ok((address, name.to_owned())) }
}

/// An address or a prefix; `None` for what may be the name of a file.
pub fn read(text: &str) -> Result<Option<IpNet>, Failure> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Ok(Some(address.into()));
    }
    match text.parse::<IpNet>() {
        Ok(net) if net.trunc() == net => Ok(Some(net)),
        Ok(net) => Err(Failure::usage(format!("{text}: it has host bits")).hint(format!("{}", net.trunc()))),
        Err(_) => Ok(None),
    }
}

fn is_countable(net: IpNet) -> bool {
    let bits = u32::from(net.max_prefix_len() - net.prefix_len());
    let most = if net.addr().is_ipv4() { MOST as u128 } else { MOST_OF_V6 };
    bits < 64 && 1u128 << bits <= most
}

fn after(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(v4) => std::net::Ipv4Addr::from_bits(v4.to_bits().wrapping_add(1)).into(),
        IpAddr::V6(v6) => std::net::Ipv6Addr::from_bits(v6.to_bits().wrapping_add(1)).into(),
    }
}

fn message(failure: Failure) -> String {
    failure.problem.map(|problem| problem.message).unwrap_or_default()
}

/// What the daemon's inventory says of a prefix; nothing where it keeps none.
async fn inventory(client: &mut Client, net: IpNet, screen: &mut Screen) -> Result<Vec<Subject>, Failure> {
    let filter = SendingFilter { within: Some(net.to_string()), ..SendingFilter::default() };
    let mut subjects = Vec::new();
    let take = |view: SendingView| subjects.extend(subject_of(view));
    match each(client, screen, "/v1/sending", filter, take).await {
        // An older daemon has no such route.
        Err(failure) if failure.exit == ptrd_api::code::exit(ptrd_api::code::NOT_FOUND) => Ok(Vec::new()),
        outcome => outcome.map(|()| subjects),
    }
}

fn subject_of(view: SendingView) -> Option<Subject> {
    let SendingView { address, helo, mta, domains, .. } = view;
    let address = address.parse().ok()?;
    let helo = Some(helo).filter(|helo| !helo.is_empty());
    Some(Subject { address, sending: Some(true), helo, mta, domains, both_families: false })
}

/// The addresses of a prefix that have PTRs which somebody set.
async fn ptrs(client: &mut Client, net: IpNet, screen: &mut Screen) -> Result<Vec<IpAddr>, Failure> {
    let filter = PtrFilter { within: Some(net.to_string()), ..PtrFilter::default() };
    let mut explicit = Vec::new();
    let take = |ptr: PtrView| {
        if ptr.template.is_none() {
            explicit.extend(ptr.address.parse::<IpAddr>());
        }
    };
    each(client, screen, "/v1/ptrs", filter, take).await?;
    Ok(explicit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(found: Found) -> String {
        let mut subjects: Vec<Subject> = found.0.into_values().collect();
        pair(&mut subjects);
        let line = |it: &Subject| {
            let sends = it.sending.map_or("?", |sends| if sends { "sends" } else { "silent" });
            let helo = it.helo.as_deref().unwrap_or("-");
            let both = if it.both_families { " both" } else { "" };
            format!("{} {sends} {helo} {}{both}\n", it.address, it.domains.join("+"))
        };
        subjects.iter().map(line).collect()
    }

    #[test]
    fn csv_is_read_by_its_columns_whatever_their_order() {
        let mut found = Found::default();
        let csv = "\u{feff}Address, helo ,domains,mta,more\r\n192.0.2.1,Mail.Example.com,\"example.com  example.net\",m,x\n\
                   # a comment\n\n2001:db8::1,mail.example.com.\n192.0.2.2\n";
        found.file("f", csv).expect("CSV");
        assert_eq!(
            said(found),
            "192.0.2.1 sends Mail.Example.com example.com+example.net both\n192.0.2.2 sends - \n\
             2001:db8::1 sends mail.example.com.  both\n"
        );
    }

    #[test]
    fn the_inventory_says_who_sends_under_which_name() {
        let page = r#"{"items":[{"address":"192.0.2.1","helo":"mail.example.com.","mta":"m","domains":["example.com"],
            "tenant":"acme","block":"192.0.2.0/24","mode":"direct","version":"1"},{"address":"192.0.2.2","helo":"",
            "tenant":"acme","block":"192.0.2.0/24","mode":"direct","version":"2"}]}"#;
        let page: ptrd_api::Page<SendingView> = serde_json::from_str(page).expect("a page");
        let mut found = Found::default();
        for subject in page.items.into_iter().filter_map(subject_of) {
            found.sends(subject).expect("few");
        }
        assert_eq!(said(found), "192.0.2.1 sends mail.example.com. example.com\n192.0.2.2 sends - \n");
    }

    #[test]
    fn prefixes_are_counted_as_far_as_that_ends() {
        let mut found = Found::default();
        for net in ["192.0.2.254/31", "255.255.255.254/31", "2001:db8::fffe/127", "192.0.2.255/32"] {
            found.each(net.parse().expect("a prefix")).expect("few");
        }
        assert_eq!(found.0.len(), 6);
        for (net, is_so) in
            [("10.0.0.0/12", true), ("10.0.0.0/11", false), ("2001:db8::/112", true), ("::/0", false)]
        {
            assert_eq!(is_countable(net.parse().expect("a prefix")), is_so, "{net}");
        }
        let file: String = (0..=16).map(|n| format!("{n}.0.0.0/12\n")).collect();
        assert!(
            message(Found::default().file("f", &file).expect_err("too many")).contains("line 2: more than")
        );
    }
}
