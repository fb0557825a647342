//! The one list of the product: columns with a chooser, sort, filter and page in the URL, CSV of what is seen.
//!
//! A page declares its `Column`s, reads a `List` from the URL, asks the store for `offset`/`size`/`sort`, and fills
//! `rows`; the template says `{% include "list.html" %}`. The same rows give the CSV (`csv`).

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::html::{Html, Params, escape, icon};
use super::layout::Ui;
use crate::i18n::Locale;

/// How a column looks when the list becomes cards on a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// A line of its own.
    Wide,
    /// Half a line.
    Half,
    /// Left out.
    Never,
}

#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its word in the URL.
    pub key: &'static str,
    /// Message of its heading.
    pub label: &'static str,
    pub sortable: bool,
    /// Numbers stand right.
    pub right: bool,
    /// Shown unless the reader chooses otherwise; at most seven.
    pub default: bool,
    pub card: Card,
}

impl Column {
    pub const fn new(key: &'static str, label: &'static str) -> Column {
        Column { key, label, sortable: true, right: false, default: true, card: Card::Half }
    }
    pub const fn right(self) -> Column {
        Column { right: true, ..self }
    }
    pub const fn unsorted(self) -> Column {
        Column { sortable: false, ..self }
    }
    pub const fn hidden(self) -> Column {
        Column { default: false, ..self }
    }
    pub const fn card(self, card: Card) -> Column {
        Column { card, ..self }
    }
}

