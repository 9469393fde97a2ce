//! Where notify keeps feeds: one SQLite file.

mod sqlite;

pub use sqlite::{Query, Store};

use crate::platform::db;

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Opening, committing or closing failed.
    #[error("the database failed")]
    Db(#[from] db::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
}
