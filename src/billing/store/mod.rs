//! Where billing keeps payments, attempts, journals and the sandbox provider's record: one SQLite file.
//! Rows in and out; what they mean is decided elsewhere.

mod credit;
mod ledger;
mod payments;
pub mod provider;

pub use credit::{credit, set_credit};
pub use ledger::{JournalQuery, StoredJournal, balances, journals, post};
pub use payments::{
    Attempt, Scope, attempt, find_payment, insert_attempt, insert_exchange, insert_payment, met,
    open_attempts, payment, payments, save_outcome, save_payment,
};

use sqlx::migrate::Migrator;

use crate::platform::db;

/// The tables, from the first on.
pub static MIGRATIONS: Migrator = sqlx::migrate!("src/billing/store/migrations");

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Opening, committing or closing failed.
    #[error("the database failed")]
    Db(#[from] db::Error),
    /// A statement failed.
    #[error("a statement failed")]
    Sql(#[from] sqlx::Error),
    /// A row holds what this program never writes.
    #[error("a row of {0} cannot be read")]
    Row(&'static str),
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
