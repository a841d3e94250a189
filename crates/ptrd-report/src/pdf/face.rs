//! The typefaces, and how wide texts are in them. The fonts are in the program; whatever character they lack is shown by its
//! number, so no text comes out as boxes.

use krilla::text::{Font, GlyphId, KrillaGlyph};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};
use std::collections::HashMap;
use std::sync::LazyLock;

/// A typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Face {
    /// Running text.
    Regular,
    /// Headings, and what is to be seen first.
    Bold,
    /// Names of zones, commands, codes.
    Mono,
}

/// A font that was read.
struct Loaded {
    font: Font,
    /// The glyph of a character, and its width as a part of the size.
    glyphs: HashMap<char, (u32, f32)>,
}

static FONTS: LazyLock<[Loaded; 3]> = LazyLock::new(|| {
    [
        load(include_bytes!("../../fonts/inter-regular.otf")),
        load(include_bytes!("../../fonts/inter-semibold.otf")),
        load(include_bytes!("../../fonts/dejavu-sans-mono.ttf")),
    ]
});

fn load(octets: &'static [u8]) -> Loaded {
    let read = FontRef::new(octets).expect("a font of ours");
    let metrics = read.glyph_metrics(Size::unscaled(), LocationRef::default());
    let em = f32::from(read.metrics(Size::unscaled(), LocationRef::default()).units_per_em);
    let glyph = |(code, glyph): (u32, skrifa::GlyphId)| {
        let width = metrics.advance_width(glyph).unwrap_or(em) / em;
        Some((char::from_u32(code)?, (glyph.to_u32(), width)))
    };
    let glyphs = read.charmap().mappings().filter_map(glyph).collect();
    Loaded { font: Font::new(octets.into(), 0).expect("a font of ours"), glyphs }
}

impl Face {
    fn loaded(self) -> &'static Loaded {
        match self {
            Face::Regular => &FONTS[0],
            Face::Bold => &FONTS[1],
            Face::Mono => &FONTS[2],
        }
    }

    /// The font.
    pub fn font(self) -> Font {
        self.loaded().font.clone()
    }

    /// The face that has a character: this one, else the one that has most.
    pub fn that_has(self, c: char) -> Option<Face> {
        [self, Face::Mono].into_iter().find(|face| face.loaded().glyphs.contains_key(&c))
    }

    /// How wide a character is at a size, in this face or the one that has it.
    pub fn width(self, c: char, size: f32) -> f32 {
        let face = self.that_has(c).unwrap_or(self);
        face.loaded().glyphs.get(&c).map_or(0.0, |(_, width)| width * size)
    }

    /// The glyphs of a text that this face has.
    pub fn glyphs(self, text: &str) -> Vec<KrillaGlyph> {
        let glyph = |(at, c): (usize, char)| {
            let (id, width) = self.loaded().glyphs.get(&c).copied().unwrap_or_default();
            KrillaGlyph::new(GlyphId::new(id), width, 0.0, 0.0, 0.0, at..at + c.len_utf8(), None)
        };
        text.char_indices().map(glyph).collect()
    }
}

/// A text as it can be shown: on one line, what is hidden in it and what no font has by number.
pub(super) fn showable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in ptrd_escape::one_line(text).chars() {
        match Face::Regular.that_has(c) {
            Some(_) => out.push(c),
            None => out.push_str(&format!("⟨U+{:04X}⟩", u32::from(c))),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_font_has_is_shown_by_number() {
        assert_eq!(showable("mail ✓ ✗ “bücher” … – Ж"), "mail ✓ ✗ “bücher” … – Ж");
        assert_eq!(showable("a\u{202e}b\n漢"), "a⟨U+202E⟩b⟨U+000A⟩⟨U+6F22⟩");
    }

    #[test]
    fn widths_are_those_of_the_face() {
        assert_eq!(Face::Mono.width('i', 10.0), Face::Mono.width('W', 10.0));
        assert!(Face::Regular.width('i', 10.0) < Face::Regular.width('W', 10.0));
        assert_eq!(Face::Regular.that_has('⟨'), Some(Face::Mono));
        assert_eq!(Face::Regular.that_has('漢'), None);
    }
}
