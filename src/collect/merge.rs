//! Two sources of the same facts made one: SNMP first, IPP where it knows more.
//!
//! Pure. The better value wins and keeps its source: a number beats "some is left", anything beats nothing, and nothing
//! is averaged or invented. A third source needs no change here if it brings `Facts` with its `Source` set.

use crate::model::{Facts, LevelState, PrinterFacts, Supply, SupplyKind};

/// Completes `facts` (SNMP) by what a `second` source (IPP) tells.
pub fn complete(facts: &mut Facts, second: Facts) {
    for why in second.evidence {
        if !facts.evidence.iter().any(|e| e.fact == why.fact) {
            facts.evidence.push(why);
        }
    }
    macro_rules! fill {
        ($($field:ident),*) => { $( if facts.$field.is_none() { facts.$field = second.$field; } )* };
    }
    fill!(
        kind,
        vendor,
        model,
        serial,
        firmware,
        sys_object_id,
        sys_descr,
        sys_name,
        sys_location,
        sys_contact,
        sys_uptime_cs,
        base_mac,
        lldp_chassis,
        printer_uuid,
        profile,
        ports,
        links,
        vlans,
        fdb,
        arp,
        stp,
        poe,
        modules,
        transceivers,
        sensors,
        stack,
        ups
    );
    // Each sees what the other does not: a fax service over IPP, a feeder's cover over SNMP.
    facts.functions.extend(second.functions);
    facts.functions.sort();
    facts.functions.dedup();
    match (&mut facts.supplies, second.supplies) {
        (Some(ours), Some(theirs)) if !ours.is_empty() => better_levels(ours, &theirs),
        (ours, Some(theirs)) if !theirs.is_empty() => *ours = Some(theirs),
        _ => {}
    }
    match (&mut facts.printer, second.printer) {
        (Some(ours), Some(theirs)) => complete_printer(ours, theirs),
        (ours @ None, theirs) => *ours = theirs,
        _ => {}
    }
    facts.notes.extend(second.notes);
}

fn complete_printer(ours: &mut PrinterFacts, theirs: PrinterFacts) {
    macro_rules! fill {
        ($($field:ident),*) => { $( if ours.$field.is_none() { ours.$field = theirs.$field; } )* };
    }
    fill!(page_count, page_count_unit, detected_errors, device_status, printer_status);
    // Many agents have no alert table: an empty one says less than a full list.
    if ours.alerts.as_ref().is_none_or(Vec::is_empty) && theirs.alerts.is_some() {
        ours.alerts = theirs.alerts;
    }
    if ours.trays.is_empty() {
        ours.trays = theirs.trays;
    }
    if ours.console.is_empty() {
        ours.console = theirs.console;
    }
    if ours.open_covers.is_empty() {
        ours.open_covers = theirs.open_covers;
    }
}

/// Whether any level could be told better.
pub fn wants_levels(supplies: Option<&[Supply]>) -> bool {
    supplies.is_none_or(|s| s.is_empty() || s.iter().any(|s| s.level_state != LevelState::Known))
}

/// Takes the level of the second source for each supply that it knows as a number and we do not.
fn better_levels(ours: &mut [Supply], theirs: &[Supply]) {
    for at in 0..ours.len() {
        if ours[at].level_state == LevelState::Known {
            continue;
        }
        let Some(better) = counterpart(ours, at, theirs).filter(|t| t.level_state == LevelState::Known) else {
            continue;
        };
        let supply = &mut ours[at];
        supply.max_capacity = better.max_capacity;
        supply.level = better.level;
        supply.level_percent = better.level_percent;
        supply.level_state = better.level_state;
        supply.fill_percent = better.fill_percent;
        supply.unit.clone_from(&better.unit);
        supply.source = better.source;
    }
}

