//! One reading of one supply, as the device gave it, and what it says of the level.
//!
//! -3 is "some remains", -2 and -1 say nothing, a receptacle's level is the room left (RFC 3805,
//! prtMarkerSuppliesLevel, prtMarkerSuppliesClass): all of them fall from full to spent.

use serde::{Deserialize, Serialize};

use crate::model::Millis;

/// prtMarkerSuppliesSupplyUnit, as far as it changes what a level means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// percent(19)
    Percent,
    /// impressions(7), sheets(8): the capacity is a rated yield.
    Impressions,
    #[default]
    Other,
}

/// What an alert or a detected error says of the supply (prtAlertCode, hrPrinterDetectedErrorState).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alert {
    /// Almost empty; of a receptacle: almost full.
    Low,
    /// Empty; of a receptacle: full.
    Empty,
    /// Cartridge missing, subunit removed, cover open: somebody is at it.
    Touched,
}

/// One reading.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Sample {
    pub at: Millis,
    /// Raw prtMarkerSuppliesLevel.
    pub level: Option<f64>,
    /// Raw prtMarkerSuppliesMaxCapacity.
    pub capacity: Option<f64>,
    pub unit: Unit,
    /// The device's page counter that this supply follows, impressions.
    pub pages: Option<f64>,
    pub alert: Option<Alert>,
    /// Serial of the supply itself.
    pub serial: Option<String>,
    /// Serial of the device, or its base MAC.
    pub board: Option<String>,
    /// Impressions a full one is rated for.
    pub rated_yield: Option<f64>,
}

/// A level in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Word {
    /// -3, and nothing says low.
    Some,
    Low,
    Empty,
}

/// What a reading says: a number, a word, both, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Look {
    /// Remaining fraction, 0 to 1, as reported.
    pub number: Option<f64>,
    pub word: Option<Word>,
    /// -2: unknown.
    pub unknown: bool,
}

impl Sample {
    pub fn look(&self) -> Look {
        let word = match self.alert {
            Some(Alert::Empty) => Some(Word::Empty),
            Some(Alert::Low) => Some(Word::Low),
            _ => None,
        };
        match self.level.filter(|l| l.is_finite()) {
            Some(level) if level >= 0.0 => Look { number: self.fraction(level), word, unknown: false },
            Some(-3.0) => Look { word: word.or(Some(Word::Some)), ..Look::default() },
            Some(-2.0) => Look { word, unknown: true, ..Look::default() },
            // Ricoh's own "empty".
            Some(-100.0) => Look { word: Some(Word::Empty), ..Look::default() },
            _ => Look { word, ..Look::default() },
        }
    }

    fn fraction(&self, level: f64) -> Option<f64> {
        let whole = match self.capacity.filter(|c| c.is_finite() && *c > 0.0) {
            Some(capacity) => capacity,
            None if self.unit == Unit::Percent => 100.0,
            None => self.rated()?,
        };
        Some((level / whole).min(1.0))
    }

    /// Impressions a full one should give, when told or rated.
    pub fn rated(&self) -> Option<f64> {
        let told = self.capacity.filter(|c| self.unit == Unit::Impressions && *c >= 200.0);
        self.rated_yield.filter(|y| y.is_finite() && *y >= 1.0).or(told)
    }
}
