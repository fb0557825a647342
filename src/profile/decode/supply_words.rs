//! What a supply's description says: kind, colour, part number, serial. The words and patterns are data
//! (`mibs/words.toml`); here is only how they are applied.

use crate::profile::pattern::Pattern;

use crate::model::SupplyKind;

/// Loaded word lists, in file order: the first that fits wins.
#[derive(Default)]
pub struct Words {
    pub kinds: Vec<(SupplyKind, Vec<String>)>,
    /// English colour and the words for it.
    pub colors: Vec<(String, Vec<String>)>,
    /// A group `color` names a colour by its letter: k, c, m, y.
    pub color_codes: Vec<Pattern>,
    pub part_numbers: Vec<Pattern>,
    pub serials: Vec<Pattern>,
    /// Cut out of the description once part number and serial are taken.
    pub noise: Vec<Pattern>,
}

impl Words {
    pub fn kind(&self, description: &str) -> Option<SupplyKind> {
        let text = description.to_lowercase();
        self.kinds.iter().find(|(_, words)| words.iter().any(|w| says(&text, w))).map(|(kind, _)| *kind)
    }

    pub fn color(&self, description: &str) -> Option<String> {
        let text = description.to_lowercase();
        let named = self.colors.iter().find(|(_, words)| words.iter().any(|w| says(&text, w))).map(|(c, _)| c.clone());
        named.or_else(|| {
            let code = self.color_codes.iter().find_map(|p| p.captures(description)?.name("color"))?;
            let color = match code.as_str().to_ascii_lowercase().as_str() {
                "k" | "bk" => "black",
                "c" => "cyan",
                "m" => "magenta",
                "y" => "yellow",
                _ => return None,
            };
            Some(color.to_owned())
        })
    }

    pub fn part_number(&self, description: &str) -> Option<String> {
        first_group(&self.part_numbers, description)
    }

    pub fn serial(&self, description: &str) -> Option<String> {
        first_group(&self.serials, description)
    }

    /// The description without the numbers that now have their own fields.
    pub fn plain(&self, description: &str) -> String {
        let mut text = description.to_owned();
        for pattern in &self.noise {
            text = pattern.replace_all(&text, "").into_owned();
        }
        let text = text.trim().trim_end_matches([',', ';', ':', '-']).trim();
        if text.is_empty() { description.to_owned() } else { text.to_owned() }
    }
}

fn first_group(patterns: &[Pattern], text: &str) -> Option<String> {
    patterns.iter().find_map(|p| {
        let found = p.captures(text)?;
        let value = found.get(1).or_else(|| found.get(0))?.as_str().trim().to_owned();
        (value.chars().any(|c| c.is_ascii_digit()) && !value.eq_ignore_ascii_case("unknown")).then_some(value)
    })
}

/// Long words anywhere (German and Russian join and bend them), short Latin ones only whole.
fn says(text: &str, word: &str) -> bool {
    if word.len() >= 5 || !word.is_ascii() {
        return text.contains(word);
    }
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|h| h.chars().next_back());
        let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}
