//! One mail: composed from an outbox row, handed to the SMTP server.
//!
//! The same row always gives the same message (Message-ID, Date, boundaries, attachment bytes), so a mail that had to be
//! sent twice is one mail to every receiver that looks at Message-ID. Never decides when to try again (`outbox` does).

use std::time::{Duration, UNIX_EPOCH};

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Body, Mailbox, Message, MultiPart, SinglePart};
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};

use super::config::{SmtpConfig, SmtpConfigError, SmtpTls};
use crate::document::OrderDocument;
use crate::model::Millis;

/// Why a mail did not leave.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    #[error(transparent)]
    Config(#[from] SmtpConfigError),
    #[error(
        "the recipient `{0}` is no mail address: correct the supplier's address, cancel the order and approve it anew"
    )]
    Recipient(String),
    #[error("sending to the webhook {url}: {reason}; it is tried again by itself")]
    Webhook { url: String, reason: String, trouble: Trouble },
    #[error("composing the mail failed: {0}")]
    Compose(String),
    #[error("sending to {to} by {server}: refused for now ({reason}); it is tried again by itself")]
    RefusedForNow { to: String, server: String, reason: String },
    #[error(
        "sending to {to} by {server}: refused ({reason}); correct the address or ask the mail server's administrator"
    )]
    Refused { to: String, server: String, reason: String },
    #[error(
        "sending by {server}: the server does not accept our login ({reason}); correct smtp.user and smtp.password"
    )]
    Login { server: String, reason: String },
    #[error(
        "sending by {server}: encryption failed ({reason}); check smtp.tls, smtp.host and the server's certificate (smtp.ca_file)"
    )]
    Tls { server: String, reason: String },
    #[error(
        "sending by {server}: no connection ({reason}); check smtp.host, smtp.port and the network; it is tried again by itself"
    )]
    Connection { server: String, reason: String },
}

/// Whose trouble it is, which decides how long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Of the server or the way to it: every mail would fail.
    Server,
    /// Of this mail, for now.
    Passing,
    /// Of this mail, until a person does something.
    Lasting,
}

impl MailError {
    pub fn trouble(&self) -> Trouble {
        match self {
            Self::Config(_) | Self::Login { .. } | Self::Tls { .. } | Self::Connection { .. } => Trouble::Server,
            Self::Webhook { trouble, .. } => *trouble,
            Self::RefusedForNow { .. } => Trouble::Passing,
            Self::Recipient(_) | Self::Compose(_) | Self::Refused { .. } => Trouble::Lasting,
        }
    }
}

/// What makes one mail besides its document.
#[derive(Debug, Clone, PartialEq)]
pub struct Envelope<'a> {
    /// Idempotency key of the outbox row: "order:12".
    pub key: &'a str,
    /// When the row was written: Date and, with the key, Message-ID.
    pub created_at: Millis,
    pub recipient: &'a str,
    pub recipient_name: &'a str,
}

/// Message-ID of a row: the same at every attempt, another one in another database.
pub fn message_id(envelope: &Envelope<'_>, domain: &str) -> String {
    format!("<anykey.{}.{}@{domain}>", stem(envelope.key), envelope.created_at.0)
}

