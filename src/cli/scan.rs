//! `anykey scan`: one-shot discovery of what answers SNMP or IPP.
//!
//! Results go to stdout (JSON: one object a line, as they come), everything else to stderr, progress only on a
//! terminal. It stores nothing. A further column is a field of `Line`.

use std::io::{IsTerminal, Write};
use std::net::IpAddr;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::access::Access;
use super::{TableOrJson, live, out};
use crate::collect::{
    Credential, DiscoveryEvent, DiscoveryProgress, Found, IPP_PORT, SNMP_PORT, Scan, ScanRange, discover,
};
use crate::model::DeviceKind;

#[derive(clap::Args)]
pub struct Args {
    /// Networks (192.168.1.0/24, at most /16 each) or single addresses.
    #[arg(required = true, value_name = "CIDR")]
    ranges: Vec<ScanRange>,
    #[command(flatten)]
    access: Access,
    /// UDP port of the SNMP agents.
    #[arg(long, default_value_t = SNMP_PORT)]
    port: u16,
    /// TCP port of IPP; 0 does not ask it.
    #[arg(long, default_value_t = IPP_PORT)]
    ipp_port: u16,
    /// Also list hosts that answer only a ping.
    #[arg(long)]
    all: bool,
    /// Wait for an SNMP answer, per attempt.
    #[arg(long, default_value = "1s", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// Further attempts after the first.
    #[arg(long, default_value_t = 1)]
    retries: u8,
    /// Packets per second of each protocol; 10000 by default, 100000 on loopback, 0 without limit.
    #[arg(long)]
    rate: Option<u32>,
    #[arg(long, value_enum, default_value_t = TableOrJson::Table)]
    format: TableOrJson,
}

/// One host that was found.
#[derive(Serialize)]
struct Line {
    address: IpAddr,
    ping_ms: Option<f64>,
    snmp_version: Option<String>,
    sys_name: Option<String>,
    sys_descr: Option<String>,
    sys_object_id: Option<String>,
    kind: Option<DeviceKind>,
    vendor: Option<String>,
    model: Option<String>,
    serial: Option<String>,
    /// URI of its IPP service.
    ipp: Option<String>,
}

impl Line {
    fn new(found: Found) -> Self {
        let version = |c: &Credential| c.version.to_string();
        Line {
            address: found.address,
            ping_ms: found.ping_ms.map(|ms| (ms * 1000.0).round() / 1000.0),
            snmp_version: found.credential.as_ref().map(version),
            sys_name: found.facts.sys_name,
            sys_descr: found.facts.sys_descr,
            sys_object_id: found.facts.sys_object_id,
            kind: found.facts.kind,
            vendor: found.facts.vendor,
            model: found.facts.model,
            serial: found.facts.serial,
            ipp: found.ipp,
        }
    }
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let loopback = args.ranges.iter().all(|r| r.hosts().all(|a| a.is_loopback()));
    let prober = live::prober(args.rate.unwrap_or(if loopback { live::LOOPBACK_RATE } else { live::RATE }), None)?;
    let scan = Scan {
        port: args.port,
        ipp_port: (args.ipp_port != 0).then_some(args.ipp_port),
        ping_only: args.all,
        timeout: args.timeout,
        retries: args.retries,
        ..Scan::new(args.ranges, args.access.ladder(None)?)
    };
    let (sender, mut events) = mpsc::channel(256);
    let stop = CancellationToken::new();
    let (running, stopping) = (stop.clone(), stop.clone());
    let work = tokio::spawn(async move { discover(&prober, &scan, sender, running).await });
    let interrupted = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            stopping.cancel();
        }
    });
    let mut output = Output::new(args.format);
    while let Some(event) = events.recv().await {
        output.take(event)?;
    }
    interrupted.abort();
    let end = work.await??;
    output.finish(&end)?;
    if stop.is_cancelled() {
        anyhow::bail!("interrupted: {} found so far, {} addresses in all", end.found, end.total);
    }
    Ok(())
}

/// Where news go: results to stdout, the rest to stderr.
struct Output {
    format: TableOrJson,
    lines: Vec<Line>,
    progress: bool,
    /// A progress line stands on the terminal.
    drawn: bool,
}

impl Output {
    fn new(format: TableOrJson) -> Self {
        Output { format, lines: Vec::new(), progress: std::io::stderr().is_terminal(), drawn: false }
    }

