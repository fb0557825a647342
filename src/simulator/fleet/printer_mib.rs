//! A printer's state as its agent tells it: HOST-RESOURCES-MIB, Printer-MIB (RFC 3805) and the maker's own objects.

use super::models::{Kind, Maker, Report};
use super::printer::{Alert, Cause, Printer, Supply};
use super::rows::{Interface, Rows, System, text};
use crate::model::Millis;
use crate::protocol::snmp::{Oid, Value};

/// Severity, training level, group, group index, code of prtAlertTable, and a text.
pub(super) struct AlertRow {
    pub severity: i64,
    pub training: i64,
    pub group: i64,
    pub group_index: usize,
    pub code: i64,
    pub text: String,
}

pub(super) const CRITICAL: i64 = 3;
const WARNING: i64 = 4;
const UNTRAINED: i64 = 3;
pub(super) const FIELD_SERVICE: i64 = 5;

impl Printer {
    pub fn mac(&self) -> [u8; 6] {
        let [a, b, c] = self.plan.model.mac_prefix;
        let low = u32::from(self.plan.host).wrapping_mul(2_654_435_761); // spreads, and is the same every time
        [a, b, c, (low >> 24) as u8, (low >> 16) as u8, self.plan.host]
    }

    pub(super) fn uptime_cs(&self, now: Millis) -> u32 {
        (now.since(self.booted) / 10) as u32
    }

    /// All objects now, sorted.
    pub fn objects(&self, now: Millis, address: [u8; 4]) -> Vec<(Oid, Value)> {
        let mut rows = Rows::default();
        let model = self.plan.model;
        rows.system(System {
            descr: &self.fill(model.sys_descr, self.plan.serial),
            object_id: model.sys_object_id,
            uptime_cs: self.uptime_cs(now),
            name: self.plan.name,
            location: self.plan.room,
            services: 72,
        });
        let minutes = (now.since(self.booted) / Millis::MINUTE) as u64;
        rows.interface(&Interface {
            index: 1,
            descr: "Ethernet",
            mac: self.mac(),
            up: true,
            speed_mbps: 1000,
            in_octets: self.pages * 48_000 + minutes * 2_400,
            out_octets: minutes * 900,
            ..Interface::default()
        });
        rows.address(address, 1);
        self.device_rows(&mut rows);
        self.marker_rows(&mut rows);
        self.tray_rows(&mut rows);
        self.alert_rows(now, &mut rows);
        self.private_rows(&mut rows);
        rows.finish()
    }

    pub(super) fn fill(&self, template: &str, serial: &str) -> String {
        template.replace("{sn}", serial)
    }

    /// hrDeviceTable, hrPrinterTable, prtGeneralTable, console.
    fn device_rows(&self, rows: &mut Rows) {
        let model = self.plan.model;
        let printer = [1, 3, 6, 1, 2, 1, 25, 3, 1, 5];
        rows.row(
            "25.3.2.1",
            &[1],
            [
                (1, Value::Integer(1)),
                (2, Value::Oid(Oid::new(&printer))),
                (3, text(model.name)),
                (4, Value::Oid(self.device_object_id())),
                (5, Value::Integer(self.device_status())),
                (6, Value::Counter32(0)),
            ],
        );
        let (status, errors) = (self.printer_status(), self.detected_errors());
        rows.row("25.3.5.1", &[1], [(1, Value::Integer(status)), (2, text(errors))]);
        rows.mib2("43.5.1.1.16", &[1], text(self.plan.name));
        let serial_is_standard = !matches!(model.maker, Maker::Brother | Maker::Kyocera | Maker::Samsung);
        if serial_is_standard && !self.plan.serial.is_empty() {
            rows.mib2("43.5.1.1.17", &[1], text(self.plan.serial));
        }
        rows.mib2("43.16.5.1.2", &[1, 1], text(self.console()));
    }

    /// hrDeviceID: Epson spells the model in it, others repeat sysObjectID.
    fn device_object_id(&self) -> Oid {
        let model = self.plan.model;
        if model.maker != Maker::Epson {
            return model.sys_object_id.parse().unwrap_or_default();
        }
        let name = model.name.split(' ').next().unwrap_or_default();
        let spelt: Vec<u32> = name.bytes().map(u32::from).collect();
        Oid::new(&[1, 3, 6, 1, 4, 1, 1248, 1, 2, 1, spelt.len() as u32]).child(&spelt)
    }

