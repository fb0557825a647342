//! A path as a strip: boxes of what is passed, lines of cables between them, in SVG of our own, lying for a screen, standing
//! for a phone. The same bytes for the same path; the table beside it says the same in words.
//!
//! Colours are presentation attributes, so that the file stands alone; on a page the style sheet has the last word.

use std::fmt::Write;

use crate::model::{CableStatus, JackSide, PieceId, UnitKind};
use crate::topology::{Documented, Path, PathEnd, Step};
use crate::web::html::{Html, escape};
use crate::web::layout::Ui;

/// What is passed.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub kind: UnitKind,
    /// Its unit, by name.
    pub unit: String,
    pub jack: String,
    /// Where it is.
    pub place: String,
    pub href: String,
    pub jack_id: PieceId,
    /// The path was asked for from here.
    pub is_here: bool,
    /// Seen on the network: a word and whether it is good.
    pub state: Option<(String, bool)>,
}

/// A cable between two nodes, or after the last one into the air.
#[derive(Debug, Clone, PartialEq)]
pub struct Wire {
    pub label: String,
    /// "гориз. · Cat 6 · 38,5 м".
    pub about: String,
    pub status: CableStatus,
    pub id: PieceId,
}

/// A drawn path: nodes and the wires between them; `open` ends are said in words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Strip {
    pub nodes: Vec<Node>,
    /// One fewer than nodes, or as many where the last cable ends loose.
    pub wires: Vec<Wire>,
    /// A cable before the first node.
    pub before: Option<Wire>,
    pub ends: (String, String),
    pub summary: String,
}

/// The strip of a path in the reader's language.
pub fn strip(ui: &Ui, documented: &Documented, path: &Path, here: Option<PieceId>) -> Strip {
    let plan = &documented.plan;
    let mut strip = Strip::default();
    for step in &path.steps {
        match step {
            Step::Cable(id) => {
                let Some(cable) = plan.cables.get(id) else { continue };
                let wire = wire(ui, cable);
                if strip.nodes.is_empty() { strip.before = Some(wire) } else { strip.wires.push(wire) }
            }
            Step::Jack(id, _) => {
                // Both sides of a jack are one box; a splitter's two jacks are two.
                if strip.nodes.last().is_some_and(|n| n.jack_id == *id) {
                    continue;
                }
                if let Some(node) = node(documented, *id, here) {
                    let inside = strip.wires.len() < strip.nodes.len();
                    match strip.nodes.last_mut().filter(|_| inside) {
                        // Two jacks of one unit without a cable between them: a splitter.
                        Some(last) => {
                            last.jack = format!("{} ‖ {}", last.jack, node.jack);
                            last.is_here |= node.is_here;
                            last.jack_id = node.jack_id;
                        }
                        None => strip.nodes.push(node),
                    }
                }
            }
        }
    }
    let said = |end: PathEnd| match end {
        PathEnd::Active => String::new(),
        PathEnd::Open => ui.t("trace-end-open"),
        PathEnd::Loose => ui.t("trace-end-loose"),
        PathEnd::Loop => ui.t("trace-end-loop"),
    };
    strip.ends = (said(path.ends.0), said(path.ends.1));
    strip.summary = summary(ui, path);
    strip
}

fn node(documented: &Documented, id: PieceId, here: Option<PieceId>) -> Option<Node> {
    let plan = &documented.plan;
    let jack = plan.jacks.get(&id)?;
    let unit = plan.units.get(&jack.unit)?;
    let name = if unit.kind == UnitKind::Outlet { plan.jack_name(jack) } else { unit.label.clone() };
    Some(Node {
        kind: unit.kind,
        unit: name,
        jack: if unit.kind == UnitKind::Outlet { String::new() } else { jack.label.clone() },
        place: plan.place_name(unit).unwrap_or("").to_owned(),
        href: format!("/cabling/jack/{id}"),
        jack_id: id,
        is_here: here == Some(id),
        state: None,
    })
}

/// "корд · синий · 2 м", in the reader's words.
pub fn about(ui: &Ui, cable: &crate::model::Cable) -> String {
    let mut said = vec![ui.word("cable-kind-", cable.kind.as_str())];
    said.extend(cable.category.as_ref().map(|c| format!("Cat {c}")));
    said.extend(cable.colour.as_ref().map(|c| ui.word("cord-colour-", c)));
    said.extend(cable.length_cm.map(|cm| length(ui, cm)));
    if cable.status != CableStatus::Connected {
        said.push(ui.word("cable-status-", cable.status.as_str()));
    }
    said.join(" · ")
}

