//! What a caller of a command gets: the first answer, for which it waits as long as it wants.
//!
//! A repeat gets the first answer. While there is none, it waits like the first caller and is told that it is not settled:
//! a caller that asks twice learns as much as one that asks once.

use std::time::Duration;

use prost::Message;
use tokio::time::Instant;

use super::Error;
use super::idempotency::{Answer, Entry};
use super::order::Order;
use super::service::BookingService;
use super::store::{self, entries, sqlite};
use super::waiters::Waiter;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::PaymentStatus;
use crate::rpc::common::v1::{Context, Idempotency};

/// What the acceptance of a command led to.
pub(super) enum Accepted {
    /// This call's, and how the order stands by it.
    Now(Entry, Box<Order>),
    /// An earlier call's, under the same key.
    Before(Entry),
}

/// A command that was accepted, whose answer is waited for.
pub(super) struct Begun {
    pub entry: Entry,
    /// Of the call that was accepted: from before its saga was set going, so that it misses nothing. None of a repeat.
    waiter: Option<Waiter>,
}

impl Begun {
    pub fn is_replayed(&self) -> bool {
        self.waiter.is_none()
    }
}

impl BookingService {
    /// Sets the saga going if this call's command was accepted.
    pub(super) fn accepted(
        &self,
        accepted: Accepted,
        idempotency: &Idempotency,
    ) -> Result<Begun, Error> {
        match accepted {
            Accepted::Now(entry, order) => {
                let waiter = Some(self.0.waiters.join(&entry.order_id));
                self.spawn_drive(&entry.order_id, Some(*order));
                Ok(Begun { entry, waiter })
            }
            Accepted::Before(entry) => repeated(entry, idempotency),
        }
    }

    /// Waits for an order, and tells how it stands.
    pub(super) async fn order_reply(
        &self,
        begun: Begun,
        context: &Context,
        wait: Duration,
    ) -> Result<pb::OrderReply, Error> {
        let replayed = begun.is_replayed();
        match self.awaited(begun, wait).await? {
            Ok(reply) => {
                let reply = pb::OrderReply::decode(reply.as_slice());
                Ok(pb::OrderReply {
                    replayed,
                    ..reply.map_err(store::Error::from)?
                })
            }
            Err(order) => {
                let order = Some(order.as_of(context.now_us));
                Ok(pb::OrderReply {
                    order,
                    replayed,
                    settled: false,
                })
            }
        }
    }

    /// Waits for the first answer: its encoded reply, or the order as it stands when the wait is over. An outcome that only
    /// the payment's provider can tell is not waited for.
    pub(super) async fn awaited(
        &self,
        Begun { entry, waiter }: Begun,
        wait: Duration,
    ) -> Result<Result<Vec<u8>, Order>, Error> {
        let deadline = Instant::now() + wait;
        // What was accepted just now has no answer yet.
        let mut looks = waiter.is_none();
        let mut waiter = waiter.unwrap_or_else(|| self.0.waiters.join(&entry.order_id));
        let mut over = false;
        loop {
            if looks {
                let known = entries::entry(self.0.db.reader(), &entry.key).await?;
                if let Some(answer) = known.and_then(|entry| entry.answer) {
                    return self.answered(&entry, answer).await.map(Ok);
                }
                let order = sqlite::order(self.0.db.reader(), &entry.order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                if over || order.state.payment_status() == PaymentStatus::Unknown {
                    return Ok(Err(order));
                }
            }
            looks = true;
            match tokio::time::timeout_at(deadline, waiter.woken()).await {
                Ok(Some(settled)) if settled.key == entry.key => {
                    let answer = settled.answer.clone();
                    return self.answered(&entry, answer).await.map(Ok);
                }
                Ok(_) => {}
                // Somebody else may have settled it who could not wake us.
                Err(_) => over = true,
            }
        }
    }

    /// The encoded reply that a command has, or how it failed.
    async fn answered(&self, entry: &Entry, answer: Answer) -> Result<Vec<u8>, Error> {
        let code = match answer {
            Answer::Reply(reply) => return Ok(reply),
            Answer::Problem(code) => code,
        };
        let order = sqlite::order(self.0.db.reader(), &entry.order_id).await?;
        let paid_by = self.paid_by(entry).await?;
        let decline_code = order.as_ref().map(|order| order.declined(&paid_by));
        Err(Error::Failed {
            code,
            order_id: entry.order_id.clone(),
            decline_code: decline_code.unwrap_or_default().to_owned(),
        })
    }
}

/// How long a caller waits.
pub(super) fn wait_of(wait_ms: u32) -> Duration {
    Duration::from_millis(u64::from(wait_ms))
}

/// What an earlier call under the same key has begun.
pub(super) fn repeated(entry: Entry, idempotency: &Idempotency) -> Result<Begun, Error> {
    if entry.fingerprint != idempotency.fingerprint {
        return Err(Error::KeyReused);
    }
    Ok(Begun {
        entry,
        waiter: None,
    })
}
