//! Events in and out of a service without losing or doubling an effect: `push` in the transaction that makes something
//! true, a relay that publishes what was committed, `accept` in the transaction of a consumer's effect.
//! The tables are in `outbox.sql`, which each service's first migration holds. What events mean is not known here.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use prost::Message;
use sqlx::SqliteConnection;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use super::bus::Bus;
use super::db::{self, Db};
use crate::rpc::events::v1::Envelope;

/// Subjects that are published at the same time.
const SUBJECTS_IN_FLIGHT: usize = 256;
const PAGE: i64 = 512;
const RETRY_FIRST: Duration = Duration::from_millis(10);
const RETRY_LAST: Duration = Duration::from_secs(5);

/// Adds an event to the outbox and gives it the next sequence of its subject. It is published after the commit.
pub async fn push(
    tx: &mut SqliteConnection,
    mut envelope: Envelope,
) -> Result<Envelope, sqlx::Error> {
    let sequence: i64 = sqlx::query_scalar(
        "INSERT INTO outbox_sequence (subject, last) VALUES (?, 1)
         ON CONFLICT (subject) DO UPDATE SET last = last + 1 RETURNING last",
    )
    .bind(&envelope.subject)
    .fetch_one(&mut *tx)
    .await?;
    envelope.sequence = sequence.unsigned_abs();
    sqlx::query("INSERT INTO outbox (subject, sequence, envelope) VALUES (?, ?, ?)")
        .bind(&envelope.subject)
        .bind(sequence)
        .bind(envelope.encode_to_vec())
        .execute(tx)
        .await?;
    Ok(envelope)
}