    /// hrDeviceStatus: running, warning, down.
    fn device_status(&self) -> i64 {
        match (self.is_blocked(), self.alerts.is_empty()) {
            (true, _) => 5,
            (false, false) => 3,
            (false, true) => 2,
        }
    }
    /// hrPrinterStatus: other, idle, printing.
    fn printer_status(&self) -> i64 {
        match (self.is_blocked(), self.printing) {
            (true, _) => 1,
            (false, true) => 4,
            (false, false) => 3,
        }
    }

    /// hrPrinterDetectedErrorState, most significant bit first (RFC 2790).
    pub fn detected_errors(&self) -> Vec<u8> {
        let mut bits = [0u8; 2];
        let blocked_by_paper = self.is_blocked();
        for alert in &self.alerts {
            match alert.cause {
                Cause::Low(n) if self.supplies[n].spec.kind == Kind::Kit => bits[1] |= 0x02, // overduePreventMaint
                Cause::Low(_) => bits[0] |= 0x20,
                Cause::Empty(_) => bits[0] |= 0x10,
                Cause::PaperLow(_) => bits[0] |= 0x80,
                Cause::PaperOut(_) => bits[0] |= if blocked_by_paper { 0x40 } else { 0x80 },
                Cause::CoverOpen => bits[0] |= 0x08,
                Cause::Jam => bits[0] |= 0x04,
                Cause::Fault => bits[0] |= 0x01,
            }
        }
        // Agents differ in length; most send one byte while the second is empty.
        if bits[1] == 0 { bits[..1].to_vec() } else { bits.to_vec() }
    }

    pub(super) fn console(&self) -> String {
        let russian = self.speaks_russian();
        match self.alerts.iter().map(|a| self.describe(a)).min_by_key(|row| row.severity) {
            Some(row) => row.text,
            None if self.printing => if russian { "Печать" } else { "Printing" }.to_owned(),
            None => if russian { "Готов" } else { "Ready" }.to_owned(),
        }
    }
    fn speaks_russian(&self) -> bool {
        matches!(self.plan.model.maker, Maker::Hp | Maker::Pantum)
    }

    /// prtMarkerTable, prtMarkerSuppliesTable, prtMarkerColorantTable.
    fn marker_rows(&self, rows: &mut Rows) {
        rows.row(
            "43.10.2.1",
            &[1, 1],
            [
                (2, Value::Integer(4)), // electrophotographicLaser
                (3, Value::Integer(7)), // impressions
                (4, Value::Counter32(self.pages as u32)),
                (5, Value::Counter32((self.pages % 977) as u32)),
                (15, Value::Integer(if self.printing { 4 } else { 0 })),
            ],
        );
        let mut colorants = 0;
        for (number, supply) in self.supplies.iter().enumerate() {
            let spec = supply.spec;
            let index = self.supply_index(number);
            let colorant = if spec.color.is_empty() { 0 } else { colorants + 1 };
            if colorant > 0 {
                colorants = colorant;
                let process = 3;
                let columns = [(2, Value::Integer(1)), (3, Value::Integer(process)), (4, text(spec.color))];
                rows.row("43.12.1.1", &[1, colorant], columns);
            }
            let (max, level) = supply.reported();
            let percent_or_pages = if matches!(spec.report, Report::Pages) { 7 } else { 19 };
            rows.row(
                "43.11.1.1",
                &[1, index],
                [
                    (2, Value::Integer(1)),
                    (3, Value::Integer(i64::from(colorant))),
                    (4, Value::Integer(if spec.kind.is_receptacle() { 4 } else { 3 })),
                    (5, Value::Integer(spec.kind.number())),
                    (6, text(self.fill(spec.text, &format!("{:08X}", supply.serial)))),
                    (7, Value::Integer(percent_or_pages)),
                    (8, Value::Integer(max)),
                    (9, Value::Integer(level)),
                ],
            );
        }
    }

    /// prtMarkerSuppliesIndex: not without gaps everywhere.
    pub(super) fn supply_index(&self, number: usize) -> u32 {
        let next = number as u32 + 1;
        if self.plan.model.maker == Maker::Konica && self.supplies[number].spec.kind == Kind::WasteToner {
            13
        } else {
            next
        }
    }

    /// prtInputTable.
    fn tray_rows(&self, rows: &mut Rows) {
        for (number, (tray, sheets)) in self.plan.model.trays.iter().zip(&self.trays).enumerate() {
            let level = match (tray.counts, self.is_bypass(number), *sheets) {
                (_, true, _) => -2,
                (true, false, sheets) => i64::from(sheets),
                (false, false, 0) => 0,
                (false, false, _) => -3,
            };
            rows.row(
                "43.8.2.1",
                &[1, number as u32 + 1],
                [
                    (2, Value::Integer(3)), // sheetFeedAutoRemovableTray
                    (8, Value::Integer(8)), // sheets
                    (9, Value::Integer(i64::from(tray.capacity))),
                    (10, Value::Integer(level)),
                    (13, text(tray.name)),
                    (18, text(tray.name)),
                ],
            );
        }
    }