fn wire(ui: &Ui, cable: &crate::model::Cable) -> Wire {
    Wire { label: cable.label.clone(), about: about(ui, cable), status: cable.status, id: cable.id }
}

pub fn length(ui: &Ui, cm: i64) -> String {
    ui.tv("metres", ui.decimal(cm as f64 / 100.0, usize::from(cm % 100 != 0)))
}

/// "4 пары · 40,5 м, не меньше · Cat 6".
fn summary(ui: &Ui, path: &Path) -> String {
    let mut said = Vec::new();
    if path.length_cm > 0 {
        let key = if path.length_is_whole { "trace-length" } else { "trace-length-at-least" };
        said.push(ui.tv(key, length(ui, path.length_cm)));
    }
    said.extend(path.category.as_ref().map(|c| ui.tv("trace-category", format!("Cat {c}"))));
    if path.lanes < 4 && path.steps.len() > 1 {
        said.push(ui.tn("trace-lanes", i64::from(path.lanes)));
    }
    if !path.is_active {
        said.push(ui.t("trace-not-active"));
    }
    said.join(" · ")
}

const BOX: i32 = 148;
const HEIGHT: i32 = 64;
const WIRE: i32 = 116;
const TOP: i32 = 34;

/// Cut to what fits into so many pixels.
fn fit(text: &str, pixels: i32) -> String {
    let most = usize::try_from(pixels / 7).unwrap_or(8).max(4);
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let cut: String = text.chars().take(most - 1).collect();
    format!("{}…", cut.trim_end())
}

