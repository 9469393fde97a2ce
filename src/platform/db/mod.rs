//! One SQLite file of one service: a single writer that commits many callers together, and a pool of readers.
//! A caller's changes stand or fall alone (each runs in a savepoint), and it hears of success only after the commit
//! that made them durable. This file knows nothing of any table.
//!
//! Why one writer: a durable commit costs one sync of the disk, so sharing it among all who wait is worth more than any
//! cheaper durability, and writers that never meet cannot deadlock.

mod readers;
mod script;
#[cfg(test)]
mod tests;
mod tx;

use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub use readers::{Reader, Readers};
pub use script::Script;
pub use tx::Tx;

/// Callers that may wait for the writer before `write` itself waits; also the largest batch.
const QUEUE: usize = 1024;
const READERS: u32 = 4;
/// SQLite's result codes for a file that cannot be read or written now: busy, locked, out of memory, read-only, interrupted, failing,
/// corrupt, full, not to be opened, held by another, no database.
const SQLITE_AWAY: [u32; 11] = [5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 26];
/// SQLite's result code for every kind of violated constraint, triggers included.
const SQLITE_CONSTRAINT: u32 = 19;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Why the database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file could not be opened, or its migrations could not be read.
    #[error("the database could not be opened")]
    Open(#[source] sqlx::Error),
    /// A migration failed, or one that was applied has changed since.
    #[error("the database could not be migrated")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The commit that held the change failed. Repeat it: ids made by the caller keep that harmless.
    #[error("the commit was lost")]
    Lost,
    /// The job itself panicked; nothing of it was kept.
    #[error("a job panicked")]
    Panicked,
    /// The database was closed before the change was accepted.
    #[error("the database is closed")]
    Closed,
}

/// A database of one service; clones share it.
#[derive(Clone)]
pub struct Db {
    jobs: mpsc::Sender<Job>,
    readers: Readers,
    commits: watch::Receiver<u64>,
    closing: CancellationToken,
    closed: CancellationToken,
}

type Job = Box<dyn for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Ran> + Send>;

/// A job that has run and whose caller has not heard of it. Dropping `reply` tells the caller that the commit was lost.
struct Ran {
    verdict: Verdict,
    reply: Box<dyn FnOnce() + Send>,
}

#[derive(PartialEq)]
enum Verdict {
    Keep,
    Undo,
    /// The database itself failed, and may have rolled back more than this job.
    Broken,
}

impl Db {
    /// Opens or makes the file, brings it to the newest migration, and starts the writer.
    pub async fn open(path: &Path, migrations: &'static Migrator) -> Result<Db, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
            // What a savepoint may have to bring back is of no use after a crash.
            .pragma("temp_store", "memory")
            // Pages: what changes often is copied from the log into the file once for many changes.
            .pragma("wal_autocheckpoint", "8192")
            .disable_statement_logging();
        let reading = options.clone().create_if_missing(false).read_only(true);
        // In KiB. Almost nobody else changes what the writer has read, while a reader forgets it all at every commit.
        let options = options.pragma("cache_size", "-16384");
        let mut writer = options.connect().await.map_err(Error::Open)?;
        migrations.run(&mut writer).await?;
        let readers = Readers::open(reading, READERS).await.map_err(Error::Open)?;

        let (jobs, queue) = mpsc::channel(QUEUE);
        let (committed, commits) = watch::channel(0);
        let closing = CancellationToken::new();
        let closed = CancellationToken::new();
        let task = Writer {
            options,
            queue,
            committed,
            closing: closing.clone(),
        };
        let done = closed.clone().drop_guard();
        // The task is never aborted: a batch that has begun is always committed or rolled back by its own code.
        tokio::spawn(async move {
            task.run(Tx::new(writer)).await;
            drop(done);
        });
        Ok(Db {
            jobs,
            readers,
            commits,
            closing,
            closed,
        })
    }

    /// Runs `job` in the writer's transaction and returns after the commit. Its error undoes its own changes only.
    /// Dropping the returned future does not withdraw the job.
    ///
    /// # Errors
    /// What the job returned; [`Error::Lost`] when the commit failed; [`Error::Closed`].
    pub async fn write<T, E, F>(&self, job: F) -> Result<T, E>
    where
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + std::error::Error + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job: Job = Box::new(move |tx| {
            Box::pin(async move {
                let result = AssertUnwindSafe(job(tx)).catch_unwind().await;
                let panicked = result.is_err();
                let result = result.unwrap_or_else(|_| Err(Error::Panicked.into()));
                let verdict = match &result {
                    Ok(_) => Verdict::Keep,
                    // It may have left a statement half done.
                    Err(_) if panicked => Verdict::Broken,
                    Err(error) if is_broken(error) => Verdict::Broken,
                    Err(_) => Verdict::Undo,
                };
                // A caller that no longer listens is no reason to fail.
                Ran {
                    verdict,
                    reply: Box::new(move || drop(reply.send(result))),
                }
            })
        });
        self.jobs.send(job).await.map_err(|_| Error::Closed)?;
        answer.await.map_err(|_| Error::Lost)?
    }

    /// Connections that can only read; they see every commit whose `write` has returned.
    pub fn reader(&self) -> &Readers {
        &self.readers
    }

    /// A count that changes with every commit, for those who wait for new rows.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }

    /// How many jobs wait for the batch before theirs.
    pub fn queued(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    /// Refuses new jobs, commits those accepted, and closes the file.
    pub async fn close(&self) {
        self.closing.cancel();
        self.closed.cancelled().await;
        self.readers.close().await;
    }
}

