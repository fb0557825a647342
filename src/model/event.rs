//! Event: a change worth telling, made by `status`, read by `workflow` and by people on the timeline.

use serde::{Deserialize, Serialize};

use super::{DeviceKind, Problem, ProblemKey, Reach, SupplyState, Trap};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    DeviceDiscovered {
        kind: Option<DeviceKind>,
    },
    ReachChanged {
        from: Reach,
        to: Reach,
    },
    AddressChanged {
        from: String,
        to: String,
    },
    /// sysUpTime went backwards.
    Restarted,
    /// A problem held long enough to act on.
    ProblemRaised {
        problem: Problem,
    },
    /// It stayed away long enough to call the device well.
    ProblemCleared {
        key: ProblemKey,
    },
    /// What stands before the device is silent: its problem is that one's.
    ProblemHidden {
        key: ProblemKey,
    },
    SupplyLow {
        supply: SupplyState,
    },
    /// Rose above the threshold again: replaced or refilled.
    SupplyReplaced {
        index: String,
        description: String,
        from: Option<f64>,
        to: Option<f64>,
    },
    /// Alerts of the classes that people handle (paper, cover, jam): timeline only.
    AlertAppeared {
        description: String,
    },
    /// Serial, firmware or model differs from before.
    IdentityChanged {
        field: String,
        from: String,
        to: String,
    },
    PageCountReset {
        from: u64,
        to: u64,
    },
    /// A person said that another device is this one.
    Merged {
        other: String,
    },
    /// A person took another device out of this one.
    SplitOff {
        other: String,
    },
    /// One of the two was taken back: they are two again, or one again.
    IdentityUndone {
        other: String,
    },
    /// The device said something by itself (trap, inform).
    TrapReceived {
        trap: Trap,
    },
}

impl Event {
    /// The stored and catalogued word (`timeline-<word>` in the messages).
    pub fn as_str(&self) -> &'static str {
        match self {
            Event::DeviceDiscovered { .. } => "device-discovered",
            Event::ReachChanged { .. } => "reach-changed",
            Event::AddressChanged { .. } => "address-changed",
            Event::Restarted => "restarted",
            Event::ProblemRaised { .. } => "problem-raised",
            Event::ProblemCleared { .. } => "problem-cleared",
            Event::ProblemHidden { .. } => "problem-hidden",
            Event::SupplyLow { .. } => "supply-low",
            Event::SupplyReplaced { .. } => "supply-replaced",
            Event::AlertAppeared { .. } => "alert-appeared",
            Event::IdentityChanged { .. } => "identity-changed",
            Event::PageCountReset { .. } => "page-count-reset",
            Event::Merged { .. } => "merged",
            Event::SplitOff { .. } => "split-off",
            Event::IdentityUndone { .. } => "identity-undone",
            Event::TrapReceived { .. } => "trap-received",
        }
    }
}
