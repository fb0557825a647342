//! The worker of the outbox: takes due rows one by one, renders, sends, marks.
//!
//! A row is claimed for longer than a sending may take, so a killed run's row is taken up again by itself. What does not
//! leave stays, with its error and the time of the next attempt; nothing is ever dropped here. `round` does the work and
//! never waits; `run` waits between rounds.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::config::SmtpConfig;
use super::mail::{Envelope, MailError, Mailer, Trouble, compose};
use super::webhook::{self, Hooks};
use crate::clock::Clock;
use crate::document::{Heading, render_order, render_where_is};
use crate::model::{Millis, Notice};
use crate::store::outbox::{self, OutboxItem};
use crate::store::{Store, StoreError, read, supplier};

/// Longest wait between two looks at the table, should a kick be lost.
const LOOK_AGAIN: Duration = Duration::from_secs(60);
/// Shortest, should the clock and the table disagree.
const BREATHE: Duration = Duration::from_secs(1);
/// Mails of one round, so that a shutdown never waits for a long queue.
const ROUND: usize = 50;

const NOT_CONFIGURED: &str = "no mail server is configured: fill in the section [smtp] (host, from) of the configuration and \
                              restart; the mail waits here";

/// What one round did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Round {
    pub sent: usize,
    pub failed: usize,
    /// The server or the way to it is in trouble: the rest was left alone.
    pub stopped: bool,
}

/// Told after each attempt: the row and, if it did not leave, why.
type Observer = Box<dyn Fn(&OutboxItem, Option<&MailError>) + Send + Sync>;

pub struct Outbox {
    store: Store,
    clock: Clock,
    config: Option<SmtpConfig>,
    observer: Observer,
}

impl Outbox {
    /// `config`: `None` when no mail server is set up; mails then wait, saying so.
    pub fn new(store: Store, clock: Clock, config: Option<SmtpConfig>) -> Self {
        Outbox { store, clock, config, observer: Box::new(|_, _| {}) }
    }

    /// Calls `observer` after every attempt, when its result is committed (pages that show orders want to know).
    pub fn observed(mut self, observer: impl Fn(&OutboxItem, Option<&MailError>) + Send + Sync + 'static) -> Self {
        self.observer = Box::new(observer);
        self
    }

    /// Sends until `shutdown`; `kick` wakes it when a row was written. A mail being sent is finished first.
    pub async fn run(self, kick: Arc<Notify>, shutdown: CancellationToken) {
        if self.config.is_some() {
            // A restart often follows a corrected configuration: what failed is tried now.
            if let Err(e) = outbox::retry_now(&self.store, self.clock.now()).await {
                tracing::warn!(error = %e, "outbox: waking the waiting mails failed; they are tried at their time");
            }
        }
        let mut troubles = 0u32;
        while !shutdown.is_cancelled() {
            let wait = match self.round(&shutdown).await {
                Ok(round) => {
                    troubles = if round.stopped { troubles + 1 } else { 0 };
                    self.pause(troubles).await
                }
                Err(e) => {
                    tracing::error!(error = %e, "outbox: the database refuses; mails wait");
                    troubles += 1;
                    server_pause(troubles)
                }
            };
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = kick.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
    }

    /// Until the next row is due, or until a server in trouble may be asked again.
    async fn pause(&self, troubles: u32) -> Duration {
        if troubles > 0 {
            return server_pause(troubles);
        }
        if self.config.is_none() {
            return LOOK_AGAIN;
        }
        let due = match outbox::waiting(self.store.db()).await {
            Ok((_, Some(at))) => u64::try_from(at.since(self.clock.now())).unwrap_or(0),
            _ => return LOOK_AGAIN,
        };
        self.clock.wall(Duration::from_millis(due)).clamp(BREATHE, LOOK_AGAIN)
    }

    /// Sends what is due now: webhooks first, they need no mail server.
    pub async fn round(&self, shutdown: &CancellationToken) -> Result<Round, StoreError> {
        let (hooks, mails) = (self.hooks(shutdown).await?, self.mails(shutdown).await?);
        let (sent, failed) = (hooks.sent + mails.sent, hooks.failed + mails.failed);
        Ok(Round { sent, failed, stopped: mails.stopped })
    }

    /// Orders to webhooks. One that fails says nothing of the others.
    async fn hooks(&self, shutdown: &CancellationToken) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let mut hooks = None;
        while round.sent + round.failed < ROUND && !shutdown.is_cancelled() {
            let now = self.clock.now();
            let claimed = outbox::claim_of(&self.store, webhook::CHANNEL, now, 2 * Millis::MINUTE).await?;
            let Some(item) = claimed else { break };
            let result = match self.hook(&mut hooks, &item).await {
                Ok(()) => {
                    outbox::sent(&self.store, &item, self.clock.now()).await?;
                    round.sent += 1;
                    tracing::info!(key = %item.key, to = %item.recipient, attempts = item.attempts, "webhook took the order");
                    None
                }
                Err(e) => {
                    let next = self.clock.now().plus(back_off(e.trouble(), item.attempts));
                    outbox::failed(&self.store, &item, &e.to_string(), next).await?;
                    round.failed += 1;
                    tracing::warn!(key = %item.key, attempts = item.attempts, error = %e, "webhook not sent; it is kept");
                    Some(e)
                }
            };
            (self.observer)(&item, result.as_ref());
        }
        Ok(round)
    }

