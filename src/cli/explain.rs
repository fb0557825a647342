//! `anykey explain`: why each fact of a device is what it is.
//!
//! Prints what `profile::explain` found and decides nothing. JSON is a list of the same entries.

use std::fmt::Write as _;

use super::inspect::recording;
use super::inspect_live::{self, Extent};
use super::subject::{Of, Subject};
use super::{TextOrJson, out};
use crate::profile::Knowledge;
use crate::profile::explain::Why;

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    subject: Subject,
    #[command(flatten)]
    live: inspect_live::LiveArgs,
    #[arg(long, value_enum, default_value = "text")]
    format: TextOrJson,
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let knowledge = Knowledge::load(args.live.profiles.as_deref())?;
    let answers = match args.subject.of() {
        Of::Recording(path) => knowledge.asked(&recording(path)?),
        Of::Host(host) => {
            let (_, answers) = inspect_live::facts(host, &args.live, Extent::Questions).await?;
            anyhow::ensure!(!answers.main.is_empty(), "the device answers IPP only: its facts are those of `inspect`");
            answers
        }
    };
    let whys = knowledge.explain(&answers);
    match args.format {
        TextOrJson::Json => out::line(&serde_json::to_string_pretty(&whys)?),
        TextOrJson::Text => out::text(&report(&whys)),
    }
}

fn report(whys: &[Why]) -> String {
    let mut text = String::new();
    for why in whys {
        let value = if why.value.is_empty() { "unknown" } else { &why.value };
        let _ = writeln!(text, "{}: {value}", why.fact);
        let confidence = why.confidence.map(|c| format!(", confidence {c} %")).unwrap_or_default();
        let _ = writeln!(text, "    by    {}{confidence}", why.rule);
        for oid in &why.oids {
            let _ = writeln!(text, "    from  {oid}");
        }
        if let Some(raw) = &why.raw {
            let _ = writeln!(text, "    raw   {}", short(raw));
        }
        for other in &why.also {
            let value = short(&other.value);
            let why = if other.implausible { ", not plausible" } else { "" };
            let _ = writeln!(text, "    also  {value} (by {}, {} %{why})", other.rule, other.confidence);
        }
    }
    text
}

/// One line of at most 160 characters.
fn short(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(160) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