fn stem(key: &str) -> String {
    key.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// A file name as words of RFC 2047, for clients that know no RFC 2231.
fn encoded_name(name: &str) -> String {
    // A word has at most 75 characters, and a byte takes three of them.
    const BYTES: usize = 20;
    let mut words: Vec<String> = Vec::new();
    let mut room = 0;
    for c in name.chars() {
        if c.len_utf8() > room {
            words.push(String::new());
            room = BYTES;
        }
        room -= c.len_utf8();
        if let Some(word) = words.last_mut() {
            word.extend(c.encode_utf8(&mut [0; 4]).bytes().map(|b| format!("={b:02X}")));
        }
    }
    words.iter().map(|w| format!("=?utf-8?Q?{w}?=")).collect::<Vec<_>>().join(" ")
}

/// The message of an order.
pub fn compose(envelope: &Envelope<'_>, document: &OrderDocument, config: &SmtpConfig) -> Result<Message, MailError> {
    let addresses = config.addresses()?;
    let address = envelope.recipient.trim().parse().map_err(|_| MailError::Recipient(envelope.recipient.to_owned()))?;
    let name = Some(envelope.recipient_name.trim().to_owned()).filter(|n| !n.is_empty());
    let meant = Mailbox::new(name, address);
    let failed = |e: &dyn std::fmt::Display| MailError::Compose(e.to_string());

    let id = message_id(envelope, addresses.from.email.domain());
    let created = u64::try_from(envelope.created_at.0).unwrap_or(0);
    let mut builder = Message::builder()
        .from(addresses.from.clone())
        .message_id(Some(id))
        .date(UNIX_EPOCH + Duration::from_millis(created));
    if let Some(reply_to) = addresses.reply_to {
        builder = builder.reply_to(reply_to);
    }
    builder = match addresses.redirect {
        None => builder.to(meant).subject(document.subject.as_str()),
        Some(other) => {
            builder.to(other).subject(format!("[test, for {}] {}", meant.email, document.subject)).raw_header(
                HeaderValue::new(HeaderName::new_from_ascii_str("X-Anykey-Redirected-From"), meant.email.to_string()),
            )
        }
    };
    // Fixed encodings and boundaries: the same row is the same message, byte for byte.
    let boundary = |part: &str| format!("anykey-{part}-{}-{}", stem(envelope.key), envelope.created_at.0);
    let text = |body: &str, kind: ContentType| {
        let body = Body::new_with_encoding(body.to_owned(), lettre::message::header::ContentTransferEncoding::Base64)
            .map_err(|_| MailError::Compose("encoding the text failed".into()))?;
        Ok::<_, MailError>(SinglePart::builder().header(kind).body(body))
    };
    let letter = MultiPart::alternative()
        .boundary(boundary("text"))
        .singlepart(text(&document.text, ContentType::TEXT_PLAIN)?)
        .singlepart(text(&document.html, ContentType::TEXT_HTML)?);
    let kind = format!("{XLSX}; name=\"{}\"", encoded_name(&document.xlsx_name));
    let kind = ContentType::parse(&kind).map_err(|e| failed(&e))?;
    let sheet = Attachment::new(document.xlsx_name.clone()).body(document.xlsx.clone(), kind);
    builder
        .multipart(MultiPart::mixed().boundary(boundary("mixed")).multipart(letter).singlepart(sheet))
        .map_err(|e| failed(&e))
}

/// A connection to the server of the configuration, opened when first used.
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    server: String,
    limit: Duration,
}

impl Mailer {
    pub fn new(config: &SmtpConfig) -> Result<Self, MailError> {
        config.validate()?;
        let server = config.server();
        let tls = match config.tls {
            SmtpTls::None => Tls::None,
            SmtpTls::Starttls => Tls::Required(tls_parameters(config)?),
            SmtpTls::Tls => Tls::Wrapper(tls_parameters(config)?),
        };
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&config.host)
            .port(config.port())
            .tls(tls)
            .timeout(Some(config.timeout))
            .pool_config(PoolConfig::new().max_size(1));
        if let (Some(user), Some(password)) = (&config.user, &config.password) {
            builder = builder.credentials(Credentials::new(user.clone(), password.reveal().to_owned()));
        }
        // An order is a dozen answers of the server: none of them may take for ever, nor all together.
        Ok(Mailer { transport: builder.build(), server, limit: config.timeout * 6 })
    }

    /// Sends one message; `Ok` means the server took it.
    pub async fn send(&self, message: Message, to: &str) -> Result<(), MailError> {
        match tokio::time::timeout(self.limit, self.transport.send(message)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(e)) => Err(self.explain(&e, to)),
            Err(_) => Err(self.too_slow()),
        }
    }

    /// Connects, encrypts, signs in and leaves: for `anykey doctor`.
    pub async fn check(&self) -> Result<(), MailError> {
        match tokio::time::timeout(self.limit, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(self.connection("the server does not answer NOOP".into())),
            Ok(Err(e)) => Err(self.explain(&e, "")),
            Err(_) => Err(self.too_slow()),
        }
    }

    fn too_slow(&self) -> MailError {
        self.connection(format!("not done within {} s", self.limit.as_secs()))
    }

    fn connection(&self, reason: String) -> MailError {
        MailError::Connection { server: self.server.clone(), reason }
    }

    fn explain(&self, e: &lettre::transport::smtp::Error, to: &str) -> MailError {
        let (server, to, reason) = (self.server.clone(), to.to_owned(), chain(e));
        let code = e.status().map(|c| c.to_string()).unwrap_or_default();
        match code.as_str() {
            "530" | "534" | "535" | "538" | "454" => MailError::Login { server, reason },
            // Service closing or not available: of the server, not of the mail.
            "421" => MailError::Connection { server, reason },
            _ if e.is_permanent() => MailError::Refused { to, server, reason },
            _ if e.is_transient() => MailError::RefusedForNow { to, server, reason },
            _ if e.is_tls() => MailError::Tls { server, reason },
            _ => MailError::Connection { server, reason },
        }
    }
}

fn tls_parameters(config: &SmtpConfig) -> Result<TlsParameters, MailError> {
    let failed = |e: lettre::transport::smtp::Error| MailError::Tls { server: config.server(), reason: chain(&e) };
    let mut builder = TlsParameters::builder(config.host.clone());
    if let Some(pem) = config.ca()? {
        builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(failed)?);
    }
    builder.build().map_err(failed)
}

/// An error with its causes, none said twice.
fn chain(e: &dyn std::error::Error) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(c) = cause {
        let more = c.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = c.source();
    }
    text
}
