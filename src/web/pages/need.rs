//! `/needs/{id}`: why it is needed, reading by reading, and what answers it: the article, the order, or a dismissal.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::needs::{level, sample_rows, state, title};
use crate::i18n::Lang;
use crate::model::{ArticleId, Command, DocumentStatus, Fit, NeedId, NeedStatus};
use crate::store::Db;
use crate::store::read::Paging;
use crate::store::read::needs::{self, NeedMove, NeedReasonRow, NeedRow};
use crate::store::read::settings::{self, ArticleRow};
use crate::web::WebError;
use crate::web::auth::policy::Permission;
use crate::web::flash::Flash;
use crate::web::form::Form;
use crate::web::html::Html;
use crate::web::layout::{Page, Ui};
use crate::web::level::Level;
use crate::web::state::AppState;
use crate::web::{command, failed};

#[derive(Template)]
#[template(path = "need.html")]
pub struct NeedPage {
    ui: Ui,
    need: NeedRow,
    title: String,
    sub: String,
    /// Articles to choose from: those that fit first.
    articles: Vec<(String, String)>,
    fitting: usize,
    set: Form,
    dismiss: Form,
}

pub fn router() -> Router<AppState> {
    Router::new()
        .route("/needs/{id}", get(show))
        .route("/needs/{id}/article", post(set_article))
        .route("/needs/{id}/dismiss", post(dismiss))
}

async fn load(db: &Db, id: i64) -> Result<NeedRow, WebError> {
    needs::one(db, NeedId(id)).await?.ok_or(WebError::NotFound)
}

async fn show(ui: Ui, State(app): State<AppState>, Path(id): Path<i64>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let need = load(app.store.db(), id).await?;
    page(&app, ui, need, None, Form::default()).await?.page()
}

/// The page with its choice of articles; `set` is what was chosen before an error.
async fn page(app: &AppState, ui: Ui, need: NeedRow, set: Option<Form>, dismiss: Form) -> Result<NeedPage, WebError> {
    let catalogue = if need.status == NeedStatus::Open && ui.may(Permission::ManageNeeds) {
        settings::articles(app.store.db(), "", Paging::all()).await?.rows
    } else {
        Vec::new()
    };
    Ok(NeedPage::new(ui, need, &catalogue, set, dismiss))
}

impl NeedPage {
    fn new(ui: Ui, need: NeedRow, catalogue: &[ArticleRow], set: Option<Form>, dismiss: Form) -> Self {
        let (title, sub) = title(&ui, &need);
        let (fits, others): (Vec<&ArticleRow>, Vec<&ArticleRow>) =
            catalogue.iter().partition(|a| need.reasons.iter().any(|r| fits(a, r)));
        let fitting = fits.len();
        let articles: Vec<(String, String)> = fits
            .into_iter()
            .chain(others)
            .map(|a| (a.id.to_string(), format!("{} · {} · {}", a.part_number, a.vendor, a.name)))
            .collect();
        let chosen = need.article.as_ref().map(|a| a.id.to_string()).or_else(|| articles.first().map(|a| a.0.clone()));
        let set = set.unwrap_or_else(|| Form::of(&[("article", chosen.as_deref().unwrap_or(""))]));
        NeedPage { ui, need, title, sub, articles, fitting, set, dismiss }
    }

    fn state(&self) -> Html {
        state(&self.ui, &self.need).0
    }

    fn level(&self, reason: &NeedReasonRow) -> Level {
        level(reason)
    }

    /// "When it arose: 8 %; threshold 10 %".
    fn why(&self, r: &NeedReasonRow) -> String {
        let then = match (r.low, r.high) {
            (Some(low), Some(high)) if high - low > 0.015 => {
                format!("{}–{}", self.ui.decimal(low * 100.0, 0), self.ui.percent(high))
            }
            (Some(low), _) => self.ui.percent(low),
            _ => self.ui.t("level-unknown"),
        };
        let threshold = r.now.as_ref().map(|n| self.ui.percent(n.threshold));
        match threshold {
            Some(t) => self.ui.tw("need-why-threshold", &[("value", then.into()), ("threshold", t.into())]),
            None => self.ui.tv("need-why", then),
        }
    }

