//! What readings make of a device, in virtual time.

use anykey::model::*;
use anykey::status::{Around, Policy, SupplyContext, apply, condition, supply};

const MIN: i64 = Millis::MINUTE;

/// A device and its clock.
struct Life {
    kind: Option<DeviceKind>,
    state: DeviceState,
    now: Millis,
    around: Around,
    policy: Policy,
}

impl Life {
    fn of(kind: DeviceKind) -> Self {
        let mut life = Life {
            kind: Some(kind),
            state: DeviceState::default(),
            now: Millis(1_750_000_000_000),
            around: Around::default(),
            policy: Policy::default(),
        };
        life.poll(answered());
        life
    }
    fn read(&mut self, class: ProbeClass, outcome: Outcome, facts: Facts) -> Vec<Event> {
        let reading = Reading {
            subject: Subject::Known { device: DeviceId(1) },
            address: "192.0.2.1".parse().unwrap(),
            port: 161,
            poller: "test".into(),
            at: self.now,
            class,
            source: Source::Snmp,
            outcome,
            facts,
        };
        let (state, events) = apply(&self.state, self.kind, &reading, self.around, &self.policy, self.now);
        self.state = state;
        events
    }
    fn poll(&mut self, outcome: Outcome) -> Vec<Event> {
        self.read(ProbeClass::Reachability, outcome, Facts::default())
    }
    /// `n` polls a minute apart, the clock first.
    fn polls(&mut self, n: usize, outcome: Outcome) -> Vec<Event> {
        (0..n)
            .flat_map(|_| {
                self.now = self.now.plus(MIN);
                self.poll(outcome.clone())
            })
            .collect()
    }
    fn status(&mut self, printer: PrinterFacts) -> Vec<Event> {
        self.read(ProbeClass::Status, answered(), Facts { printer: Some(printer), ..Facts::default() })
    }
    fn wait(&mut self, minutes: i64) {
        self.now = self.now.plus(minutes * MIN);
    }
}

fn answered() -> Outcome {
    Outcome::Answered { rtt_ms: 2.0 }
}

fn reaches(events: &[Event]) -> Vec<Reach> {
    events.iter().filter_map(|e| if let Event::ReachChanged { to, .. } = e { Some(*to) } else { None }).collect()
}

fn raised(events: &[Event]) -> Vec<String> {
    let word = |p: &Problem| format!("{}/{}", p.key.class.as_str(), p.key.component);
    events
        .iter()
        .filter_map(|e| if let Event::ProblemRaised { problem } = e { Some(word(problem)) } else { None })
        .collect()
}

fn cleared(events: &[Event]) -> usize {
    events.iter().filter(|e| matches!(e, Event::ProblemCleared { .. })).count()
}

fn alert(code: i64, severity: &str, text: &str) -> Alert {
    Alert {
        index: format!("1.{code}"),
        severity: Some(severity.into()),
        training: None,
        group: None,
        group_index: None,
        code: Some(code),
        code_name: None,
        description: text.into(),
        location: None,
    }
}

fn alerts(list: Vec<Alert>) -> PrinterFacts {
    PrinterFacts { alerts: Some(list), detected_errors: Some(vec![]), ..PrinterFacts::default() }
}

#[test]
fn a_switch_is_down_after_two_polls_and_three_minutes_a_printer_after_fifteen() {
    let mut switch = Life::of(DeviceKind::Switch);
    assert!(reaches(&switch.polls(3, Outcome::Silent)).is_empty());
    let events = switch.polls(1, Outcome::Silent);
    assert_eq!((reaches(&events), raised(&events)), (vec![Reach::Down], vec!["down/device".into()]));
    assert_eq!(condition(&switch.state, false), "failure");

    let mut printer = Life::of(DeviceKind::Printer);
    assert!(reaches(&printer.polls(15, Outcome::Silent)).is_empty());
    assert_eq!(condition(&printer.state, false), "ok");
    assert_eq!(reaches(&printer.polls(1, Outcome::Silent)), vec![Reach::Down]);
    // Long silence between two polls is not enough: three polls are wanted.
    let mut rare = Life::of(DeviceKind::Printer);
    rare.poll(Outcome::Silent);
    rare.wait(60);
    assert!(reaches(&rare.poll(Outcome::Silent)).is_empty());
}

