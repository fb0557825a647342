//! Repairs on both databases: the whole way with a loaner and back, a replacement, a refusal, and what is not allowed.

use std::time::Duration;

use anykey::model::*;
use anykey::store::read::{assets, rmas, tickets};
use anykey::store::testing::for_each_database;

use super::Branch;
use super::assets::{add, asset};

const DAY: Duration = Duration::from_secs(86_400);

fn change(change: RmaChange) -> Command {
    Command::Rma { change }
}

fn step(rma: RmaId, to: RmaState) -> RmaChange {
    RmaChange::Step { rma, to, on: None, note: String::new(), new_serial: None }
}

async fn open(b: &Branch, asset: AssetId, ticket: Option<TicketId>) -> RmaId {
    let open =
        RmaChange::Open { asset, ticket, paid_by: PaidBy::Warranty, fault: "C6000".into(), reason: String::new() };
    RmaId(b.done(change(open)).await.id.unwrap())
}

async fn kept(b: &Branch, id: AssetId) -> Asset {
    assets::one(b.store.db(), id).await.unwrap().unwrap().asset
}

async fn status(b: &Branch, id: TicketId) -> TicketStatus {
    tickets::one(b.store.db(), id).await.unwrap().unwrap().ticket.status
}

#[tokio::test]
async fn with_a_loaner_there_and_back() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
        let until = Some("2026-03-31".parse().unwrap());
        let id = add(&b, Asset { warranty_until: until, ..asset(&b, "ИНВ-1", "VXL00001") }).await;
        let spare = Asset { state: AssetState::InStock, place: "склад".into(), ..asset(&b, "ИНВ-2", "") };
        let spare = add(&b, spare).await;
        let ticket = Command::OpenTicket { device, title: "Не греется".into(), priority: 3 };
        let ticket = TicketId(b.done(ticket).await.id.unwrap());
        b.done(Command::SetTicketStatus { ticket, status: TicketStatus::Assigned }).await;

        let rma = open(&b, id, Some(ticket)).await;
        assert_eq!(open(&b, id, Some(ticket)).await, rma, "a button pressed twice is one case");
        assert_eq!(status(&b, ticket).await, TicketStatus::Assigned);
        b.done(change(RmaChange::Loan { rma, loaner: Some(spare) })).await;
        let lent = kept(&b, spare).await;
        assert_eq!((lent.state, lent.place.as_str()), (AssetState::OnLoan, "каб. 214"));
        assert_eq!(b.number("SELECT COUNT(*) FROM rma WHERE loaner_id IS NOT NULL").await, 1);

        b.done(change(step(rma, RmaState::Sent))).await;
        assert_eq!(
            (status(&b, ticket).await, kept(&b, id).await.state),
            (TicketStatus::WaitingVendor, AssetState::InRepair)
        );
        b.done(change(step(rma, RmaState::AtService))).await;
        // Promised for the fourth; on the fifth it is late, told once a day.
        let papers = RmaPapers {
            request_number: "СТ-1".into(),
            promised_on: Some("2026-03-04".parse().unwrap()),
            cost: Some(Minor(100_000)),
            ..RmaPapers::default()
        };
        b.done(change(RmaChange::Papers { rma, papers })).await;
        for _ in 0..4 {
            b.wait(DAY);
            b.engine.tick().await.unwrap();
            b.engine.tick().await.unwrap();
        }
        let reminders = "SELECT COUNT(*) FROM rma_event WHERE kind = 'reminder'";
        assert_eq!(b.number(reminders).await, 2, "the fifth and the sixth of March");

        b.done(change(step(rma, RmaState::Repaired))).await;
        b.done(change(step(rma, RmaState::Returned))).await;
        assert_eq!((status(&b, ticket).await, kept(&b, id).await.state), (TicketStatus::Assigned, AssetState::InUse));
        b.wait(DAY);
        b.done(change(step(rma, RmaState::Closed))).await;
        let back = kept(&b, spare).await;
        assert_eq!((back.state, back.place.as_str()), (AssetState::InStock, "склад"));
        let whole = kept(&b, id).await;
        assert_eq!(whole.warranty_until, Some("2026-04-04".parse().unwrap()), "four days in repair");
        assert_eq!(whole.device, Some(device));
        let row = rmas::one(b.store.db(), rma).await.unwrap().unwrap();
        assert_eq!((row.rma.extended_days, row.rma.state), (4, RmaState::Closed));
        assert!(b.command(change(step(rma, RmaState::Sent))).await.is_err(), "an end is an end");
        assert_ne!(open(&b, id, None).await, rma, "the next failure is another case");
    })
    .await;
}

