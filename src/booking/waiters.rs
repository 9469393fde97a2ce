//! Callers that wait for an order to move on, woken after each commit that touches it.
//!
//! In memory only: whoever waits looks into the store before or after, so a lost wake-up costs time and no truth.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::idempotency::Settled;

/// What was told last of an order: the command that the last commit has answered, if it has one.
type Told = Option<Arc<Settled>>;

/// Who waits for which order; clones are the same.
#[derive(Clone, Default)]
pub struct Waiters(Arc<Mutex<HashMap<String, watch::Sender<Told>>>>);

/// A place in the queue of one order; leaves it when dropped.
pub struct Waiter {
    waiters: Waiters,
    order_id: String,
    told: watch::Receiver<Told>,
}

impl Waiters {
    fn lock(&self) -> MutexGuard<'_, HashMap<String, watch::Sender<Told>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait for an order; what is told from now on is not missed.
    pub fn join(&self, order_id: &str) -> Waiter {
        let told = self
            .lock()
            .entry(order_id.to_owned())
            .or_default()
            .subscribe();
        Waiter {
            waiters: self.clone(),
            order_id: order_id.to_owned(),
            told,
        }
    }

    /// Wakes all who wait for an order.
    pub fn wake(&self, order_id: &str, settled: Option<Settled>) {
        if let Some(told) = self.lock().get(order_id) {
            told.send_replace(settled.map(Arc::new));
        }
    }
}

impl Waiter {
    /// Resolves when something was told since it was last asked: what was told last.
    pub async fn woken(&mut self) -> Told {
        // Its sender stays as long as somebody waits.
        drop(self.told.changed().await);
        self.told.borrow_and_update().clone()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut waiting = self.waiters.lock();
        let left = waiting
            .get(&self.order_id)
            .map(watch::Sender::receiver_count);
        // Only this one's.
        if left == Some(1) {
            waiting.remove(&self.order_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::idempotency::{Answer, Key, Operation};

    #[tokio::test]
    async fn all_who_wait_are_woken_and_nobody_is_remembered() {
        let waiters = Waiters::default();
        let (mut one, mut two) = (waiters.join("ord_1"), waiters.join("ord_1"));
        let other = waiters.join("ord_2");
        let key = Key {
            world: "wld_1".to_owned(),
            account_id: "acc_1".to_owned(),
            operation: Operation::CreateOrder,
            key: "key".to_owned(),
        };
        let settled = Settled {
            key,
            answer: Answer::Reply(vec![1]),
        };
        // Nobody listens yet, and both hear of it.
        waiters.wake("ord_1", Some(settled.clone()));
        let (first, second) = tokio::join!(one.woken(), two.woken());
        assert_eq!(first.as_deref(), Some(&settled));
        assert_eq!(second.as_deref(), Some(&settled));
        let woken = async { tokio::join!(one.woken(), two.woken()) };
        let (both, ()) = tokio::join!(woken, async { waiters.wake("ord_1", None) });
        assert_eq!(both, (None, None));
        drop((one, two));
        assert_eq!(waiters.lock().len(), 1);
        drop(other);
        assert!(waiters.lock().is_empty());
    }
}
