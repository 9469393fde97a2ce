//! Where identity keeps accounts, keys, clocks and the audit: one SQLite file, no secrets. Each write is one transaction that
//! either finds what it asks for already there, makes it, or refuses; what a request means is the service's matter.

mod accounts;
mod audit;
mod keys;
mod worlds;

use std::path::Path;

use sqlx::migrate::Migrator;

pub use accounts::{Account, Agency, NewLimit, Said};
pub use audit::{Appended, Head};
pub use keys::{Key, Kind, Replacement};
pub use worlds::Clock;

use crate::platform::db::{self, Db};

static MIGRATIONS: Migrator = sqlx::migrate!("src/identity/store/migrations");

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

/// Identity's database.
pub struct Store {
    db: Db,
}

impl Store {
    /// Opens or makes the file.
    pub async fn open(path: &Path) -> Result<Self, db::Error> {
        Ok(Self {
            db: Db::open(path, &MIGRATIONS).await?,
        })
    }

    /// The database, for the relay that publishes its outbox.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// Commits what was accepted and closes the file.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

/// Whether a constraint of uniqueness was violated.
fn is_taken(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(|cause| cause.is_unique_violation())
}

/// A digest of a row.
fn hash(bytes: Vec<u8>) -> Result<[u8; 32], sqlx::Error> {
    bytes
        .try_into()
        .map_err(|_| sqlx::Error::Decode("a digest has 32 bytes".into()))
}
