//! The map as SVG: layered from the busiest device outwards, the same bytes for the same map.
//!
//! Stations are collapsed to a count, parallel members of an aggregate to one thick line. How sure a line is shows in its
//! strokes, not in colour, so that it survives grey print. A label that would lie on another is left to the line's `<title>`.
//! It decides nothing: what is joined is `infer`'s to say. Numbers are whole pixels at 100 %.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::map::{CloudKind, Link, Map, Source};

const HEIGHT: i32 = 48;
const GAP_X: i32 = 40;
const GAP_Y: i32 = 96;
const MARGIN: i32 = 24;
/// Nodes of one row; a wider layer goes on in the next.
const ROW: usize = 9;
/// Rounds of ordering by neighbours.
const SWEEPS: usize = 6;
/// Longest text of a node, in characters.
const LONGEST: usize = 28;
const SIZE: i32 = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Box {
    x: i32,
    y: i32,
    width: i32,
    height: i32,
}

impl Box {
    fn meets(&self, o: &Box) -> bool {
        self.x < o.x + o.width && o.x < self.x + self.width && self.y < o.y + o.height && o.y < self.y + self.height
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Device,
    Cloud,
    /// Heard of, not asked.
    External,
}

struct Node {
    shape: Shape,
    name: String,
    under: String,
    title: String,
    at: Box,
    href: Option<String>,
}

struct Edge {
    a: usize,
    b: usize,
    confidence: f64,
    blocked: bool,
    /// Cables of an aggregate.
    cables: usize,
    label: String,
    title: String,
}

/// Words and links of a picture in the reader's language.
pub struct Style<'a> {
    pub title: String,
    pub legend: String,
    /// What a device is called.
    pub name: &'a dyn Fn(&str) -> String,
    /// Where a device leads to.
    pub href: &'a dyn Fn(&str) -> Option<String>,
    pub stations: &'a dyn Fn(usize) -> String,
    pub cloud: &'a dyn Fn(CloudKind) -> String,
    /// Below a device, after its stations.
    pub under: &'a dyn Fn(&str) -> String,
}

/// The whole map, in English and by the keys of its devices.
pub fn svg(map: &Map) -> String {
    let style = Style {
        title: "Network map".to_owned(),
        legend: "solid: sure (0.9 and more)  ·  dashed: likely  ·  dotted: a guess  ·  grey: blocked by spanning tree"
            .to_owned(),
        name: &str::to_owned,
        href: &|_| None,
        stations: &stations,
        cloud: &|kind| {
            let words = match kind {
                CloudKind::UnmanagedSwitch => "unmanaged switch?",
                CloudKind::Wifi => "wireless",
                CloudKind::PhonePassthrough => "telephone",
                CloudKind::Hypervisor => "hypervisor",
            };
            words.to_owned()
        },
        under: &|_| String::new(),
    };
    picture(map, &style)
}

/// The map in the words of a style.
pub fn picture(map: &Map, style: &Style<'_>) -> String {
    let (mut nodes, edges) = graph(map, style);
    let (width, height) = place(&mut nodes, &edges);
    let mut out = String::new();
    let _ = write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="sans-serif" font-size="{SIZE}">"#
    );
    let counts = format!("{} devices, {} links, {} clouds", map.devices.len(), map.links.len(), map.clouds.len());
    let _ = write!(out, "<title>{}</title><desc>{counts}</desc>", escape(&style.title));
    let _ = write!(out, r##"<rect width="{width}" height="{height}" fill="#fff"/>"##);
    lines(&mut out, &nodes, &edges);
    for n in &nodes {
        node(&mut out, n);
    }
    legend(&mut out, height, &style.legend);
    out.push_str("</svg>\n");
    out
}