    /// The plan's numbers as pairs of words: how many are asked for and by when, what there is, what is bought.
    fn numbers(&self) -> Vec<(String, String)> {
        let Some(p) = &self.need.plan else { return Vec::new() };
        let ui = &self.ui;
        let days = |n: f64| ui.tn("time-days", n.round() as i64);
        let lead = match p.lead.orders {
            0 => ui.tv("plan-lead-promised", days(p.lead.late_days())),
            n => ui.tw("plan-lead-learnt", &[("days", days(p.lead.late_days()).into()), ("orders", n.into())]),
        };
        let mut lines = vec![
            (format!("{} ({lead})", ui.t("plan-horizon")), days(p.horizon_days)),
            (ui.t("plan-expected"), ui.decimal(p.expected, 1)),
            (ui.tv("plan-order-up-to", ui.percent(p.service_level)), ui.integer(p.order_up_to)),
            (ui.t("plan-on-hand"), ui.integer(p.position.on_hand)),
        ];
        for (key, n) in [
            ("plan-reserved", p.position.reserved),
            ("plan-ordered", p.position.ordered),
            ("plan-in-transit", p.position.in_transit),
        ] {
            if n != 0 {
                lines.push((ui.t(key), ui.integer(n)));
            }
        }
        if p.moved > 0 {
            lines.push((ui.t("plan-moved"), ui.integer(p.moved)));
        }
        let pack = if p.pack > 1 { format!(", {}", ui.tn("plan-pack", p.pack)) } else { String::new() };
        lines.push((ui.t("plan-buy"), format!("{}{pack}", ui.integer(p.quantity))));
        let risk = |f: f64| if f > 0.0 && f < 0.01 { format!("< {}", ui.percent(0.01)) } else { ui.percent(f) };
        lines.push((ui.t("plan-risk"), format!("{} → {}", risk(p.risk_without), risk(p.risk_with))));
        lines
    }

    /// "2 pieces of TK-1170 lie in the store … and are not needed there: move them."
    fn moved(&self, m: &NeedMove) -> String {
        let ui = &self.ui;
        let store = format!("{}, {}", m.site_name, m.store_name);
        let key = if m.status == DocumentStatus::Draft { "need-move-spare" } else { "need-move-travels" };
        let article = m.part_number.as_str();
        ui.tw(key, &[("count", m.quantity.into()), ("article", article.into()), ("store", store.into())])
    }

    fn waits(&self, m: &NeedMove) -> bool {
        m.status == DocumentStatus::Draft
    }

    /// Why its line waits for money, and what that risks.
    fn cut(&self) -> Option<String> {
        let cut = self.need.cut.as_ref()?;
        let first = self.need.reasons.iter().find(|r| Some(r.device) == cut.device);
        Some(super::order::cut_words(&self.ui, cut, first.map(|r| r.device_name.as_str())))
    }

    /// The maker has stopped.
    fn ending(&self) -> bool {
        self.need.plan.as_ref().is_some_and(|p| p.ending)
    }

    /// Chance that this device asks within the horizon.
    fn chance(&self, r: &NeedReasonRow) -> Option<String> {
        let p = self.need.plan.as_ref()?;
        let a = p.askers.iter().find(|a| a.device == r.device && a.supply_index == r.supply_index)?;
        let chance = self.ui.percent(a.chance.first().copied()?);
        Some(self.ui.tw(
            "plan-chance",
            &[("chance", chance.into()), ("days", self.ui.tn("time-days", p.horizon_days.round() as i64).into())],
        ))
    }

    fn open(&self) -> bool {
        self.need.status == NeedStatus::Open
    }

    /// A new article for this need, with what the device tells filled in.
    fn new_article_url(&self) -> String {
        let mut query = crate::web::html::Params::default().with("need", self.need.id);
        if let Some(r) = self.need.reasons.first() {
            let told = [
                ("vendor", r.vendor.as_deref()),
                ("part_number", r.part_number.as_deref()),
                ("kind", r.kind.as_deref()),
                ("color", r.color.as_deref()),
                ("name", Some(r.description.as_str())),
                ("model", r.model.as_deref()),
            ];
            query = told.iter().filter_map(|(n, v)| Some((n, (*v)?))).fold(query, |q, (n, v)| q.with(n, v));
        }
        query.url("/settings/articles/new")
    }
}

