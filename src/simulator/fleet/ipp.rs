//! IPP of the printers that speak it: Get-Printer-Attributes over HTTP, the same state the SNMP agent tells.
//!
//! One operation, one queue (`/ipp/print`); a printer that is off drops connections. It prints nothing and accepts no job.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::live::Live;
use super::models::Kind;
use super::printer::{Cause, Printer};
use super::printer_mib::{CRITICAL, FIELD_SERVICE};
use super::{Number, Supply};
use crate::model::Millis;
use crate::protocol::ipp::codec::{Encoder, Status, decode, tag};
use crate::simulator::server::StartError;

/// Printers answering IPP. Dropping it stops them.
pub struct IppServer {
    _tasks: JoinSet<()>,
    addresses: Vec<SocketAddr>,
}

impl IppServer {
    /// Every IPP printer of the fleet at its own address and this port.
    pub async fn start(live: &Arc<Live>, port: u16) -> Result<IppServer, StartError> {
        let cards: Vec<_> = live.with(|fleet| (0..fleet.len()).map(|n| (n, fleet.card(n))).collect());
        let (mut tasks, mut addresses) = (JoinSet::new(), Vec::new());
        for (number, card) in cards.into_iter().filter(|(_, card)| card.ipp) {
            let address = SocketAddr::new(IpAddr::V4(card.address), port);
            let listener = TcpListener::bind(address).await.map_err(|why| match why.kind() {
                std::io::ErrorKind::AddrInUse => StartError::Taken(address),
                _ => StartError::Bind { address, why },
            })?;
            let queue = Queue { live: live.clone(), number, address };
            let app = Router::new()
                .route("/ipp/print", post(answer))
                .layer(DefaultBodyLimit::max(64 << 10))
                .with_state(queue.clone());
            addresses.push(address);
            tasks.spawn(async move {
                let served = axum::serve(WhileOn { listener, queue }, app).await;
                if let Err(e) = served {
                    tracing::error!(%address, error = %e, "a simulated IPP printer stopped");
                }
            });
        }
        Ok(IppServer { _tasks: tasks, addresses })
    }

    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

#[derive(Clone)]
struct Queue {
    live: Arc<Live>,
    number: Number,
    address: SocketAddr,
}

impl Queue {
    fn look<T>(&self, look: impl FnOnce(&Printer, Millis) -> T) -> Option<T> {
        self.live.with(|fleet| {
            let now = fleet.now();
            fleet.printer(self.number).filter(|p| p.is_on()).map(|p| look(p, now))
        })
    }
}

/// A listener that drops connections while its printer is off.
struct WhileOn {
    listener: TcpListener,
    queue: Queue,
}

impl axum::serve::Listener for WhileOn {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        loop {
            let accepted = axum::serve::Listener::accept(&mut self.listener).await;
            if self.queue.look(|_, _| ()).is_some() {
                return accepted;
            }
        }
    }
    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

async fn answer(State(queue): State<Queue>, body: Bytes) -> Response {
    const GET_PRINTER_ATTRIBUTES: u16 = 0x000b;
    const OPERATION_NOT_SUPPORTED: Status = Status(0x0501);
    let Ok(request) = decode(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    let uri = format!("ipp://{}/ipp/print", queue.address);
    let bytes = if request.code == GET_PRINTER_ATTRIBUTES {
        queue.look(|printer, now| attributes(printer, now, &uri, request.request_id))
    } else {
        Some(begin(OPERATION_NOT_SUPPORTED, request.request_id).finish())
    };
    // Connections are not kept: one that outlives its printer's plug would still answer.
    match bytes {
        Some(bytes) => {
            ([(header::CONTENT_TYPE, "application/ipp"), (header::CONNECTION, "close")], bytes).into_response()
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, [(header::CONNECTION, "close")]).into_response(),
    }
}

fn begin(status: Status, request_id: i32) -> Encoder {
    let mut e = Encoder::new((2, 0), status.0, request_id);
    e.group(tag::OPERATION).texts(tag::CHARSET, "attributes-charset", ["utf-8"]).texts(
        tag::LANGUAGE,
        "attributes-natural-language",
        ["ru"],
    );
    e
}

/// The whole reply to Get-Printer-Attributes.
fn attributes(p: &Printer, now: Millis, uri: &str, request_id: i32) -> Vec<u8> {
    let (plan, model) = (p.plan, p.plan.model);
    let maker = model.name.split(' ').next().filter(|w| *w == "HP").unwrap_or("EPSON");
    let state = if p.is_blocked() {
        5
    } else if p.printing {
        4
    } else {
        3
    };
    let reasons = reasons(p);
    let mut e = begin(Status(0), request_id);
    e.group(tag::PRINTER)
        .texts(tag::URI, "printer-uri-supported", [uri])
        .texts(tag::NAME, "printer-name", [plan.name])
        .texts(tag::TEXT, "printer-location", [plan.room])
        .texts(tag::TEXT, "printer-make-and-model", [model.name])
        .texts(tag::TEXT, "printer-device-id", [p.device_id(maker, model.name)])
        .texts(tag::URI, "printer-uuid", [uuid(p)])
        .texts(tag::TEXT, "printer-serial-number", [plan.serial])
        .texts(tag::NAME, "printer-firmware-name", ["Firmware"])
        .texts(tag::TEXT, "printer-firmware-string-version", [model.firmware])
        .integers(tag::INTEGER, "printer-up-time", [(p.uptime_cs(now) / 100) as i32])
        .integers(tag::ENUM, "printer-state", [state])
        .texts(tag::KEYWORD, "printer-state-reasons", reasons)
        .texts(tag::TEXT, "printer-state-message", [p.console()])
        .raw(tag::BOOLEAN, "printer-is-accepting-jobs", &[1])
        .raw(tag::BOOLEAN, "color-supported", &[u8::from(model.color_share > 0.0)])
        .integers(tag::INTEGER, "printer-impressions-completed", [p.pages as i32]);
    let percent = |s: &Supply| (s.remaining * 100.0).ceil() as i32;
    e.texts(tag::NAME, "marker-names", p.supplies.iter().map(|s| s.spec.text))
        .texts(tag::KEYWORD, "marker-types", p.supplies.iter().map(|s| kind_word(s.spec.kind)))
        .texts(tag::NAME, "marker-colors", p.supplies.iter().map(|s| rgb(s.spec.color)))
        .integers(tag::INTEGER, "marker-levels", p.supplies.iter().map(percent))
        .integers(tag::INTEGER, "marker-low-levels", p.supplies.iter().map(|_| 10))
        .integers(tag::INTEGER, "marker-high-levels", p.supplies.iter().map(|_| 100));
    let rows = p.supplies.iter().enumerate().map(|(n, s)| {
        let class = if s.spec.kind.is_receptacle() { "receptacleThatIsFilled" } else { "supplyThatIsConsumed" };
        let (index, kind, level) = (p.supply_index(n), kind_word(s.spec.kind), percent(s));
        let color = if s.spec.color.is_empty() { "none" } else { s.spec.color };
        format!(
            "index={index};class={class};type={kind};unit=percent;maxcapacity=100;level={level};colorantname={color};"
        )
    });
    e.texts(tag::OCTET_STRING, "printer-supply", rows);
    e.texts(tag::TEXT, "printer-supply-description", p.supplies.iter().map(|s| s.spec.text));
    alerts(p, now, &mut e);
    e.finish()
}

/// printer-alert (PWG 5100.9): rows of prtAlertTable as text.
fn alerts(p: &Printer, now: Millis, e: &mut Encoder) {
    let described: Vec<_> = p.alerts.iter().map(|a| (a, p.describe(a))).collect();
    let rows = described.iter().map(|(alert, row)| {
        let severity = if row.severity == CRITICAL { "critical" } else { "warning" };
        let training = if row.training == FIELD_SERVICE { "fieldService" } else { "untrained" };
        let group = match row.group {
            6 => "cover",
            8 => "input",
            10 => "marker",
            11 => "markerSupplies",
            _ => "mediaPath",
        };
        let time = (p.uptime_cs(now) / 100).saturating_sub((now.since(alert.since) / 1000) as u32);
        let (code, index) = (code_word(row.code), row.group_index);
        format!("code={code};severity={severity};training={training};group={group};groupindex={index};location=-2;time={time};")
    });
    e.texts(tag::OCTET_STRING, "printer-alert", rows);
    e.texts(tag::TEXT, "printer-alert-description", described.iter().map(|(_, row)| row.text.as_str()));
}

fn uuid(p: &Printer) -> String {
    let [a, b, c, d, e, f] = p.mac();
    format!("urn:uuid:564e4333-4e30-3238-3431-{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{f:02x}")
}

fn reasons(p: &Printer) -> Vec<String> {
    let mut reasons: Vec<String> = p.alerts.iter().map(|a| reason(p, a.cause).to_owned()).collect();
    reasons.dedup();
    if reasons.is_empty() {
        reasons.push("none".to_owned());
    }
    reasons
}

fn reason(p: &Printer, cause: Cause) -> &'static str {
    let waste = |n: usize| p.supplies[n].spec.kind.is_receptacle();
    match cause {
        Cause::Low(n) if waste(n) => "marker-waste-almost-full-warning",
        Cause::Low(_) => "marker-supply-low-warning",
        Cause::Empty(n) if waste(n) => "marker-waste-full-error",
        Cause::Empty(_) => "marker-supply-empty-error",
        Cause::PaperLow(_) => "media-low-warning",
        Cause::PaperOut(_) => "media-empty-warning",
        Cause::Jam => "media-jam-error",
        Cause::CoverOpen => "cover-open-error",
        Cause::Fault => "marker-fuser-thermistor-failure-error",
    }
}

fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Toner => "toner",
        Kind::Ink => "ink",
        Kind::Drum => "opc",
        Kind::Developer => "developer",
        Kind::Fuser => "fuser",
        Kind::Transfer => "transferUnit",
        Kind::Kit => "other",
        Kind::WasteToner => "wasteToner",
        Kind::WasteInk => "wasteInk",
    }
}

