//! BIND's named.conf, as far as it names zone files: `options`, `view`, `zone`, `include`, all three kinds of comments.

use super::{Configuration, ConfiguredZone, Reading, folder_of, included};
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Statements and blocks nest at most so deep.
const NESTING: usize = 32;

/// A part of a statement.
#[derive(Debug)]
enum Item {
    Word(String),
    Block(Vec<Statement>),
}

/// What ends with a semicolon.
#[derive(Debug)]
struct Statement {
    items: Vec<Item>,
    place: String,
}

impl Statement {
    fn word(&self, nth: usize) -> Option<&str> {
        match self.items.get(nth) {
            Some(Item::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn is(&self, word: &str) -> bool {
        self.word(0).is_some_and(|first| first.eq_ignore_ascii_case(word))
    }

    fn block(&self) -> Option<&[Statement]> {
        self.items.iter().find_map(|item| match item {
            Item::Block(block) => Some(block.as_slice()),
            Item::Word(_) => None,
        })
    }
}

/// The value of an option in a block.
fn option<'s>(block: &'s [Statement], name: &str) -> Option<&'s str> {
    block.iter().rev().find(|statement| statement.is(name)).and_then(|statement| statement.word(1))
}

/// Reads a configuration.
pub(super) fn read(file: &Path, view: Option<&str>) -> Result<Configuration, Failure> {
    let mut parser = Parser { reading: Reading::default(), directory: None, top: folder_of(file).to_owned() };
    let mut statements = Vec::new();
    parser.file(file, &mut statements)?;
    let empty = Vec::new();
    let options = statements.iter().find(|statement| statement.is("options")).and_then(Statement::block);
    let options = options.unwrap_or(&empty);
    let directory =
        option(options, "directory").map_or_else(|| parser.top.clone(), |path| parser.top.join(path));
    let mut configuration =
        Configuration { include_base: Some(directory.clone()), ..Configuration::default() };
    let views: Vec<&Statement> = statements.iter().filter(|statement| statement.is("view")).collect();
    if let Some(wanted) = view
        && !views.iter().any(|view| view.word(1) == Some(wanted))
    {
        let names: Vec<&str> = views.iter().filter_map(|view| view.word(1)).collect();
        let hint = if names.is_empty() {
            "there are no views".to_owned()
        } else {
            format!("there are: {}", names.join(", "))
        };
        return Err(Failure::usage(format!("{}: there is no view {wanted}", file.display())).hint(hint));
    }
    let mut found: Vec<(Option<&str>, &Statement, &[Statement])> = Vec::new();
    found.extend(
        statements.iter().filter(|statement| statement.is("zone")).map(|zone| (None, zone, &empty[..])),
    );
    for statement in &views {
        let (name, block) = (statement.word(1), statement.block().unwrap_or(&empty));
        if view.is_none_or(|wanted| name == Some(wanted)) {
            found.extend(block.iter().filter(|inner| inner.is("zone")).map(|zone| (name, zone, block)));
        }
    }
    check_views(&found, view)?;
    for (_, zone, around) in found {
        take(&mut configuration, zone, &[around, options], &directory);
    }
    Ok(configuration)
}

/// A zone that answers differently in several views cannot be one zone here.
fn check_views(
    found: &[(Option<&str>, &Statement, &[Statement])],
    view: Option<&str>,
) -> Result<(), Failure> {
    let mut views: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, zone, _) in found {
        let shared = zone.block().and_then(|block| option(block, "in-view")).is_some();
        let forwards =
            zone.block().and_then(|block| option(block, "type")).is_some_and(|kind| !is_primary(kind));
        if let (Some(name), Some(apex), false) = (name, zone.word(1), shared || forwards) {
            views.entry(apex.trim_end_matches('.').to_ascii_lowercase()).or_default().push(name);
        }
    }
    let split: Vec<String> = views
        .iter()
        .filter(|(_, views)| views.len() > 1)
        .map(|(apex, views)| format!("{apex} in {}", views.join(" and ")))
        .collect();
    if view.is_some() || split.is_empty() {
        return Ok(());
    }
    let shown = split.iter().take(5).cloned().collect::<Vec<_>>().join("; ");
    let more = if split.len() > 5 { format!(" and {} more", split.len() - 5) } else { String::new() };
    let message = format!(
        "zones are served in more than one view, which may answer differently, and ptrd has no views: {shown}{more}"
    );
    Err(Failure::usage(message).hint("import one of them: --view NAME; other views take a ptrd of their own"))
}

