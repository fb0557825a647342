//! Documents of cabling: every change is made on a copy in memory, written as what differs, and kept as a change set that
//! can be taken back.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, findings, required};
use crate::cabling::{self as pure, Draft, Refused, sheet};
use crate::model::{CableSource, CablingChange, ImportVerdict, NewPiece, SheetBody, SheetRow, SheetVerdict, SiteId};
use crate::store::{Tx, cabling, known, site};

/// Rows of one sheet.
pub const MAX_ROWS: usize = 20_000;

impl From<Refused> for Failure {
    fn from(r: Refused) -> Self {
        let detail = format!("{}: {}", r.code, r.value);
        let values = vec![("value", r.value)];
        Failure::Refused(CommandError::Explained { field: r.field, code: code(r.code), detail, values })
    }
}

/// The word of the catalogue: cabling's own ones have a message with `$value`.
fn code(word: &'static str) -> &'static str {
    match word {
        "taken" => "cabling-taken",
        "not-found" => "cabling-not-found",
        "required" => "cabling-required",
        "too-long" => "cabling-too-long",
        "bad-number" => "cabling-bad-number",
        "bad-place" | "bad-rack" | "bad-unit" | "bad-jack" | "bad-side" => "cabling-not-there",
        "taken-by" | "socket-taken" => "cabling-occupied",
        "same-jack" | "twice" => "cabling-same-jack",
        "changed-since" => "cabling-changed-since",
        "needed-since" => "cabling-needed-since",
        _ => "cabling-refused",
    }
}

pub(super) async fn change(work: &mut Work, tx: &mut Tx, actor: &Actor, change: CablingChange) -> Outcome {
    match change {
        CablingChange::DraftSheet { site, file_name, ignored, rows } => {
            draft_sheet(work, tx, actor, site, (&file_name, ignored, rows)).await
        }
        CablingChange::AcceptSheet { import, good_only } => accept_sheet(work, tx, actor, import, good_only).await,
        CablingChange::DropSheet { import } => {
            if cabling::drop_sheet(tx, import).await? {
                return Ok(Done::changed(import));
            }
            let (_, _, accepted) = load_sheet(tx, import).await?;
            let state = if accepted { "accepted" } else { "kept" }.to_owned();
            let detail = "what was taken stays as a record".to_owned();
            Err(CommandError::WrongState { what: "import", id: import, state, detail }.into())
        }
        CablingChange::Undo { change_set } => undo(work, tx, actor, change_set).await,
        CablingChange::Accept { findings } => findings::accept(work, tx, actor, &findings).await,
        CablingChange::AcceptAll { site, permille } => findings::accept_all(work, tx, actor, site, permille).await,
        CablingChange::Ignore { finding, until } => findings::ignore(work, tx, actor, finding, until).await,
        CablingChange::Reopen { finding } => findings::reopen(work, tx, actor, finding).await,
        CablingChange::WorkOrder { finding } => findings::work_order(work, tx, actor, finding).await,
        CablingChange::Save { site, piece } => {
            let title = title_of(&piece);
            let mut draft = open(tx, site).await?;
            let id = pure::save(&mut draft, piece)?;
            write(work, tx, actor, site, ("save", &title), &draft).await?;
            Ok(Done::changed(id.0))
        }
        CablingChange::Connect { site, cord } => {
            let mut draft = open(tx, site).await?;
            let id = pure::connect(&mut draft, &cord, CableSource::Manual, work.now)?;
            let title = ends_of(&draft, id);
            write(work, tx, actor, site, ("connect", &title), &draft).await?;
            Ok(Done::changed(id.0))
        }
        CablingChange::SetStatus { site, cable, status } => {
            let mut draft = open(tx, site).await?;
            pure::set_status(&mut draft, cable, status, work.now)?;
            let title = ends_of(&draft, cable);
            let done = write(work, tx, actor, site, ("status", &title), &draft).await?;
            Ok(if done.is_some() { Done::changed(cable.0) } else { Done::already(cable.0) })
        }
    }
}

fn title_of(piece: &NewPiece) -> String {
    match piece {
        NewPiece::Place(p) => p.name.clone(),
        NewPiece::Rack(r) => r.name.clone(),
        NewPiece::Unit { unit, .. } => unit.label.clone(),
        NewPiece::Jack(j) => j.label.clone(),
        NewPiece::CableType(t) => t.name.clone(),
        NewPiece::Cable(c) => c.label.clone(),
    }
}

/// "PP1 · 7 – sw2 · Gi0/7".
fn ends_of(draft: &Draft, cable: crate::model::PieceId) -> String {
    let ends = draft.plan.cables.get(&cable).map(|c| c.ends.as_slice()).unwrap_or_default();
    let names = ends.iter().filter_map(|e| draft.plan.jacks.get(&e.jack)).map(|j| draft.plan.jack_name(j));
    names.collect::<Vec<_>>().join(" – ")
}

/// The documents of a branch, to be changed.
pub(super) async fn open(tx: &mut Tx, id: SiteId) -> Result<Draft, Failure> {
    if !site::exists(tx, id).await? {
        return Err(CommandError::NotFound { what: "site", id: id.0 }.into());
    }
    let plan = cabling::load_in(tx, id).await?;
    Ok(Draft::new(plan, cabling::last_number(tx).await?))
}

/// Writes what differs as one change set; `None`: nothing does.
pub(super) async fn write(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    site: SiteId,
    (kind, title): (&str, &str),
    draft: &Draft,
) -> Result<Option<i64>, Failure> {
    let edits = draft.edits();
    if edits.is_empty() {
        return Ok(None);
    }
    cabling::apply(tx, site, &edits).await?;
    cabling::set_last_number(tx, draft.last()).await?;
    let id = cabling::add_change_set(tx, site, (&actor.who, kind, title), &edits, work.now).await?;
    work.changed(Topic::Cabling, None);
    Ok(Some(id))
}

async fn load_sheet(tx: &mut Tx, id: i64) -> Result<(SheetBody, String, bool), Failure> {
    Ok(cabling::sheet_in(tx, id).await?.ok_or(CommandError::NotFound { what: "import", id })?)
}

async fn judged(
    tx: &mut Tx,
    id: SiteId,
    rows: &[SheetRow],
    work: &Work,
) -> Result<(Vec<SheetVerdict>, Draft), Failure> {
    if !site::exists(tx, id).await? {
        return Err(CommandError::NotFound { what: "site", id: id.0 }.into());
    }
    let devices = known::devices_in(tx, id).await?;
    let (plan, last) = (cabling::load_in(tx, id).await?, cabling::last_number(tx).await?);
    Ok(sheet::judge(rows, plan, last, &devices, work.now))
}

async fn draft_sheet(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    site: SiteId,
    (file_name, ignored, rows): (&str, Vec<String>, Vec<SheetRow>),
) -> Outcome {
    let file_name = required("file", file_name)?.to_owned();
    if rows.is_empty() {
        return Err(CommandError::invalid("file", "import-empty", "the table has a header and no rows").into());
    }
    if rows.len() > MAX_ROWS {
        let detail = format!("{} rows, at most {MAX_ROWS} at once: divide the table", rows.len());
        return Err(CommandError::invalid("file", "import-too-long", detail).into());
    }
    let (judged, _) = judged(tx, site, &rows, work).await?;
    let body = SheetBody { site, ignored, rows, judged, change_set: None };
    let id = cabling::add_sheet(tx, &file_name, &body, &actor.who, work.now).await?;
    Ok(Done::changed(id))
}

async fn accept_sheet(work: &mut Work, tx: &mut Tx, actor: &Actor, id: i64, good_only: bool) -> Outcome {
    let (mut body, file_name, accepted) = load_sheet(tx, id).await?;
    if accepted {
        return Ok(Done::already(id));
    }
    let (fresh, draft) = judged(tx, body.site, &body.rows, work).await?;
    if fresh != body.judged {
        let detail = "the documents have changed since this was shown: send the sheet again";
        return Err(CommandError::invalid("import", "sheet-stale", detail).into());
    }
    let wrong = fresh.iter().filter(|j| j.verdict == ImportVerdict::Wrong).count();
    if wrong > 0 && !good_only {
        let detail = format!("{wrong} rows are wrong: correct the file, or take the good rows only");
        return Err(CommandError::invalid("import", "import-wrong-rows", detail).into());
    }
    body.change_set = write(work, tx, actor, body.site, ("import", &file_name), &draft).await?;
    cabling::accept_sheet(tx, id, &body, work.now).await?;
    Ok(Done::changed(id))
}

async fn undo(work: &mut Work, tx: &mut Tx, actor: &Actor, id: i64) -> Outcome {
    let found = cabling::change_set(tx, id).await?.ok_or(CommandError::NotFound { what: "change set", id })?;
    let (site, edits, undone) = found;
    if undone {
        return Ok(Done::already(id));
    }
    let plan = cabling::load_in(tx, site).await?;
    let draft = pure::undo(plan, cabling::last_number(tx).await?, &edits)?;
    cabling::apply(tx, site, &draft.edits()).await?;
    cabling::set_undone(tx, id, &actor.who, work.now).await?;
    work.changed(Topic::Cabling, None);
    Ok(Done::changed(id))
}
