//! The living half of a path: what the switch port at its end is now, who is heard there, and whether that is what the
//! documents say.

use crate::model::{Millis, PieceId, PortDetail};
use crate::store::Db;
use crate::store::read::cabling::{self as read, PortNow, Station};
use crate::topology::{Documented, Path, PathEnd, Step};
use crate::web::WebError;
use crate::web::badge::Meaning;

/// A station that was not heard for so long says nothing of today.
pub const HEARD_FOR: i64 = 2 * Millis::DAY;

/// The managed end of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Managed {
    pub jack: PieceId,
    pub port: PortNow,
    pub stations: Vec<Station>,
}

impl Managed {
    pub fn detail(&self) -> PortDetail {
        serde_json::from_str(&self.port.detail).unwrap_or_default()
    }
    pub fn is_up(&self) -> bool {
        self.port.oper.as_deref() == Some("up")
    }
}

/// What a path's documents and the network say of each other.
#[derive(Debug, Clone, PartialEq)]
pub enum Compared {
    /// No managed port at either end: nothing can be seen.
    Blind,
    /// The documented device is heard there.
    Agrees,
    /// Somebody else is.
    Differs { documented: String, seen: String },
    /// The documents end in an outlet, and somebody is plugged in.
    Occupied { seen: String },
    /// The port is up, and nobody was heard.
    Silent,
    /// Documented, and the port is down.
    Down,
    /// Nothing documented behind it, nothing there.
    Free,
}

impl Compared {
    pub fn key(&self) -> &'static str {
        match self {
            Compared::Blind => "compared-blind",
            Compared::Agrees => "compared-agrees",
            Compared::Differs { .. } => "compared-differs",
            Compared::Occupied { .. } => "compared-occupied",
            Compared::Silent => "compared-silent",
            Compared::Down => "compared-down",
            Compared::Free => "compared-free",
        }
    }
    pub fn meaning(&self) -> Meaning {
        match self {
            Compared::Agrees => Meaning::Ok,
            Compared::Differs { .. } => Meaning::Attention,
            _ => Meaning::Unknown,
        }
    }
}

/// The managed port at an end of a path, as it is now.
pub async fn managed(db: &Db, documented: &Documented, path: &Path, now: Millis) -> Result<Option<Managed>, WebError> {
    for (step, end) in [(path.steps.first(), path.ends.0), (path.steps.last(), path.ends.1)] {
        let (Some(Step::Jack(id, _)), PathEnd::Active) = (step, end) else { continue };
        let jack = documented.plan.jacks.get(id);
        let device = jack.and_then(|j| documented.plan.units.get(&j.unit)).and_then(|u| u.device);
        let (Some(device), Some(if_index)) = (device, jack.and_then(|j| j.if_index)) else { continue };
        if let Some(port) = read::port(db, device.0, if_index).await? {
            let stations = read::stations(db, device.0, if_index, now.plus(-HEARD_FOR)).await?;
            return Ok(Some(Managed { jack: *id, port, stations }));
        }
    }
    Ok(None)
}

/// Documents beside what is seen.
pub fn compare(documented: &Documented, path: &Path, managed: Option<&Managed>) -> Compared {
    let Some(m) = managed else { return Compared::Blind };
    let far = [(path.steps.first(), path.ends.0), (path.steps.last(), path.ends.1)];
    let far = far.into_iter().find_map(|(step, end)| match (step, end) {
        (Some(Step::Jack(id, _)), PathEnd::Active) if *id != m.jack => Some(*id),
        _ => None,
    });
    let unit = far.and_then(|id| documented.plan.jacks.get(&id)).and_then(|j| documented.plan.units.get(&j.unit));
    let seen = |s: &Station| s.device.clone().or(s.address.clone()).unwrap_or_else(|| s.mac.clone());
    let all = || m.stations.iter().take(3).map(seen).collect::<Vec<_>>().join(", ");
    match (unit, m.stations.as_slice()) {
        (None, []) if m.is_up() => Compared::Silent,
        (None, []) => Compared::Free,
        (None, _) => Compared::Occupied { seen: all() },
        (Some(_), []) if m.is_up() => Compared::Silent,
        (Some(_), []) => Compared::Down,
        (Some(unit), stations) => match unit.device {
            Some(device) if stations.iter().any(|s| s.device_id == Some(device.0)) => Compared::Agrees,
            Some(_) => Compared::Differs { documented: unit.label.clone(), seen: all() },
            // Not a device of ours: whoever is heard may be it.
            None => Compared::Occupied { seen: all() },
        },
    }
}
