//! Brings deliveries to their endpoints, beside everything else: neither the bus nor the feed waits for an endpoint.
//!
//! Each lane (an object at an endpoint) has at most one task, so that an event is not sent before the one ahead of it is done or
//! given up. An attempt that is cut off by a crash or the end of the process is made again: endpoints may hear of an event
//! twice, under the same id.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Error;
use super::schedule::pause_us;
use super::sender::{Message, Outcome, Sender};
use super::signature::{MasterKey, Secret};
use super::store::{Due, Lane, Made, Store, Verdict};
use crate::kernel::chance::Chance;
use crate::kernel::clock::{Clock, LIVE_WORLD, MINUTE_US, SECOND_US};
use crate::platform::status::chain;
use crate::rpc::notify::v1::{PayloadsClient, RenderPayloadRequest};

/// Attempts that are made at the same time, and those of them at one endpoint: a slow one must not stand in the way of others.
const ATTEMPTS_MAX: usize = 64;
const ATTEMPTS_PER_ENDPOINT_MAX: usize = 4;
const RENDER_WITHIN: Duration = Duration::from_secs(5);
/// How long a payload that could not be written waits; that is our fault, so it costs no attempt.
const UNWRITTEN_US: i64 = MINUTE_US;

/// Makes attempts; clones are the same dispatcher.
#[derive(Clone)]
pub struct Dispatcher(Arc<Inner>);

struct Inner {
    store: Store,
    sender: Sender,
    payloads: PayloadsClient,
    key: MasterKey,
    chance: Chance,
    /// The machine's time: of the live world, and of signatures, which endpoints compare with their own clock.
    clock: Clock,
    /// The latest time that was told of each test world.
    times: Mutex<HashMap<String, i64>>,
    /// Lanes that have a task, and whether it shall look once more before it ends.
    lanes: Mutex<HashMap<Lane, bool>>,
    endpoints: Mutex<HashMap<String, Arc<Semaphore>>>,
    attempts: Semaphore,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

impl Dispatcher {
    /// Brings what is in `store`.
    pub fn new(
        store: Store,
        sender: Sender,
        payloads: PayloadsClient,
        key: MasterKey,
        chance: Chance,
        clock: Clock,
    ) -> Self {
        let tasks = TaskTracker::new();
        // Closed, so that it can be waited for; it still takes tasks.
        tasks.close();
        Self(Arc::new(Inner {
            store,
            sender,
            payloads,
            key,
            chance,
            clock,
            times: Mutex::default(),
            lanes: Mutex::default(),
            endpoints: Mutex::default(),
            attempts: Semaphore::new(ATTEMPTS_MAX),
            tasks,
            stopping: CancellationToken::new(),
        }))
    }

    /// Whether a URL may ever be sent to.
    pub fn may_reach(&self, url: &str) -> bool {
        self.0.sender.may_reach(url)
    }

    /// Makes the attempts that are due in a world at this time without being waited for.
    pub fn kick(&self, world: &str, now_us: i64) {
        let (this, world) = (self.clone(), world.to_owned());
        self.0.tasks.spawn(async move {
            if let Err(error) = this.run(&world, now_us, Duration::ZERO).await {
                tracing::warn!(error = chain(&error), world, "deliveries could not be read");
            }
        });
    }

    /// Starts the attempts that are due in a world at this time, waits for them no longer than `patience`, and says how many
    /// were made until then.
    pub async fn run(&self, world: &str, now_us: i64, patience: Duration) -> Result<u32, Error> {
        self.note_time(world, now_us);
        let made = Arc::new(AtomicU32::new(0));
        let lanes = self.0.store.due_lanes(world, self.now_us(world)).await?;
        let tasks = self.start(lanes, &made);
        // Who is not done goes on behind it.
        drop(tokio::time::timeout(patience, join_all(tasks)).await);
        Ok(made.load(Ordering::Relaxed))
    }

    /// Starts what is new in lanes of a world at this time, and looks at no other: what one endpoint has not taken yet costs the
    /// events of others nothing.
    pub fn bring(&self, lanes: Vec<Lane>, world: &str, now_us: i64) {
        self.note_time(world, now_us);
        self.start(lanes, &Arc::default());
    }

    /// Gives each lane that has none a task, which counts the attempts that it makes.
    fn start(&self, lanes: Vec<Lane>, made: &Arc<AtomicU32>) -> Vec<JoinHandle<()>> {
        let idle = lanes.into_iter().filter(|lane| self.claim(lane));
        let started = idle.map(|lane| {
            let (this, made) = (self.clone(), made.clone());
            self.0
                .tasks
                .spawn(async move { this.work(lane, &made).await })
        });
        started.collect()
    }

    /// Returns once no attempt is being made.
    #[cfg(test)]
    pub async fn quiet(&self) {
        self.0.tasks.wait().await;
    }