fn is_primary(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("master") || kind.eq_ignore_ascii_case("primary")
}

fn take(configuration: &mut Configuration, zone: &Statement, around: &[&[Statement]], directory: &Path) {
    let Some(apex) = zone.word(1) else {
        return configuration.leave_out(&zone.place, "a zone without a name");
    };
    let class = zone.word(2).unwrap_or("IN");
    if !class.eq_ignore_ascii_case("IN") {
        return configuration.leave_out(apex, format!("its class is {class}"));
    }
    let Some(block) = zone.block() else {
        return configuration.leave_out(apex, format!("{}: no braces after the zone", zone.place));
    };
    if let Some(view) = option(block, "in-view") {
        return configuration.leave_out(apex, format!("it is that of the view {view}"));
    }
    match option(block, "type") {
        Some(kind) if is_primary(kind) => {}
        Some(kind) => return configuration.leave_out(apex, format!("its type is {kind}")),
        None => return configuration.leave_out(apex, "it has no type of its own"),
    }
    if let Some(database) = option(block, "database").or_else(|| option(block, "dlz")) {
        return configuration.leave_out(apex, format!("its content is not in a file, but in {database}"));
    }
    let Some(file) = option(block, "file") else {
        return configuration.leave_out(apex, "it has no file");
    };
    let format = std::iter::once(&block).chain(around).find_map(|block| option(block, "masterfile-format"));
    if let Some(format) = format.filter(|format| !format.eq_ignore_ascii_case("text")) {
        let reason = format!(
            "its file is in the format {format}: make text of it with `named-compilezone -f {format} -F text -o OUT {apex} {file}`"
        );
        return configuration.leave_out(apex, reason);
    }
    let file = directory.join(file);
    let mut journal = file.as_os_str().to_owned();
    journal.push(".jnl");
    if Path::new(&journal).exists() {
        configuration.warnings.push(format!(
            "{apex}: changes in its journal may not be in its file: `rndc sync {apex}` writes them there"
        ));
    }
    configuration.zones.push(ConfiguredZone { apex: apex.to_owned(), file });
}

struct Parser {
    reading: Reading,
    /// What `directory` said so far: from then on named looks there for what is included.
    directory: Option<PathBuf>,
    top: PathBuf,
}

impl Parser {
    fn file(&mut self, file: &Path, into: &mut Vec<Statement>) -> Result<(), Failure> {
        let text = self.reading.open(file)?;
        let mut tokens = Tokens { text: &text, at: 0, line: 1, file };
        self.statements(&mut tokens, into, 0)?;
        self.reading.close();
        Ok(())
    }

    /// Statements up to the end of the file, or of the block.
    fn statements(
        &mut self,
        tokens: &mut Tokens<'_>,
        into: &mut Vec<Statement>,
        depth: usize,
    ) -> Result<(), Failure> {
        if depth > NESTING {
            return Err(tokens.failure("braces nest too deep"));
        }
        loop {
            let mut statement = Statement { items: Vec::new(), place: String::new() };
            loop {
                let token = tokens.next()?;
                if statement.items.is_empty() {
                    statement.place = tokens.place();
                }
                match token {
                    Token::Word(word) => statement.items.push(Item::Word(word)),
                    Token::Open => {
                        let mut block = Vec::new();
                        self.statements(tokens, &mut block, depth + 1)?;
                        statement.items.push(Item::Block(block));
                    }
                    Token::End => break,
                    Token::Close if depth > 0 && statement.items.is_empty() => return Ok(()),
                    Token::Nothing if depth == 0 && statement.items.is_empty() => return Ok(()),
                    Token::Close if depth > 0 => {
                        return Err(tokens.failure("a semicolon is missing before the brace"));
                    }
                    Token::Close => return Err(tokens.failure("a brace is closed that was never opened")),
                    Token::Nothing => {
                        let message = format!("the file ends within what begins in {}", statement.place);
                        return Err(tokens.failure(&message));
                    }
                }
            }
            self.finish(statement, tokens, into)?;
        }
    }

