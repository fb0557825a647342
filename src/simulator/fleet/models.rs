//! Printer models of the branch: how each maker's agent names itself and reports levels. Data, no behaviour.
//!
//! Formats of sysDescr and the private objects are those real devices answer; names of parts are the makers', serial
//! numbers are made up. To add a model, add a constant and give it a place in `branch.rs`.

/// How a level is told (RFC 3805 prtMarkerSuppliesLevel and what makers do with it).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Percent in steps of this many, rounded up: 100 of 100.
    Percent(u32),
    /// Impressions left of the rated yield.
    Pages,
    /// -3 while something is left, 0 when empty, capacity -2.
    Some,
    /// -2: the cartridge has no chip the printer believes.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Toner,
    Ink,
    Drum,
    Developer,
    Fuser,
    Transfer,
    Kit,
    /// Receptacles: the level is the room left.
    WasteToner,
    WasteInk,
}

impl Kind {
    /// prtMarkerSuppliesType (PrtMarkerSuppliesTypeTC).
    pub fn number(self) -> i64 {
        match self {
            Kind::Toner => 3,
            Kind::Ink => 5,
            Kind::Drum => 9,
            Kind::Developer => 10,
            Kind::Fuser => 15,
            Kind::Transfer => 20,
            Kind::Kit => 1,
            Kind::WasteToner => 4,
            Kind::WasteInk => 8,
        }
    }
    pub fn is_receptacle(self) -> bool {
        matches!(self, Kind::WasteToner | Kind::WasteInk)
    }
    /// Without it nothing is printed when it ends.
    pub fn stops_printing(self) -> bool {
        !matches!(self, Kind::Kit | Kind::Developer | Kind::Fuser | Kind::Transfer)
    }
}

#[derive(Debug, Clone, Copy)]
pub struct SupplySpec {
    pub kind: Kind,
    /// Lower-case English, empty for what has no colour.
    pub color: &'static str,
    /// prtMarkerSuppliesDescription; `{sn}` becomes the serial of the cartridge.
    pub text: &'static str,
    pub yield_pages: u32,
    pub report: Report,
}

const fn supply(kind: Kind, color: &'static str, text: &'static str, yield_pages: u32, report: Report) -> SupplySpec {
    SupplySpec { kind, color, text, yield_pages, report }
}

/// Which private objects the agent has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maker {
    Hp,
    Brother,
    Kyocera,
    Xerox,
    Canon,
    Ricoh,
    Konica,
    Pantum,
    Lexmark,
    Samsung,
    Epson,
    Oki,
}

#[derive(Debug, Clone, Copy)]
pub struct Tray {
    pub name: &'static str,
    pub capacity: u32,
    /// Tells the sheets left; otherwise -3 or 0.
    pub counts: bool,
}

const fn tray(name: &'static str, capacity: u32, counts: bool) -> Tray {
    Tray { name, capacity, counts }
}

#[derive(Debug, Clone, Copy)]
pub struct Model {
    pub maker: Maker,
    /// hrDeviceDescr: the name as the device gives it.
    pub name: &'static str,
    /// `{sn}` becomes the serial number.
    pub sys_descr: &'static str,
    pub sys_object_id: &'static str,
    pub firmware: &'static str,
    pub mac_prefix: [u8; 3],
    pub pages_per_minute: u32,
    /// Share of pages that use colour.
    pub color_share: f64,
    pub copies: bool,
    pub supplies: &'static [SupplySpec],
    pub trays: &'static [Tray],
    /// Words on the panel when a part fails.
    pub fault_console: &'static str,
}

const JETDIRECT: &str = "1.3.6.1.4.1.11.2.3.9.1";
const HP_MAC: [u8; 3] = [0x3c, 0x2a, 0xf4];
use Kind::*;
use Report::{Pages, Percent, Some as SomeLeft, Unknown};

