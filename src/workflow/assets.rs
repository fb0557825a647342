//! A table of assets beside what is kept: which rows are new, change something, change nothing or are wrong.
//!
//! Pure: the caller brings what is known. A row means the asset with its inventory number, else the one with its serial
//! number; an empty cell keeps what is there.

use std::collections::HashMap;

use crate::model::{
    Asset, AssetDiff, AssetFault, AssetField, AssetId, AssetKind, AssetRow, AssetState, CentreId, ImportVerdict,
    JudgedAsset, KeptAsset, Minor, SiteId, StoreId, WarrantyKind,
};

/// What is kept, by what rows may call it.
pub struct Known<'a> {
    by_inventory: HashMap<String, &'a KeptAsset>,
    by_serial: HashMap<String, Vec<&'a KeptAsset>>,
    sites: &'a [(SiteId, String)],
    stores: &'a [(StoreId, SiteId, String)],
    centres: &'a [(CentreId, String)],
}

fn key(text: &str) -> String {
    text.trim().to_lowercase()
}

impl<'a> Known<'a> {
    pub fn new(
        assets: &'a [KeptAsset],
        sites: &'a [(SiteId, String)],
        stores: &'a [(StoreId, SiteId, String)],
        centres: &'a [(CentreId, String)],
    ) -> Known<'a> {
        let mut known = Known { by_inventory: HashMap::new(), by_serial: HashMap::new(), sites, stores, centres };
        for a in assets {
            if let Some(n) = &a.asset.inventory {
                known.by_inventory.insert(key(n), a);
            }
            if let Some(s) = &a.asset.serial {
                known.by_serial.entry(key(s)).or_default().push(a);
            }
        }
        known
    }

    fn find(&self, row: &AssetRow) -> Result<Option<&'a KeptAsset>, AssetFault> {
        let cell = |f: AssetField| row.cells.iter().find(|(of, _)| *of == f).map(|(_, v)| v.as_str());
        let (inventory, serial) = (cell(AssetField::Inventory), cell(AssetField::Serial));
        if let Some(found) = inventory.and_then(|n| self.by_inventory.get(&key(n))) {
            return Ok(Some(found));
        }
        let same: &[&KeptAsset] = serial.and_then(|s| self.by_serial.get(&key(s))).map_or(&[], Vec::as_slice);
        // One that carries another inventory number is another thing.
        let same: Vec<&&KeptAsset> =
            same.iter().filter(|a| inventory.is_none() || a.asset.inventory.is_none()).collect();
        match same[..] {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            _ => Err(fault(AssetField::Serial, "several", serial.unwrap_or_default())),
        }
    }
}

fn fault(field: AssetField, code: &str, value: &str) -> AssetFault {
    AssetFault { field, code: code.to_owned(), value: value.to_owned() }
}

/// The asset a row means, and what it would be afterwards.
pub fn planned(row: &AssetRow, known: &Known<'_>) -> Result<(Option<AssetId>, KeptAsset), Vec<AssetFault>> {
    let mut faults = row.faults.clone();
    let found = match known.find(row) {
        Ok(found) => found,
        // Which one is meant is not known: all else would be guessed.
        Err(f) => {
            faults.push(f);
            return Err(faults);
        }
    };
    let mut after = match found {
        Some(kept) => kept.clone(),
        None => KeptAsset {
            id: AssetId(0),
            asset: Asset::new(AssetKind::Other, SiteId(0)),
            site_name: String::new(),
            store_name: None,
            centre_name: None,
            centre_phone: None,
            device_name: None,
        },
    };
    let mut cells: Vec<&(AssetField, String)> = row.cells.iter().collect();
    // A store is looked for in its branch.
    cells.sort_by_key(|(f, _)| *f);
    for (field, value) in cells {
        if let Err(code) = set(&mut after, *field, value, known) {
            faults.push(fault(*field, code, value));
        }
    }
    let gave = |f: AssetField| row.cells.iter().any(|(of, _)| *of == f);
    if found.is_none() {
        if after.asset.inventory.is_none() && after.asset.serial.is_none() {
            faults.push(fault(AssetField::Inventory, "required", ""));
        }
        if !gave(AssetField::Kind) && !faults.iter().any(|f| f.field == AssetField::Kind) {
            faults.push(fault(AssetField::Kind, "required", ""));
        }
        if !gave(AssetField::Site) {
            match known.sites {
                [(id, name)] => {
                    after.asset.site = *id;
                    after.site_name = name.clone();
                }
                _ => faults.push(fault(AssetField::Site, "required", "")),
            }
        }
    }
    if faults.is_empty() { Ok((found.map(|f| f.id), after)) } else { Err(faults) }
}

