//! Work on tickets: files, links, and notes of what helps with a model.

use serde::{Deserialize, Serialize};

use super::TicketId;
use super::asset::words;

words! {
    /// What came of a step of a note.
    StepOutcome { Worked = "worked", No = "no", Other = "other" }
}

/// Bytes of one file.
pub const MOST_BYTES: usize = 10 << 20;
/// Files of one ticket.
pub const MOST_FILES: i64 = 50;

/// The type of a file by its bytes; `None`: not one that is taken. Nothing a browser would run is.
pub fn file_type(bytes: &[u8]) -> Option<&'static str> {
    const KNOWN: [(&[u8], &str); 7] = [
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"%PDF-", "application/pdf"),
        // Workbooks, documents, archives.
        (b"PK\x03\x04", "application/zip"),
        (b"PK\x05\x06", "application/zip"),
    ];
    if let Some((_, mime)) = KNOWN.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(mime);
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("image/webp");
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let plain = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
    (plain && !bytes.is_empty()).then_some("text/plain; charset=utf-8")
}

/// What helps with a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeNote {
    pub title: String,
    /// Maker; empty: any.
    #[serde(default)]
    pub vendor: String,
    /// Model, `*` at its end matches the rest; empty: any.
    #[serde(default)]
    pub model: String,
    /// Actions in their order, one a line.
    pub body: String,
}

impl KnowledgeNote {
    pub fn fits(&self, vendor: &str, model: &str) -> bool {
        let (vendor, model) = (vendor.to_lowercase(), model.to_lowercase());
        let wanted = self.model.to_lowercase();
        let is_model = match wanted.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => wanted.is_empty() || wanted == model,
        };
        is_model && (self.vendor.is_empty() || self.vendor.to_lowercase() == vendor)
    }
    pub fn steps(&self) -> Vec<&str> {
        self.body.lines().map(str::trim).filter(|l| !l.is_empty()).collect()
    }
}

/// What people do at the desk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum DeskChange {
    Attach {
        ticket: TicketId,
        name: String,
        /// Never written down with the command.
        #[serde(skip)]
        bytes: Vec<u8>,
    },
    RemoveFile {
        ticket: TicketId,
        file: i64,
    },
    /// Two that have to do with each other.
    Link {
        ticket: TicketId,
        other: TicketId,
    },
    Unlink {
        ticket: TicketId,
        other: TicketId,
    },
    SaveNote {
        id: Option<i64>,
        note: KnowledgeNote,
    },
    RemoveNote {
        id: i64,
    },
    /// What came of a step; `None`: nothing was done yet.
    Step {
        ticket: TicketId,
        note: i64,
        step: i64,
        outcome: Option<StepOutcome>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_tell_what_a_file_is() {
        assert_eq!(file_type(b"\x89PNG\r\n\x1a\n...."), Some("image/png"));
        assert_eq!(file_type(b"RIFF\0\0\0\0WEBPVP8 "), Some("image/webp"));
        assert_eq!(file_type("Ошибка C6000\r\n".as_bytes()), Some("text/plain; charset=utf-8"));
        // A page or a script comes as text, and is shown as text.
        assert_eq!(file_type(b"<script>alert(1)</script>"), Some("text/plain; charset=utf-8"));
        for bad in [&b""[..], b"MZ\x90\0", b"\x7fELF", &[0xff, 0xfe, 0]] {
            assert_eq!(file_type(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn damaged_bytes_are_no_panic() {
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..2_000 {
            let mut bytes: Vec<u8> = b"RIFF1234WEBP\x89PNG\r\n%PDF-PK\x03\x04".to_vec();
            let (at, cut) = (next() as usize % bytes.len(), next() as usize % bytes.len());
            bytes[at] = next() as u8;
            file_type(&bytes[cut..]);
        }
    }

    #[test]
    fn notes_fit_models_and_have_steps() {
        let note = |vendor: &str, model: &str| KnowledgeNote {
            title: "Замятие".into(),
            vendor: vendor.into(),
            model: model.into(),
            body: " Открыть крышку \n\nВынуть лист".into(),
        };
        assert!(note("Kyocera", "ecosys m20*").fits("kyocera", "ECOSYS M2040dn"));
        assert!(note("", "").fits("", "") && note("hp", "").fits("HP", "x"));
        assert!(!note("hp", "").fits("kyocera", "x") && !note("", "m20").fits("x", "m2040"));
        assert_eq!(note("", "").steps(), ["Открыть крышку", "Вынуть лист"]);
    }
}
