//! Assets: everything a branch owns, polled or not: what it is, who answers for it, where it stands, until when somebody
//! else pays its repair. A date is a day of the calendar, not a moment.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{AssetId, CentreId, DeviceId, ImportVerdict, Millis, Minor, SiteId, StoreId};

/// An enum of stored words, in kebab-case.
macro_rules! words {
    ($($(#[$m:meta])* $name:ident { $($(#[$v:meta])* $variant:ident = $word:literal),* $(,)? })*) => {$(
        $(#[$m])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        pub enum $name { $($(#[$v])* #[serde(rename = $word)] $variant),* }
        impl $name {
            pub const ALL: &'static [$name] = &[$(Self::$variant),*];
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
            pub fn parse(s: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|k| k.as_str() == s)
            }
        }
    )*};
}
pub(crate) use words;

words! {
    #[derive(Default)]
    AssetKind {
        Printer = "printer", Mfp = "mfp", Scanner = "scanner", Copier = "copier", Fax = "fax", Computer = "computer",
        Laptop = "laptop", Monitor = "monitor", Keyboard = "keyboard", Mouse = "mouse", Phone = "phone", Ups = "ups",
        Switch = "switch", Server = "server", Projector = "projector", #[default] Other = "other",
    }
    #[derive(Default)]
    AssetState {
        #[default] InUse = "in-use", InStock = "in-stock", InRepair = "in-repair",
        /// With somebody instead of a thing that is being repaired.
        OnLoan = "on-loan",
        WrittenOff = "written-off",
    }
    WarrantyKind {
        /// We bring it.
        CarryIn = "carry-in",
        /// They come.
        OnSite = "on-site",
    }
    /// What a person may fill in, in the order of forms and tables.
    AssetField {
        Inventory = "inventory", Kind = "kind", Vendor = "vendor", Model = "model", Serial = "serial", State = "state",
        Site = "site", Place = "place", Store = "store", Custodian = "custodian", BoughtOn = "bought_on",
        Price = "price", Supplier = "supplier", Document = "document", WarrantyUntil = "warranty_until",
        WarrantyKind = "warranty_kind", Centre = "centre", Device = "device", Note = "note",
    }
}

impl From<super::DeviceKind> for AssetKind {
    fn from(kind: super::DeviceKind) -> Self {
        AssetKind::parse(kind.as_str()).unwrap_or_default()
    }
}

/// An asset as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Asset {
    #[serde(default)]
    pub inventory: Option<String>,
    #[serde(default)]
    pub serial: Option<String>,
    pub kind: AssetKind,
    #[serde(default)]
    pub vendor: String,
    #[serde(default)]
    pub model: String,
    #[serde(default)]
    pub state: AssetState,
    pub site: SiteId,
    /// Room.
    #[serde(default)]
    pub place: String,
    #[serde(default)]
    pub store: Option<StoreId>,
    /// The person who answers for it.
    #[serde(default)]
    pub custodian: String,
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2026-11-04")]
    pub bought_on: Option<Date>,
    /// Minor units.
    #[serde(default)]
    pub price: Option<Minor>,
    #[serde(default)]
    pub supplier: String,
    /// Invoice or delivery note.
    #[serde(default)]
    pub document: String,
    /// The last day of the warranty.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "2028-11-03")]
    pub warranty_until: Option<Date>,
    #[serde(default)]
    pub warranty_kind: Option<WarrantyKind>,
    #[serde(default)]
    pub centre: Option<CentreId>,
    /// The same thing as we poll it.
    #[serde(default)]
    pub device: Option<DeviceId>,
    #[serde(default)]
    pub note: String,
}

impl Asset {
    pub fn new(kind: AssetKind, site: SiteId) -> Asset {
        Asset {
            inventory: None,
            serial: None,
            kind,
            vendor: String::new(),
            model: String::new(),
            state: AssetState::default(),
            site,
            place: String::new(),
            store: None,
            custodian: String::new(),
            bought_on: None,
            price: None,
            supplier: String::new(),
            document: String::new(),
            warranty_until: None,
            warranty_kind: None,
            centre: None,
            device: None,
            note: String::new(),
        }
    }

    pub fn under_warranty(&self, today: Date) -> bool {
        self.warranty_until.is_some_and(|last| last >= today)
    }
}

/// An asset as it is kept, with the names of what it refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KeptAsset {
    pub id: AssetId,
    pub asset: Asset,
    pub site_name: String,
    pub store_name: Option<String>,
    pub centre_name: Option<String>,
    pub centre_phone: Option<String>,
    pub device_name: Option<String>,
}

impl KeptAsset {
    /// Maker and model, or nothing but the kind's word is known.
    pub fn model(&self) -> String {
        let a = &self.asset;
        if a.model.to_lowercase().starts_with(&a.vendor.to_lowercase()) || a.vendor.is_empty() {
            return a.model.clone();
        }
        format!("{} {}", a.vendor, a.model).trim().to_owned()
    }

