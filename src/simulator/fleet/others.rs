//! Router, access points, UPS, server, storage, phones, label printers: quieter agents with fewer objects.

use super::branch::{OtherKind, OtherPlan, SWITCHES};
use super::hours;
use super::rows::{Interface, Rows, System, text};
use crate::model::Millis;
use crate::protocol::snmp::{Oid, Value};

pub struct Other {
    pub plan: &'static OtherPlan,
    booted: Millis,
    received: u64,
    /// Minutes a power cut has lasted and will last, of a UPS.
    on_battery: Option<(u32, u32)>,
    charge: f64,
    /// Labels of a label printer, in millimetres.
    printed_mm: u64,
}

impl Other {
    pub fn new(plan: &'static OtherPlan, at: Millis) -> Self {
        let age_days = 20 + i64::from(plan.host) * 3;
        Other {
            plan,
            booted: at.plus(-age_days * Millis::DAY),
            received: u64::from(plan.host) << 33,
            on_battery: None,
            charge: 100.0,
            printed_mm: u64::from(plan.host) * 40_000_000,
        }
    }

    /// The mains fail for this many minutes.
    pub fn power_cut(&mut self, minutes: u32) {
        self.on_battery = Some((0, minutes));
    }

    pub fn is_on_battery(&self) -> bool {
        self.on_battery.is_some()
    }

    pub fn minute(&mut self, at: Millis) {
        let activity = hours::activity(at);
        self.received += ((activity + 0.05) * 4_000_000.0) as u64;
        self.printed_mm += (activity * 1_400.0) as u64;
        self.on_battery = self.on_battery.and_then(|(past, total)| (past < total).then_some((past + 1, total)));
        let change = if self.on_battery.is_some() { -1.4 } else { 0.25 };
        self.charge = (self.charge + change).clamp(5.0, 100.0);
    }

    fn uptime_cs(&self, now: Millis) -> u32 {
        (now.since(self.booted) / 10) as u32
    }

    /// All objects now, sorted.
    pub fn objects(&self, now: Millis, network: [u8; 3]) -> Vec<(Oid, Value)> {
        const NET_SNMP: &str = "1.3.6.1.4.1.8072.3.2.10";
        let (descr, object_id, services, ports): (&str, &str, i64, &[&str]) = match self.plan.kind {
            OtherKind::Router => {
                ("RouterOS RB5009UPr+S+", "1.3.6.1.4.1.14988.1", 78, &["ether1", "ether2", "ether3", "sfp-sfpplus1"])
            }
            OtherKind::AccessPoint => ("UAP-nanoHD 6.6.77.15402", NET_SNMP, 72, &["eth0", "ra0", "rai0"]),
            OtherKind::Ups => ("Eaton 9PX 1000i RT 2U", "1.3.6.1.4.1.534.1", 72, &["Ethernet"]),
            OtherKind::Server => (
                "Linux srv-1c 6.1.0-28-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.119-1 (2024-11-22) x86_64",
                NET_SNMP,
                72,
                &["eno1", "eno2"],
            ),
            OtherKind::Storage => ("Linux nas-01 5.1.8", "1.3.6.1.4.1.24681", 72, &["eth0"]),
            OtherKind::Phone if !self.plan.serial.is_empty() => (
                "Linux SPA112 2.6.26.5 #1 PREEMPT Wed Aug 2 14:04:45 CST 2017 armv5tejl",
                "1.3.6.1.4.1.9.6.1.23.1.1.1.3",
                72,
                &["eth0"],
            ),
            OtherKind::Phone => ("Yealink SIP-T42S 66.86.0.15", "1.3.6.1.4.1.37459.1", 72, &["eth0"]),
            OtherKind::LabelPrinter => ("Zebra Wired", "1.3.6.1.4.1.10642.1.1", 72, &["ether"]),
        };
        let mut rows = Rows::default();
        let (name, location) = (self.plan.name, self.plan.room);
        rows.system(System { descr, object_id, uptime_cs: self.uptime_cs(now), name, location, services });
        let [x, y, z] = network;
        rows.address([x, y, z, self.plan.host], 1);
        rows.mib2("2.1", &[0], Value::Integer(ports.len() as i64));
        for (index, name) in (1..).zip(ports) {
            let mut mac = self.plan.mac;
            mac[5] = mac[5].wrapping_add(index as u8 - 1);
            rows.interface(&Interface {
                index,
                descr: name,
                extended: Some((name, "")),
                mac,
                up: index == 1 || self.plan.kind == OtherKind::AccessPoint,
                speed_mbps: 1000,
                in_octets: self.received / u64::from(index),
                out_octets: self.received / u64::from(index) / 3,
                ..Interface::default()
            });
        }
        match self.plan.kind {
            OtherKind::Router => self.router(network, &mut rows),
            OtherKind::Ups => self.ups(&mut rows),
            OtherKind::Server | OtherKind::Storage => self.host(&mut rows),
            OtherKind::LabelPrinter => self.label_printer(&mut rows),
            OtherKind::AccessPoint | OtherKind::Phone => {}
        }
        rows.finish()
    }

