//! Invented devices: an MFP with a history, a switch with neighbours, a newcomer of which nothing is known yet.

use super::{DevicePage, Forms, Loaded, actions};
use crate::forecast::Stage;
use crate::i18n::Lang;
use crate::model::{
    ActiveAlert, Alert, AlertClass, Event, Facts, LevelState, Millis, PoeSupply, PortDetail, PortPoe, PortStp,
    PrinterFacts, Reach, Sensor, Source, StackMember, SupplyId, Transceiver, Tray,
};
use crate::store::pages::{EpochRow, JamRow};
use crate::store::read::device::{
    AddressRow, Attachment, Behind, DayValue, DeviceDetail, DeviceTicket, IdentifierRow, IdentityChangeRow, PortRow,
    SupplyPoint, SupplyRow, TimelineRow,
};
use crate::store::read::ports::PortErrors;
use crate::store::read::stock::ShelfRow;
use crate::web::foresight;
use crate::web::layout::Ui;
use crate::web::pages::devices::sample_rows;

pub fn samples(lang: Lang) -> Vec<(&'static str, DevicePage)> {
    let page = |path: &str, loaded: Loaded, forms: Forms| DevicePage::new(Ui::sample(lang, path), loaded, forms);
    let now = Ui::sample(lang, "/").now;
    let mfp = mfp(now);
    let mut edit = actions::edit_form(&mfp.detail);
    let sentence = Ui::sample(lang, "/").t("components-form-error");
    edit.wrong("location", sentence);
    let forms = Forms { edit, open: "edit", ..Default::default() };
    vec![
        ("", page("/devices/1", mfp, Forms::default())),
        ("edit", page("/devices/1", bare(now, 0), forms)),
        ("switch", page("/devices/4", switch(now), Forms::default())),
        ("new", page("/devices/5", bare(now, 4), Forms::default())),
    ]
}

/// Nothing but the row of the list.
fn bare(now: Millis, row: usize) -> Loaded {
    Loaded {
        detail: DeviceDetail {
            row: sample_rows().swap_remove(row),
            named_by_person: row == 0,
            located_by_person: false,
            firmware: None,
            sys_name: None,
            sys_descr: None,
            sys_object_id: None,
            profile: None,
            port: 161,
            credential: None,
            facts: Facts::default(),
            last_reading_at: Some(now),
            poll_wanted: row == 4,
            merged_into: None,
            pages_total: (row == 0).then_some(73_118),
        },
        supplies: Vec::new(),
        shelf: Vec::new(),
        detected: Vec::new(),
        history: Vec::new(),
        pages: Vec::new(),
        ports: Vec::new(),
        port_errors: Default::default(),
        neighbors: Vec::new(),
        learned: Vec::new(),
        attachments: Vec::new(),
        addresses: Vec::new(),
        identifiers: Vec::new(),
        tickets: Vec::new(),
        timeline: Vec::new(),
        changes: Vec::new(),
        epochs: Vec::new(),
        jams: Vec::new(),
        asset: None,
    }
}

fn supply(now: Millis, id: i64, color: &str, low: f64, high: f64, order: bool) -> SupplyRow {
    SupplyRow {
        id,
        idx: format!("1.{id}"),
        kind: "toner".into(),
        color: Some(color.into()),
        description: format!("TK-5240{}", color.chars().next().unwrap_or('K').to_uppercase()),
        part_number: Some("1T02R70NL0".into()),
        serial: None,
        unit: Some("percent".into()),
        max_capacity: Some(100),
        level: Some((low * 100.0) as i64),
        level_state: "known".into(),
        low: Some(low),
        high: Some(high),
        receptacle: 0,
        source: "snmp".into(),
        is_low: i64::from(low < 0.1),
        low_since: None,
        threshold: 0.1,
        updated_at: now.0 - 4 * Millis::MINUTE,
        article_id: Some(1),
        article: Some("TK-5240".into()),
        article_confirmed: i64::from(color != "cyan"),
        outlook: serde_json::to_string(&foresight::sample(
            now,
            low,
            [0.7, 1.0, 1.5].map(|f| low * 160.0 * f),
            Stage::Settled,
        ))
        .ok(),
        on_hand: i64::from(order) * 2,
        need_status: order.then(|| "ordered".into()),
        order_id: order.then_some(7),
        order_number: order.then(|| "2026-0141".into()),
        order_status: order.then(|| "sent".into()),
    }
}

/// A box that only says that there is room.
fn waste(now: Millis) -> SupplyRow {
    SupplyRow {
        kind: "waste".into(),
        color: None,
        description: "WT-5140".into(),
        level_state: "some_space_left".into(),
        receptacle: 1,
        is_low: 0,
        outlook: None,
        ..supply(now, 5, "", 0.0, 1.0, false)
    }
}

