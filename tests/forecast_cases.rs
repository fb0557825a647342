//! What the forecast says of single histories: each rule of replacement, what is no replacement, states and stages.

use anykey::forecast::{
    Alert, Calendar, Forecast, Peers, Rule, Sample, Sign, Stage, SupplySeries, Unit, forecast, p_replacements_within,
};
use anykey::model::Millis;

/// Monday, 2024-01-01, 09:00 UTC.
const START: Millis = Millis(1_704_099_600_000);

/// A history that is written down day by day.
struct History {
    series: SupplySeries,
    calendar: Calendar,
    now: Millis,
    pages: f64,
}

impl History {
    fn new() -> Self {
        History { series: SupplySeries::default(), calendar: Calendar::default(), now: START, pages: 10_000.0 }
    }

    fn percent(level: f64) -> Sample {
        Sample { level: Some(level), capacity: Some(100.0), unit: Unit::Percent, ..Sample::default() }
    }

    fn some() -> Sample {
        Sample { level: Some(-3.0), ..Sample::default() }
    }

    /// The next reading, `hours` later, after so many pages.
    fn then(&mut self, hours: i64, pages: f64, sample: Sample) -> &mut Self {
        self.now = self.now.plus(hours * Millis::HOUR);
        self.pages += pages;
        let counter = sample.pages.is_none().then_some(self.pages);
        let sample = Sample { at: self.now, pages: counter.or(sample.pages), ..sample };
        assert!(self.series.observe(&sample, &self.calendar));
        self
    }

    /// From one level down to another, a point each day of printing.
    fn down(&mut self, from: i32, to: i32) -> &mut Self {
        for level in (to..=from).rev() {
            self.then(24, 50.0, Self::percent(f64::from(level)));
        }
        self
    }

    fn rules(&self) -> Vec<Rule> {
        self.series.replacements().iter().map(|r| r.rule).collect()
    }

    fn forecast(&self) -> Forecast {
        forecast(&self.series, None, &Peers::default(), &self.calendar, self.now)
    }
}

#[test]
fn a_jump_to_full_is_a_replacement_once_confirmed_and_dated_with_its_first_reading() {
    let mut h = History::new();
    h.down(40, 3).then(2, 0.0, History::percent(100.0));
    let jump = h.now;
    assert_eq!(h.rules(), [], "one reading is not enough");
    h.then(1, 0.0, History::percent(100.0));
    assert_eq!(h.rules(), [Rule::LevelJump]);
    let found = &h.series.replacements()[0];
    assert_eq!((found.at, found.confidence), (jump, 0.9));
    assert!(found.evidence.contains(&Sign::Level { from: 0.03, to: 1.0 }), "{found:?}");
    assert!(found.evidence.contains(&Sign::Confirmed { minutes: 60 }), "{found:?}");
}

#[test]
fn a_shaken_cartridge_a_trembling_gauge_and_a_wrong_reading_are_no_replacements() {
    let mut h = History::new();
    h.down(40, 8);
    h.then(1, 0.0, History::percent(20.0)).down(19, 6);
    h.then(1, 0.0, History::percent(100.0)).then(24, 50.0, History::percent(5.0)).down(4, 2);
    h.then(1, 0.0, History::percent(0.0)).then(1, 0.0, History::percent(50.0)).then(1, 0.0, History::percent(2.0));
    assert_eq!(h.rules(), []);
}

#[test]
fn a_cartridge_tried_and_put_back_within_a_day_is_taken_back() {
    let mut h = History::new();
    h.down(40, 10);
    h.then(1, 0.0, History::percent(100.0)).then(1, 0.0, History::percent(100.0));
    assert_eq!(h.rules(), [Rule::LevelJump]);
    h.then(2, 0.0, History::percent(10.0)).then(2, 0.0, History::percent(10.0));
    assert_eq!(h.rules(), [], "the event is cancelled");
    h.down(9, 5);
    let level = h.forecast().level.unwrap();
    assert!((level - 0.05).abs() < 0.03, "{level}");
}