/// One value: as markup for the page, as text for the CSV.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    pub html: Html,
    pub text: String,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Cell {
        let text = text.into();
        Cell { html: Html(escape(&text)), text }
    }
    pub fn mono(text: impl Into<String>) -> Cell {
        let text = text.into();
        let html =
            if text.is_empty() { String::new() } else { format!(r#"<span class="mono">{}</span>"#, escape(&text)) };
        Cell { html: Html(html), text }
    }
    pub fn html(html: Html, text: impl Into<String>) -> Cell {
        Cell { html, text: text.into() }
    }
    /// The name of the row: its link, which `j` and `k` walk.
    pub fn name(text: &str, href: &str, sub: &str) -> Cell {
        let sub_html =
            if sub.is_empty() { String::new() } else { format!(r#"<span class="sub">{}</span>"#, escape(sub)) };
        let html = format!(r#"<a class="name" data-row href="{}">{}</a>{sub_html}"#, escape(href), escape(text));
        Cell { html: Html(html), text: text.to_owned() }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Stays the same while the thing is the same: live updates change rows in place.
    pub key: String,
    /// One for each declared column.
    pub cells: Vec<Cell>,
}

pub const SIZES: [i64; 4] = [25, 50, 100, 200];
const DEFAULT_SIZE: i64 = 50;
/// Rows of one CSV.
pub const CSV_ROWS: i64 = 100_000;

#[derive(Debug, Clone)]
pub struct List {
    pub path: String,
    pub params: Params,
    columns: &'static [Column],
    visible: Vec<usize>,
    /// Key of the sorted column.
    pub sort: &'static str,
    pub descending: bool,
    pub page: i64,
    pub size: i64,
    pub total: i64,
    pub rows: Vec<Row>,
}

impl List {
    /// Reads the URL; what makes no sense there counts as not said. `default_sort`: "name", or "-seen" for falling.
    pub fn read(ui: &Ui, columns: &'static [Column], default_sort: &'static str) -> List {
        let params = &ui.query;
        let wanted: Vec<&str> = params.all("col").collect();
        let visible = (0..columns.len())
            .filter(
                |i| if wanted.is_empty() { columns[*i].default } else { *i == 0 || wanted.contains(&columns[*i].key) },
            )
            .collect();
        let asked = params.get("sort").unwrap_or(default_sort);
        let find = |word: &str| columns.iter().find(|c| c.sortable && c.key == word.trim_start_matches('-'));
        let (column, word) = match find(asked) {
            Some(c) => (Some(c), asked),
            None => (find(default_sort), default_sort),
        };
        List {
            path: ui.path.clone(),
            params: params.clone(),
            columns,
            visible,
            sort: column.map_or("", |c| c.key),
            descending: word.starts_with('-'),
            page: params.number("page").unwrap_or(1).clamp(1, 1_000_000),
            size: params.number("size").filter(|s| SIZES.contains(s)).unwrap_or(DEFAULT_SIZE),
            total: 0,
            rows: Vec::new(),
        }
    }

    pub fn offset(&self) -> i64 {
        (self.page - 1) * self.size
    }

    /// A page beyond the end (rows went away since) becomes the last one; true when it had to.
    pub fn clamp(&mut self, total: i64) -> bool {
        self.total = total;
        let last = self.pages();
        let beyond = self.page > last;
        self.page = self.page.min(last);
        beyond
    }

    pub fn pages(&self) -> i64 {
        ((self.total + self.size - 1) / self.size).max(1)
    }

    pub fn first(&self) -> i64 {
        if self.total == 0 { 0 } else { self.offset() + 1 }
    }

    pub fn last(&self) -> i64 {
        (self.offset() + self.size).min(self.total)
    }

    pub fn page_url(&self, page: i64) -> String {
        if page <= 1 {
            self.params.without("page").url(&self.path)
        } else {
            self.params.with("page", page).url(&self.path)
        }
    }

    pub fn size_url(&self, size: &i64) -> String {
        self.params.without("page").with("size", size).url(&self.path)
    }

    pub fn csv_url(&self) -> String {
        self.params.without("page").without("size").url(&format!("{}.csv", self.path))
    }

    pub fn columns(&self) -> impl Iterator<Item = &'static Column> {
        self.visible.iter().map(|i| &self.columns[*i])
    }

    pub fn all_columns(&self) -> impl Iterator<Item = (&'static Column, bool)> {
        self.columns.iter().enumerate().map(|(i, c)| (c, self.visible.contains(&i)))
    }

    /// What the chooser's form must send along.
    pub fn kept(&self) -> Vec<(String, String)> {
        self.params.without("col").without("page").pairs().to_vec()
    }

    /// A heading: its link sorts, a second time the other way round.
    pub fn heading(&self, l: &Locale, column: &Column) -> Html {
        let class = if column.right { r#" class="r""# } else { "" };
        let label = escape(&l.t(column.label));
        if !column.sortable {
            return Html(format!(r#"<th scope="col"{class}>{label}</th>"#));
        }
        let current = self.sort == column.key;
        let falls = current && !self.descending;
        let word = if falls { format!("-{}", column.key) } else { column.key.to_owned() };
        let href = escape(&self.params.without("page").with("sort", word).url(&self.path));
        let (aria, arrow) = match (current, self.descending) {
            (false, _) => ("", Html::default()),
            (true, false) => (r#" aria-sort="ascending""#, icon("up")),
            (true, true) => (r#" aria-sort="descending""#, icon("down")),
        };
        Html(format!(r#"<th scope="col"{class}{aria}><a href="{href}">{label}{arrow}</a></th>"#))
    }

    /// The cells of a row that are seen.
    pub fn cells<'a>(&'a self, row: &'a Row) -> impl Iterator<Item = (&'static Column, &'a Cell)> {
        self.visible.iter().filter_map(|i| Some((&self.columns[*i], row.cells.get(*i)?)))
    }

    /// The visible columns of `rows` as a file spreadsheets open: UTF-8 with its mark, semicolons where the comma is
    /// the decimal point, and nothing that a spreadsheet would run as a formula.
    pub fn csv(&self, l: &Locale, name: &str) -> Response {
        let separator = match l.lang {
            crate::i18n::Lang::Ru => ";",
            crate::i18n::Lang::En => ",",
        };
        let mut out = String::from("\u{feff}");
        let heads: Vec<String> = self.columns().map(|c| csv_field(&l.t(c.label))).collect();
        out.push_str(&heads.join(separator));
        out.push_str("\r\n");
        for row in &self.rows {
            let fields: Vec<String> = self.cells(row).map(|(_, c)| csv_field(&c.text)).collect();
            out.push_str(&fields.join(separator));
            out.push_str("\r\n");
        }
        let head = [
            (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
            (header::CONTENT_DISPOSITION, format!(r#"attachment; filename="{name}.csv""#)),
        ];
        (head, out).into_response()
    }
}

fn csv_field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '@', '\t', '\r']) || (text.starts_with('-') && text.len() > 1);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', ';', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::model::Millis;

    const COLUMNS: &[Column] = &[
        Column::new("name", "col-name"),
        Column::new("place", "col-place"),
        Column::new("serial", "col-serial").hidden(),
    ];

    fn list(path: &str) -> List {
        let ui = Ui::plain(Lang::En, "UTC", Millis(0), path);
        List::read(&ui, COLUMNS, "name")
    }

    #[test]
    fn the_url_is_the_state() {
        let mut l = list("/devices?sort=-place&page=3&size=25&q=x");
        assert_eq!((l.sort, l.descending, l.page, l.size, l.offset()), ("place", true, 3, 25, 50));
        l.clamp(60);
        assert_eq!((l.pages(), l.first(), l.last()), (3, 51, 60));
        assert_eq!(l.page_url(1), "/devices?sort=-place&size=25&q=x");
        assert!(l.clamp(10));
        assert_eq!(l.page, 1);
    }

    #[test]
    fn nonsense_in_the_url_is_not_said() {
        let l = list("/devices?sort=password&page=-4&size=100000&col=nothing");
        assert_eq!((l.sort, l.descending, l.page, l.size), ("name", false, 1, 50));
        assert_eq!(l.columns().map(|c| c.key).collect::<Vec<_>>(), ["name"]);
    }

    #[test]
    fn a_heading_turns_the_order_round() {
        let en = Locale::new(Lang::En, "UTC", Millis(0));
        let l = list("/devices?page=2");
        let html = l.heading(&en, &COLUMNS[0]).0;
        assert!(html.contains(r#"aria-sort="ascending""#) && html.contains("/devices?sort=-name"), "{html}");
        assert!(l.heading(&en, &COLUMNS[1]).0.contains(r#"href="/devices?sort=place""#));
    }

    #[test]
    fn a_spreadsheet_gets_text_not_formulas() {
        assert_eq!(csv_field("=1+1"), "'=1+1");
        assert_eq!(csv_field("a;\"b\""), "\"a;\"\"b\"\"\"");
        assert_eq!(csv_field("−"), "−");
        assert_eq!(csv_field("-"), "-");
    }
}