fn set(after: &mut KeptAsset, field: AssetField, value: &str, known: &Known<'_>) -> Result<(), &'static str> {
    use AssetField as F;
    if value.chars().count() > 200 {
        return Err("too-long");
    }
    let a = &mut after.asset;
    let text = value.to_owned();
    match field {
        F::Inventory => a.inventory = Some(text),
        F::Serial => a.serial = Some(text),
        F::Kind => a.kind = AssetKind::parse(value).ok_or("unknown-word")?,
        F::Vendor => a.vendor = text,
        F::Model => a.model = text,
        F::State => a.state = AssetState::parse(value).ok_or("unknown-word")?,
        F::Site => {
            let (id, name) = known.sites.iter().find(|(_, n)| key(n) == key(value)).ok_or("no-such")?;
            (a.site, after.site_name) = (*id, name.clone());
        }
        F::Store => {
            let here = |s: &&(StoreId, SiteId, String)| s.1 == a.site && key(&s.2) == key(value);
            let (id, _, name) = known.stores.iter().find(here).ok_or("no-such")?;
            (a.store, after.store_name) = (Some(*id), Some(name.clone()));
        }
        F::Centre => {
            let (id, name) = known.centres.iter().find(|(_, n)| key(n) == key(value)).ok_or("no-such")?;
            (a.centre, after.centre_name) = (Some(*id), Some(name.clone()));
        }
        F::Place => a.place = text,
        F::Custodian => a.custodian = text,
        F::BoughtOn => a.bought_on = Some(value.parse().map_err(|_| "bad-date")?),
        F::WarrantyUntil => a.warranty_until = Some(value.parse().map_err(|_| "bad-date")?),
        F::Price => a.price = Some(Minor(value.parse().map_err(|_| "bad-price")?)),
        F::Supplier => a.supplier = text,
        F::Document => a.document = text,
        F::WarrantyKind => a.warranty_kind = Some(WarrantyKind::parse(value).ok_or("unknown-word")?),
        F::Note => a.note = text,
        // Told by the serial number, never by a table.
        F::Device => {}
    }
    Ok(())
}

/// Every row with its verdict; a row that repeats another's asset is wrong.
pub fn judge(rows: &[AssetRow], known: &Known<'_>) -> Vec<JudgedAsset> {
    let mut seen: HashMap<String, u32> = HashMap::new();
    rows.iter().map(|row| judge_one(row, known, &mut seen)).collect()
}

fn judge_one(row: &AssetRow, known: &Known<'_>, seen: &mut HashMap<String, u32>) -> JudgedAsset {
    let cell = |f: AssetField| row.cells.iter().find(|(of, _)| *of == f).map(|(_, v)| v.clone());
    let name = cell(AssetField::Inventory).or_else(|| cell(AssetField::Serial)).unwrap_or_default();
    let mut judged = JudgedAsset {
        row: row.row,
        name,
        verdict: ImportVerdict::Wrong,
        asset: None,
        changes: Vec::new(),
        faults: Vec::new(),
    };
    let (id, after) = match planned(row, known) {
        Ok(planned) => planned,
        Err(faults) => {
            judged.faults = faults;
            return judged;
        }
    };
    for field in [AssetField::Inventory, AssetField::Serial] {
        let Some(value) = cell(field) else { continue };
        if let Some(first) = seen.insert(format!("{} {}", field.as_str(), key(&value)), row.row) {
            judged.faults.push(fault(field, "repeated", &first.to_string()));
        }
    }
    if !judged.faults.is_empty() {
        return judged;
    }
    let before = known_by_id(known, id);
    judged.asset = id;
    judged.changes = match before {
        Some(before) => before.changes(&after),
        None => AssetField::ALL.iter().filter_map(|f| told(&after, *f)).collect(),
    };
    judged.verdict = match (before, judged.changes.is_empty()) {
        (None, _) => ImportVerdict::New,
        (Some(_), true) => ImportVerdict::Same,
        (Some(_), false) => ImportVerdict::Changed,
    };
    judged
}

fn told(after: &KeptAsset, field: AssetField) -> Option<AssetDiff> {
    let value = after.plain(field);
    (!value.is_empty()).then_some(AssetDiff { field, before: String::new(), after: value })
}

fn known_by_id<'a>(known: &Known<'a>, id: Option<AssetId>) -> Option<&'a KeptAsset> {
    let id = id?;
    let by_serial = || known.by_serial.values().flatten().find(|a| a.id == id).copied();
    known.by_inventory.values().find(|a| a.id == id).copied().or_else(by_serial)
}