    fn finish(
        &mut self,
        statement: Statement,
        tokens: &Tokens<'_>,
        into: &mut Vec<Statement>,
    ) -> Result<(), Failure> {
        if statement.is("directory") {
            self.directory = statement.word(1).map(|path| self.top.join(path));
        }
        let pattern = statement.word(1).filter(|_| statement.is("include") && statement.items.len() == 2);
        let Some(pattern) = pattern else {
            if !statement.items.is_empty() {
                into.push(statement);
            }
            return Ok(());
        };
        let folder = folder_of(tokens.file).to_owned();
        let folders: Vec<PathBuf> =
            self.directory.iter().cloned().chain([folder, self.top.clone()]).collect();
        let folders: Vec<&Path> = folders.iter().map(PathBuf::as_path).collect();
        for file in included(pattern, &folders, &statement.place)? {
            self.file(&file, into)?;
        }
        Ok(())
    }
}

enum Token {
    Word(String),
    Open,
    Close,
    End,
    Nothing,
}

struct Tokens<'t> {
    text: &'t str,
    at: usize,
    line: u64,
    file: &'t Path,
}

impl Tokens<'_> {
    fn place(&self) -> String {
        format!("{}, line {}", self.file.display(), self.line)
    }

    fn failure(&self, message: &str) -> Failure {
        Failure::usage(format!("{}: {message}", self.place()))
            .hint("`named-checkconf FILE` says more; is it a named.conf?")
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn skip(&mut self, octets: usize) {
        let skipped = &self.text[self.at..self.at + octets];
        self.line += skipped.bytes().filter(|b| *b == b'\n').count() as u64;
        self.at += octets;
    }

    fn next(&mut self) -> Result<Token, Failure> {
        loop {
            let space = self.rest().len() - self.rest().trim_start().len();
            self.skip(space);
            let rest = self.rest();
            let comment = if let Some(inside) = rest.strip_prefix("/*") {
                let end = inside.find("*/").ok_or_else(|| self.failure("a comment without its end"))?;
                "/*".len() + end + "*/".len()
            } else if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else {
                break;
            };
            self.skip(comment);
        }
        let Some(first) = self.rest().chars().next() else { return Ok(Token::Nothing) };
        let single = match first {
            '{' => Some(Token::Open),
            '}' => Some(Token::Close),
            ';' => Some(Token::End),
            _ => None,
        };
        if let Some(token) = single {
            self.skip(1);
            return Ok(token);
        }
        if first == '"' {
            return self.quoted();
        }
        let rest = self.rest();
        let end = rest
            .char_indices()
            .find(|(at, c)| {
                let comment = rest[*at..].starts_with("/*") || rest[*at..].starts_with("//");
                c.is_whitespace() || matches!(c, '{' | '}' | ';' | '"' | '#') || comment
            })
            .map_or(rest.len(), |(at, _)| at);
        let word = rest[..end].to_owned();
        self.skip(end.max(1));
        Ok(Token::Word(word))
    }

    fn quoted(&mut self) -> Result<Token, Failure> {
        let mut word = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.skip(at + 1);
                    return Ok(Token::Word(word));
                }
                // named takes any character after a backslash as it is.
                '\\' => word.extend(chars.next().map(|(_, c)| c)),
                c => word.push(c),
            }
        }
        Err(self.failure("a quotation mark without its end"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn configuration(
        files: &[(&str, &str)],
        view: Option<&str>,
    ) -> Result<(Vec<String>, Vec<String>), String> {
        let folder = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text.replace("ROOT", &folder.path().display().to_string()))
                .expect("written");
        }
        let read = read(&folder.path().join(files[0].0), view);
        let read =
            read.map_err(|failure| failure.problem.map(|problem| problem.message).unwrap_or_default())?;
        let shown =
            |path: &Path| path.display().to_string().replace(&folder.path().display().to_string(), "ROOT");
        let zones = read.zones.iter().map(|zone| format!("{} {}", zone.apex, shown(&zone.file))).collect();
        Ok((zones, read.left_out.into_iter().map(|(apex, why)| format!("{apex}: {why}")).collect()))
    }

    #[test]
    fn zones_are_found_through_includes_comments_and_quotes() {
        let main = "/* zone \"no\" { type master; file \"x\"; }; */ # zone a {\n// zone b {\n\
                    include \"ROOT/options\"; include \"zones/*.conf\";\n\
                    zone 2.0.192.in-addr.arpa IN { type primary; file \"rev/a;b{\"; };\n\
                    zone \"s.example\" { type slave; masters { 192.0.2.1 port 53; }; file \"s\"; };\n\
                    zone \"h\" CH { type master; file \"x\"; };\nkey \"k\" { algorithm hmac-sha256; secret \"a//b#c\"; };\n\
                    zone \"raw.example\" { type master; file \"r\"; masterfile-format raw; };\n\
                    zone \"none.example\" { type master; };\n";
        let files = [
            ("named.conf", main),
            ("options", "options { directory \"ROOT/zones\"; listen-on { any; }; /* x */ };\n"),
            ("zones/b.conf", "zone \"b.example.\" { type master; file \"/srv/b\"; };"),
            ("zones/a.conf", "zone \"a.example\" {\n\ttype master; // yes\n\tfile \"a\"; #no\n};"),
            ("zones/.hidden", ""),
        ];
        // Relative to the folder of the configuration, since the directory is within it.
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.replace("zones/*", "*"))).collect();
        let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
        let (zones, left_out) = configuration(&files, None).expect("a configuration");
        assert_eq!(
            zones,
            ["a.example ROOT/zones/a", "b.example. /srv/b", "2.0.192.in-addr.arpa ROOT/zones/rev/a;b{"]
        );
        assert_eq!(left_out.len(), 4, "{left_out:?}");
        assert!(left_out[0].contains("type is slave") && left_out[1].contains("class is CH"));
        assert!(left_out[2].contains("named-compilezone") && left_out[3].contains("no file"));
    }

    #[test]
    fn views_are_one_or_explained() {
        let conf = "view \"in\" { match-clients { any; }; zone \"a.example\" { type master; file \"in\"; };\n\
                    zone \"b.example\" { type master; file \"b\"; }; };\n\
                    view out { zone \"A.example.\" { type master; file \"out\"; }; zone \"b.example\" { in-view \"in\"; }; };";
        let refused = configuration(&[("c", conf)], None).expect_err("two views");
        assert!(refused.contains("a.example in in and out") && !refused.contains("b.example"), "{refused}");
        let (zones, left_out) = configuration(&[("c", conf)], Some("out")).expect("one view");
        assert_eq!(
            (zones, left_out),
            (vec!["A.example. ROOT/out".into()], vec!["b.example: it is that of the view in".into()])
        );
        assert!(configuration(&[("c", conf)], Some("x")).expect_err("no view").contains("no view x"));
    }

    #[test]
    fn what_is_broken_is_named_by_its_line() {
        for (conf, part) in [
            ("zone \"a\" {\n type master;\n", "ends within what begins in"),
            ("};", "line 1: a brace is closed"),
            ("/* ", "a comment without its end"),
            ("\n\nzone \"a", "line 3: a quotation mark"),
            ("include \"absent\";", "there is no file"),
            ("include \"c\";", "in a circle"),
            ("options { directory \"x\" };", "a semicolon is missing"),
        ] {
            let refused = configuration(&[("c", conf)], None).expect_err(conf);
            assert!(refused.contains(part), "{conf}: {refused}");
        }
        let deep = "a {".repeat(100);
        assert!(configuration(&[("c", &deep)], None).expect_err("deep").contains("too deep"));
    }
}
