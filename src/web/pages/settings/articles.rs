//! `/settings/articles`: what is bought, what it costs, what it fits.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::{suppliers, tabs};
use crate::document::Language;
use crate::document::table::articles as sheet;
use crate::i18n::Lang;
use crate::model::{
    ArticleField, ArticleId, ArticleTerms, Command, Grade, Minor, NeedId, NewArticle, Supplier, SupplierId, SupplyKind,
};
use crate::store::read::articles::{self as catalogue, ArticleFilter, ArticleRow};
use crate::store::read::settings;
use crate::store::read::{Listed, Paging};
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Params;
use crate::web::layout::{Page, Ui};
use crate::web::pages::tabs::Tabs;
use crate::web::state::AppState;
use crate::web::table::{CSV_ROWS, Card, Cell, Column, List, Row};
use crate::web::{WebError, command, failed, told};

pub const PATH: &str = "/settings/articles";
pub const NEW: &str = "/settings/articles/new";

const COLUMNS: &[Column] = &[
    Column::new("article", "article-name").card(Card::Wide),
    Column::new("vendor", "article-vendor"),
    Column::new("kind", "article-kind"),
    Column::new("supplier", "article-supplier").card(Card::Wide),
    Column::new("price", "article-price").right(),
    Column::new("fits", "article-fits").unsorted().card(Card::Wide),
    Column::new("yield", "article-yield").right().hidden(),
    Column::new("vat", "order-vat").unsorted().right().hidden(),
    Column::new("grade", "article-grade").unsorted().hidden(),
    Column::new("pack", "article-pack").unsorted().right().hidden(),
    Column::new("code_1c", "article-code-1c").unsorted().hidden(),
    Column::new("barcode", "article-barcode").unsorted().hidden(),
];
const SORT: &str = "vendor";

const FIELDS: [&str; 17] = [
    "part_number",
    "name",
    "vendor",
    "kind",
    "color",
    "yield_pages",
    "price_minor",
    "vat_percent",
    "supplier",
    "supplier_article",
    "fits",
    "grade",
    "lead_days",
    "pack",
    "code_1c",
    "barcode",
    "discontinued",
];

const COLORS: [&str; 4] = ["black", "cyan", "magenta", "yellow"];

#[derive(Template)]
#[template(path = "settings_articles.html")]
pub struct ArticlesPage {
    ui: Ui,
    tabs: Tabs,
    list: List,
    filter: Form,
    suppliers: Vec<Supplier>,
    /// Articles found for supplies that wait for a person's word.
    suggestions: i64,
}

#[derive(Template)]
#[template(path = "settings_article.html")]
pub struct ArticlePage {
    ui: Ui,
    tabs: Tabs,
    /// `None`: a new one.
    id: Option<ArticleId>,
    form: Form,
    suppliers: Vec<Supplier>,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route(PATH, get(show))
        .route("/settings/articles.csv", get(csv))
        .route("/settings/articles.xlsx", get(xlsx))
        .route(NEW, get(new).post(add))
        .route("/settings/articles/{id}", get(edit).post(change))
}

fn filter(ui: &Ui, list: &List) -> ArticleFilter {
    ArticleFilter {
        search: ui.query.get("q").unwrap_or("").to_owned(),
        kind: ui.query.get("kind").unwrap_or("").to_owned(),
        supplier: ui.query.get("supplier").and_then(|s| s.parse().ok()).map(SupplierId),
        sort: list.sort.to_owned(),
        descending: list.descending,
    }
}

async fn show(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let db = state.store.db();
    let mut list = List::read(&ui, COLUMNS, SORT);
    let filter = filter(&ui, &list);
    let mut found = catalogue::filtered(db, &filter, Paging::new(list.page, list.size)).await?;
    if list.clamp(found.total) {
        found = catalogue::filtered(db, &filter, Paging::new(list.page, list.size)).await?;
    }
    let suppliers = settings::suppliers(db).await?;
    let suggestions = catalogue::suggestions(db, None, Paging::new(1, 1)).await?.total;
    ArticlesPage::new(ui, list, found, suppliers, suggestions).page()
}

async fn csv(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let mut list = List::read(&ui, COLUMNS, SORT);
    let all = Paging { page: 1, per_page: CSV_ROWS };
    let found = catalogue::filtered(state.store.db(), &filter(&ui, &list), all).await?;
    list.rows = found.rows.iter().map(|a| row(&ui, a)).collect();
    Ok(list.csv(&ui, "articles"))
}