#[test]
fn up_after_two_answers_and_well_after_half_an_hour() {
    let mut d = Life::of(DeviceKind::Printer);
    d.polls(20, Outcome::Silent);
    assert!(reaches(&d.polls(1, answered())).is_empty());
    assert_eq!(d.state.reach, Reach::Down);
    assert_eq!(reaches(&d.polls(1, answered())), vec![Reach::Ok]);
    assert_eq!(condition(&d.state, false), "attention", "the problem is not over yet");
    assert_eq!(cleared(&d.polls(29, answered())), 0);
    assert_eq!(cleared(&d.polls(1, answered())), 1);
    assert_eq!(condition(&d.state, false), "ok");
    assert!(d.state.problems.is_empty());
}

#[test]
fn two_questions_of_one_round_are_one_answer() {
    let mut d = Life::of(DeviceKind::Printer);
    d.polls(20, Outcome::Silent);
    d.polls(1, answered());
    for class in [ProbeClass::Status, ProbeClass::Supplies, ProbeClass::Interfaces] {
        assert!(d.read(class, answered(), Facts::default()).is_empty());
    }
    assert_eq!(d.state.reach, Reach::Down);
}

#[test]
fn a_flapping_device_makes_one_problem() {
    let mut d = Life::of(DeviceKind::Printer);
    let mut all = Vec::new();
    for _ in 0..20 {
        all.extend(d.polls(17, Outcome::Silent));
        all.extend(d.polls(5, answered()));
    }
    assert_eq!(raised(&all), vec!["down/device"]);
    assert_eq!(cleared(&all), 0);
    // Single lost polls are nothing at all; every third one would be a connection that does not hold.
    let mut d = Life::of(DeviceKind::Switch);
    for _ in 0..100 {
        assert!(d.polls(1, Outcome::Silent).is_empty());
        assert!(d.polls(9, answered()).is_empty());
    }
}

#[test]
fn a_dead_parent_hides_nothing_for_ever() {
    let mut d = Life::of(DeviceKind::Printer);
    d.around.parent_down = true;
    let events = d.polls(60, Outcome::Silent);
    assert_eq!((reaches(&events), raised(&events)), (vec![Reach::Unreachable], vec![]));
    assert_eq!(condition(&d.state, false), "unknown");
    // The parent is back, the device is not: judged from now on, with its own fifteen minutes.
    d.around.parent_down = false;
    assert!(raised(&d.polls(15, Outcome::Silent)).is_empty());
    assert_eq!(raised(&d.polls(1, Outcome::Silent)), vec!["down/device"]);
    // The parent dies again: the open problem stays as it is.
    d.around.parent_down = true;
    let events = d.polls(120, Outcome::Silent);
    assert_eq!((reaches(&events), cleared(&events)), (vec![Reach::Unreachable], 0));
    d.around.parent_down = false;
    let events = d.polls(60, Outcome::Silent);
    assert_eq!(
        (reaches(&events), raised(&events)),
        (vec![Reach::Down], vec!["down/device".to_owned()]),
        "its ticket went into the parent's"
    );
    assert_eq!(cleared(&d.polls(40, answered())), 1);
}

#[test]
fn asleep_is_not_down() {
    let mut d = Life::of(DeviceKind::Printer);
    d.around.port_up = Some(true);
    let events = d.polls(600, Outcome::Silent);
    assert_eq!((reaches(&events), raised(&events)), (vec![Reach::Asleep], vec![]));
    assert_eq!(condition(&d.state, false), "ok");
    // Its plug is pulled: now silence counts, from now.
    d.around.port_up = Some(false);
    let events = d.polls(14, Outcome::Silent);
    assert!(events.is_empty());
    assert_eq!(raised(&d.polls(20, Outcome::Silent)), vec!["down/device"]);
    // A switch does not sleep.
    let mut s = Life::of(DeviceKind::Switch);
    s.around.port_up = Some(true);
    assert_eq!(reaches(&s.polls(10, Outcome::Silent)), vec![Reach::Down]);
}

