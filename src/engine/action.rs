//! Lets the pure workflows react to an event and applies what they want, in the transaction of the event.

use std::net::IpAddr;
use std::sync::Arc;

use super::api::Topic;
use super::command;
use super::facts::functions;
use super::foresight::Found;
use super::plan;
use super::writer::Work;
use crate::model::{
    Action, Article, ArticleId, DeviceId, Event, KeptArticle, Link, Millis, NeedId, NeedStatus, ProblemClass,
    ProblemKey, SNMP_PORT, SiteId, SupplyId, SupplyState, TicketId, TicketStatus,
};
use crate::status::rules;
use crate::store::notice::Said;
use crate::store::{
    Result, Tx, article, device, moving, need, order, range, site, supply, supply_article, ticket, timeline,
};
use crate::workflow::reorder::{self, Candidate, Catalogue, Learnt, ReorderFacts};
use crate::workflow::repair::{self, KnownTicket, RepairFacts};

/// Author of what nobody did by hand.
const OURSELVES: &str = "anykey";
/// Most addresses one device's neighbours may propose at once.
const MAX_PROPOSALS: usize = 256;
/// Most proposals that traps of strangers make: their addresses may be invented.
const MAX_STRANGERS: i64 = 50;
/// Leading bits an address shares with a range of the branch it may belong to.
const SAME_BRANCH_BITS: u32 = 8;

/// The store pool of a branch, until stores exist.
pub(super) fn pool(site: SiteId) -> String {
    format!("site:{site}")
}

/// Every workflow on one event.
pub(super) async fn react(work: &mut Work, tx: &mut Tx, id: DeviceId, event: &Event) -> Result<()> {
    let mut actions = Vec::new();
    if matches!(event, Event::SupplyLow { .. } | Event::SupplyReplaced { .. })
        && let Some((site, article)) = taken(work, tx, id, event).await?
    {
        plan::pool(work, tx, site, article).await?;
    } else if matches!(event, Event::SupplyLow { .. } | Event::SupplyReplaced { .. })
        && let Some(facts) = reorder_facts(work, tx, id, event).await?
    {
        actions.extend(reorder::react(event, &facts));
    }
    if let Some(facts) = repair_facts(work, tx, id, event).await? {
        actions.extend(repair::react(event, &facts));
    }
    for action in actions {
        apply(work, tx, action).await?;
    }
    Ok(())
}

/// The estimator is sure of a replacement, or not any more: the stock document for it, and the pool with one piece less.
pub(super) async fn changed_cartridge(work: &mut Work, tx: &mut Tx, id: DeviceId, found: Found) -> Result<()> {
    let Some(site) = work.cache.get(id).map(|k| k.device.site) else { return Ok(()) };
    let article = match found {
        Found::Replaced(supply, replacement) => command::replaced(work, tx, id, site, supply, &replacement).await?,
        Found::NotReplaced(supply, at) => command::not_replaced(work, tx, id, supply, at).await?,
    };
    match article {
        Some(article) => plan::pool(work, tx, site, article).await,
        None => Ok(()),
    }
}

/// The branch and article of the supply an event is about, when it has one.
async fn taken(work: &mut Work, tx: &mut Tx, id: DeviceId, event: &Event) -> Result<Option<(SiteId, ArticleId)>> {
    let index = match event {
        Event::SupplyLow { supply } => &supply.index,
        Event::SupplyReplaced { index, .. } => index,
        _ => return Ok(None),
    };
    let all = catalogue(work, tx).await?;
    let Some(row) = supply::of_device(tx, id).await?.into_iter().find(|s| s.state.index == *index) else {
        return Ok(None);
    };
    let Some(d) = work.cache.get(id).map(|k| &k.device) else { return Ok(None) };
    let (vendor, model, site) = (d.vendor.clone(), d.model.clone(), d.site);
    if let Some(known) = row.article {
        return Ok(Some((site, known)));
    }
    let refused = refused(tx, row.id).await?;
    let found = reorder::choose_article(&row.state, vendor.as_deref(), model.as_deref(), &all, &refused);
    let Some((found, why)) = found else { return Ok(None) };
    supply_article::propose(tx, row.id, found.id, why).await?;
    Ok(Some((site, found.id)))
}