    async fn hook(&self, hooks: &mut Option<Hooks>, item: &OutboxItem) -> Result<(), MailError> {
        let (Notice::Order { order } | Notice::WhereIs { order, .. }) = &item.notice;
        let secret = supplier::secret(&self.store, order.supplier.id).await;
        let secret = secret.map_err(|e| MailError::Compose(format!("the webhook's secret: {e}")))?;
        let hooks = match hooks {
            Some(known) => known,
            None => hooks.insert(Hooks::new()?),
        };
        let key = format!("{}-{}", item.key, item.created_at.0);
        let body = webhook::body(&key, order, item.created_at)?;
        hooks.send(&item.recipient, &key, body, secret.as_deref()).await
    }

    async fn mails(&self, shutdown: &CancellationToken) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let Some(config) = &self.config else {
            outbox::explain_waiting(&self.store, NOT_CONFIGURED).await?;
            return Ok(round);
        };
        let mailer = match Mailer::new(config) {
            Ok(mailer) => mailer,
            Err(e) => {
                tracing::error!(error = %e, "outbox: mails wait");
                outbox::explain_waiting(&self.store, &e.to_string()).await?;
                return Ok(Round { stopped: true, ..round });
            }
        };
        let lease = millis(config.timeout * 6) + Millis::MINUTE;
        while round.sent + round.failed < ROUND && !shutdown.is_cancelled() {
            let Some(item) = outbox::claim(&self.store, self.clock.now(), lease).await? else { break };
            let result = self.deliver(&item, config, &mailer).await?;
            match &result {
                Ok(()) => {
                    outbox::sent(&self.store, &item, self.clock.now()).await?;
                    round.sent += 1;
                    metrics::counter!("anykey_mail_sent_total").increment(1);
                    tracing::info!(key = %item.key, to = %item.recipient, attempts = item.attempts, "mail sent");
                }
                Err(e) => {
                    let next = self.clock.now().plus(back_off(e.trouble(), item.attempts));
                    outbox::failed(&self.store, &item, &e.to_string(), next).await?;
                    round.failed += 1;
                    metrics::counter!("anykey_mail_failures_total").increment(1);
                    tracing::warn!(key = %item.key, attempts = item.attempts, error = %e, "mail not sent; it is kept");
                }
            }
            (self.observer)(&item, result.as_ref().err());
            if result.is_err_and(|e| e.trouble() == Trouble::Server) {
                round.stopped = true;
                break;
            }
        }
        Ok(round)
    }

    async fn deliver(
        &self,
        item: &OutboxItem,
        config: &SmtpConfig,
        mailer: &Mailer,
    ) -> Result<Result<(), MailError>, StoreError> {
        let (Notice::Order { order } | Notice::WhereIs { order, .. }) = &item.notice;
        let sites = read::settings::sites(self.store.db()).await?;
        let time_zone = sites.iter().find(|s| s.id == order.site).map_or("UTC", |s| s.time_zone.as_str());
        let heading = Heading { at: item.created_at, time_zone, signature: &config.signature };
        let document = match &item.notice {
            Notice::Order { .. } => render_order(order, &heading),
            Notice::WhereIs { ordered_at, expected_at, .. } => {
                render_where_is(order, &heading, ordered_at.unwrap_or(item.created_at), *expected_at)
            }
        };
        let document = match document {
            Ok(document) => document,
            Err(e) => return Ok(Err(MailError::Compose(e.to_string()))),
        };
        let envelope = Envelope {
            key: &item.key,
            created_at: item.created_at,
            recipient: &item.recipient,
            recipient_name: &order.supplier.name,
        };
        Ok(match compose(&envelope, &document, config) {
            Ok(message) => mailer.send(message, &item.recipient).await,
            Err(e) => Err(e),
        })
    }
}

fn millis(d: Duration) -> i64 {
    i64::try_from(d.as_millis()).unwrap_or(i64::MAX)
}

/// Until the next attempt of one mail, doubling: a passing refusal from a minute to two hours, a lasting one from an hour to
/// a day, a server in trouble from half a minute to ten minutes.
fn back_off(trouble: Trouble, attempts: i64) -> i64 {
    let (first, most) = match trouble {
        Trouble::Passing => (Millis::MINUTE, 2 * Millis::HOUR),
        Trouble::Lasting => (Millis::HOUR, Millis::DAY),
        Trouble::Server => (30 * Millis::SECOND, 10 * Millis::MINUTE),
    };
    let doubled = attempts.clamp(1, 20) - 1;
    (first << doubled).min(most)
}

/// Wall time to leave a server in trouble alone.
fn server_pause(troubles: u32) -> Duration {
    Duration::from_secs(15) * (1 << troubles.clamp(1, 5))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_up_to_its_limit() {
        assert_eq!(back_off(Trouble::Passing, 1), Millis::MINUTE);
        assert_eq!(back_off(Trouble::Passing, 4), 8 * Millis::MINUTE);
        assert_eq!(back_off(Trouble::Passing, 1_000_000), 2 * Millis::HOUR);
        assert_eq!(back_off(Trouble::Lasting, 1), Millis::HOUR);
        assert_eq!(back_off(Trouble::Lasting, i64::MAX), Millis::DAY);
        assert_eq!(back_off(Trouble::Server, 0), 30 * Millis::SECOND);
        assert_eq!(server_pause(1).as_secs(), 30);
        assert_eq!(server_pause(u32::MAX).as_secs(), 480);
    }
}
