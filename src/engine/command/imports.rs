//! A table of articles: judged and kept, then taken exactly as it was shown, or not at all.

use super::super::api::{Actor, CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, catalogue, required};
use crate::model::{ImportBody, ImportRow, ImportVerdict, JudgedRow};
use crate::store::{Tx, article, import, supplier};
use crate::workflow::import::{Known, judge, planned};

/// Rows of one import.
pub const MAX_ROWS: usize = 20_000;

async fn judged(tx: &mut Tx, rows: &[ImportRow]) -> Result<Vec<JudgedRow>, Failure> {
    let (articles, suppliers) = (article::all(tx).await?, supplier::names(tx).await?);
    Ok(judge(rows, &Known::new(&articles, &suppliers)))
}

pub(super) async fn draft(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    file_name: &str,
    ignored: Vec<String>,
    rows: Vec<ImportRow>,
) -> Outcome {
    let file_name = required("file", file_name)?.to_owned();
    if rows.is_empty() {
        return Err(CommandError::invalid("file", "import-empty", "the table has a header and no rows").into());
    }
    if rows.len() > MAX_ROWS {
        let detail = format!("{} rows, at most {MAX_ROWS} at once: divide the table", rows.len());
        return Err(CommandError::invalid("file", "import-too-long", detail).into());
    }
    let judged = judged(tx, &rows).await?;
    let id = import::add(tx, &file_name, &ImportBody { ignored, rows, judged }, &actor.who, work.now).await?;
    Ok(Done::changed(id))
}

async fn load(tx: &mut Tx, id: i64) -> Result<(ImportBody, bool), Failure> {
    let found = import::load(tx, id).await?.ok_or(CommandError::NotFound { what: "import", id })?;
    Ok((found.0, found.1.is_some()))
}

pub(super) async fn accept(work: &mut Work, tx: &mut Tx, id: i64, good_only: bool) -> Outcome {
    let (body, accepted) = load(tx, id).await?;
    if accepted {
        return Ok(Done::already(id));
    }
    let (articles, suppliers) = (article::all(tx).await?, supplier::names(tx).await?);
    let known = Known::new(&articles, &suppliers);
    if judge(&body.rows, &known) != body.judged {
        let detail = "the catalogue has changed since this was shown: check the table again";
        return Err(CommandError::invalid("import", "import-stale", detail).into());
    }
    let wrong = body.judged.iter().filter(|j| j.verdict == ImportVerdict::Wrong).count();
    if wrong > 0 && !good_only {
        let detail = format!("{wrong} rows are wrong: correct the file, or take the good rows only");
        return Err(CommandError::invalid("import", "import-wrong-rows", detail).into());
    }
    let mut saved = Vec::new();
    for (row, judged) in body.rows.iter().zip(&body.judged) {
        if !matches!(judged.verdict, ImportVerdict::New | ImportVerdict::Changed) {
            continue;
        }
        // Judged a moment ago in this transaction: it is sound.
        let Ok((_, after)) = planned(row, &known) else { continue };
        let article = article::save(tx, &after.article, &after.fits).await?;
        article::save_terms(tx, article, &after.terms).await?;
        saved.push(article);
    }
    import::accept(tx, id, work.now).await?;
    work.catalogue = None;
    catalogue::offer(work, tx, &saved).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}

pub(super) async fn recheck(tx: &mut Tx, id: i64) -> Outcome {
    let (body, accepted) = load(tx, id).await?;
    if accepted {
        return Ok(Done::already(id));
    }
    let fresh = judged(tx, &body.rows).await?;
    if fresh == body.judged {
        return Ok(Done::already(id));
    }
    import::set_body(tx, id, &ImportBody { judged: fresh, ..body }).await?;
    Ok(Done::changed(id))
}

pub(super) async fn drop(tx: &mut Tx, id: i64) -> Outcome {
    if import::remove(tx, id).await? {
        return Ok(Done::changed(id));
    }
    load(tx, id).await?;
    let (state, detail) = ("accepted".to_owned(), "what was taken stays as a record".to_owned());
    Err(CommandError::WrongState { what: "import", id, state, detail }.into())
}
