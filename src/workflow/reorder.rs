//! A low supply becomes a need, the need a line of the draft order to its article's supplier.
//!
//! Never approves or sends: a person does, once. Stock and forecast are not known here yet; a need asks for one piece a
//! low supply. To choose articles otherwise, change `choose_article`; it sees all candidates at once.

use std::collections::BTreeMap;

use crate::model::{
    Action, Article, ArticleId, DeviceId, Event, Fit, FoundBy, Need, NeedReason, SiteId, SupplyKind, SupplyState,
};

/// An article with the device models it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub article: Article,
    pub fits: Vec<Fit>,
    /// Taken only when nothing else fits.
    pub discontinued: bool,
}

/// A person confirmed this article for such a supply of such a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Learnt {
    pub vendor: String,
    pub model: String,
    pub kind: String,
    pub color: Option<String>,
    pub article: ArticleId,
}

/// Everything articles are chosen from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Catalogue {
    pub candidates: Vec<Candidate>,
    pub learnt: Vec<Learnt>,
}

/// Kind, colour and the models that fit.
type Class<'a> = (&'a str, Option<&'a str>, Vec<(&'a str, &'a str)>);

/// Articles that stand in for one another: equal kind and colour, fitting the same models. Numbers ascend.
pub fn classes(catalogue: &[Candidate]) -> Vec<Vec<ArticleId>> {
    let mut found: BTreeMap<Class, Vec<ArticleId>> = BTreeMap::new();
    let mut alone = Vec::new();
    for c in catalogue {
        let mut models: Vec<(&str, &str)> = c.fits.iter().map(|f| (f.vendor.as_str(), f.model.as_str())).collect();
        models.sort_unstable();
        models.dedup();
        if models.is_empty() {
            alone.push(vec![c.article.id]);
        } else {
            let place = (c.article.kind.as_str(), c.article.color.as_deref(), models);
            found.entry(place).or_default().push(c.article.id);
        }
    }
    let sorted = |mut class: Vec<ArticleId>| {
        class.sort_unstable();
        class
    };
    found.into_values().map(sorted).chain(alone).collect()
}

/// What the planner must know besides the event.
#[derive(Debug, Clone, PartialEq)]
pub struct ReorderFacts {
    pub device: DeviceId,
    pub site: SiteId,
    /// Store pool; the branch itself until stores exist.
    pub pool: String,
    /// What `choose_article` found for the supply.
    pub article: Option<Article>,
    /// The open or ordered need with `need_key(article, device, index)` in this pool.
    pub need: Option<Need>,
    /// A need, of whatever key, that already has this supply among its reasons.
    pub asked_by: Option<Need>,
    /// Pieces of the article on this branch's draft.
    pub drafted: i64,
    /// Pieces approved or sent and not yet received, for this branch.
    pub ordered: i64,
}

/// Key of the one open need: by article, or by supply while no article is known.
pub fn need_key(article: Option<ArticleId>, device: DeviceId, supply_index: &str) -> String {
    match article {
        Some(article) => format!("article:{article}"),
        None => format!("supply:{device}/{supply_index}"),
    }
}

/// What a supply's event asks for.
pub fn react(event: &Event, facts: &ReorderFacts) -> Vec<Action> {
    match event {
        Event::SupplyLow { supply } => open(supply, facts),
        Event::SupplyReplaced { index, .. } => {
            vec![Action::DropNeedReason { device: facts.device, supply_index: index.clone() }]
        }
        _ => Vec::new(),
    }
}

fn open(supply: &SupplyState, facts: &ReorderFacts) -> Vec<Action> {
    if facts.asked_by.is_some() {
        return Vec::new();
    }
    let key = need_key(facts.article.as_ref().map(|a| a.id), facts.device, &supply.index);
    let reasons = facts.need.as_ref().map_or(0, |n| n.reasons.len() as i64);
    // One piece a reason; a person's larger number stays.
    let quantity = facts.need.as_ref().map_or(1, |n| n.quantity.max(reasons + 1));
    let mut actions = vec![Action::OpenNeed {
        site: facts.site,
        pool: facts.pool.clone(),
        key: key.clone(),
        article: facts.article.as_ref().map(|a| a.id),
        quantity,
        reason: NeedReason {
            device: facts.device,
            supply_index: supply.index.clone(),
            description: supply.description.clone(),
            low: supply.low,
            high: supply.high,
            at: supply.low_since.unwrap_or(supply.updated_at),
        },
    }];
    if let Some(article) = &facts.article {
        actions.extend(draft(facts.site, article, &key, quantity, facts.drafted, facts.ordered));
    }
    actions
}