pub const HP_M404: Model = Model {
    maker: Maker::Hp,
    name: "HP LaserJet Pro M404dn",
    sys_descr: "HP ETHERNET MULTI-ENVIRONMENT,SN:{sn},FN:4T813NA,SVCID:29127,PID:HP LaserJet Pro M404dn",
    sys_object_id: JETDIRECT,
    firmware: "20240612",
    mac_prefix: HP_MAC,
    pages_per_minute: 38,
    color_share: 0.0,
    copies: false,
    supplies: &[supply(Toner, "black", "Black Cartridge HP CF259A", 3000, Percent(1))],
    trays: &[tray("Tray 1", 100, false), tray("Tray 2", 250, false)],
    fault_console: "50.2 Ошибка термоэлемента. Обратитесь в сервис",
};

pub const HP_M428: Model = Model {
    maker: Maker::Hp,
    name: "HP LaserJet Pro MFP M428fdn",
    sys_descr: "HP ETHERNET MULTI-ENVIRONMENT,SN:{sn},FN:4U1022B,SVCID:31052,PID:HP LaserJet Pro MFP M428fdn",
    copies: true,
    ..HP_M404
};

pub const HP_M479: Model = Model {
    name: "HP Color LaserJet Pro MFP M479fdw",
    sys_descr: "HP ETHERNET MULTI-ENVIRONMENT,SN:{sn},FN:4S90177,SVCID:30288,PID:HP Color LaserJet Pro MFP M479fdw",
    pages_per_minute: 27,
    color_share: 0.45,
    copies: true,
    supplies: &[
        supply(Toner, "black", "Black Cartridge HP W2030A", 2400, Percent(1)),
        supply(Toner, "cyan", "Cyan Cartridge HP W2031A", 2100, Percent(1)),
        supply(Toner, "magenta", "Magenta Cartridge HP W2033A", 2100, Percent(1)),
        supply(Toner, "yellow", "Yellow Cartridge HP W2032A", 2100, Percent(1)),
    ],
    ..HP_M404
};

pub const HP_M507: Model = Model {
    name: "HP LaserJet Enterprise M507",
    sys_descr: "HP ETHERNET MULTI-ENVIRONMENT,SN:{sn},FN:5C30441,SVCID:28417,PID:HP LaserJet Enterprise M507",
    pages_per_minute: 43,
    supplies: &[
        supply(Toner, "black", "Black Cartridge HP CF289A", 5000, Percent(1)),
        supply(Kit, "", "Fuser Kit HP RM2-2586", 150_000, Percent(1)),
    ],
    trays: &[tray("Tray 1", 100, true), tray("Tray 2", 550, true)],
    ..HP_M404
};

/// An old one with a refilled cartridge: the agent gives neither serial nor level.
pub const HP_P2055: Model = Model {
    name: "HP LaserJet P2055dn",
    sys_descr: "HP ETHERNET MULTI-ENVIRONMENT,ROM none,JETDIRECT,JD144,EEPROM V.38.80,CIDATE 05/14/2010",
    firmware: "20141201",
    supplies: &[supply(Toner, "black", "Black Cartridge HP CE505A", 2300, Unknown)],
    ..HP_M404
};

pub const BROTHER_L5100: Model = Model {
    maker: Maker::Brother,
    name: "Brother HL-L5100DN series",
    sys_descr: "Brother NC-8900h, Firmware Ver.1.17  (18.07.05),MID 8C5-G01,FID 2",
    sys_object_id: "1.3.6.1.4.1.2435.2.3.9.1",
    firmware: "1.17",
    mac_prefix: [0x30, 0x05, 0x5c],
    pages_per_minute: 40,
    color_share: 0.0,
    copies: false,
    supplies: &[
        supply(Toner, "black", "Black Toner Cartridge", 8000, SomeLeft),
        supply(Drum, "", "Drum Unit", 50_000, Pages),
    ],
    trays: &[tray("MP Tray", 50, false), tray("Tray 1", 250, false)],
    fault_console: "Unable to Print 6C",
};

