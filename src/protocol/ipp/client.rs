//! Asks printers over HTTP: one shared client with bounded time, size and redirects.
//!
//! It sends Get-Printer-Attributes and nothing else: no jobs, no changes. Certificates are not verified, because printers sign
//! their own; nothing secret is sent. To ask CUPS servers for their queues, add the operation here.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, SignatureScheme};

use super::attributes::{PrinterAttributes, REQUESTED, REQUESTED_MARKERS};
use super::codec::{self, DecodeError, Encoder, Status, tag};

const GET_PRINTER_ATTRIBUTES: u16 = 0x000B;
/// Where printers keep their one queue.
const PATHS: [&str; 3] = ["/ipp/print", "/ipp/printer", "/"];
const MAX_REDIRECTS: usize = 3;

#[derive(Debug, Clone)]
pub struct IppConfig {
    /// For one HTTP request, from connecting to the last byte.
    pub timeout: Duration,
    pub connect_timeout: Duration,
    /// Longest reply read.
    pub max_reply: usize,
}

impl Default for IppConfig {
    fn default() -> Self {
        IppConfig { timeout: Duration::from_secs(10), connect_timeout: Duration::from_secs(3), max_reply: 1 << 20 }
    }
}

/// A printer, or one queue of a print server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IppTarget {
    pub host: IpAddr,
    pub port: u16,
    /// ipps: TLS from the start. Otherwise plain, and TLS where the printer insists.
    pub tls: bool,
    /// Path of the queue; `None`: the usual ones are tried.
    pub path: Option<String>,
}