/// The draft line that a need still wants: nothing when enough is drafted or on its way, or nobody sells the article.
/// Also for a person who gives a need its article.
pub fn draft(
    site: SiteId,
    article: &Article,
    need_key: &str,
    needed: i64,
    drafted: i64,
    ordered: i64,
) -> Option<Action> {
    let wanted = needed.saturating_sub(ordered.max(0));
    let supplier = article.supplier?;
    (wanted > drafted.max(0)).then(|| Action::AddDraftLine {
        site,
        supplier,
        article: article.id,
        need_key: need_key.to_owned(),
        quantity: wanted,
    })
}

/// The article for a supply, and how it was found: the part number first, then what a person confirmed on another
/// device of the model, then what the catalogue says fits it in kind and colour. Among equals what is still made, then
/// the preferred, the nearest pattern, the one with a supplier, the oldest. Never one that was refused.
pub fn choose_article<'a>(
    supply: &SupplyState,
    vendor: Option<&str>,
    model: Option<&str>,
    catalogue: &'a Catalogue,
    refused: &[ArticleId],
) -> Option<(&'a Article, FoundBy)> {
    let model_of = vendor.zip(model).map(|(v, m)| (v.trim().to_lowercase(), m.trim().to_lowercase()));
    let learnt: Vec<ArticleId> = model_of.as_ref().map_or_else(Vec::new, |of| {
        let same = |l: &&Learnt| {
            (l.vendor.to_lowercase(), l.model.to_lowercase()) == *of
                && l.kind == supply.kind.as_str()
                && l.color.as_deref().map(str::to_lowercase) == supply.color.as_deref().map(str::to_lowercase)
        };
        catalogue.learnt.iter().filter(same).map(|l| l.article).collect()
    });
    catalogue
        .candidates
        .iter()
        .filter(|c| !refused.contains(&c.article.id))
        .filter_map(|c| Some((rank(supply, model_of.as_ref(), &learnt, c)?, c)))
        .min_by_key(|((found, preference, distance), c)| {
            (*found as u8, c.discontinued, -preference, *distance, c.article.supplier.is_none(), c.article.id)
        })
        .map(|((found, ..), c)| (&c.article, found))
}

/// How it fits, the preference, and a distance (smaller is better); `None` does not fit.
fn rank(
    supply: &SupplyState,
    model: Option<&(String, String)>,
    learnt: &[ArticleId],
    c: &Candidate,
) -> Option<(FoundBy, i64, usize)> {
    let number = normal(&c.article.part_number);
    if number.len() >= 3 && supply.part_number.as_deref().is_some_and(|p| normal(p) == number) {
        return Some((FoundBy::PartNumber, 0, 0));
    }
    let kind_fits = kinds_agree(supply.kind, c.article.kind);
    if kind_fits && names(&supply.description, &number) {
        return Some((FoundBy::Description, 0, usize::MAX - number.len()));
    }
    if learnt.contains(&c.article.id) {
        // What was confirmed last weighs most.
        let newest = learnt.iter().rev().position(|a| *a == c.article.id).unwrap_or(usize::MAX);
        return Some((FoundBy::SameModel, 0, newest));
    }
    if !kind_fits || !colors_agree(supply, &c.article) {
        return None;
    }
    let (vendor, model) = model?;
    let best = c.fits.iter().filter_map(|f| Some((fit(vendor, model, &f.vendor, &f.model)?, f.preference))).min()?;
    Some((FoundBy::Model, best.1, best.0))
}

/// Letters and digits only, upper case; Cyrillic letters that look Latin are Latin ("ТК-1170" typed by a person).
pub fn normal(part_number: &str) -> String {
    part_number.to_uppercase().chars().filter(|c| c.is_alphanumeric()).map(latin).collect()
}

fn latin(c: char) -> char {
    const CYRILLIC: &str = "АВЕКМНОРСТУХ";
    const LATIN: &str = "ABEKMHOPCTYX";
    CYRILLIC.chars().position(|k| k == c).and_then(|at| LATIN.chars().nth(at)).unwrap_or(c)
}

/// The description holds the part number as words of its own: "TK-1170" in "TK-1170S" is another cartridge.
fn names(description: &str, number: &str) -> bool {
    if number.len() < 4 || !number.chars().any(|c| c.is_ascii_digit()) {
        return false;
    }
    let words: Vec<String> = description
        .split(|c: char| c.is_whitespace() || ",;:()[]\"/".contains(c))
        .map(normal)
        .filter(|w| !w.is_empty())
        .collect();
    (0..words.len()).any(|from| {
        let mut joined = String::new();
        words[from..].iter().take(3).any(|w| {
            joined.push_str(w);
            joined == number
        })
    })
}

fn kinds_agree(supply: SupplyKind, article: SupplyKind) -> bool {
    supply == article
        || supply == SupplyKind::Other
        || matches!((supply, article), (SupplyKind::Toner, SupplyKind::Ink) | (SupplyKind::Ink, SupplyKind::Toner))
}

