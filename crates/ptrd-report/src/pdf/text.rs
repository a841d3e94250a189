//! Texts in lines.

use super::face::{Face, showable};

/// Colours, red, green and blue.
pub(super) type Color = [u8; 3];

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub face: Face,
    pub size: f32,
    pub color: Color,
}

impl Style {
    /// The same in another face.
    pub fn in_face(self, face: Face) -> Style {
        // Letters of the monospaced face are larger than those of the others.
        let size = if face == Face::Mono { self.size * 0.92 } else { self.size };
        Style { face, size, ..self }
    }

    /// The same in another colour.
    pub fn colored(self, color: Color) -> Style {
        Style { color, ..self }
    }

    /// From one line to the next.
    pub fn leading(self) -> f32 {
        self.size * 1.42
    }
}

/// A piece of text of one look.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Span {
    pub text: String,
    pub style: Style,
}

impl Span {
    /// A text as it can be shown.
    pub fn new(text: &str, style: Style) -> Span {
        Span { text: showable(text), style }
    }

    /// A sentence with commands in it.
    pub fn sentence(text: &str, style: Style) -> Vec<Span> {
        let face = |is_code| if is_code { style.in_face(Face::Mono) } else { style };
        crate::words::pieces(text).iter().map(|(text, is_code)| Span::new(text, face(*is_code))).collect()
    }
}

/// A line: pieces of text of one face each, one behind the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Line {
    pub runs: Vec<Span>,
    pub width: f32,
}

impl Line {
    fn push(&mut self, c: char, style: Style, width: f32) {
        let style = Style { face: style.face.that_has(c).unwrap_or(style.face), ..style };
        match self.runs.last_mut() {
            Some(last) if last.style == style => last.text.push(c),
            _ => self.runs.push(Span { text: c.to_string(), style }),
        }
        self.width += width;
    }
}

/// Spans in lines of a width. Lines end at spaces; what is longer than a line is broken where it must be, names behind a dot or a
/// hyphen if there is one. The space at which a line ends stays in it, so that words are apart for whoever reads the text.
pub(super) fn lines(spans: &[Span], width: f32) -> Vec<Line> {
    let (mut lines, mut line) = (Vec::new(), Line::default());
    for word in words(spans) {
        let long: f32 = word.iter().map(|(.., width)| width).sum();
        let space = word.last().filter(|(c, ..)| *c == ' ').map_or(0.0, |(.., width)| *width);
        if line.width > 0.0 && line.width + long - space > width {
            lines.push(std::mem::take(&mut line));
        }
        for (c, style, wide) in word {
            // Half a point of grace: sums of widths are not exact.
            if line.width > 0.0 && c != ' ' && line.width + wide > width + 0.5 {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c, style, wide);
        }
    }
    if !line.runs.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// A character, how it looks and how wide it is.
type Letter = (char, Style, f32);

/// What stays together if it can: words with the space behind them, and parts of long ones.
fn words(spans: &[Span]) -> Vec<Vec<Letter>> {
    const LONG: usize = 24;
    let (mut words, mut word): (Vec<Vec<Letter>>, Vec<Letter>) = (Vec::new(), Vec::new());
    let letters = spans.iter().flat_map(|span| span.text.chars().map(|c| (c, span.style)));
    for (c, style) in letters {
        word.push((c, style, style.face.width(c, style.size)));
        if c == ' ' || word.len() >= LONG && matches!(c, '.' | '-' | '/' | ':' | ',') {
            words.push(std::mem::take(&mut word));
        }
    }
    words.push(word);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        let style = Style { face: Face::Mono, size: 10.0, color: [0; 3] };
        let all = lines(&[Span::new(text, style)], width);
        assert!(all.iter().all(|line| line.width <= width + 0.5 + 6.1), "a space may stand over");
        let text = |line: &Line| line.runs.iter().map(|run| run.text.as_str()).collect::<String>();
        all.iter().map(text).collect()
    }

    #[test]
    fn lines_end_at_spaces_and_long_words_where_they_must() {
        // Ten characters of the monospaced face at ten points are 60 points wide.
        assert_eq!(texts("one two three", 62.0), ["one two ", "three"]);
        assert_eq!(texts("aaaaaaaaaaaaaaa", 62.0), ["aaaaaaaaaa", "aaaaa"]);
        assert_eq!(texts("", 62.0), [""]);
        let name = "a-very-long-label-indeed.of-a-zone.example.";
        assert_eq!(texts(name, 182.0), ["a-very-long-label-indeed.", "of-a-zone.example."]);
    }

    #[test]
    fn a_face_that_lacks_a_character_borrows_it() {
        let style = Style { face: Face::Regular, size: 10.0, color: [0; 3] };
        let all = lines(&[Span::new("a\u{202e}b", style)], 500.0);
        let faces: Vec<_> = all[0].runs.iter().map(|run| (run.text.as_str(), run.style.face)).collect();
        let expected = [
            ("a", Face::Regular),
            ("⟨", Face::Mono),
            ("U+202E", Face::Regular),
            ("⟩", Face::Mono),
            ("b", Face::Regular),
        ];
        assert_eq!(faces, expected);
    }
}
