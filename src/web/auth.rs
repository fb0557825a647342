//! Signing in: who is asking, and the doors they come through.
//!
//! Three doors lead to a `Principal`: the session cookie of a browser, the bearer token of a program, and in the demo,
//! on loopback only, nothing at all. What a principal may do is `policy`'s to say, nobody else's. Passwords are
//! argon2id, tokens are stored hashed, nothing here ever logs either.

pub mod cookie;
pub mod gate;
pub mod headers;
pub mod limit;
pub mod password;
pub mod policy;
pub mod secret;
pub mod session;

use crate::model::{Role, UserId};
use limit::SignInLimit;
use policy::Permission;

/// What the configuration says about signing in.
#[derive(Debug, Clone, Default)]
pub struct AuthOptions {
    /// The pages are only reached over https: the session cookie is always `Secure`.
    pub secure_cookies: bool,
    /// What people type to come here, when a proxy stands before us: "https://anykey.example.org".
    pub public_url: Option<String>,
    /// Bearer token of `/metrics`; without one it answers on loopback only.
    pub metrics_token: Option<String>,
    /// Who comes from this machine is signed in by itself: the demo.
    pub demo: bool,
}

/// Shared by all requests.
#[derive(Debug, Default)]
pub struct Auth {
    pub options: AuthOptions,
    pub limit: SignInLimit,
    /// Faults reported by strangers, per address and label.
    pub reports: SignInLimit,
    /// Codes of labels that do not exist.
    pub codes: SignInLimit,
}

impl Auth {
    pub fn new(options: AuthOptions) -> Self {
        Auth { options, ..Auth::default() }
    }
}

/// Who is asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// Login, or the name of the API token: what the audit and the timeline show.
    pub name: String,
    pub role: Role,
    /// `None` for an API token and the demo.
    pub user: Option<UserId>,
    /// The person's own language, when chosen.
    pub language: Option<String>,
    pub door: Door,
}

/// How they came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    Session,
    ApiToken,
    Demo,
}

impl Principal {
    pub fn may(&self, permission: Permission) -> bool {
        policy::may(self.role, permission)
    }
}
