//! The IPP client against printers that a test writes: what they answer over HTTP, right or wrong.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anykey::protocol::ipp::codec::{self, DecodeError, Encoder, tag};
use anykey::protocol::ipp::{IppClient, IppConfig, IppFailure, IppTarget, PrinterState, Status};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

struct Asked {
    path: String,
    headers: String,
    ipp: codec::Message,
}
type Log = Arc<Mutex<Vec<Asked>>>;

/// Answers each request with the bytes the script returns: a whole HTTP response.
async fn printer(script: impl Fn(&Asked) -> Vec<u8> + Send + Sync + 'static) -> (IppTarget, Log) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr: SocketAddr = listener.local_addr().unwrap();
    let log = Log::default();
    let (script, asked) = (Arc::new(script), log.clone());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (script, asked) = (script.clone(), asked.clone());
            tokio::spawn(async move {
                while let Some(request) = read(&mut stream).await {
                    let response = script(&request);
                    asked.lock().unwrap().push(request);
                    if stream.write_all(&response).await.is_err() || response.is_empty() {
                        return;
                    }
                }
            });
        }
    });
    (IppTarget::new(addr.ip()).port(addr.port()), log)
}

async fn read(stream: &mut TcpStream) -> Option<Asked> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let n = stream.read(&mut buffer).await.ok().filter(|n| *n > 0)?;
        bytes.extend_from_slice(&buffer[..n]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let headers = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let length =
            headers.lines().find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.expect("a POST with Content-Length");
        if bytes.len() >= end + 4 + length {
            let path = headers.split(' ').nth(1).unwrap().to_owned();
            let ipp = codec::decode(&bytes[end + 4..]).unwrap();
            assert_eq!(ipp.fault, None);
            return Some(Asked { path, headers, ipp });
        }
    }
}

fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n", body.len()).into_bytes();
    out.extend_from_slice(body);
    out
}
fn ipp(body: &[u8]) -> Vec<u8> {
    http("200 OK", "Content-Type: application/ipp\r\n", body)
}
fn good() -> Vec<u8> {
    let mut e = Encoder::new((1, 1), 0, 1);
    e.group(tag::OPERATION).texts(tag::CHARSET, "attributes-charset", ["utf-8"]);
    e.group(tag::PRINTER)
        .integers(tag::ENUM, "printer-state", [5])
        .texts(tag::KEYWORD, "printer-state-reasons", ["media-jam-error", "toner-low-warning"])
        .texts(tag::OCTET_STRING, "printer-alert", ["code=jam;severity=critical;group=mediaPath;groupindex=1"])
        .texts(tag::TEXT, "printer-alert-description", ["Замятие"])
        .integers(tag::INTEGER, "marker-levels", [-1, -2, -3]);
    e.finish()
}
fn status(code: u16) -> Vec<u8> {
    let mut e = Encoder::new((1, 1), code, 1);
    e.group(tag::OPERATION).texts(tag::TEXT, "status-message", ["Nein"]);
    e.finish()
}
fn client() -> IppClient {
    let config = IppConfig { timeout: Duration::from_secs(5), max_reply: 100_000, ..IppConfig::default() };
    IppClient::new(config).unwrap()
}

#[tokio::test]
async fn states_alerts_and_levels_come_as_sent() {
    let (target, log) = printer(|_| ipp(&good())).await;
    let p = client().printer_attributes(&target).await.unwrap();
    assert_eq!(p.state, Some(PrinterState::Stopped));
    assert_eq!(p.state_reasons, ["media-jam-error", "toner-low-warning"]);
    assert_eq!(p.alerts[0].code.as_deref(), Some("jam"));
    assert_eq!(p.alerts[0].description.as_deref(), Some("Замятие"));
    assert_eq!(p.markers.iter().map(|m| m.level).collect::<Vec<_>>(), [Some(-1), Some(-2), Some(-3)]);
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].path, "/ipp/print");
    assert!(log[0].headers.to_lowercase().contains("content-type: application/ipp"));
    assert_eq!(log[0].ipp.code, 0x000B);
    let names = &log[0].ipp.find(tag::OPERATION, "requested-attributes").unwrap().values;
    for wanted in ["printer-supply", "printer-alert-description", "marker-levels", "marker-high-levels"] {
        assert!(names.iter().any(|v| v.text().as_deref() == Some(wanted)), "{wanted}");
    }
}

#[tokio::test]
async fn connections_are_kept_and_paths_tried_in_turn() {
    let (target, log) = printer(|a| if a.path == "/" { ipp(&good()) } else { http("404 Not Found", "", b"") }).await;
    let p = client().printer_attributes(&target).await.unwrap();
    assert!(p.uri.ends_with('/'), "{}", p.uri);
    let paths: Vec<_> = log.lock().unwrap().iter().map(|a| a.path.clone()).collect();
    assert_eq!(paths, ["/ipp/print", "/ipp/printer", "/"]);
}

