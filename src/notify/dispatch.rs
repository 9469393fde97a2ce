//! Brings deliveries to their endpoints, beside everything else: neither the bus nor the feed waits for an endpoint.
//!
//! Each lane (an object at an endpoint) is gone along by one task at most, so that an event is not sent before the one ahead of it
//! is done or given up. An attempt that is cut off by a crash or the end of the process is made again: endpoints may hear of an event
//! twice, under the same id.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Error;
use super::lanes::Lanes;
use super::schedule::pause_us;
use super::sender::{Message, Outcome, Sender};
use super::signature::{MasterKey, Secret};
use super::store::{Due, Lane, Made, Store, Verdict};
use crate::kernel::chance::Chance;
use crate::kernel::clock::{Clock, LIVE_WORLD, MINUTE_US, SECOND_US};
use crate::platform::status::chain;
use crate::rpc::notify::v1::{PayloadsClient, RenderPayloadRequest};

/// Attempts that are made at the same time.
const ATTEMPTS_MAX: usize = 64;
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
    lanes: Lanes<Option<Round>>,
    attempts: Semaphore,
    tasks: TaskTracker,
    stopping: CancellationToken,
}

/// What is counted of lanes that were started together; that they are all done shows by the end of the channel.
#[derive(Clone)]
struct Round {
    made: Arc<AtomicU32>,
    _under_way: mpsc::Sender<()>,
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
            lanes: Lanes::default(),
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
        let lanes = self.0.store.due_lanes(world, self.now_us(world)).await?;
        let (under_way, mut over) = mpsc::channel(1);
        let round = Round {
            made: Arc::default(),
            _under_way: under_way,
        };
        let made = round.made.clone();
        self.start(lanes, Some(round));
        // Who is not done goes on behind it.
        drop(tokio::time::timeout(patience, over.recv()).await);
        Ok(made.load(Ordering::Relaxed))
    }

    /// Starts what is new in lanes of a world at this time, and looks at no other: what one endpoint has not taken yet costs the
    /// events of others nothing.
    pub fn bring(&self, lanes: Vec<Lane>, world: &str, now_us: i64) {
        self.note_time(world, now_us);
        self.start(lanes, None);
    }

    /// Has lanes gone along, by a few tasks an endpoint.
    fn start(&self, lanes: Vec<Lane>, round: Option<Round>) {
        for lane in lanes {
            let endpoint_id = lane.endpoint_id.clone();
            if self.0.lanes.bring(lane, round.clone()) {
                self.0.tasks.spawn(self.clone().walk(endpoint_id));
            }
        }
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

    /// Goes along the lanes of an endpoint, as long as any waits.
    async fn walk(self, endpoint_id: String) {
        while let Some((lane, round)) = self.0.lanes.next(&endpoint_id) {
            loop {
                if let Err(error) = self.go_along(&lane, round.as_ref()).await {
                    tracing::warn!(
                        error = chain(&error),
                        endpoint = endpoint_id,
                        "a delivery stands still until the next round"
                    );
                }
                if self.0.stopping.is_cancelled() {
                    return;
                }
                if self.0.lanes.is_done(&lane) {
                    break;
                }
            }
        }
    }

    /// Goes along a lane as far as it is due.
    async fn go_along(&self, lane: &Lane, round: Option<&Round>) -> Result<(), Error> {
        loop {
            let _permit = tokio::select! {
                permit = self.0.attempts.acquire() => permit,
                () = self.0.stopping.cancelled() => return Ok(()),
            };
            let now_us = self.now_us(&lane.world);
            let Some(due) = self.0.store.due_in(lane, now_us).await? else {
                return Ok(());
            };
            let Some(verdict) = self.attempt(due, now_us).await? else {
                return Ok(());
            };
            if let Some(round) = round {
                round.made.fetch_add(1, Ordering::Relaxed);
            }
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