/// What is seen as a workbook that reads back by the import; an empty catalogue gives the form to fill in.
async fn xlsx(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let list = List::read(&ui, COLUMNS, SORT);
    let all = Paging { page: 1, per_page: CSV_ROWS };
    let found = match ui.query.has("empty", "1") {
        true => Vec::new(),
        false => catalogue::filtered(state.store.db(), &filter(&ui, &list), all).await?.rows,
    };
    let lines: Vec<sheet::Line> = found.iter().map(line).collect();
    let bytes = sheet::workbook(&lines, Language::of(ui.lang.code())).map_err(|e| WebError::Render(e.to_string()))?;
    let head = [
        (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (header::CONTENT_DISPOSITION, r#"attachment; filename="articles.xlsx""#),
    ];
    Ok((head, bytes).into_response())
}

/// The article's fields in their plain form.
fn line(a: &ArticleRow) -> sheet::Line {
    use ArticleField as F;
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let text = |t: &Option<String>| t.clone().unwrap_or_default();
    vec![
        (F::PartNumber, a.part_number.clone()),
        (F::Vendor, a.vendor.clone()),
        (F::Name, a.name.clone()),
        (F::Kind, a.kind.clone()),
        (F::Color, text(&a.color)),
        (F::YieldPages, number(a.yield_pages)),
        (F::Grade, a.terms.grade.as_str().to_owned()),
        (F::Price, number(a.price.map(|p| p.0))),
        (F::VatPercent, a.vat_percent.to_string()),
        (F::Supplier, text(&a.supplier_name)),
        (F::SupplierArticle, text(&a.supplier_article)),
        (F::LeadDays, number(a.terms.lead_days)),
        (F::Pack, a.terms.pack.to_string()),
        (F::Code1c, text(&a.terms.code_1c)),
        (F::Barcode, text(&a.terms.barcode)),
        (F::Discontinued, i64::from(a.terms.discontinued).to_string()),
        (F::Fits, a.fits.join("\n")),
    ]
}

impl ArticlesPage {
    fn new(ui: Ui, mut list: List, found: Listed<ArticleRow>, suppliers: Vec<Supplier>, suggestions: i64) -> Self {
        list.clamp(found.total);
        list.rows = found.rows.iter().map(|a| row(&ui, a)).collect();
        let value = |name: &str| ui.query.get(name).unwrap_or("");
        let filter = Form::of(&[("q", value("q")), ("kind", value("kind")), ("supplier", value("supplier"))]);
        ArticlesPage { tabs: tabs(&ui), ui, list, filter, suppliers, suggestions }
    }

    fn is_filtered(&self) -> bool {
        ["q", "kind", "supplier"].iter().any(|f| !self.filter.value(f).is_empty())
    }

    fn kinds(&self) -> Vec<(String, String)> {
        let all = std::iter::once((String::new(), self.ui.t("articles-any-kind")));
        all.chain(SupplyKind::ALL.map(|k| (k.as_str().to_owned(), self.ui.word("supply-", k.as_str())))).collect()
    }

    fn supplier_choices(&self) -> Vec<(String, String)> {
        let all = std::iter::once((String::new(), self.ui.t("articles-any-supplier")));
        all.chain(self.suppliers.iter().map(|s| (s.id.to_string(), s.name.clone()))).collect()
    }

    /// The workbook of what is seen.
    fn xlsx_url(&self) -> String {
        self.list.params.without("page").without("size").url("/settings/articles.xlsx")
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageArticles)
    }
}

fn row(ui: &Ui, a: &ArticleRow) -> Row {
    let kind = ui.word("supply-", &a.kind);
    let kind = match &a.color {
        Some(c) => format!("{kind}, {}", ui.word("colour-", c)),
        None => kind,
    };
    let price = match (a.price, &a.currency) {
        (Some(p), Some(c)) => ui.money(p, c),
        (Some(p), None) => ui.decimal(p.0 as f64 / 100.0, 2),
        (None, _) => String::new(),
    };
    let gone = if a.terms.discontinued { format!("{} · ", ui.t("article-discontinued")) } else { String::new() };
    let about = format!("{gone}{}", if a.name == a.part_number { "" } else { &a.name });
    let about = about.trim_end_matches(" · ").to_owned();
    Row {
        key: a.id.to_string(),
        cells: vec![
            Cell::name(&a.part_number, &format!("{PATH}/{}", a.id), &about),
            Cell::text(a.vendor.clone()),
            Cell::text(kind),
            Cell::text(a.supplier_name.clone().unwrap_or_default()),
            Cell::text(price),
            Cell::text(a.fits.join(", ")),
            Cell::text(a.yield_pages.map(|y| ui.integer(y)).unwrap_or_default()),
            Cell::text(ui.percent(a.vat_percent as f64 / 100.0)),
            Cell::text(ui.word("grade-", a.terms.grade.as_str())),
            Cell::text(ui.integer(a.terms.pack)),
            Cell::mono(a.terms.code_1c.clone().unwrap_or_default()),
            Cell::mono(a.terms.barcode.clone().unwrap_or_default()),
        ],
    }
}

impl ArticlePage {
    fn new(ui: Ui, id: Option<ArticleId>, form: Form, suppliers: Vec<Supplier>) -> Self {
        ArticlePage { tabs: tabs(&ui), ui, id, form, suppliers }
    }

    fn may(&self) -> bool {
        self.ui.may(Permission::ManageArticles)
    }

    fn action(&self) -> String {
        match self.id {
            Some(id) => format!("{PATH}/{id}"),
            None => NEW.to_owned(),
        }
    }

    fn kinds(&self) -> Vec<(String, String)> {
        SupplyKind::ALL.map(|k| (k.as_str().to_owned(), self.ui.word("supply-", k.as_str()))).into()
    }

    fn colors(&self) -> Vec<(String, String)> {
        let own = self.form.value("color");
        let mut all: Vec<&str> = vec![""];
        all.extend(COLORS);
        if !all.contains(&own) {
            all.push(own);
        }
        let words = |c: &str| if c.is_empty() { self.ui.t("article-no-color") } else { self.ui.word("colour-", c) };
        all.into_iter().map(|c| (c.to_owned(), words(c))).collect()
    }

    fn grades(&self) -> Vec<(String, String)> {
        Grade::ALL.map(|g| (g.as_str().to_owned(), self.ui.word("grade-", g.as_str()))).into()
    }

    fn yes_no(&self) -> Vec<(String, String)> {
        [("0", "article-still-made"), ("1", "article-discontinued")].map(|(v, k)| (v.to_owned(), self.ui.t(k))).into()
    }

    fn supplier_options(&self) -> Vec<(String, String)> {
        let none = std::iter::once((String::new(), self.ui.t("article-no-supplier")));
        none.chain(self.suppliers.iter().map(|s| (s.id.to_string(), s.name.clone()))).collect()
    }
}

/// What a need tells of the article it waits for.
fn from_need(query: &Params) -> Form {
    let value = |name: &str| query.get(name).unwrap_or("").to_owned();
    let fits = match (value("vendor").as_str(), value("model").as_str()) {
        (v, m) if !v.is_empty() && !m.is_empty() => format!("{}/{}", v.to_lowercase(), m.to_lowercase()),
        _ => String::new(),
    };
    let kind = if value("kind").is_empty() { "toner".to_owned() } else { value("kind") };
    Form::of(&[
        ("need", &value("need")),
        ("part_number", &value("part_number")),
        ("name", &value("name")),
        ("vendor", &value("vendor")),
        ("kind", &kind),
        ("color", &value("color")),
        ("vat_percent", "22"),
        ("fits", &fits),
        ("grade", Grade::Genuine.as_str()),
        ("pack", "1"),
        ("discontinued", "0"),
    ])
}

async fn new(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    let form = from_need(&ui.query);
    let suppliers = settings::suppliers(state.store.db()).await?;
    ArticlePage::new(ui, None, form, suppliers).page()
}

fn filled(ui: &Ui, a: &ArticleRow) -> Form {
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let price = a.price.map(|p| ui.decimal(p.0 as f64 / 100.0, 2)).unwrap_or_default();
    Form::of(&[
        ("part_number", &a.part_number),
        ("name", &a.name),
        ("vendor", &a.vendor),
        ("kind", &a.kind),
        ("color", a.color.as_deref().unwrap_or("")),
        ("yield_pages", &number(a.yield_pages)),
        ("price_minor", &price),
        ("vat_percent", &a.vat_percent.to_string()),
        ("supplier", &number(a.supplier.map(|s| s.0))),
        ("supplier_article", a.supplier_article.as_deref().unwrap_or("")),
        ("fits", &a.fits.join("\n")),
        ("grade", a.terms.grade.as_str()),
        ("lead_days", &number(a.terms.lead_days)),
        ("pack", &a.terms.pack.to_string()),
        ("code_1c", a.terms.code_1c.as_deref().unwrap_or("")),
        ("barcode", a.terms.barcode.as_deref().unwrap_or("")),
        ("discontinued", if a.terms.discontinued { "1" } else { "0" }),
    ])
}

async fn edit(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let known = catalogue::article(state.store.db(), ArticleId(id)).await?.ok_or(WebError::NotFound)?;
    let suppliers = settings::suppliers(state.store.db()).await?;
    let form = filled(&ui, &known);
    ArticlePage::new(ui, Some(known.id), form, suppliers).page()
}

/// "4 800,50" or "4800.5" in minor units; `None`: no amount.
pub(in crate::web) fn price(typed: &str) -> Option<i64> {
    let plain: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '₽').collect();
    let (whole, cents) = match plain.rsplit_once([',', '.']) {
        Some((whole, cents)) if cents.len() <= 2 => (whole.to_owned(), format!("{cents:0<2}")),
        Some((_, _)) => (plain.replace([',', '.'], ""), "00".to_owned()),
        None => (plain, "00".to_owned()),
    };
    let whole = whole.replace([',', '.'], "");
    let digits = !whole.is_empty() && whole.chars().chain(cents.chars()).all(|c| c.is_ascii_digit());
    if digits { format!("{whole}{cents}").parse().ok() } else { None }
}

