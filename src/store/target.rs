//! What the poller has to ask: active devices that have an address.

use std::net::IpAddr;

use super::{Db, Result, Store, on_db, on_tx};
use crate::model::{DeviceId, DeviceKind, SiteId};

/// A device to poll.
#[derive(Debug, Clone, PartialEq)]
pub struct PollTarget {
    pub device: DeviceId,
    pub site: SiteId,
    pub address: IpAddr,
    pub port: u16,
    /// `None`: try all.
    pub credential: Option<i64>,
    pub kind: Option<DeviceKind>,
    pub profile: Option<String>,
}

/// All of them, by id. A row whose address cannot be read is left out: the pages show it.
pub async fn all(db: &Db) -> Result<Vec<PollTarget>> {
    let sql = "SELECT id, site_id, address, port, credential_id, kind, profile FROM device \
               WHERE lifecycle = 'active' AND address <> '' ORDER BY id";
    type Row = (i64, i64, String, i64, Option<i64>, Option<String>, Option<String>);
    let rows: Vec<Row> = on_db!(db, |p| sqlx::query_as(sql).fetch_all(p).await?);
    Ok(rows
        .into_iter()
        .filter_map(|(id, site, address, port, credential, kind, profile)| {
            Some(PollTarget {
                device: DeviceId(id),
                site: SiteId(site),
                address: address.parse().ok()?,
                port: u16::try_from(port).ok()?,
                credential,
                kind: kind.as_deref().and_then(DeviceKind::parse),
                profile,
            })
        })
        .collect())
}

/// Devices for which a full round is wanted now; asking takes the wish away.
pub async fn take_wanted(store: &Store) -> Result<Vec<DeviceId>> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE device SET poll_wanted = 0 WHERE poll_wanted = 1 RETURNING id";
    let mut ids: Vec<i64> = on_tx!(&mut tx, |c| sqlx::query_scalar(sql).fetch_all(c).await?);
    tx.commit().await?;
    ids.sort_unstable();
    Ok(ids.into_iter().map(DeviceId).collect())
}
