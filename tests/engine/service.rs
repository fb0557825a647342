//! Clocks of tickets in a branch's own hours, on both databases: what is told when, and that changed terms count at once.

use std::time::Duration;

use anykey::model::*;
use anykey::sla::{Agreement, Clock, Happened};
use anykey::store::read::tickets;
use anykey::store::service;
use anykey::store::testing::for_each_database;

use super::{Branch, MORNING};

const HOUR: Duration = Duration::from_secs(3_600);

/// Monday 2 March 2026 in Ufa: 06:00 UTC is 11:00 there.
async fn ticket(b: &Branch, priority: u8) -> TicketId {
    let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
    let open = Command::OpenTicket { device, title: "Жуёт бумагу".into(), priority };
    TicketId(b.done(open).await.id.unwrap())
}

async fn clock(b: &Branch, id: TicketId) -> Clock {
    let detail = tickets::one(b.store.db(), id).await.unwrap().unwrap();
    let agreement = Agreement::of(&service::terms(b.store.db(), b.site).await.unwrap());
    let mut history = vec![Happened::opened(detail.ticket.opened_at, detail.ticket.priority as u8)];
    history.extend(detail.events.iter().filter_map(|e| Happened::of(e.at, &e.author, &e.kind, &e.body)));
    agreement.clock(&history, b.clock.now()).unwrap()
}

/// (step, minutes after the morning) as the ticket's history tells.
async fn told(b: &Branch, id: TicketId) -> Vec<(String, i64)> {
    let events = tickets::one(b.store.db(), id).await.unwrap().unwrap().events;
    let steps = events.into_iter().filter(|e| e.kind == "escalated");
    steps.map(|e| (e.body, e.at.since(MORNING) / Millis::MINUTE)).collect()
}

fn minutes(ms: i64) -> i64 {
    ms / Millis::MINUTE
}

#[tokio::test]
async fn steps_are_told_once_at_their_minute() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let id = ticket(&b, 2).await;
        // P2: four working hours from 11:00, with the break at 13:00: 16:00 there.
        let due = clock(&b, id).await.restore.due_at.unwrap();
        assert_eq!(minutes(due.since(MORNING)), 300);
        for _ in 0..5 {
            b.wait(HOUR);
            b.engine.tick().await.unwrap();
            b.engine.tick().await.unwrap();
        }
        let steps = [("50".to_owned(), 120), ("80".to_owned(), 252), ("100".to_owned(), 300)];
        assert_eq!(told(&b, id).await, steps);
        // A restart forgets nothing and tells nothing again.
        let again = Branch::again(b.store.clone(), &b.clock, b.site).await;
        again.wait(HOUR / 2);
        again.engine.tick().await.unwrap();
        assert_eq!(told(&again, id).await, steps);
        // Waiting for a vendor: the clock stands, the night passes, the day too.
        again.done(Command::SetTicketStatus { ticket: id, status: TicketStatus::WaitingVendor }).await;
        again.wait(HOUR * 24);
        again.engine.tick().await.unwrap();
        assert_eq!(told(&again, id).await, steps);
        let c = clock(&again, id).await;
        assert_eq!((minutes(c.restore.elapsed_ms), minutes(c.vendor_ms)), (270, 480));
    })
    .await;
}

