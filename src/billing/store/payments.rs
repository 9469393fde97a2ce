//! Payments and what the provider was asked about them, as rows.

use prost::Message;
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row, SqliteExecutor};

use super::Error;
use crate::billing::payment::{Method, Operation, Outcome, Payment, Status};
use crate::kernel::money::{Currency, Money};
use crate::platform::db::{Script, Tx};
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;

/// Whose rows a reader may see: one account's in one world, or with an empty account the whole world's.
#[derive(Clone, Debug)]
pub struct Scope {
    pub world: String,
    pub account_id: String,
}

/// Something the provider was asked, or is about to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Made by us: the provider knows it by this id.
    pub id: String,
    pub payment_id: String,
    pub operation: Operation,
    /// Minor units.
    pub amount: i64,
    /// The event that asked for it.
    pub asked: Envelope,
    /// `None` before the provider has answered.
    pub outcome: Option<Outcome>,
}

#[derive(FromRow)]
struct PaymentRow {
    id: String,
    world: String,
    account_id: String,
    order_id: String,
    method: String,
    method_token: String,
    currency: String,
    amount: i64,
    captured: i64,
    refunded: i64,
    status: String,
    pending: Option<String>,
    decline_code: String,
    created_at_us: i64,
}

impl TryFrom<PaymentRow> for Payment {
    type Error = Error;

    fn try_from(row: PaymentRow) -> Result<Self, Error> {
        let unreadable = Error::Row("payment");
        let pending = match &row.pending {
            Some(word) => Some(Operation::parse(word).ok_or(Error::Row("payment"))?),
            None => None,
        };
        let (Some(currency), Some(status), Some(method)) = (
            Currency::parse(&row.currency),
            Status::parse(&row.status),
            Method::parse(&row.method),
        ) else {
            return Err(unreadable);
        };
        Ok(Payment {
            id: row.id,
            world: row.world,
            account_id: row.account_id,
            order_id: row.order_id,
            method,
            method_token: row.method_token,
            amount: Money::new(row.amount, currency),
            captured: row.captured,
            refunded: row.refunded,
            status,
            pending,
            decline_code: row.decline_code,
            created_at_us: row.created_at_us,
        })
    }
}

#[derive(FromRow)]
struct AttemptRow {
    id: String,
    payment_id: String,
    operation: String,
    amount: i64,
    asked: Vec<u8>,
    outcome: Option<String>,
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = Error;

    fn try_from(row: AttemptRow) -> Result<Self, Error> {
        let unreadable = || Error::Row("attempt");
        let outcome = match row.outcome.as_deref() {
            None => None,
            Some("done") => Some(Outcome::Done),
            Some("unknown") => Some(Outcome::Unknown),
            // The reason is kept with the payment.
            Some(_) => Some(Outcome::Declined(String::new())),
        };
        Ok(Attempt {
            id: row.id,
            payment_id: row.payment_id,
            operation: Operation::parse(&row.operation).ok_or_else(unreadable)?,
            amount: row.amount,
            asked: Envelope::decode(row.asked.as_slice()).map_err(|_| unreadable())?,
            outcome,
        })
    }
}

