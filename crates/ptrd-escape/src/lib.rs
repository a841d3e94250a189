//! What strangers wrote, made harmless: in HTML, in Markdown, in CSV that a spreadsheet opens, in a line that somebody pastes
//! into a shell. Characters that cannot be seen, or that turn the order of others round, are shown by their numbers in all of
//! them: a name must not look like another one. In JSON, which programs read, they stand as its own escapes.
//!
//! Templates get at it as an escaper, so that what a template writes is escaped unless it says otherwise.

use askama::filters::Escaper;
use std::fmt::{self, Write};

/// Whether a character does not show as itself: control characters, spaces without width, and those that set the
/// direction of text (Unicode TR 36, §2.1). Line ends and tabs are not among them.
pub fn is_hidden(c: char) -> bool {
    let is_format = matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    is_format || (c.is_control() && !matches!(c, '\n' | '\t' | '\r'))
}

/// The escaper of templates for HTML.
#[derive(Clone, Copy, Debug)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '<' => to.write_str("&lt;")?,
                '>' => to.write_str("&gt;")?,
                '&' => to.write_str("&amp;")?,
                '"' => to.write_str("&quot;")?,
                '\'' => to.write_str("&#39;")?,
                hidden if is_hidden(hidden) => write!(to, "⟨U+{:04X}⟩", u32::from(hidden))?,
                plain => to.write_char(plain)?,
            }
        }
        Ok(())
    }
}

/// The escaper of templates for Markdown (CommonMark with GitHub's tables): a text within a paragraph, a list item or a cell of a
/// table, behind something else. At the start of a block, digits and hyphens would begin a list.
#[derive(Clone, Copy, Debug)]
pub struct Markdown;

impl Escaper for Markdown {
    fn write_escaped_str<W: Write>(&self, mut to: W, text: &str) -> fmt::Result {
        for c in one_line(text).chars() {
            if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '#') {
                to.write_char('\\')?;
            }
            to.write_char(c)?;
        }
        Ok(())
    }
}

/// A span of code in a cell of a table of Markdown. Empty for an empty text, which no span can hold.
pub fn markdown_code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text, '`') + 1);
    // A backtick at an end needs a space between, which is taken away again if there is one at both ends.
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{space}{}{space}{fence}", text.replace('|', r"\|"))
}

/// Lines as a block of code in Markdown, with its line ends.
pub fn markdown_block(lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| one_line(line)).collect();
    let longest = lines.iter().map(|line| longest_run(line, '`')).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}\n", lines.join("\n"))
}

fn longest_run(text: &str, of: char) -> usize {
    text.split(|c| c != of).map(str::len).max().unwrap_or(0)
}

/// JSON in which what is hidden stands as escapes (RFC 8259 §7); it means the same.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// A text with what is hidden in it shown by number, and line ends as well.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) || c.is_control() {
            line.push_str(&format!("⟨U+{:04X}⟩", u32::from(c)));
        } else {
            line.push(c);
        }
    }
    line
}

/// A field of CSV. One that a spreadsheet would take for a formula gets an apostrophe before it.
pub fn csv_field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = format!("{}{}", if is_formula { "'" } else { "" }, one_line(text));
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// A word of a shell's line.
pub fn shell_word(text: &str) -> String {
    let text = one_line(text);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        let mut out = String::new();
        Visible.write_escaped_str(&mut out, text).expect("a string takes all");
        out
    }

    #[test]
    fn html_has_no_way_out_of_text_and_attributes() {
        assert_eq!(html(r#"<b a="x" b='y'>&"#), "&lt;b a=&quot;x&quot; b=&#39;y&#39;&gt;&amp;");
        assert_eq!(html("line\nline\tend"), "line\nline\tend");
    }

    #[test]
    fn what_is_hidden_shows_its_number() {
        for (text, shown) in [
            ("a\u{202e}moc.elpmaxe", "a⟨U+202E⟩moc.elpmaxe"),
            ("a\u{200b}b", "a⟨U+200B⟩b"),
            ("\u{feff}x", "⟨U+FEFF⟩x"),
            ("\u{0}\u{1b}[2J", "⟨U+0000⟩⟨U+001B⟩[2J"),
            ("\u{9b}31m", "⟨U+009B⟩31m"),
            ("\u{e0041}", "⟨U+E0041⟩"),
            ("bücher", "bücher"),
        ] {
            assert_eq!(html(text), shown);
            assert_eq!(one_line(text), shown);
        }
        assert_eq!(one_line("a\r\nb"), "a⟨U+000D⟩⟨U+000A⟩b");
    }

    #[test]
    fn markdown_has_no_way_out_of_text() {
        let escaped = |text: &str| {
            let mut out = String::new();
            Markdown.write_escaped_str(&mut out, text).expect("a string takes all");
            out
        };
        assert_eq!(escaped("a|b [x](y) <b> *c* `d` &amp;"), r"a\|b \[x\](y) \<b\> \*c\* \`d\` \&amp;");
        assert_eq!(escaped("a\n# b"), r"a⟨U+000A⟩\# b");
        assert_eq!(escaped("mail-01.example.com."), "mail-01.example.com.");
    }

    #[test]
    fn code_of_markdown_ends_where_it_should() {
        for (text, span) in [
            ("dig -x 192.0.2.1", "`dig -x 192.0.2.1`"),
            ("a`b", "``a`b``"),
            ("`", "`` ` ``"),
            ("``x", "``` ``x ```"),
            ("a | b", r"`a \| b`"),
            ("a\nb", "`a⟨U+000A⟩b`"),
            ("", ""),
        ] {
            assert_eq!(markdown_code(text), span);
        }
        let lines = ["one".to_owned(), "```".to_owned(), "a\r\nb".to_owned()];
        assert_eq!(markdown_block(&lines), "````\none\n```\na⟨U+000D⟩⟨U+000A⟩b\n````\n");
    }

    #[test]
    fn json_means_the_same_and_hides_nothing() {
        let text = "\"a\u{202e}b\u{e0041}\u{7f}\u{9b}ü\"";
        assert_eq!(json(text), r#""a\u202eb\udb40\udc41\u007f\u009bü""#);
    }

    #[test]
    fn no_field_of_csv_is_a_formula() {
        for (text, field) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'⟨U+0009⟩x"),
            ("\rx", "'⟨U+000D⟩x"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("mail.example.com.", "mail.example.com."),
        ] {
            assert_eq!(csv_field(text), field);
        }
    }

    #[test]
    fn a_shell_takes_a_word_as_it_stands() {
        for (text, word) in [
            ("mail.example.com.", "mail.example.com."),
            ("", "''"),
            ("a b", "'a b'"),
            ("=reboot", "'=reboot'"),
            ("/tmp/ptrd-demo-x.1/admin.sock", "/tmp/ptrd-demo-x.1/admin.sock"),
            ("$(reboot)", "'$(reboot)'"),
            ("it's", r"'it'\''s'"),
            ("a\nb", "'a⟨U+000A⟩b'"),
        ] {
            assert_eq!(shell_word(text), word);
        }
    }
}