#[test]
fn ping_without_snmp_is_a_configuration_problem() {
    let ping = Outcome::PingOnly { rtt_ms: 1.0 };
    let mut d = Life::of(DeviceKind::Printer);
    assert!(d.polls(2, ping.clone()).is_empty());
    let events = d.polls(1, ping.clone());
    assert_eq!((reaches(&events), raised(&events)), (vec![Reach::Degraded], vec!["configuration/snmp".into()]));
    assert_eq!(condition(&d.state, false), "attention");
    assert_eq!(reaches(&d.polls(2, answered())), vec![Reach::Ok]);
    assert_eq!(cleared(&d.polls(40, answered())), 1);
    // Down, then pings again: no longer down.
    d.polls(20, Outcome::Silent);
    assert_eq!(d.state.reach, Reach::Down);
    assert_eq!(reaches(&d.polls(2, ping)), vec![Reach::Degraded]);
}

#[test]
fn what_was_not_asked_changes_nothing() {
    let mut d = Life::of(DeviceKind::Printer);
    d.polls(10, Outcome::Silent);
    let before = d.state.clone();
    d.wait(600);
    for class in ProbeClass::ALL {
        let events = d.read(class, Outcome::NotAsked { reason: "no route".into() }, Facts::default());
        assert!(events.is_empty());
    }
    assert_eq!(d.state, before);
    // A silent answer to a big question proves nothing; a device that never answered is not down.
    for _ in 0..50 {
        d.wait(5);
        assert!(d.read(ProbeClass::Neighbors, Outcome::Silent, Facts::default()).is_empty());
    }
    let mut stranger = Life::of(DeviceKind::Switch);
    stranger.state = DeviceState::default();
    assert!(stranger.polls(60, Outcome::Silent).is_empty());
    assert_eq!(stranger.state.reach, Reach::Unknown);
}

#[test]
fn restart_is_told_once() {
    let mut d = Life::of(DeviceKind::Switch);
    let up = |cs| Facts { sys_uptime_cs: Some(cs), ..Facts::default() };
    let mut events = d.read(ProbeClass::Reachability, answered(), up(9_000_000));
    d.wait(1);
    events.extend(d.read(ProbeClass::Reachability, answered(), up(2000)));
    d.wait(1);
    events.extend(d.read(ProbeClass::Reachability, answered(), up(8000)));
    assert_eq!(events, vec![Event::Restarted]);
}

#[test]
fn a_critical_repair_alert_needs_two_readings_a_warning_half_an_hour() {
    let mut d = Life::of(DeviceKind::Printer);
    let fuser = || alerts(vec![alert(1004, "critical", "Fuser thermistor failure")]);
    assert!(raised(&d.status(fuser())).is_empty());
    d.wait(5);
    assert_eq!(raised(&d.status(fuser())), vec!["repair/fuser"]);
    assert_eq!(condition(&d.state, false), "failure");
    d.wait(5);
    assert!(raised(&d.status(fuser())).is_empty(), "raised once");

    let mut d = Life::of(DeviceKind::Printer);
    let motor = || alerts(vec![alert(33, "warning", "Motor")]);
    for _ in 0..6 {
        assert!(raised(&d.status(motor())).is_empty());
        d.wait(5);
    }
    assert_eq!(raised(&d.status(motor())), vec!["repair/device"]);

    // Cold fuser: fifteen minutes whatever its severity.
    let mut d = Life::of(DeviceKind::Printer);
    let cold = || alerts(vec![alert(1001, "critical", "Fuser under temperature")]);
    for _ in 0..3 {
        assert!(raised(&d.status(cold())).is_empty());
        d.wait(5);
    }
    assert_eq!(raised(&d.status(cold())), vec!["repair/fuser"]);
    // One reading, then gone: nothing.
    let mut d = Life::of(DeviceKind::Printer);
    for _ in 0..10 {
        assert!(raised(&d.status(fuser())).is_empty());
        d.wait(1);
        d.status(alerts(vec![]));
        d.wait(1);
    }
    assert!(d.state.problems.is_empty());
}