#[test]
fn a_serial_number_decides_alone_and_a_missing_cartridge_explains_a_rise() {
    let serial = |level, s: &str| Sample { serial: Some(s.to_owned()), ..History::percent(level) };
    let mut h = History::new();
    for level in (60..=70).rev() {
        h.then(24, 50.0, serial(f64::from(level), "A1"));
    }
    h.then(1, 0.0, serial(100.0, "A2"));
    assert_eq!(h.rules(), [Rule::SerialChanged]);
    assert_eq!(h.series.replacements()[0].confidence, 0.99);

    let mut h = History::new();
    h.down(70, 60);
    h.then(1, 0.0, Sample { alert: Some(Alert::Touched), ..Sample::default() });
    h.then(1, 0.0, History::percent(88.0)).then(1, 0.0, History::percent(88.0));
    assert_eq!(h.rules(), [Rule::AlertSequence]);
}

#[test]
fn a_jump_to_the_middle_is_a_partial_swap_and_its_level_is_believed() {
    let mut h = History::new();
    h.down(30, 4).then(1, 0.0, History::percent(60.0)).then(1, 0.0, History::percent(60.0));
    assert_eq!(h.rules(), [Rule::SwapPartial]);
    h.down(59, 55);
    let level = h.forecast().level.unwrap();
    assert!((level - 0.55).abs() < 0.04, "{level}");
}

#[test]
fn a_device_of_words_is_followed_by_its_pages() {
    let alert = |a| Sample { alert: Some(a), ..History::some() };
    let mut h = History::new();
    for _ in 0..3 {
        for _ in 0..45 {
            h.then(24, 50.0, History::some());
        }
        for _ in 0..5 {
            h.then(24, 50.0, alert(Alert::Low));
        }
        h.then(24, 50.0, alert(Alert::Empty)).then(2, 0.0, alert(Alert::Empty));
        assert_eq!(h.forecast().median_days, Some(0.0), "it says empty");
        h.then(2, 0.0, History::some()).then(20, 50.0, History::some());
    }
    assert_eq!(h.rules(), [Rule::AlertCleared; 3]);
    for _ in 0..30 {
        h.then(24, 50.0, History::some());
    }
    let f = h.forecast();
    assert_eq!(f.stage, Stage::Settled);
    let days = f.median_days.unwrap();
    assert!((12.0..30.0).contains(&days), "about 20 days are left: {f:?}");
    // Shaken: "low" goes and comes back; the replacement that seemed to be is taken back.
    for _ in 0..13 {
        h.then(24, 50.0, History::some());
    }
    h.then(24, 50.0, alert(Alert::Low)).then(24, 50.0, alert(Alert::Low));
    h.then(24, 50.0, History::some()).then(24, 50.0, History::some());
    h.then(24, 50.0, alert(Alert::Low)).then(24, 50.0, alert(Alert::Low));
    assert_eq!(h.rules().len(), 3);
}

#[test]
fn unknown_says_nothing_and_is_never_empty() {
    let unknown = || Sample { level: Some(-2.0), capacity: None, ..Sample::default() };
    let mut h = History::new();
    for _ in 0..30 {
        h.then(24, 50.0, unknown());
    }
    let f = h.forecast();
    assert_eq!((f.stage, f.median_days, f.level), (Stage::NoData, None, None));

    let mut h = History::new();
    h.down(80, 50);
    let before = h.forecast().level.unwrap();
    h.then(1, 0.0, unknown()).then(1, 0.0, unknown());
    assert!((h.forecast().level.unwrap() - before).abs() < 0.01);
    assert_eq!(h.rules(), []);
}

#[test]
fn a_counter_that_falls_is_not_consumption() {
    let mut h = History::new();
    h.down(90, 70);
    let before = h.forecast();
    h.pages = 20.0;
    h.then(24, 50.0, History::percent(69.0)).down(68, 60);
    let after = h.forecast();
    let gone = before.median_days.unwrap() - after.median_days.unwrap();
    assert!((0.0..40.0).contains(&gone), "{before:?}\n{after:?}");
}