#[tokio::test]
async fn a_queue_has_its_own_path() {
    let (target, log) = printer(|_| ipp(&status(0x0406))).await;
    let e = client().printer_attributes(&target.queue("Этаж 2")).await.unwrap_err();
    assert_eq!(e.failure, IppFailure::Status { status: Status::NOT_FOUND, message: Some("Nein".into()) });
    assert!(e.to_string().contains("client-error-not-found (Nein)"), "{e}");
    let log = log.lock().unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!(log[0].path, "/printers/%D0%AD%D1%82%D0%B0%D0%B6%202");
}

#[tokio::test]
async fn the_other_version_and_fewer_words_are_tried() {
    let (target, log) = printer(|a| {
        let words = a.ipp.find(tag::OPERATION, "requested-attributes").unwrap().values.len();
        match (a.ipp.version, words) {
            ((1, 1), _) => ipp(&status(0x0503)),
            (_, 1) => ipp(&good()),
            _ => ipp(&status(0x0400)),
        }
    })
    .await;
    assert!(client().printer_attributes(&target).await.is_ok());
    assert_eq!(log.lock().unwrap().len(), 3);
}

#[tokio::test]
async fn redirects_stay_on_the_host_and_end() {
    let (target, log) = printer(|a| match a.path.as_str() {
        "/ipp/print" => http("308 Permanent Redirect", "Location: /ipp/new\r\n", b""),
        _ => ipp(&good()),
    })
    .await;
    assert!(client().printer_attributes(&target).await.is_ok());
    assert_eq!(log.lock().unwrap()[1].path, "/ipp/new");

    let (target, log) = printer(|_| http("302 Found", "Location: /ipp/print\r\n", b"")).await;
    let e = client().printer_attributes(&target.clone()).await.unwrap_err();
    assert!(matches!(e.failure, IppFailure::Redirect(_)), "{e}");
    assert_eq!(log.lock().unwrap().len(), 12, "four requests for each of three paths");

    let (target, log) = printer(|_| http("302 Found", "Location: http://192.0.2.1/ipp\r\n", b"")).await;
    let path = IppTarget { path: Some("/ipp/print".into()), ..target };
    let e = client().printer_attributes(&path).await.unwrap_err();
    assert_eq!(e.failure, IppFailure::Redirect("http://192.0.2.1/ipp".into()));
    assert_eq!(log.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn replies_without_end_are_cut_off() {
    let (target, _) = printer(|_| {
        let mut out = b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\nContent-Length: 10000000\r\n\r\n".to_vec();
        out.extend(vec![0; 150_000]);
        out
    })
    .await;
    let e = client().printer_attributes(&target).await.unwrap_err();
    assert_eq!(e.failure, IppFailure::TooLong(100_000));
}

#[tokio::test]
async fn what_is_not_ipp_is_named() {
    let (target, log) = printer(|_| http("200 OK", "Content-Type: text/html\r\n", b"<html>")).await;
    let e = client().printer_attributes(&target).await.unwrap_err();
    assert_eq!(e.failure, IppFailure::NotIpp("text/html".into()));
    assert_eq!(log.lock().unwrap().len(), 3);
    let (target, _) = printer(|_| ipp(b"\x01\x01")).await;
    let e = client().printer_attributes(&target).await.unwrap_err();
    assert_eq!(e.failure, IppFailure::BadReply(DecodeError::Truncated("header")));
}

#[tokio::test]
async fn a_cut_reply_gives_what_came_before_and_says_so() {
    let (target, _) = printer(|_| {
        let body = good();
        ipp(&body[..body.len() - 12])
    })
    .await;
    let p = client().printer_attributes(&target).await.unwrap();
    assert_eq!(p.state, Some(PrinterState::Stopped));
    assert_eq!(p.fault, Some(DecodeError::Truncated("value")));
}

#[tokio::test]
async fn silence_and_closed_ports_are_told_apart() {
    let quick = IppClient::new(IppConfig { timeout: Duration::from_millis(100), ..IppConfig::default() }).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap(); // accepts, says nothing
    let addr = listener.local_addr().unwrap();
    let e = quick.printer_attributes(&IppTarget::new(addr.ip()).port(addr.port())).await.unwrap_err();
    assert_eq!(e.failure, IppFailure::Timeout);
    drop(listener);
    let e = quick.printer_attributes(&IppTarget::new(addr.ip()).port(addr.port())).await.unwrap_err();
    assert!(matches!(e.failure, IppFailure::Connect(_)), "{e}");
    assert!(e.to_string().contains("Connection refused"), "{e}");
    // It closes in the middle of its answer.
    let (target, _) = printer(|_| Vec::new()).await;
    let e = client().printer_attributes(&target).await.unwrap_err();
    assert!(matches!(e.failure, IppFailure::Broken(_)), "{e:?}");
}