    fn alert_rows(&self, now: Millis, rows: &mut Rows) {
        let uptime = self.uptime_cs(now);
        for alert in &self.alerts {
            let row = self.describe(alert);
            let age_cs = (now.since(alert.since) / 10) as u32;
            rows.row(
                "43.18.1.1",
                &[1, alert.index],
                [
                    (2, Value::Integer(row.severity)),
                    (3, Value::Integer(row.training)),
                    (4, Value::Integer(row.group)),
                    (5, Value::Integer(row.group_index as i64)),
                    (6, Value::Integer(-2)),
                    (7, Value::Integer(row.code)),
                    (8, text(row.text)),
                    (9, Value::TimeTicks(uptime.saturating_sub(age_cs))),
                ],
            );
        }
    }

    /// Codes are those of IANA-PRINTER-MIB, PrtAlertCodeTC.
    pub(super) fn describe(&self, alert: &Alert) -> AlertRow {
        let russian = self.speaks_russian();
        let pick = |ru: &str, en: &str| if russian { ru } else { en }.to_owned();
        let (untrained, supply_group, input_group) = (UNTRAINED, 11, 8);
        let row = |severity, training, group, group_index, code, text| AlertRow {
            severity,
            training,
            group,
            group_index,
            code,
            text,
        };
        let name = |n: usize| self.fill(self.supplies[n].spec.text, "");
        let tray = |n: usize| self.plan.model.trays[n].name;
        match alert.cause {
            Cause::Low(n) => {
                let text = format!("{}: {}", pick("Мало", "Low"), name(n));
                row(WARNING, untrained, supply_group, n + 1, low_code(&self.supplies[n]), text)
            }
            Cause::Empty(n) => {
                let stops = self.supplies[n].spec.kind.stops_printing();
                let text = format!("{}: {}", pick("Закончился, замените", "Replace"), name(n));
                let severity = if stops { CRITICAL } else { WARNING };
                row(severity, untrained, supply_group, n + 1, empty_code(&self.supplies[n]), text)
            }
            Cause::PaperLow(n) => row(
                WARNING,
                untrained,
                input_group,
                n + 1,
                807,
                format!("{}: {}", pick("Мало бумаги", "Paper low"), tray(n)),
            ),
            Cause::PaperOut(n) => {
                let severity = if self.is_blocked() { CRITICAL } else { WARNING };
                let text = format!("{}: {}", pick("Нет бумаги", "Load paper"), tray(n));
                row(severity, untrained, input_group, n + 1, 808, text)
            }
            Cause::Jam => row(CRITICAL, untrained, 13, 1, 8, pick("Замятие бумаги", "Paper jam")),
            Cause::CoverOpen => row(CRITICAL, untrained, 6, 1, 3, pick("Открыта крышка", "Cover open")),
            Cause::Fault => row(CRITICAL, FIELD_SERVICE, 10, 1, 1004, self.plan.model.fault_console.to_owned()),
        }
    }

