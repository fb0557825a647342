//! `Ui`: what the frame of every page needs: language, zone, theme, branch, who looks, and words for the templates.
//!
//! Handlers take it as an argument (it is an extractor), put it in the page struct as the field `ui`, and templates
//! call it: `{{ ui.t("devices-title") }}`, `{{ ui.tn("devices-count", total) }}`, `{{ ui.ago(at) }}`. It decides
//! nothing about rights; `ui.may` asks `auth::policy`.

use std::ops::Deref;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::auth::Principal;
use super::auth::policy::Permission;
use super::error::WebError;
use super::flash::{self, Flash};
use super::html::{Html, Params, encode, escape, icon};
use super::state::AppState;
use super::{NAV, NavEntry};
use crate::i18n::{Lang, Locale};
use crate::model::{Millis, SiteId};

/// Light, dark, or what the system prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::Auto, Theme::Light, Theme::Dark];
    /// The word of the cookie, of `data-theme` and of the catalogue (`theme-<word>`).
    pub fn as_str(self) -> &'static str {
        match self {
            Theme::Auto => "auto",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|t| t.as_str() == s)
    }
}

/// A branch as the switch shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteChoice {
    pub id: SiteId,
    pub name: String,
    pub time_zone: String,
}

/// One step of the breadcrumbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub text: String,
    pub href: String,
}

#[derive(Debug, Clone)]
pub struct Ui {
    locale: Locale,
    pub theme: Theme,
    /// The request's path and query: where a form comes back to.
    pub path: String,
    pub query: Params,
    pub who: Option<Principal>,
    pub sites: Vec<SiteChoice>,
    /// The branch chosen at the top; `None`: all.
    pub site: Option<SiteId>,
    pub flash: Option<Flash>,
}

impl Deref for Ui {
    type Target = Locale;
    fn deref(&self) -> &Locale {
        &self.locale
    }
}

impl Ui {
    /// A frame without a request: samples, tests, the error page.
    pub fn plain(lang: Lang, zone: &str, now: Millis, path: &str) -> Ui {
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        Ui {
            locale: Locale::new(lang, zone, now),
            theme: Theme::Auto,
            path: path.to_owned(),
            query: Params::parse(query),
            who: None,
            sites: Vec::new(),
            site: None,
            flash: None,
        }
    }

    /// As an administrator of a company with these branches sees it: samples.
    pub fn sample(lang: Lang, path: &str) -> Ui {
        let site = |id, name: &str| SiteChoice {
            id: SiteId(id),
            name: name.to_owned(),
            time_zone: "Europe/Moscow".to_owned(),
        };
        let who = Principal {
            name: "petrov".to_owned(),
            role: crate::model::Role::Administrator,
            user: None,
            language: None,
            door: super::auth::Door::Session,
        };
        // 26 November 2026, 14:05 in Moscow.
        Ui {
            who: Some(who),
            sites: vec![site(1, "Казань, ул. Баумана 5"), site(2, "Самара")],
            site: Some(SiteId(1)),
            ..Ui::plain(lang, "Europe/Moscow", Millis(1_795_691_109_000), path)
        }
    }

    /// The same in another zone: a branch that nobody has chosen.
    pub fn in_zone(self, zone: &str) -> Ui {
        Ui { locale: Locale::new(self.locale.lang, zone, self.locale.now), ..self }
    }

    pub fn locale(&self) -> &Locale {
        &self.locale
    }

