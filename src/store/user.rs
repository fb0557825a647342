//! People, their sessions, API tokens and the one-time set-up link. Only hashes of passwords and tokens come here.

use super::{Db, Result, Store, StoreError, Tx, execute, on_db, on_tx};
use crate::model::{Millis, Role, UserId};

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq)]
pub struct User {
    pub id: UserId,
    pub login: String,
    /// argon2id PHC string.
    pub password_hash: String,
    pub role: Role,
    pub language: Option<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: i64,
    login: String,
    password_hash: String,
    role: String,
    language: Option<String>,
}

impl Row {
    fn user(self) -> Result<User> {
        let role = parse_role("app_user", self.id, &self.role)?;
        let (login, password_hash, language) = (self.login, self.password_hash, self.language);
        Ok(User { id: UserId(self.id), login, password_hash, role, language })
    }
}

fn parse_role(table: &'static str, row: i64, role: &str) -> Result<Role> {
    Role::parse(role).ok_or_else(|| StoreError::Inconsistent { table, column: "role", row, value: role.to_owned() })
}

const SELECT: &str = "SELECT u.id, u.login, u.password_hash, u.role, u.language FROM app_user u";

pub async fn by_login(db: &Db, login: &str) -> Result<Option<User>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE u.login = $1"));
    let row: Option<Row> = on_db!(db, |p| sqlx::query_as(sql).bind(login).fetch_optional(p).await?);
    row.map(Row::user).transpose()
}

pub async fn load(tx: &mut Tx, id: UserId) -> Result<Option<User>> {
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE u.id = $1"));
    let row: Option<Row> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id.0).fetch_optional(c).await?);
    row.map(Row::user).transpose()
}

pub async fn login_taken(tx: &mut Tx, login: &str) -> Result<bool> {
    let sql = "SELECT id FROM app_user WHERE login = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(login).fetch_optional(c).await?);
    Ok(id.is_some())
}

pub async fn add(tx: &mut Tx, login: &str, password_hash: &str, role: Role, now: Millis) -> Result<UserId> {
    let sql = "INSERT INTO app_user (login, password_hash, role, created_at) VALUES ($1, $2, $3, $4) RETURNING id";
    let id = on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(login).bind(password_hash).bind(role.as_str()).bind(now.0).fetch_one(c).await?
    });
    Ok(UserId(id))
}

/// A new password ends every session of that person.
pub async fn set_password(tx: &mut Tx, id: UserId, password_hash: &str) -> Result<()> {
    let sql = "UPDATE app_user SET password_hash = $2 WHERE id = $1";
    execute!(tx, sql, id.0, password_hash);
    let sql = "DELETE FROM web_session WHERE user_id = $1";
    execute!(tx, sql, id.0);
    Ok(())
}

pub async fn set_role(tx: &mut Tx, id: UserId, role: Role) -> Result<()> {
    let sql = "UPDATE app_user SET role = $2 WHERE id = $1";
    execute!(tx, sql, id.0, role.as_str());
    Ok(())
}

pub async fn set_language(store: &Store, id: UserId, language: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE app_user SET language = $2 WHERE id = $1";
    execute!(&mut tx, sql, id.0, language);
    tx.commit().await
}

pub async fn remove(tx: &mut Tx, id: UserId) -> Result<()> {
    execute!(tx, "DELETE FROM app_user WHERE id = $1", id.0);
    Ok(())
}

/// Administrators besides this one: the last may not go.
pub async fn other_administrators(tx: &mut Tx, id: UserId) -> Result<i64> {
    let sql = "SELECT COUNT(*) FROM app_user WHERE role = 'administrator' AND id <> $1";
    Ok(on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id.0).fetch_one(c).await?))
}

/// Is there anybody at all? If not, the set-up link is printed.
pub async fn any(db: &Db) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM app_user";
    let n: i64 = on_db!(db, |p| sqlx::query_scalar(sql).fetch_one(p).await?);
    Ok(n > 0)
}

/// Signs in: keeps the hash of the session's token.
pub async fn start_session(store: &Store, token_hash: &str, user: UserId, now: Millis, expires: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "INSERT INTO web_session (token_hash, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
    execute!(&mut tx, sql, token_hash, user.0, now.0, expires.0);
    tx.commit().await
}

