//! The level bar: filled to the low end of the interval, hatched to its high end, ticks at the gauge's own steps.
//! Never shows a number nobody measured: "some left" is hatched whole and says so in words.

use super::html::{Html, escape};
use crate::i18n::Locale;
use crate::model::LevelState;

/// What a bar needs of a supply.
#[derive(Debug, Clone, PartialEq)]
pub struct Level {
    pub state: LevelState,
    /// True remaining fraction (of a waste box: the room left), 0 to 1.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Lower-case English colour, as stored.
    pub color: Option<String>,
    /// The gauge tells only so many steps (a capacity of 4 is 25 % steps).
    pub steps: Option<u32>,
    pub receptacle: bool,
    /// Below its threshold.
    pub is_low: bool,
}

/// The words of a level are about this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// One number, or a narrow interval.
    Measured,
    /// An interval.
    Between,
    /// Something is left, nobody says how much.
    Some,
    /// Nothing is known.
    Nothing,
}

/// Narrower than this is one number to a reader.
const NARROW: f64 = 0.015;

impl Level {
    pub fn certainty(&self) -> Certainty {
        match (self.state, self.low, self.high) {
            (LevelState::SomeRemaining | LevelState::SomeSpaceLeft, low, high) => match (low, high) {
                (Some(l), Some(h)) if h - l < 0.9 => Certainty::Between,
                _ => Certainty::Some,
            },
            (LevelState::Known, Some(l), Some(h)) if h - l <= NARROW => Certainty::Measured,
            (LevelState::Known, Some(_), Some(_)) => Certainty::Between,
            _ => Certainty::Nothing,
        }
    }

