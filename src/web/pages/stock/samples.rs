//! Invented stock for the tests: a branch with two stores, documents of every kind, and what goes wrong.

use super::article::ArticlePage;
use super::document::{DocumentPage, DocumentPrint};
use super::documents::DocumentsPage;
use super::write::{self, Line, WritePage};
use super::{COLUMNS, StockPage};
use crate::i18n::Lang;
use crate::model::*;
use crate::store::read::Listed;
use crate::store::read::documents::{DocumentDetail, DocumentLine, DocumentRow, Evidence};
use crate::store::read::stock::{ArticleRef, BalanceRow, Finding, MoveRow, ReservationRow, StoreRow};
use crate::web::form::Form;
use crate::web::layout::Ui;
use crate::web::pages::{Sample, drawn};
use crate::web::table::List;

const LONG: &str = "Картридж HP 59X повышенной ёмкости, для LaserJet Pro M404 и MFP M428, 10 000 страниц";

/// Every page of stock with each of its cases.
pub fn all(lang: Lang, into: &mut Vec<Result<Sample, String>>) {
    drawn("stock", stock(lang), into);
    drawn("stock-documents", documents(lang), into);
    drawn("stock-document", details(lang), into);
    drawn("stock-document-print", prints(lang), into);
    drawn("stock-article", articles(lang), into);
    drawn("stock-write", forms(lang), into);
}

fn balance(now: Millis, n: i64, part: &str, name: &str, on_hand: i64) -> BalanceRow {
    BalanceRow {
        store: StoreId(1 + n % 2),
        store_name: if n % 2 == 0 {
            "Основной склад"
        } else {
            "Шкаф у кабинета 305, второй этаж"
        }
        .to_owned(),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        article: ArticleId(n + 1),
        part_number: part.to_owned(),
        name: name.to_owned(),
        on_hand,
        reserved: n % 2,
        in_transit: if n == 2 { 4 } else { 0 },
        drafts: i64::from(n == 0),
        empties: n,
        counted_at: (n != 3).then(|| now.plus(-(n + 2) * 9 * Millis::DAY)),
    }
}

fn balances(now: Millis) -> Vec<BalanceRow> {
    vec![
        balance(now, 0, "TK-1170", "Тонер-картридж Kyocera, чёрный", 3),
        balance(now, 1, "CF259X", LONG, 1),
        balance(now, 2, "TK-5240C", "Тонер-картридж Kyocera, голубой", 0),
        balance(now, 3, "DK-1150", "Фотобарабан Kyocera", -1),
    ]
}

fn stores() -> Vec<StoreRow> {
    let store = |id, name: &str, main, articles, pieces| StoreRow {
        id: StoreId(id),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        name: name.to_owned(),
        main,
        archived: false,
        articles,
        pieces,
    };
    vec![store(1, "Основной склад", true, 14, 38), store(2, "Шкаф у кабинета 305, второй этаж", false, 3, 5)]
}

fn row(now: Millis, id: i64, kind: DocumentKind, status: DocumentStatus, origin: DocumentOrigin) -> DocumentRow {
    let for_device = kind == DocumentKind::Issue;
    let moves = status != DocumentStatus::Draft && status != DocumentStatus::Dropped;
    DocumentRow {
        id: DocumentId(id),
        number: format!("S-2026-{id:04}"),
        kind,
        status,
        store: StoreId(1),
        store_name: "Основной склад".to_owned(),
        site: SiteId(1),
        site_name: "Казань, ул. Баумана 5".to_owned(),
        to_store: (kind == DocumentKind::Transfer).then_some(StoreId(2)),
        to_store_name: (kind == DocumentKind::Transfer).then(|| "Шкаф у кабинета 305".to_owned()),
        device: for_device.then_some(DeviceId(7)),
        device_name: for_device.then(|| "МФУ Kyocera ECOSYS M2040dn, бухгалтерия".to_owned()),
        location: for_device.then(|| "каб. 214".to_owned()),
        order: (kind == DocumentKind::Receipt).then_some(OrderId(144)),
        order_number: (kind == DocumentKind::Receipt).then(|| "2026-0144".to_owned()),
        origin,
        note: if kind == DocumentKind::WriteOff { "протёк, акт 12".to_owned() } else { String::new() },
        lines: if kind == DocumentKind::Count { 3 } else { 1 },
        pieces: if kind == DocumentKind::Issue { 1 } else { 4 },
        first: Some("TK-1170".to_owned()),
        created_at: now.plus(-id * 7 * Millis::HOUR),
        created_by: if origin == DocumentOrigin::Detection { "anykey" } else { "petrov" }.to_owned(),
        posted_at: moves.then(|| now.plus(-id * 6 * Millis::HOUR)),
        posted_by: moves.then(|| "petrov".to_owned()),
        received_at: None,
    }
}