#[tokio::test]
async fn a_replacement_goes_on_under_the_new_serial() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
        let id = add(&b, asset(&b, "ИНВ-1", "VXL00001")).await;
        let rma = open(&b, id, None).await;
        for to in [RmaState::Requested, RmaState::Sent, RmaState::AtService] {
            b.done(change(step(rma, to))).await;
        }
        let bare = b.command(change(step(rma, RmaState::Replaced))).await.unwrap_err();
        assert_eq!(bare.field(), Some("new_serial"));
        let replaced = RmaChange::Step {
            rma,
            to: RmaState::Replaced,
            on: None,
            note: "новый аппарат".into(),
            new_serial: Some("VXL00002".into()),
        };
        b.done(change(replaced)).await;
        let now = kept(&b, id).await;
        assert_eq!((now.serial.as_deref(), now.device), (Some("VXL00002"), None));
        assert_eq!(assets::of_device(b.store.db(), device).await.unwrap(), None, "the old one is not ours any more");
        let new = DeviceId(b.printer("10.0.0.2", "VXL00002").await);
        let found = assets::of_device(b.store.db(), new).await.unwrap().unwrap();
        assert_eq!(found.id, id, "the card is the new device's");
        let events = assets::events(b.store.db(), id).await.unwrap();
        assert!(events.iter().any(|e| e.body.contains("VXL00001")), "and its history the old one's");
        b.done(change(step(rma, RmaState::Returned))).await;
        b.done(change(step(rma, RmaState::Closed))).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_not_allowed_changes_nothing() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let until = Some("2030-01-01".parse().unwrap());
        let id = add(&b, Asset { warranty_until: until, ..asset(&b, "ИНВ-1", "") }).await;
        let gone = add(&b, Asset { state: AssetState::WrittenOff, ..asset(&b, "ИНВ-2", "") }).await;
        let open_as = |asset, paid_by, reason: &str| {
            let (fault, reason) = ("C6000".to_owned(), reason.to_owned());
            change(RmaChange::Open { asset, ticket: None, paid_by, fault, reason })
        };
        let code = async |c: Command| b.command(c).await.unwrap_err().code();
        assert_eq!(code(open_as(id, PaidBy::Paid, "")).await, "paid-under-warranty");
        assert_eq!(code(open_as(gone, PaidBy::Warranty, "")).await, "wrong-state");
        assert_eq!(code(open_as(AssetId(99), PaidBy::Warranty, "")).await, "not-found");
        assert_eq!(b.number("SELECT COUNT(*) FROM rma").await, 0);
        let rma = RmaId(b.done(open_as(id, PaidBy::Paid, "залит кофе")).await.id.unwrap());
        for to in [RmaState::Repaired, RmaState::Closed, RmaState::Draft, RmaState::Returned] {
            if to != RmaState::Draft {
                assert_eq!(code(change(step(rma, to))).await, "wrong-state", "{to:?}");
            }
        }
        assert_eq!(code(change(RmaChange::Loan { rma, loaner: Some(id) })).await, "loaner-not-free");
        assert_eq!(code(change(RmaChange::Loan { rma, loaner: Some(gone) })).await, "loaner-not-free");
        b.done(change(step(rma, RmaState::Sent))).await;
        let early = RmaChange::Step {
            rma,
            to: RmaState::Returned,
            on: Some("2020-01-01".parse().unwrap()),
            note: String::new(),
            new_serial: None,
        };
        assert_eq!(code(change(early)).await, "returned-before-sent");
        assert_eq!(kept(&b, id).await.state, AssetState::InRepair);
        b.done(change(step(rma, RmaState::Returned))).await;
        b.done(change(step(rma, RmaState::Closed))).await;
        assert_eq!(kept(&b, id).await.warranty_until, until, "paid: nothing is extended");
    })
    .await;
}