/// The same places as a drawing of draw.io (mxGraphModel), for those who go on by hand.
pub fn drawio(map: &Map, style: &Style<'_>) -> String {
    let (mut nodes, edges) = graph(map, style);
    place(&mut nodes, &edges);
    let mut out = String::from(
        r#"<mxfile><diagram name="Anykey"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>"#,
    );
    for (n, node) in nodes.iter().enumerate() {
        let shape = match node.shape {
            Shape::Device => "rounded=1;arcSize=8;fontStyle=1;",
            Shape::Cloud => "ellipse;shape=cloud;dashed=1;",
            Shape::External => "rounded=1;dashed=1;",
        };
        let value = if node.under.is_empty() { node.name.clone() } else { format!("{}\n{}", node.name, node.under) };
        let Box { x, y, width, height } = node.at;
        let _ = write!(
            out,
            r##"<mxCell id="n{n}" value="{}" style="{shape}whiteSpace=wrap;html=0;fillColor=#ffffff;" vertex="1" parent="1"><mxGeometry x="{x}" y="{y}" width="{width}" height="{height}" as="geometry"/></mxCell>"##,
            escape(&value).replace('\n', "&#10;")
        );
    }
    for (n, e) in edges.iter().enumerate() {
        let dash = if e.confidence < 0.9 || e.blocked { "dashed=1;" } else { "" };
        let width = if e.cables > 1 { 4 } else { 2 };
        let _ = write!(
            out,
            r#"<mxCell id="e{n}" value="{}" style="endArrow=none;strokeWidth={width};{dash}" edge="1" parent="1" source="n{}" target="n{}"><mxGeometry relative="1" as="geometry"/></mxCell>"#,
            escape(&e.label),
            e.a,
            e.b
        );
    }
    out.push_str("</root></mxGraphModel></diagram></mxfile>\n");
    out
}

/// Nodes by name, edges by their ends.
fn graph(map: &Map, style: &Style<'_>) -> (Vec<Node>, Vec<Edge>) {
    let mut nodes: Vec<Node> = Vec::new();
    let mut index: BTreeMap<&str, usize> = BTreeMap::new();
    let same: BTreeSet<&str> = map.same.iter().map(|s| s.0.as_str()).collect();
    let mut names: Vec<&str> = map.devices.iter().map(String::as_str).filter(|d| !same.contains(d)).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let hosts = map.hosts.iter().filter(|h| h.end.device == name && h.device.is_none()).count();
        let hosts = if hosts > 0 { (style.stations)(hosts) } else { String::new() };
        let more = (style.under)(name);
        let under = [hosts, more].into_iter().filter(|t| !t.is_empty()).collect::<Vec<_>>().join(" · ");
        index.insert(name, nodes.len());
        let called = (style.name)(name);
        nodes.push(Node { href: (style.href)(name), ..new(Shape::Device, &called, under, called.clone()) });
    }
    let mut edges = links(map, &index, style);
    for c in &map.clouds {
        let at = nodes.len();
        let kind = (style.cloud)(c.kind);
        let under = (style.stations)(c.macs.len());
        let title = format!("{kind}: {} ports, confidence {:.2}", c.ports.len(), c.confidence);
        nodes.push(new(Shape::Cloud, &kind, under, title));
        for p in &c.ports {
            let Some(&a) = index.get(p.device.as_str()) else { continue };
            let label = p.port.clone().unwrap_or_default();
            let title = format!("{} {label} – {kind}", (style.name)(&p.device));
            edges.push(Edge { a, b: at, confidence: c.confidence, blocked: false, cables: 1, label, title });
        }
    }
    let mut outside: BTreeMap<&str, usize> = BTreeMap::new();
    for x in map.externals.iter().filter(|x| !x.is_end_station && !x.name.is_empty()) {
        let Some(&a) = index.get(x.end.device.as_str()) else { continue };
        let b = *outside.entry(&x.name).or_insert_with(|| {
            let under = x.platform.clone().unwrap_or_default();
            nodes.push(new(Shape::External, &x.name, under, format!("{}: heard of, not asked", x.name)));
            nodes.len() - 1
        });
        let label = ports(x.end.port.as_deref(), x.port.as_deref());
        let title = format!("{} – {}: {label}", (style.name)(&x.end.device), x.name);
        edges.push(Edge { a, b, confidence: 0.75, blocked: false, cables: 1, label, title });
    }
    (nodes, edges)
}

