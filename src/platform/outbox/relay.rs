//! The relay of a service: publishes its outbox, and delivers again by hand what was parked.
//!
//! One event of a subject is under way at a time, whichever it is. An event is given only to consumers that have not taken it,
//! and not to those for whom an earlier one of its subject is parked.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::Error;
use super::parked::{self, Parked};
use super::redelivery::{self, Asked};
use crate::kernel::clock::LIVE_WORLD;
use crate::platform::bus::{Bus, Fault, Refused};
use crate::platform::db::Db;
use crate::platform::status;
use crate::rpc::events::v1::{Envelope, Redelivery};

/// How often an event is given to a consumer that refuses it, before it is parked: within about a second. What is not the event's
/// fault does not count, and what can never be taken is parked at once.
pub const TRIES: u32 = 8;

/// Subjects that are published at the same time.
const SUBJECTS_IN_FLIGHT: usize = 256;
const PAGE: i64 = 512;
const RETRY_FIRST: Duration = Duration::from_millis(10);
const RETRY_LAST: Duration = Duration::from_secs(5);
/// The most of a reason that is kept, in characters.
const REASON_LEN_MAX: usize = 500;

/// How long a consumer that refuses an event is borne with.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// How often the event is given to it.
    pub tries: u32,
    /// The pause after the first refusal; each is twice the one before.
    pub first: Duration,
    /// The longest pause.
    pub last: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: TRIES,
            first: RETRY_FIRST,
            last: RETRY_LAST,
        }
    }
}

/// What a relay is asked.
enum Ask {
    Drain(oneshot::Sender<u64>),
    Redeliver(Asked, oneshot::Sender<Result<Redelivery, Error>>),
}

/// Publishes the outbox of one database: in order within a subject, at once across subjects, and again until every
/// consumer has the event or it is parked for those that refuse it. Clones are the same relay; it ends with the last of them.
#[derive(Clone)]
pub struct Relay {
    pub(super) db: Db,
    asks: mpsc::UnboundedSender<Ask>,
    _task: Arc<JoinSet<()>>,
}

impl Relay {
    /// Starts with what an earlier run left unsent.
    pub fn start(db: Db, bus: Bus) -> Relay {
        Self::start_with(db, bus, Patience::default())
    }

    /// The same with another patience.
    pub fn start_with(db: Db, bus: Bus, patience: Patience) -> Relay {
        let (asks, asked) = mpsc::unbounded_channel();
        let mut task = JoinSet::new();
        task.spawn(Publishing::new(db.clone(), bus, patience).run(asked));
        Relay {
            db,
            asks,
            _task: Arc::new(task),
        }
    }

    /// Returns once all that was committed before is published, or parked, and marked so: how many events this relay has dealt
    /// with since its start. Consumers may have answered with events of their own, so a whole is quiet when a round over all
    /// its relays changes no count. Waits as long as a consumer is away, but not for a database that cannot be marked in.
    pub async fn drain(&self) -> u64 {
        let (reply, answer) = oneshot::channel();
        drop(self.asks.send(Ask::Drain(reply)));
        answer.await.unwrap_or_default()
    }

    /// Delivers a parked event again, and what waits behind it; `None` when the relay has ended.
    pub(super) async fn redeliver(&self, asked: Asked) -> Option<Result<Redelivery, Error>> {
        let (reply, answer) = oneshot::channel();
        drop(self.asks.send(Ask::Redeliver(asked, reply)));
        answer.await.ok()
    }
}

/// What is done about a subject, one after the other.
enum Job {
    Publish(i64, Box<Envelope>),
    Redeliver(Asked, oneshot::Sender<Result<Redelivery, Error>>),
}

/// What came of a job.
struct Done {
    subject: String,
    /// The place of an event that was published.
    published: Option<Published>,
    /// For whom nothing of the subject is parked any more.
    released: BTreeSet<String>,
}

struct Published {
    position: i64,
    /// For whom it was parked, which has marked it.
    parked: BTreeSet<String>,
}

struct Publishing {
    db: Db,
    bus: Bus,
    patience: Patience,
    /// Everything up to here was taken from the table.
    taken: i64,
    /// For whom events of a subject are parked.
    held: HashMap<String, BTreeSet<String>>,
    /// What waits behind a subject's job under way.
    waiting: HashMap<String, VecDeque<Job>>,
    in_flight: FuturesUnordered<BoxFuture<'static, Done>>,
    published: Vec<i64>,
    /// Published, and could not be marked: tried again after the next commit, which shows that the database is back.
    unmarked: Vec<i64>,
    count: u64,
}

