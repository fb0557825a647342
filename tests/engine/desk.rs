//! Work on tickets on both databases: files by what they are, links, notes with their steps.

use anykey::model::*;
use anykey::store::desk;
use anykey::store::read::tickets;
use anykey::store::testing::for_each_database;

use super::Branch;

fn change(change: DeskChange) -> Command {
    Command::Desk { change }
}

async fn ticket(b: &Branch, device: DeviceId, priority: u8) -> TicketId {
    TicketId(b.done(Command::OpenTicket { device, title: "Жуёт бумагу".into(), priority }).await.id.unwrap())
}

#[tokio::test]
async fn files_are_what_their_bytes_say() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
        let id = ticket(&b, device, 3).await;
        let attach = |name: &str, bytes: &[u8]| {
            change(DeskChange::Attach { ticket: id, name: name.into(), bytes: bytes.to_vec() })
        };
        let png = b"\x89PNG\r\n\x1a\n\0\x01\xff";
        let file = b.done(attach("фото.exe", png)).await.id.unwrap();
        let (name, mime, bytes) = desk::content(b.store.db(), id, file).await.unwrap().unwrap();
        assert_eq!((name.as_str(), mime.as_str(), bytes.as_slice()), ("фото.exe", "image/png", &png[..]));
        for (name, bytes, code) in
            [("a.png", &b"MZ\0\0"[..], "attachment-type"), ("", png, "required"), ("a\nb", png, "not-a-line")]
        {
            assert_eq!(b.command(attach(name, bytes)).await.unwrap_err().code(), code);
        }
        let large = [&png[..], &vec![0; MOST_BYTES]].concat();
        assert_eq!(b.command(attach("l.png", &large)).await.unwrap_err().code(), "attachment-too-large");
        assert_eq!(desk::files(b.store.db(), id).await.unwrap().len(), 1);
        b.done(change(DeskChange::RemoveFile { ticket: id, file })).await;
        assert_eq!(
            b.command(change(DeskChange::RemoveFile { ticket: id, file })).await.unwrap_err().code(),
            "not-found"
        );
        // The bytes are nowhere in the audit.
        assert_eq!(b.number("SELECT COUNT(*) FROM audit WHERE command LIKE '%bytes%'").await, 0);
    })
    .await;
}

#[tokio::test]
async fn tickets_know_of_each_other() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
        let (first, second) = (ticket(&b, device, 3).await, ticket(&b, device, 2).await);
        let seen = async |id| {
            let rows = desk::links(b.store.db(), id).await.unwrap();
            rows.into_iter().map(|l| (l.ticket, l.kind)).collect::<Vec<_>>()
        };
        assert_eq!(seen(first).await, [(second, "device".to_owned())]);
        let link = DeskChange::Link { ticket: second, other: first };
        b.done(change(link.clone())).await;
        assert!(!b.done(change(link)).await.changed);
        assert_eq!(seen(first).await, [(second, "related".to_owned())]);
        b.done(change(DeskChange::Unlink { ticket: first, other: second })).await;
        assert_eq!(seen(second).await, [(first, "device".to_owned())]);
        let alone = DeskChange::Link { ticket: first, other: first };
        assert_eq!(b.command(change(alone)).await.unwrap_err().code(), "same-ticket");
        let stranger = DeskChange::Link { ticket: first, other: TicketId(99) };
        assert_eq!(b.command(change(stranger)).await.unwrap_err().code(), "not-found");
        // What was merged away is open no more.
        b.done(Command::MergeTicket { ticket: second, into: first }).await;
        assert_eq!(seen(first).await, []);
    })
    .await;
}

#[tokio::test]
async fn notes_are_tried_step_by_step() {
    for_each_database(|store| async move {
        let b = Branch::open(store).await;
        let device = DeviceId(b.printer("10.0.0.1", "VXL00001").await);
        let id = ticket(&b, device, 3).await;
        let note = KnowledgeNote {
            title: "Замятие".into(),
            vendor: "Kyocera".into(),
            model: "ECOSYS M2040*".into(),
            body: "Открыть крышку\nВынуть лист".into(),
        };
        let n = b.done(change(DeskChange::SaveNote { id: None, note: note.clone() })).await.id.unwrap();
        let (vendor, model) = desk::model_of(b.store.db(), id).await.unwrap();
        assert!(desk::notes(b.store.db()).await.unwrap()[0].note.fits(&vendor, &model));
        let step = |step, outcome| change(DeskChange::Step { ticket: id, note: n, step, outcome });
        b.done(step(0, Some(StepOutcome::No))).await;
        b.done(step(1, Some(StepOutcome::No))).await;
        b.done(step(1, Some(StepOutcome::Worked))).await;
        b.done(step(0, None)).await;
        let tried = desk::steps(b.store.db(), id).await.unwrap();
        assert_eq!(tried, [(n, 1, "worked".to_owned())]);
        assert_eq!(b.command(step(2, Some(StepOutcome::No))).await.unwrap_err().code(), "not-found");
        let events = tickets::one(b.store.db(), id).await.unwrap().unwrap().events;
        assert_eq!(events.last().unwrap().body, "worked Вынуть лист");
        let empty = KnowledgeNote { body: " ".into(), ..note };
        assert_eq!(
            b.command(change(DeskChange::SaveNote { id: None, note: empty })).await.unwrap_err().code(),
            "required"
        );
        b.done(change(DeskChange::RemoveNote { id: n })).await;
        assert_eq!(b.command(change(DeskChange::RemoveNote { id: n })).await.unwrap_err().code(), "not-found");
    })
    .await;
}
