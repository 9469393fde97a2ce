//! Where flights keeps holds, the records of touched flight-dates, the log of changed plans and the fares: one SQLite file, one
//! writer.

mod fares;
mod plans;
mod records;
mod sqlite;

pub use fares::Selection;
pub use plans::{Replan, Turn};
pub use sqlite::{Store, Wanted};

use super::overlay::Record;
use crate::platform::db;
use crate::rpc::flights::v1::{Fare, FlightDate};

/// What a change leaves behind.
#[derive(Debug)]
pub struct Done<T> {
    /// The answer; it may be a refusal although something was changed.
    pub answer: Result<T, super::Error>,
    /// The records as they are now.
    pub records: Vec<(FlightDate, Record)>,
    /// The fare as it is now.
    pub fare: Option<Fare>,
}

impl<T> Done<T> {
    /// An answer that changed nothing.
    pub fn unchanged(answer: T) -> Self {
        Self::changed(answer, Vec::new())
    }

    /// An answer, and the records that it changed.
    pub fn changed(answer: T, records: Vec<(FlightDate, Record)>) -> Self {
        Self {
            answer: Ok(answer),
            records,
            fare: None,
        }
    }
}

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