fn stations(n: usize) -> String {
    if n == 1 { "1 station".to_owned() } else { format!("{n} stations") }
}

fn new(shape: Shape, name: &str, under: String, title: String) -> Node {
    let longest = name.chars().count().max(under.chars().count()).min(LONGEST) as i32;
    let at = Box { x: 0, y: 0, width: (longest * 8 + 24).max(96), height: HEIGHT };
    Node { shape, name: name.to_owned(), under, title, at, href: None }
}

/// Both ends, the aggregate, and the link's own number where there is none.
type Bundle<'a> = (usize, usize, Option<&'a (String, String)>, usize);

/// Members of one aggregate are one edge.
fn links(map: &Map, index: &BTreeMap<&str, usize>, style: &Style<'_>) -> Vec<Edge> {
    let mut groups: BTreeMap<Bundle<'_>, Vec<&Link>> = BTreeMap::new();
    for (n, l) in map.links.iter().enumerate() {
        let (Some(&a), Some(&b)) = (index.get(l.a.device.as_str()), index.get(l.b.device.as_str())) else { continue };
        let own = if l.aggregate.is_some() { 0 } else { n };
        groups.entry((a, b, l.aggregate.as_ref(), own)).or_default().push(l);
    }
    let mut edges = Vec::new();
    for ((a, b, aggregate, _), members) in groups {
        let first = members[0];
        let label = match aggregate {
            Some((x, y)) if members.len() > 1 => format!("{} ×{}", ports(Some(x), Some(y)), members.len()),
            _ => ports(first.a.port.as_deref(), first.b.port.as_deref()),
        };
        let evidence: Vec<String> = first
            .evidence
            .iter()
            .map(|e| format!("{}{}", word(e.source), if e.two_sided { " from both ends" } else { "" }))
            .collect();
        let title = format!(
            "{} – {}: {label}; confidence {:.2}; {}",
            (style.name)(&first.a.device),
            (style.name)(&first.b.device),
            first.confidence,
            evidence.join(", ")
        );
        let blocked = members.iter().all(|l| l.blocked);
        edges.push(Edge { a, b, confidence: first.confidence, blocked, cables: members.len(), label, title });
    }
    edges
}

fn word(source: Source) -> &'static str {
    match source {
        Source::Lldp => "LLDP",
        Source::Cdp => "CDP",
        Source::Neighbour => "neighbour protocol",
        Source::Lacp => "LACP",
        Source::Stp => "spanning tree",
        Source::Fdb => "forwarding tables",
    }
}

fn ports(a: Option<&str>, b: Option<&str>) -> String {
    format!("{} – {}", a.unwrap_or("?"), b.unwrap_or("?"))
}

/// Gives every node its place; the size of the picture.
fn place(nodes: &mut [Node], edges: &[Edge]) -> (i32, i32) {
    let mut near: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); nodes.len()];
    for e in edges.iter().filter(|e| e.a != e.b) {
        near[e.a].insert(e.b);
        near[e.b].insert(e.a);
    }
    let mut left = MARGIN;
    let mut bottom = MARGIN;
    for part in parts(&near) {
        let rows = order(layers(&part, &near), &near);
        let widths: Vec<i32> = nodes.iter().map(|n| n.at.width).collect();
        let row_width = |row: &[usize]| row.iter().map(|n| widths[*n] + GAP_X).sum::<i32>() - GAP_X;
        let width = rows.iter().map(|r| row_width(r)).max().unwrap_or(0);
        let mut y = MARGIN;
        for row in &rows {
            let mut x = left + (width - row_width(row)) / 2;
            for n in row {
                let at = &mut nodes[*n].at;
                (at.x, at.y) = (x, y);
                x += at.width + GAP_X;
            }
            y += HEIGHT + GAP_Y;
        }
        left += width + GAP_X;
        bottom = bottom.max(y - GAP_Y);
    }
    // The legend below has its own width.
    ((left - GAP_X + MARGIN).max(680), bottom + MARGIN + 32)
}

