//! `anykey walk`: everything a device answers, as a recording that can be replayed; `--redact` hides what is private.
//!
//! The recording goes to stdout or to a file; contexts (Cisco's VLANs, HP's Jetdirect) need files of their own beside it.
//! The key of the redaction is random, so that nobody can undo it; the same `--key` gives the same words again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rand::TryRng;
use rand::rngs::SysRng;

use super::inspect::recording;
use super::inspect_live::{self, Extent};
use super::out;
use super::subject::{Of, Subject};
use crate::profile::{Knowledge, Snapshot, redact};
use crate::protocol::snmp::{Oid, Value, snmprec};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    /// Put invented names, addresses, serials and contacts in place of the real ones. Read the result before you send it:
    /// a maker's own texts may hold what no rule knows.
    #[arg(long)]
    redact: bool,
    /// Key of the redaction: two recordings with one key still fit together. Random by default.
    #[arg(long, value_name = "WORDS", requires = "redact")]
    key: Option<String>,
    /// Write here, contexts beside it as NAME@CONTEXT.snmprec; without it the main context goes to stdout.
    #[arg(long, short, value_name = "FILE.snmprec")]
    output: Option<PathBuf>,
    #[command(flatten)]
    live: inspect_live::LiveArgs,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let mut answers = match args.subject.of() {
        Of::Recording(path) => recording(path)?,
        Of::Host(host) => inspect_live::facts(host, &args.live, Extent::Whole).await?.1,
    };
    for note in &answers.notes {
        eprintln!("anykey walk: {note}");
    }
    if args.redact {
        let key = args.key.map_or_else(random_key, |words| Ok(words.into_bytes()))?;
        answers = redact::redact(&Knowledge::load(args.live.profiles.as_deref())?, &answers, &key);
    }
    match &args.output {
        None => {
            if !answers.contexts.is_empty() {
                let names: Vec<&str> = answers.contexts.keys().map(String::as_str).collect();
                eprintln!("anykey walk: the contexts {} are left out; --output FILE writes them too", names.join(", "));
            }
            out::text(&text(&answers.main))
        }
        Some(path) => save(path, &answers),
    }
}

fn random_key() -> anyhow::Result<Vec<u8>> {
    let mut key = [0; 32];
    SysRng.try_fill_bytes(&mut key).context("the system gives no random numbers; give the redaction a --key")?;
    Ok(key.to_vec())
}

fn save(path: &Path, answers: &Snapshot) -> anyhow::Result<()> {
    let write = |path: &Path, map: &BTreeMap<Oid, Value>| {
        std::fs::write(path, text(map)).with_context(|| {
            format!("writing {} failed; does the folder exist, and may you write there?", path.display())
        })
    };
    write(path, &answers.main)?;
    let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    for (context, map) in &answers.contexts {
        write(&path.with_file_name(format!("{stem}@{context}.snmprec")), map)?;
    }
    let rows = answers.main.len() + answers.contexts.values().map(BTreeMap::len).sum::<usize>();
    eprintln!("anykey walk: {rows} objects in {}", path.display());
    Ok(())
}

fn text(map: &BTreeMap<Oid, Value>) -> String {
    map.iter().filter_map(|(oid, value)| snmprec::line(oid, value)).fold(String::new(), |all, line| all + &line + "\n")
}