fn rows(now: Millis) -> Vec<DocumentRow> {
    use DocumentKind as K;
    use DocumentOrigin as O;
    use DocumentStatus as S;
    vec![
        row(now, 1, K::Issue, S::Draft, O::Detection),
        row(now, 2, K::Transfer, S::InTransit, O::Person),
        row(now, 8, K::Transfer, S::Draft, O::Plan),
        row(now, 3, K::Receipt, S::Posted, O::Order),
        row(now, 4, K::Count, S::Posted, O::Person),
        row(now, 5, K::WriteOff, S::Reversed, O::Person),
        row(now, 6, K::Reversal, S::Posted, O::Person),
        row(now, 7, K::HandOver, S::Dropped, O::Person),
    ]
}

fn findings(now: Millis) -> Vec<Finding> {
    let at = |kind, pieces| Finding {
        kind,
        pieces,
        store: Some(StoreId(1)),
        store_name: Some("Основной склад".to_owned()),
        article: Some(ArticleId(4)),
        part_number: Some("DK-1150".to_owned()),
        device: None,
        device_name: None,
        document: None,
        at: Some(now.plus(-3 * Millis::HOUR)),
    };
    let device = |kind, pieces| Finding {
        store: None,
        store_name: None,
        article: None,
        part_number: None,
        device: Some(DeviceId(7)),
        device_name: Some("HP LaserJet Pro MFP M428fdw, бухгалтерия".to_owned()),
        at: None,
        ..at(kind, pieces)
    };
    vec![
        at(FindingKind::Negative, 1),
        Finding { document: Some(DocumentId(4)), ..at(FindingKind::Shortage, 2) },
        device(FindingKind::Unrecorded, 1),
        device(FindingKind::Hoarded, 5),
    ]
}

fn stock(lang: Lang) -> Vec<(&'static str, StockPage)> {
    let page = |path: &str, rows: Vec<BalanceRow>, total: i64, full: bool| {
        let ui = Ui::sample(lang, path);
        let now = ui.now;
        let list = List::read(&ui, COLUMNS, "article");
        let waiting = if full { self::rows(now).into_iter().take(2).collect() } else { Vec::new() };
        let waiting = Listed { total: waiting.len() as i64, rows: waiting };
        let findings = if full { findings(now) } else { Vec::new() };
        let stores = if full { stores() } else { Vec::new() };
        StockPage::new(ui, list, Listed { rows, total }, stores, waiting, findings)
    };
    let now = Ui::sample(lang, super::PATH).now;
    let many = (0..13).flat_map(|_| balances(now)).take(50).collect();
    vec![
        ("", page(super::PATH, balances(now), 4, true)),
        ("empty", page(super::PATH, Vec::new(), 0, false)),
        ("none", page("/stock?q=zzz", Vec::new(), 0, true)),
        ("many", page("/stock?page=3&store=2", many, 10_000, true)),
    ]
}

fn documents(lang: Lang) -> Vec<(&'static str, DocumentsPage)> {
    let page = |path: &str, rows: Vec<DocumentRow>, total: i64| {
        let ui = Ui::sample(lang, path);
        let list = List::read(&ui, DocumentsPage::columns(), "number");
        DocumentsPage::new(ui, list, Listed { rows, total })
    };
    let now = Ui::sample(lang, "/").now;
    let many = (0..8).flat_map(|_| rows(now)).take(50).collect();
    vec![
        ("", page("/stock/documents", rows(now), 7)),
        ("empty", page("/stock/documents?kind=count", Vec::new(), 0)),
        ("many", page("/stock/documents?page=2", many, 10_000)),
    ]
}

fn detail(ui: &Ui, document: DocumentRow) -> DocumentDetail {
    let count = document.kind == DocumentKind::Count;
    let line = |id: i64, part: &str, name: &str, quantity: i64, expected: i64| DocumentLine {
        article: id,
        part_number: part.to_owned(),
        name: name.to_owned(),
        quantity,
        expected: count.then_some(expected),
        price: (document.kind == DocumentKind::Receipt).then_some(480_000),
    };
    let mut lines = vec![line(1, "TK-1170", "Тонер-картридж Kyocera, чёрный", document.pieces, 5)];
    if count {
        lines.push(line(2, "CF259X", LONG, 2, 1));
        lines.push(line(3, "DK-1150", "Фотобарабан Kyocera", 0, 0));
    }
    let seen = Evidence {
        at: ui.now.plus(-9 * Millis::HOUR),
        description: "TK-1170".to_owned(),
        from: Some(0.04),
        to: Some(1.0),
    };
    let evidence = (document.origin == DocumentOrigin::Detection).then_some(seen);
    DocumentDetail { document, lines, reverses: None, reversed_by: None, evidence, currency: None }
}

fn details(lang: Lang) -> Vec<(&'static str, DocumentPage)> {
    let page = |n: usize| {
        let ui = Ui::sample(lang, "/stock/documents/1");
        let detail = detail(&ui, rows(ui.now).swap_remove(n));
        DocumentPage { ui, detail, form: Form::default() }
    };
    vec![("", page(2)), ("seen", page(0)), ("in-transit", page(1)), ("count", page(3)), ("reversed", page(4))]
}