/// The article as typed; what is no number is marked.
fn read(ui: &Ui, form: &mut Form) -> NewArticle {
    let text = |form: &Form, name: &str| form.given(name).map(str::to_owned);
    let number = |form: &mut Form, name: &str| match form.given(name).map(|v| v.replace(char::is_whitespace, "")) {
        None => None,
        Some(v) => v.parse::<i64>().map_or_else(
            |_| {
                form.wrong(name, ui.t("error-bad-number"));
                None
            },
            Some,
        ),
    };
    let yield_pages = number(form, "yield_pages");
    let vat_percent = number(form, "vat_percent").unwrap_or(0);
    let supplier = number(form, "supplier");
    let terms = ArticleTerms {
        grade: Grade::parse(form.value("grade")).unwrap_or_default(),
        lead_days: number(form, "lead_days"),
        pack: number(form, "pack").unwrap_or(1),
        code_1c: text(form, "code_1c"),
        barcode: text(form, "barcode"),
        discontinued: form.has("discontinued", "1"),
    };
    let price_minor = match form.given("price_minor").map(price) {
        Some(None) => {
            form.wrong("price_minor", ui.t("error-price"));
            None
        }
        Some(known) => known,
        None => None,
    };
    NewArticle {
        part_number: form.value("part_number").to_owned(),
        name: form.value("name").to_owned(),
        vendor: form.value("vendor").to_owned(),
        kind: form.value("kind").to_owned(),
        color: text(form, "color"),
        yield_pages,
        price_minor,
        vat_percent,
        supplier,
        supplier_article: text(form, "supplier_article"),
        fits: form.value("fits").lines().map(|l| l.trim().to_owned()).filter(|l| !l.is_empty()).collect(),
        terms,
    }
}