#[cfg(test)]
mod tests {
    use super::*;
    use AssetField as F;

    fn kept(id: i64, inventory: Option<&str>, serial: Option<&str>) -> KeptAsset {
        let mut asset = Asset::new(AssetKind::Monitor, SiteId(1));
        asset.inventory = inventory.map(str::to_owned);
        asset.serial = serial.map(str::to_owned);
        KeptAsset {
            id: AssetId(id),
            asset,
            site_name: "Уфа".into(),
            store_name: None,
            centre_name: None,
            centre_phone: None,
            device_name: None,
        }
    }

    fn row(n: u32, cells: &[(AssetField, &str)]) -> AssetRow {
        let cells = cells.iter().map(|(f, v)| (*f, (*v).to_owned())).collect();
        AssetRow { row: n, cells, faults: Vec::new() }
    }

    #[test]
    fn rows_find_their_asset_and_say_what_they_change() {
        let assets = [kept(1, Some("ИНВ-1"), Some("SN1")), kept(2, None, Some("SN2")), kept(3, None, Some("SN2"))];
        let sites = [(SiteId(1), "Уфа".to_owned()), (SiteId(2), "Омск".to_owned())];
        let stores = [(StoreId(4), SiteId(2), "Склад".to_owned())];
        let known = Known::new(&assets, &sites, &stores, &[]);
        let judged = judge(
            &[
                row(2, &[(F::Inventory, "инв-1")]),
                row(3, &[(F::Serial, "sn2")]),
                row(4, &[(F::Inventory, "ИНВ-9"), (F::Kind, "ups"), (F::Site, "омск"), (F::Store, "склад")]),
                row(5, &[(F::Inventory, "ИНВ-10"), (F::Kind, "ups")]),
                row(6, &[(F::Inventory, "ИНВ-9"), (F::Kind, "ups"), (F::Site, "Омск")]),
                row(7, &[(F::Inventory, "ИНВ-1"), (F::Place, "214")]),
                row(8, &[(F::Kind, "ups"), (F::Site, "Пермь")]),
                row(9, &[(F::Inventory, "ИНВ-11"), (F::Serial, "SN1"), (F::Kind, "ups"), (F::Site, "Уфа")]),
            ],
            &known,
        );
        let said: Vec<(ImportVerdict, Option<i64>, Vec<&str>)> = judged
            .iter()
            .map(|j| (j.verdict, j.asset.map(|a| a.0), j.faults.iter().map(|f| f.code.as_str()).collect()))
            .collect();
        use ImportVerdict as V;
        assert_eq!(said[0].0, V::Changed, "the number is written as the file has it");
        assert_eq!(said[1], (V::Wrong, None, vec!["several"]));
        assert_eq!(said[2], (V::New, None, vec![]));
        assert_eq!(said[3], (V::Wrong, None, vec!["required"]));
        assert_eq!(said[4], (V::Wrong, None, vec!["repeated"]));
        assert_eq!(said[5], (V::Wrong, None, vec!["repeated"]));
        assert_eq!(said[6].2, ["no-such", "required"]);
        assert_eq!(said[7], (V::New, None, vec![]), "one serial, another inventory number: another thing");
    }
}
