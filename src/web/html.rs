//! Small tools of markup: escaped text, finished markup as a type, query strings. Knows nothing of pages.

use std::fmt;

/// Finished markup: templates print it as it is. Only components make it, from escaped parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Html(pub String);

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Html {}

/// Text made safe for an element or a quoted attribute.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// An icon of the sprite; decoration only, the word stands beside it.
pub fn icon(name: &str) -> Html {
    Html(format!(
        r##"<svg class="icon i-{name}" aria-hidden="true" width="16" height="16"><use href="{}#{name}"/></svg>"##,
        super::static_files::url("icons.svg")
    ))
}

/// Percent-encoding of one component of a query or a path (RFC 3986).
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(byte as char),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Undoes `encode` and the "+" of forms; bad sequences stay as they are.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| bytes.get(i).and_then(|b| (*b as char).to_digit(16));
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            (b'+', ..) => out.push(b' '),
            (byte, ..) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The state of a page as it stands in its URL: ordered pairs, repeated names allowed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(Vec<(String, String)>);

impl Params {
    /// Reads the part after "?". Empty values are dropped: a form sends every field.
    pub fn parse(query: Option<&str>) -> Self {
        let pairs = query.unwrap_or("").split('&').filter_map(|pair| {
            let (name, value) = pair.split_once('=')?;
            let value = decode(value).trim().to_owned();
            (!value.is_empty()).then(|| (decode(name), value))
        });
        Params(pairs.collect())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|v| v == value)
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }

    pub fn without(&self, name: &str) -> Params {
        Params(self.0.iter().filter(|(n, _)| n != name).cloned().collect())
    }

    /// With exactly this value of that name.
    pub fn with(&self, name: &str, value: impl fmt::Display) -> Params {
        let mut p = self.without(name);
        p.0.push((name.to_owned(), value.to_string()));
        p
    }

    /// One value more or one less, the others of that name kept. Back to the first page.
    pub fn toggled(&self, name: &str, value: &str) -> Params {
        let mut p = self.without("page");
        match p.0.iter().position(|(n, v)| n == name && v == value) {
            Some(at) => drop(p.0.remove(at)),
            None => p.0.push((name.to_owned(), value.to_owned())),
        }
        p
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }

    /// "path?name=value", or the bare path.
    pub fn url(&self, path: &str) -> String {
        let query: Vec<String> = self.0.iter().map(|(n, v)| format!("{}={}", encode(n), encode(v))).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}

/// A path of ours to go back to; anything that could leave the site becomes "/".
pub fn local_path(path: &str) -> &str {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_lives_in_the_url() {
        let p = Params::parse(Some("q=%D0%BA%D0%B0%D0%B1.+214&kind=printer&kind=ups&page=3&empty="));
        assert_eq!(p.get("q"), Some("каб. 214"));
        assert!(p.has("kind", "ups") && !p.has("kind", "switch"));
        assert_eq!(p.number("page"), Some(3));
        assert_eq!(p.toggled("kind", "ups").without("q").url("/devices"), "/devices?kind=printer");
        assert_eq!(p.toggled("kind", "pdu").without("q").url("/d"), "/d?kind=printer&kind=ups&kind=pdu");
        assert_eq!(Params::parse(p.url("").strip_prefix('?')), p);
        assert_eq!(Params::parse(None).url("/x"), "/x");
    }

    #[test]
    fn broken_sequences_do_not_fail() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "\u{fffd}");
    }

    #[test]
    fn nobody_is_sent_elsewhere() {
        assert_eq!(local_path("/devices?q=1"), "/devices?q=1");
        for bad in ["https://example.org", "//example.org", "/\\example.org", "javascript:1", "/a\r\nb", ""] {
            assert_eq!(local_path(bad), "/");
        }
    }

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape(r#"<a href="x">'&'</a>"#), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
    }
}
