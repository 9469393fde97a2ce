//! Callers that wait for an order to move on, woken after each commit that touches it.
//!
//! In memory only: whoever waits looks into the store before and after, so a lost wake-up costs time and no truth.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// Who waits for which order; clones are the same.
#[derive(Clone, Default)]
pub struct Waiters(Arc<Mutex<HashMap<String, Arc<Notify>>>>);

/// A place in the queue of one order; leaves it when dropped.
pub struct Waiter {
    waiters: Waiters,
    order_id: String,
    notify: Arc<Notify>,
}

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, Arc<Notify>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for an order.
    pub fn join(&self, order_id: &str) -> Waiter {
        let notify = self.lock().entry(order_id.to_owned()).or_default().clone();
        Waiter {
            waiters: self.clone(),
            order_id: order_id.to_owned(),
            notify,
        }
    }

    /// Wakes all who wait for an order.
    pub fn wake(&self, order_id: &str) {
        if let Some(notify) = self.lock().get(order_id) {
            notify.notify_waiters();
        }
    }
}

impl Waiter {
    /// Resolves at the next wake-up after it was first polled or enabled.
    pub fn woken(&self) -> tokio::sync::futures::Notified<'_> {
        self.notify.notified()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiters.lock();
        // Given up under the lock, so that of two who leave at once the second sees that it is the last.
        drop(std::mem::take(&mut self.notify));
        let left = waiting.get(&self.order_id).map(Arc::strong_count);
        if left == Some(1) {
            waiting.remove(&self.order_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_who_wait_are_woken_and_nobody_is_remembered() {
        let waiters = Waiters::default();
        let (one, two) = (waiters.join("ord_1"), waiters.join("ord_1"));
        let other = waiters.join("ord_2");
        let woken = async {
            tokio::join!(one.woken(), two.woken());
        };
        tokio::join!(woken, async { waiters.wake("ord_1") });
        drop((one, two));
        assert_eq!(waiters.lock().len(), 1);
        drop(other);
        assert!(waiters.lock().is_empty());
    }
}