    /// "C", "M", "Y", "K", or nothing for a part without a colour.
    pub fn letter(&self) -> &'static str {
        match self.color.as_deref() {
            Some("cyan") => "C",
            Some("magenta") => "M",
            Some("yellow") => "Y",
            Some("black") => "K",
            _ => "",
        }
    }

    pub fn colour_class(&self) -> &'static str {
        match self.letter() {
            "C" => "colour-cyan",
            "M" => "colour-magenta",
            "Y" => "colour-yellow",
            "K" => "colour-black",
            _ => "colour-other",
        }
    }

    /// "42 %", "15–25 %", "some left", "room left 30 %", "not told".
    pub fn words(&self, l: &Locale) -> String {
        let amount = match (self.certainty(), self.low, self.high) {
            (Certainty::Measured, Some(low), Some(high)) => l.percent((low + high) / 2.0),
            (Certainty::Between, Some(low), Some(high)) => {
                // The word joiner keeps "3–6%" on one line.
                format!("{}\u{2060}–\u{2060}{}", l.decimal(low * 100.0, 0), l.percent(high))
            }
            (Certainty::Some, ..) if self.receptacle => return l.t("level-some-room"),
            (Certainty::Some, ..) => return l.t("level-some"),
            _ if self.state == LevelState::NoRestriction => return l.t("level-no-restriction"),
            _ => return l.t("level-unknown"),
        };
        if self.receptacle { l.tv("level-room", amount) } else { amount }
    }

    /// The bar alone; its words are its name for assistive technology.
    pub fn bar(&self, l: &Locale) -> Html {
        let percent = |f: f64| format!("{:.1}%", f.clamp(0.0, 1.0) * 100.0);
        let mut parts = String::new();
        let (fill, maybe) = match (self.certainty(), self.low, self.high) {
            (Certainty::Measured, Some(low), Some(high)) => (Some((low + high) / 2.0), None),
            (Certainty::Between, Some(low), Some(high)) => (Some(low), Some((low, high))),
            (Certainty::Some, ..) => (None, Some((0.0, 1.0))),
            _ => (None, None),
        };
        if let Some(f) = fill.filter(|f| *f > 0.0) {
            parts.push_str(&format!(r#"<rect class="fill" width="{}" height="100%"/>"#, percent(f)));
        }
        if let Some((from, to)) = maybe {
            let (x, width) = (percent(from), percent(to - from));
            for class in ["maybe", "stripes"] {
                parts.push_str(&format!(r#"<rect class="{class}" x="{x}" width="{width}" height="100%"/>"#));
            }
        }
        if let Some(steps) = self.steps.filter(|s| (2..=20).contains(s)) {
            for i in 1..steps {
                let x = percent(f64::from(i) / f64::from(steps));
                parts.push_str(&format!(r#"<line class="tick" x1="{x}" x2="{x}" y1="0" y2="100%"/>"#));
            }
        }
        let none = if self.certainty() == Certainty::Nothing { " none" } else { "" };
        Html(format!(
            r#"<svg class="level {}{none}" role="img" aria-label="{}"><rect class="ground" width="100%" height="100%"/>{parts}</svg>"#,
            self.colour_class(),
            escape(&self.words(l)),
        ))
    }

    /// A small bar with its letter for a row of a list.
    pub fn mini(&self, l: &Locale) -> Html {
        let low = if self.is_low { " low" } else { "" };
        let words = self.words(l);
        let title = if self.is_low { format!("{words}, {}", l.t("level-low")) } else { words };
        Html(format!(
            r#"<span class="mini{low}" title="{}"><b>{}</b>{}</span>"#,
            escape(&title),
            self.letter(),
            self.bar(l)
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::model::Millis;

    fn level(state: LevelState, interval: Option<(f64, f64)>) -> Level {
        Level {
            state,
            low: interval.map(|i| i.0),
            high: interval.map(|i| i.1),
            color: Some("black".into()),
            steps: None,
            receptacle: false,
            is_low: false,
        }
    }
    fn en() -> Locale {
        Locale::new(Lang::En, "UTC", Millis(0))
    }

    #[test]
    fn a_number_only_where_one_was_measured() {
        assert_eq!(level(LevelState::Known, Some((0.42, 0.42))).words(&en()), "42%");
        assert_eq!(level(LevelState::Known, Some((0.15, 0.25))).words(&en()), "15\u{2060}–\u{2060}25%");
        for vague in [
            level(LevelState::SomeRemaining, Some((0.0, 1.0))),
            level(LevelState::Unknown, None),
            level(LevelState::NoRestriction, None),
            level(LevelState::LevelWithoutCapacity, None),
        ] {
            let (words, bar) = (vague.words(&en()), vague.bar(&en()).0);
            assert!(!words.contains(|c: char| c.is_ascii_digit()), "{words}");
            assert!(!bar.contains(r#"class="fill""#), "{bar}");
        }
    }

    #[test]
    fn filled_to_the_low_end_hatched_to_the_high_end() {
        let bar = level(LevelState::Known, Some((0.2, 0.5))).bar(&en()).0;
        assert!(bar.contains(r#"<rect class="fill" width="20.0%""#), "{bar}");
        assert!(bar.contains(r#"<rect class="stripes" x="20.0%" width="30.0%""#), "{bar}");
        let some = level(LevelState::SomeRemaining, Some((0.0, 1.0))).bar(&en()).0;
        assert!(some.contains(r#"<rect class="stripes" x="0.0%" width="100.0%""#), "{some}");
        assert!(!level(LevelState::Unknown, None).bar(&en()).0.contains("stripes"));
    }

    #[test]
    fn ticks_at_the_steps_of_the_gauge() {
        let quarter = Level { steps: Some(4), ..level(LevelState::Known, Some((0.5, 0.75))) };
        assert_eq!(quarter.bar(&en()).0.matches("<line").count(), 3);
        let fine = Level { steps: Some(100), ..quarter };
        assert_eq!(fine.bar(&en()).0.matches("<line").count(), 0);
    }

    #[test]
    fn a_waste_box_tells_the_room_left() {
        let waste = Level { receptacle: true, color: None, ..level(LevelState::Known, Some((0.3, 0.3))) };
        assert_eq!(waste.words(&en()), "room left 30%");
    }
}
