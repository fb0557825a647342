//! The branch: who stands in which room, and one coherent cabling plan. Data, no behaviour.
//!
//! Star of three managed switches: `sw-core` in the server room, `sw-fl2` on the second floor and `sw-sklad` in the
//! warehouse hang on it; behind port 12 of `sw-fl2` an unmanaged switch is only visible as several MACs on one port.
//! To add a device, give it a free port here; everything else (FDB, LLDP, addresses) follows.

use super::models::{self, Model};

/// Position in [`SWITCHES`].
pub const CORE: usize = 0;
pub const FLOOR2: usize = 1;
pub const STORE: usize = 2;

/// A switch port, numbered from 1 as on the front panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    pub switch: usize,
    pub number: u32,
}

pub const fn port(switch: usize, number: u32) -> Port {
    Port { switch, number }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SwitchMaker {
    Eltex,
    DLink,
    Procurve,
}

#[derive(Debug, Clone, Copy)]
pub struct SwitchPlan {
    pub maker: SwitchMaker,
    pub name: &'static str,
    pub room: &'static str,
    pub host: u8,
    pub mac: [u8; 6],
    pub serial: &'static str,
    pub copper: u32,
    pub fiber: u32,
    /// Port towards the core; the core itself has none.
    pub uplink: Option<u32>,
    /// Port of the core it hangs on.
    pub core_port: u32,
}

pub const SWITCHES: [SwitchPlan; 3] = [
    SwitchPlan {
        maker: SwitchMaker::Eltex,
        name: "sw-core",
        room: "каб. 102, серверная",
        host: 2,
        mac: [0xe0, 0xd9, 0xe3, 0x4a, 0x10, 0x00],
        serial: "ES51018834",
        copper: 48,
        fiber: 4,
        uplink: None,
        core_port: 0,
    },
    SwitchPlan {
        maker: SwitchMaker::DLink,
        name: "sw-fl2",
        room: "2 этаж, шкаф у каб. 212",
        host: 3,
        mac: [0x78, 0x32, 0x1b, 0x2c, 0x51, 0x00],
        serial: "RZC54K4001187",
        copper: 24,
        fiber: 4,
        uplink: Some(25),
        core_port: 49,
    },
    SwitchPlan {
        maker: SwitchMaker::Procurve,
        name: "sw-sklad",
        room: "склад, шкаф у ворот 2",
        host: 4,
        mac: [0x00, 0x25, 0x61, 0x90, 0x3e, 0x00],
        serial: "SG047DJ21K",
        copper: 24,
        fiber: 0,
        uplink: Some(24),
        core_port: 50,
    },
];

pub const VLANS: [(u32, &str); 5] = [(10, "OFFICE"), (20, "PRINT"), (30, "VOICE"), (40, "WIFI"), (99, "MGMT")];
pub const OFFICE: u32 = 10;
pub const PRINT: u32 = 20;
pub const VOICE: u32 = 30;
pub const WIFI: u32 = 40;
pub const MGMT: u32 = 99;

/// Port of `sw-fl2` with the unmanaged switch behind it.
pub const UNMANAGED: Port = port(FLOOR2, 12);
pub const ROUTER_PORT: Port = port(CORE, 48);

#[derive(Debug, Clone, Copy)]
pub struct PrinterPlan {
    pub model: &'static Model,
    pub name: &'static str,
    pub room: &'static str,
    pub serial: &'static str,
    pub host: u8,
    pub port: Port,
    /// Pages in an ordinary working hour.
    pub pages_per_hour: f64,
    /// Also answers IPP.
    pub ipp: bool,
}

const fn printer(
    model: &'static Model,
    (name, room): (&'static str, &'static str),
    serial: &'static str,
    (host, port): (u8, Port),
    pages_per_hour: f64,
) -> PrinterPlan {
    PrinterPlan { model, name, room, serial, host, port, pages_per_hour, ipp: false }
}

const fn with_ipp(mut plan: PrinterPlan) -> PrinterPlan {
    plan.ipp = true;
    plan
}

use models::*;

pub const PRINTERS: [PrinterPlan; 26] = [
    printer(&HP_M404, ("buh-hp1", "каб. 214, бухгалтерия"), "VNC3K07714", (101, port(FLOOR2, 1)), 45.0),
    printer(&HP_M404, ("buh-hp2", "каб. 215, бухгалтерия"), "VNC3K11902", (102, port(FLOOR2, 2)), 28.0),
    with_ipp(printer(&HP_M428, ("priem-hp", "каб. 201, приёмная"), "VNF4P22351", (103, port(FLOOR2, 3)), 24.0)),
    with_ipp(printer(&HP_M479, ("mark-hp", "каб. 220, маркетинг"), "VNBVQ5102K", (104, port(FLOOR2, 4)), 18.0)),
    printer(&HP_M507, ("sales-hp", "каб. 206, отдел продаж"), "PHBQK08356", (105, port(FLOOR2, 5)), 55.0),
    printer(&HP_P2055, ("kassa-hp", "1 этаж, касса"), "", (106, port(CORE, 11)), 9.0),
    printer(&BROTHER_L5100, ("sklad-br", "склад, стол отгрузки"), "E78096K8N214407", (107, port(STORE, 3)), 40.0),
    printer(&BROTHER_L5750, ("kadry-br", "каб. 105, отдел кадров"), "E78283L9N607712", (108, port(CORE, 12)), 16.0),
    printer(&KYOCERA_M2040, ("yur-ky", "каб. 208, юристы"), "VCF9407712", (109, port(FLOOR2, 6)), 34.0),
    printer(&KYOCERA_M2040, ("zakup-ky", "каб. 210, закупки"), "VCF9511846", (110, port(FLOOR2, 7)), 30.0),
    printer(&KYOCERA_P3145, ("sklad-ky", "склад, накладные"), "VTN0Z14409", (111, port(STORE, 4)), 70.0),
    printer(&KYOCERA_2554, ("kor2-ky", "2 этаж, коридор"), "W7E1202258", (112, port(FLOOR2, 8)), 60.0),
    printer(&XEROX_B405, ("logist-xr", "каб. 203, логистика"), "3719844021", (113, port(FLOOR2, 9)), 38.0),
    printer(&XEROX_C7025, ("kor1-xr", "1 этаж, коридор"), "3399205617", (114, port(CORE, 13)), 52.0),
    printer(&CANON_MF443, ("serv-cn", "каб. 110, сервис"), "2MA41187", (115, port(CORE, 14)), 20.0),
    printer(&CANON_LBP226, ("teh-cn", "каб. 111, техотдел"), "2LB20944", (116, port(CORE, 15)), 26.0),
    printer(&CANON_C3520, ("kor3-cn", "3 этаж, коридор"), "XTK08112", (117, port(CORE, 16)), 40.0),
    printer(&RICOH_IM350, ("dogov-rc", "каб. 205, договорной отдел"), "5351R410227", (118, port(FLOOR2, 10)), 32.0),
    printer(&RICOH_C2503, ("dir-rc", "каб. 301, дирекция"), "E215R930184", (119, port(CORE, 17)), 22.0),
    printer(&KONICA_C250I, ("kor3-km", "3 этаж, копировальная"), "AA2M021208841", (120, port(CORE, 18)), 75.0),
    printer(&PANTUM_BM5100, ("ohrana-pt", "каб. 106, охрана труда"), "CB6A014418", (121, port(CORE, 19)), 14.0),
    printer(&PANTUM_P3010, ("arhiv-pt", "каб. 107, архив"), "CA4F209917", (122, port(CORE, 20)), 19.0),
    printer(&LEXMARK_MS421, ("proizv-lx", "каб. 112, производство"), "4601814HH2K", (123, port(CORE, 21)), 36.0),
    printer(&SAMSUNG_M4080, ("otk-ss", "каб. 113, ОТК"), "ZDFBBJFK60021", (124, port(CORE, 22)), 28.0),
    with_ipp(printer(&EPSON_C5790, ("dizayn-ep", "каб. 303, дизайнеры"), "X3B4009712", (125, port(CORE, 23)), 12.0)),
    // Behind the unmanaged switch with the phone and the computers of room 212.
    printer(&OKI_B432, ("ekon-ok", "каб. 212, экономисты"), "AK5B013302", (126, UNMANAGED), 24.0),
];

/// What is neither switch nor printer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherKind {
    Router,
    AccessPoint,
    Ups,
    Server,
    Storage,
    Phone,
    LabelPrinter,
}