#[test]
fn another_capacity_is_not_mixed_with_the_old() {
    let grams =
        |level: f64, capacity: f64| Sample { level: Some(level), capacity: Some(capacity), ..Sample::default() };
    let mut h = History::new();
    for step in 0..30 {
        h.then(24, 50.0, grams(400.0 - 4.0 * f64::from(step), 400.0));
    }
    // Firmware that now counts twice the capacity: 71 % becomes 36 %.
    for step in 30..40 {
        h.then(24, 50.0, grams(400.0 - 4.0 * f64::from(step), 800.0));
    }
    assert_eq!(h.rules(), []);
    let level = h.forecast().level.unwrap();
    assert!((level - 244.0 / 800.0).abs() < 0.05, "{level}");
}

#[test]
fn the_stages_follow_what_is_known() {
    let rated = |level: f64| Sample { rated_yield: Some(5_000.0), ..History::percent(level) };
    let mut h = History::new();
    h.then(0, 0.0, rated(100.0));
    assert_eq!(History::new().forecast().stage, Stage::NoData);
    h.then(24, 50.0, rated(100.0)).then(24, 50.0, rated(100.0));
    assert_eq!(h.forecast().stage, Stage::ByCounter);
    let days = h.forecast().median_days.unwrap();
    assert!((60.0..220.0).contains(&days), "4,500 pages at 50 a day: {days}");
    h.down(99, 90);
    assert_eq!(h.forecast().stage, Stage::ByLevel);
    h.down(89, 2).then(1, 0.0, rated(100.0)).then(1, 0.0, rated(100.0)).down(99, 95);
    assert_eq!(h.forecast().stage, Stage::Settled);
    for word in Stage::ALL {
        assert_eq!(serde_json::to_value(word).unwrap(), word.as_str());
    }
}

#[test]
fn without_a_counter_the_days_tell() {
    let mut h = History::new();
    for level in (30..=90).rev() {
        h.now = h.now.plus(Millis::DAY);
        let sample = Sample { at: h.now, ..History::percent(f64::from(level)) };
        h.series.observe(&sample, &h.calendar);
    }
    let days = h.forecast().median_days.unwrap();
    assert!((22.0..36.0).contains(&days), "a point a day, 30 are left: {days}");
}

#[test]
fn a_silent_device_is_stale_and_its_forecast_goes_on() {
    let mut h = History::new();
    h.down(90, 40);
    let fresh = h.forecast();
    let later = h.now.plus(20 * Millis::DAY);
    let f = forecast(&h.series, None, &Peers::default(), &h.calendar, later);
    assert!(f.stale && !fresh.stale);
    let gone = fresh.median_days.unwrap() - f.median_days.unwrap();
    assert!((10.0..30.0).contains(&gone), "{fresh:?}\n{f:?}");
    let spread = |f: &Forecast| f.level_high.unwrap() - f.level_low.unwrap();
    assert!(spread(&f) > spread(&fresh));
}

#[test]
fn more_replacements_are_less_likely_and_more_time_makes_them_likelier() {
    let mut h = History::new();
    h.down(90, 10);
    let p = |days, k: u32| {
        let all = p_replacements_within(&h.series, None, &Peers::default(), &h.calendar, h.now, days, k + 1);
        all[k as usize]
    };
    for k in 0..3 {
        assert!(p(30.0, k) >= p(30.0, k + 1));
        assert!(p(30.0, k) <= p(60.0, k));
    }
    assert!(p(1.0, 0) < 0.2 && p(40.0, 0) > 0.9, "{} {}", p(1.0, 0), p(40.0, 0));
    assert!(p(40.0, 1) < 0.1 && p(200.0, 1) > 0.8, "{} {}", p(40.0, 1), p(200.0, 1));
}