    /// MIKROTIK-MIB: firmware, serial, neighbours by the maker's own discovery.
    fn router(&self, [x, y, z]: [u8; 3], rows: &mut Rows) {
        rows.private("14988.1.1.4.4", &[0], text("7.20.4"));
        rows.private("14988.1.1.7.3", &[0], text(self.plan.serial));
        let core = &SWITCHES[super::branch::CORE];
        let columns = [
            (2, Value::IpAddress([x, y, z, core.host])),
            (3, text(core.mac)),
            (4, text("4.0.15.2")),
            (5, text("MES2348P")),
            (6, text(core.name)),
            (8, Value::Integer(1)),
        ];
        for (column, value) in columns {
            rows.private(&format!("14988.1.1.11.1.1.{column}"), &[1], value);
        }
    }

    /// UPS-MIB (RFC 1628).
    fn ups(&self, rows: &mut Rows) {
        rows.mib2("33.1.1.1", &[0], text("EATON"));
        rows.mib2("33.1.1.2", &[0], text("Eaton 9PX 1000i RT 2U"));
        rows.mib2("33.1.1.3", &[0], text("01.20.5072"));
        rows.mib2("33.1.1.5", &[0], text(self.plan.name));
        rows.private("534.1.1.6", &[0], text(self.plan.serial));
        let on_battery = self.on_battery.map_or(0, |(past, _)| i64::from(past) * 60);
        let (normal, low) = (2, 3);
        let status = if self.charge < 20.0 { low } else { normal };
        rows.mib2("33.1.2.1", &[0], Value::Integer(status));
        rows.mib2("33.1.2.2", &[0], Value::Integer(on_battery));
        rows.mib2("33.1.2.3", &[0], Value::Integer((self.charge * 0.42) as i64));
        rows.mib2("33.1.2.4", &[0], Value::Integer(self.charge as i64));
        let (mains, battery) = (3, 5);
        let source = if self.on_battery.is_some() { battery } else { mains };
        rows.mib2("33.1.4.1", &[0], Value::Integer(source));
        rows.mib2("33.1.4.4.1.5", &[1], Value::Integer(38));
    }

    /// HOST-RESOURCES-MIB: memory and disks.
    fn host(&self, rows: &mut Rows) {
        if self.plan.kind == OtherKind::Storage {
            rows.private("24681.1.2.12", &[0], text("TS-451+"));
            rows.private("24681.1.2.13", &[0], text(self.plan.name));
        }
        for (index, name, gigabytes, used_share) in
            [(1, "Physical memory", 64, 0.71), (31, "/", 480, 0.44), (32, "/srv", 3800, 0.63)]
        {
            let blocks = i64::from(gigabytes) * 262_144;
            rows.row(
                "25.2.3.1",
                &[index],
                [
                    (1, Value::Integer(i64::from(index))),
                    (3, text(name)),
                    (4, Value::Integer(4096)),
                    (5, Value::Integer(blocks)),
                    (6, Value::Integer((blocks as f64 * used_share) as i64)),
                ],
            );
        }
    }

    fn label_printer(&self, rows: &mut Rows) {
        rows.private("10642.1.1", &[0], text("ZTC ZT230-200dpi ZPL"));
        rows.private("10642.1.2", &[0], text("V72.20.01Z"));
        rows.private("10642.1.4", &[0], text(self.plan.name));
        rows.private("10642.1.5", &[0], text(self.plan.room));
        rows.private("10642.1.9", &[0], text(self.plan.serial));
        let odometer = format!("{} INCHES, {} CENTIMETERS", self.printed_mm * 10 / 254, self.printed_mm / 10);
        rows.private("10642.200.17.3", &[0], text(odometer));
    }
}