/// A reset counter, jams, a merge and a split that was taken back.
fn lived_through(loaded: &mut Loaded, now: Millis) {
    let ago = |days: i64| now.0 - days * Millis::DAY;
    let epoch = |started: i64, why: &str, first_value, last_value, last: i64| EpochRow {
        started_at: ago(started),
        why: why.into(),
        first_value,
        last_value,
        last_at: ago(last),
        page_offset: 0,
        board: None,
    };
    loaded.epochs = vec![epoch(40, "board", 12, 41_208, 0), epoch(300, "first", 20_100, 31_910, 41)];
    let jam = |days, pages, detail: &str| JamRow { at: ago(days), pages: Some(pages), detail: detail.into() };
    loaded.jams = vec![jam(1, 73_090, "Замятие в лотке 2"), jam(9, 72_300, ""), jam(33, 70_001, "Дуплекс")];
    let change = |id, kind: &str, other: &str, undone| IdentityChangeRow {
        id,
        kind: kind.into(),
        other_id: 9,
        other: other.into(),
        at: ago(3),
        who: "anna".into(),
        undone_at: undone,
    };
    loaded.changes = vec![change(2, "merge", "KM-1F00AA", None), change(1, "split", "00:c0:ee:12:34:56", Some(ago(2)))];
}

fn on_shelf(store: i64, name: &str, on_hand: i64) -> ShelfRow {
    ShelfRow {
        supply_index: "1.1".into(),
        article: 1,
        part_number: "TK-5240K".into(),
        name: "Тонер-картридж Kyocera, чёрный, 4 000 страниц".into(),
        store,
        store_name: name.into(),
        on_hand,
        usual: 1,
    }
}

fn mfp(now: Millis) -> Loaded {
    let mut loaded = bare(now, 0);
    loaded.supplies = vec![
        supply(now, 1, "black", 0.06, 0.06, true),
        supply(now, 2, "cyan", 0.65, 0.71, false),
        supply(now, 3, "magenta", 0.38, 0.38, false),
        supply(now, 4, "yellow", 0.05, 0.08, false),
        waste(now),
    ];
    loaded.shelf = vec![on_shelf(1, "Основной склад", 2), on_shelf(2, "Шкаф у кабинета 305, второй этаж", 1)];
    loaded.detected = vec![(12, "1.4".into(), "TK-5240Y".into())];
    (loaded.history, loaded.pages) = (history(now), pages(now));
    lived_through(&mut loaded, now);
    loaded.ports = vec![port(1, "eth0", "up", 1_000_000_000, 0)];
    loaded.attachments = vec![Attachment {
        switch_id: 4,
        switch_name: "sw-2-kross".into(),
        switch_place: Some("кроссовая".into()),
        port: "ge17".into(),
        port_alias: Some("2.14-A".into()),
        speed_bps: Some(1_000_000_000),
        vlan: Some(20),
        protocol: "fdb".into(),
        macs: 1,
        last_seen: now.0 - 5 * Millis::MINUTE,
    }];
    loaded.addresses = vec![AddressRow {
        address: "10.4.2.1".into(),
        port: 161,
        first_seen: now.0 - 90 * Millis::DAY,
        last_seen: now.0,
    }];
    loaded.identifiers = [("serial", "kyocera/VCG7Z00001"), ("base-mac", "00:17:c8:00:00:01")]
        .map(|(kind, value)| IdentifierRow {
            kind: kind.into(),
            value: value.into(),
            first_seen: now.0 - 90 * Millis::DAY,
            last_seen: now.0,
        })
        .into();
    loaded.tickets = vec![DeviceTicket {
        id: 118,
        title: "Неисправность: узел закрепления".into(),
        status: "new".into(),
        priority: 2,
        opened_at: now.0 - 130 * Millis::MINUTE,
        resolved_at: None,
    }];
    loaded.timeline = timeline(now);
    let d = &mut loaded.detail;
    d.firmware = Some("2XC_S000.002.341".into());
    d.sys_name = Some("KM2040-214".into());
    d.sys_descr = Some("KYOCERA Document Solutions Printing System".into());
    d.profile = Some("kyocera".into());
    d.credential = Some("public".into());
    d.row.state.uptime_cs = Some(8_640_000 * 12);
    d.row.state.uptime_at = Some(now);
    d.row.state.console = vec!["Замените тонер K".into(), "Готов".into()];
    d.row.state.alerts = vec![alert(now)];
    let tray = |index: &str, state, percent| Tray {
        index: index.into(),
        name: None,
        max_capacity: Some(250),
        level: None,
        level_percent: percent,
        level_state: state,
    };
    let trays = vec![tray("1.1", LevelState::Known, Some(60.0)), tray("1.2", LevelState::Known, Some(0.0))];
    d.facts.printer = Some(PrinterFacts { trays, ..Default::default() });
    d.facts.notes = vec!["prtMarkerSuppliesTable: 1 row without a level".into()];
    d.facts.evidence = vec![evidence()];
    loaded
}