fn stroke(status: CableStatus) -> (&'static str, &'static str) {
    match status {
        CableStatus::Connected => ("#1a1e22", ""),
        CableStatus::Faulty => ("#b8201a", r#" stroke-dasharray="2 4""#),
        _ => ("#58616b", r#" stroke-dasharray="7 4""#),
    }
}

fn text(out: &mut String, (x, y): (i32, i32), class: &str, size: i32, fill: &str, anchor: &str, words: &str) {
    let _ = write!(
        out,
        r#"<text class="{class}" x="{x}" y="{y}" font-size="{size}" fill="{fill}" text-anchor="{anchor}">{}</text>"#,
        escape(words)
    );
}

fn cell(out: &mut String, n: &Node, (x, y): (i32, i32), width: i32) {
    let radius = if n.kind.is_passive() { 2 } else { 10 };
    let border = if n.is_here { 3 } else { 1 };
    let title = [n.unit.as_str(), &n.jack, &n.place].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>();
    let _ = write!(
        out,
        r##"<a href="{}"><g class="s-node"><title>{}</title><rect class="s-box" x="{x}" y="{y}" width="{width}" height="{HEIGHT}" rx="{radius}" fill="#fff" stroke="#1a1e22" stroke-width="{border}"/>"##,
        escape(&n.href),
        escape(&title.join(", "))
    );
    let middle = x + width / 2;
    text(out, (middle, y + 19), "s-name", 13, "#1a1e22", "middle", &fit(&n.unit, (width - 8) * 7 / 9));
    text(out, (middle, y + 37), "s-port", 13, "#1a1e22", "middle", &fit(&n.jack, width - 8));
    let below = n.state.as_ref().map_or(n.place.as_str(), |(words, _)| words.as_str());
    text(out, (middle, y + 55), "s-place", 11, "#58616b", "middle", &fit(below, width));
    // The wall between the two sides of what only passes.
    if n.kind.is_passive() {
        let _ = write!(
            out,
            r##"<path class="s-line" d="M{middle} {}v6M{middle} {}v-6" stroke="#1a1e22"/>"##,
            y,
            y + HEIGHT
        );
    }
    out.push_str("</g></a>");
}

impl Strip {
    fn size(&self) -> usize {
        self.nodes.len() + usize::from(self.before.is_some())
    }

    /// Lying: for wide screens, print and the file.
    pub fn lying(&self, label: &str) -> Html {
        let count = i32::try_from(self.size()).unwrap_or(1);
        let loose = i32::from(self.wires.len() >= self.nodes.len() && !self.nodes.is_empty());
        let width = count * (BOX + WIRE) - WIRE + loose * WIRE + 4;
        let height = TOP + HEIGHT + 28;
        let mut out = open("strip lying", width.max(BOX), height, label);
        let mut x = 2;
        let line = |out: &mut String, x: i32, w: &Wire| {
            let (colour, dash) = stroke(w.status);
            let y = TOP + HEIGHT / 2;
            let _ = write!(
                out,
                r##"<g class="s-wire"><title>{}</title><path class="s-line" d="M{x} {y}h{WIRE}" stroke="{colour}" stroke-width="3"{dash}/>"##,
                escape(&format!("{} {}", w.label, w.about))
            );
            text(out, (x + WIRE / 2, y - 8), "s-cable", 12, "#1a1e22", "middle", &fit(&w.label, WIRE - 6));
            for (n, part) in broken(&w.about, WIRE - 6).iter().take(2).enumerate() {
                let down = y + 17 + 13 * i32::try_from(n).unwrap_or(0);
                text(out, (x + WIRE / 2, down), "s-about", 11, "#58616b", "middle", part);
            }
            out.push_str("</g>");
        };
        if let Some(w) = &self.before {
            line(&mut out, x, w);
            x += WIRE;
        }
        for (n, node) in self.nodes.iter().enumerate() {
            cell(&mut out, node, (x, TOP), BOX);
            x += BOX;
            if let Some(w) = self.wires.get(n) {
                line(&mut out, x, w);
                x += WIRE;
            }
        }
        ends(&mut out, &self.ends, width);
        out.push_str("</svg>");
        Html(out)
    }

    /// Standing: for phones.
    pub fn standing(&self, label: &str) -> Html {
        const WIDE: i32 = 300;
        const DOWN: i32 = 46;
        let count = i32::try_from(self.size()).unwrap_or(1);
        let loose = i32::from(self.wires.len() >= self.nodes.len() && !self.nodes.is_empty());
        let height = count * (HEIGHT + DOWN) - DOWN + loose * DOWN + 44;
        let mut out = open("strip standing", WIDE + 4, height, label);
        let mut y = 22;
        let line = |out: &mut String, y: i32, w: &Wire| {
            let (colour, dash) = stroke(w.status);
            let _ = write!(
                out,
                r##"<g class="s-wire"><title>{}</title><path class="s-line" d="M36 {y}v{DOWN}" stroke="{colour}" stroke-width="3"{dash}/>"##,
                escape(&format!("{} {}", w.label, w.about))
            );
            let first = if w.label.is_empty() { y + 27 } else { y + 35 };
            text(out, (50, y + 19), "s-cable", 12, "#1a1e22", "start", &fit(&w.label, 240));
            text(out, (50, first), "s-about", 11, "#58616b", "start", &fit(&w.about, 280));
            out.push_str("</g>");
        };
        text(&mut out, (2, 14), "s-about", 12, "#58616b", "start", &self.ends.0);
        if let Some(w) = &self.before {
            line(&mut out, y, w);
            y += DOWN;
        }
        for (n, node) in self.nodes.iter().enumerate() {
            cell(&mut out, node, (2, y), WIDE);
            y += HEIGHT;
            if let Some(w) = self.wires.get(n) {
                line(&mut out, y, w);
                y += DOWN;
            }
        }
        text(&mut out, (2, y + 16), "s-about", 12, "#58616b", "start", &self.ends.1);
        out.push_str("</svg>");
        Html(out)
    }
}

fn open(class: &str, width: i32, height: i32, label: &str) -> String {
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="{class}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" aria-label="{}" font-family="sans-serif">"#,
        escape(label)
    )
}

fn ends(out: &mut String, ends: &(String, String), width: i32) {
    text(out, (2, 16), "s-about", 12, "#58616b", "start", &ends.0);
    text(out, (width - 2, 16), "s-about", 12, "#58616b", "end", &ends.1);
}

/// At " · " into lines that fit.
fn broken(about: &str, pixels: i32) -> Vec<String> {
    let most = usize::try_from(pixels / 6).unwrap_or(12);
    let mut lines: Vec<String> = Vec::new();
    for part in about.split(" · ") {
        match lines.last_mut() {
            Some(line) if line.chars().count() + part.chars().count() + 3 <= most => {
                line.push_str(" · ");
                line.push_str(part);
            }
            _ => lines.push(part.chars().take(most).collect()),
        }
    }
    lines
}

/// What a side is called.
pub fn side_words(ui: &Ui, side: Option<JackSide>) -> String {
    side.map(|s| ui.word("side-", s.as_str())).unwrap_or_default()
}
