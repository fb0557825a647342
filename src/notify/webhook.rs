//! An order as JSON to the supplier's own address, signed. The same row gives the same bytes and the same key at every
//! attempt, so that a receiver that has it already can tell. Never follows a redirect: the address is the supplier's.
//!
//! Headers: `Idempotency-Key` (the row's key), `X-Anykey-Event: order`, and with a secret `X-Anykey-Signature: sha256=…`,
//! the HMAC-SHA256 (RFC 2104) of the body in hexadecimal.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, StatusCode, header, redirect};
use serde::Serialize;
use sha2::Sha256;

use super::mail::{MailError, Trouble};
use crate::model::{Millis, Minor, Order};

/// Channel of the outbox row.
pub const CHANNEL: &str = "webhook";
/// For one request, from connecting to the last byte.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer that are shown with an error.
const MAX_ANSWER: usize = 300;

/// The body.
#[derive(Debug, Serialize)]
struct Body<'a> {
    event: &'static str,
    key: &'a str,
    number: &'a str,
    branch: &'a str,
    supplier: &'a str,
    currency: &'a str,
    /// UTC milliseconds since 1970.
    ordered_at: Millis,
    /// Net sum of the lines with a price, minor units.
    net: Minor,
    lines: Vec<Line<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    line: usize,
    /// The supplier's own article.
    supplier_article: Option<&'a str>,
    part_number: &'a str,
    maker: &'a str,
    name: &'a str,
    quantity: i64,
    /// Net price of one, minor units.
    price: Option<Minor>,
    vat_percent: i64,
}

/// The body of an order; the same order gives the same bytes.
pub fn body(key: &str, order: &Order, ordered_at: Millis) -> Result<Vec<u8>, MailError> {
    let lines = order.lines.iter().enumerate().map(|(at, l)| Line {
        line: at + 1,
        supplier_article: l.article.supplier_article.as_deref().filter(|a| !a.is_empty()),
        part_number: &l.article.part_number,
        maker: &l.article.vendor,
        name: &l.article.name,
        quantity: l.quantity,
        price: l.price,
        vat_percent: l.article.vat_percent,
    });
    let sums = order.lines.iter().filter_map(|l| Some(l.price?.times(l.quantity)));
    let body = Body {
        event: "order",
        key,
        number: &order.number,
        branch: &order.site_name,
        supplier: &order.supplier.name,
        currency: &order.supplier.currency,
        ordered_at,
        net: sums.fold(Minor(0), Minor::plus),
        lines: lines.collect(),
    };
    serde_json::to_vec(&body).map_err(|e| MailError::Compose(e.to_string()))
}

/// `sha256=` and the HMAC of the body in hexadecimal.
pub fn signature(secret: &str, body: &[u8]) -> Result<String, MailError> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|e| MailError::Compose(e.to_string()))?;
    mac.update(body);
    let digest: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    Ok(format!("sha256={digest}"))
}

/// One shared client.
pub struct Hooks {
    client: Client,
}

impl Hooks {
    pub fn new() -> Result<Self, MailError> {
        // A second installation says that there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(TIMEOUT).redirect(redirect::Policy::none()).build();
        Ok(Hooks { client: client.map_err(|e| MailError::Compose(e.to_string()))? })
    }

    /// `Ok`: the receiver answered with 2xx, or 409 for a key it has already.
    pub async fn send(&self, url: &str, key: &str, body: Vec<u8>, secret: Option<&str>) -> Result<(), MailError> {
        let failed = |reason: String, trouble| MailError::Webhook { url: url.to_owned(), reason, trouble };
        let mut request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json; charset=utf-8")
            .header(header::USER_AGENT, concat!("Anykey/", env!("CARGO_PKG_VERSION")))
            .header("Idempotency-Key", key)
            .header("X-Anykey-Event", "order");
        if let Some(secret) = secret {
            request = request.header("X-Anykey-Signature", signature(secret, &body)?);
        }
        let answer = request.body(body).send().await.map_err(|e| {
            let lasting = if e.is_builder() { Trouble::Lasting } else { Trouble::Passing };
            failed(plain(&e), lasting)
        })?;
        let status = answer.status();
        if status.is_success() || status == StatusCode::CONFLICT {
            return Ok(());
        }
        let passing = status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
            || status == StatusCode::REQUEST_TIMEOUT;
        let said: String = beginning(answer).await.chars().filter(|c| !c.is_control()).collect();
        let trouble = if passing { Trouble::Passing } else { Trouble::Lasting };
        Err(failed(format!("it answered {} {said}", status.as_u16()).trim_end().to_owned(), trouble))
    }
}

/// The first bytes of an answer: a receiver may send without end.
async fn beginning(mut answer: reqwest::Response) -> String {
    let mut bytes = Vec::new();
    while bytes.len() < MAX_ANSWER
        && let Ok(Some(part)) = answer.chunk().await
    {
        bytes.extend_from_slice(&part);
    }
    bytes.truncate(MAX_ANSWER);
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The error with its causes, without the address, which stands before it.
fn plain(e: &reqwest::Error) -> String {
    let mut text = if e.is_timeout() { "no answer in time".to_owned() } else { "no connection".to_owned() };
    let mut cause = std::error::Error::source(e);
    while let Some(c) = cause {
        text = format!("{text}: {c}");
        cause = c.source();
    }
    text.chars().take(MAX_ANSWER).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_rfc_4231() {
        // RFC 4231, 4.3 (test case 2).
        let expected = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(signature("Jefe", b"what do ya want for nothing?").unwrap(), expected);
    }
}