fn alert(now: Millis) -> ActiveAlert {
    ActiveAlert {
        alert: Alert {
            index: "1.1".into(),
            severity: Some("warning".into()),
            training: None,
            group: Some("markerSupplies".into()),
            group_index: Some(1),
            code: Some(1104),
            code_name: Some("markerTonerAlmostEmpty".into()),
            description: "Low Toner Black".into(),
            location: None,
        },
        class: AlertClass::Supply,
        source: Source::Snmp,
        since: now.plus(-3 * Millis::HOUR),
    }
}

/// Ninety days of four colours: steps, a week of silence, a replacement.
fn history(now: Millis) -> Vec<SupplyPoint> {
    let mut all = Vec::new();
    for (supply, start, fall, wide) in
        [(1, 0.9, 0.011, 0.0), (2, 0.98, 0.004, 0.06), (3, 0.9, 0.006, 0.0), (4, 0.5, 0.006, 0.0)]
    {
        for day in (0..90).filter(|d| !(40..47).contains(d)) {
            let mut low: f64 = start - f64::from(day) * fall;
            if supply == 1 && day > 46 {
                low += 0.15;
            }
            if supply == 4 && day > 60 {
                low += 0.6;
            }
            let low = (low * 50.0).round() / 50.0;
            all.push(SupplyPoint {
                supply: SupplyId(supply),
                at: now.plus((i64::from(day) - 90) * Millis::DAY),
                state: LevelState::Known,
                low: Some(low.clamp(0.0, 1.0)),
                high: Some((low + wide).clamp(0.0, 1.0)),
                pages: None,
            });
        }
    }
    all
}

fn pages(now: Millis) -> Vec<DayValue> {
    let today = now.0 - now.0.rem_euclid(Millis::DAY);
    let mut total = 30_000;
    let mut days = Vec::new();
    for day in 0..91 {
        let first = total;
        total += if day % 7 >= 5 { 2 } else { 60 + day * 31 % 90 };
        if !(41..48).contains(&day) {
            days.push(DayValue { day: Millis(today - (90 - day) * Millis::DAY), first, last: total });
        }
    }
    days
}

fn timeline(now: Millis) -> Vec<TimelineRow> {
    let events = [
        Event::SupplyReplaced { index: "1.4".into(), description: "TK-5240Y".into(), from: Some(0.04), to: Some(1.0) },
        Event::ReachChanged { from: Reach::Down, to: Reach::Ok },
        Event::Restarted,
        Event::ReachChanged { from: Reach::Ok, to: Reach::Down },
        Event::AlertAppeared { description: "Замятие в тракте дуплекса".into() },
        Event::IdentityChanged {
            field: "firmware".into(),
            from: "2XC_S000.002.300".into(),
            to: "2XC_S000.002.341".into(),
        },
        Event::TrapReceived {
            trap: crate::model::Trap {
                name: "printerV2Alert".into(),
                oid: "1.3.6.1.2.1.43.18.2.0.1".into(),
                if_index: None,
                port: None,
                alert: Some("jam".into()),
                text: Some("Замятие в лотке 2".into()),
                version: "2c".into(),
                count: 3,
            },
        },
        Event::AddressChanged { from: "10.4.2.77".into(), to: "10.4.2.1".into() },
        Event::DeviceDiscovered { kind: Some(crate::model::DeviceKind::Printer) },
    ];
    let row = |(i, event): (usize, Event)| TimelineRow {
        id: i as i64,
        at: now.plus(-(i as i64).pow(3) * 5 * Millis::HOUR - Millis::HOUR),
        event,
    };
    events.into_iter().enumerate().map(row).collect()
}

fn port(if_index: i64, name: &str, oper: &str, speed_bps: i64, macs: i64) -> PortRow {
    PortRow {
        if_index,
        name: name.into(),
        descr: None,
        alias: (if_index == 17).then(|| "2.14-A бухгалтерия".into()),
        if_type: Some("ethernetCsmacd".into()),
        physical: i64::from(if_index < 100),
        admin: Some(if if_index == 3 { "down" } else { "up" }.into()),
        oper: Some(oper.into()),
        oper_since: Some(1_795_000_000_000),
        speed_bps,
        mac: None,
        detail: serde_json::to_string(&detail(if_index)).unwrap_or_default(),
        macs,
    }
}