pub const BROTHER_L5750: Model = Model {
    name: "Brother MFC-L5750DW series",
    sys_descr: "Brother NC-8900w, Firmware Ver.1.22  (19.11.28),MID 8C5-H0F,FID 2",
    firmware: "1.22",
    copies: true,
    supplies: &[
        supply(Toner, "black", "Black Toner Cartridge", 3000, SomeLeft),
        supply(Drum, "", "Drum Unit", 50_000, Pages),
    ],
    ..BROTHER_L5100
};

pub const KYOCERA_M2040: Model = Model {
    maker: Maker::Kyocera,
    name: "ECOSYS M2040dn",
    sys_descr: "KYOCERA Document Solutions Printing System",
    sys_object_id: "1.3.6.1.4.1.1347.41",
    firmware: "2S5_2000.003.109",
    mac_prefix: [0x00, 0x17, 0xc8],
    pages_per_minute: 40,
    color_share: 0.0,
    copies: true,
    supplies: &[
        supply(Toner, "black", "TK-1170", 7200, Pages),
        supply(WasteToner, "", "Waste Toner Box", 100_000, SomeLeft),
    ],
    trays: &[tray("MP Tray", 100, true), tray("Cassette 1", 250, true)],
    fault_console: "Machine failure. Call service. C6020",
};

pub const KYOCERA_P3145: Model = Model {
    name: "ECOSYS P3145dn",
    firmware: "2WB_S000.002.204",
    pages_per_minute: 45,
    copies: false,
    supplies: &[
        supply(Toner, "black", "TK-3160", 12_500, Pages),
        supply(WasteToner, "", "Waste Toner Box", 150_000, SomeLeft),
    ],
    trays: &[tray("MP Tray", 100, true), tray("Cassette 1", 500, true)],
    ..KYOCERA_M2040
};

pub const KYOCERA_2554: Model = Model {
    name: "TASKalfa 2554ci",
    firmware: "2XC_S000.002.107",
    pages_per_minute: 25,
    color_share: 0.35,
    supplies: &[
        supply(Toner, "cyan", "TK-8365C", 12_000, Pages),
        supply(Toner, "magenta", "TK-8365M", 12_000, Pages),
        supply(Toner, "yellow", "TK-8365Y", 12_000, Pages),
        supply(Toner, "black", "TK-8365K", 25_000, Pages),
        supply(WasteToner, "", "Waste Toner Box", 40_000, SomeLeft),
    ],
    trays: &[tray("MP Tray", 150, true), tray("Cassette 1", 500, true), tray("Cassette 2", 500, true)],
    ..KYOCERA_M2040
};

pub const XEROX_B405: Model = Model {
    maker: Maker::Xerox,
    name: "Xerox VersaLink B405DN",
    sys_descr: "Xerox VersaLink B405DN MFP;System 37.82.51, Controller 1.82.5, IOT 16.7.0, Fax 1.12.0",
    sys_object_id: "1.3.6.1.4.1.253.8.62.1.36.2.1.3.4",
    firmware: "37.82.51",
    mac_prefix: [0x9c, 0x93, 0x4e],
    pages_per_minute: 47,
    color_share: 0.0,
    copies: true,
    supplies: &[
        supply(Toner, "black", "Black Toner Cartridge, PN 106R03583;SN{sn}", 13_900, Pages),
        supply(Drum, "", "Drum Cartridge, PN 101R00554;SN{sn}", 65_000, Percent(1)),
    ],
    trays: &[tray("Tray 1 (Bypass)", 150, false), tray("Tray 2", 550, true)],
    fault_console: "Status Code 010-397: Fuser failure. Power off then on",
};