    /// What only this maker's agents have (formats as real ones answer).
    fn private_rows(&self, rows: &mut Rows) {
        let (model, serial) = (self.plan.model, self.plan.serial);
        let pages = Value::Counter32(self.pages as u32);
        match model.maker {
            Maker::Hp => {
                rows.private("11.2.3.9.1.1.7", &[0], text(self.device_id("Hewlett-Packard", model.name)));
                rows.private("11.2.3.9.4.2.1.1.3.2", &[0], pml(model.name));
                if !serial.is_empty() {
                    rows.private("11.2.3.9.4.2.1.1.3.3", &[0], pml(serial));
                }
                rows.private("11.2.3.9.4.2.1.1.3.5", &[0], pml(model.firmware));
                rows.private("11.2.3.9.4.2.1.4.1.2.5", &[0], Value::Integer(self.pages as i64));
            }
            Maker::Brother => {
                rows.private("2435.2.3.9.1.1.7", &[0], text(self.device_id("Brother", model.name)));
                rows.private("2435.2.3.9.4.2.1.5.5.1", &[0], text(serial));
                rows.private("2435.2.3.9.4.2.1.5.5.8", &[0], Value::OctetString(self.brother_maintenance()));
                rows.private("2435.2.4.3.1240.6.5", &[0], text(format!("Firmware Ver.{} (19.11.28)", model.firmware)));
                rows.private("2435.2.4.3.2435.5.13.3", &[0], text(model.name));
            }
            Maker::Kyocera => {
                rows.private("1347.43.5.1.1.1", &[1], text(model.name));
                rows.private("1347.43.5.1.1.28", &[1], text(serial));
                rows.private("1347.43.5.4.1.5", &[1, 1], text(model.firmware));
            }
            Maker::Xerox => rows.private("253.8.51.1.2.1.20", &[1], text(self.device_id("Xerox", model.name))),
            Maker::Canon => {
                rows.private("1602.1.1.1.1", &[0], text(model.name));
                rows.private("1602.1.1.1.4", &[0], text(model.firmware));
            }
            Maker::Ricoh => {
                rows.private("367.3.2.1.1.1.1", &[0], text(model.name.trim_start_matches("RICOH ")));
                rows.private("367.3.2.1.1.1.2", &[0], text(model.firmware));
                rows.private("367.3.2.1.2.1.4", &[0], text(serial));
                rows.private("367.3.2.1.2.19.1", &[0], pages);
                let toners = self.supplies.iter().filter(|s| s.spec.kind == Kind::Toner);
                for (n, supply) in (1..).zip(toners) {
                    rows.private("367.3.2.1.2.24.1.1.3", &[n], text(supply.spec.text));
                    rows.private("367.3.2.1.2.24.1.1.5", &[n], Value::Integer(ricoh_level(supply)));
                }
            }
            Maker::Konica => {
                rows.private("18334.1.1.1.1.6.1", &[0], text(model.firmware));
                rows.private("18334.1.1.1.1.6.2.1", &[0], text(model.name));
                let color = Value::Integer(self.color_pages as i64);
                rows.private("18334.1.1.1.5.7.2.2.1.5", &[2, 2], color);
            }
            Maker::Lexmark => {
                for (column, value) in [(2, "Lexmark MS421dn"), (4, model.firmware), (6, serial)] {
                    rows.private(&format!("641.2.1.2.1.{column}"), &[1], text(value));
                }
            }
            Maker::Samsung => rows.private("236.11.5.1.1.1.4", &[0], text(serial)),
            Maker::Oki => rows.private("11.2.3.9.1.1.7", &[0], text(self.device_id("OKI DATA CORP", model.name))),
            Maker::Epson => {
                rows.private("1248.1.2.2.1.1.1.5", &[1], text(serial));
                rows.private("1248.1.2.2.2.1.1.2.1", &[4], text(model.firmware));
            }
            Maker::Pantum => {}
        }
    }

    /// IEEE 1284 device id.
    pub fn device_id(&self, maker: &str, model: &str) -> String {
        format!("MFG:{maker};CMD:PJL,PCL,PCLXL,POSTSCRIPT;MDL:{model};CLS:PRINTER;DES:{model};")
    }

    /// Records of id, 1, 4, value in hundredths of a percent; the levels the standard objects hide.
    fn brother_maintenance(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        for supply in &self.supplies {
            let id = if supply.spec.kind == Kind::Drum { 0x41 } else { 0x6f };
            blob.extend([id, 1, 4]);
            blob.extend(((supply.remaining * 100.0).ceil() as u32 * 100).to_be_bytes());
        }
        blob.push(0xff);
        blob
    }
}

/// An object of HP's printer management language: two bytes of header, then the text.
fn pml(s: &str) -> Value {
    let mut bytes = vec![0x01, 0x15];
    bytes.extend(s.as_bytes());
    Value::OctetString(bytes)
}

/// Steps of ten percent, -100 when empty.
fn ricoh_level(supply: &Supply) -> i64 {
    if supply.is_empty() { -100 } else { (supply.remaining * 10.0).ceil() as i64 * 10 }
}

fn low_code(supply: &Supply) -> i64 {
    match supply.spec.kind {
        Kind::Toner => 1104,
        Kind::Ink => 1105,
        Kind::WasteToner => 1107,
        Kind::WasteInk => 1108,
        Kind::Drum => 1111,
        Kind::Developer => 1113,
        Kind::Fuser | Kind::Transfer | Kind::Kit => 10,
    }
}

fn empty_code(supply: &Supply) -> i64 {
    match supply.spec.kind {
        Kind::Toner => 1101,
        Kind::Ink => 1102,
        Kind::WasteToner => 1109,
        Kind::WasteInk => 1110,
        Kind::Drum => 1112,
        Kind::Developer => 1114,
        Kind::Fuser | Kind::Transfer | Kind::Kit => 11,
    }
}