impl Publishing {
    fn new(db: Db, bus: Bus, patience: Patience) -> Self {
        Self {
            db,
            bus,
            patience,
            taken: 0,
            held: HashMap::new(),
            waiting: HashMap::new(),
            in_flight: FuturesUnordered::new(),
            published: Vec::new(),
            unmarked: Vec::new(),
            count: 0,
        }
    }

    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask>) {
        let mut commits = self.db.commits();
        let mut marking: Option<BoxFuture<'static, Result<(), Unmarked>>> = None;
        let mut drains: Vec<oneshot::Sender<u64>> = Vec::new();
        // Before the first event: what waits for one that is parked must not overtake it.
        loop {
            match parked::held(self.db.reader()).await {
                Ok(held) => break self.held = held,
                Err(_) if commits.has_changed().is_err() => return,
                Err(error) => {
                    tracing::error!(%error, "parked events could not be read");
                    tokio::time::sleep(RETRY_FIRST).await;
                }
            }
        }
        let mut more = true;
        loop {
            if more && self.waiting.len() < SUBJECTS_IN_FLIGHT {
                match self.take().await {
                    Ok(full) => more = full,
                    // The database was closed.
                    Err(_) if commits.has_changed().is_err() => return,
                    Err(error) => {
                        tracing::error!(%error, "the outbox could not be read");
                        tokio::time::sleep(RETRY_FIRST).await;
                        continue;
                    }
                }
            }
            if marking.is_none() && !self.published.is_empty() {
                marking = Some(mark(self.db.clone(), std::mem::take(&mut self.published)).boxed());
            }
            if !more && self.in_flight.is_empty() && marking.is_none() {
                for drain in drains.drain(..) {
                    // Who asked may have stopped waiting.
                    let _ = drain.send(self.count);
                }
            }
            tokio::select! {
                Some(done) = self.in_flight.next() => self.finished(done),
                marked = async { marking.as_mut().expect("guarded").await }, if marking.is_some() => {
                    marking = None;
                    if let Err(Unmarked { positions, error }) = marked {
                        // After a restart they would be published again, which consumers take.
                        tracing::error!(error = status::chain(&error), "published events could not be marked");
                        self.unmarked.extend(positions);
                    }
                }
                changed = commits.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    more = true;
                    self.published.append(&mut self.unmarked);
                }
                Some(ask) = asked.recv() => match ask {
                    Ask::Drain(drain) => {
                        drains.push(drain);
                        more = true;
                        self.published.append(&mut self.unmarked);
                    }
                    Ask::Redeliver(asked, reply) => {
                        self.enqueue(asked.subject.clone(), Job::Redeliver(asked, reply));
                    }
                },
            }
        }
    }

    /// Reads the next page and starts what may start; whether there may be more.
    async fn take(&mut self) -> Result<bool, Error> {
        let rows: Vec<(i64, i64, Vec<u8>)> = sqlx::query_as(
            "SELECT position, sequence, envelope FROM outbox WHERE sent = 0 AND position > ? ORDER BY position LIMIT ?",
        )
        .bind(self.taken)
        .bind(PAGE)
        .fetch_all(self.db.reader())
        .await?;
        let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
        for (position, sequence, envelope) in rows {
            let envelope = super::read(sequence, &envelope)?;
            self.taken = position;
            self.enqueue(
                envelope.subject.clone(),
                Job::Publish(position, Box::new(envelope)),
            );
        }
        Ok(full)
    }

    fn enqueue(&mut self, subject: String, job: Job) {
        match self.waiting.get_mut(&subject) {
            Some(queue) => queue.push_back(job),
            None => {
                self.waiting.insert(subject, VecDeque::new());
                self.begin(job);
            }
        }
    }

    fn begin(&mut self, job: Job) {
        let (db, bus) = (self.db.clone(), self.bus.clone());
        self.in_flight.push(match job {
            Job::Publish(position, envelope) => {
                let held = self.held.get(&envelope.subject).cloned();
                let held = held.unwrap_or_default();
                publish(db, bus, self.patience, position, *envelope, held).boxed()
            }
            Job::Redeliver(asked, reply) => async move {
                let subject = asked.subject.clone();
                let (answer, released) = redelivery::perform(&db, &bus, asked).await;
                // Who asked may have stopped waiting.
                let _ = reply.send(answer);
                Done {
                    subject,
                    published: None,
                    released,
                }
            }
            .boxed(),
        });
    }

    fn finished(&mut self, done: Done) {
        let subject = done.subject;
        if let Some(Published { position, parked }) = done.published {
            self.count += 1;
            if parked.is_empty() {
                self.published.push(position);
            } else {
                self.held.entry(subject.clone()).or_default().extend(parked);
            }
        }
        if let Some(held) = self.held.get_mut(&subject) {
            held.retain(|consumer| !done.released.contains(consumer));
            if held.is_empty() {
                self.held.remove(&subject);
            }
        }
        match self.waiting.get_mut(&subject).and_then(VecDeque::pop_front) {
            Some(job) => self.begin(job),
            None => drop(self.waiting.remove(&subject)),
        }
    }
}

