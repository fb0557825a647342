//! People who sign in, and what they are; what a role may do is `web::auth::policy`'s to say.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    Administrator,
    Technician,
    ReadOnly,
}

impl Role {
    pub const ALL: [Role; 3] = [Self::Administrator, Self::Technician, Self::ReadOnly];
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Technician => "technician",
            Self::ReadOnly => "read-only",
        }
    }
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == s)
    }
}
