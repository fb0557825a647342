//! Views of one list as a row of links with counts: `{% include "tabs.html" %}` needs `ui` and `tabs: Tabs`.

use crate::web::layout::Ui;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    pub href: String,
    pub words: String,
    /// Empty: not counted.
    pub count: String,
    pub current: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tabs(pub Vec<Tab>);

impl Tabs {
    /// Views chosen by one name in the URL; the view of the empty word is the default one. `views`: word, message, count.
    pub fn of_query(ui: &Ui, name: &str, current: &str, views: &[(&str, &str, Option<i64>)]) -> Tabs {
        let rest = ui.query.without("page").without(name);
        Tabs(
            views
                .iter()
                .map(|(word, key, count)| Tab {
                    href: if word.is_empty() { rest.url(&ui.path) } else { rest.with(name, word).url(&ui.path) },
                    words: ui.t(key),
                    count: count.map(|n| ui.integer(n)).unwrap_or_default(),
                    current: *word == current,
                })
                .collect(),
        )
    }

    /// Pages of one place: path and message.
    pub fn of_paths(ui: &Ui, pages: &[(&str, &str)]) -> Tabs {
        Tabs(
            pages
                .iter()
                .map(|(path, key)| Tab {
                    href: (*path).to_owned(),
                    words: ui.t(key),
                    count: String::new(),
                    current: ui.path == *path || ui.path.starts_with(&format!("{path}/")) && *path != "/settings",
                })
                .collect(),
        )
    }
}