fn rgb(color: &str) -> &'static str {
    match color {
        "black" => "#000000",
        "cyan" => "#00FFFF",
        "magenta" => "#FF00FF",
        "yellow" => "#FFFF00",
        _ => "none",
    }
}

/// Names of IANA-PRINTER-MIB for the codes `printer_mib` gives.
fn code_word(code: i64) -> &'static str {
    match code {
        3 => "coverOpen",
        8 => "jam",
        10 => "subunitLifeAlmostOver",
        11 => "subunitLifeOver",
        807 => "inputMediaSupplyLow",
        808 => "inputMediaSupplyEmpty",
        1004 => "markerFuserThermistorFailure",
        1101 => "markerTonerEmpty",
        1102 => "markerInkEmpty",
        1104 => "markerTonerAlmostEmpty",
        1105 => "markerInkAlmostEmpty",
        1107 => "markerWasteTonerReceptacleAlmostFull",
        1108 => "markerWasteInkReceptacleAlmostFull",
        1109 => "markerWasteTonerReceptacleFull",
        1110 => "markerWasteInkReceptacleFull",
        1111 => "markerOpcLifeAlmostOver",
        1112 => "markerOpcLifeOver",
        1113 => "markerDeveloperAlmostEmpty",
        1114 => "markerDeveloperEmpty",
        _ => "other",
    }
}