/// Does an article's pattern name this device's model, for a supply of its kind and colour?
fn fits(article: &ArticleRow, r: &NeedReasonRow) -> bool {
    let told = r.part_number.as_deref().is_some_and(|p| p.eq_ignore_ascii_case(&article.part_number));
    let kind = r.kind.as_deref().is_none_or(|k| k == article.kind);
    let color = article.color.is_none() || r.color.is_none() || article.color == r.color;
    let vendor = r.vendor.as_deref().unwrap_or("").to_lowercase();
    let model = r.model.as_deref().unwrap_or("").to_lowercase();
    let named = article.fits.iter().any(|pattern| {
        let Some(fit) = Fit::parse(pattern) else { return false };
        let model_fits = match fit.model.strip_suffix('*') {
            Some(start) => model.starts_with(start),
            None => model == fit.model,
        };
        fit.vendor == vendor && model_fits
    });
    told || (kind && color && named)
}

async fn set_article(
    ui: Ui,
    State(app): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    let need = load(app.store.db(), id).await?;
    let Ok(article) = form.value("article").parse().map(ArticleId) else {
        form.wrong("article", ui.t("need-choose-article"));
        let page = page(&app, ui, need, Some(form), Form::default()).await?.page()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    };
    match command(&app, &ui, Command::SetNeedArticle { need: need.id, article }).await? {
        Ok(_) => Ok(Flash::done("need-article-set", "").redirect(&format!("/needs/{id}"))),
        Err(e) => {
            let status = failed(&ui, &mut form, &["article"], &e);
            Ok((status, page(&app, ui, need, Some(form), Form::default()).await?.page()?).into_response())
        }
    }
}

async fn dismiss(
    ui: Ui,
    State(app): State<AppState>,
    Path(id): Path<i64>,
    mut form: Form,
) -> Result<Response, WebError> {
    let need = load(app.store.db(), id).await?;
    let reason = form.value("reason").trim().to_owned();
    if reason.is_empty() {
        form.wrong("reason", ui.t("need-say-why"));
        let page = page(&app, ui, need, None, form).await?.page()?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
    }
    match command(&app, &ui, Command::DismissNeed { need: need.id, reason }).await? {
        Ok(_) => Ok(Flash::done("need-dismissed", "").redirect(super::needs::PATH)),
        Err(e) => {
            let status = failed(&ui, &mut form, &["reason"], &e);
            Ok((status, page(&app, ui, need, None, form).await?.page()?).into_response())
        }
    }
}

pub fn samples(lang: Lang) -> Vec<(&'static str, NeedPage)> {
    let ui = || Ui::sample(lang, "/needs/1");
    let catalogue = super::settings::articles::sample_rows();
    let rows = sample_rows(ui().now);
    let mut wrong = Form::default();
    wrong.wrong("reason", ui().t("need-say-why"));
    let page = |at: usize, dismiss: Form| NeedPage::new(ui(), rows[at].clone(), &catalogue, None, dismiss);
    let mut bare = rows[0].clone();
    bare.status = NeedStatus::Closed;
    vec![
        ("", page(0, Form::default())),
        ("no-supplier", page(1, wrong)),
        ("ordered", page(2, Form::default())),
        ("empty-catalogue", NeedPage::new(ui(), rows[0].clone(), &[], None, Form::default())),
        ("moves", page(4, Form::default())),
        ("closed", NeedPage::new(ui(), bare, &[], None, Form::default())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fitting_articles_come_first() {
        let ui = Ui::sample(Lang::En, "/needs/1");
        let need = sample_rows(ui.now).remove(2);
        let catalogue = super::super::settings::articles::sample_rows();
        let page = NeedPage::new(ui, need, &catalogue, None, Form::default());
        assert!(page.fitting >= 1 && page.fitting < page.articles.len());
        assert!(page.articles[0].1.starts_with("TK-1170"), "{:?}", page.articles);
    }
}
