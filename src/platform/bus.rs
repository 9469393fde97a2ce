//! The embedded bus: hands an event to every consumer of its type and waits until all have it.
//! It stores nothing and promises nothing by itself: the outbox repeats what was not acknowledged, and the inbox of a
//! consumer makes a repeat harmless.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};

use tokio::sync::watch;

use super::db;
use crate::rpc::events::v1::Envelope;

/// Whose fault it is that an event was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not the event's: the consumer is away, or the event's turn has not come. It comes again for as long as it takes.
    Consumer,
    /// Perhaps the event's. It comes again a few times.
    Unknown,
    /// The event's: it can never be taken.
    Event,
}

/// Why a consumer could not have an effect. Made from any error by `?`: then nobody knows whose fault it is, unless the consumer's
/// database was not to be had.
#[derive(Debug)]
pub struct HandlerError {
    cause: Box<dyn std::error::Error + Send + Sync>,
    fault: Fault,
}

impl HandlerError {
    /// For what is not the event's fault.
    pub fn later(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Box::new(error),
            fault: Fault::Consumer,
        }
    }

    /// For an event that can never be taken.
    pub fn never(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            cause: Box::new(error),
            fault: Fault::Event,
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self {
            fault: match db::is_away(&error) {
                true => Fault::Consumer,
                false => Fault::Unknown,
            },
            cause: Box::new(error),
        }
    }
}

/// A consumer did not take an event.
#[derive(Debug, thiserror::Error)]
#[error("{consumer} did not take the event")]
pub struct Refused {
    /// Who did not take it.
    pub consumer: &'static str,
    /// Whose fault that is.
    pub fault: Fault,
    #[source]
    cause: Box<dyn std::error::Error + Send + Sync>,
}

/// A consumer that panicked.
#[derive(Debug, thiserror::Error)]
#[error("the consumer panicked")]
struct Panicked;

type Handler = dyn Fn(Envelope) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync;

#[derive(Clone)]
struct Subscription {
    consumer: &'static str,
    types: &'static [&'static str],
    handler: Arc<Handler>,
}

/// Connects the services of this process; clones are the same bus.
///
/// Why it must be started: what an earlier run left unsent is published as soon as its relay runs, and would count as
/// delivered if those who want it had not subscribed yet.
#[derive(Clone, Default)]
pub struct Bus {
    subscriptions: Arc<RwLock<Vec<Subscription>>>,
    started: Arc<watch::Sender<bool>>,
    /// World and type of events of which the next is refused.
    refused: Arc<Mutex<BTreeSet<(String, String)>>>,
}

/// Why a consumer does not get an event that is to be parked.
#[derive(Debug, thiserror::Error)]
#[error("a drill has it parked")]
struct Drill;

impl Bus {
    /// A bus without consumers, which delivers nothing until it is started.
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins to deliver; to be called once, when all consumers have subscribed.
    pub fn start(&self) {
        self.started.send_replace(true);
    }

    /// Lets `handler` have every event of these types that is published from now on. It must take a repeat as well.
    pub fn subscribe<H>(&self, consumer: &'static str, types: &'static [&'static str], handler: H)
    where
        H: Fn(Envelope) -> BoxFuture<'static, Result<(), HandlerError>> + Send + Sync + 'static,
    {
        let subscription = Subscription {
            consumer,
            types,
            handler: Arc::new(handler),
        };
        self.subscriptions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .push(subscription);
    }

    /// Hands the event to all its consumers at once and returns when each has had its effect. Waits for the start.
    ///
    /// # Errors
    /// The first consumer that did not; publish the event again.
    pub async fn publish(&self, envelope: &Envelope) -> Result<(), Refused> {
        let refused = self.offer(envelope, |_| true).await;
        refused.into_iter().next().map_or(Ok(()), Err)
    }

    /// Who wants events of this type. Waits for the start.
    pub async fn consumers(&self, r#type: &str) -> Vec<&'static str> {
        let subscriptions = self.interested(r#type).await;
        let mut consumers: Vec<_> = subscriptions.iter().map(|one| one.consumer).collect();
        consumers.sort_unstable();
        consumers.dedup();
        consumers
    }

    /// Has all consumers refuse the next event of a type in a world for good, as if it could never be taken. For drills.
    pub fn refuse_next(&self, world: &str, r#type: &str) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.insert((world.to_owned(), r#type.to_owned()));
    }

    /// Whether the event is one that is to be refused, which no other is then.
    fn refuses(&self, envelope: &Envelope) -> bool {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        !refused.is_empty() && refused.remove(&(envelope.world.clone(), envelope.r#type.clone()))
    }

    /// Hands the event to those of its consumers that are wanted, and tells who did not take it. Waits for the start.
    pub async fn offer(&self, envelope: &Envelope, wanted: impl Fn(&str) -> bool) -> Vec<Refused> {
        let mut interested = self.interested(&envelope.r#type).await;
        interested.retain(|subscription| wanted(subscription.consumer));
        if self.refuses(envelope) {
            let refused = interested.iter().map(|subscription| Refused {
                consumer: subscription.consumer,
                fault: Fault::Event,
                cause: Box::new(Drill),
            });
            return refused.collect();
        }
        let answers = interested.iter().map(|subscription| async {
            // A consumer that panics must not take the publisher of all the others along.
            AssertUnwindSafe(async { (subscription.handler)(envelope.clone()).await })
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Err(Panicked.into()))
                .map_err(|HandlerError { cause, fault }| Refused {
                    consumer: subscription.consumer,
                    fault,
                    cause,
                })
        });
        let answers = join_all(answers).await;
        answers.into_iter().filter_map(Result::err).collect()
    }

    /// The subscriptions to a type, once the bus is started.
    async fn interested(&self, r#type: &str) -> Vec<Subscription> {
        self.started
            .subscribe()
            .wait_for(|started| *started)
            .await
            .expect("this bus holds the sender");
        let subscriptions = self.subscriptions.read();
        let subscriptions = subscriptions.unwrap_or_else(PoisonError::into_inner);
        let of_type = |one: &&Subscription| one.types.contains(&r#type);
        subscriptions.iter().filter(of_type).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[tokio::test]
    async fn every_consumer_of_the_type_has_the_event_even_when_another_fails() {
        let bus = Bus::new();
        let seen = Arc::new(Mutex::new(Vec::new()));
        for consumer in ["one", "two"] {
            let seen = seen.clone();
            bus.subscribe(consumer, &["order.created"], move |event| {
                seen.lock().expect("no panic").push((consumer, event.id));
                Box::pin(async { Ok(()) })
            });
        }
        bus.subscribe("broken", &["order.created", "order.held"], |event| {
            Box::pin(async move {
                if event.id == "1" {
                    Err(std::fmt::Error.into())
                } else {
                    panic!("a fault of ours")
                }
            })
        });
        let early = bus.publish(&Envelope::default()).now_or_never();
        assert!(early.is_none(), "nothing is delivered before the start");
        bus.start();
        let event = |id: &str, r#type: &str| Envelope {
            id: id.to_owned(),
            r#type: r#type.to_owned(),
            ..Envelope::default()
        };
        let refused = bus
            .publish(&event("1", "order.created"))
            .await
            .expect_err("one is broken");
        assert_eq!(refused.consumer, "broken");
        assert!(bus.publish(&event("2", "order.held")).await.is_err());
        bus.publish(&event("3", "order.expired"))
            .await
            .expect("nobody listens");
        let seen = seen.lock().expect("no panic").clone();
        assert_eq!(seen, [("one", "1".to_owned()), ("two", "1".to_owned())]);
    }
}