/// Whether an error says that a database is not to be had now, so that the same may succeed later.
pub fn is_away(error: &(dyn std::error::Error + 'static)) -> bool {
    let away = |error: &(dyn std::error::Error + 'static)| match (
        error.downcast_ref::<Error>(),
        error.downcast_ref::<sqlx::Error>(),
    ) {
        (Some(Error::Lost | Error::Closed | Error::Open(_)), _) => true,
        (_, Some(sqlx::Error::Database(error))) => {
            let code = error.code().and_then(|code| code.parse::<u32>().ok());
            code.is_some_and(|code| SQLITE_AWAY.contains(&(code & 0xff)))
        }
        (_, Some(sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed)) => true,
        (_, Some(sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed)) => true,
        _ => false,
    };
    std::iter::successors(Some(error), |error| error.source()).any(away)
}

/// Whether the cause of an error is the database rather than a constraint, a missing row or a rule of the job's own.
fn is_broken(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<sqlx::Error>() {
            return match error {
                // Extended result codes carry the primary one in their low byte.
                sqlx::Error::Database(error) => {
                    let code = error.code().and_then(|code| code.parse::<u32>().ok());
                    code.is_none_or(|code| code & 0xff != SQLITE_CONSTRAINT)
                }
                sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed => true,
                _ => false,
            };
        }
        cause = error.source();
    }
    false
}

struct Writer {
    options: SqliteConnectOptions,
    queue: mpsc::Receiver<Job>,
    committed: watch::Sender<u64>,
    closing: CancellationToken,
}

impl Writer {
    async fn run(mut self, tx: Tx) {
        let mut tx = Some(tx);
        let mut batch = Vec::with_capacity(QUEUE);
        loop {
            tokio::select! {
                count = self.queue.recv_many(&mut batch, QUEUE) => if count == 0 { break },
                () = self.closing.cancelled(), if !self.queue.is_closed() => {
                    self.queue.close();
                    continue;
                }
            }
            self.gather(&mut batch).await;
            let mut open = match tx.take() {
                Some(open) => open,
                None => match self.options.connect().await {
                    Ok(open) => Tx::new(open),
                    Err(error) => {
                        tracing::error!(%error, jobs = batch.len(), "the database could not be reopened");
                        batch.clear();
                        continue;
                    }
                },
            };
            match commit(&mut open, &mut batch).await {
                Ok(replies) => {
                    self.committed.send_modify(|count| *count += 1);
                    replies.into_iter().for_each(|reply| reply());
                    tx = Some(open);
                }
                Err(error) => {
                    tracing::error!(%error, "a batch was lost; the database is reopened");
                    batch.clear();
                    // What is left of its transaction must be gone before another begins.
                    drop(open.close().await);
                }
            }
        }
        if let Some(tx) = tx {
            drop(tx.close().await);
        }
    }

    /// Lets everybody who can run speak first, those above all whom the last commit has woken: the more share a commit, the less it
    /// costs each.
    async fn gather(&mut self, batch: &mut Vec<Job>) {
        let mut before = 0;
        while before < batch.len() && batch.len() < QUEUE {
            before = batch.len();
            tokio::task::yield_now().await;
            let more = std::iter::from_fn(|| self.queue.try_recv().ok());
            batch.extend(more.take(QUEUE - before));
        }
    }
}

/// Runs a batch in one transaction, and returns the replies that are due once it is durable.
async fn commit(
    tx: &mut Tx,
    batch: &mut Vec<Job>,
) -> Result<Vec<Box<dyn FnOnce() + Send>>, sqlx::Error> {
    let mut replies = Vec::with_capacity(batch.len());
    for job in batch.drain(..) {
        let Ok(ran) = AssertUnwindSafe(job(tx)).catch_unwind().await else {
            return Err(sqlx::Error::Protocol("a job panicked".to_owned()));
        };
        // What follows a job fails when SQLite has rolled the whole transaction back by itself: then the savepoint is gone, and
        // whatever else is in the batch with it.
        match ran.verdict {
            Verdict::Keep => tx.end_job(true),
            Verdict::Undo => tx.end_job(false),
            Verdict::Broken => {
                (ran.reply)();
                return Err(sqlx::Error::Protocol(
                    "a job met a failing database".to_owned(),
                ));
            }
        }
        replies.push(ran.reply);
    }
    tx.commit().await?;
    Ok(replies)
}
