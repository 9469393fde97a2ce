//! Where identity keeps accounts, keys and clocks: one SQLite file, no secrets.

mod sqlite;

pub use sqlite::Store;

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

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    pub id: String,
    pub name: String,
    pub world: String,
}

/// A key without its secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub id: String,
    pub account_id: String,
    pub audience: String,
    pub scopes: Vec<String>,
    pub digest: [u8; 32],
    pub last_four: String,
    pub created_at_us: i64,
}

/// A simulated clock of a world.
#[derive(Clone, Debug)]
pub struct Clock {
    pub id: String,
    pub world: String,
    pub now_us: i64,
}