/// Connected parts: the largest first, single nodes last, then by number.
fn parts(near: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let mut seen = vec![false; near.len()];
    let mut parts = Vec::new();
    for start in 0..near.len() {
        if seen[start] {
            continue;
        }
        seen[start] = true;
        let mut part = vec![start];
        let mut at = 0;
        while at < part.len() {
            for &n in &near[part[at]] {
                if !std::mem::replace(&mut seen[n], true) {
                    part.push(n);
                }
            }
            at += 1;
        }
        part.sort_unstable();
        parts.push(part);
    }
    parts.sort_by_key(|p| (std::cmp::Reverse(p.len()), p[0]));
    parts
}

/// Distances from the busiest node, wide layers in several rows.
fn layers(part: &[usize], near: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    let Some(&root) = part.iter().max_by_key(|n| (near[**n].len(), std::cmp::Reverse(**n))) else { return Vec::new() };
    let mut rank: BTreeMap<usize, usize> = BTreeMap::from([(root, 0)]);
    let mut queue = std::collections::VecDeque::from([root]);
    let mut layers: Vec<Vec<usize>> = Vec::new();
    while let Some(n) = queue.pop_front() {
        let depth = rank[&n];
        if layers.len() <= depth {
            layers.push(Vec::new());
        }
        layers[depth].push(n);
        for &m in &near[n] {
            if let std::collections::btree_map::Entry::Vacant(free) = rank.entry(m) {
                free.insert(depth + 1);
                queue.push_back(m);
            }
        }
    }
    layers.into_iter().flat_map(|l| l.chunks(ROW).map(<[usize]>::to_vec).collect::<Vec<_>>()).collect()
}

/// Orders rows by the middle of their neighbours, there and back; what is equal keeps its order.
fn order(mut rows: Vec<Vec<usize>>, near: &[BTreeSet<usize>]) -> Vec<Vec<usize>> {
    for sweep in 0..SWEEPS {
        let places: BTreeMap<usize, (usize, usize, usize)> = rows
            .iter()
            .enumerate()
            .flat_map(|(r, row)| row.iter().enumerate().map(move |(i, n)| (*n, (r, i, row.len()))))
            .collect();
        let down = sweep % 2 == 0;
        for (r, row) in rows.iter_mut().enumerate() {
            let middle = |n: &usize| {
                let there: Vec<usize> = near[*n]
                    .iter()
                    .filter_map(|m| places.get(m))
                    .filter(|p| if down { p.0 < r } else { p.0 > r })
                    // In thousandths of the row, from its left.
                    .map(|p| (2 * p.1 + 1) * 1_000 / (2 * p.2))
                    .collect();
                if there.is_empty() {
                    places.get(n).map_or(500, |p| (2 * p.1 + 1) * 1_000 / (2 * p.2))
                } else {
                    there.iter().sum::<usize>() / there.len()
                }
            };
            row.sort_by_key(|n| (middle(n), places.get(n).map_or(0, |p| p.1)));
        }
    }
    rows
}