    fn take(&mut self, event: DiscoveryEvent) -> anyhow::Result<()> {
        match event {
            DiscoveryEvent::Progress(p) => return Ok(self.draw(&p)?),
            DiscoveryEvent::Note(text) => {
                self.erase()?;
                eprintln!("anykey scan: {text}");
            }
            DiscoveryEvent::Unidentified(trail) => {
                self.erase()?;
                eprintln!("{trail}");
            }
            DiscoveryEvent::Found(found) => {
                let line = Line::new(*found);
                if self.format == TableOrJson::Table {
                    self.lines.push(line);
                } else {
                    self.erase()?;
                    out::line(&serde_json::to_string(&line)?)?;
                }
            }
        }
        Ok(())
    }

    fn draw(&mut self, p: &DiscoveryProgress) -> std::io::Result<()> {
        if self.progress {
            let (rung, rungs) = (p.rung.max(1), p.rungs);
            let asked = format!("SNMP {rung} of {rungs}: {} of {} asked", p.asked, p.rung_total);
            let ping = format!("ping: {} of {} done, {} alive", p.pinged, p.total, p.alive);
            let mut err = std::io::stderr();
            write!(err, "\r\x1b[K{ping}; {asked}; {} found", p.found)?;
            err.flush()?;
            self.drawn = true;
        }
        Ok(())
    }

    fn erase(&mut self) -> std::io::Result<()> {
        if std::mem::take(&mut self.drawn) {
            write!(std::io::stderr(), "\r\x1b[K")?;
        }
        Ok(())
    }

    fn finish(&mut self, end: &DiscoveryProgress) -> anyhow::Result<()> {
        self.erase()?;
        if self.format == TableOrJson::Table {
            self.lines.sort_by_key(|l| l.address);
            out::text(&table(&self.lines))?;
            eprintln!("{} of {} addresses answered", end.found, end.total);
        }
        Ok(())
    }
}

/// Columns as wide as what stands in them.
fn table(lines: &[Line]) -> String {
    let mut rows = vec![["ADDRESS", "PING", "BY", "KIND", "VENDOR", "MODEL", "SERIAL", "NAME"].map(str::to_owned)];
    for line in lines {
        let text = |t: &Option<String>| t.as_deref().map(one_line).unwrap_or_default();
        let by = match (&line.snmp_version, &line.ipp) {
            (Some(v), Some(_)) => format!("SNMP v{v}, IPP"),
            (Some(v), None) => format!("SNMP v{v}"),
            (None, Some(_)) => "IPP".to_owned(),
            (None, None) => "ping".to_owned(),
        };
        rows.push([
            line.address.to_string(),
            line.ping_ms.map(|ms| format!("{ms:.1} ms")).unwrap_or_default(),
            by,
            line.kind.map(|k| k.as_str().to_owned()).unwrap_or_default(),
            text(&line.vendor),
            text(&line.model),
            text(&line.serial),
            text(&line.sys_name),
        ]);
    }
    let width = |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..rows[0].len()).map(width).collect();
    let mut out = String::new();
    for row in &rows {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, w)| format!("{cell:w$}")).collect();
        out.push_str(cells.join("  ").trim_end());
        out.push('\n');
    }
    out
}

/// Texts of devices may hold line ends and control characters; a terminal must not obey them.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_aligned_and_safe() {
        let line = |address: &str, name: &str| Line {
            address: address.parse().unwrap(),
            ping_ms: Some(0.25),
            snmp_version: Some("2c".into()),
            sys_name: Some(name.into()),
            sys_descr: None,
            sys_object_id: None,
            kind: Some(DeviceKind::Printer),
            vendor: Some("HP".into()),
            model: None,
            serial: None,
            ipp: Some("ipp://x/".into()),
        };
        let text = table(&[line("10.0.0.1", "one\x1b[2J"), line("10.0.0.100", "Принтер")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "ADDRESS     PING    BY             KIND     VENDOR  MODEL  SERIAL  NAME");
        assert_eq!(lines[1], "10.0.0.1    0.2 ms  SNMP v2c, IPP  printer  HP                     one [2J");
        assert_eq!(lines[2], "10.0.0.100  0.2 ms  SNMP v2c, IPP  printer  HP                     Принтер");
    }
}
