//! How results reach the futures that wait for them: a cell per job, and one wake-up for many.
//!
//! Waking a runtime from another thread costs a system call and a change of threads, again for every result if done one by
//! one. So the worker first puts all results of a batch in their cells, wakes the future of one, and leaves the wakers of the
//! others in an `Outbox`; the first future that is polled wakes them from within its runtime, which is cheap. Should it
//! not be polled soon (its task may be busy), the worker wakes the rest itself at its next round.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed, Ordering::SeqCst};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Wakers left to whoever comes first.
#[derive(Debug, Default)]
pub struct Outbox {
    full: AtomicBool,
    wakers: Mutex<Vec<Waker>>,
}

fn lock<T>(m: &Mutex<T>) -> MutexGuard<'_, T> {
    m.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Outbox {
    /// Wakes one of these and leaves the others.
    pub fn post(&self, ready: &mut Vec<Waker>) {
        let Some(one) = ready.pop() else { return };
        if !ready.is_empty() {
            lock(&self.wakers).append(ready);
            self.full.store(true, SeqCst);
        }
        one.wake();
    }
    /// Wakes all that are left.
    pub fn flush(&self) {
        if self.full.load(Relaxed) && self.full.swap(false, SeqCst) {
            let wakers = std::mem::take(&mut *lock(&self.wakers));
            wakers.into_iter().for_each(Waker::wake);
        }
    }
    pub fn is_full(&self) -> bool {
        self.full.load(SeqCst)
    }
}

struct Cell<T> {
    value: Option<T>,
    waker: Option<Waker>,
    /// The other side is gone.
    closed: bool,
}

/// The worker's side: keeps its promise once, or breaks it when dropped.
pub struct Promise<T>(Arc<Mutex<Cell<T>>>);

/// The caller's side: the result, or `None` when the promise was broken.
pub struct Pending<T> {
    cell: Arc<Mutex<Cell<T>>>,
    outbox: Arc<Outbox>,
}

pub fn promise<T>(outbox: Arc<Outbox>) -> (Promise<T>, Pending<T>) {
    let cell = Arc::new(Mutex::new(Cell { value: None, waker: None, closed: false }));
    (Promise(cell.clone()), Pending { cell, outbox })
}

thread_local! {
    /// On a worker's thread: wakers of the results delivered since it last posted. Elsewhere nothing waits for a post.
    static READY: RefCell<Option<Vec<Waker>>> = const { RefCell::new(None) };
}

/// While it lives, futures are woken in batches on this thread; when it dies, all that are left are woken.
pub struct Deferred(Arc<Outbox>);

impl Deferred {
    pub fn start(outbox: Arc<Outbox>) -> Self {
        READY.set(Some(Vec::new()));
        Deferred(outbox)
    }
    /// Wakes, through the outbox, everybody whose result was delivered on this thread.
    pub fn post(outbox: &Outbox) {
        READY.with_borrow_mut(|ready| ready.iter_mut().for_each(|r| outbox.post(r)));
    }
}
impl Drop for Deferred {
    fn drop(&mut self) {
        READY.take().into_iter().flatten().for_each(Waker::wake);
        self.0.flush();
    }
}

impl<T> Promise<T> {
    pub fn is_abandoned(&self) -> bool {
        lock(&self.0).closed
    }
    /// Delivers. The future is woken by the next `post`.
    pub fn keep(self, value: T) {
        lock(&self.0).value = Some(value);
    }
}
impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let mut cell = lock(&self.0);
        cell.closed = true;
        let Some(waker) = cell.waker.take() else { return };
        drop(cell);
        let now = READY.with_borrow_mut(|ready| match ready {
            Some(ready) => {
                ready.push(waker);
                None
            }
            None => Some(waker),
        });
        now.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
impl<T> Pending<T> {
    /// The result, if it is there.
    pub fn ready(&self) -> Option<T> {
        lock(&self.cell).value.take()
    }
}
impl<T> Future for Pending<T> {
    type Output = Option<T>;
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.outbox.flush();
        let mut cell = lock(&self.cell);
        if let Some(value) = cell.value.take() {
            return Poll::Ready(Some(value));
        }
        if cell.closed {
            return Poll::Ready(None);
        }
        match &mut cell.waker {
            Some(w) => w.clone_from(cx.waker()),
            None => cell.waker = Some(cx.waker().clone()),
        }
        Poll::Pending
    }
}
impl<T> Drop for Pending<T> {
    fn drop(&mut self) {
        self.outbox.flush();
        let mut cell = lock(&self.cell);
        cell.closed = true;
        cell.waker = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    #[test]
    fn one_wake_up_serves_all_and_nobody_is_forgotten() {
        let outbox = Arc::new(Outbox::default());
        let _deferred = Deferred::start(outbox.clone());
        let (promises, mut pending): (Vec<_>, Vec<_>) = (0..10).map(|_| promise::<usize>(outbox.clone())).unzip();
        let woken = Arc::new(std::sync::atomic::AtomicUsize::new(0));
        struct Count(Arc<std::sync::atomic::AtomicUsize>);
        impl std::task::Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, SeqCst);
            }
        }
        let waker = Waker::from(Arc::new(Count(woken.clone())));
        let mut cx = Context::from_waker(&waker);
        for p in &mut pending {
            assert!(p.poll_unpin(&mut cx).is_pending());
        }
        promises.into_iter().enumerate().for_each(|(i, p)| p.keep(i));
        assert_eq!(woken.load(SeqCst), 0);
        Deferred::post(&outbox);
        assert_eq!(woken.load(SeqCst), 1);
        assert!(outbox.is_full());
        // Any one that is polled wakes the others; so would dropping it, or the worker's next round.
        assert_eq!(pending[9].poll_unpin(&mut cx), Poll::Ready(Some(9)));
        assert_eq!(woken.load(SeqCst), 10);
        assert!(!outbox.is_full());
        assert_eq!(pending[0].poll_unpin(&mut cx), Poll::Ready(Some(0)));
    }

    #[test]
    fn broken_promises_and_abandoned_results_are_seen() {
        let outbox = Arc::new(Outbox::default());
        let (promised, pending) = promise::<u8>(outbox.clone());
        drop(promised);
        assert_eq!(pending.now_or_never(), Some(None));
        let (promised, pending) = promise::<u8>(outbox);
        assert!(!promised.is_abandoned());
        drop(pending);
        assert!(promised.is_abandoned());
        promised.keep(1);
    }
}