/// A payment by its id, whoever's it is.
pub async fn payment(on: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Payment>, Error> {
    let row: Option<PaymentRow> = sqlx::query_as("SELECT * FROM payment WHERE id = ?")
        .bind(id)
        .fetch_optional(on)
        .await?;
    row.map(Payment::try_from).transpose()
}

/// A payment that the reader may see.
pub async fn find_payment(
    on: impl SqliteExecutor<'_>,
    scope: &Scope,
    id: &str,
) -> Result<Option<Payment>, Error> {
    let found = payment(on, id).await?;
    Ok(found.filter(|payment| {
        payment.world == scope.world
            && (scope.account_id.is_empty() || payment.account_id == scope.account_id)
    }))
}

/// The payments of an order, or all that the reader may see when `order_id` is empty; oldest first.
pub async fn payments(
    on: impl SqliteExecutor<'_>,
    scope: &Scope,
    order_id: &str,
) -> Result<Vec<Payment>, Error> {
    let rows: Vec<PaymentRow> = sqlx::query_as(
        "SELECT * FROM payment WHERE world = ?1 AND (?2 = '' OR account_id = ?2) AND (?3 = '' OR order_id = ?3)
         ORDER BY id",
    )
    .bind(&scope.world)
    .bind(&scope.account_id)
    .bind(order_id)
    .fetch_all(on)
    .await?;
    rows.into_iter().map(Payment::try_from).collect()
}

/// Adds a payment.
pub fn insert_payment(script: &mut Script, payment: &Payment) {
    script
        .add(
            "INSERT INTO payment (id, world, account_id, order_id, method, method_token, currency, amount, captured,
                 refunded, status, pending, decline_code, created_at_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&payment.id)
        .bind(&payment.world)
        .bind(&payment.account_id)
        .bind(&payment.order_id)
        .bind(payment.method.as_str())
        .bind(&payment.method_token)
        .bind(payment.amount.currency.code())
        .bind(payment.amount.amount)
        .bind(payment.captured)
        .bind(payment.refunded)
        .bind(payment.status.as_str())
        .bind(payment.pending.map(Operation::as_str))
        .bind(&payment.decline_code)
        .bind(payment.created_at_us);
}

/// Writes what changes in a payment's life.
pub fn save_payment(script: &mut Script, payment: &Payment) {
    script
        .add("UPDATE payment SET captured = ?, refunded = ?, status = ?, pending = ?, decline_code = ? WHERE id = ?")
        .bind(payment.captured)
        .bind(payment.refunded)
        .bind(payment.status.as_str())
        .bind(payment.pending.map(Operation::as_str))
        .bind(&payment.decline_code)
        .bind(&payment.id);
}

/// An attempt with its payment.
pub async fn attempt(tx: &mut Tx, id: &str) -> Result<Option<(Attempt, Payment)>, Error> {
    let row = sqlx::query(
        "SELECT payment.*, attempt.id AS attempt_id, attempt.operation, attempt.amount AS attempt_amount,
             attempt.asked, attempt.outcome
         FROM attempt JOIN payment ON payment.id = attempt.payment_id WHERE attempt.id = ?",
    )
    .bind(id)
    .fetch_optional(tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let payment = Payment::try_from(PaymentRow::from_row(&row)?)?;
    Ok(Some((attempt_of(&row, &payment.id)?, payment)))
}

/// What an event meets: whether the consumer has not had it before, the attempt of this id, and the payment of this one.
pub async fn met(
    tx: &mut Tx,
    (consumer, event): (&str, &Envelope),
    attempt_id: &str,
    payment_id: &str,
) -> Result<(bool, Option<Attempt>, Option<Payment>), Error> {
    let mut script = Script::default();
    outbox::accept(&mut script, consumer, event);
    script
        .add(
            "SELECT changes() = 1 AS new, payment.*, attempt.id AS attempt_id, attempt.payment_id AS attempt_payment_id,
                 attempt.operation, attempt.amount AS attempt_amount, attempt.asked, attempt.outcome
             FROM (SELECT 1) LEFT JOIN attempt ON attempt.id = ? LEFT JOIN payment ON payment.id = ?",
        )
        .bind(attempt_id)
        .bind(payment_id);
    let row = script.find(tx).await?.ok_or(sqlx::Error::RowNotFound)?;
    let known = |column: &str| row.try_get::<Option<String>, _>(column);
    let attempt = match known("attempt_payment_id")? {
        Some(payment_id) => Some(attempt_of(&row, &payment_id)?),
        None => None,
    };
    let payment = match known("id")? {
        Some(_) => Some(PaymentRow::from_row(&row)?.try_into()?),
        None => None,
    };
    Ok((row.try_get("new")?, attempt, payment))
}

/// An attempt of a row in which its columns stand beside those of a payment.
fn attempt_of(row: &SqliteRow, payment_id: &str) -> Result<Attempt, Error> {
    Attempt::try_from(AttemptRow {
        id: row.try_get("attempt_id")?,
        payment_id: payment_id.to_owned(),
        operation: row.try_get("operation")?,
        amount: row.try_get("attempt_amount")?,
        asked: row.try_get("asked")?,
        outcome: row.try_get("outcome")?,
    })
}

/// Adds an attempt that has no outcome yet.
pub fn insert_attempt(script: &mut Script, attempt: &Attempt) {
    script
        .add(
            "INSERT INTO attempt (id, payment_id, operation, amount, asked) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(&attempt.id)
        .bind(&attempt.payment_id)
        .bind(attempt.operation.as_str())
        .bind(attempt.amount)
        .bind(attempt.asked.encode_to_vec());
}

/// Adds an exchange, which nobody is asked about: it is done with its journal. False when it is there already.
pub async fn insert_exchange(
    tx: &mut Tx,
    id: &str,
    payment_id: &str,
    asked: &Envelope,
) -> Result<bool, Error> {
    let done = sqlx::query(
        "INSERT INTO attempt (id, payment_id, operation, amount, asked, outcome)
         VALUES (?, ?, 'exchange', 0, ?, 'done') ON CONFLICT DO NOTHING",
    )
    .bind(id)
    .bind(payment_id)
    .bind(asked.encode_to_vec())
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Notes what came of an attempt.
pub fn save_outcome(script: &mut Script, id: &str, outcome: &Outcome) {
    let word = match outcome {
        Outcome::Done => "done",
        Outcome::Declined(_) => "declined",
        Outcome::Unknown => "unknown",
    };
    script
        .add("UPDATE attempt SET outcome = ? WHERE id = ?")
        .bind(word)
        .bind(id);
}

/// Attempts whose outcome is not known, in the scope, or anywhere when there is none.
pub async fn open_attempts(
    on: impl SqliteExecutor<'_>,
    scope: Option<&Scope>,
) -> Result<Vec<Attempt>, Error> {
    let rows: Vec<AttemptRow> = sqlx::query_as(
        "SELECT attempt.* FROM attempt JOIN payment ON payment.id = attempt.payment_id
         WHERE (outcome IS NULL OR outcome = 'unknown')
             AND (?1 IS NULL OR world = ?1) AND (?2 IS NULL OR ?2 = '' OR account_id = ?2)
         ORDER BY attempt.id",
    )
    .bind(scope.map(|scope| &scope.world))
    .bind(scope.map(|scope| &scope.account_id))
    .fetch_all(on)
    .await?;
    rows.into_iter().map(Attempt::try_from).collect()
}