async fn add(ui: Ui, State(state): State<AppState>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, None, form).await
}

async fn change(ui: Ui, State(state): State<AppState>, Path(id): Path<i64>, form: Form) -> Result<Response, WebError> {
    save(ui, &state, Some(ArticleId(id)), form).await
}

async fn save(ui: Ui, state: &AppState, id: Option<ArticleId>, mut form: Form) -> Result<Response, WebError> {
    ui.require(Permission::ManageArticles)?;
    let article = read(&ui, &mut form);
    let shown = article.part_number.clone();
    let again = |ui: Ui, status: StatusCode, form: Form| async move {
        let suppliers = settings::suppliers(state.store.db()).await?;
        Ok((status, ArticlePage::new(ui, id, form, suppliers).page()?).into_response())
    };
    if !form.is_fine() {
        return again(ui, StatusCode::UNPROCESSABLE_ENTITY, form).await;
    }
    let asked = match id {
        Some(id) => Command::UpdateArticle { id, article },
        None => Command::AddArticle { article },
    };
    let done = match command(state, &ui, asked).await? {
        Ok(done) => done,
        Err(e) => {
            let status = failed(&ui, &mut form, &FIELDS, &e);
            return again(ui, status, form).await;
        }
    };
    let need = form.value("need").parse().map(NeedId).ok();
    match (need, done.id) {
        (Some(need), Some(article)) => answer_need(&ui, state, need, ArticleId(article), shown).await,
        _ => Ok(Flash::done("article-saved", shown).redirect(PATH)),
    }
}

