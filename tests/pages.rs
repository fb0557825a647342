//! Every page drawn from its samples in both languages: markup, words, weight, no text outside the catalogue.

use std::collections::BTreeSet;
use std::path::Path;

use anykey::i18n::Lang;
use anykey::web::pages::{Sample, samples};

fn pages(lang: Lang) -> Vec<Sample> {
    samples(lang).into_iter().map(|s| s.unwrap_or_else(|e| panic!("{e}"))).collect()
}

/// One tag of a page: name, attributes as written, whether it closes.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    closing: bool,
    empty: bool,
}

const VOID: [&str; 8] = ["meta", "link", "input", "br", "hr", "img", "source", "wbr"];

/// Splits markup into tags, honouring quotes; panics with the place on a tag that never ends.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start..];
        if rest.starts_with("<!--") || rest.starts_with("<!") {
            rest = &rest[rest.find('>').expect("a declaration ends") + 1..];
            continue;
        }
        let mut quote = None;
        let end = rest
            .char_indices()
            .find(|(_, c)| match (quote, c) {
                (None, '"') => {
                    quote = Some('"');
                    false
                }
                (Some('"'), '"') => {
                    quote = None;
                    false
                }
                (None, '>') => true,
                _ => false,
            })
            .map(|(i, _)| i)
            .unwrap_or_else(|| panic!("a tag never ends: {}", &rest[..rest.len().min(80)]));
        let inside = &rest[1..end];
        let closing = inside.starts_with('/');
        let empty = inside.ends_with('/');
        let inside = inside.trim_start_matches('/').trim_end_matches('/');
        let (name, attributes) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
        found.push(Tag { name, attributes, closing, empty });
        rest = &rest[end + 1..];
    }
    found
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let from = attributes.find(&format!("{name}=\""))?;
    let value = &attributes[from + name.len() + 2..];
    value.split('"').next()
}

#[test]
fn markup_is_balanced_and_ids_are_unique() {
    for lang in Lang::ALL {
        for page in pages(lang) {
            let mut open: Vec<&str> = Vec::new();
            let mut ids = BTreeSet::new();
            for tag in tags(&page.html) {
                if tag.closing {
                    assert_eq!(open.pop(), Some(tag.name), "{} ({}): </{}>", page.name, lang.code(), tag.name);
                } else if !tag.empty && !VOID.contains(&tag.name) {
                    open.push(tag.name);
                }
                let id = tag.attributes.split_whitespace().find_map(|a| a.strip_prefix("id=\""));
                if let Some(id) = id {
                    assert!(ids.insert(id.to_owned()), "{}: id {id} twice", page.name);
                }
            }
            assert!(open.is_empty(), "{}: never closed: {open:?}", page.name);
            assert!(page.html.starts_with("<!doctype html>"), "{}", page.name);
            assert!(page.html.contains(&format!("<html lang=\"{}\"", lang.code())) || page.name.starts_with("error"));
        }
    }
}

#[test]
fn nothing_the_content_policy_would_refuse() {
    for page in pages(Lang::Ru) {
        for tag in tags(&page.html) {
            let has = |name: &str| tag.attributes.split_whitespace().any(|a| a.starts_with(name));
            assert!(!has("style="), "{}: <{}> has an inline style", page.name, tag.name);
            assert!(!has("on") || !tag.attributes.contains(" on"), "{}: <{}> has a handler", page.name, tag.name);
            assert!(tag.name != "style", "{}: a style element", page.name);
            if tag.name == "script" && !tag.closing {
                assert!(has("src=\"/static/"), "{}: a script of its own", page.name);
            }
            for name in ["href", "src", "action"] {
                if let Some(url) = attribute(tag.attributes, name) {
                    let ours = url.starts_with('/') || url.starts_with('#') || url.starts_with('?');
                    assert!(ours, "{}: <{} {name}={url}> leads outside", page.name, tag.name);
                }
            }
        }
    }
}

#[test]
fn every_word_is_in_the_catalogue() {
    for lang in Lang::ALL {
        for page in pages(lang) {
            let missing: Vec<&str> = page.html.split('⟦').skip(1).filter_map(|r| r.split('⟧').next()).collect();
            assert!(missing.is_empty(), "{} ({}): {missing:?}", page.name, lang.code());
            let unfilled = page.html.find("{$").or(page.html.find("{ $"));
            let around = unfilled.map(|at| page.html[at..].chars().take(40).collect::<String>());
            assert_eq!(around, None, "{}: an unfilled message", page.name);
        }
    }
}

/// Letters of a template outside tags and expressions: text that is not in the catalogue.
fn loose_text(template: &str) -> Vec<String> {
    let mut plain = String::new();
    let mut rest = template;
    // Expressions first: they may stand inside tags.
    while let Some(start) = rest.find(['{']) {
        let (before, from) = rest.split_at(start);
        plain.push_str(before);
        let close = match from.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                plain.push('{');
                rest = &from[1..];
                continue;
            }
        };
        let end = from.find(close).unwrap_or(from.len() - 2) + 2;
        rest = &from[end..];
    }
    plain.push_str(rest);
    let mut found = Vec::new();
    let mut text = String::new();
    let (mut in_tag, mut quoted) = (false, false);
    for c in plain.chars().chain("<".chars()) {
        match (in_tag, c) {
            (false, '<') => {
                let words = text.replace("&nbsp;", " ");
                if words.chars().any(char::is_alphabetic) {
                    found.push(words.trim().to_owned());
                }
                text.clear();
                in_tag = true;
            }
            (true, '"') => quoted = !quoted,
            (true, '>') if !quoted => in_tag = false,
            (false, c) => text.push(c),
            _ => {}
        }
    }
    found
}

#[test]
fn templates_hold_no_text() {
    // Names that are the same in every language.
    let known = ["Anykey", "· Anykey", "CSV", "XLSX", "SVG", "draw.io", "Ctrl", "K", "g", "j", "k", "Enter"];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards/templates");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        seen += 1;
        for words in loose_text(&text) {
            if !known.contains(&words.as_str()) {
                wrong.push(format!("{}: {words:?}", entry.file_name().to_string_lossy()));
            }
        }
        for name in ["title", "placeholder", "aria-label", "alt"] {
            for (at, _) in text.match_indices(&format!(" {name}=\"")) {
                let value = &text[at + name.len() + 3..];
                assert!(value.starts_with("{{"), "{:?}: {name} is not a message: {}", entry.file_name(), &value[..30]);
            }
        }
    }
    assert!(seen >= 4);
    assert!(wrong.is_empty(), "text outside the catalogue:\n{}", wrong.join("\n"));
    assert_eq!(loose_text("<a title=\"{{ x }}\">Hello {{ y }}</a>"), ["Hello"]);
}