    pub fn code(&self) -> &'static str {
        self.lang.code()
    }

    /// Path and query: what "back" means on this page.
    pub fn here(&self) -> String {
        self.query.url(&self.path)
    }

    pub fn may(&self, permission: Permission) -> bool {
        self.who.as_ref().is_some_and(|p| p.may(permission))
    }

    /// Refuses the page to who may not.
    pub fn require(&self, permission: Permission) -> Result<(), WebError> {
        if self.may(permission) { Ok(()) } else { Err(WebError::Forbidden) }
    }

    pub fn asset(&self, name: &str) -> String {
        super::static_files::url(name)
    }

    pub fn icon(&self, name: &str) -> Html {
        icon(name)
    }

    /// Places of the rail that this person may see.
    pub fn places(&self) -> Vec<&'static NavEntry> {
        NAV.iter().filter(|e| self.may(e.needs)).collect()
    }

    pub fn is_current(&self, path: &str) -> bool {
        // What to order is a view of what runs out.
        let also = match path {
            "/supplies" => "/needs",
            "/tickets" => "/kpi",
            path => path,
        };
        let under = |p: &str| self.path == p || self.path.starts_with(&format!("{p}/"));
        if path == "/" { self.path == "/" } else { under(path) || under(also) }
    }

    pub fn is_site(&self, choice: &SiteChoice) -> bool {
        self.site == Some(choice.id)
    }

    pub fn site_name(&self) -> Option<&str> {
        self.sites.iter().find(|s| Some(s.id) == self.site).map(|s| s.name.as_str())
    }

    /// `<time>`: an age in words, the exact moment on hover and for assistive technology.
    pub fn ago_html(&self, at: &Millis) -> Html {
        self.time_html(*at, &self.ago(*at))
    }

    /// `<time>` around any wording of a moment.
    pub fn time_html(&self, at: Millis, words: &str) -> Html {
        Html(format!(
            r#"<time datetime="{}" title="{}">{}</time>"#,
            self.iso(at),
            escape(&self.exact(at)),
            escape(words)
        ))
    }

    /// A stored word in the reader's language: `ui.word("kind-", "printer")`; a word new to us is shown as it is.
    pub fn word(&self, prefix: &str, word: &str) -> String {
        let key = format!("{prefix}{word}");
        if crate::i18n::has(self.lang, &key) { self.t(&key) } else { word.to_owned() }
    }
}

/// A page: its template with `ui` inside.
pub trait Page: Template {
    /// Renders with status 200.
    fn page(&self) -> Result<Response, WebError> {
        let html = self.render().map_err(|e| WebError::Render(e.to_string()))?;
        Ok((StatusCode::OK, [(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response())
    }
}

impl<T: Template> Page for T {}

/// Value of a cookie, percent-decoded.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(n, _)| *n == name)
        .map(|(_, v)| super::html::decode(v))
}

/// `Set-Cookie` of a choice of the viewer's (language, theme, branch): a year, readable by scripts of ours.
pub fn choice_cookie(name: &str, value: &str) -> HeaderValue {
    let text = format!("{name}={}; Path=/; Max-Age=31536000; SameSite=Lax", encode(value));
    HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
}

/// The choice made in this browser, then the person's own setting, then what the browser asks for.
pub fn language(headers: &HeaderMap, who: Option<&Principal>) -> Lang {
    cookie(headers, "lang")
        .and_then(|c| Lang::parse(&c))
        .or_else(|| who?.language.as_deref().and_then(Lang::parse))
        .or_else(|| Lang::accepted(headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?))
        .unwrap_or_default()
}

async fn read(parts: &Parts, state: &AppState) -> Result<Ui, WebError> {
    let who = parts.extensions.get::<Principal>().cloned();
    let sites = match who {
        Some(_) => state.sites().await?,
        None => Vec::new(),
    };
    let chosen = cookie(&parts.headers, "site").and_then(|c| c.parse().ok()).map(SiteId);
    let site = chosen.filter(|id| sites.iter().any(|s| s.id == *id));
    let zone = sites.iter().find(|s| site.is_none_or(|id| s.id == id)).map_or("UTC", |s| s.time_zone.as_str());
    let lang = language(&parts.headers, who.as_ref());
    Ok(Ui {
        locale: Locale::new(lang, zone, state.clock.now()),
        theme: cookie(&parts.headers, "theme").and_then(|c| Theme::parse(&c)).unwrap_or_default(),
        path: parts.uri.path().to_owned(),
        query: Params::parse(parts.uri.query()),
        flash: flash::read(&parts.headers),
        who,
        sites,
        site,
    })
}

/// The frame of a page for people who are signed in; refuses others, whatever the layers before did.
impl FromRequestParts<AppState> for Ui {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        let ui = read(parts, state).await?;
        if ui.who.is_some() { Ok(ui) } else { Err(WebError::SignInNeeded(ui.here())) }
    }
}

/// The frame for pages that anybody may see: signing in, setting up.
#[derive(Debug, Clone)]
pub struct OpenUi(pub Ui);

impl FromRequestParts<AppState> for OpenUi {
    type Rejection = WebError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, WebError> {
        Ok(OpenUi(read(parts, state).await?))
    }
}
