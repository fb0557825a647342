//! Who may sign in, tokens, settings. The last administrator stays.

use super::super::api::{CommandError, Done, Topic};
use super::super::writer::Work;
use super::{Failure, Outcome, required};
use crate::model::{Limit, Role, SiteId, UserId};
use crate::store::user::{self, User};
use crate::store::{Tx, setting, site};

const MAX_VALUE: usize = 10_000;
/// Keys our own tasks keep their place with.
const RESERVED: &str = "retention.";
/// A coin decides below it; nobody can store enough above it.
const LEAST_LEVEL: f64 = 0.5;
const MOST_LEVEL: f64 = 0.999;

fn role_of(text: &str) -> Result<Role, CommandError> {
    Role::parse(text.trim())
        .ok_or_else(|| CommandError::invalid("role", "unknown-role", "administrator, technician or read-only"))
}

async fn load(tx: &mut Tx, id: UserId) -> Result<User, Failure> {
    Ok(user::load(tx, id).await?.ok_or(CommandError::NotFound { what: "user", id: id.0 })?)
}

/// Somebody must be able to let others in.
async fn keeps_an_administrator(tx: &mut Tx, u: &User) -> Result<(), Failure> {
    if u.role == Role::Administrator && user::other_administrators(tx, u.id).await? == 0 {
        let detail = format!("{} is the only administrator: make another one first", u.login);
        return Err(CommandError::invalid("role", "last-administrator", detail).into());
    }
    Ok(())
}

fn hashed(field: &'static str, hash: &str, prefix: &str) -> Result<(), CommandError> {
    if hash.starts_with(prefix) && hash.len() >= 32 {
        return Ok(());
    }
    Err(CommandError::invalid(field, "required", "a hash is needed, not the secret itself"))
}

pub(super) async fn add_user(work: &mut Work, tx: &mut Tx, login: &str, password_hash: &str, role: &str) -> Outcome {
    let login = required("login", login)?;
    if login.chars().any(char::is_whitespace) {
        return Err(CommandError::invalid("login", "not-a-word", "must not hold blanks").into());
    }
    let role = role_of(role)?;
    hashed("password", password_hash, "$argon2id$")?;
    if user::login_taken(tx, login).await? {
        return Err(CommandError::invalid("login", "taken", format!("{login} exists already")).into());
    }
    let id = user::add(tx, login, password_hash, role, work.now).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn set_password(work: &mut Work, tx: &mut Tx, id: UserId, password_hash: &str) -> Outcome {
    load(tx, id).await?;
    hashed("password", password_hash, "$argon2id$")?;
    user::set_password(tx, id, password_hash).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn set_role(work: &mut Work, tx: &mut Tx, id: UserId, role: &str) -> Outcome {
    let u = load(tx, id).await?;
    let role = role_of(role)?;
    if u.role == role {
        return Ok(Done::already(id.0));
    }
    keeps_an_administrator(tx, &u).await?;
    user::set_role(tx, id, role).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn remove_user(work: &mut Work, tx: &mut Tx, id: UserId) -> Outcome {
    let u = load(tx, id).await?;
    keeps_an_administrator(tx, &u).await?;
    user::remove(tx, id).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id.0))
}

pub(super) async fn add_token(work: &mut Work, tx: &mut Tx, name: &str, token_hash: &str, role: &str) -> Outcome {
    let name = required("name", name)?;
    let role = role_of(role)?;
    hashed("token", token_hash, "")?;
    if user::token_name_taken(tx, name).await? {
        return Err(CommandError::invalid("name", "taken", format!("token {name} exists already")).into());
    }
    let id = user::add_token(tx, name, token_hash, role, work.now).await?;
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}

pub(super) async fn remove_token(work: &mut Work, tx: &mut Tx, id: i64) -> Outcome {
    if !user::remove_token(tx, id).await? {
        return Err(CommandError::NotFound { what: "token", id }.into());
    }
    work.changed(Topic::Setting, None);
    Ok(Done::changed(id))
}

/// A branch's own setting must name a branch and hold what can be read; empty takes it away.
async fn of_a_branch(tx: &mut Tx, key: &str, value: &str) -> Result<(), Failure> {
    let Some((name, of)) = key.split_once('.') else { return Ok(()) };
    if name != setting::SERVICE_LEVEL && name != setting::MONTH_LIMIT {
        return Ok(());
    }
    let known = match of.parse().map(SiteId) {
        Ok(id) => site::exists(tx, id).await?,
        Err(_) => false,
    };
    if !known {
        return Err(CommandError::invalid("key", "no-branch", format!("{key} names no branch")).into());
    }
    if value.is_empty() {
        return Ok(());
    }
    if name == setting::MONTH_LIMIT {
        let detail = "a limit is an amount in minor units and a currency: 15000000 RUB";
        Limit::parse(value).ok_or(CommandError::invalid("value", "bad-limit", detail))?;
        return Ok(());
    }
    let level = value.trim().parse::<f64>().unwrap_or(f64::NAN);
    if !(LEAST_LEVEL..=MOST_LEVEL).contains(&level) {
        let detail = format!("a service level lies between {LEAST_LEVEL} and {MOST_LEVEL}");
        return Err(CommandError::invalid("value", "bad-level", detail).into());
    }
    Ok(())
}

pub(super) async fn set_setting(work: &mut Work, tx: &mut Tx, key: &str, value: &str) -> Outcome {
    let key = required("key", key)?;
    if key.starts_with(RESERVED) {
        return Err(CommandError::invalid("key", "reserved", format!("{key} is kept by Anykey itself")).into());
    }
    if value.chars().count() > MAX_VALUE {
        return Err(CommandError::invalid("value", "too-long", format!("longer than {MAX_VALUE} characters")).into());
    }
    of_a_branch(tx, key, value).await?;
    if setting::get_in(tx, key).await?.as_deref() == Some(value) {
        return Ok(Done::default());
    }
    setting::set(tx, key, value).await?;
    work.settings_changed();
    work.changed(Topic::Setting, None);
    Ok(Done { id: None, changed: true })
}