#[test]
fn a_remembered_state_goes_on_as_if_it_had_never_been_away() {
    let mut h = History::new();
    h.down(60, 3).then(1, 0.0, History::percent(100.0));
    let stored = serde_json::to_string(&h.series).unwrap();
    assert!(stored.len() < 8_000, "{} bytes", stored.len());
    let mut again = History { series: serde_json::from_str(&stored).unwrap(), ..History::new() };
    (again.now, again.pages) = (h.now, h.pages);
    for h in [&mut h, &mut again] {
        h.then(1, 0.0, History::percent(100.0)).down(99, 80);
    }
    assert_eq!(h.series.replacements(), again.series.replacements());
    let (a, b) = (h.forecast(), again.forecast());
    assert_eq!((a.stage, a.stale), (b.stage, b.stale));
    for (a, b) in [(a.low_days, b.low_days), (a.median_days, b.median_days), (a.high_days, b.high_days)] {
        assert!((a.unwrap() - b.unwrap()).abs() < 1e-6, "{a:?} {b:?}");
    }
    let before = h.series.clone();
    let repeated = Sample { at: h.now, ..History::percent(10.0) };
    assert!(!h.series.observe(&repeated, &Calendar::default()), "a moment counts once");
    assert_eq!(h.series, before);
}

#[test]
fn rare_readings_are_believed_at_their_own_time() {
    let mut h = History::new();
    for level in [60.0, 57.0, 54.0, 51.0, 48.0, 44.0] {
        h.then(7 * 24, 250.0, History::percent(level));
    }
    let f = h.forecast();
    let (level, days) = (f.level.unwrap(), f.median_days.unwrap());
    assert!((level - 0.44).abs() < 0.02, "{f:?}");
    assert!((70.0..130.0).contains(&days), "three points a week, 44 are left: {f:?}");
}

#[test]
fn a_piece_given_out_is_the_replacement_that_the_next_readings_show_and_never_a_second_one() {
    let mut h = History::new();
    h.down(40, 3);
    let told = h.now.plus(Millis::HOUR);
    assert!(h.series.issued(told) && h.series.awaits_issued());
    assert!(!h.series.issued(told), "the same again");
    // It lies on the desk until the next day; then one reading is enough, and the moment is the person's.
    h.then(2, 5.0, History::percent(3.0));
    assert!(h.rules().is_empty() && h.series.awaits_issued());
    h.then(22, 5.0, History::percent(100.0));
    assert_eq!(h.rules(), [Rule::LevelJump]);
    let found = h.series.replacements()[0].clone();
    assert_eq!(found.at, told);
    assert!(found.evidence.contains(&Sign::Issued), "{found:?}");
    h.then(24, 50.0, History::percent(99.0)).then(24, 50.0, History::percent(98.0));
    assert!(!h.series.issued(told.plus(2 * Millis::DAY)), "seen already");
    assert_eq!(h.rules().len(), 1);
    // Given out and never put in: after some days nobody waits for it.
    let mut h = History::new();
    h.down(50, 30);
    assert!(h.series.issued(h.now.plus(Millis::MINUTE)));
    for _ in 0..5 {
        h.then(24, 5.0, History::percent(30.0));
    }
    assert!(h.rules().is_empty() && !h.series.awaits_issued());
}

#[test]
fn a_device_of_words_is_known_to_be_full_when_a_person_says_so() {
    let mut h = History::new();
    let some = || Sample { rated_yield: Some(6_000.0), ..History::some() };
    for _ in 0..40 {
        h.then(24, 100.0, some());
    }
    let before = h.forecast().level;
    assert!(h.series.issued(h.now.plus(Millis::HOUR)));
    h.then(24, 0.0, some());
    assert_eq!(h.rules(), [Rule::Issued], "no word ever told of it");
    assert!(h.forecast().level > before && h.forecast().level > Some(0.9), "{:?}", h.forecast());
    // Taken back before a reading came: nothing happened.
    let mut h = History::new();
    h.then(1, 0.0, History::some()).then(24, 100.0, History::some());
    let told = h.now.plus(Millis::HOUR);
    h.series.issued(told);
    h.series.not_issued(told);
    h.then(24, 0.0, History::some());
    assert!(h.rules().is_empty());
}
