//! The sheet in memory: read, read again, written, read once more; what is taken is told by whom.

use super::*;
use crate::model::KnownPort;

const NOW: Millis = Millis(1_772_366_400_000);
const HEAD: [F; 11] = [
    F::Outlet,
    F::Floor,
    F::Room,
    F::Panel,
    F::PanelPort,
    F::Switch,
    F::SwitchPort,
    F::Cable,
    F::Category,
    F::Length,
    F::Device,
];

fn sheet(text: &str) -> Vec<SheetRow> {
    let row = |(n, line): (usize, &str)| {
        let cells = HEAD.iter().zip(line.split(';').map(str::trim)).filter(|(_, c)| !c.is_empty());
        let cells = cells.map(|(f, c)| (*f, c.to_owned())).collect();
        SheetRow { row: n as u32 + 2, cells, faults: Vec::new() }
    };
    text.lines().map(str::trim).filter(|l| !l.is_empty()).enumerate().map(row).collect()
}

fn switch() -> Vec<KnownDevice> {
    let ports = (1..=24).map(|n| KnownPort { if_index: n, name: format!("Gi0/{n}"), descr: None }).collect();
    let kind = Some(DeviceKind::Switch);
    let switch =
        KnownDevice { id: 7, name: "sw2.office".into(), address: "10.4.0.2".into(), kind, ports, serial: None };
    let printer =
        KnownDevice { id: 9, name: "mfu-214".into(), kind: Some(DeviceKind::Printer), ..KnownDevice::default() };
    vec![switch, printer]
}

fn verdicts(judged: &[SheetVerdict]) -> Vec<String> {
    let one = |v: &SheetVerdict| {
        let faults: Vec<String> = v.faults.iter().map(|f| format!("{} {}", f.code, f.value)).collect();
        format!("{} {}", v.verdict.as_str(), faults.join(", ")).trim().to_owned()
    };
    judged.iter().map(one).collect()
}

const FIRST: &str = "2.14-A; 2 этаж; каб. 214; PP1; 7; sw2; 7; 214A; 6; 38.5; mfu-214
    2.14-B; 2 этаж; каб. 214; PP1; 08; sw2; Gi0/8; 214B; 6; 39;
    3.08; 3 этаж; каб. 308; ; ; старый свитч; 3; ; ; ;
    ; ; ; PP1; 24; sw2.office; GigabitEthernet0/24; ; ; ;";

#[test]
fn read_twice_changes_nothing_and_what_is_written_reads_the_same() {
    let devices = switch();
    let (judged, draft) = judge(&sheet(FIRST), Cabling::default(), 0, &devices, NOW);
    assert_eq!(verdicts(&judged), ["new"; 4]);
    let plan = draft.plan.clone();
    let units: Vec<(&str, usize)> =
        plan.units.values().map(|u| (u.label.as_str(), plan.jacks_of(u.id).len())).collect();
    assert_eq!(
        units,
        [
            ("PP1", 24),
            ("2.14-A", 1),
            ("sw2.office", 3),
            ("mfu-214", 1),
            ("2.14-B", 1),
            ("3.08", 1),
            ("старый свитч", 1)
        ]
    );
    let sw = plan.units.values().find(|u| u.label == "sw2.office").unwrap();
    assert_eq!((sw.device, plan.jacks_of(sw.id)[0].if_index), (Some(DeviceId(7)), Some(7)));
    // Every edit is an addition, and numbers are given once.
    assert!(draft.edits().iter().all(|e| e.before.is_none() && e.after.is_some()));

    let (again, same) = judge(&sheet(FIRST), plan.clone(), draft.last(), &devices, NOW);
    assert_eq!((verdicts(&again), same.edits()), (vec!["same".to_owned(); 4], vec![]));

    let written: Vec<SheetRow> = rows(&draft)
        .into_iter()
        .zip(2..)
        .map(|((_, line), row)| SheetRow { row, cells: line.into_iter().collect(), faults: Vec::new() })
        .collect();
    assert_eq!(written.len(), 4);
    assert_eq!(written[0].text(F::Length), "38.5");
    assert_eq!((written[0].text(F::Switch), written[0].text(F::SwitchPort)), ("sw2.office", "Gi0/7"));
    let (back, same) = judge(&written, plan, draft.last(), &devices, NOW);
    assert_eq!((verdicts(&back), same.edits()), (vec!["same".to_owned(); 4], vec![]));
    let (fresh, other) = judge(&written, Cabling::default(), 0, &devices, NOW);
    assert_eq!(verdicts(&fresh), ["new"; 4]);
    let lines = |d: &Draft| rows(d).into_iter().map(|(_, line)| line).collect::<Vec<_>>();
    assert_eq!(lines(&other), lines(&draft));
}

