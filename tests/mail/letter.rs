//! One order mail through a real SMTP server: what arrives, and every way it can be refused.

use std::net::TcpListener;

use super::smtp::Smtpd;
use anykey::document::{Heading, OrderDocument, render_order};
use anykey::model::*;
use anykey::notify::mail::{Envelope, MailError, Mailer, Trouble, compose};
use anykey::notify::{Password, SmtpConfig, SmtpTls};
use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};

const AT: Millis = Millis(1_795_467_600_000);

fn order() -> Order {
    let article = Article {
        id: ArticleId(1),
        part_number: "TK-1170".into(),
        name: "Тонер-картридж TK-1170 для ECOSYS M2040dn".into(),
        vendor: "Kyocera".into(),
        kind: SupplyKind::Toner,
        color: None,
        yield_pages: Some(7200),
        price: Some(Minor(450_000)),
        vat_percent: 22,
        supplier: Some(SupplierId(1)),
        supplier_article: Some("К-1170".into()),
    };
    Order {
        id: OrderId(12),
        number: "2026-0012".into(),
        site: SiteId(1),
        site_name: "Казань".into(),
        supplier: Supplier {
            id: SupplierId(1),
            name: "ООО «Картридж»".into(),
            email: "sales@example.com".into(),
            language: "ru".into(),
            currency: "RUB".into(),
        },
        status: OrderStatus::Approved,
        created_at: AT,
        lines: vec![OrderLine {
            id: OrderLineId(1),
            article,
            quantity: 2,
            price: Some(Minor(450_000)),
            need: None,
            received: 0,
        }],
    }
}

fn document() -> OrderDocument {
    let heading = Heading { at: AT, time_zone: "Europe/Moscow", signature: "ООО «Ромашка», Иван" };
    render_order(&order(), &heading).unwrap()
}

fn envelope() -> Envelope<'static> {
    Envelope {
        key: "order:12", created_at: AT, recipient: "sales@example.com", recipient_name: "ООО «Картридж»"
    }
}

fn config(port: u16) -> SmtpConfig {
    toml::from_str(&format!(
        "host = '127.0.0.1'\nport = {port}\ntls = 'none'\nfrom = 'Отдел ИТ <it@branch.example>'\n\
         reply_to = 'buyer@branch.example'\ntimeout = '5s'"
    ))
    .unwrap()
}

async fn send(config: &SmtpConfig) -> Result<(), MailError> {
    let message = compose(&envelope(), &document(), config)?;
    Mailer::new(config)?.send(message, "sales@example.com").await
}

