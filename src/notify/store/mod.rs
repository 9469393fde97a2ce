//! Where notify keeps feeds, endpoints and deliveries: one SQLite file, without the secrets of endpoints.

mod append;
mod deliveries;
mod endpoints;
mod feed;

use std::path::Path;
use std::sync::{Arc, Mutex};

use sqlx::migrate::Migrator;

pub use deliveries::{Due, Lane, Made, Verdict};
pub use endpoints::{Change, Endpoint, NewEndpoint, Owner};
pub use feed::Query;

use crate::platform::db::{self, Db};

static MIGRATIONS: Migrator = sqlx::migrate!("src/notify/store/migrations");

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Opening, committing or closing failed.
    #[error("the database failed")]
    Db(#[from] db::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
    /// A stored event cannot be read.
    #[error("a stored event cannot be read")]
    Envelope(#[from] prost::DecodeError),
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

/// Notify's database; clones share it.
#[derive(Clone)]
pub struct Store {
    db: Db,
    /// Events that are added with the next commit.
    waiting: Arc<Mutex<Vec<append::Waiting>>>,
}

impl Store {
    /// Opens or makes the file.
    pub async fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self {
            db: Db::open(path, &MIGRATIONS).await?,
            waiting: Arc::default(),
        })
    }

    /// Commits what was accepted and closes the file.
    pub async fn close(&self) {
        self.db.close().await;
    }
}
