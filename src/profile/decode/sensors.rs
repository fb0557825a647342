//! Sensors: entPhySensorTable (RFC 3433) and Cisco's entSensorValueTable, which is the same with dBm.
//!
//! A value counts only while the sensor says it is well, and is brought to its unit by scale and precision.

use std::collections::BTreeMap;

use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::view::{View, int_of, text_of};

/// EntitySensorStatus ok(1).
const OK: i64 = 1;
/// EntitySensorDataType other(1): only its units display tells what it is.
const OTHER: i64 = 1;
/// Types that measure nothing: other, unknown, truthvalue, specialEnum.
const NO_MEASURE: [i64; 4] = [1, 2, 12, 13];
/// Cisco's own type; RFC 3433 has none for it.
pub const DBM: &str = "dBm";

/// A sensor's value in the unit of its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// celsius, voltsDC, amperes, watts, dBm, rpm, ...
    pub kind: String,
    pub value: f64,
}

struct Layout {
    kind: &'static [u32],
    scale: &'static [u32],
    precision: &'static [u32],
    value: &'static [u32],
    status: &'static [u32],
    names: &'static str,
}

const STANDARD: Layout = Layout {
    kind: oids::ENT_PHY_SENSOR_TYPE,
    scale: oids::ENT_PHY_SENSOR_SCALE,
    precision: oids::ENT_PHY_SENSOR_PRECISION,
    value: oids::ENT_PHY_SENSOR_VALUE,
    status: oids::ENT_PHY_SENSOR_OPER_STATUS,
    names: "entPhySensorType",
};
const CISCO: Layout = Layout {
    kind: oids::ENT_SENSOR_TYPE,
    scale: oids::ENT_SENSOR_SCALE,
    precision: oids::ENT_SENSOR_PRECISION,
    value: oids::ENT_SENSOR_VALUE,
    status: oids::ENT_SENSOR_STATUS,
    names: "entSensorType",
};

/// By entPhysicalIndex.
pub fn read(names: &Names, view: &View<'_>) -> BTreeMap<u32, Measure> {
    let mut out = BTreeMap::new();
    for layout in [STANDARD, CISCO] {
        for (index, value) in view.column(layout.value) {
            let ([entity], Some(raw)) = (index, int_of(value)) else { continue };
            let cell = |column: &[u32]| view.int(column, index);
            if cell(layout.status).is_some_and(|s| s != OK) {
                continue;
            }
            let kind = match cell(layout.kind) {
                Some(OTHER) if says_dbm(view, index) => DBM.to_owned(),
                Some(t) if !NO_MEASURE.contains(&t) => match names.label(layout.names, t) {
                    Some(name) => name.to_owned(),
                    None => continue,
                },
                _ => continue,
            };
            let value = scaled(raw, cell(layout.scale), cell(layout.precision));
            out.entry(*entity).or_insert(Measure { kind, value });
        }
    }
    out
}

fn says_dbm(view: &View<'_>, index: &[u32]) -> bool {
    let units = view.cell(oids::ENT_PHY_SENSOR_UNITS_DISPLAY, index).and_then(text_of);
    units.is_some_and(|u| u.trim().eq_ignore_ascii_case(DBM))
}

/// EntitySensorDataScale: yocto(1) to tera(13) in steps of three powers, then exa(14), peta(15), zetta(16), yotta(17).
fn scaled(raw: i64, scale: Option<i64>, precision: Option<i64>) -> f64 {
    let exponent = match scale {
        Some(n @ 1..=13) => (n as i32 - 9) * 3,
        Some(14) => 18,
        Some(15) => 15,
        Some(16) => 21,
        Some(17) => 24,
        _ => 0,
    };
    // Negative: how many digits are right, not where the point is.
    let digits = precision.filter(|p| (0..=9).contains(p)).unwrap_or(0) as i32;
    let power = exponent - digits;
    // By division where it is one: 303 / 10 is 30.3, 303 * 0.1 is not.
    if power < 0 { raw as f64 / 10f64.powi(-power) } else { raw as f64 * 10f64.powi(power) }
}

/// Three places: more is noise.
pub fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// Optical power in dBm; nothing for no light, which has none.
pub fn dbm(watts: f64) -> Option<f64> {
    (watts > 0.0 && watts.is_finite()).then(|| 10.0 * (watts * 1000.0).log10())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scale_and_precision() {
        assert_eq!(scaled(303, Some(9), Some(1)), 30.3);
        assert_eq!(scaled(33_021, Some(8), Some(1)), 3.3021);
        assert_eq!(scaled(-51, Some(9), Some(1)), -5.1);
        assert_eq!(scaled(24_500, Some(8), Some(0)), 24.5);
        assert_eq!(scaled(2, Some(10), None), 2000.0);
        assert_eq!(scaled(3, Some(14), Some(0)), 3e18);
        assert_eq!(scaled(7, Some(99), Some(-3)), 7.0);
    }

    #[test]
    fn power_of_light() {
        assert_eq!(dbm(0.001).map(rounded), Some(0.0));
        assert_eq!(dbm(0.0005).map(rounded), Some(-3.01));
        assert_eq!(dbm(0.0), None);
        assert_eq!(dbm(-1.0), None);
    }
}