pub const XEROX_C7025: Model = Model {
    name: "Xerox VersaLink C7025",
    sys_descr: "Xerox VersaLink C7025 MFP;System 56.75.91, Controller 1.75.3, IOT 7.29.0, Fax 1.10.0",
    sys_object_id: "1.3.6.1.4.1.253.8.62.1.36.3.5.1.2",
    firmware: "56.75.91",
    pages_per_minute: 25,
    color_share: 0.4,
    supplies: &[
        supply(Toner, "black", "Black Toner, PN 106R03745;SN{sn}", 23_600, Percent(1)),
        supply(Toner, "cyan", "Cyan Toner, PN 106R03748;SN{sn}", 16_500, Percent(1)),
        supply(Toner, "magenta", "Magenta Toner, PN 106R03747;SN{sn}", 16_500, Percent(1)),
        supply(Toner, "yellow", "Yellow Toner, PN 106R03746;SN{sn}", 16_500, Percent(1)),
        supply(Drum, "", "Drum Cartridge (R1), PN 113R00780;SN{sn}", 87_000, Percent(1)),
        supply(Drum, "", "Drum Cartridge (R2), PN 113R00780;SN{sn}", 87_000, Percent(1)),
        supply(Drum, "", "Drum Cartridge (R3), PN 113R00780;SN{sn}", 87_000, Percent(1)),
        supply(Drum, "", "Drum Cartridge (R4), PN 113R00780;SN{sn}", 87_000, Percent(1)),
        supply(Fuser, "", "Fuser, PN 115R00115;SN{sn}", 100_000, Percent(1)),
        supply(WasteToner, "", "Waste Toner Container, PN 115R00128;SNunknown", 30_000, Percent(1)),
        supply(Transfer, "", "Transfer Belt Cleaner, PN 115R00127;SNunknown", 200_000, Percent(1)),
    ],
    trays: &[tray("Tray 1", 520, true), tray("Tray 5 (Bypass)", 100, false)],
    ..XEROX_B405
};

pub const CANON_MF443: Model = Model {
    maker: Maker::Canon,
    name: "Canon MF443dw",
    sys_descr: "Canon MF443dw /P",
    sys_object_id: "1.3.6.1.4.1.1602.4.7",
    firmware: "06.02",
    mac_prefix: [0x6c, 0xf2, 0xd8],
    pages_per_minute: 38,
    color_share: 0.0,
    copies: true,
    supplies: &[supply(Toner, "black", "Canon Cartridge 057 Black", 3100, Percent(10))],
    trays: &[tray("Multi-Purpose Tray", 100, false), tray("Drawer 1", 250, false)],
    fault_console: "E000-0000",
};

/// Tells only that something is left, then low, then empty.
pub const CANON_LBP226: Model = Model {
    name: "Canon LBP226dw",
    sys_descr: "Canon LBP226dw /P",
    sys_object_id: "1.3.6.1.4.1.1602.4.2",
    firmware: "05.01",
    copies: false,
    supplies: &[supply(Toner, "black", "Canon Cartridge 057H Black", 10_000, SomeLeft)],
    ..CANON_MF443
};

pub const CANON_C3520: Model = Model {
    name: "iR-ADV C3520",
    sys_descr: "Canon iR-ADV C3520 /P",
    firmware: "60.31",
    pages_per_minute: 20,
    color_share: 0.4,
    supplies: &[
        supply(Toner, "cyan", "Canon C-EXV49 Cyan Toner", 19_000, Percent(10)),
        supply(Toner, "magenta", "Canon C-EXV49 Magenta Toner", 19_000, Percent(10)),
        supply(Toner, "yellow", "Canon C-EXV49 Yellow Toner", 19_000, Percent(10)),
        supply(Toner, "black", "Canon C-EXV49 Black Toner", 36_000, Percent(10)),
        supply(WasteToner, "", "Waste Toner", 50_000, SomeLeft),
    ],
    trays: &[tray("Drawer 1", 550, true), tray("Drawer 2", 550, true)],
    ..CANON_MF443
};

pub const RICOH_IM350: Model = Model {
    maker: Maker::Ricoh,
    name: "RICOH IM 350",
    sys_descr: "RICOH IM 350 1.09.1 / RICOH Network Printer C model / RICOH Network Scanner C model",
    sys_object_id: "1.3.6.1.4.1.367.1.1",
    firmware: "1.09.1",
    mac_prefix: [0x58, 0x38, 0x79],
    pages_per_minute: 35,
    color_share: 0.0,
    copies: true,
    supplies: &[supply(Toner, "black", "Black Toner", 14_000, SomeLeft)],
    trays: &[tray("Bypass Tray", 100, false), tray("Tray 1", 500, true)],
    fault_console: "SC544",
};