fn lines(out: &mut String, nodes: &[Node], edges: &[Edge]) {
    // Where on a node's side each of its lines starts: spread, in the order of the other ends.
    let mut ends: BTreeMap<(usize, bool), Vec<(i32, usize)>> = BTreeMap::new();
    let below = |from: &Node, to: &Node| to.at.y >= from.at.y;
    for (i, e) in edges.iter().enumerate().filter(|(_, e)| e.a != e.b) {
        let (a, b) = (&nodes[e.a], &nodes[e.b]);
        ends.entry((e.a, below(a, b))).or_default().push((b.at.x + b.at.width / 2, i));
        ends.entry((e.b, below(b, a))).or_default().push((a.at.x + a.at.width / 2, i));
    }
    for list in ends.values_mut() {
        list.sort_unstable();
    }
    let start = |n: usize, other: usize, edge: usize| {
        let side = below(&nodes[n], &nodes[other]);
        let list = &ends[&(n, side)];
        let place = list.iter().position(|(_, i)| *i == edge).unwrap_or(0) as i32;
        let at = &nodes[n].at;
        (at.x + at.width * (place + 1) / (list.len() as i32 + 1), if side { at.y + at.height } else { at.y })
    };
    let mut taken: Vec<Box> = nodes.iter().map(|n| n.at).collect();
    for (i, e) in edges.iter().enumerate().filter(|(_, e)| e.a != e.b) {
        let ((x1, y1), (x2, y2)) = (start(e.a, e.b, i), start(e.b, e.a, i));
        // Neighbours in one row are joined by a bow below it.
        let bow = if nodes[e.a].at.y == nodes[e.b].at.y { GAP_Y / 2 } else { 0 };
        let path = if bow > 0 {
            format!("M{x1} {y1}C{x1} {} {x2} {} {x2} {y2}", y1 + bow, y2 + bow)
        } else {
            format!("M{x1} {y1}L{x2} {y2}")
        };
        let dash = match (e.blocked, e.confidence) {
            (true, _) => r#" stroke-dasharray="10 6""#,
            (_, c) if c >= 0.9 => "",
            (_, c) if c >= 0.6 => r#" stroke-dasharray="7 4""#,
            _ => r#" stroke-dasharray="2 4""#,
        };
        let (colour, width) = (if e.blocked { "#999" } else { "#333" }, if e.cables > 1 { 4 } else { 2 });
        let _ = write!(
            out,
            r#"<g class="link" tabindex="0"><title>{}</title><path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"{dash}/>"#,
            escape(&e.title)
        );
        let long = e.label.chars().count() as i32 * 7 + 8;
        for at in [50, 35, 65, 25, 75, 15, 85] {
            let (x, y) = (x1 + (x2 - x1) * at / 100, y1 + (y2 - y1) * at / 100 + bow * 3 / 4);
            let own = Box { x: x - long / 2, y: y - 8, width: long, height: 16 };
            if e.label.is_empty() || taken.iter().any(|t| t.meets(&own)) {
                continue;
            }
            let _ = write!(
                out,
                r##"<rect x="{}" y="{}" width="{}" height="16" fill="#fff"/><text x="{x}" y="{}" text-anchor="middle" font-size="11">{}</text>"##,
                own.x,
                own.y,
                own.width,
                y + 4,
                escape(&e.label)
            );
            taken.push(own);
            break;
        }
        out.push_str("</g>");
    }
}

