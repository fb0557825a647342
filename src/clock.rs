//! Time as an argument: the system clock for `serve`, a manual one for tests, a fast one for the demo.
//!
//! The only file that may read the wall clock (`.clippy.toml` refuses it elsewhere).

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use crate::model::Millis;

/// A source of UTC milliseconds. Cheap to clone; clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    System,
    Manual(AtomicI64),
    /// Starts at `epoch` and runs `factor` times faster than the wall.
    Fast {
        epoch: Millis,
        started: Instant,
        factor: f64,
    },
}

impl Clock {
    pub fn system() -> Self {
        Clock(Arc::new(Kind::System))
    }
    pub fn manual(at: Millis) -> Self {
        Clock(Arc::new(Kind::Manual(AtomicI64::new(at.0))))
    }
    #[expect(clippy::disallowed_methods, reason = "this file is the clock")]
    pub fn fast(epoch: Millis, factor: f64) -> Self {
        Clock(Arc::new(Kind::Fast { epoch, started: Instant::now(), factor }))
    }
    pub fn now(&self) -> Millis {
        match &*self.0 {
            #[expect(clippy::disallowed_methods, reason = "this file is the clock")]
            Kind::System => Millis(jiff::Timestamp::now().as_millisecond()),
            Kind::Manual(t) => Millis(t.load(Ordering::SeqCst)),
            Kind::Fast { epoch, started, factor } => {
                Millis(epoch.0 + (started.elapsed().as_secs_f64() * 1000.0 * factor) as i64)
            }
        }
    }
    /// Moves a manual clock; does nothing to the others.
    pub fn advance(&self, by: std::time::Duration) {
        if let Kind::Manual(t) = &*self.0 {
            t.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
        }
    }
    /// Wall time to wait for `d` of this clock's time.
    pub fn wall(&self, d: std::time::Duration) -> std::time::Duration {
        match &*self.0 {
            Kind::Fast { factor, .. } => d.div_f64(*factor),
            _ => d,
        }
    }
}
