//! What the configuration names is put into the database once: branches, ranges, communities. Never removes anything.

use anyhow::Context;

use crate::config::Config;
use crate::engine::{Actor, CommandSource, EngineHandle};
use crate::model::{Command, SiteId};
use crate::store::{Store, site};

pub async fn apply(config: &Config, store: &Store, engine: &EngineHandle) -> anyhow::Result<()> {
    let actor = || Actor { who: "anykey".into(), source: CommandSource::Start };
    for c in &config.credential {
        let add = match c.snmp_user() {
            Some(user) => Command::AddSnmpUser { name: c.name.clone(), user },
            None => Command::AddCredential {
                name: c.name.clone(),
                version: c.version.clone(),
                community: c.community.0.clone(),
            },
        };
        engine.command(actor(), add).await.with_context(|| format!("credential {:?} of the configuration", c.name))?;
    }
    for s in &config.site {
        let id = match site::by_name(store.db(), &s.name).await? {
            Some(id) => id,
            None => {
                let add = Command::AddSite { name: s.name.clone(), time_zone: s.time_zone.clone() };
                let done = engine
                    .command(actor(), add)
                    .await
                    .with_context(|| format!("site {:?} of the configuration", s.name))?;
                SiteId(done.id.context("a new site has a number")?)
            }
        };
        for r in &s.range {
            let add = Command::AddRange { site: id, cidr: r.cidr.clone(), port: r.port, credential: None };
            engine
                .command(actor(), add)
                .await
                .with_context(|| format!("range {} of site {:?} of the configuration", r.cidr, s.name))?;
        }
    }
    Ok(())
}
