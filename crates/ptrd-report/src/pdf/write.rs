//! Pages into a file: PDF 1.7 by PDF/UA-1, as far as krilla can see to it.

use super::face::Face;
use super::sheet::{Child, HEIGHT, Heading, INNER, MARGIN, Mark, Node, Note, Sheet, WIDTH};
use super::text::{Line, Span, Style, lines};
use super::{BadPdf, RULE, SOFT};
use crate::{Report, words};
use krilla::configure::{Accessibility, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagGroup, TagTree};
use krilla::{Document, SerializeSettings, color::rgb, destination::XyzDestination};

/// What stands at the foot of pages, and at the head of all but the first.
const SMALL: Style = Style { face: Face::Regular, size: 7.5, color: SOFT };

/// Writes the file.
pub(super) fn write(sheet: Sheet, report: &Report) -> Result<Vec<u8>, BadPdf> {
    let wrong = |why: String| BadPdf(why);
    let (mut pages, leaves, root, headings) = sheet.finish();
    let total = pages.len();
    for (nth, page) in pages.iter_mut().enumerate() {
        page.extend(around(report, nth, total));
    }
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| wrong(format!("{error:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| wrong("no such page".to_owned()))?;
    let mut identifiers: Vec<Option<Identifier>> = vec![None; leaves];
    for notes in &pages {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        notes.iter().for_each(|note| draw(&mut surface, note, &mut identifiers));
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    tree.push(group(root, &identifiers));
    document.set_tag_tree(tree);
    document.set_outline(outline(&headings));
    document.set_metadata(metadata(report));
    document.finish().map_err(|error| wrong(format!("{error:?}")))
}

fn metadata(report: &Report) -> Metadata {
    let metadata = Metadata::new()
        .title(super::face::showable(&report.title))
        .language("en".to_owned())
        .creator("ptrctl".to_owned())
        .description(super::face::showable(&report.headline));
    match jiff::Timestamp::from_millisecond(report.as_of) {
        Ok(at) => {
            let at = at.to_zoned(jiff::tz::TimeZone::UTC);
            let small = |n: i8| u8::try_from(n).unwrap_or_default();
            let year = u16::try_from(at.year()).unwrap_or_default();
            let date =
                DateTime::new(year).month(small(at.month())).day(small(at.day())).hour(small(at.hour()));
            let date = date.minute(small(at.minute())).second(small(at.second())).utc_offset_hour(0);
            metadata.creation_date(date.utc_offset_minute(0))
        }
        Err(_) => metadata,
    }
}

/// The lines that are on every page.
fn around(report: &Report, nth: usize, total: usize) -> Vec<Note> {
    let text = |x: f32, y: f32, line: Line| Note { mark: Mark::Text { x, y, line }, leaf: None };
    let one = |text: &str, width: f32| lines(&[Span::new(text, SMALL)], width).swap_remove(0);
    let foot = HEIGHT - 34.0;
    let rule = Mark::Ground { x: MARGIN, y: foot - 13.0, width: INNER, height: 0.5, color: RULE };
    let page = one(&format!("Page {} of {total}", nth + 1), INNER);
    let state = one(&format!("State of {}", words::moment(report.as_of)), INNER / 2.0);
    let mut notes = vec![
        Note { mark: rule, leaf: None },
        text(MARGIN, foot, state),
        text(MARGIN + INNER - page.width, foot, page),
    ];
    if nth > 0 {
        notes.push(text(MARGIN, 40.0, one(&report.title, INNER)));
    }
    notes
}

fn draw(surface: &mut Surface<'_>, note: &Note, identifiers: &mut [Option<Identifier>]) {
    let tag = match note.leaf {
        Some(_) => ContentTag::Span(SpanTag::empty()),
        None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other)),
    };
    let identifier = surface.start_tagged(tag);
    if let Some(place) = note.leaf.and_then(|leaf| identifiers.get_mut(leaf)) {
        *place = Some(identifier);
    }
    match &note.mark {
        Mark::Ground { x, y, width, height, color } => {
            let mut path = PathBuilder::new();
            if let Some(rectangle) = Rect::from_xywh(*x, *y, *width, *height) {
                path.push_rect(rectangle);
            }
            fill(surface, *color);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Mark::Text { x, y, line } => draw_line(surface, *x, *y, line),
    }
    surface.end_tagged();
}

fn draw_line(surface: &mut Surface<'_>, mut x: f32, y: f32, line: &Line) {
    for Span { text, style } in &line.runs {
        fill(surface, style.color);
        let glyphs = style.face.glyphs(text);
        surface.draw_glyphs(Point::from_xy(x, y), &glyphs, style.face.font(), text, style.size, false);
        x += glyphs.iter().map(|glyph| glyph.x_advance).sum::<f32>() * style.size;
    }
}

fn fill(surface: &mut Surface<'_>, [red, green, blue]: super::text::Color) {
    let paint = rgb::Color::new(red, green, blue).into();
    surface.set_fill(Some(Fill { paint, ..Fill::default() }));
}

/// The structure with what was drawn for it.
fn group(node: Node, identifiers: &[Option<Identifier>]) -> TagGroup {
    let mut group = TagGroup::new(node.kind);
    for child in node.children {
        match child {
            Child::Node(node) => group.push(self::group(node, identifiers)),
            Child::Leaf(leaf) => {
                if let Some(identifier) = identifiers.get(leaf).copied().flatten() {
                    group.push(identifier);
                }
            }
        }
    }
    group
}

/// The headings of the second level, with those below them.
fn outline(headings: &[Heading]) -> Outline {
    let node = |heading: &Heading| {
        let place = Point::from_xy(MARGIN, heading.y);
        OutlineNode::new(heading.text.clone(), XyzDestination::new(heading.page, place))
    };
    let mut outline = Outline::new();
    let mut open: Option<OutlineNode> = None;
    for heading in headings.iter().filter(|heading| heading.level > 1) {
        match &mut open {
            Some(parent) if heading.level > 2 => parent.push_child(node(heading)),
            _ => {
                if let Some(done) = open.replace(node(heading)) {
                    outline.push_child(done);
                }
            }
        }
    }
    if let Some(last) = open {
        outline.push_child(last);
    }
    outline
}
