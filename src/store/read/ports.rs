//! Errors of ports over time, out of the series the engine keeps.

use std::collections::BTreeMap;

use super::super::{Db, Result, on_db};
use crate::model::{CounterPoint, DeviceId, Millis, rise_of_counter32};

/// Frames with errors in a span.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PortErrors {
    pub received: u64,
    pub sent: u64,
    /// Wrong checksums, of those received: a cable or a duplex mismatch.
    pub checksum: u64,
}

/// Newly counted errors of each interface since `since`; interfaces without any are left out.
pub async fn errors(db: &Db, id: DeviceId, since: Millis) -> Result<BTreeMap<u32, PortErrors>> {
    let sql = "SELECT series, at, value FROM metric_reading WHERE device_id = $1 AND at >= $2 AND \
               (series LIKE 'port.%errors' OR series LIKE 'port.%.discontinuity') ORDER BY series, at";
    let rows: Vec<(String, i64, i64)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(id.0).bind(since.0).fetch_all(p).await?);
    let mut breaks: BTreeMap<(u32, i64), u64> = BTreeMap::new();
    let mut series: BTreeMap<(u32, String), Vec<(i64, u64)>> = BTreeMap::new();
    for (name, at, value) in rows {
        let mut parts = name.split('.').skip(1);
        let (Some(Ok(port)), Some(what)) = (parts.next().map(str::parse::<u32>), parts.next()) else { continue };
        let value = u64::try_from(value).unwrap_or(0);
        if what == "discontinuity" {
            breaks.insert((port, at), value);
        } else {
            series.entry((port, what.to_owned())).or_default().push((at, value));
        }
    }
    let mut out: BTreeMap<u32, PortErrors> = BTreeMap::new();
    for ((port, what), values) in series {
        let point =
            |(at, value): &(i64, u64)| CounterPoint { value: *value, discontinuity: breaks.get(&(port, *at)).copied() };
        let rise = rise_of_counter32(&values.iter().map(point).collect::<Vec<_>>());
        if rise == 0 {
            continue;
        }
        let of = out.entry(port).or_default();
        match what.as_str() {
            "in_errors" => of.received = rise,
            "out_errors" => of.sent = rise,
            "fcs_errors" => of.checksum = rise,
            _ => {}
        }
    }
    Ok(out)
}
