//! Battery and load of a UPS (RFC 1628).

use crate::model::UpsFacts;
use crate::profile::load::Data;
use crate::profile::oids;
use crate::profile::view::{View, int_of};

pub fn decode(data: &Data, view: &View<'_>) -> Option<UpsFacts> {
    let label =
        |object: &[u32], name: &str| view.scalar_int(object).and_then(|v| data.names.label(name, v)).map(str::to_owned);
    let ups = UpsFacts {
        battery_status: label(oids::UPS_BATTERY_STATUS, "upsBatteryStatus"),
        charge_percent: view.scalar_int(oids::UPS_ESTIMATED_CHARGE_REMAINING).filter(|p| (0..=100).contains(p)),
        minutes_remaining: view.scalar_int(oids::UPS_ESTIMATED_MINUTES_REMAINING).filter(|m| *m >= 0),
        output_source: label(oids::UPS_OUTPUT_SOURCE, "upsOutputSource"),
        // Several phases: the busiest one limits.
        load_percent: view
            .column(oids::UPS_OUTPUT_PERCENT_LOAD)
            .filter_map(|(_, v)| int_of(v))
            .filter(|l| (0..=200).contains(l))
            .max(),
    };
    (ups != UpsFacts::default()).then_some(ups)
}