/// Notes that `consumer` has the effect of this event; false when it had it before.
pub async fn accept(
    tx: &mut SqliteConnection,
    consumer: &str,
    envelope: &Envelope,
) -> Result<bool, sqlx::Error> {
    let noted =
        sqlx::query("INSERT INTO inbox (consumer, event_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(consumer)
            .bind(&envelope.id)
            .execute(tx)
            .await?;
    Ok(noted.rows_affected() == 1)
}

/// Publishes the outbox of one database: in order within a subject, at once across subjects, and again until every
/// consumer has the event. Clones are the same relay; it ends with the last of them.
#[derive(Clone)]
pub struct Relay {
    drains: mpsc::UnboundedSender<oneshot::Sender<u64>>,
    _task: Arc<JoinSet<()>>,
}

impl Relay {
    /// Starts with what an earlier run left unsent.
    pub fn start(db: Db, bus: Bus) -> Relay {
        let (drains, asked) = mpsc::unbounded_channel();
        let mut task = JoinSet::new();
        task.spawn(Publishing::new(db, bus).run(asked));
        Relay {
            drains,
            _task: Arc::new(task),
        }
    }

    /// Returns once all that was committed before is published and marked so: how many events this relay has published
    /// since its start. Consumers may have answered with events of their own, so a whole is quiet when a round over all
    /// its relays changes no count. Waits as long as a consumer refuses.
    pub async fn drain(&self) -> u64 {
        let (reply, answer) = oneshot::channel();
        drop(self.drains.send(reply));
        answer.await.unwrap_or_default()
    }
}

struct Publishing {
    db: Db,
    bus: Bus,
    /// Everything up to here was taken from the table.
    taken: i64,
    /// What waits behind a subject's event in flight.
    waiting: HashMap<String, VecDeque<(i64, Envelope)>>,
    in_flight: FuturesUnordered<BoxFuture<'static, (i64, String)>>,
    published: Vec<i64>,
    count: u64,
}

impl Publishing {
    fn new(db: Db, bus: Bus) -> Self {
        Self {
            db,
            bus,
            taken: 0,
            waiting: HashMap::new(),
            in_flight: FuturesUnordered::new(),
            published: Vec::new(),
            count: 0,
        }
    }

    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<oneshot::Sender<u64>>) {
        let mut commits = self.db.commits();
        let mut marking: Option<BoxFuture<'static, Result<(), Error>>> = None;
        let mut drains: Vec<oneshot::Sender<u64>> = Vec::new();
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
                Some((position, subject)) = self.in_flight.next() => self.finished(position, subject),
                marked = async { marking.as_mut().expect("guarded").await }, if marking.is_some() => {
                    marking = None;
                    if let Err(error) = marked {
                        // Unmarked events are published again after a restart, which consumers take.
                        tracing::error!(%error, "published events could not be marked");
                    }
                }
                changed = commits.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    more = true;
                }
                Some(drain) = asked.recv() => {
                    drains.push(drain);
                    more = true;
                }
            }
        }
    }

    /// Reads the next page and starts what may start; whether there may be more.
    async fn take(&mut self) -> Result<bool, Error> {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT position, envelope FROM outbox WHERE sent = 0 AND position > ? ORDER BY position LIMIT ?",
        )
        .bind(self.taken)
        .bind(PAGE)
        .fetch_all(self.db.reader())
        .await?;
        let full = i64::try_from(rows.len()).is_ok_and(|count| count == PAGE);
        for (position, bytes) in rows {
            let envelope = Envelope::decode(bytes.as_slice())?;
            self.taken = position;
            match self.waiting.get_mut(&envelope.subject) {
                Some(queue) => queue.push_back((position, envelope)),
                None => {
                    self.waiting
                        .insert(envelope.subject.clone(), VecDeque::new());
                    self.publish(position, envelope);
                }
            }
        }
        Ok(full)
    }

    fn publish(&mut self, position: i64, envelope: Envelope) {
        let bus = self.bus.clone();
        self.in_flight.push(Box::pin(async move {
            let mut pause = RETRY_FIRST;
            while let Err(error) = bus.publish(&envelope).await {
                let cause = std::error::Error::source(&error).map(ToString::to_string);
                tracing::warn!(%error, cause, event = %envelope.id, r#type = %envelope.r#type, "published again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(RETRY_LAST);
            }
            (position, envelope.subject)
        }));
    }

    fn finished(&mut self, position: i64, subject: String) {
        self.count += 1;
        self.published.push(position);
        match self.waiting.get_mut(&subject).and_then(VecDeque::pop_front) {
            Some((position, envelope)) => self.publish(position, envelope),
            None => drop(self.waiting.remove(&subject)),
        }
    }
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Db(#[from] db::Error),
    #[error(transparent)]
    Sql(#[from] sqlx::Error),
    #[error("an envelope in the outbox cannot be read")]
    Envelope(#[from] prost::DecodeError),
}

async fn mark(db: Db, positions: Vec<i64>) -> Result<(), Error> {
    let positions = serde_json::Value::from(positions).to_string();
    db.write(move |tx| {
        Box::pin(async move {
            sqlx::query(
                "UPDATE outbox SET sent = 1 WHERE position IN (SELECT value FROM json_each(?))",
            )
            .bind(positions)
            .execute(tx)
            .await?;
            Ok(())
        })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::migrate::{Migration, MigrationType, Migrator};
    use sqlx::{AssertSqlSafe, SqlSafeStr};
    use std::path::Path;
    use std::sync::{LazyLock, Mutex};

    static MIGRATIONS: LazyLock<Migrator> = LazyLock::new(|| {
        let sql = concat!(
            include_str!("outbox.sql"),
            "CREATE TABLE effect (position INTEGER PRIMARY KEY AUTOINCREMENT, subject TEXT, sequence INTEGER) STRICT;",
        );
        Migrator::with_migrations(vec![Migration::new(
            1,
            "outbox".into(),
            MigrationType::Simple,
            AssertSqlSafe(sql).into_sql_str(),
            false,
        )])
    });

    async fn open(dir: &tempfile::TempDir, name: &str) -> Db {
        Db::open(&dir.path().join(Path::new(name)), &MIGRATIONS)
            .await
            .expect("a fresh file opens")
    }

    async fn say(db: &Db, id: &str, subject: &str) -> Envelope {
        let envelope = Envelope {
            id: id.to_owned(),
            r#type: "order.created".to_owned(),
            subject: subject.to_owned(),
            ..Envelope::default()
        };
        db.write(move |tx| Box::pin(async move { Ok::<_, Error>(push(tx, envelope).await?) }))
            .await
            .expect("the outbox takes it")
    }

    /// A consumer whose effect is a row, made once an event.
    fn consume(bus: &Bus, db: &Db) {
        let db = db.clone();
        bus.subscribe("test", &["order.created"], move |event| {
            let db = db.clone();
            Box::pin(async move {
                db.write(move |tx| {
                    Box::pin(async move {
                        if accept(tx, "test", &event).await? {
                            sqlx::query("INSERT INTO effect (subject, sequence) VALUES (?, ?)")
                                .bind(&event.subject)
                                .bind(event.sequence.cast_signed())
                                .execute(tx)
                                .await?;
                        }
                        Ok::<_, Error>(())
                    })
                })
                .await?;
                Ok(())
            })
        });
    }

    async fn effects(db: &Db) -> Vec<(String, i64)> {
        sqlx::query_as("SELECT subject, sequence FROM effect ORDER BY position")
            .fetch_all(db.reader())
            .await
            .expect("the table is there")
    }

    async fn unsent(db: &Db) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM outbox WHERE sent = 0")
            .fetch_one(db.reader())
            .await
            .expect("the table is there")
    }

    #[tokio::test]
    async fn crash_between_commit_and_publish_and_before_the_mark_gives_one_effect() {
        let dir = tempfile::tempdir().expect("a directory");
        let there = open(&dir, "there.db").await;
        let bus = Bus::new();
        bus.start();
        consume(&bus, &there);

        let here = open(&dir, "here.db").await;
        let said = say(&here, "evt_1", "ord_1").await;
        assert_eq!(said.sequence, 1);
        here.close().await;

        // The second life dies after the consumer's commit and before it could mark the row.
        let here = open(&dir, "here.db").await;
        bus.publish(&said).await.expect("the consumer takes it");
        here.close().await;

        let here = open(&dir, "here.db").await;
        assert_eq!(unsent(&here).await, 1);
        let relay = Relay::start(here.clone(), bus.clone());
        assert_eq!(relay.drain().await, 1);
        assert_eq!(unsent(&here).await, 0);
        assert_eq!(effects(&there).await, [("ord_1".to_owned(), 1)]);

        drop(relay);
        let relay = Relay::start(here, bus);
        assert_eq!(relay.drain().await, 0, "what is marked stays marked");
    }

    #[tokio::test]
    async fn order_is_kept_within_a_subject_through_refusals_and_other_subjects_go_on() {
        let dir = tempfile::tempdir().expect("a directory");
        let db = open(&dir, "here.db").await;
        let bus = Bus::new();
        bus.start();
        let log = Arc::new(Mutex::new(Vec::new()));
        let seen = log.clone();
        bus.subscribe("test", &["order.created"], move |event| {
            let mut log = seen.lock().expect("no panic");
            let tries = log.iter().filter(|(id, _)| *id == event.id).count();
            // The first event of one subject is refused until those of the other are through.
            let others = log.iter().filter(|(_, subject)| subject == "ord_2").count();
            let refused =
                event.subject == "ord_1" && event.sequence == 1 && (tries == 0 || others < 3);
            log.push((event.id, event.subject));
            Box::pin(async move {
                if refused {
                    Err(std::fmt::Error.into())
                } else {
                    Ok(())
                }
            })
        });
        let relay = Relay::start(db.clone(), bus);
        for number in 1..=3 {
            for subject in ["ord_1", "ord_2"] {
                let said = say(&db, &format!("{subject}-{number}"), subject).await;
                assert_eq!(said.sequence, number);
            }
        }
        assert_eq!(relay.drain().await, 6);
        let log = log.lock().expect("no panic");
        for subject in ["ord_1", "ord_2"] {
            let mut ids: Vec<&str> = log
                .iter()
                .filter(|(_, s)| s == subject)
                .map(|(id, _)| id.as_str())
                .collect();
            ids.dedup();
            assert_eq!(ids, [1, 2, 3].map(|number| format!("{subject}-{number}")));
        }
    }

    #[tokio::test]
    async fn refused_push_leaves_no_gap_in_the_sequence() {
        let dir = tempfile::tempdir().expect("a directory");
        let db = open(&dir, "here.db").await;
        say(&db, "evt_1", "ord_1").await;
        let lost: Result<(), Error> = db
            .write(|tx| {
                Box::pin(async move {
                    push(
                        tx,
                        Envelope {
                            subject: "ord_1".to_owned(),
                            ..Envelope::default()
                        },
                    )
                    .await?;
                    Err(sqlx::Error::RowNotFound.into())
                })
            })
            .await;
        assert!(lost.is_err());
        assert_eq!(say(&db, "evt_3", "ord_1").await.sequence, 2);
    }

    #[tokio::test]
    async fn more_than_a_page_in_many_subjects_is_all_published() {
        let dir = tempfile::tempdir().expect("a directory");
        let (here, there) = (open(&dir, "here.db").await, open(&dir, "there.db").await);
        let bus = Bus::new();
        bus.start();
        consume(&bus, &there);
        let said = (0..1100).map(|n| {
            let here = here.clone();
            async move { say(&here, &format!("evt_{n}"), &format!("ord_{}", n % 300)).await }
        });
        futures_util::future::join_all(said).await;
        let relay = Relay::start(here.clone(), bus);
        assert_eq!(relay.drain().await, 1100);
        assert_eq!(
            (effects(&there).await.len(), unsent(&here).await),
            (1100, 0)
        );
    }
}