/// Gives an event to all its consumers but those that are held, until each has taken it or has refused it too often; then parks
/// it for those that have not.
async fn publish(
    db: Db,
    bus: Bus,
    patience: Patience,
    position: i64,
    envelope: Envelope,
    held: BTreeSet<String>,
) -> Done {
    let consumers = bus.consumers(&envelope.r#type).await;
    let (behind, owed): (Vec<_>, Vec<_>) = consumers
        .into_iter()
        .partition(|consumer| held.contains(*consumer));
    let waits = |consumer: &str| Parked {
        consumer: consumer.to_owned(),
        tries: 0,
        reason: String::new(),
    };
    let mut parked: Vec<Parked> = behind.into_iter().map(waits).collect();
    let mut owed: HashMap<&str, u32> = owed.into_iter().map(|consumer| (consumer, 0)).collect();
    let mut pause = patience.first;
    while !owed.is_empty() {
        let refused = bus.offer(&envelope, |one| owed.contains_key(one)).await;
        let mut still = HashMap::new();
        for refused in refused {
            let tries = owed.get(refused.consumer).copied().unwrap_or_default();
            let tries = match refused.fault {
                Fault::Consumer => tries,
                Fault::Unknown | Fault::Event => tries + 1,
            };
            let reason = reason(&refused);
            // What is refused in a test world, a drill above all, calls nobody out of bed.
            if envelope.world == LIVE_WORLD {
                tracing::warn!(consumer = refused.consumer, reason, event = %envelope.id, r#type = %envelope.r#type, "not taken");
            } else {
                tracing::debug!(consumer = refused.consumer, reason, event = %envelope.id, r#type = %envelope.r#type, "not taken");
            }
            if tries < patience.tries && refused.fault != Fault::Event {
                still.insert(refused.consumer, tries);
            } else {
                if envelope.world == LIVE_WORLD {
                    tracing::error!(consumer = refused.consumer, event = %envelope.id, "parked");
                } else {
                    tracing::debug!(consumer = refused.consumer, event = %envelope.id, "parked");
                }
                let consumer = refused.consumer.to_owned();
                parked.push(Parked {
                    consumer,
                    tries,
                    reason,
                });
            }
        }
        owed = still;
        if !owed.is_empty() {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(patience.last);
        }
    }
    let for_whom = parked.iter().map(|one| one.consumer.clone()).collect();
    // Before the next event of the subject, which may have to be parked behind this one.
    while !parked.is_empty() {
        let (event, rows) = (envelope.clone(), parked.clone());
        let write = db.write(move |tx| {
            Box::pin(async move { parked::park(tx, position, &event, &rows).await })
        });
        match write.await {
            Ok(()) => break,
            Err(error) => {
                let error = status::chain(&error);
                tracing::error!(error, event = %envelope.id, "could not be parked");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_LAST);
            }
        }
    }
    Done {
        subject: envelope.subject,
        published: Some(Published {
            position,
            parked: for_whom,
        }),
        released: BTreeSet::new(),
    }
}

/// Why a consumer did not take an event: in one line, not empty, and not too long.
pub(super) fn reason(refused: &Refused) -> String {
    let cause = std::error::Error::source(refused).map(status::chain);
    let plain = |letter: char| if letter.is_control() { ' ' } else { letter };
    let told = cause.unwrap_or_default();
    let told: String = told.chars().map(plain).take(REASON_LEN_MAX).collect();
    match told.trim() {
        "" => "no reason was given".to_owned(),
        _ => told,
    }
}

/// What was published and is not marked so, and why.
struct Unmarked {
    positions: Vec<i64>,
    error: Error,
}

async fn mark(db: Db, positions: Vec<i64>) -> Result<(), Unmarked> {
    let told = serde_json::Value::from(positions.as_slice()).to_string();
    let marked = db.write(move |tx| {
        Box::pin(async move {
            sqlx::query(
                "UPDATE outbox SET sent = 1 WHERE position IN (SELECT value FROM json_each(?))",
            )
            .bind(told)
            .execute(tx)
            .await?;
            Ok(())
        })
    });
    marked.await.map_err(|error| Unmarked { positions, error })
}