/// The same supply in the other list, only where there is no doubt: one of its kind and colour in both lists, or of its
/// description.
fn counterpart<'a>(ours: &[Supply], at: usize, theirs: &'a [Supply]) -> Option<&'a Supply> {
    let supply = &ours[at];
    let same = |s: &Supply| s.kind == supply.kind && s.color == supply.color;
    if supply.kind != SupplyKind::Other
        && ours.iter().filter(|s| same(s)).count() == 1
        && let Some(found) = only(theirs.iter().filter(|s| same(s)))
    {
        return Some(found);
    }
    let name = |s: &Supply| s.description.trim().to_lowercase();
    let described = |s: &Supply| !supply.description.trim().is_empty() && name(s) == name(supply);
    if ours.iter().filter(|s| described(s)).count() == 1 { only(theirs.iter().filter(|s| described(s))) } else { None }
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Alert, Source};

    fn supply(index: &str, kind: SupplyKind, color: Option<&str>, level: i64, source: Source) -> Supply {
        let known = level >= 0;
        Supply {
            index: index.into(),
            kind,
            color: color.map(Into::into),
            description: format!("{} {kind:?}", color.unwrap_or("")),
            part_number: None,
            serial: None,
            max_capacity: Some(if known { 100 } else { -2 }),
            level: Some(level),
            level_percent: known.then_some(level as f64),
            level_state: match level {
                -3 => LevelState::SomeRemaining,
                -2 => LevelState::Unknown,
                _ => LevelState::Known,
            },
            receptacle: false,
            fill_percent: None,
            unit: None,
            source,
        }
    }
    fn facts(supplies: Vec<Supply>) -> Facts {
        Facts { supplies: Some(supplies), ..Facts::default() }
    }

    #[test]
    fn a_number_beats_some_remaining_and_says_where_it_came_from() {
        use SupplyKind::Toner;
        let mut ours = facts(vec![
            supply("1.1", Toner, Some("black"), -3, Source::Snmp),
            supply("1.2", Toner, Some("cyan"), 40, Source::Snmp),
            supply("1.3", SupplyKind::Drum, None, -2, Source::Snmp),
        ]);
        complete(
            &mut ours,
            facts(vec![
                supply("ipp.1", Toner, Some("black"), 17, Source::Ipp),
                supply("ipp.2", Toner, Some("cyan"), 39, Source::Ipp),
                supply("ipp.3", SupplyKind::Drum, None, -3, Source::Ipp),
            ]),
        );
        let s = ours.supplies.unwrap();
        assert_eq!((s[0].level, s[0].level_percent, s[0].source), (Some(17), Some(17.0), Source::Ipp));
        assert_eq!((s[0].index.as_str(), s[0].level_state), ("1.1", LevelState::Known), "it stays the same supply");
        assert_eq!((s[1].level, s[1].source), (Some(40), Source::Snmp), "a number of ours stays");
        assert_eq!((s[2].level, s[2].source), (Some(-2), Source::Snmp), "what knows no number improves nothing");
    }

    #[test]
    fn where_there_is_doubt_nothing_is_taken() {
        use SupplyKind::Toner;
        let two = |a, b| {
            vec![supply("1", Toner, Some("black"), a, Source::Snmp), supply("2", Toner, Some("black"), b, Source::Snmp)]
        };
        let mut ours = facts(two(-3, -3));
        complete(&mut ours, facts(two(10, 20)));
        assert!(ours.supplies.unwrap().iter().all(|s| s.level == Some(-3)));
        let mut ours = facts(vec![supply("1", Toner, Some("black"), -3, Source::Snmp)]);
        complete(&mut ours, facts(vec![supply("1", Toner, Some("magenta"), 5, Source::Ipp)]));
        assert_eq!(ours.supplies.unwrap()[0].level, Some(-3));
    }

    #[test]
    fn nothing_is_filled_from_the_second_source_only() {
        let ipp = || vec![supply("ipp.1", SupplyKind::Ink, Some("cyan"), 60, Source::Ipp)];
        for start in [None, Some(vec![])] {
            let mut ours = Facts { supplies: start, serial: Some("A1".into()), ..Facts::default() };
            let second = Facts { serial: Some("B2".into()), printer_uuid: Some("u".into()), ..facts(ipp()) };
            complete(&mut ours, second);
            assert_eq!(ours.supplies.unwrap().len(), 1);
            assert_eq!((ours.serial.as_deref(), ours.printer_uuid.as_deref()), (Some("A1"), Some("u")));
        }
        let mut ours = facts(ipp());
        complete(&mut ours, Facts::default());
        assert_eq!(ours, facts(ipp()));
    }

    #[test]
    fn a_full_alert_list_beats_an_empty_one() {
        let alert = Alert {
            index: "ipp.1".into(),
            severity: None,
            training: None,
            group: None,
            group_index: None,
            code: None,
            code_name: Some("jam".into()),
            description: String::new(),
            location: None,
        };
        let with =
            |alerts| Facts { printer: Some(PrinterFacts { alerts, ..PrinterFacts::default() }), ..Facts::default() };
        let mut ours = with(Some(vec![]));
        complete(&mut ours, with(Some(vec![alert])));
        assert_eq!(ours.printer.clone().unwrap().alerts.unwrap().len(), 1);
        complete(&mut ours, with(Some(vec![])));
        assert_eq!(ours.printer.unwrap().alerts.unwrap().len(), 1);
    }

    #[test]
    fn asks_for_better_levels_only_where_there_can_be_any() {
        assert!(wants_levels(None) && wants_levels(Some(&[])));
        assert!(wants_levels(Some(&[supply("1", SupplyKind::Toner, None, -3, Source::Snmp)])));
        assert!(!wants_levels(Some(&[supply("1", SupplyKind::Toner, None, 3, Source::Snmp)])));
    }
}