/// Of a supply without an article: `taken` has looked for one.
async fn reorder_facts(work: &mut Work, tx: &mut Tx, id: DeviceId, event: &Event) -> Result<Option<ReorderFacts>> {
    let Some(site) = work.cache.get(id).map(|k| k.device.site) else { return Ok(None) };
    let mut facts = ReorderFacts {
        device: id,
        site,
        pool: pool(site),
        article: None,
        need: None,
        asked_by: None,
        drafted: 0,
        ordered: 0,
    };
    if let Event::SupplyLow { supply: state } = event {
        let key = reorder::need_key(None, id, &state.index);
        facts.need = need::by_key(tx, &facts.pool, &key).await?;
        facts.asked_by = need::asked_by(tx, id, &state.index).await?.into_iter().next();
    }
    Ok(Some(facts))
}

async fn repair_facts(work: &mut Work, tx: &mut Tx, id: DeviceId, event: &Event) -> Result<Option<RepairFacts>> {
    let Some(key) = repair::key_of(event) else { return Ok(None) };
    let language = work.language(tx).await?.to_string();
    let ticket = ticket::newest(tx, id, key).await?;
    let now = work.now;
    let behind = match work.cache.get(id).and_then(|k| k.device.state.behind) {
        Some(parent) => behind(work, tx, parent).await?,
        None => None,
    };
    let Some(known) = work.cache.get(id) else { return Ok(None) };
    let explained = match event {
        Event::ProblemRaised { problem } if problem.key.class == ProblemClass::Repair => {
            rules().explain(&problem.detail, known.device.state.vendor.as_deref(), &language)
        }
        _ => None,
    };
    Ok(Some(RepairFacts {
        behind,
        explained,
        device: id,
        device_name: known.device.name.clone(),
        kind: known.device.kind,
        functions: functions(&known.device),
        language,
        ticket: ticket.map(|t| KnownTicket {
            id: t.id,
            status: t.status,
            touched: t.touched,
            resolved_at: t.resolved_at,
        }),
        now,
    }))
}

async fn tell(work: &mut Work, tx: &mut Tx, id: TicketId, said: Said) -> Result<()> {
    match ticket::load(tx, id).await? {
        Some(t) => work.tell(tx, t.site, id, said).await,
        None => Ok(()),
    }
}

/// What hides a device, with its open ticket.
async fn behind(work: &mut Work, tx: &mut Tx, parent: DeviceId) -> Result<Option<(String, Option<TicketId>)>> {
    let down = ProblemKey { class: ProblemClass::Down, component: "device".into() };
    let open = ticket::newest(tx, parent, &down).await?.filter(|t| t.status.is_open()).map(|t| t.id);
    Ok(work.known(tx, parent).await?.map(|k| (k.device.name.clone(), open)))
}

/// Does what a workflow wants. Every action may come again: keys make the second time nothing.
pub(super) async fn apply(work: &mut Work, tx: &mut Tx, action: Action) -> Result<()> {
    let now = work.now;
    match action {
        Action::OpenNeed { site, pool, key, article, quantity, reason } => {
            let id = need::open(tx, site, &pool, &key, article, quantity, now).await?;
            need::add_reason(tx, id, &reason).await?;
            work.changed(Topic::Need, Some(reason.device));
        }
        Action::DropNeedReason { device, supply_index } => drop_reason(work, tx, device, &supply_index).await?,
        Action::AddDraftLine { site, supplier, article, need_key, quantity } => {
            let Some(article) = article::load(tx, article).await? else { return Ok(()) };
            let need = need::by_key(tx, &pool(site), &need_key).await?.map(|n| n.id);
            let draft = order::draft(tx, site, supplier, now).await?;
            order::add_line(tx, draft, &article, quantity, need).await?;
            work.changed(Topic::Order, None);
        }
        Action::OpenTicket { device, problem, title, priority } => {
            let Some(known) = work.known(tx, device).await? else { return Ok(()) };
            let site = known.device.site;
            if let Some(id) = ticket::open(tx, site, Some(device), &problem, &title, priority, now).await? {
                ticket::add_event(tx, id, OURSELVES, "opened", &title, now).await?;
                ticket::adopt(tx, device, id, now.plus(-Millis::DAY)).await?;
                work.tell(tx, site, id, Said::Failed).await?;
                work.changed(Topic::Ticket, Some(device));
            }
        }
        Action::NoteTicket { ticket, text } => {
            ticket::add_event(tx, ticket, OURSELVES, "note", &text, now).await?;
            work.changed(Topic::Ticket, None);
        }
        Action::ReopenTicket { ticket, text } => {
            ticket::reopen(tx, ticket).await?;
            tell(work, tx, ticket, Said::Failed).await?;
            ticket::add_event(tx, ticket, OURSELVES, "note", &text, now).await?;
            ticket::add_event(tx, ticket, OURSELVES, "status", TicketStatus::New.as_str(), now).await?;
            work.changed(Topic::Ticket, None);
        }
        Action::ResolveTicket { ticket, automatic } => {
            ticket::set_status(tx, ticket, TicketStatus::Resolved, !automatic, now).await?;
            tell(work, tx, ticket, Said::Well).await?;
            ticket::add_event(tx, ticket, OURSELVES, "status", TicketStatus::Resolved.as_str(), now).await?;
            work.changed(Topic::Ticket, None);
        }
        Action::MergeTicket { ticket, into, text } => {
            let cancelled = TicketStatus::Cancelled;
            ticket::merge(tx, ticket, into, false, now).await?;
            work.untell(tx, ticket).await?;
            ticket::add_event(tx, ticket, OURSELVES, "note", &text, now).await?;
            ticket::add_event(tx, ticket, OURSELVES, "status", cancelled.as_str(), now).await?;
            work.changed(Topic::Ticket, None);
        }
        Action::Timeline { device, event } => timeline::add(tx, device, &event, now).await?,
    }
    Ok(())
}

