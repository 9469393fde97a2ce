//! The record of the sandbox's payment provider: rows that are added and never changed.

use sqlx::{FromRow, SqliteExecutor};

use super::Error;
use crate::billing::payment::{Operation, Outcome};
use crate::billing::provider::{Done, Request};
use crate::platform::db::Tx;

#[derive(FromRow)]
struct Row {
    id: String,
    payment_id: String,
    operation: String,
    amount: i64,
    currency: String,
    method_token: String,
    decline_code: Option<String>,
}

impl TryFrom<Row> for Done {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let operation = Operation::parse(&row.operation).ok_or(Error::Row("provider_operation"))?;
        let request = Request {
            id: row.id,
            payment_id: row.payment_id,
            operation,
            amount: row.amount,
            currency: row.currency,
            method_token: row.method_token,
        };
        Ok(Done {
            request,
            outcome: row.decline_code.map_or(Outcome::Done, Outcome::Declined),
        })
    }
}

/// What was done under an id.
pub async fn find(on: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Done>, Error> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM provider_operation WHERE id = ?")
        .bind(id)
        .fetch_optional(on)
        .await?;
    row.map(Done::try_from).transpose()
}

/// All that was done for a payment.
pub async fn of_payment(on: impl SqliteExecutor<'_>, payment_id: &str) -> Result<Vec<Done>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM provider_operation WHERE payment_id = ?")
        .bind(payment_id)
        .fetch_all(on)
        .await?;
    rows.into_iter().map(Done::try_from).collect()
}

/// All that was ever done.
pub async fn all(on: impl SqliteExecutor<'_>) -> Result<Vec<Done>, Error> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM provider_operation")
        .fetch_all(on)
        .await?;
    rows.into_iter().map(Done::try_from).collect()
}

/// Remembers what was done.
pub async fn insert(tx: &mut Tx, done: &Done) -> Result<(), Error> {
    let decline_code = match &done.outcome {
        Outcome::Declined(code) => Some(code.as_str()),
        Outcome::Done | Outcome::Unknown => None,
    };
    sqlx::query(
        "INSERT INTO provider_operation (id, payment_id, operation, amount, currency, method_token, decline_code)
         VALUES (?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&done.request.id)
    .bind(&done.request.payment_id)
    .bind(done.request.operation.as_str())
    .bind(done.request.amount)
    .bind(&done.request.currency)
    .bind(&done.request.method_token)
    .bind(decline_code)
    .execute(tx)
    .await?;
    Ok(())
}