impl IppTarget {
    /// The usual port, 631.
    pub fn new(host: IpAddr) -> Self {
        IppTarget { host, port: 631, tls: false, path: None }
    }
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }
    /// A queue of a print server: /printers/NAME.
    pub fn queue(mut self, name: &str) -> Self {
        let encoded: String = name
            .bytes()
            .map(|b| match b {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(b).to_string(),
                b => format!("%{b:02X}"),
            })
            .collect();
        self.path = Some(format!("/printers/{encoded}"));
        self
    }
    fn authority(&self) -> String {
        match self.host {
            IpAddr::V4(a) => format!("{a}:{}", self.port),
            IpAddr::V6(a) => format!("[{a}]:{}", self.port),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IppFailure {
    #[error("cannot connect: {0}")]
    Connect(String),
    #[error("no answer in time")]
    Timeout,
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("HTTP status {0}")]
    Http(u16),
    #[error("the reply is not IPP but {0}")]
    NotIpp(String),
    #[error("the reply is longer than {0} bytes")]
    TooLong(usize),
    #[error("it redirects elsewhere or too often ({0})")]
    Redirect(String),
    #[error("bad reply: {0}")]
    BadReply(DecodeError),
    #[error("the printer answered {status}{}", .message.as_ref().map(|m| format!(" ({m})")).unwrap_or_default())]
    Status { status: Status, message: Option<String> },
}

impl IppFailure {
    /// Another path of the same host may do better.
    fn is_about_the_path(&self) -> bool {
        match self {
            IppFailure::Http(s) => matches!(s, 400 | 404 | 405 | 501),
            IppFailure::NotIpp(_) | IppFailure::BadReply(_) | IppFailure::Redirect(_) => true,
            IppFailure::Status { status, .. } => matches!(*status, Status::NOT_FOUND | Status::BAD_REQUEST),
            _ => false,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("IPP Get-Printer-Attributes of {uri}: {failure}")]
pub struct IppError {
    pub uri: String,
    pub failure: IppFailure,
}

#[derive(Debug, thiserror::Error)]
#[error("cannot set up the HTTP client for IPP: {0}")]
pub struct SetupError(String);

/// The shared client. Clones share its connections.
#[derive(Debug, Clone)]
pub struct IppClient {
    http: Client,
    config: IppConfig,
}

impl IppClient {
    pub fn new(config: IppConfig) -> Result<Self, SetupError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|e| SetupError(e.to_string()))?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyCertificate(provider)))
            .with_no_client_auth();
        let http = Client::builder()
            .tls_backend_preconfigured(tls)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .timeout(config.timeout)
            .connect_timeout(config.connect_timeout)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(Duration::from_secs(15))
            .build()
            .map_err(|e| SetupError(cause(&e)))?;
        Ok(IppClient { http, config })
    }

    /// Everything we know to ask, from the first path that answers.
    pub async fn printer_attributes(&self, target: &IppTarget) -> Result<PrinterAttributes, IppError> {
        let paths: Vec<&str> = match &target.path {
            Some(path) => vec![path],
            None => PATHS.to_vec(),
        };
        let mut tls = target.tls;
        let mut failed: Option<IppError> = None;
        for path in paths {
            let mut result = self.ask(target, path, tls).await;
            if let Err(e) = &result
                && matches!(e.failure, IppFailure::Http(426))
                && !tls
            {
                tls = true; // "upgrade required"
                result = self.ask(target, path, tls).await;
            }
            match result {
                Ok(p) => return Ok(p),
                Err(e) => {
                    let go_on = e.failure.is_about_the_path();
                    // The first failure says most: the standard path comes first.
                    failed.get_or_insert(e);
                    if !go_on {
                        break;
                    }
                }
            }
        }
        let unknown = || IppError { uri: target.authority(), failure: IppFailure::Timeout };
        Err(failed.unwrap_or_else(unknown))
    }

    /// One path; once more in the other version, or with fewer words, where the printer refuses the first.
    async fn ask(&self, target: &IppTarget, path: &str, tls: bool) -> Result<PrinterAttributes, IppError> {
        let scheme = if tls { "ipps" } else { "ipp" };
        let uri = format!("{scheme}://{}{path}", target.authority());
        let fail = |failure| IppError { uri: uri.clone(), failure };
        let (mut version, mut all) = ((1, 1), false);
        loop {
            let url = format!("{}://{}{path}", if tls { "https" } else { "http" }, target.authority());
            let reply = self.post(url, target, request(version, &uri, all)).await.map_err(fail)?;
            let m = codec::decode(&reply).map_err(|e| fail(IppFailure::BadReply(e)))?;
            let status = Status(m.code);
            if status.is_success() {
                return match &m.fault {
                    Some(e) if m.groups.is_empty() => Err(fail(IppFailure::BadReply(e.clone()))),
                    _ => Ok(PrinterAttributes::from_message(&uri, &m)),
                };
            }
            match status {
                Status::VERSION_NOT_SUPPORTED if version == (1, 1) => version = (2, 0),
                Status::BAD_REQUEST | Status::ATTRIBUTES_NOT_SUPPORTED if !all => all = true,
                status => {
                    let message = m.find(tag::OPERATION, "status-message").and_then(|a| a.values.first()?.text());
                    return Err(fail(IppFailure::Status { status, message }));
                }
            }
        }
    }

    /// Posts and reads the whole reply, following redirects within the same host.
    async fn post(&self, mut url: String, target: &IppTarget, body: Vec<u8>) -> Result<Vec<u8>, IppFailure> {
        for _ in 0..=MAX_REDIRECTS {
            let sent = self.http.post(&url).header(header::CONTENT_TYPE, "application/ipp").body(body.clone()).send();
            let mut response = sent.await.map_err(|e| failure(&e))?;
            let status = response.status();
            if status.is_redirection() {
                let to = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default();
                let next = response.url().join(to).map_err(|_| IppFailure::Redirect(to.to_owned()))?;
                let same_host =
                    next.host_str() == response.url().host_str() || next.host_str() == Some(&target.host.to_string());
                if !same_host || !matches!(next.scheme(), "http" | "https") {
                    return Err(IppFailure::Redirect(next.to_string()));
                }
                url = next.to_string();
                continue;
            }
            if status != StatusCode::OK {
                return Err(IppFailure::Http(status.as_u16()));
            }
            let kind = response.headers().get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).unwrap_or_default();
            if !kind.is_empty() && !kind.to_ascii_lowercase().starts_with("application/ipp") {
                return Err(IppFailure::NotIpp(kind.chars().take(100).collect()));
            }
            let mut reply = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|e| failure(&e))? {
                if reply.len() + chunk.len() > self.config.max_reply {
                    return Err(IppFailure::TooLong(self.config.max_reply));
                }
                reply.extend_from_slice(&chunk);
            }
            return Ok(reply);
        }
        Err(IppFailure::Redirect(url))
    }
}

/// Get-Printer-Attributes; `all` for printers that refuse the names they do not know.
fn request(version: (u8, u8), uri: &str, all: bool) -> Vec<u8> {
    let mut e = Encoder::new(version, GET_PRINTER_ATTRIBUTES, 1);
    e.group(tag::OPERATION)
        .texts(tag::CHARSET, "attributes-charset", ["utf-8"])
        .texts(tag::LANGUAGE, "attributes-natural-language", ["en"])
        .texts(tag::URI, "printer-uri", [uri])
        .texts(tag::NAME, "requesting-user-name", ["anykey"]);
    if all {
        e.texts(tag::KEYWORD, "requested-attributes", ["all"]);
    } else {
        e.texts(tag::KEYWORD, "requested-attributes", REQUESTED.into_iter().chain(REQUESTED_MARKERS));
    }
    e.finish()
}

fn failure(e: &reqwest::Error) -> IppFailure {
    if e.is_timeout() {
        IppFailure::Timeout
    } else if e.is_connect() {
        IppFailure::Connect(cause(e))
    } else {
        IppFailure::Broken(cause(e))
    }
}
/// The innermost error says what happened; the outer ones repeat the address.
fn cause(e: &dyn std::error::Error) -> String {
    let mut e = e;
    while let Some(inner) = e.source() {
        e = inner;
    }
    e.to_string()
}

/// Accepts any certificate, but not a peer that does not own it.
#[derive(Debug)]
struct AnyCertificate(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }
    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
