//! Forms: what was typed is kept, errors stand beside their field, in words. Parsing and judging is the page's.

use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, Method};

use super::error::WebError;
use super::html::{Html, Params, escape, icon};
use super::layout::Ui;

/// Bytes of one form.
const MAX_BODY: usize = 64 * 1024;

/// What was typed and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    values: Params,
    /// Field and the finished sentence.
    errors: Vec<(String, String)>,
}

impl Form {
    /// A form that starts with these values.
    pub fn of(pairs: &[(&str, &str)]) -> Form {
        let values = pairs.iter().fold(Params::default(), |p, (n, v)| p.with(n, v));
        Form { values, errors: Vec::new() }
    }

    pub fn value(&self, field: &str) -> &str {
        self.values.get(field).unwrap_or("")
    }

    pub fn has(&self, field: &str, value: &str) -> bool {
        self.values.has(field, value)
    }

    /// The value, or `None` when the field was left empty.
    pub fn given(&self, field: &str) -> Option<&str> {
        self.values.get(field).filter(|v| !v.is_empty())
    }

    /// Another value than was typed.
    pub fn set(&mut self, field: &str, value: &str) {
        self.values = self.values.with(field, value);
    }

    pub fn clear(&mut self, field: &str) {
        self.values = self.values.without(field);
    }

    pub fn values(&self) -> &Params {
        &self.values
    }

    pub fn wrong(&mut self, field: &str, sentence: impl Into<String>) {
        self.errors.push((field.to_owned(), sentence.into()));
    }

    pub fn is_fine(&self) -> bool {
        self.errors.is_empty()
    }

    pub fn error(&self, field: &str) -> Option<&str> {
        self.errors.iter().find(|(f, _)| f == field).map(|(_, e)| e.as_str())
    }

    /// A labelled line of text. `help` is a message with an example, or "".
    pub fn text(&self, ui: &Ui, field: &str, label: &str, help: &str) -> Html {
        self.input(ui, "text", field, label, help)
    }

    /// Any one-line input; a password's value is never sent back.
    pub fn input(&self, ui: &Ui, kind: &str, field: &str, label: &str, help: &str) -> Html {
        let value = if kind == "password" { "" } else { self.value(field) };
        let control = format!(
            r#"<input type="{kind}" id="f-{field}" name="{field}" value="{}"{}>"#,
            escape(value),
            self.described(field, help)
        );
        self.framed(ui, field, label, help, &control)
    }

    pub fn textarea(&self, ui: &Ui, field: &str, label: &str, help: &str) -> Html {
        let control = format!(
            r#"<textarea id="f-{field}" name="{field}"{}>{}</textarea>"#,
            self.described(field, help),
            escape(self.value(field))
        );
        self.framed(ui, field, label, help, &control)
    }

    /// A choice of (value, words).
    pub fn select(
        &self,
        ui: &Ui,
        field: &str,
        label: &str,
        help: &str,
        options: impl AsRef<[(String, String)]>,
    ) -> Html {
        let options: String = options
            .as_ref()
            .iter()
            .map(|(value, words)| {
                let selected = if self.value(field) == value { " selected" } else { "" };
                format!(r#"<option value="{}"{selected}>{}</option>"#, escape(value), escape(words))
            })
            .collect();
        let control =
            format!(r#"<select id="f-{field}" name="{field}"{}>{options}</select>"#, self.described(field, help));
        self.framed(ui, field, label, help, &control)
    }

    fn described(&self, field: &str, help: &str) -> String {
        match (self.error(field), help) {
            (Some(_), _) => format!(r#" aria-invalid="true" aria-describedby="e-{field}""#),
            (None, "") => String::new(),
            (None, _) => format!(r#" aria-describedby="h-{field}""#),
        }
    }

    fn framed(&self, ui: &Ui, field: &str, label: &str, help: &str, control: &str) -> Html {
        let label = escape(&ui.t(label));
        let help = match help {
            "" => String::new(),
            key => format!(r#"<span class="help" id="h-{field}">{}</span>"#, escape(&ui.t(key))),
        };
        let error = match self.error(field) {
            Some(e) => format!(r#"<span class="field-error" id="e-{field}">{}{}</span>"#, icon("failure"), escape(e)),
            None => String::new(),
        };
        Html(format!(r#"<div class="field"><label for="f-{field}">{label}</label>{help}{control}{error}</div>"#))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(axum::http::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    kind.starts_with("application/x-www-form-urlencoded")
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = WebError;

    async fn from_request(request: Request, _: &S) -> Result<Self, WebError> {
        if request.method() == Method::GET {
            return Ok(Form { values: Params::parse(request.uri().query()), errors: Vec::new() });
        }
        let empty = request.headers().get(axum::http::header::CONTENT_TYPE).is_none();
        if !empty && !is_form(request.headers()) {
            return Err(WebError::BadRequest("the body is not a form".to_owned()));
        }
        let body = axum::body::to_bytes(request.into_body(), MAX_BODY)
            .await
            .map_err(|e| WebError::BadRequest(format!("the form could not be read: {e}")))?;
        Ok(Form { values: Params::parse(std::str::from_utf8(&body).ok()), errors: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::model::Millis;

    #[test]
    fn what_was_typed_is_kept_and_the_error_stands_beside() {
        let ui = Ui::plain(Lang::En, "UTC", Millis(0), "/");
        let mut form = Form::of(&[("name", "<b>")]);
        form.wrong("name", "say it with letters");
        let html = form.text(&ui, "name", "col-name", "").0;
        assert!(html.contains(r#"value="&lt;b&gt;""#), "{html}");
        assert!(html.contains(r#"aria-invalid="true" aria-describedby="e-name""#), "{html}");
        assert!(html.contains(r#"id="e-name""#) && html.contains("say it with letters"), "{html}");
        assert!(!form.is_fine());
    }

    #[test]
    fn a_password_is_never_sent_back() {
        let ui = Ui::plain(Lang::En, "UTC", Millis(0), "/");
        let html = Form::of(&[("password", "secret")]).input(&ui, "password", "password", "col-name", "").0;
        assert!(!html.contains("secret"));
    }
}