fn prints(lang: Lang) -> Vec<(&'static str, DocumentPrint)> {
    let ui = Ui::sample(lang, "/stock/documents/1/print");
    let detail = detail(&ui, rows(ui.now).swap_remove(3));
    vec![("", DocumentPrint { ui, detail })]
}

fn articles(lang: Lang) -> Vec<(&'static str, ArticlePage)> {
    let page = |full: bool, total: i64| {
        let ui = Ui::sample(lang, "/stock/articles/2");
        let now = ui.now;
        let one = |n: i64, d: DocumentRow, delta: i64, after: i64| MoveRow {
            at: now.plus(-n * 31 * Millis::HOUR),
            store: d.store,
            store_name: d.store_name,
            delta,
            after,
            document: d.id,
            number: d.number,
            kind: d.kind,
            device: d.device,
            device_name: d.device_name,
            order: d.order,
            order_number: d.order_number,
            by: d.posted_by,
            seen_at: (d.origin == DocumentOrigin::Detection).then(|| now.plus(-n * 31 * Millis::HOUR)),
        };
        let mut moves: Vec<MoveRow> = Vec::new();
        if full {
            for (n, d) in rows(now).into_iter().enumerate().filter(|(n, _)| *n < 4) {
                let delta = if n == 2 { 4 } else { -1 };
                moves.push(one(n as i64, d, delta, 2 - n as i64));
            }
        }
        let kept = ReservationRow {
            id: ReservationId(1),
            store: StoreId(1),
            store_name: "Основной склад".to_owned(),
            article: ArticleId(2),
            device: None,
            device_name: None,
            quantity: 1,
            note: "для Самары".to_owned(),
            created_at: now.plus(-Millis::DAY),
            created_by: "petrov".to_owned(),
        };
        let list = List::read(&ui, ArticlePage::columns(), "document");
        let article = ArticleRef { id: 2, part_number: "CF259X".to_owned(), name: LONG.to_owned() };
        let (held, kept) =
            if full { (balances(now).into_iter().take(2).collect(), vec![kept]) } else { (Vec::new(), Vec::new()) };
        ArticlePage::new(ui, article, held, kept, list, Listed { rows: moves, total })
    };
    vec![("", page(true, 4)), ("empty", page(false, 0)), ("many", page(true, 10_000))]
}

fn forms(lang: Lang) -> Vec<(&'static str, WritePage)> {
    let line = |id: i64, part: &str, name: &str, quantity: &str, expected: Option<i64>| Line {
        article: ArticleRef { id, part_number: part.to_owned(), name: name.to_owned() },
        quantity: quantity.to_owned(),
        expected,
        error: None,
    };
    let page = |kind: DocumentKind, lines: Vec<Line>| {
        write::sample(Ui::sample(lang, &format!("/stock/new?kind={}", kind.as_str())), kind, lines)
    };
    let some =
        || vec![line(1, "TK-1170", "Тонер-картридж Kyocera, чёрный", "4", None), line(2, "CF259X", LONG, "1", None)];
    let counted = || {
        vec![
            line(1, "TK-1170", "Тонер-картридж Kyocera, чёрный", "4", Some(5)),
            line(2, "CF259X", LONG, "", Some(1)),
            line(3, "DK-1150", "Фотобарабан Kyocera", "2", Some(0)),
        ]
    };
    let mut wrong = page(DocumentKind::Issue, some());
    let text = wrong.ui.t("stock-code-unknown");
    wrong.form.set("code", "4006381333931");
    wrong.form.wrong("code", text);
    let values = [("store", "Основной склад"), ("article", "TK-1170"), ("hand", "1"), ("wanted", "4")];
    let values = values.map(|(n, v)| (n, v.to_owned().into()));
    let text = wrong.ui.tw("error-not-enough", &values);
    wrong.form.wrong("lines", text);
    let mut choice = page(DocumentKind::Transfer, some());
    choice.choices = some().into_iter().map(|l| l.article).collect();
    let mut asked = page(DocumentKind::Count, counted());
    asked.confirm = true;
    let mut send = page(DocumentKind::Transfer, some());
    send.confirm = true;
    let many = (1..=120).map(|n| line(n, &format!("TK-{n}"), LONG, "", Some(n % 9))).collect();
    vec![
        ("", page(DocumentKind::Receipt, Vec::new())),
        ("lines", page(DocumentKind::WriteOff, some())),
        ("wrong", wrong),
        ("choice", choice),
        ("count", page(DocumentKind::Count, counted())),
        ("count-confirm", asked),
        ("confirm", send),
        ("count-many", page(DocumentKind::Count, many)),
    ]
}

/// What waits, for Today.
pub fn waiting(now: Millis) -> Vec<DocumentRow> {
    rows(now).into_iter().take(2).collect()
}