fn node(out: &mut String, n: &Node) {
    let (radius, stroke, dash) = match n.shape {
        Shape::Device => (4, "#000", ""),
        Shape::Cloud => (HEIGHT / 2, "#333", r#" stroke-dasharray="7 4""#),
        Shape::External => (4, "#777", r#" stroke-dasharray="2 3""#),
    };
    let Box { x, y, width, height } = n.at;
    let middle = x + width / 2;
    if let Some(href) = &n.href {
        let _ = write!(out, r#"<a href="{}">"#, escape(href));
    }
    let _ = write!(
        out,
        r##"<g class="node" tabindex="0"><title>{}</title><rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" fill="#fff" stroke="{stroke}" stroke-width="2"{dash}/>"##,
        escape(&n.title)
    );
    let first = y + if n.under.is_empty() { height / 2 + 4 } else { 20 };
    let weight = if n.shape == Shape::Device { r#" font-weight="bold""# } else { "" };
    let _ = write!(
        out,
        r#"<text x="{middle}" y="{first}" text-anchor="middle"{weight}>{}</text>"#,
        escape(&short(&n.name))
    );
    if !n.under.is_empty() {
        let under = escape(&short(&n.under));
        let _ = write!(
            out,
            r##"<text x="{middle}" y="{}" text-anchor="middle" font-size="11" fill="#444">{under}</text>"##,
            y + 37
        );
    }
    out.push_str(if n.href.is_some() { "</g></a>" } else { "</g>" });
}

fn legend(out: &mut String, height: i32, words: &str) {
    let y = height - MARGIN;
    let words = escape(words);
    let _ = write!(out, r##"<text x="{MARGIN}" y="{y}" font-size="11" fill="#444">{words}</text>"##);
}

fn short(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut kept: String = text.chars().take(LONGEST - 1).collect();
    kept.push('…');
    kept
}

/// Text of devices is anybody's: control characters have no place in XML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::map::{Cloud, End, External};

    fn end(device: &str, port: &str) -> End {
        End { device: device.to_owned(), port: Some(port.to_owned()), if_index: None }
    }

    fn link(a: &str, b: &str, n: usize, aggregate: bool) -> Link {
        Link {
            a: end(a, &format!("Gi0/{n}")),
            b: end(b, &format!("Gi1/{n}")),
            confidence: if n.is_multiple_of(3) { 0.7 } else { 0.99 },
            evidence: Vec::new(),
            blocked: n.is_multiple_of(7),
            aggregate: aggregate.then(|| ("Po1".to_owned(), "Po2".to_owned())),
        }
    }

    /// A core, a row of access switches, more behind them, a ring, an aggregate, a cloud, a stranger.
    fn network(access: usize) -> Map {
        let mut map = Map { devices: vec!["core".to_owned()], ..Map::default() };
        for i in 0..access {
            let name = format!("access-{i:02}");
            map.links.push(link("core", &name, i, false));
            map.links.push(link(&name, &format!("behind-{i:02}"), i + 1, false));
            map.devices.extend([name, format!("behind-{i:02}")]);
        }
        map.links.extend([link("core", "access-00", 90, true), link("core", "access-00", 91, true)]);
        map.links.push(link("access-01", "access-02", 92, false));
        map.clouds.push(Cloud {
            ports: vec![end("access-00", "Gi0/5"), end("access-01", "Gi0/6")],
            macs: Vec::new(),
            externals: Vec::new(),
            kind: CloudKind::UnmanagedSwitch,
            confidence: 0.5,
            source: Source::Fdb,
        });
        map.externals.push(External {
            end: end("core", "Gi0/48"),
            name: "<provider & \"co\">\u{7}".to_owned(),
            port: None,
            platform: None,
            is_end_station: false,
        });
        map
    }

    #[test]
    fn the_same_map_is_the_same_picture() {
        let map = network(12);
        assert_eq!(svg(&map), svg(&map.clone()));
        let text = svg(&map);
        assert!(text.contains("&lt;provider &amp; &quot;co&quot;&gt;") && !text.contains('\u{7}'));
        assert_eq!(text.matches(r#"class="node""#).count(), 25 + 2);
        assert!(text.contains("×2") && text.contains(r#"stroke-width="4""#));
    }

    #[test]
    fn nothing_lies_on_anything() {
        for access in [3, 9, 14] {
            let text = svg(&network(access));
            let rects: Vec<Box> = text
                .split("<rect x=\"")
                .skip(1)
                .map(|part| {
                    let mut numbers = part.split('"').step_by(2).map(|n| n.parse().unwrap_or(0));
                    let mut next = || numbers.next().unwrap_or(0);
                    Box { x: next(), y: next(), width: next(), height: next() }
                })
                .collect();
            assert!(rects.len() > 2 * access, "{}", rects.len());
            for (i, a) in rects.iter().enumerate() {
                assert!(a.x >= 0 && a.y >= 0, "{a:?}");
                for b in &rects[i + 1..] {
                    assert!(!a.meets(b), "{access}: {a:?} on {b:?}");
                }
            }
        }
    }

    #[test]
    fn an_empty_map_is_a_picture_too() {
        let text = svg(&Map::default());
        assert!(text.starts_with("<svg") && text.ends_with("</svg>\n"), "{text}");
    }
}