/// Every kind of thing that is said of a port.
fn detail(if_index: i64) -> PortDetail {
    let poe = |status: &str, mw: Option<u32>| PortPoe {
        enabled: Some(status != "disabled"),
        status: Some(status.into()),
        class: mw.map(|_| 3),
        consumption_mw: mw,
        ..PortPoe::default()
    };
    let stp = |role: &str| PortStp { role: Some(role.into()), ..PortStp::default() };
    match if_index {
        1 => PortDetail { stp: Some(stp("root")), aggregate: Some(101), ..PortDetail::default() },
        2 => PortDetail { stp: Some(stp("alternate")), ..PortDetail::default() },
        5 => PortDetail { poe: Some(poe("deliveringPower", Some(6_240))), ..PortDetail::default() },
        6 => PortDetail { poe: Some(poe("fault", None)), ..PortDetail::default() },
        7 => PortDetail { poe: Some(poe("disabled", None)), ..PortDetail::default() },
        17 => PortDetail {
            duplex: Some("halfDuplex".into()),
            capable_bps: Some(1_000_000_000),
            below_capability: true,
            ..PortDetail::default()
        },
        _ => PortDetail::default(),
    }
}

fn switch(now: Millis) -> Loaded {
    let mut loaded = bare(now, 3);
    loaded.ports = (1..=24)
        .map(|i| {
            let up = i % 4 != 0 && i != 3;
            let macs = if up { 1 + i % 3 } else { 0 };
            port(
                i,
                &format!("GigabitEthernet0/{i}"),
                if up { "up" } else { "down" },
                match i {
                    17 => 100_000_000,
                    24 => 0,
                    _ => 1_000_000_000,
                },
                macs,
            )
        })
        .collect();
    loaded.ports.push(port(100, "Vlan1", "up", 0, 0));
    loaded.ports.push(port(101, "Port-channel1", "up", 2_000_000_000, 0));
    let behind = |if_index, name: &str, protocol: &str, device_id, remote_port: Option<&str>| Behind {
        if_index: Some(if_index),
        port: String::new(),
        protocol: protocol.into(),
        device_id,
        name: Some(name.into()),
        remote_port: remote_port.map(str::to_owned),
        last_seen: now.0,
    };
    loaded.neighbors = vec![behind(1, "sw-1-kross", "lldp", Some(9), Some("ge24"))];
    loaded.learned = vec![behind(17, "МФУ бухгалтерии", "fdb", Some(1), None)];
    loaded.port_errors.insert(17, PortErrors { received: 412, sent: 0, checksum: 398 });
    loaded.detail.facts.poe =
        Some(vec![PoeSupply { group: 1, power_w: Some(370), consumption_w: Some(44), ..PoeSupply::default() }]);
    loaded.detail.facts.transceivers = Some(vec![Transceiver {
        if_index: Some(1),
        model: Some("SFP-10G-SR".into()),
        rx_power_dbm: Some(-4.1),
        tx_power_dbm: Some(-2.2),
        temperature_c: Some(30.3),
        ..Transceiver::default()
    }]);
    let sensor =
        |index, name: &str, kind: &str, value| Sensor { index, name: Some(name.into()), kind: kind.into(), value };
    loaded.detail.facts.sensors =
        Some(vec![sensor(1012, "Inlet Temp Sensor", "celsius", 25.0), sensor(1050, "Fan 1", "rpm", 7_410.0)]);
    let member = |number, role: &str, serial: &str| StackMember {
        number: Some(number),
        role: Some(role.into()),
        model: Some("WS-C2960X-24TS-L".into()),
        serial: Some(serial.into()),
        firmware: Some("15.2(7)E2".into()),
        ..StackMember::default()
    };
    loaded.detail.facts.stack = Some(vec![member(1, "master", "FOC1929S0AB"), member(2, "standby", "FOC1929S0AC")]);
    loaded.detail.facts.modules = Some(vec![crate::model::Module {
        index: 1,
        name: Some("Chassis".into()),
        model: Some("WS-C2960X-24TS-L".into()),
        serial: Some("FOC1929S0AB".into()),
        ..Default::default()
    }]);
    loaded
}

/// Why the serial number is believed.
fn evidence() -> crate::model::Evidence {
    crate::model::Evidence {
        fact: "serial".into(),
        rule: "kyocera: 1.3.6.1.4.1.1347.43.5.1.1.28.1".into(),
        oid: Some("1.3.6.1.4.1.1347.43.5.1.1.28.1".into()),
        confidence: 84,
    }
}
