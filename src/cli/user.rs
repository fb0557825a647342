//! `anykey user`: people who may sign in, without the web pages (the first one, a forgotten password).
//!
//! The password is asked on the terminal, or read from `ANYKEY_PASSWORD` or the first line of standard input; never from
//! an argument, which every process list shows. Everything else is the engine's command, as in the pages.

use std::io::{BufRead, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::{Context, anyhow, bail};

use super::{TableOrJson, out};
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::engine::{Actor, CommandSource, EngineHandle};
use crate::model::{Command, Role, UserId};
use crate::store::{Store, read, user};
use crate::web::auth::password;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
    /// Configuration file, for the database.
    #[arg(long, env = "ANYKEY_CONFIG", global = true)]
    config: Option<PathBuf>,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Let somebody in.
    Add {
        name: String,
        #[arg(long, value_parser = role)]
        role: Role,
    },
    /// Who may sign in.
    List {
        #[arg(long, value_enum, default_value = "table")]
        format: TableOrJson,
    },
    /// Give somebody another role.
    Role {
        name: String,
        #[arg(value_parser = role)]
        role: Role,
    },
    /// Set a new password; ends that person's sessions.
    Password { name: String },
    /// Take the right to sign in.
    Remove { name: String },
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::as_str).join(", ");
    Role::parse(text).ok_or_else(|| format!("there is no role {text:?}; roles: {}", known()))
}

pub async fn run(args: Args) -> anyhow::Result<()> {
    let config = Config::load(args.config.as_deref())?;
    let (store, engine) = app::open(&config, &Clock::system()).await?;
    let result = act(args.action, &store, &engine).await;
    engine.stop().await;
    store.close().await;
    result
}

async fn act(action: Action, store: &Store, engine: &EngineHandle) -> anyhow::Result<()> {
    match action {
        Action::Add { name, role } => {
            let login = name.trim().to_owned();
            if login.is_empty() {
                bail!("the name is empty: give a login name");
            }
            let password_hash = new_password(&login).await?;
            let role = role.as_str().to_owned();
            command(engine, Command::AddUser { login: login.clone(), password_hash, role: role.clone() }).await?;
            eprintln!("{login} may sign in as {role}.");
        }
        Action::List { format } => list(store, format).await?,
        Action::Role { name, role } => {
            let user = find(store, &name).await?;
            command(engine, Command::SetUserRole { user, role: role.as_str().to_owned() }).await?;
            eprintln!("{name} is {} now.", role.as_str());
        }
        Action::Password { name } => {
            let user = find(store, &name).await?;
            let password_hash = new_password(&name).await?;
            command(engine, Command::SetPassword { user, password_hash }).await?;
            eprintln!("{name} has a new password and is signed out everywhere.");
        }
        Action::Remove { name } => {
            let user = find(store, &name).await?;
            command(engine, Command::RemoveUser { user }).await?;
            eprintln!("{name} may not sign in any more.");
        }
    }
    Ok(())
}

async fn command(engine: &EngineHandle, command: Command) -> anyhow::Result<()> {
    let actor = Actor { who: "anykey user".into(), source: CommandSource::Cli };
    engine.command(actor, command).await?;
    Ok(())
}

async fn find(store: &Store, name: &str) -> anyhow::Result<UserId> {
    let found = user::by_login(store.db(), name.trim()).await?;
    Ok(found.ok_or_else(|| anyhow!("there is no user {name:?}; `anykey user list` shows them"))?.id)
}

async fn list(store: &Store, format: TableOrJson) -> anyhow::Result<()> {
    let users = read::settings::users(store.db()).await?;
    match format {
        TableOrJson::Json => {
            for user in &users {
                out::line(&serde_json::to_string(user)?)?;
            }
        }
        TableOrJson::Table => {
            let width = users.iter().map(|u| u.login.chars().count()).max().unwrap_or(0).max(4);
            for user in &users {
                out::line(&format!("{:<width$}  {}", user.login, user.role.as_str()))?;
            }
        }
    }
    Ok(())
}

async fn new_password(login: &str) -> anyhow::Result<String> {
    let plain = match std::env::var("ANYKEY_PASSWORD") {
        Ok(p) => p,
        Err(_) => ask()?,
    };
    password::check(login, &plain)?;
    Ok(password::hash(plain).await?)
}

/// From the terminal twice and unseen, else the first line of standard input.
fn ask() -> anyhow::Result<String> {
    let stdin = std::io::stdin();
    if !stdin.is_terminal() {
        let line = read_line()?;
        return line.context("no password: set ANYKEY_PASSWORD or write it to standard input");
    }
    let unseen = Unseen::begin();
    let first = prompt("Password: ")?;
    let second = prompt("Again: ")?;
    drop(unseen);
    if first != second {
        bail!("the two passwords differ: nothing was changed");
    }
    Ok(first)
}

fn prompt(text: &str) -> anyhow::Result<String> {
    let mut out = std::io::stderr();
    write!(out, "{text}")?;
    out.flush()?;
    let line = read_line()?;
    writeln!(out)?;
    line.context("no password was given: nothing was changed")
}

fn read_line() -> anyhow::Result<Option<String>> {
    let mut line = String::new();
    let n = std::io::stdin().lock().read_line(&mut line).context("reading the password failed")?;
    let line = line.trim_end_matches(['\n', '\r']).to_owned();
    Ok((n > 0 && !line.is_empty()).then_some(line))
}

/// Terminal without echo, until dropped.
struct Unseen {
    #[cfg(unix)]
    before: Option<libc::termios>,
}

#[cfg(unix)]
impl Unseen {
    fn begin() -> Self {
        // SAFETY: a zeroed termios is filled by tcgetattr before it is used; descriptor 0 is standard input.
        let before = unsafe {
            let mut t: libc::termios = std::mem::zeroed();
            (libc::tcgetattr(0, &mut t) == 0).then_some(t)
        };
        if let Some(mut t) = before {
            t.c_lflag &= !libc::ECHO;
            // SAFETY: `t` came from tcgetattr.
            unsafe { libc::tcsetattr(0, libc::TCSANOW, &t) };
        }
        Unseen { before }
    }
}

#[cfg(unix)]
impl Drop for Unseen {
    fn drop(&mut self) {
        if let Some(t) = &self.before {
            // SAFETY: `t` came from tcgetattr.
            unsafe { libc::tcsetattr(0, libc::TCSANOW, t) };
        }
    }
}

#[cfg(not(unix))]
impl Unseen {
    fn begin() -> Self {
        Unseen {}
    }
}
