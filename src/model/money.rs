//! Money in minor units (kopecks, cents); VAT half-up per line (`domain/workflows.md` 4.2).

use serde::{Deserialize, Serialize};

/// An amount in minor units of some currency held beside it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default, utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Minor(pub i64);

impl Minor {
    pub fn times(self, quantity: i64) -> Minor {
        Minor(self.0.saturating_mul(quantity))
    }
    /// VAT on a net amount, rounded half-up.
    pub fn vat(self, rate_percent: i64) -> Minor {
        Minor((self.0 * rate_percent + 50).div_euclid(100))
    }
    pub fn plus(self, other: Minor) -> Minor {
        Minor(self.0.saturating_add(other.0))
    }
}
