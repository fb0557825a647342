//! What is remembered of devices between readings, so that an unchanged reading loads nothing. Small: no facts, only
//! hashes of them. The database is the truth; anything here may be forgotten at any moment.

use std::collections::{BTreeSet, HashMap};

use super::writer::Work;
use crate::forecast::SupplySeries;
use crate::model::{ArticleId, DeviceId, Millis, ProbeClass, SupplyId, SupplyState};
use crate::store::device::{self, Device};
use crate::store::{Result, Tx, supply};

/// A device's times and counters are written at least this often.
const FLUSH_EVERY: i64 = Millis::MINUTE;

#[derive(Default)]
pub(super) struct Cache {
    devices: HashMap<DeviceId, Box<Known>>,
}

/// One device as far as readings need it.
pub(super) struct Known {
    pub device: Device,
    /// Loaded with the first reading of supplies.
    pub supplies: Option<Vec<KnownSupply>>,
    pub series: Vec<KnownSeries>,
    /// Hashes of what was last seen and written; `None` after a start.
    pub identity: Option<u64>,
    pub facts: [Option<u64>; ProbeClass::ALL.len()],
    /// The counter and the board it was read from.
    pub pages: Option<(u64, Option<String>)>,
    pub ports: Option<u64>,
    pub links: Option<u64>,
    /// Series of errors that were at zero when counters were last written.
    pub no_errors: BTreeSet<String>,
    /// What ports feed, to the milliwatt.
    pub ports_exact: Option<u64>,
    pub fdb: Option<u64>,
    pub arp: Option<u64>,
    pub wiring: Option<u64>,
    /// When the rows of these were last written.
    pub links_at: Millis,
    pub fdb_at: Millis,
    pub arp_at: Millis,
    pub ports_at: Millis,
    pub counters_at: Millis,
    pub supplies_at: Millis,
    /// When the device's row was last written, and whether it has been overtaken since.
    pub flushed_at: Millis,
    pub stale: bool,
}

pub(super) struct KnownSupply {
    pub id: SupplyId,
    pub state: SupplyState,
    pub present: bool,
    /// Hash of the raw row, to see a change that the state does not show.
    pub raw: Option<u64>,
    /// When the history last got a row.
    pub last_row: Option<Millis>,
    /// What refilled it when it was loaded: its rated yield is a prior, no more.
    pub article: Option<ArticleId>,
    /// Behind a box: most of the time only the state is looked at.
    pub series: Box<SupplySeries>,
}

/// Last written point of a series.
pub(super) struct KnownSeries {
    pub name: &'static str,
    pub last: Option<(Millis, i64)>,
}

impl Cache {
    pub fn forget(&mut self, device: DeviceId) {
        self.devices.remove(&device);
    }
    pub fn clear(&mut self) {
        self.devices.clear();
    }
    pub fn get(&mut self, device: DeviceId) -> Option<&mut Known> {
        self.devices.get_mut(&device).map(|k| &mut **k)
    }
    /// Devices whose row is behind.
    pub fn stale(&self) -> Vec<DeviceId> {
        let mut ids: Vec<DeviceId> = self.devices.iter().filter(|(_, k)| k.stale).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }
    fn insert(&mut self, device: Device, now: Millis) {
        let id = device.id;
        let known = Known {
            device,
            supplies: None,
            series: Vec::new(),
            identity: None,
            facts: Default::default(),
            pages: None,
            ports: None,
            links: None,
            no_errors: BTreeSet::new(),
            ports_exact: None,
            fdb: None,
            arp: None,
            wiring: None,
            links_at: Millis(0),
            fdb_at: Millis(0),
            arp_at: Millis(0),
            ports_at: Millis(0),
            counters_at: Millis(0),
            supplies_at: Millis(0),
            flushed_at: now,
            stale: false,
        };
        self.devices.insert(id, Box::new(known));
    }
}

impl Work {
    /// The device, loaded when it is not remembered; `None`: there is no such device.
    pub async fn known(&mut self, tx: &mut Tx, id: DeviceId) -> Result<Option<&mut Known>> {
        self.touched.push(id);
        if self.cache.devices.contains_key(&id) {
            return Ok(self.cache.get(id));
        }
        let Some(device) = device::load(tx, id).await? else { return Ok(None) };
        self.cache.insert(device, self.now);
        Ok(self.cache.get(id))
    }
    /// A device that was just added.
    pub fn learned(&mut self, device: Device) {
        self.touched.push(device.id);
        let now = self.now;
        self.cache.insert(device, now);
    }
    /// Writes the device's row: whole when something changed, else only its times, and those at most once a minute.
    pub async fn write_device(&mut self, tx: &mut Tx, id: DeviceId, changed: bool) -> Result<bool> {
        let now = self.now;
        let Some(known) = self.cache.get(id) else { return Ok(false) };
        if changed {
            device::save(tx, &known.device).await?;
        } else if now.since(known.flushed_at) >= FLUSH_EVERY || now < known.flushed_at {
            device::touch(tx, &known.device).await?;
        } else {
            known.stale = true;
            return Ok(false);
        }
        known.flushed_at = now;
        known.stale = false;
        Ok(true)
    }
    /// Writes what `write_device` held back.
    pub async fn flush(&mut self, tx: &mut Tx, id: DeviceId) -> Result<()> {
        self.touched.push(id);
        let now = self.now;
        let Some(known) = self.cache.get(id) else { return Ok(()) };
        device::touch(tx, &known.device).await?;
        known.flushed_at = now;
        known.stale = false;
        Ok(())
    }
}

impl Known {
    /// The supplies, loaded at the first call.
    pub async fn supplies(&mut self, tx: &mut Tx) -> Result<&mut Vec<KnownSupply>> {
        if self.supplies.is_none() {
            let last: HashMap<SupplyId, Millis> =
                supply::last_readings(tx, self.device.id).await?.into_iter().collect();
            let kept = supply::of_device(tx, self.device.id).await?;
            let mut known = Vec::with_capacity(kept.len());
            for k in kept {
                let series = super::foresight::remembered(tx, k.id, k.series.as_deref(), &self.device).await?;
                known.push(KnownSupply {
                    id: k.id,
                    state: k.state,
                    present: k.present,
                    raw: None,
                    last_row: last.get(&k.id).copied(),
                    article: k.article,
                    series: Box::new(series),
                });
            }
            self.supplies = Some(known);
        }
        Ok(self.supplies.get_or_insert_default())
    }
    pub fn any_supply_low(&self) -> bool {
        self.supplies.iter().flatten().any(|s| s.present && s.state.is_low)
    }
}

/// A hash that is the same for equal content, within one run of the program.
pub(super) fn hash_of<T: serde::Serialize>(value: &T) -> u64 {
    use std::hash::Hasher;
    struct Sink(std::collections::hash_map::DefaultHasher);
    impl std::io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut sink = Sink(std::collections::hash_map::DefaultHasher::new());
    // Our facts are plain data: writing them as JSON into a hasher cannot fail.
    let _ = serde_json::to_writer(&mut sink, value);
    sink.0.finish()
}
