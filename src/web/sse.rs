//! `/events`: server-sent events after every commit. A page hears which topics changed and fetches its live parts anew;
//! no data travels here, so nothing can be seen that the page itself would refuse.
//!
//! `event: change`, data: words separated by spaces: `engine::Topic` and `device-12` for one device. Changes of a moment
//! are sent together. Streams end by themselves after a while and at shutdown: the browser comes back and shows its
//! session again.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::stream::{self, Stream};
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::auth::policy::Permission;
use super::error::WebError;
use super::layout::Ui;
use super::state::AppState;
use crate::engine::{Change, Topic};

pub const PATH: &str = "/events";

/// Changes within this time are told together.
const GATHER: Duration = Duration::from_millis(300);
/// After this the browser connects again and its session is looked at again.
const LIFETIME: Duration = Duration::from_secs(30 * 60);
/// Open pages at one time; more are served without live change.
const MAX_STREAMS: usize = 500;

/// All words of topics, for who missed some.
const EVERYTHING: &str = "device supply port need order ticket discovery setting";

pub fn router() -> Router<AppState> {
    Router::new().route(PATH, get(events))
}

/// Places for open streams.
#[derive(Debug, Clone)]
pub struct Streams(Arc<Semaphore>);

impl Default for Streams {
    fn default() -> Self {
        Streams(Arc::new(Semaphore::new(MAX_STREAMS)))
    }
}

async fn events(ui: Ui, State(state): State<AppState>) -> Result<Response, WebError> {
    ui.require(Permission::View)?;
    let Ok(place) = state.streams.0.clone().try_acquire_owned() else {
        return Ok(axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response());
    };
    let stream = changes(state.engine.changes(), state.stopping.clone(), place);
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20))).into_response())
}

fn changes(
    receiver: Receiver<Change>,
    stopping: CancellationToken,
    place: OwnedSemaphorePermit,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let ends = Instant::now() + LIFETIME;
    stream::unfold((receiver, stopping, place), move |(mut receiver, stopping, place)| async move {
        let words = tokio::select! {
            words = gather(&mut receiver, GATHER) => words?,
            () = stopping.cancelled() => return None,
            () = tokio::time::sleep_until(ends) => return None,
        };
        Some((Ok(Event::default().event("change").data(words)), (receiver, stopping, place)))
    })
}

/// Waits for a change, then takes what else comes within a moment; `None` when there will be no more.
async fn gather(receiver: &mut Receiver<Change>, within: Duration) -> Option<String> {
    let mut words = BTreeSet::new();
    match receiver.recv().await {
        Ok(change) => add(&mut words, change),
        Err(RecvError::Lagged(_)) => return Some(EVERYTHING.to_owned()),
        Err(RecvError::Closed) => return None,
    }
    let until = Instant::now() + within;
    loop {
        match tokio::time::timeout_at(until, receiver.recv()).await {
            Ok(Ok(change)) => add(&mut words, change),
            Ok(Err(RecvError::Lagged(_))) => return Some(EVERYTHING.to_owned()),
            Ok(Err(RecvError::Closed)) | Err(_) => break,
        }
    }
    Some(words.into_iter().collect::<Vec<_>>().join(" "))
}

fn add(words: &mut BTreeSet<String>, change: Change) {
    words.insert(topic(change.topic).to_owned());
    if let Some(device) = change.device {
        words.insert(format!("device-{device}"));
    }
}

fn topic(topic: Topic) -> &'static str {
    match topic {
        Topic::Device => "device",
        Topic::Supply => "supply",
        Topic::Port => "port",
        Topic::Need => "need",
        Topic::Order => "order",
        Topic::Ticket => "ticket",
        Topic::Discovery => "discovery",
        Topic::Setting => "setting",
        Topic::Stock => "stock",
        Topic::Cabling => "cabling",
        Topic::Asset => "asset",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeviceId;
    use tokio::sync::broadcast;

    fn change(topic: Topic, device: Option<i64>) -> Change {
        Change { topic, device: device.map(DeviceId) }
    }

    #[tokio::test]
    async fn changes_of_a_moment_are_told_together() {
        let (sender, mut receiver) = broadcast::channel(16);
        for c in [change(Topic::Supply, Some(7)), change(Topic::Need, None), change(Topic::Supply, Some(7))] {
            sender.send(c).unwrap();
        }
        assert_eq!(gather(&mut receiver, Duration::ZERO).await.as_deref(), Some("device-7 need supply"));
    }

    #[tokio::test]
    async fn who_missed_some_is_told_everything() {
        let (sender, mut receiver) = broadcast::channel(1);
        sender.send(change(Topic::Need, None)).unwrap();
        sender.send(change(Topic::Order, None)).unwrap();
        assert_eq!(gather(&mut receiver, Duration::ZERO).await.as_deref(), Some(EVERYTHING));
        for word in EVERYTHING.split(' ') {
            assert!(serde_json::from_str::<Topic>(&format!("\"{word}\"")).is_ok(), "{word} is no topic");
        }
    }

    #[tokio::test]
    async fn the_end_of_the_engine_ends_the_stream() {
        let (sender, mut receiver) = broadcast::channel::<Change>(1);
        drop(sender);
        assert_eq!(gather(&mut receiver, Duration::ZERO).await, None);
    }
}
