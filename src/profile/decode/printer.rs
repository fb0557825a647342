//! A printer's own state: page counter, detected errors, statuses, trays, alerts, console text, open covers.

use std::collections::BTreeSet;

use super::kind::printer_row;
use super::supplies::level_of;
use crate::model::{Alert, PrinterFacts, Tray};
use crate::profile::load::Data;
use crate::profile::mib::Names;
use crate::profile::oids;
use crate::profile::text::one_line;
use crate::profile::view::{View, count_of, int_of, text_of};

/// prtCoverStatus coverOpen and interlockOpen.
const OPEN: [i64; 2] = [3, 5];

/// Life count of the first marker, and the trays: asked together with the supplies.
pub fn counters(data: &Data, view: &View<'_>, facts: &mut PrinterFacts) {
    if let Some((index, value)) = view.column(oids::PRT_MARKER_LIFE_COUNT).find(|(_, v)| count_of(v).is_some()) {
        facts.page_count = count_of(value);
        facts.page_count_unit = view
            .int(oids::PRT_MARKER_COUNTER_UNIT, index)
            .and_then(|u| data.names.label("prtMarkerCounterUnit", u))
            .map(str::to_owned);
    }
    facts.trays = trays(view);
}

pub fn status(data: &Data, view: &View<'_>, facts: &mut PrinterFacts) {
    let label = |column: &[u32], name: &str, index: &[u32]| {
        view.int(column, index).and_then(|v| data.names.label(name, v)).map(str::to_owned)
    };
    if let Some(row) = printer_row(view) {
        facts.device_status = label(oids::HR_DEVICE_STATUS, "hrDeviceStatus", &[row]);
        facts.printer_status = label(oids::HR_PRINTER_STATUS, "hrPrinterStatus", &[row]);
        facts.detected_errors = view
            .cell(oids::HR_PRINTER_DETECTED_ERROR_STATE, &[row])
            .and_then(|v| v.as_bytes())
            .filter(|b| !b.is_empty())
            .map(|b| errors(&data.names, b));
    }
    let alerts = alerts(&data.names, view);
    if printer_row(view).is_some() || !alerts.is_empty() {
        facts.alerts = Some(alerts);
    }
    facts.console = view
        .column(oids::PRT_CONSOLE_DISPLAY_BUFFER_TEXT)
        .filter_map(|(_, v)| text_of(v))
        .map(|t| one_line(&t))
        .filter(|t| !t.is_empty())
        .collect();
    facts.open_covers = view
        .column(oids::PRT_COVER_STATUS)
        .filter(|(_, v)| int_of(v).is_some_and(|s| OPEN.contains(&s)))
        .map(|(index, _)| view.text(oids::PRT_COVER_DESCRIPTION, index).map_or_else(|| dotted(index), |t| one_line(&t)))
        .collect();
}

/// Bits of hrPrinterDetectedErrorState: bit 0 is the first octet's highest.
fn errors(names: &Names, bytes: &[u8]) -> Vec<String> {
    let set = |bit: usize| bytes.get(bit / 8).is_some_and(|b| b & (0x80 >> (bit % 8)) != 0);
    (0..bytes.len() * 8)
        .filter(|bit| set(*bit))
        .filter_map(|bit| names.label("hrPrinterDetectedErrorState", i64::try_from(bit).ok()?))
        .map(str::to_owned)
        .collect()
}

fn trays(view: &View<'_>) -> Vec<Tray> {
    let indexes: BTreeSet<&[u32]> = [oids::PRT_INPUT_CURRENT_LEVEL, oids::PRT_INPUT_MAX_CAPACITY, oids::PRT_INPUT_NAME]
        .iter()
        .flat_map(|c| view.column(c).map(|(i, _)| i))
        .collect();
    indexes
        .into_iter()
        .map(|index| {
            let max_capacity = view.int(oids::PRT_INPUT_MAX_CAPACITY, index);
            let level = view.int(oids::PRT_INPUT_CURRENT_LEVEL, index);
            let (level_percent, level_state) = level_of(level, max_capacity, false, false);
            let text = |column: &[u32]| view.text(column, index).map(|t| one_line(&t));
            Tray {
                index: dotted(index),
                name: text(oids::PRT_INPUT_NAME).or_else(|| text(oids::PRT_INPUT_DESCRIPTION)),
                max_capacity,
                level,
                level_percent,
                level_state,
            }
        })
        .collect()
}

fn alerts(names: &Names, view: &View<'_>) -> Vec<Alert> {
    let indexes: BTreeSet<&[u32]> = [oids::PRT_ALERT_CODE, oids::PRT_ALERT_DESCRIPTION, oids::PRT_ALERT_SEVERITY_LEVEL]
        .iter()
        .flat_map(|c| view.column(c).map(|(i, _)| i))
        .collect();
    indexes
        .into_iter()
        .map(|index| {
            let int = |column: &[u32]| view.int(column, index);
            let label = |column: &[u32], name: &str| int(column).and_then(|v| names.label(name, v)).map(str::to_owned);
            Alert {
                index: dotted(index),
                severity: label(oids::PRT_ALERT_SEVERITY_LEVEL, "prtAlertSeverityLevel"),
                training: label(oids::PRT_ALERT_TRAINING_LEVEL, "prtAlertTrainingLevel"),
                group: label(oids::PRT_ALERT_GROUP, "prtAlertGroup"),
                group_index: int(oids::PRT_ALERT_GROUP_INDEX),
                code: int(oids::PRT_ALERT_CODE),
                code_name: label(oids::PRT_ALERT_CODE, "prtAlertCode"),
                description: view.text(oids::PRT_ALERT_DESCRIPTION, index).map(|t| one_line(&t)).unwrap_or_default(),
                location: int(oids::PRT_ALERT_LOCATION),
            }
        })
        .collect()
}

fn dotted(index: &[u32]) -> String {
    index.iter().map(u32::to_string).collect::<Vec<_>>().join(".")
}
