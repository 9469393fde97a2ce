//! The connections that read. A pool that checks a connection before and after each use makes three journeys to its thread where
//! one is needed: a file in this machine does not go away as a server does.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream, StreamExt, TryStreamExt};
use sqlx::sqlite::{
    Sqlite, SqliteConnectOptions, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo,
};
use sqlx::{
    ConnectOptions, Connection, Describe, Either, Execute, Executor, SqlStr, SqliteConnection,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections that can only read; clones are the same ones. A statement that is run with them takes one of them for as long.
#[derive(Clone)]
pub struct Readers(Arc<Inner>);

struct Inner {
    options: SqliteConnectOptions,
    idle: Mutex<Vec<SqliteConnection>>,
    permits: Arc<Semaphore>,
    count: u32,
}

/// One of the connections, for the time that this is kept.
pub struct Reader {
    connection: Option<SqliteConnection>,
    readers: Readers,
    _permit: OwnedSemaphorePermit,
}

impl Readers {
    /// At most `count` connections, the first of which is opened at once.
    pub(super) async fn open(
        options: SqliteConnectOptions,
        count: u32,
    ) -> Result<Self, sqlx::Error> {
        let first = options.connect().await?;
        Ok(Self(Arc::new(Inner {
            options,
            idle: Mutex::new(vec![first]),
            permits: Arc::new(Semaphore::new(count as usize)),
            count,
        })))
    }

    /// Takes a connection, and waits for one if all are taken.
    ///
    /// # Errors
    /// The file cannot be opened, or the database is closed.
    pub async fn acquire(&self) -> Result<Reader, sqlx::Error> {
        let permit = self.0.permits.clone().acquire_owned().await;
        let permit = permit.map_err(|_| sqlx::Error::PoolClosed)?;
        let idle = self
            .0
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.0.options.connect().await?,
        };
        Ok(Reader {
            connection: Some(connection),
            readers: self.clone(),
            _permit: permit,
        })
    }

    /// Waits until no connection is taken, and closes them all.
    pub(super) async fn close(&self) {
        let all = self.0.permits.acquire_many(self.0.count).await;
        // Closed before.
        let Ok(all) = all else { return };
        self.0.permits.close();
        let idle = std::mem::take(&mut *self.0.idle.lock().unwrap_or_else(PoisonError::into_inner));
        for connection in idle {
            // What it has read is read; there is nothing to lose.
            drop(connection.close().await);
        }
        drop(all);
    }
}

impl Reader {
    /// Gives the connection back, unless an answer says that its thread has died: then the next one is opened anew.
    fn after<T>(mut self, answer: Result<T, sqlx::Error>) -> Result<T, sqlx::Error> {
        if matches!(answer, Err(sqlx::Error::WorkerCrashed)) {
            self.connection = None;
        }
        answer
    }
}

impl Deref for Reader {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        self.connection.as_ref().expect("kept until the end")
    }
}

impl DerefMut for Reader {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        self.connection.as_mut().expect("kept until the end")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let idle = self.readers.0.idle.lock();
        idle.unwrap_or_else(PoisonError::into_inner)
            .extend(self.connection.take());
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Readers")
            .field("count", &self.0.count)
            .finish_non_exhaustive()
    }
}

impl<'p> Executor<'p> for &'p Readers {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<SqliteQueryResult, SqliteRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let all = async move {
            let mut reader = self.acquire().await?;
            let all = reader.fetch_many(query).try_collect().await;
            let all: Vec<_> = reader.after(all)?;
            Ok::<_, sqlx::Error>(stream::iter(all.into_iter().map(Ok)))
        };
        stream::once(all).try_flatten().boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<SqliteRow>, sqlx::Error>>
    where
        'p: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        Box::pin(async move {
            let mut reader = self.acquire().await?;
            let found = reader.fetch_optional(query).await;
            reader.after(found)
        })
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, sqlx::Error>>
    where
        'p: 'e,
    {
        Box::pin(async move { self.acquire().await?.prepare_with(sql, parameters).await })
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Sqlite>, sqlx::Error>>
    where
        'p: 'e,
    {
        Box::pin(async move { self.acquire().await?.describe(sql).await })
    }
}
