//! Invented assets for the samples of these pages.

use jiff::civil::Date;

use crate::model::{
    Asset, AssetId, AssetKind, AssetState, Centre, CentreId, DeviceId, KeptAsset, Minor, SiteId, WarrantyKind,
};
use crate::store::read::assets::CentreRow;

fn asset(id: i64, kind: AssetKind, vendor: &str, model: &str, state: AssetState) -> KeptAsset {
    let asset = Asset {
        inventory: Some(format!("00-0001{id:02}")),
        serial: Some(format!("VXL00{id}41208")),
        vendor: vendor.to_owned(),
        model: model.to_owned(),
        place: "каб. 214".to_owned(),
        custodian: "Петрова А. И.".to_owned(),
        state,
        ..Asset::new(kind, SiteId(1))
    };
    KeptAsset {
        id: AssetId(id),
        asset,
        site_name: "Казань, ул. Баумана 5".to_owned(),
        store_name: None,
        centre_name: None,
        centre_phone: None,
        device_name: None,
    }
}

/// One of every kind of line: with all fields, near its end, long, bare, written off.
pub fn assets() -> Vec<KeptAsset> {
    let mut full = asset(1, AssetKind::Mfp, "Kyocera", "ECOSYS M2040dn", AssetState::InUse);
    full.asset.device = Some(DeviceId(7));
    full.device_name = Some("МФУ Kyocera M2040".to_owned());
    full.asset.bought_on = Some(Date::constant(2025, 3, 14));
    full.asset.price = Some(Minor(4_500_000));
    full.asset.supplier = "Комус".to_owned();
    full.asset.document = "УПД № 1841 от 14.03.2025".to_owned();
    full.asset.warranty_until = Some(Date::constant(2028, 3, 14));
    full.asset.warranty_kind = Some(WarrantyKind::CarryIn);
    full.asset.centre = Some(CentreId(1));
    full.centre_name = Some("АСЦ «Сервис-Т»".to_owned());
    full.centre_phone = Some("+7 843 200-00-00".to_owned());
    let mut ending = asset(2, AssetKind::Monitor, "Philips", "243V7QDSB", AssetState::InRepair);
    ending.asset.warranty_until = Some(Date::constant(2026, 12, 20));
    let mut long = asset(
        3,
        AssetKind::Ups,
        "APC by Schneider Electric",
        "Smart-UPS SRT 10000VA RM 230V Rack-Mount с картой сетевого управления",
        AssetState::OnLoan,
    );
    long.asset.place = "серверная на первом этаже, у лестницы".to_owned();
    let mut bare = asset(4, AssetKind::Keyboard, "", "", AssetState::InStock);
    bare.asset.serial = None;
    bare.asset.custodian = String::new();
    bare.asset.place = String::new();
    bare.store_name = Some("Склад ИТ".to_owned());
    let mut gone = asset(5, AssetKind::Phone, "Yealink", "SIP-T31P", AssetState::WrittenOff);
    gone.asset.warranty_until = Some(Date::constant(2024, 1, 31));
    vec![full, ending, long, bare, gone]
}

pub fn centres() -> Vec<CentreRow> {
    let centre = Centre {
        name: "АСЦ «Сервис-Т»".to_owned(),
        phone: "+7 843 200-00-00".to_owned(),
        email: "asc@example.org".to_owned(),
        address: "Казань, ул. Техническая, 10".to_owned(),
        hours: "пн–пт 9–18".to_owned(),
        brands: "Kyocera, HP".to_owned(),
        note: String::new(),
    };
    let bare = Centre { name: "Мастерская без телефона".to_owned(), ..Centre::default() };
    vec![CentreRow { id: CentreId(1), centre, assets: 41 }, CentreRow { id: CentreId(2), centre: bare, assets: 0 }]
}
