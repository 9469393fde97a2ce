//! Where flights keeps holds and the counters of touched flight-dates: one SQLite file, one writer.

mod sqlite;

pub use sqlite::{Ended, Store, Wanted};

use crate::platform::db;

/// The database failed, or holds what this program did not write.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Opening, committing or closing failed.
    #[error("the database failed")]
    Db(#[from] db::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
    /// A row cannot be read.
    #[error("a row of {0} cannot be read")]
    Row(&'static str),
    /// The program is stopping.
    #[error("the change was interrupted")]
    Interrupted,
}

impl From<db::Error> for super::Error {
    fn from(error: db::Error) -> Self {
        Self::Store(error.into())
    }
}

impl From<sqlx::Error> for super::Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}