#[tokio::test]
async fn changed_terms_count_at_once() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let id = ticket(&b, 3).await;
        b.wait(HOUR * 2);
        assert_eq!(minutes(clock(&b, id).await.restore.elapsed_ms), 120);
        let service = |change| Command::Service { change };
        // From noon on only, and no break.
        let day = vec![Span { from: 720, to: 1_080 }];
        let hours = Hours(std::array::from_fn(|at| if at < 5 { day.clone() } else { Vec::new() }));
        b.done(service(ServiceChange::Hours { site: b.site, hours })).await;
        assert_eq!(minutes(clock(&b, id).await.restore.elapsed_ms), 60);
        let target = SlaTarget { response_minutes: 10, restore_minutes: 50 };
        b.done(service(ServiceChange::Target { priority: 1, target })).await;
        b.done(Command::SetTicketPriority { ticket: id, priority: 1 }).await;
        assert!(clock(&b, id).await.restore.is_missed());
        // A day off of the whole company, and of another branch.
        let date = "2026-03-02".parse().unwrap();
        let off = |site| ServiceChange::Day { site, date, kind: Some(DayKind::Off), note: String::new() };
        let other = b.done(Command::AddSite { name: "Омск".into(), time_zone: "Asia/Omsk".into() }).await.id.unwrap();
        b.done(service(off(Some(SiteId(other))))).await;
        assert!(clock(&b, id).await.restore.is_missed(), "another branch's day off");
        b.done(service(off(None))).await;
        assert_eq!(clock(&b, id).await.restore.elapsed_ms, 0);
        b.done(service(ServiceChange::Day { site: None, date, kind: None, note: String::new() })).await;
        assert_eq!(minutes(clock(&b, id).await.restore.elapsed_ms), 60);
        // An imported year replaces the built-in one, and a second import the first.
        let year = |days: &str| ServiceChange::Import { text: format!("[[year]]\nyear = 2026\noff = [{days}]") };
        b.done(service(year("\"03-02\", \"03-03\""))).await;
        assert_eq!(clock(&b, id).await.restore.elapsed_ms, 0);
        b.done(service(year("\"03-03\""))).await;
        assert_eq!(minutes(clock(&b, id).await.restore.elapsed_ms), 60);
        // Waiting pauses only where that was agreed.
        b.done(service(ServiceChange::Pauses { statuses: vec![TicketStatus::WaitingUser] })).await;
        b.done(Command::SetTicketStatus { ticket: id, status: TicketStatus::WaitingParts }).await;
        b.wait(HOUR);
        assert_eq!(minutes(clock(&b, id).await.restore.elapsed_ms), 120);
    })
    .await;
}

#[tokio::test]
async fn wrong_terms_are_refused_and_change_nothing() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let before = service::terms(b.store.db(), b.site).await.unwrap();
        let target = |response_minutes, restore_minutes| SlaTarget { response_minutes, restore_minutes };
        let span = |from, to| Span { from, to };
        let hours = |day: Vec<Span>| Hours(std::array::from_fn(|_| day.clone()));
        let date = "2026-03-02".parse().unwrap();
        for (change, code) in [
            (ServiceChange::Target { priority: 0, target: target(1, 2) }, "bad-number"),
            (ServiceChange::Target { priority: 1, target: target(0, 2) }, "bad-number"),
            (ServiceChange::Target { priority: 1, target: target(60, 30) }, "bad-number"),
            (ServiceChange::Hours { site: b.site, hours: hours(vec![]) }, "bad-hours"),
            (ServiceChange::Hours { site: b.site, hours: hours(vec![span(600, 540)]) }, "bad-hours"),
            (ServiceChange::Hours { site: b.site, hours: hours(vec![span(540, 700), span(600, 800)]) }, "bad-hours"),
            (ServiceChange::Hours { site: SiteId(99), hours: Hours::default() }, "not-found"),
            (
                ServiceChange::Day { site: Some(SiteId(99)), date, kind: Some(DayKind::Off), note: String::new() },
                "not-found",
            ),
            (ServiceChange::Pauses { statuses: vec![TicketStatus::InProgress] }, "not-allowed"),
            (ServiceChange::Import { text: "[[year]]\nyear = 2026\noff = [\"99-99\"]".into() }, "bad-calendar"),
        ] {
            let error = b.command(Command::Service { change: change.clone() }).await.unwrap_err();
            assert_eq!(error.code(), code, "{change:?}: {error}");
        }
        assert_eq!(service::terms(b.store.db(), b.site).await.unwrap(), before);
    })
    .await;
}
