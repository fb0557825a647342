//! Articles of well-known models (`reference.toml`): offered for the models a branch has, never added by themselves.
//!
//! Pure; the data are built in and checked by a test. To add an article, add a line there.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde::Deserialize;

use super::reorder::{fit, normal};
use crate::model::SupplyKind;

const DATA: &str = include_str!("reference.toml");

/// One article of the reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    pub vendor: String,
    pub part_number: String,
    pub kind: SupplyKind,
    pub color: Option<String>,
    pub yield_pages: i64,
    /// Models of the same maker, as `model::Fit` has them.
    pub fits: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    vendor: String,
    fits: Vec<String>,
    items: Vec<(String, SupplyKind, String, i64)>,
}

/// The whole reference by maker and part number; an article of several groups fits the models of all.
pub fn all() -> &'static [Known] {
    static ALL: OnceLock<Vec<Known>> = OnceLock::new();
    // The data are built in and read by a test: what does not read is an empty reference.
    ALL.get_or_init(|| read(DATA).unwrap_or_default())
}

fn read(text: &str) -> Result<Vec<Known>, toml::de::Error> {
    let file: File = toml::from_str(text)?;
    let mut found: BTreeMap<(String, String), Known> = BTreeMap::new();
    for group in file.group {
        for (part_number, kind, color, yield_pages) in group.items {
            let key = (group.vendor.clone(), part_number.clone());
            let entry = found.entry(key).or_insert_with(|| Known {
                vendor: group.vendor.clone(),
                part_number,
                kind,
                color: Some(color).filter(|c| !c.is_empty()),
                yield_pages,
                fits: Vec::new(),
            });
            entry.fits.extend(group.fits.iter().cloned());
        }
    }
    Ok(found.into_values().collect())
}

/// An article that is missing from a catalogue, and the models of the branch it fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    pub article: &'static Known,
    pub models: Vec<String>,
}

/// What fits these makers and models and is not among `have` (maker, part number).
pub fn offers<'a>(
    models: impl IntoIterator<Item = (&'a str, &'a str)> + Clone,
    have: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Vec<Offer> {
    let key = |vendor: &str, part: &str| (vendor.to_lowercase(), normal(part));
    let have: BTreeSet<(String, String)> = have.into_iter().map(|(v, p)| key(v, p)).collect();
    let missing = all().iter().filter(|k| !have.contains(&key(&k.vendor, &k.part_number)));
    let offer = |article: &'static Known| {
        let fitting = models.clone().into_iter().filter(|(vendor, model)| fits(article, vendor, model));
        let models: Vec<String> = fitting.map(|(_, model)| model.to_owned()).collect();
        (!models.is_empty()).then_some(Offer { article, models })
    };
    missing.filter_map(offer).collect()
}

fn fits(article: &Known, vendor: &str, model: &str) -> bool {
    let (vendor, model) = (vendor.trim().to_lowercase(), model.trim().to_lowercase());
    let maker = article.vendor.to_lowercase();
    article.fits.iter().any(|pattern| fit(&vendor, &model, &maker, pattern).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Fit;

    #[test]
    fn the_built_in_reference_is_sound() {
        let all = read(DATA).unwrap();
        assert!(all.len() > 150, "{}", all.len());
        for k in &all {
            assert!(k.yield_pages >= 500 && k.yield_pages <= 300_000, "{k:?}");
            assert!(!k.fits.is_empty() && normal(&k.part_number).len() >= 3, "{k:?}");
            for pattern in &k.fits {
                assert_eq!(*pattern, pattern.to_lowercase());
                assert!(Fit::parse(&format!("{}/{pattern}", k.vendor)).is_some(), "{k:?}");
            }
        }
        let of = |part: &str| all.iter().filter(|k| k.part_number == part).count();
        assert_eq!((of("DK-1150"), of("CF219A")), (1, 1), "several groups make one article");
    }

    #[test]
    fn only_what_the_branch_needs_and_does_not_have() {
        let models = [("Kyocera", "ECOSYS M2040dn"), ("HP", "HP LaserJet Pro M404dn"), ("Nobody", "M2040dn")];
        let parts = |have: &[(&str, &str)]| {
            let found = offers(models, have.iter().copied());
            found.iter().map(|o| o.article.part_number.clone()).collect::<Vec<_>>()
        };
        assert_eq!(parts(&[]), ["CF259A", "CF259X", "DK-1150", "TK-1170"]);
        assert_eq!(parts(&[("kyocera", "TK1170"), ("HP", "CF259X")]), ["CF259A", "DK-1150"]);
        assert_eq!(offers(models, [])[3].models, ["ECOSYS M2040dn"]);
    }
}