    /// Leaves every delivery where it durably is.
    pub async fn close(&self) {
        self.0.stopping.cancel();
        self.0.tasks.wait().await;
    }

    fn note_time(&self, world: &str, now_us: i64) {
        let mut times = self.0.times.lock().unwrap_or_else(PoisonError::into_inner);
        let latest = times.entry(world.to_owned()).or_insert(now_us);
        *latest = now_us.max(*latest);
    }

    fn now_us(&self, world: &str) -> i64 {
        if world == LIVE_WORLD {
            return self.0.clock.now_us();
        }
        let times = self.0.times.lock().unwrap_or_else(PoisonError::into_inner);
        times.get(world).copied().unwrap_or(0)
    }

    /// Whether the lane had no task; one that has looks once more.
    fn claim(&self, lane: &Lane) -> bool {
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        match lanes.get_mut(lane) {
            Some(again) => {
                *again = true;
                false
            }
            None => {
                lanes.insert(lane.clone(), false);
                true
            }
        }
    }

    /// Whether the lane's task may end.
    fn release(&self, lane: &Lane) -> bool {
        let mut lanes = self.0.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let again = lanes.get_mut(lane).is_some_and(std::mem::take);
        if !again {
            lanes.remove(lane);
        }
        !again
    }

    fn endpoint(&self, id: &str) -> Arc<Semaphore> {
        let mut endpoints = self
            .0
            .endpoints
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let permits = endpoints
            .entry(id.to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(ATTEMPTS_PER_ENDPOINT_MAX)));
        permits.clone()
    }

    /// Goes along a lane as far as it is due.
    async fn work(self, lane: Lane, made: &AtomicU32) {
        loop {
            if let Err(error) = self.go_along(&lane, made).await {
                tracing::warn!(error = chain(&error), endpoint = %lane.endpoint_id, "a delivery stands still until the next round");
            }
            if self.release(&lane) || self.0.stopping.is_cancelled() {
                return;
            }
        }
    }

    async fn go_along(&self, lane: &Lane, made: &AtomicU32) -> Result<(), Error> {
        let endpoint = self.endpoint(&lane.endpoint_id);
        loop {
            let permits = async { (endpoint.acquire().await, self.0.attempts.acquire().await) };
            let _permits = tokio::select! {
                permits = permits => permits,
                () = self.0.stopping.cancelled() => return Ok(()),
            };
            let now_us = self.now_us(&lane.world);
            let Some(due) = self.0.store.due_in(lane, now_us).await? else {
                return Ok(());
            };
            let Some(verdict) = self.attempt(due, now_us).await? else {
                return Ok(());
            };
            made.fetch_add(1, Ordering::Relaxed);
            // Nothing behind it is due before it. Whoever moves the time looks again.
            if let Verdict::Again { .. } = verdict {
                return Ok(());
            }
        }
    }

    /// Makes an attempt and keeps what follows from it; `None` when none was made.
    async fn attempt(&self, due: Due, now_us: i64) -> Result<Option<Verdict>, Error> {
        let event_id = due.event.id.clone();
        let payload = match due.payload {
            Some(payload) => payload,
            None => {
                let request = RenderPayloadRequest {
                    format: due.format,
                    event: Some(due.event),
                };
                match self.0.payloads.render_payload(request, RENDER_WITHIN).await {
                    Ok(payload) => payload.body,
                    Err(status) => {
                        tracing::error!(%status, event = event_id, "a payload could not be written");
                        self.0.store.put_off(due.id, now_us + UNWRITTEN_US).await?;
                        return Ok(None);
                    }
                }
            }
        };
        let seconds = self.0.clock.now_us().div_euclid(SECOND_US);
        let secret = Secret::of(&self.0.key, &due.endpoint_id, &due.salt);
        let message = Message {
            url: &due.url,
            event_id: &event_id,
            seconds,
            signature: secret.sign(&event_id, seconds, &payload),
            body: payload.clone(),
        };
        let outcome = tokio::select! {
            outcome = self.0.sender.send(message) => outcome,
            () = self.0.stopping.cancelled() => return Ok(None),
        };
        let verdict = self.verdict(&outcome, due.tries + 1, now_us);
        let made = Made {
            delivery_id: due.id,
            endpoint_id: due.endpoint_id,
            time_us: now_us,
            http_status: outcome.http_status,
            error: outcome.error,
            payload,
            verdict,
        };
        self.0.store.note_attempt(made).await?;
        Ok(Some(verdict))
    }

    fn verdict(&self, outcome: &Outcome, tries: u32, now_us: i64) -> Verdict {
        if outcome.is_success() {
            return Verdict::Succeeded;
        }
        if outcome.is_gone() {
            return Verdict::Gone;
        }
        match pause_us(tries, outcome.retry_after, &self.0.chance) {
            Some(pause_us) => Verdict::Again {
                at_us: now_us + pause_us,
            },
            None => Verdict::GivenUp,
        }
    }
}