/// No colour is black: monochrome devices do not name it. Colour only matters for what has one.
fn colors_agree(supply: &SupplyState, article: &Article) -> bool {
    if !matches!(supply.kind, SupplyKind::Toner | SupplyKind::Ink | SupplyKind::Drum | SupplyKind::Developer) {
        return true;
    }
    let name = |c: Option<&str>| c.map_or_else(|| "black".to_owned(), |c| c.trim().to_lowercase());
    let both_plain = supply.kind != SupplyKind::Toner && supply.kind != SupplyKind::Ink && article.color.is_none();
    both_plain || name(supply.color.as_deref()) == name(article.color.as_deref())
}

/// 0 for the model by name, more for a shorter pattern. The name may leave out the model's first words: "m2040dn" is
/// "ecosys m2040dn". All in lower case.
pub fn fit(vendor: &str, model: &str, fit_vendor: &str, fit_model: &str) -> Option<usize> {
    if fit_vendor != vendor && fit_vendor != "*" {
        return None;
    }
    let at_a_word = |rest: &str| model.len() == rest.len() || model[..model.len() - rest.len()].ends_with(' ');
    match fit_model.strip_suffix('*') {
        Some("") => Some(1000),
        Some(start) => {
            let starts = model.match_indices(start).any(|(at, _)| at_a_word(&model[at..]));
            starts.then(|| 1000usize.saturating_sub(start.len()).max(2))
        }
        None if model == fit_model => Some(0),
        None => (model.ends_with(fit_model) && at_a_word(fit_model) && !fit_model.is_empty()).then_some(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{LevelState, Millis, SupplierId};

    fn supply(kind: SupplyKind, color: Option<&str>, description: &str, part: Option<&str>) -> SupplyState {
        SupplyState {
            index: "1.1".into(),
            kind,
            color: color.map(Into::into),
            description: description.into(),
            part_number: part.map(Into::into),
            serial: None,
            level: Some(5),
            max_capacity: Some(100),
            level_state: LevelState::Known,
            low: Some(0.05),
            high: Some(0.05),
            alert_low: false,
            alert_empty: false,
            is_low: true,
            low_since: None,
            threshold: 0.1,
            updated_at: Millis(0),
            rise: None,
        }
    }

    fn candidate(id: i64, part: &str, kind: SupplyKind, color: Option<&str>, fits: &[(&str, &str)]) -> Candidate {
        Candidate {
            article: Article {
                id: ArticleId(id),
                part_number: part.into(),
                name: part.into(),
                vendor: "V".into(),
                kind,
                color: color.map(Into::into),
                yield_pages: None,
                price: None,
                vat_percent: 22,
                supplier: Some(SupplierId(1)),
                supplier_article: None,
            },
            fits: fits.iter().map(|(v, m)| Fit::parse(&format!("{v}/{m}")).unwrap()).collect(),
            discontinued: false,
        }
    }

    fn among(candidates: Vec<Candidate>) -> Catalogue {
        Catalogue { candidates, learnt: Vec::new() }
    }

    #[test]
    fn the_part_number_wins_over_the_model() {
        let all = among(vec![
            candidate(1, "TK-1150", SupplyKind::Toner, None, &[("kyocera", "ecosys m2040dn")]),
            candidate(2, "ТК-1170", SupplyKind::Toner, None, &[]), // Cyrillic Т and К
            candidate(3, "TK-117", SupplyKind::Toner, None, &[]),
            candidate(4, "006R01509", SupplyKind::Toner, Some("black"), &[]),
        ]);
        let pick = |s: &SupplyState| {
            choose_article(s, Some("Kyocera"), Some("ECOSYS M2040dn"), &all, &[]).map(|(a, _)| a.id.0)
        };
        assert_eq!(pick(&supply(SupplyKind::Toner, None, "Toner", Some("tk1170"))), Some(2));
        assert_eq!(pick(&supply(SupplyKind::Toner, None, "Kyocera TK-1170 toner", None)), Some(2));
        assert_eq!(pick(&supply(SupplyKind::Toner, None, "Kyocera TK 1170", None)), Some(2));
        // Another cartridge that only begins the same.
        assert_eq!(pick(&supply(SupplyKind::Toner, None, "TK-1170S toner", None)), Some(1));
        let xerox = "Black Toner, PN 006R01509;SN4817000";
        assert_eq!(pick(&supply(SupplyKind::Toner, Some("black"), xerox, None)), Some(4));
        assert_eq!(pick(&supply(SupplyKind::Toner, None, "Toner", None)), Some(1));
    }

    #[test]
    fn models_fit_in_kind_and_colour() {
        let all = among(vec![
            candidate(1, "A", SupplyKind::Toner, Some("cyan"), &[("hp", "color laserjet*")]),
            candidate(2, "B", SupplyKind::Toner, Some("black"), &[("hp", "color laserjet*")]),
            candidate(3, "C", SupplyKind::Toner, Some("black"), &[("hp", "color laserjet pro m4*")]),
            candidate(4, "D", SupplyKind::Drum, None, &[("hp", "color laserjet pro m4*")]),
        ]);
        let pick = |kind, color, model| {
            let asking = supply(kind, color, "x", None);
            choose_article(&asking, Some("HP"), Some(model), &all, &[]).map(|(a, _)| a.id.0)
        };
        assert_eq!(pick(SupplyKind::Toner, Some("Cyan"), "Color LaserJet Pro M454dn"), Some(1));
        assert_eq!(pick(SupplyKind::Toner, None, "Color LaserJet Pro M454dn"), Some(3));
        assert_eq!(pick(SupplyKind::Toner, Some("black"), "Color LaserJet 500"), Some(2));
        assert_eq!(pick(SupplyKind::Drum, Some("black"), "Color LaserJet Pro M454dn"), Some(4));
        assert_eq!(pick(SupplyKind::Waste, None, "Color LaserJet Pro M454dn"), None);
        assert_eq!(pick(SupplyKind::Toner, Some("magenta"), "Color LaserJet Pro M454dn"), None);
        assert_eq!(pick(SupplyKind::Toner, None, "Other"), None);
        assert!(choose_article(&supply(SupplyKind::Toner, None, "x", None), None, None, &all, &[]).is_none());
    }

    #[test]
    fn a_person_s_word_and_preference_decide_and_a_refusal_lasts() {
        let m2040 = [("kyocera", "m2040dn"), ("kyocera", "ecosys m2*")];
        let mut all = among(vec![
            candidate(1, "TK-1170", SupplyKind::Toner, None, &m2040),
            candidate(2, "NV-TK1170", SupplyKind::Toner, None, &[("kyocera", "ecosys m2* +1")]),
            candidate(3, "HB-TK1170", SupplyKind::Toner, None, &m2040),
        ]);
        let asking = supply(SupplyKind::Toner, None, "Toner", None);
        let pick = |all: &Catalogue, refused: &[ArticleId]| {
            let found = choose_article(&asking, Some("Kyocera"), Some("ECOSYS M2040dn"), all, refused);
            found.map(|(a, why)| (a.id.0, why))
        };
        assert_eq!(pick(&all, &[]), Some((2, FoundBy::Model)), "the preferred one");
        assert_eq!(pick(&all, &[ArticleId(2)]), Some((1, FoundBy::Model)));
        assert_eq!(pick(&all, &[ArticleId(1), ArticleId(2), ArticleId(3)]), None);
        all.candidates[1].discontinued = true;
        assert_eq!(pick(&all, &[]), Some((1, FoundBy::Model)), "what is still made");
        let learnt = |article: i64| Learnt {
            vendor: "KYOCERA".into(),
            model: "ecosys m2040dn".into(),
            kind: "toner".into(),
            color: None,
            article: ArticleId(article),
        };
        all.learnt = vec![learnt(1), learnt(3)];
        assert_eq!(pick(&all, &[]), Some((3, FoundBy::SameModel)), "what was confirmed last");
        assert_eq!(pick(&all, &[ArticleId(3)]), Some((1, FoundBy::SameModel)));
    }

    #[test]
    fn a_model_may_be_named_without_its_first_words() {
        let near = |model: &str, pattern: &str| fit("v", model, "v", pattern);
        assert_eq!(near("ecosys m2040dn", "ecosys m2040dn"), Some(0));
        assert_eq!(near("ecosys m2040dn", "m2040dn"), Some(1));
        assert_eq!(near("ecosys m2040dn", "m2040*"), Some(995));
        assert_eq!(near("ecosys m2040dn", "2040dn"), None);
        assert_eq!(near("ecosys m2040dn", "m2040"), None);
        assert_eq!(near("лазер м10", "м10"), Some(1));
        assert_eq!(fit("hp", "m1", "brother", "m1"), None);
    }

    #[test]
    fn enough_on_the_way_is_enough() {
        let a = candidate(1, "TK-1170", SupplyKind::Toner, None, &[]).article;
        assert_eq!(draft(SiteId(1), &a, "article:1", 1, 0, 1), None);
        assert_eq!(draft(SiteId(1), &a, "article:1", 2, 5, 0), None);
        let Some(Action::AddDraftLine { quantity, .. }) = draft(SiteId(1), &a, "article:1", 3, 1, 1) else { panic!() };
        assert_eq!(quantity, 2);
        let nobody_sells = Article { supplier: None, ..a };
        assert_eq!(draft(SiteId(1), &nobody_sells, "article:1", 1, 0, 0), None);
    }
}