/// The supply is well: its reason goes. An open need without reasons closes with its draft line; one with fewer wants
/// fewer, unless a person asked for more.
pub(super) async fn drop_reason(work: &mut Work, tx: &mut Tx, device: DeviceId, supply_index: &str) -> Result<()> {
    for n in need::asked_by(tx, device, supply_index).await? {
        need::drop_reason(tx, n.id, device, supply_index).await?;
        work.changed(Topic::Need, Some(device));
        if n.status != NeedStatus::Open {
            continue;
        }
        let (before, left) = (n.reasons.len() as i64, n.reasons.len() as i64 - 1);
        if left == 0 {
            close_need(work, tx, n.id, "well-again").await?;
        } else if n.quantity == before {
            need::set_quantity(tx, n.id, left).await?;
            if let Some((_, line, quantity)) = order::draft_line_of(tx, n.id).await?
                && quantity == before
            {
                order::set_line_quantity(tx, line, left).await?;
                work.changed(Topic::Order, None);
            }
        }
    }
    Ok(())
}

/// Closes a need and takes it off its draft.
pub(super) async fn close_need(work: &mut Work, tx: &mut Tx, id: NeedId, why: &str) -> Result<()> {
    if let Some((draft, line, _)) = order::draft_line_of(tx, id).await? {
        order::remove_line(tx, line).await?;
        order::remove_empty_draft(tx, draft).await?;
        work.changed(Topic::Order, None);
    }
    if moving::withdraw_all(tx, id).await? {
        work.changed(Topic::Stock, None);
    }
    need::close(tx, id, why, work.now).await?;
    work.changed(Topic::Need, None);
    Ok(())
}

/// Puts a need's article on the draft, as far as it is not drafted or on its way.
pub(super) async fn draft(
    work: &mut Work,
    tx: &mut Tx,
    site: SiteId,
    article: &Article,
    need_key: &str,
    quantity: i64,
) -> Result<()> {
    let (drafted, ordered) = order::pieces(tx, site, article.id).await?;
    if let Some(action) = reorder::draft(site, article, need_key, quantity, drafted, ordered) {
        apply(work, tx, action).await?;
    }
    Ok(())
}

/// Articles a person refused for this supply.
async fn refused(tx: &mut Tx, supply: SupplyId) -> Result<Vec<ArticleId>> {
    Ok(supply_article::asking(tx, Some(supply)).await?.into_iter().next().map(|a| a.refused).unwrap_or_default())
}

pub(super) async fn catalogue(work: &mut Work, tx: &mut Tx) -> Result<Arc<Catalogue>> {
    if let Some(c) = &work.catalogue {
        return Ok(Arc::clone(c));
    }
    let all = article::all(tx).await?;
    let candidate = |k: KeptArticle| Candidate { article: k.article, fits: k.fits, discontinued: k.terms.discontinued };
    let learnt = |c: supply_article::Confirmed| Learnt {
        vendor: c.vendor,
        model: c.model,
        kind: c.kind,
        color: c.color,
        article: ArticleId(c.article_id),
    };
    let found = Arc::new(Catalogue {
        candidates: all.into_iter().map(candidate).collect(),
        learnt: supply_article::confirmed(tx).await?.into_iter().map(learnt).collect(),
    });
    work.catalogue = Some(Arc::clone(&found));
    Ok(found)
}

