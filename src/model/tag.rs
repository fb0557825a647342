//! The code on a device's label, and what somebody who scanned it reports.

use serde::{Deserialize, Serialize};

use super::{DeviceId, TicketId};

/// Characters of a code: none that is taken for another.
pub const TAG_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// 40 bits: with the limit on wrong ones, not to be guessed.
pub const TAG_LENGTH: usize = 8;

/// A code of random bytes.
pub fn tag_code(random: [u8; TAG_LENGTH]) -> String {
    random.iter().map(|b| char::from(TAG_LETTERS[usize::from(b % 32)])).collect()
}

/// As typed or scanned, in capitals; `None`: no code looks like that.
pub fn tag_typed(text: &str) -> Option<String> {
    let code: String = text.trim().chars().filter(|c| *c != '-' && *c != ' ').collect::<String>().to_ascii_uppercase();
    (code.len() == TAG_LENGTH && code.bytes().all(|b| TAG_LETTERS.contains(&b))).then_some(code)
}

/// What is wrong, as the person at the device sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    NotPrinting,
    Quality,
    Jam,
    Other,
}

impl Fault {
    pub const ALL: [Fault; 4] = [Self::NotPrinting, Self::Quality, Self::Jam, Self::Other];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotPrinting => "not-printing",
            Self::Quality => "quality",
            Self::Jam => "jam",
            Self::Other => "other",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}

/// Reported by somebody without a login, at the device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultReport {
    pub device: DeviceId,
    /// In the language of the tickets: "Не печатает".
    pub title: String,
    pub text: String,
    /// Name, phone or room.
    pub reporter: String,
    /// The same fault as this open ticket of the device.
    pub ticket: Option<TicketId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = tag_code([0, 31, 32, 63, 9, 200, 255, 7]);
        assert_eq!(code.len(), TAG_LENGTH);
        assert_eq!(tag_typed(&code.to_lowercase()), Some(code.clone()));
        assert_eq!(tag_typed(&format!(" {}-{} ", &code[..4], &code[4..])), Some(code));
        for bad in ["", "ABC", "ABCDEFG0", "ABCDEFGO", "ABCDEFGI", "ЖЖЖЖЖЖЖЖ", "ABCDEFGHJ"] {
            assert_eq!(tag_typed(bad), None, "{bad}");
        }
    }
}