pub const RICOH_C2503: Model = Model {
    name: "RICOH MP C2503",
    sys_descr: "RICOH MP C2503 1.35 / RICOH Network Printer C model / RICOH Network Scanner C model / RICOH Network Facsimile C model",
    firmware: "1.35",
    pages_per_minute: 25,
    color_share: 0.3,
    supplies: &[
        supply(Toner, "black", "Black Toner", 15_000, SomeLeft),
        supply(WasteToner, "", "Waste Toner", 60_000, SomeLeft),
        supply(Toner, "cyan", "Cyan Toner", 9500, SomeLeft),
        supply(Toner, "magenta", "Magenta Toner", 9500, SomeLeft),
        supply(Toner, "yellow", "Yellow Toner", 9500, SomeLeft),
    ],
    ..RICOH_IM350
};

pub const KONICA_C250I: Model = Model {
    maker: Maker::Konica,
    name: "KONICA MINOLTA bizhub C250i",
    sys_descr: "KONICA MINOLTA bizhub C250i",
    sys_object_id: "1.3.6.1.4.1.18334.1.1.1.2.1.181.2.4",
    firmware: "1.102",
    mac_prefix: [0x00, 0x20, 0x6b],
    pages_per_minute: 25,
    color_share: 0.4,
    copies: true,
    supplies: &[
        supply(Toner, "cyan", "Toner (Cyan)", 26_000, Percent(1)),
        supply(Toner, "magenta", "Toner (Magenta)", 26_000, Percent(1)),
        supply(Toner, "yellow", "Toner (Yellow)", 26_000, Percent(1)),
        supply(Toner, "black", "Toner (Black)", 28_000, Percent(1)),
        supply(WasteToner, "", "Waste Toner Box", 45_000, SomeLeft),
        supply(Drum, "black", "Drum Cartridge (Black)", 120_000, Percent(1)),
        supply(Developer, "black", "Developer Cartridge (Black)", 600_000, Percent(1)),
        supply(Fuser, "", "Fusing Unit", 600_000, Percent(1)),
        supply(Transfer, "", "Image Transfer Belt Unit", 300_000, Percent(1)),
    ],
    trays: &[tray("Tray1", 500, true), tray("Tray2", 500, true), tray("Bypass Tray", 150, true)],
    fault_console: "C-3722",
};

/// Reports a quarter at a time.
pub const PANTUM_BM5100: Model = Model {
    maker: Maker::Pantum,
    name: "Pantum BM5100ADN Series",
    sys_descr: "Pantum BM5100ADN Series",
    sys_object_id: "1.3.6.1.4.1.40093.1.1",
    firmware: "1.22.02",
    mac_prefix: [0x9c, 0xd9, 0x17],
    pages_per_minute: 40,
    color_share: 0.0,
    copies: true,
    supplies: &[
        supply(Toner, "black", "TL-5120 Toner Cartridge", 3000, Percent(25)),
        supply(Drum, "", "DL-5120 Drum Unit", 30_000, Percent(25)),
    ],
    trays: &[tray("Auto Tray", 250, false)],
    fault_console: "Internal error 05. Обратитесь в сервис",
};

pub const PANTUM_P3010: Model = Model {
    name: "Pantum P3010DW Series",
    sys_descr: "Pantum P3010DW Series",
    pages_per_minute: 30,
    copies: false,
    supplies: &[supply(Toner, "black", "TL-420X Toner Cartridge", 6000, Percent(1))],
    ..PANTUM_BM5100
};