/// A supply seen for the first time is given its article, if the catalogue has one.
pub(super) async fn match_article(work: &mut Work, tx: &mut Tx, id: DeviceId, supply: SupplyId) -> Result<()> {
    let catalogue = catalogue(work, tx).await?;
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    let state: Option<&SupplyState> = known.supplies.iter().flatten().find(|s| s.id == supply).map(|s| &s.state);
    let Some(state) = state else { return Ok(()) };
    let (vendor, model) = (known.device.vendor.as_deref(), known.device.model.as_deref());
    if let Some((found, why)) = reorder::choose_article(state, vendor, model, &catalogue, &[]) {
        supply_article::propose(tx, supply, found.id, why).await?;
    }
    Ok(())
}

/// Addresses that neighbours announce and nobody asks yet become proposals; a person decides whether to scan them.
pub(super) async fn propose(work: &mut Work, tx: &mut Tx, id: DeviceId, links: &[Link]) -> Result<()> {
    let Some(known) = work.cache.get(id) else { return Ok(()) };
    let (site, port, told_by) = (known.device.site, known.device.port, known.device.address);
    let ranges: Vec<ipnet::IpNet> = range::of_site(tx, site).await?.iter().filter_map(|c| parse_net(c)).collect();
    let mut new: Vec<IpAddr> = links
        .iter()
        .filter_map(|l| l.remote_address.as_deref()?.trim().parse().ok())
        .filter(|a| Some(*a) != told_by && usable(*a, told_by) && !ranges.iter().any(|r| r.contains(a)))
        .collect();
    new.sort_unstable();
    new.dedup();
    for address in new.into_iter().take(MAX_PROPOSALS) {
        if device::at_address(tx, site, address, port).await?.is_none() {
            range::add(tx, site, &address.to_string(), port, None, range::Origin::Neighbor).await?;
            work.changed(Topic::Discovery, None);
        }
    }
    Ok(())
}

/// Somebody whom nobody polls sent us a trap: proposed to the branch whose ranges are nearest. A range that is swept
/// already will find it, or has told why not.
pub(super) async fn propose_stranger(work: &mut Work, tx: &mut Tx, address: IpAddr) -> Result<bool> {
    let ranges: Vec<(SiteId, ipnet::IpNet)> =
        range::everywhere(tx).await?.into_iter().filter_map(|(s, c)| Some((s, parse_net(&c)?))).collect();
    if ranges.iter().any(|(_, r)| r.contains(&address)) || !usable(address, Some(address)) {
        return Ok(false);
    }
    let nearest = ranges.iter().map(|(s, r)| (shared_bits(address, r.addr()), *s)).max_by_key(|(bits, _)| *bits);
    let site = match nearest {
        Some((bits, site)) if bits >= SAME_BRANCH_BITS => site,
        _ if address.is_loopback() => return Ok(false),
        _ => match site::only(tx).await? {
            Some(site) => site,
            None => return Ok(false),
        },
    };
    if range::proposed_by_traps(tx).await? >= MAX_STRANGERS {
        return Ok(false);
    }
    range::add(tx, site, &address.to_string(), SNMP_PORT, None, range::Origin::Trap).await?;
    work.changed(Topic::Discovery, None);
    Ok(true)
}

/// Leading bits that two addresses of one family share.
fn shared_bits(a: IpAddr, b: IpAddr) -> u32 {
    match (a, b) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        (IpAddr::V6(a), IpAddr::V6(b)) => (a.to_bits() ^ b.to_bits()).leading_zeros(),
        _ => 0,
    }
}

/// Loopback addresses only mean something to a device that is there itself (simulated fleets).
fn usable(address: IpAddr, told_by: Option<IpAddr>) -> bool {
    let link_local = match address {
        IpAddr::V4(a) => a.is_link_local() || a.is_broadcast(),
        IpAddr::V6(a) => a.is_unicast_link_local(),
    };
    let loopback_here = told_by.is_some_and(|t| t.is_loopback());
    !address.is_unspecified() && !address.is_multicast() && !link_local && (!address.is_loopback() || loopback_here)
}

/// A network, or a single address as one.
pub(super) fn parse_net(text: &str) -> Option<ipnet::IpNet> {
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(ipnet::IpNet::from))
}