#[test]
fn only_a_reading_that_could_see_it_clears_a_problem() {
    let mut d = Life::of(DeviceKind::Printer);
    for _ in 0..2 {
        d.status(alerts(vec![alert(1004, "critical", "Fuser")]));
        d.wait(5);
    }
    let mut events = Vec::new();
    for _ in 0..100 {
        d.wait(5);
        events.extend(d.poll(answered()));
        // No status section; a status section whose alert table did not come; another source without the alert.
        events.extend(d.read(ProbeClass::Supplies, answered(), Facts { supplies: Some(vec![]), ..Facts::default() }));
        events.extend(d.status(PrinterFacts { detected_errors: Some(vec![]), ..PrinterFacts::default() }));
        let reading = Reading {
            subject: Subject::Known { device: DeviceId(1) },
            address: "192.0.2.1".parse().unwrap(),
            port: 631,
            poller: "test".into(),
            at: d.now,
            class: ProbeClass::Status,
            source: Source::Ipp,
            outcome: answered(),
            facts: Facts { printer: Some(alerts(vec![])), ..Facts::default() },
        };
        let (state, e) = apply(&d.state, d.kind, &reading, false, &d.policy, d.now);
        d.state = state;
        events.extend(e);
        // Silence neither.
        events.extend(d.poll(Outcome::Silent));
    }
    assert_eq!(cleared(&events), 0);
    d.status(alerts(vec![]));
    d.wait(29);
    assert_eq!(cleared(&d.status(alerts(vec![]))), 0);
    d.wait(1);
    assert_eq!(cleared(&d.status(alerts(vec![]))), 1);
}

#[test]
fn service_requested_alone_is_no_repair_but_a_service_code_is() {
    let mut d = Life::of(DeviceKind::Printer);
    let asks = |console: &str| PrinterFacts {
        alerts: Some(vec![]),
        detected_errors: Some(vec!["serviceRequested".into(), "jammed".into()]),
        console: vec![console.into()],
        device_status: Some("down".into()),
        ..PrinterFacts::default()
    };
    for _ in 0..500 {
        d.wait(5);
        assert!(raised(&d.status(asks("Open cover and remove paper"))).is_empty());
    }
    assert_eq!(condition(&d.state, false), "attention", "a jam wants a person");
    // The maker is known from another reading; the console shows its code.
    d.read(ProbeClass::Inventory, answered(), Facts { vendor: Some("Kyocera".into()), ..Facts::default() });
    d.status(asks("Call service. C7990"));
    d.wait(5);
    let events = d.status(asks("Call service. C7990"));
    assert_eq!(raised(&events), vec!["repair/marker"], "C7990: the waste toner");
}

#[test]
fn a_device_with_a_console_only_gets_well_by_its_console() {
    let mut d = Life::of(DeviceKind::Printer);
    let shows = |line: &str| PrinterFacts { console: vec![line.into()], ..PrinterFacts::default() };
    d.status(shows("Обратитесь в сервис"));
    d.wait(5);
    assert_eq!(raised(&d.status(shows("Обратитесь в сервис"))), vec!["repair/device"]);
    d.wait(5);
    d.status(shows("Готов"));
    d.wait(30);
    assert_eq!(cleared(&d.status(shows("Готов"))), 1);
}