#[derive(Debug, Clone, Copy)]
pub struct OtherPlan {
    pub kind: OtherKind,
    pub name: &'static str,
    pub room: &'static str,
    pub serial: &'static str,
    pub host: u8,
    pub mac: [u8; 6],
    pub port: Port,
    pub vlan: u32,
}

const fn other(
    kind: OtherKind,
    (name, room, serial): (&'static str, &'static str, &'static str),
    host: u8,
    mac: [u8; 6],
    port: Port,
    vlan: u32,
) -> OtherPlan {
    OtherPlan { kind, name, room, serial, host, mac, port, vlan }
}

use OtherKind::*;

const SERVER_ROOM: &str = "каб. 102, серверная";

pub const OTHERS: [OtherPlan; 11] = [
    other(
        Router,
        ("gw-filial", SERVER_ROOM, "HK30B2MZ4QF"),
        1,
        [0x48, 0xa9, 0x8a, 0x11, 0x62, 0x00],
        ROUTER_PORT,
        MGMT,
    ),
    other(
        AccessPoint,
        ("ap-fl1", "1 этаж, холл", "802AA8C41177"),
        20,
        [0x80, 0x2a, 0xa8, 0xc4, 0x11, 0x77],
        port(CORE, 41),
        MGMT,
    ),
    other(
        AccessPoint,
        ("ap-fl2", "2 этаж, переговорная", "802AA8C41203"),
        21,
        [0x80, 0x2a, 0xa8, 0xc4, 0x12, 0x03],
        port(FLOOR2, 21),
        MGMT,
    ),
    other(Ups, ("ups-serv", SERVER_ROOM, "GA10M22871"), 5, [0x00, 0x20, 0x85, 0xe1, 0x40, 0x9c], port(CORE, 46), MGMT),
    other(Server, ("srv-1c", SERVER_ROOM, ""), 10, [0xac, 0x1f, 0x6b, 0x44, 0x90, 0x12], port(CORE, 45), OFFICE),
    other(
        Storage,
        ("nas-01", SERVER_ROOM, "Q198I07733"),
        11,
        [0x24, 0x5e, 0xbe, 0x2f, 0x71, 0x08],
        port(CORE, 44),
        OFFICE,
    ),
    other(
        Phone,
        ("ata-fax", "каб. 201, приёмная", "CCQ21170K2F"),
        30,
        [0x88, 0x75, 0x56, 0x0a, 0x3c, 0x51],
        port(FLOOR2, 22),
        VOICE,
    ),
    other(Phone, ("tel-212", "каб. 212, экономисты", ""), 31, [0x80, 0x5e, 0xc0, 0x77, 0x1d, 0x04], UNMANAGED, VOICE),
    other(
        Phone,
        ("tel-301", "каб. 301, дирекция", ""),
        32,
        [0x80, 0x5e, 0xc0, 0x77, 0x1d, 0x3b],
        port(CORE, 24),
        VOICE,
    ),
    other(
        LabelPrinter,
        ("sklad-zb", "склад, упаковка", "52J171902214"),
        127,
        [0x00, 0x07, 0x4d, 0x6b, 0x20, 0x9e],
        port(STORE, 5),
        PRINT,
    ),
    other(
        LabelPrinter,
        ("ekspr-zb", "склад, экспедиция", "52J171902231"),
        128,
        [0x00, 0x07, 0x4d, 0x6b, 0x20, 0xd3],
        port(STORE, 6),
        PRINT,
    ),
];

/// Computers only the forwarding tables know: (port, how many).
pub const COMPUTERS: [(Port, u32); 27] = [
    (port(CORE, 1), 1),
    (port(CORE, 2), 1),
    (port(CORE, 3), 1),
    (port(CORE, 4), 1),
    (port(CORE, 5), 1),
    (port(CORE, 6), 1),
    (port(CORE, 7), 1),
    (port(CORE, 8), 1),
    (port(CORE, 24), 1),
    (port(CORE, 25), 1),
    (port(CORE, 26), 1),
    (port(CORE, 27), 1),
    (port(CORE, 28), 1),
    (port(CORE, 29), 1),
    (port(CORE, 30), 1),
    (port(FLOOR2, 11), 1),
    (UNMANAGED, 3),
    (port(FLOOR2, 13), 1),
    (port(FLOOR2, 14), 1),
    (port(FLOOR2, 15), 1),
    (port(FLOOR2, 16), 1),
    (port(FLOOR2, 17), 1),
    (port(FLOOR2, 18), 1),
    (port(FLOOR2, 19), 1),
    (port(STORE, 7), 1),
    (port(STORE, 8), 1),
    (port(STORE, 9), 1),
];

/// Telephones and tablets behind each access point.
pub const WIRELESS: [(Port, u32); 2] = [(port(CORE, 41), 6), (port(FLOOR2, 21), 9)];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_device_has_its_own_address_name_and_a_real_port() {
        let devices =
            PRINTERS.iter().map(|p| (p.host, p.name, p.port)).chain(OTHERS.iter().map(|o| (o.host, o.name, o.port)));
        let devices: Vec<_> = devices.collect();
        let hosts: BTreeSet<_> = devices.iter().map(|d| d.0).chain(SWITCHES.iter().map(|s| s.host)).collect();
        let names: BTreeSet<_> = devices.iter().map(|d| d.1).chain(SWITCHES.iter().map(|s| s.name)).collect();
        assert_eq!(hosts.len(), devices.len() + SWITCHES.len());
        assert_eq!(names.len(), hosts.len());
        assert_eq!(hosts.len(), 40);
        for (_, name, port) in &devices {
            let switch = &SWITCHES[port.switch];
            assert!(port.number <= switch.copper + switch.fiber, "{name}");
            assert_ne!(Some(port.number), switch.uplink, "{name} on the uplink");
        }
        // One device a port, but for the unmanaged switch and a phone with a computer behind it.
        let alone: Vec<_> = devices.iter().map(|d| d.2).filter(|p| *p != UNMANAGED).collect();
        assert_eq!(alone.iter().collect::<BTreeSet<_>>().len(), alone.len());
        for (port, _) in COMPUTERS.iter().filter(|(p, _)| *p != UNMANAGED && *p != super::port(CORE, 24)) {
            assert!(!alone.contains(port), "{port:?} has a device and a computer");
        }
        let serials: BTreeSet<_> = PRINTERS.iter().map(|p| p.serial).filter(|s| !s.is_empty()).collect();
        assert_eq!(serials.len(), 25);
    }
}
