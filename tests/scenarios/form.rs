//! The form of a scenario file.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    pub title: String,
    /// Local time of the first branch: "2026-03-02T09:00".
    pub start: String,
    /// Time zone of a branch that is not listed.
    #[serde(default = "zone")]
    pub zone: String,
    /// Every device is asked once in this time.
    #[serde(default = "poll")]
    pub poll: String,
    /// Also on PostgreSQL.
    #[serde(default)]
    pub postgres: bool,
    /// Language of tickets.
    #[serde(default = "language")]
    pub language: String,
    #[serde(default)]
    pub site: Vec<Site>,
    pub device: Vec<Device>,
    pub step: Vec<Step>,
}

fn zone() -> String {
    "Asia/Yekaterinburg".into()
}
fn poll() -> String {
    "5m".into()
}
fn language() -> String {
    "en".into()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Site {
    pub name: String,
    pub zone: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// With `count`, numbers are put behind it: p1, p2, ...
    pub name: String,
    pub count: Option<usize>,
    pub kind: String,
    pub vendor: Option<String>,
    /// Copies and scans too.
    #[serde(default)]
    pub mfp: bool,
    /// The first site unless named.
    pub site: Option<String>,
    /// The switch whose forwarding table shows it.
    pub on: Option<String>,
    /// Neighbours it announces.
    #[serde(default)]
    pub links: Vec<String>,
    /// What people say is before it.
    pub parent: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Step {
    /// "+30m" after the step before, "14:30" next time the clock shows it, or "2026-03-05T14:30"; local time.
    pub at: String,
    /// Repeat the step so many times (with "+…").
    pub times: Option<usize>,
    /// Names of devices; "p*" is every device that begins so.
    pub silent: Vec<String>,
    pub answer: Vec<String>,
    pub ping: Vec<String>,
    /// Alternates between answer and silence at each poll.
    pub flap: Vec<String>,
    /// Not asked at all from now on: "*" for a stopped poller.
    pub unasked: Vec<String>,
    /// What a device shows from now on; an empty list: nothing.
    pub alerts: BTreeMap<String, Vec<Alert>>,
    pub bits: BTreeMap<String, Vec<String>>,
    pub console: BTreeMap<String, String>,
    /// One jam: shown at one poll and gone at the next.
    pub jam: Vec<String>,
    pub pages: BTreeMap<String, u64>,
    /// Level of the one toner, in percent.
    pub toner: BTreeMap<String, i64>,
    /// Link of the port a device hangs on.
    pub port: BTreeMap<String, String>,
    pub window: Option<Window>,
    pub end_window: Option<i64>,
    pub parent: BTreeMap<String, String>,
    /// By the number of the ticket.
    pub status: BTreeMap<String, String>,
    pub priority: BTreeMap<String, u8>,
    pub comment: BTreeMap<String, String>,
    pub merge: BTreeMap<String, i64>,
    /// A person opens a ticket: device and title.
    pub open: BTreeMap<String, String>,
    /// A label was scanned: device and title; `known` is the ticket it turned out to be.
    pub report: Option<Report>,
    /// Minutes of response and restore by priority.
    pub target: BTreeMap<String, [u32; 2]>,
    pub pauses: Option<Vec<String>>,
    /// off, short or working, of all branches.
    pub day: BTreeMap<String, String>,
    pub retire: Vec<String>,
    /// A command that must be refused is written here: "merge 1 2", "window".
    pub refused: bool,
    /// The program is killed and started again.
    pub restart: bool,
    pub expect: Option<Expect>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    #[serde(default)]
    pub code: Option<i64>,
    #[serde(default = "critical")]
    pub severity: String,
    #[serde(default)]
    pub training: Option<String>,
    #[serde(default)]
    pub text: String,
}

fn critical() -> String {
    "critical".into()
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Window {
    pub device: Option<String>,
    pub site: Option<String>,
    pub from: String,
    pub to: String,
    #[serde(default)]
    pub weekly: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    pub device: String,
    pub title: String,
    pub known: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// All tickets, in the order of their numbers: "#1 sw1 down/device new P1".
    pub tickets: Option<Vec<String>>,
    /// Words the title of a ticket must hold.
    pub title: BTreeMap<String, String>,
    /// State and the devices in it; those not named are ok.
    pub reach: Option<BTreeMap<String, Vec<String>>>,
    /// "#1 response 0:15 stopped, restore 1:00 running, felt 1:00".
    pub clocks: Option<Vec<String>>,
    /// Released so far: "Main: failed #1, failed #2".
    pub notices: Option<Vec<String>>,
    /// Devices hidden behind one now.
    pub hidden: Option<BTreeMap<String, usize>>,
    /// Escalations of a ticket so far, in percent.
    pub escalated: BTreeMap<String, Vec<u16>>,
    /// Open needs of supplies.
    pub needs: Option<i64>,
}