pub const LEXMARK_MS421: Model = Model {
    maker: Maker::Lexmark,
    name: "Lexmark MS421dn",
    sys_descr: "Lexmark MS421dn version MSNGM.075.282 kernel 4.11.12 All-N-1",
    sys_object_id: "1.3.6.1.4.1.641.6.2.3.35",
    firmware: "MSNGM.075.282",
    mac_prefix: [0x78, 0x8c, 0x77],
    pages_per_minute: 40,
    color_share: 0.0,
    copies: false,
    supplies: &[
        supply(Toner, "black", "Black Toner Cartridge 56F5000", 6000, Pages),
        supply(Drum, "", "Imaging Unit 56F0Z00", 60_000, Percent(1)),
        supply(Kit, "", "Maintenance Kit 41X2251", 200_000, Percent(1)),
    ],
    trays: &[tray("Tray 1", 250, false), tray("MP Feeder", 100, false)],
    fault_console: "920.01 Fuser Error",
};

pub const SAMSUNG_M4080: Model = Model {
    maker: Maker::Samsung,
    name: "Samsung M408x Series",
    sys_descr: "Samsung M4080FX; V11.01.03.04_02-27-2017;Engine V1.00.06 01-19-2017_V1.00;NIC ;S/N {sn}",
    sys_object_id: "1.3.6.1.4.1.236.11.5.11.62.1",
    firmware: "V11.01.03.04",
    mac_prefix: [0x84, 0x25, 0x19],
    pages_per_minute: 40,
    color_share: 0.0,
    copies: true,
    supplies: &[
        supply(Toner, "black", "Black Toner Cartridge S/N:CRUM-{sn}", 10_000, Percent(1)),
        supply(Drum, "", "Imaging Unit S/N:CRUM-{sn}", 100_000, Percent(1)),
    ],
    trays: &[tray("Tray 1", 550, true), tray("MP Tray", 100, false)],
    fault_console: "Error: #U1-2320. Обратитесь в сервис",
};

pub const EPSON_C5790: Model = Model {
    maker: Maker::Epson,
    name: "WF-C5790 Series",
    sys_descr: "EPSON Built-in 11b/g/n Print Server",
    sys_object_id: "1.3.6.1.4.1.1248.1.1.2.1.3.5.69.69.80.83.50",
    firmware: "FL07L6",
    mac_prefix: [0x38, 0x1a, 0x52],
    pages_per_minute: 24,
    color_share: 0.6,
    copies: true,
    supplies: &[
        supply(Ink, "black", "Black Ink Supply Unit T9451", 5000, Percent(1)),
        supply(Ink, "cyan", "Cyan Ink Supply Unit T9452", 5000, Percent(1)),
        supply(Ink, "magenta", "Magenta Ink Supply Unit T9453", 5000, Percent(1)),
        supply(Ink, "yellow", "Yellow Ink Supply Unit T9454", 5000, Percent(1)),
        supply(WasteInk, "", "Maintenance Box T6716", 50_000, Percent(1)),
    ],
    trays: &[tray("Cassette 1", 250, false), tray("Rear Paper Feed", 80, false)],
    fault_console: "Printer error 0x97. Обратитесь в сервис",
};

pub const OKI_B432: Model = Model {
    maker: Maker::Oki,
    name: "B432",
    sys_descr: "OKI OkiLAN 9450g Rev.00.69 10/100BASE Ethernet PrintServer: Attached to B432 Rev.A1.13_0_3 : Copyright (c)2014 Oki Data Corporation. All rights reserved.",
    sys_object_id: "1.3.6.1.4.1.2001.1.1.1.1",
    firmware: "A1.13_0_3",
    mac_prefix: [0x00, 0x25, 0x36],
    pages_per_minute: 40,
    color_share: 0.0,
    copies: false,
    supplies: &[
        supply(Toner, "black", "Black Toner", 7000, Percent(10)),
        supply(Drum, "black", "Image Drum", 30_000, Percent(1)),
    ],
    trays: &[tray("Tray 1", 250, true), tray("MPTray", 100, false)],
    fault_console: "Service call 171: fuser thermistor",
};
