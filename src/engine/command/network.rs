//! Branches, ranges to scan, communities and SNMPv3 users.

use super::super::action::parse_net;
use super::super::api::{Actor, CommandError, CommandSource, Done, Topic};
use super::super::writer::Work;
use super::{Outcome, required};
use crate::model::{SiteId, SnmpUser};
use crate::store::{Keeper, StoreError, Tx, credential, range, site};

/// Most addresses of one range: a /16.
const MAX_HOST_BITS: u8 = 16;

pub(super) async fn add_site(work: &mut Work, tx: &mut Tx, name: &str, time_zone: &str) -> Outcome {
    let name = required("name", name)?;
    let zone = required("time_zone", time_zone)?;
    if jiff::tz::TimeZone::get(zone).is_err() {
        let detail = format!("{zone:?} is no time zone this system knows: write it like Europe/Moscow");
        return Err(CommandError::invalid("time_zone", "bad-time-zone", detail).into());
    }
    if site::id_by_name(tx, name).await?.is_some() {
        return Err(CommandError::invalid("name", "taken", format!("site {name} exists already")).into());
    }
    let id = site::add(tx, name, zone, work.now).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id.0))
}

/// A range that is there already is not added twice; one that was only proposed becomes real.
pub(super) async fn add_range(
    work: &mut Work,
    tx: &mut Tx,
    actor: &Actor,
    to: SiteId,
    cidr: &str,
    port: u16,
    with: Option<i64>,
) -> Outcome {
    let cidr = check_cidr(required("cidr", cidr)?)?;
    if port == 0 {
        return Err(CommandError::invalid("port", "bad-number", "must lie between 1 and 65535").into());
    }
    if !site::exists(tx, to).await? {
        return Err(CommandError::NotFound { what: "site", id: to.0 }.into());
    }
    if let Some(c) = with
        && !credential::exists(tx, c).await?
    {
        return Err(CommandError::NotFound { what: "credential", id: c }.into());
    }
    if let Some(id) = range::same(tx, to, &cidr, port, with).await? {
        return Ok(Done::already(id));
    }
    let origin = match actor.source {
        CommandSource::Start => range::Origin::Config,
        _ => range::Origin::Person,
    };
    let id = range::add(tx, to, &cidr, port, with, origin).await?;
    work.changed(Topic::Discovery, None);
    Ok(Done::changed(id))
}

/// The canonical text of a range: a network, or a single address.
fn check_cidr(text: &str) -> Result<String, CommandError> {
    let bad = |detail: String| CommandError::invalid("cidr", "bad-cidr", detail);
    let net = parse_net(text)
        .ok_or_else(|| bad(format!("{text:?} is no network: write it like 192.168.10.0/24, or a single address")))?
        .trunc();
    let bits = net.max_prefix_len() - net.prefix_len();
    let single = bits == 0;
    if !single && net.addr().is_ipv6() {
        return Err(bad(format!("{text}: of IPv6 only single addresses can be scanned")));
    }
    if bits > MAX_HOST_BITS {
        return Err(CommandError::invalid(
            "cidr",
            "too-large",
            format!("{text} holds more than 65536 addresses: split it"),
        ));
    }
    if net.addr().is_multicast() || (single && net.addr().is_unspecified()) {
        return Err(bad(format!("{text} is not an address a device can have")));
    }
    Ok(if single { net.addr().to_string() } else { net.to_string() })
}

pub(super) async fn remove_range(work: &mut Work, tx: &mut Tx, id: i64) -> Outcome {
    if !range::remove(tx, id).await? {
        return Err(CommandError::NotFound { what: "range", id }.into());
    }
    work.changed(Topic::Discovery, None);
    Ok(Done::changed(id))
}

pub(super) async fn scan_range(work: &mut Work, tx: &mut Tx, id: i64) -> Outcome {
    if !range::want_scan(tx, id).await? {
        return Err(CommandError::NotFound { what: "range", id }.into());
    }
    work.changed(Topic::Discovery, None);
    Ok(Done::changed(id))
}

/// A name that is there already gets the new community.
pub(super) async fn add_credential(
    work: &mut Work,
    tx: &mut Tx,
    keeper: &Keeper,
    name: &str,
    version: &str,
    community: &str,
) -> Outcome {
    let name = required("name", name)?;
    if !["1", "2c"].contains(&version) {
        return Err(CommandError::invalid("version", "unknown-version", "1 or 2c; a user belongs to version 3").into());
    }
    if community.is_empty() || community.len() > 255 {
        return Err(CommandError::invalid("community", "required", "1 to 255 bytes").into());
    }
    save_credential(work, tx, keeper, (name, version, community), "community").await
}

/// A name that is there already becomes this user.
pub(super) async fn add_snmp_user(
    work: &mut Work,
    tx: &mut Tx,
    keeper: &Keeper,
    name: &str,
    mut user: SnmpUser,
) -> Outcome {
    let name = required("name", name)?;
    user.user = user.user.trim().to_owned();
    user.context = user.context.trim().to_owned();
    // What is not used is not kept.
    if user.auth_protocol.is_empty() {
        user.auth_password.clear();
    }
    if user.priv_protocol.is_empty() {
        user.priv_password.clear();
    }
    user.check().map_err(|(field, code, words)| CommandError::invalid(field, code, words))?;
    let plain = serde_json::to_string(&user).unwrap_or_default();
    save_credential(work, tx, keeper, (name, "3", &plain), "auth_password").await
}

/// `field`: where the page shows that there is no key to seal with.
async fn save_credential(
    work: &mut Work,
    tx: &mut Tx,
    keeper: &Keeper,
    (name, version, plain): (&str, &str, &str),
    field: &'static str,
) -> Outcome {
    if let Some(id) = credential::same(tx, keeper, name, version, plain).await? {
        return Ok(Done::already(id));
    }
    let saved = credential::save(tx, keeper, name, version, plain, work.now).await;
    let id = saved.map_err(|e| match e {
        StoreError::Secret(e) => CommandError::invalid(field, "no-key", e.to_string()).into(),
        other => super::Failure::Store(other),
    })?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}

pub(super) async fn remove_credential(work: &mut Work, tx: &mut Tx, id: i64) -> Outcome {
    if !credential::remove(tx, id).await? {
        return Err(CommandError::NotFound { what: "credential", id }.into());
    }
    work.cache.clear();
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_made_canonical_or_refused() {
        for (text, canonical) in [
            ("192.168.10.7/24", "192.168.10.0/24"),
            ("10.0.0.9", "10.0.0.9"),
            ("10.0.0.9/32", "10.0.0.9"),
            ("127.16.0.0/16", "127.16.0.0/16"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            assert_eq!(check_cidr(text).unwrap(), canonical);
        }
        for text in ["10.0.0.0/8", "10.0.0.0/33", "printer", "fe80::/64", "224.0.0.0/24", "0.0.0.0", "10.0.0"] {
            let e = check_cidr(text).unwrap_err();
            assert_eq!(e.field(), Some("cidr"), "{text}");
        }
    }
}