#[tokio::test]
async fn an_order_arrives_with_its_table() {
    let Some(server) = Smtpd::start() else { return };
    send(&config(server.plain)).await.unwrap();
    let mails = server.mails();
    let mail = &mails[0];
    assert_eq!(mail["defects"], serde_json::json!([]));
    assert_eq!(
        (mail["mail_from"].as_str(), mail["rcpt_to"][0].as_str()),
        (Some("it@branch.example"), Some("sales@example.com"))
    );
    let header = |name: &str| mail["headers"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(header("subject"), "Заказ № 2026-0012 (Казань)");
    assert_eq!(header("from"), "Отдел ИТ <it@branch.example>");
    assert!(
        header("to").contains("ООО «Картридж»") && header("to").contains("<sales@example.com>"),
        "{}",
        header("to")
    );
    assert_eq!(header("reply-to"), "buyer@branch.example");
    assert_eq!(header("message-id"), "<anykey.order-12.1795467600000@branch.example>");
    assert_eq!(header("date"), "Mon, 23 Nov 2026 21:00:00 +0000");
    let text = mail["text"].as_str().unwrap().replace('\u{a0}', " ");
    assert!(
        text.contains("К-1170 (TK-1170) — Тонер-картридж TK-1170 для ECOSYS M2040dn: 2 шт. × 4 500,00 ₽"),
        "{text}"
    );
    assert!(text.contains("Всего с НДС: 10 980,00 ₽"), "{text}");
    assert!(mail["html"].as_str().unwrap().contains("<td>Тонер-картридж TK-1170"));

    let attachment = &mail["attachments"][0];
    assert_eq!(attachment["name"], "Заказ 2026-0012 Казань.xlsx");
    let bytes = std::fs::read(attachment["file"].as_str().unwrap()).unwrap();
    let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range("Заказ").unwrap();
    let row: Vec<Data> = (0..8).map(|c| sheet.get_value((5, c)).cloned().unwrap()).collect();
    assert_eq!(row[0], Data::String("К-1170".into()));
    assert_eq!(row[3..], [2.0, 4500.0, 0.22, 1980.0, 10980.0].map(Data::Float));
    assert_eq!(attachment["type_name"], attachment["name"], "by RFC 2047 too");
    // In the mail itself the name is RFC 2231, so that every client reads it.
    let raw = String::from_utf8(server.raw(1)).unwrap();
    assert!(raw.contains("filename*0*=utf-8''%D0%97"), "{raw}");
}

#[tokio::test]
async fn the_same_row_is_the_same_mail() {
    let Some(server) = Smtpd::start() else { return };
    for _ in 0..2 {
        send(&config(server.plain)).await.unwrap();
    }
    assert_eq!(server.raw(1), server.raw(2));
}

#[tokio::test]
async fn test_mode_sends_everything_to_one_address() {
    let Some(server) = Smtpd::start() else { return };
    let config = SmtpConfig { redirect_all_to: Some("me@branch.example".into()), ..config(server.plain) };
    send(&config).await.unwrap();
    let mail = &server.mails()[0];
    assert_eq!(mail["rcpt_to"], serde_json::json!(["me@branch.example"]));
    assert_eq!(mail["headers"]["subject"], "[test, for sales@example.com] Заказ № 2026-0012 (Казань)");
    assert_eq!(mail["headers"]["x-anykey-redirected-from"], "sales@example.com");
    assert!(!mail["headers"]["to"].as_str().unwrap().contains("sales"));
}

#[tokio::test]
async fn encrypted_and_signed_in() {
    let Some(server) = Smtpd::start() else { return };
    let Some(encrypted) = &server.encrypted else { return };
    let with = |tls, port| SmtpConfig {
        tls,
        host: "localhost".into(),
        ca_file: Some(encrypted.ca.clone()),
        user: Some("app".into()),
        password: Some(Password::new("app-pass-1")),
        ..config(port)
    };
    for (tls, port) in [(SmtpTls::Starttls, encrypted.starttls), (SmtpTls::Tls, encrypted.tls)] {
        let good = with(tls, port);
        Mailer::new(&good).unwrap().check().await.unwrap();
        send(&good).await.unwrap();

        let wrong = SmtpConfig { password: Some(Password::new("wrong-secret")), ..with(tls, port) };
        let e = send(&wrong).await.unwrap_err();
        assert!(matches!(e, MailError::Login { .. }), "{e}");
        assert!(e.to_string().contains("smtp.password") && !e.to_string().contains("wrong-secret"), "{e}");

        let stranger = SmtpConfig { ca_file: None, ..with(tls, port) };
        let e = send(&stranger).await.unwrap_err();
        assert_eq!(e.trouble(), Trouble::Server, "{e}");
        assert!(e.to_string().contains("ertificate"), "{e}");
    }
    assert_eq!(server.mails().len(), 2, "nothing left without a good login and certificate");
    // STARTTLS is wanted, the server has none: nothing leaves in the open.
    let e =
        send(&SmtpConfig { user: None, password: None, ..with(SmtpTls::Starttls, server.plain) }).await.unwrap_err();
    assert_eq!(e.trouble(), Trouble::Server, "{e}");
}

#[tokio::test]
async fn refusals_say_what_to_do() {
    let Some(server) = Smtpd::start() else { return };
    let config = config(server.plain);
    server.answer(Some("451 4.3.0 try later"));
    let e = send(&config).await.unwrap_err();
    assert_eq!(e.trouble(), Trouble::Passing);
    assert!(e.to_string().contains("sales@example.com") && e.to_string().contains("try later"), "{e}");
    server.answer(Some("550 5.1.1 no such user"));
    let e = send(&config).await.unwrap_err();
    assert_eq!(e.trouble(), Trouble::Lasting);
    assert!(e.to_string().contains("no such user"), "{e}");
    server.answer(Some("421 4.3.2 closing"));
    assert_eq!(send(&config).await.unwrap_err().trouble(), Trouble::Server);
    server.answer(None);
    assert!(server.mails().is_empty());
    // Kept, but the answer never came: we cannot know, so it counts as not sent.
    server.hang_up(true);
    assert_eq!(send(&config).await.unwrap_err().trouble(), Trouble::Server);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test]
async fn nobody_listens_or_nobody_answers() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let e = send(&config(free)).await.unwrap_err();
    assert!(matches!(e, MailError::Connection { .. }), "{e}");
    assert!(e.to_string().contains(&format!("127.0.0.1:{free}")), "{e}");
    // Accepts connections and says nothing.
    let mute = TcpListener::bind("127.0.0.1:0").unwrap();
    let config = SmtpConfig { timeout: std::time::Duration::from_secs(1), ..config(mute.local_addr().unwrap().port()) };
    let e = send(&config).await.unwrap_err();
    assert_eq!(e.trouble(), Trouble::Server, "{e}");
}

#[tokio::test]
async fn a_bad_recipient_is_told() {
    let bad = Envelope { recipient: "sales at example", ..envelope() };
    let e = compose(&bad, &document(), &config(25)).unwrap_err();
    assert_eq!(e.trouble(), Trouble::Lasting);
    assert!(e.to_string().contains("sales at example"), "{e}");
}
