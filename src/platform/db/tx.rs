//! What a job of the writer works with. Each string of statements is a journey to the connection's thread and back, which costs
//! more than most statements do; so what ends the job before and begins this one goes with its first statement.

use futures_util::TryStreamExt;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::{self, BoxStream};
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteQueryResult, SqliteRow, SqliteStatement, SqliteTypeInfo,
};
use sqlx::{
    AssertSqlSafe, Connection, Describe, Either, Execute, Executor, SqlSafeStr, SqlStr,
    SqliteConnection,
};

/// The writer's connection, inside a savepoint of its transaction. Who makes a query with it has to run it.
#[derive(Debug)]
pub struct Tx {
    connection: SqliteConnection,
    before: Before,
}

/// What has to happen before the next statement.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Before {
    Begin,
    /// The job before has done what it wanted.
    Keep,
    /// The job before is to leave no trace. Its savepoint remains, and serves the next one.
    Undo,
    Nothing,
}

impl Before {
    /// The statements, and how many they are.
    fn statements(self) -> (&'static str, usize) {
        match self {
            Self::Begin => ("BEGIN IMMEDIATE; SAVEPOINT job; ", 2),
            Self::Keep => ("RELEASE job; SAVEPOINT job; ", 2),
            Self::Undo => ("ROLLBACK TO job; ", 1),
            Self::Nothing => ("", 0),
        }
    }
}

impl Tx {
    /// A transaction that begins with its first statement.
    pub(super) fn new(connection: SqliteConnection) -> Self {
        Self {
            connection,
            before: Before::Begin,
        }
    }

    /// Ends a job, with its changes or without; the next one's statements follow. A job without any statement ends nothing.
    pub(super) fn end_job(&mut self, keep: bool) {
        if self.before == Before::Nothing {
            self.before = if keep { Before::Keep } else { Before::Undo };
        }
    }

    /// Makes durable what its jobs have changed; the next statement begins another transaction.
    pub(super) async fn commit(&mut self) -> Result<(), sqlx::Error> {
        let end = match self.before {
            Before::Begin => return Ok(()),
            Before::Undo => "ROLLBACK TO job; COMMIT",
            Before::Keep | Before::Nothing => "RELEASE job; COMMIT",
        };
        sqlx::query(end).execute(&mut self.connection).await?;
        self.before = Before::Begin;
        Ok(())
    }

    /// Closes the file, without what was not committed.
    pub(super) async fn close(self) -> Result<(), sqlx::Error> {
        self.connection.close().await
    }

    /// A query with what has to happen before it, and how many statements that is.
    fn with_before<'q>(
        &mut self,
        mut query: impl Execute<'q, Sqlite>,
    ) -> Result<(impl Execute<'static, Sqlite> + 'static, usize), sqlx::Error> {
        let arguments = query.take_arguments().map_err(sqlx::Error::Encode)?;
        let (arguments, persistent) = (arguments.unwrap_or_default(), query.persistent());
        let (before, count) = std::mem::replace(&mut self.before, Before::Nothing).statements();
        let sql = query.sql();
        let sql = match count {
            0 => sql,
            // Both parts are texts that were safe apart.
            _ => AssertSqlSafe([before, sql.as_str()].concat()).into_sql_str(),
        };
        let query = sqlx::query_with::<Sqlite, SqliteArguments>(sql, arguments);
        Ok((query.persistent(persistent), count))
    }
}

impl<'t> Executor<'t> for &'t mut Tx {
    type Database = Sqlite;

    fn fetch_many<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxStream<'e, Result<Either<SqliteQueryResult, SqliteRow>, sqlx::Error>>
    where
        't: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        let (query, mut before) = match self.with_before(query) {
            Ok(query) => query,
            Err(error) => return Box::pin(stream::once(ready(Err(error)))),
        };
        let all = self.connection.fetch_many(query);
        // What came of the statements before is not an answer to this query.
        Box::pin(all.try_filter(move |_| {
            let own = before == 0;
            before = before.saturating_sub(1);
            ready(own)
        }))
    }

    fn fetch_optional<'e, 'q: 'e, E>(
        self,
        query: E,
    ) -> BoxFuture<'e, Result<Option<SqliteRow>, sqlx::Error>>
    where
        't: 'e,
        E: 'q + Execute<'q, Sqlite>,
    {
        match self.with_before(query) {
            Ok((query, _)) => self.connection.fetch_optional(query),
            Err(error) => Box::pin(ready(Err(error))),
        }
    }

    fn prepare_with<'e>(
        self,
        sql: SqlStr,
        parameters: &'e [SqliteTypeInfo],
    ) -> BoxFuture<'e, Result<SqliteStatement, sqlx::Error>>
    where
        't: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, Result<Describe<Sqlite>, sqlx::Error>>
    where
        't: 'e,
    {
        self.connection.describe(sql)
    }
}
