//! Statements that are gathered and run in one journey to the connection's thread: for changes of which none has an answer that
//! decides about the next.

use sqlx::error::BoxDynError;
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments, SqliteRow};
use sqlx::{Arguments, AssertSqlSafe, Encode, Executor, Type};

use super::Tx;

/// Statements in the order in which they are run. Each is followed by the values of its parameters, which are all called `?`.
#[derive(Default)]
pub struct Script {
    sql: String,
    arguments: SqliteArguments,
    unwritable: Option<BoxDynError>,
}

impl Script {
    /// Adds a statement.
    pub fn add(&mut self, statement: &str) -> &mut Self {
        self.sql.push_str(statement);
        self.sql.push_str(";\n");
        self
    }

    /// Gives the next parameter its value.
    pub fn bind<'v, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'v, Sqlite> + Type<Sqlite>,
    {
        if let Err(error) = self.arguments.add(value) {
            self.unwritable.get_or_insert(error);
        }
        self
    }

    /// Runs them all.
    ///
    /// # Errors
    /// The first that failed; those after it were not run.
    pub async fn run(self, tx: &mut Tx) -> Result<(), sqlx::Error> {
        if self.sql.is_empty() {
            return Ok(());
        }
        tx.execute(self.query()?).await.map(drop)
    }

    /// Runs them all; the first row that the last one finds, the only one that may find any.
    ///
    /// # Errors
    /// The first that failed; those after it were not run.
    pub async fn find(self, tx: &mut Tx) -> Result<Option<SqliteRow>, sqlx::Error> {
        tx.fetch_optional(self.query()?).await
    }

    /// Runs them all; the rows that the last one finds, the only one that may find any.
    ///
    /// # Errors
    /// The first that failed; those after it were not run.
    pub async fn find_all(self, tx: &mut Tx) -> Result<Vec<SqliteRow>, sqlx::Error> {
        tx.fetch_all(self.query()?).await
    }

    fn query(self) -> Result<Query<'static, Sqlite, SqliteArguments>, sqlx::Error> {
        match self.unwritable {
            Some(error) => Err(sqlx::Error::Encode(error)),
            // The statements are those of this program; what comes from elsewhere is bound.
            None => Ok(sqlx::query_with(AssertSqlSafe(self.sql), self.arguments)),
        }
    }
}