#[test]
fn people_alerts_are_told_once_while_they_last() {
    let told = |e: &[Event]| e.iter().filter(|e| matches!(e, Event::AlertAppeared { .. })).count();
    let mut d = Life::of(DeviceKind::Printer);
    let jam = || alerts(vec![alert(8, "critical", "Paper jam"), alert(23, "other", "Sleeping")]);
    assert_eq!(told(&d.status(jam())), 1);
    for _ in 0..5 {
        d.wait(5);
        assert_eq!(told(&d.status(jam())), 0);
        assert_eq!(told(&d.poll(answered())), 0);
    }
    assert_eq!(d.state.alerts.len(), 1);
    d.status(alerts(vec![]));
    assert!(d.state.alerts.is_empty());
    assert_eq!(told(&d.status(jam())), 1);
    // Without an alert table the error bits speak.
    let mut d = Life::of(DeviceKind::Printer);
    let bits = || PrinterFacts { detected_errors: Some(vec!["noPaper".into()]), ..PrinterFacts::default() };
    assert_eq!(told(&d.status(bits())), 1);
    assert_eq!(told(&d.status(bits())), 0);
    assert_eq!(condition(&d.state, false), "attention");
}

// ---- supplies ----

fn toner(state: LevelState, percent: Option<f64>) -> Supply {
    Supply {
        index: "1.1".into(),
        kind: SupplyKind::Toner,
        color: Some("black".into()),
        description: "TK-1170".into(),
        part_number: None,
        serial: None,
        max_capacity: Some(100),
        level: percent.map(|p| p as i64),
        level_percent: percent,
        level_state: state,
        receptacle: false,
        fill_percent: None,
        unit: Some("percent".into()),
        source: Source::Snmp,
    }
}

/// Readings half an hour apart; the events of each.
struct Cartridge {
    state: Option<SupplyState>,
    now: Millis,
    device: DeviceState,
}

impl Cartridge {
    fn new() -> Self {
        Cartridge { state: None, now: Millis(1_750_000_000_000), device: DeviceState::default() }
    }
    fn read(&mut self, s: &Supply) -> Vec<Event> {
        self.now = self.now.plus(30 * MIN);
        let context = SupplyContext::new(&self.device, std::slice::from_ref(s));
        let (next, events) = supply(self.state.as_ref(), s, &context, &Policy::default(), self.now);
        self.state = Some(next);
        events
    }
    fn percents(&mut self, levels: &[f64]) -> Vec<&'static str> {
        levels.iter().flat_map(|p| self.read(&toner(LevelState::Known, Some(*p)))).map(|e| word(&e)).collect()
    }
    fn interval(&self) -> Option<(f64, f64)> {
        let s = self.state.as_ref().unwrap();
        s.low.zip(s.high)
    }
    fn is_low(&self) -> bool {
        self.state.as_ref().unwrap().is_low
    }
    fn alert(&mut self, codes: &[i64]) {
        let active = |code: &i64| ActiveAlert {
            alert: Alert { group: Some("markerSupplies".into()), group_index: Some(1), ..alert(*code, "warning", "x") },
            class: AlertClass::Supply,
            source: Source::Snmp,
            since: self.now,
        };
        self.device.alerts = codes.iter().map(active).collect();
    }
}

fn word(e: &Event) -> &'static str {
    e.as_str()
}

#[test]
fn low_is_told_once_and_wobbling_tells_nothing() {
    let mut c = Cartridge::new();
    assert!(c.percents(&[30.0, 20.0, 12.0, 11.0]).is_empty());
    assert_eq!(c.percents(&[10.0]), vec!["supply-low"]);
    assert!(c.percents(&[9.0, 12.0, 13.0, 14.0, 9.0, 15.0, 15.0, 10.0, 0.0, 0.0]).is_empty());
    assert!(c.is_low());
}