/// Whose session this is, while it lasts, and until when.
pub async fn of_session(db: &Db, token_hash: &str, now: Millis) -> Result<Option<(User, Millis)>> {
    let sql = "SELECT user_id, expires_at FROM web_session WHERE token_hash = $1 AND expires_at > $2";
    let found: Option<(i64, i64)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(token_hash).bind(now.0).fetch_optional(p).await?);
    let Some((user, expires)) = found else { return Ok(None) };
    let sql = sqlx::AssertSqlSafe(format!("{SELECT} WHERE u.id = $1"));
    let row: Option<Row> = on_db!(db, |p| sqlx::query_as(sql).bind(user).fetch_optional(p).await?);
    Ok(row.map(Row::user).transpose()?.map(|u| (u, Millis(expires))))
}

/// A session that is used goes on.
pub async fn extend_session(store: &Store, token_hash: &str, expires: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "UPDATE web_session SET expires_at = $2 WHERE token_hash = $1";
    execute!(&mut tx, sql, token_hash, expires.0);
    tx.commit().await
}

pub async fn end_session(store: &Store, token_hash: &str) -> Result<()> {
    let mut tx = store.begin().await?;
    let sql = "DELETE FROM web_session WHERE token_hash = $1";
    execute!(&mut tx, sql, token_hash);
    tx.commit().await
}

pub async fn token_name_taken(tx: &mut Tx, name: &str) -> Result<bool> {
    let sql = "SELECT id FROM api_token WHERE name = $1";
    let id: Option<i64> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(name).fetch_optional(c).await?);
    Ok(id.is_some())
}

pub async fn add_token(tx: &mut Tx, name: &str, token_hash: &str, role: Role, now: Millis) -> Result<i64> {
    let sql = "INSERT INTO api_token (name, token_hash, role, created_at) VALUES ($1, $2, $3, $4) RETURNING id";
    Ok(on_tx!(tx, |c| {
        sqlx::query_scalar(sql).bind(name).bind(token_hash).bind(role.as_str()).bind(now.0).fetch_one(c).await?
    }))
}

/// `false`: there was none.
pub async fn remove_token(tx: &mut Tx, id: i64) -> Result<bool> {
    let sql = "DELETE FROM api_token WHERE id = $1";
    Ok(execute!(tx, sql, id) == 1)
}

/// Name and role of an API token.
pub async fn of_token(db: &Db, token_hash: &str) -> Result<Option<(String, Role)>> {
    let sql = "SELECT id, name, role FROM api_token WHERE token_hash = $1";
    let row: Option<(i64, String, String)> =
        on_db!(db, |p| sqlx::query_as(sql).bind(token_hash).fetch_optional(p).await?);
    row.map(|(id, name, role)| Ok((name, parse_role("api_token", id, &role)?))).transpose()
}

/// Makes the set-up link the only one that counts.
pub async fn offer_setup(store: &Store, token_hash: &str, expires: Millis) -> Result<()> {
    let mut tx = store.begin().await?;
    execute!(&mut tx, "DELETE FROM setup_token");
    let sql = "INSERT INTO setup_token (token_hash, expires_at) VALUES ($1, $2)";
    execute!(&mut tx, sql, token_hash, expires.0);
    tx.commit().await
}

pub async fn setup_is_offered(db: &Db, token_hash: &str, now: Millis) -> Result<bool> {
    let sql = "SELECT COUNT(*) FROM setup_token WHERE token_hash = $1 AND expires_at > $2";
    let n: i64 = on_db!(db, |p| sqlx::query_scalar(sql).bind(token_hash).bind(now.0).fetch_one(p).await?);
    Ok(n > 0)
}

/// Uses the set-up link up: the first administrator is added in the same commit. `None`: it does not count (any more).
pub async fn finish_setup(
    store: &Store,
    token_hash: &str,
    login: &str,
    password_hash: &str,
    now: Millis,
) -> Result<Option<UserId>> {
    let mut tx = store.begin().await?;
    let sql = "DELETE FROM setup_token WHERE token_hash = $1 AND expires_at > $2";
    let n = execute!(&mut tx, sql, token_hash, now.0);
    if n != 1 || login_taken(&mut tx, login).await? {
        return Ok(None);
    }
    let id = add(&mut tx, login, password_hash, Role::Administrator, now).await?;
    super::audit::add(&mut tx, login, "web", "finish-setup", "done", now).await?;
    tx.commit().await?;
    Ok(Some(id))
}
