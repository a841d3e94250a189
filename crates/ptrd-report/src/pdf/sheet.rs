//! Pages as they are filled from top to bottom, and the structure of what is on them.
//!
//! What is drawn is noted and written at the end, when it is known how many pages there are. Each note belongs to a leaf of the
//! structure, or to none: rules, grounds, and what is repeated on each page, which nobody wants to be read out.

use super::face::Face;
use super::text::{Color, Line, Span, Style, lines};
use krilla::tagging::TagKind;

/// A4, in points.
pub(super) const WIDTH: f32 = 595.28;
/// The same.
pub(super) const HEIGHT: f32 = 841.89;
/// Left and right.
pub(super) const MARGIN: f32 = 50.0;
/// Where text begins.
const TOP: f32 = 62.0;
/// Where it ends.
const BOTTOM: f32 = HEIGHT - 58.0;
/// The width of text.
pub(super) const INNER: f32 = WIDTH - 2.0 * MARGIN;

/// Something drawn.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    /// A line of text, by its baseline.
    Text { x: f32, y: f32, line: Line },
    /// A filled rectangle.
    Ground { x: f32, y: f32, width: f32, height: f32, color: Color },
}

/// Something drawn, and the leaf of the structure that it is.
#[derive(Clone, Debug)]
pub(super) struct Note {
    pub mark: Mark,
    pub leaf: Option<usize>,
}

/// A part of the structure.
pub(super) struct Node {
    pub kind: TagKind,
    pub children: Vec<Child>,
}

/// What a part has.
pub(super) enum Child {
    Node(Node),
    Leaf(usize),
}

impl Node {
    /// One without children yet.
    pub fn new(kind: impl Into<TagKind>) -> Node {
        Node { kind: kind.into(), children: Vec::new() }
    }
}

/// A heading, for the outline.
pub(super) struct Heading {
    pub level: u16,
    pub text: String,
    pub page: usize,
    pub y: f32,
}

/// See the module.
pub(super) struct Sheet {
    pub pages: Vec<Vec<Note>>,
    /// How many leaves there are.
    pub leaves: usize,
    /// The parts that are open, the outermost first.
    open: Vec<Node>,
    pub headings: Vec<Heading>,
    y: f32,
}

impl Sheet {
    /// An empty first page.
    pub fn new(root: Node) -> Sheet {
        Sheet { pages: vec![Vec::new()], leaves: 0, open: vec![root], headings: Vec::new(), y: TOP }
    }

    /// The whole structure.
    pub fn finish(mut self) -> (Vec<Vec<Note>>, usize, Node, Vec<Heading>) {
        while self.open.len() > 1 {
            self.close();
        }
        let root = self.open.pop().expect("what a sheet begins with");
        (self.pages, self.leaves, root, self.headings)
    }

    /// Begins a part of the structure.
    pub fn begin(&mut self, kind: impl Into<TagKind>) {
        self.open.push(Node::new(kind));
    }

    /// Ends it. One without anything in it is none.
    pub fn close(&mut self) {
        if let Some(node) = self.open.pop()
            && let Some(parent) = self.open.last_mut()
            && !node.children.is_empty()
        {
            parent.children.push(Child::Node(node));
        }
    }

    /// A leaf of the part that is open.
    fn leaf(&mut self) -> usize {
        let leaf = self.leaves;
        self.leaves += 1;
        if let Some(parent) = self.open.last_mut() {
            parent.children.push(Child::Leaf(leaf));
        }
        leaf
    }

    fn note(&mut self, mark: Mark, leaf: Option<usize>) {
        if let Some(page) = self.pages.last_mut() {
            page.push(Note { mark, leaf });
        }
    }

    /// Where the next thing comes.
    pub fn y(&self) -> f32 {
        self.y
    }

    /// Leaves room, but not at the top of a page.
    pub fn skip(&mut self, points: f32) {
        if self.y > TOP {
            self.y += points;
        }
    }

    /// Goes on below something that was placed by hand.
    pub fn advance(&mut self, points: f32) {
        self.y += points;
    }

    /// Whether so much has room on this page.
    pub fn has_room(&self, points: f32) -> bool {
        self.y + points <= BOTTOM
    }

    /// Begins another page unless so much has room on this one. Whether it did.
    pub fn make_room(&mut self, points: f32) -> bool {
        let is_new = !self.has_room(points) && self.y > TOP;
        if is_new {
            self.pages.push(Vec::new());
            self.y = TOP;
        }
        is_new
    }

    /// Fills a rectangle.
    pub fn ground(&mut self, x: f32, y: f32, (width, height): (f32, f32), color: Color) {
        self.note(Mark::Ground { x, y, width, height, color }, None);
    }

    /// A line of text at a place, as part of what is open.
    pub fn text(&mut self, x: f32, y: f32, line: Line) {
        let leaf = self.leaf();
        self.note(Mark::Text { x, y, line }, Some(leaf));
    }

    /// The same, as decoration.
    pub fn decoration(&mut self, x: f32, y: f32, line: Line) {
        self.note(Mark::Text { x, y, line }, None);
    }

    /// Lines below each other from here on, over as many pages as it takes.
    pub fn flow(&mut self, x: f32, spans: &[Span], width: f32) {
        let leading = spans.first().map_or(0.0, |span| span.style.leading());
        for line in lines(spans, width) {
            self.make_room(leading);
            let size = leading / 1.42;
            self.text(x, self.y + size, line);
            self.y += leading;
        }
    }

    /// A paragraph.
    pub fn paragraph(&mut self, spans: &[Span]) {
        self.begin(krilla::tagging::Tag::P);
        self.flow(MARGIN, spans, INNER);
        self.close();
        self.skip(4.0);
    }

    /// A heading, with room for the beginning of what comes behind it.
    pub fn heading(&mut self, level: u16, text: &str, style: Style) {
        const BEHIND: f32 = 96.0;
        let before = if level <= 2 { 18.0 } else { 10.0 };
        self.skip(before);
        self.make_room(style.leading() + BEHIND);
        let span = Span::new(text, Style { face: Face::Bold, ..style });
        let page = self.pages.len() - 1;
        self.headings.push(Heading { level, text: span.text.clone(), page, y: self.y });
        let number = std::num::NonZeroU16::new(level).unwrap_or(std::num::NonZeroU16::MIN);
        self.begin(krilla::tagging::Tag::Hn(number, Some(span.text.clone())));
        self.flow(MARGIN, &[span], INNER);
        self.close();
        self.skip(4.0);
    }
}