#[test]
fn a_replacement_is_confirmed_by_a_second_reading() {
    let mut c = Cartridge::new();
    c.percents(&[50.0, 5.0]);
    assert!(c.percents(&[100.0]).is_empty());
    assert!(c.is_low(), "not believed yet");
    let events = c.read(&toner(LevelState::Known, Some(99.0)));
    let Event::SupplyReplaced { from, to, .. } = &events[0] else { panic!("{events:?}") };
    assert_eq!((*from, *to), (Some(0.05), Some(0.99)));
    assert!(!c.is_low());
    assert!(c.percents(&[98.0, 97.0]).is_empty());
    // Not low, but clearly another cartridge.
    assert_eq!(c.percents(&[40.0, 100.0, 100.0]), vec!["supply-replaced"]);
    // Re-seated: back to the old level.
    assert!(c.percents(&[30.0, 100.0, 30.0, 100.0, 29.0]).is_empty());
    // Partly used one put in: no "replaced", unless it was low.
    assert!(c.percents(&[20.0, 60.0, 60.0, 59.0]).is_empty());
    assert_eq!(c.percents(&[8.0, 60.0, 60.0]), vec!["supply-low", "supply-replaced"]);
}

#[test]
fn another_serial_number_is_another_cartridge_at_once() {
    let mut c = Cartridge::new();
    let with = |serial: &str, p| Supply { serial: Some(serial.into()), ..toner(LevelState::Known, Some(p)) };
    c.read(&with("A1", 4.0));
    assert!(c.is_low());
    let events: Vec<_> = c.read(&with("B2", 100.0)).iter().map(word).collect();
    assert_eq!(events, vec!["supply-replaced"]);
    assert!(!c.is_low());
    // An empty one put in: replaced and low again.
    let events: Vec<_> = c.read(&with("C3", 2.0)).iter().map(word).collect();
    assert_eq!(events, vec!["supply-replaced", "supply-low"]);
}

#[test]
fn some_remaining_is_an_interval_and_needs_an_alert_to_be_low() {
    let mut c = Cartridge::new();
    let some = toner(LevelState::SomeRemaining, None);
    assert!(c.read(&some).is_empty());
    assert_eq!(c.interval(), Some((0.10, 1.0)));
    c.alert(&[1104]);
    assert_eq!(c.read(&some).iter().map(word).collect::<Vec<_>>(), vec!["supply-low"]);
    assert_eq!(c.interval(), Some((0.0, 0.10)));
    c.alert(&[1101]);
    assert!(c.read(&some).is_empty());
    assert_eq!(c.interval(), Some((0.0, 0.02)));
    // The alert flickers: nothing; it stays away: replaced.
    c.alert(&[]);
    assert!(c.read(&some).is_empty());
    c.alert(&[1101]);
    assert!(c.read(&some).is_empty());
    c.alert(&[]);
    assert!(c.read(&some).is_empty());
    let events = c.read(&some);
    assert_eq!(events.iter().map(word).collect::<Vec<_>>(), vec!["supply-replaced"]);
    let Event::SupplyReplaced { from, to, .. } = &events[0] else { panic!() };
    assert_eq!((*from, *to), (None, None), "no number is invented");
}

#[test]
fn nothing_known_is_never_empty() {
    for state in [LevelState::Unknown, LevelState::NoRestriction, LevelState::LevelWithoutCapacity] {
        let mut c = Cartridge::new();
        for _ in 0..50 {
            assert!(c.read(&toner(state, None)).is_empty());
        }
        assert_eq!(c.interval(), None);
        assert!(!c.is_low());
        // And it does not make a low one well.
        c.percents(&[5.0]);
        for _ in 0..50 {
            assert!(c.read(&toner(state, None)).is_empty());
        }
        assert!(c.is_low());
        // But an alert speaks.
        let mut c = Cartridge::new();
        c.alert(&[13]);
        assert_eq!(c.read(&toner(state, None)).len(), 1);
        assert_eq!(c.interval(), Some((0.0, 0.02)));
    }
}

#[test]
fn a_low_alert_against_a_full_gauge_is_not_believed() {
    let mut c = Cartridge::new();
    c.alert(&[1104]);
    assert!(c.percents(&[80.0, 31.0]).is_empty());
    assert_eq!(c.percents(&[25.0]), vec!["supply-low"]);
    assert_eq!(c.interval(), Some((0.25, 0.25)), "the number stays the number");
}