    /// A field in its plain form: words as stored, money in minor units, names instead of ids.
    pub fn plain(&self, field: AssetField) -> String {
        use AssetField as F;
        let a = &self.asset;
        let text = |t: &Option<String>| t.clone().unwrap_or_default();
        let day = |d: Option<Date>| d.map(|d| d.to_string()).unwrap_or_default();
        match field {
            F::Inventory => text(&a.inventory),
            F::Serial => text(&a.serial),
            F::Kind => a.kind.as_str().to_owned(),
            F::Vendor => a.vendor.clone(),
            F::Model => a.model.clone(),
            F::State => a.state.as_str().to_owned(),
            F::Site => self.site_name.clone(),
            F::Place => a.place.clone(),
            F::Store => text(&self.store_name),
            F::Custodian => a.custodian.clone(),
            F::BoughtOn => day(a.bought_on),
            F::Price => a.price.map(|p| p.0.to_string()).unwrap_or_default(),
            F::Supplier => a.supplier.clone(),
            F::Document => a.document.clone(),
            F::WarrantyUntil => day(a.warranty_until),
            F::WarrantyKind => a.warranty_kind.map(|k| k.as_str().to_owned()).unwrap_or_default(),
            F::Centre => text(&self.centre_name),
            F::Device => text(&self.device_name),
            F::Note => a.note.clone(),
        }
    }

    /// What is different in the other.
    pub fn changes(&self, after: &KeptAsset) -> Vec<AssetDiff> {
        let diff = |f: &AssetField| {
            let (before, after) = (self.plain(*f), after.plain(*f));
            (before != after).then_some(AssetDiff { field: *f, before, after })
        };
        AssetField::ALL.iter().filter_map(diff).collect()
    }
}

/// One field before and after; values in their plain form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AssetDiff {
    pub field: AssetField,
    pub before: String,
    pub after: String,
}

/// Whoever repairs under warranty, or for money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, Default)]
#[serde(deny_unknown_fields)]
pub struct Centre {
    pub name: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub address: String,
    #[serde(default)]
    pub hours: String,
    /// Makers it serves, divided by commas.
    #[serde(default)]
    pub brands: String,
    #[serde(default)]
    pub note: String,
}

/// A row of a table of assets as read: each field once, in its plain form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssetRow {
    /// Its number in the file.
    pub row: u32,
    pub cells: Vec<(AssetField, String)>,
    pub faults: Vec<AssetFault>,
}

/// What is wrong with a row: `code` names the message (`asset-fault-<code>`), `value` is what stood there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AssetFault {
    pub field: AssetField,
    pub code: String,
    pub value: String,
}

/// A row of a file beside what is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct JudgedAsset {
    pub row: u32,
    /// Inventory or serial number.
    pub name: String,
    pub verdict: ImportVerdict,
    /// The asset it would change.
    pub asset: Option<AssetId>,
    pub changes: Vec<AssetDiff>,
    pub faults: Vec<AssetFault>,
}

/// A stored draft of an import: the rows as read, and what was shown to the person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AssetImport {
    /// Columns of the file that were not understood.
    pub ignored: Vec<String>,
    pub rows: Vec<AssetRow>,
    pub judged: Vec<JudgedAsset>,
}

/// What people do with assets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum AssetChange {
    Add {
        asset: Asset,
    },
    Update {
        id: AssetId,
        asset: Asset,
    },
    AddCentre {
        centre: Centre,
    },
    UpdateCentre {
        id: CentreId,
        centre: Centre,
    },
    /// Judges a table and keeps it; changes nothing else.
    DraftImport {
        file_name: String,
        ignored: Vec<String>,
        rows: Vec<AssetRow>,
    },
    /// `good_only`: leaves wrong rows out, else they refuse the whole.
    AcceptImport {
        import: i64,
        good_only: bool,
    },
    RecheckImport {
        import: i64,
    },
    DropImport {
        import: i64,
    },
}

/// A line of an asset's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AssetEvent {
    pub at: Millis,
    pub author: String,
    /// added, changed, or a step of a repair
    pub kind: String,
    /// Of a change: JSON of fields before and after.
    pub body: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        for kind in AssetKind::ALL {
            assert_eq!(AssetKind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert_eq!(AssetKind::from(super::super::DeviceKind::Printer), AssetKind::Printer);
    }

    #[test]
    fn the_last_day_of_a_warranty_counts() {
        let mut a = Asset::new(AssetKind::Monitor, SiteId(1));
        let day = |d: &str| d.parse::<Date>().unwrap();
        assert!(!a.under_warranty(day("2026-11-26")));
        a.warranty_until = Some(day("2026-11-26"));
        assert!(a.under_warranty(day("2026-11-26")) && !a.under_warranty(day("2026-11-27")));
    }
}