#[test]
fn a_row_repatches_clears_and_moves() {
    let devices = switch();
    let (_, draft) = judge(&sheet(FIRST), Cabling::default(), 0, &devices, NOW);
    let (plan, last) = (draft.plan.clone(), draft.last());
    let text = "2.14-А; ; ; ; ; sw2; 9; ; ; ;
        2.14-B; ; ; -; ; ; ; ; ; ; mfu-214
        3.08; ; каб. 309; PP1; 12; ; ; 308; 5e; ;";
    let (judged, after) = judge(&sheet(text), plan.clone(), last, &devices, NOW);
    assert_eq!(verdicts(&judged), ["changed", "changed", "changed"]);
    let change = |row: usize| -> Vec<String> {
        judged[row].changes.iter().map(|c| format!("{}: {} > {}", c.field.as_str(), c.before, c.after)).collect()
    };
    assert_eq!(change(0), ["switch-port: Gi0/7 > Gi0/9"]);
    assert!(change(1).contains(&"panel: PP1 > ".to_owned()) && change(1).contains(&"device:  > mfu-214".to_owned()));
    let all = change(2).join("; ");
    assert!(all.contains("room: каб. 308 > каб. 309") && all.contains("panel-port:  > 12"), "{all}");
    // Taken back, everything is as it was.
    let back = super::super::undo(after.plan.clone(), after.last(), &after.edits()).unwrap();
    assert_eq!(back.plan, plan);
}

#[test]
fn what_is_taken_or_makes_no_sense_is_told_and_changes_nothing() {
    let devices = switch();
    let (_, draft) = judge(&sheet(FIRST), Cabling::default(), 0, &devices, NOW);
    let text = "4.01; ; ; PP1; 7; ; ; ; ; ;
        4.02; ; ; PP1; 13; sw2; 7; ; ; ;
        4.03; ; ; PP1; ; ; ; ; ; ;
        4.04; ; ; PP1; 14; sw2; Gi0/99; ; ; ;
        4.05; ; ; PP1; 15; ; ; 214a; ; ;
        PP1; ; ; PP2; 1; ; ; ; ; ;
        4.06; ; ; sw2; 1; ; ; ; ; ;
        4.07; ; ; ; 4; ; ; ; ; ;
        4.08; ; ; PP1; 16; ; ; ; ; x;
        4.09; ; ; PP1; 16; ; ; ; ; ;
        4.09; ; ; PP1; 17; ; ; ; ; ;
        4.10; ; ; PP9; 70000; ; ; ; ; ;";
    let (judged, after) = judge(&sheet(text), draft.plan.clone(), draft.last(), &devices, NOW);
    let told = [
        "wrong panel-port-taken 2.14-A",
        "wrong switch-port-taken PP1 · 7",
        "wrong needs-port PP1",
        "wrong unknown-port Gi0/99",
        "wrong label-taken 214a",
        "wrong not-an-outlet PP1",
        "wrong not-a-panel sw2",
        "wrong needs-panel 4",
        "wrong bad-number x",
        "new",
        "wrong repeated 11",
        "wrong bad-port 70000",
    ];
    assert_eq!(verdicts(&judged), told);
    let added: Vec<String> = after
        .edits()
        .iter()
        .filter_map(|e| match &e.after {
            Some(Piece::Unit(u)) => Some(u.label.clone()),
            _ => None,
        })
        .collect();
    assert_eq!(added, ["4.09"], "wrong rows left nothing behind");
}

#[test]
fn two_thousand_rows_are_judged_in_one_go() {
    let row = |n: u32| SheetRow {
        row: n + 2,
        cells: vec![
            (F::Outlet, format!("{}.{:02}", n / 40, n % 40)),
            (F::Room, format!("каб. {}", n / 4)),
            (F::Panel, format!("PP{}", n / 48)),
            (F::PanelPort, (n % 48 + 1).to_string()),
            (F::Switch, format!("sw{}", n / 40)),
            (F::SwitchPort, (n % 40 + 1).to_string()),
        ],
        faults: Vec::new(),
    };
    let rows_in: Vec<SheetRow> = (0..2_000).map(row).collect();
    let (judged, draft) = judge(&rows_in, Cabling::default(), 0, &[], NOW);
    assert!(
        judged.iter().all(|v| v.verdict == ImportVerdict::New),
        "{:?}",
        judged.iter().find(|v| !v.faults.is_empty())
    );
    assert_eq!(rows(&draft).len(), 2_000);
    assert_eq!(draft.plan.cables.len(), 4_000);
}