#[test]
fn a_waste_box_counts_the_room_left() {
    let waste = |room: f64| Supply {
        kind: SupplyKind::Waste,
        color: None,
        receptacle: true,
        fill_percent: Some(100.0 - room),
        ..toner(LevelState::Known, Some(room))
    };
    let mut c = Cartridge::new();
    assert!(c.read(&waste(40.0)).is_empty());
    assert_eq!(c.read(&waste(5.0)).iter().map(word).collect::<Vec<_>>(), vec!["supply-low"]);
    // "Space left": nothing known but the alert.
    let mut c = Cartridge::new();
    let some = Supply { level_state: LevelState::SomeSpaceLeft, level_percent: None, ..waste(0.0) };
    assert!(c.read(&some).is_empty());
    c.alert(&[1107]);
    assert_eq!(c.read(&some).len(), 1);
}

#[test]
fn an_alert_finds_its_supply() {
    let row = |index: &str, kind, color: Option<&str>| Supply {
        index: index.into(),
        kind,
        color: color.map(Into::into),
        ..toner(LevelState::SomeRemaining, None)
    };
    let all = [
        row("1.1", SupplyKind::Toner, Some("black")),
        row("1.2", SupplyKind::Toner, Some("cyan")),
        row("1.3", SupplyKind::Waste, None),
        row("1.4", SupplyKind::Drum, None),
    ];
    let low = |device: &DeviceState| -> Vec<String> {
        let context = SupplyContext::new(device, &all);
        let judge = |s: &Supply| supply(None, s, &context, &Policy::default(), Millis(0)).0.is_low;
        all.iter().filter(|s| judge(s)).map(|s| s.index.clone()).collect()
    };
    let with = |a: Alert| DeviceState {
        alerts: vec![ActiveAlert { alert: a, class: AlertClass::Supply, source: Source::Snmp, since: Millis(0) }],
        ..DeviceState::default()
    };
    let row_alert =
        |code, n| Alert { group: Some("markerSupplies".into()), group_index: Some(n), ..alert(code, "warning", "x") };
    assert_eq!(low(&with(row_alert(1104, 2))), vec!["1.2"]);
    assert_eq!(low(&with(row_alert(12, 4))), vec!["1.4"]);
    assert_eq!(low(&with(alert(1104, "warning", "Cyan toner low"))), vec!["1.2"]);
    assert_eq!(low(&with(alert(1109, "critical", "Replace waste box"))), vec!["1.3"]);
    // Which of two, or of what, nobody says.
    assert!(low(&with(alert(1104, "warning", "Toner low"))).is_empty());
    assert!(low(&with(alert(12, "warning", "Tray 2 almost empty"))).is_empty());
    // The bit names no colour: believed only on a device with one toner.
    let bit = DeviceState { detected_errors: vec!["lowToner".into()], ..DeviceState::default() };
    assert!(low(&bit).is_empty());
    let one = [row("1.1", SupplyKind::Toner, None), row("1.3", SupplyKind::Waste, None)];
    let context = SupplyContext::new(&bit, &one);
    assert!(supply(None, &one[0], &context, &Policy::default(), Millis(0)).0.is_low);
    assert!(!supply(None, &one[1], &context, &Policy::default(), Millis(0)).0.is_low);
}

#[test]
fn the_policy_is_read_from_configuration() {
    let p: Policy = toml::from_str(
        "supply_threshold = 0.2\nclear_time = \"10m\"\n[down_infrastructure]\npolls = 5\ntime = \"1m\"\n",
    )
    .unwrap();
    assert_eq!((p.supply_threshold, p.clear_time.as_secs(), p.down_infrastructure.polls), (0.2, 600, 5));
    assert_eq!(p.down_end_device, Policy::default().down_end_device);
    let e = toml::from_str::<Policy>("suply_threshold = 0.2").unwrap_err().to_string();
    assert!(e.contains("suply_threshold"), "{e}");
}
