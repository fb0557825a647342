//! What every handler shares. Built by the composition root (`app`), cheap to clone.

use std::ops::Deref;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::auth::Auth;
use super::debug::TaskRegistry;
use super::error::WebError;
use super::layout::SiteChoice;
use super::sse::Streams;
use crate::clock::Clock;
use crate::engine::EngineHandle;
use crate::store::{Store, read};

/// What the configuration says that pages only show.
#[derive(Debug, Clone, Default)]
pub struct Info {
    /// Mail server, "mail.example.org:587"; `None`: orders cannot leave by mail.
    pub smtp: Option<String>,
}

#[derive(Clone)]
pub struct AppState(Arc<Shared>);

pub struct Shared {
    pub store: Store,
    pub engine: EngineHandle,
    pub clock: Clock,
    pub tasks: TaskRegistry,
    pub auth: Auth,
    pub info: Info,
    /// Open event streams.
    pub streams: Streams,
    /// Documented cabling, ready to be followed.
    pub branches: super::cabling::Branches,
    /// Cancelled at shutdown: event streams end, so that the server can.
    pub stopping: CancellationToken,
}

impl Deref for AppState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl AppState {
    pub fn new(shared: Shared) -> Self {
        AppState(Arc::new(shared))
    }

    /// Branches for the switch at the top, by name.
    pub async fn sites(&self) -> Result<Vec<SiteChoice>, WebError> {
        let sites = read::settings::sites(self.store.db()).await?;
        Ok(sites.into_iter().map(|s| SiteChoice { id: s.id, name: s.name, time_zone: s.time_zone }).collect())
    }
}