/// Made for a need: it gets the article, unless the catalogue gave it to it already.
async fn answer_need(
    ui: &Ui,
    state: &AppState,
    need: NeedId,
    article: ArticleId,
    shown: String,
) -> Result<Response, WebError> {
    let to = format!("/needs/{need}");
    let waits = crate::store::read::needs::one(state.store.db(), need).await?;
    if waits.is_none_or(|n| n.article.is_some_and(|a| a.id == article)) {
        return Ok(Flash::done("article-saved", shown).redirect(&to));
    }
    let flash = match command(state, ui, Command::SetNeedArticle { need, article }).await? {
        Ok(_) => Flash::done("article-saved", shown),
        Err(e) => told(ui, &e),
    };
    Ok(flash.redirect(&to))
}

pub fn sample_rows() -> Vec<ArticleRow> {
    let article = |id: i64, part: &str, name: &str, vendor: &str, fits: &[&str]| ArticleRow {
        id: ArticleId(id),
        part_number: part.to_owned(),
        name: name.to_owned(),
        vendor: vendor.to_owned(),
        kind: "toner".to_owned(),
        color: Some("black".to_owned()),
        yield_pages: Some(7200),
        price: Some(Minor(480_000)),
        vat_percent: 22,
        supplier: Some(SupplierId(1)),
        supplier_name: Some("Комус".to_owned()),
        currency: Some("RUB".to_owned()),
        supplier_article: Some("410231".to_owned()),
        terms: ArticleTerms::default(),
        fits: fits.iter().map(|f| (*f).to_owned()).collect(),
    };
    vec![
        article(
            1,
            "TK-1170",
            "Тонер-картридж, чёрный, 7 200 стр.",
            "Kyocera",
            &["kyocera/ecosys m2040*", "kyocera/ecosys m2540*"],
        ),
        ArticleRow {
            supplier: None,
            supplier_name: None,
            currency: None,
            price: None,
            ..article(2, "CF259X", "Картридж повышенной ёмкости", "HP", &["hp/laserjet pro m404*"])
        },
        ArticleRow { kind: "waste".to_owned(), color: None, ..article(3, "WT-220", "", "Brother", &[]) },
    ]
}

pub fn samples(lang: Lang) -> Vec<(&'static str, ArticlesPage)> {
    let page = |path: &str, rows: Vec<ArticleRow>, total: i64| {
        let ui = Ui::sample(lang, path);
        let list = List::read(&ui, COLUMNS, SORT);
        ArticlesPage::new(ui, list, Listed { rows, total }, suppliers::sample_rows(), if total == 0 { 0 } else { 4 })
    };
    let many = (0..17).flat_map(|_| sample_rows()).take(50).collect();
    vec![
        ("", page(PATH, sample_rows(), 3)),
        ("empty", page(PATH, Vec::new(), 0)),
        ("nothing-found", page("/settings/articles?q=xyz", Vec::new(), 0)),
        ("many", page("/settings/articles?page=4", many, 640)),
    ]
}

pub fn one_samples(lang: Lang) -> Vec<(&'static str, ArticlePage)> {
    let ui = || Ui::sample(lang, "/settings/articles/1");
    let form = filled(&ui(), &sample_rows()[0]);
    let mut wrong = from_need(&Params::parse(Some("vendor=Kyocera&model=ECOSYS%20M2040dn&need=1&kind=toner")));
    wrong.wrong("part_number", ui().t("error-required"));
    vec![
        ("", ArticlePage::new(ui(), Some(ArticleId(1)), form, suppliers::sample_rows())),
        ("wrong", ArticlePage::new(ui(), None, wrong, Vec::new())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_as_people_type_them() {
        for (typed, minor) in [
            ("4800", 480_000),
            ("4 800,50", 480_050),
            ("4800.5", 480_050),
            ("4\u{a0}800,50 ₽", 480_050),
            ("1,200.50", 120_050),
            ("1.200", 120_000),
            ("0,99", 99),
        ] {
            assert_eq!(price(typed), Some(minor), "{typed}");
        }
        for bad in ["", "дорого", "-5", "1e6", ",50"] {
            assert_eq!(price(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_shown_is_read_back() {
        for lang in Lang::ALL {
            let ui = Ui::sample(lang, NEW);
            let row = &sample_rows()[0];
            let mut form = filled(&ui, row);
            let read = read(&ui, &mut form);
            assert!(form.is_fine(), "{form:?}");
            assert_eq!((read.price_minor, read.yield_pages, read.vat_percent), (Some(480_000), Some(7200), 22));
            assert_eq!(read.fits, row.fits);
        }
    }
}
