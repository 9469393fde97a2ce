//! The statements about idempotency keys and cancellations in booking's SQLite file, one function each.
//!
//! Reads on somebody's behalf take the world and the account, so that no other account's row can be met.

use prost::Message;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteExecutor};

use super::Error;
use crate::api::problem::Code;
use crate::booking::cancellation::{Cancellation, Terms};
use crate::booking::idempotency::{Answer, Entry, Key, Operation, Settled};
use crate::booking::order::Order;
use crate::platform::db::{Script, Tx};
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::{Context, Money};

/// Adds a quote for the order's account; one that is there stays as it is.
pub async fn insert_quote(tx: &mut Tx, order: &Order, quote: &Cancellation) -> Result<(), Error> {
    let currency = quote.terms.refund.as_ref().map(|refund| &refund.currency);
    let lines = pb::Cancellation {
        lines: quote.lines.clone(),
        ..pb::Cancellation::default()
    };
    sqlx::query(
        "INSERT INTO cancellations
             (id, world, account_id, order_id, created_at_us, expires_at_us, refund, penalty, currency, lines)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&quote.id)
    .bind(&order.world)
    .bind(&order.state.account_id)
    .bind(&quote.order_id)
    .bind(quote.created_at_us)
    .bind(quote.expires_at_us)
    .bind(quote.terms.refund.as_ref().map(|refund| refund.amount))
    .bind(quote.terms.penalty.as_ref().map(|penalty| penalty.amount))
    .bind(currency)
    .bind(lines.encode_to_vec())
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes that a quote was confirmed.
pub async fn confirm_quote(tx: &mut Tx, id: &str, at_us: i64) -> Result<(), Error> {
    sqlx::query("UPDATE cancellations SET confirmed_at_us = ? WHERE id = ?")
        .bind(at_us)
        .bind(id)
        .execute(tx)
        .await?;
    Ok(())
}

fn cancellation_of(row: &SqliteRow) -> Result<Cancellation, Error> {
    let currency: Option<String> = row.try_get("currency")?;
    let money = |column: &str| -> Result<Option<Money>, Error> {
        let amount: Option<i64> = row.try_get(column)?;
        Ok(amount
            .zip(currency.clone())
            .map(|(amount, currency)| Money { amount, currency }))
    };
    let lines: Option<Vec<u8>> = row.try_get("lines")?;
    let lines = pb::Cancellation::decode(lines.unwrap_or_default().as_slice())?.lines;
    Ok(Cancellation {
        id: row.try_get("id")?,
        lines,
        order_id: row.try_get("order_id")?,
        created_at_us: row.try_get("created_at_us")?,
        expires_at_us: row.try_get("expires_at_us")?,
        terms: Terms {
            refund: money("refund")?,
            penalty: money("penalty")?,
        },
        confirmed_at_us: row.try_get("confirmed_at_us")?,
    })
}

/// Any cancellation, for the saga that works on it.
pub async fn cancellation(
    on: impl SqliteExecutor<'_>,
    id: &str,
) -> Result<Option<Cancellation>, Error> {
    let row = sqlx::query("SELECT * FROM cancellations WHERE id = ?")
        .bind(id)
        .fetch_optional(on)
        .await?;
    row.as_ref().map(cancellation_of).transpose()
}

/// A cancellation of the context's account; of any for the platform itself.
pub async fn own_cancellation(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    id: &str,
) -> Result<Option<Cancellation>, Error> {
    let row = sqlx::query(
        "SELECT * FROM cancellations WHERE id = ? AND world = ? AND ? IN ('', account_id)",
    )
    .bind(id)
    .bind(&context.world)
    .bind(&context.account_id)
    .fetch_optional(on)
    .await?;
    row.as_ref().map(cancellation_of).transpose()
}

/// Adds an entry without an answer.
pub fn insert_entry(script: &mut Script, entry: &Entry) {
    script
        .add(
            "INSERT INTO idempotency
                 (world, account_id, operation, key, fingerprint, order_id, part_id, created_at_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&entry.key.world)
        .bind(&entry.key.account_id)
        .bind(entry.key.operation.as_str())
        .bind(&entry.key.key)
        .bind(&entry.fingerprint)
        .bind(&entry.order_id)
        .bind(&entry.part_id)
        .bind(entry.created_at_us);
}

/// Writes the first answer.
pub fn answer(script: &mut Script, Settled { key, answer }: &Settled) {
    let (reply, failure_code) = match answer {
        Answer::Reply(reply) => (Some(reply.as_slice()), None),
        Answer::Problem(code) => (None, Some(code.as_str())),
    };
    script
        .add(
            "UPDATE idempotency SET reply = ?, failure_code = ?
             WHERE world = ? AND account_id = ? AND operation = ? AND key = ?",
        )
        .bind(reply)
        .bind(failure_code)
        .bind(&key.world)
        .bind(&key.account_id)
        .bind(key.operation.as_str())
        .bind(&key.key);
}

fn entry_of(row: &SqliteRow) -> Result<Entry, Error> {
    let operation: String = row.try_get("operation")?;
    let operation = Operation::parse(&operation)
        .ok_or_else(|| Error::Value(format!("operation {operation}")))?;
    let reply: Option<Vec<u8>> = row.try_get("reply")?;
    let failure: Option<String> = row.try_get("failure_code")?;
    let failure = failure
        .map(|code| Code::parse(&code).ok_or_else(|| Error::Value(format!("problem code {code}"))))
        .transpose()?;
    Ok(Entry {
        key: Key {
            world: row.try_get("world")?,
            account_id: row.try_get("account_id")?,
            operation,
            key: row.try_get("key")?,
        },
        fingerprint: row.try_get("fingerprint")?,
        order_id: row.try_get("order_id")?,
        part_id: row.try_get("part_id")?,
        created_at_us: row.try_get("created_at_us")?,
        answer: reply.map(Answer::Reply).or(failure.map(Answer::Problem)),
    })
}

/// What is known of a key.
pub async fn entry(on: impl SqliteExecutor<'_>, key: &Key) -> Result<Option<Entry>, Error> {
    let row = sqlx::query(
        "SELECT * FROM idempotency
         WHERE world = ? AND account_id = ? AND operation = ? AND key = ?",
    )
    .bind(&key.world)
    .bind(&key.account_id)
    .bind(key.operation.as_str())
    .bind(&key.key)
    .fetch_optional(on)
    .await?;
    row.as_ref().map(entry_of).transpose()
}

/// What a new order meets.
pub struct Met {
    /// What is known of its key.
    pub entry: Option<Entry>,
    /// Id and account of the order that its offer was sold by, or that was made of its hold.
    pub sold: Option<(String, String)>,
    /// Whether there is an order of its id.
    pub taken: bool,
}

/// Looks for all that stands in the way of a new order.
pub async fn met(tx: &mut Tx, key: &Key, order: &Order) -> Result<Met, Error> {
    let state = &order.state;
    let nonce = state.offer.as_ref().map_or(&[][..], |offer| &offer.nonce);
    let row = sqlx::query(
        "SELECT i.*, sold.order_id AS sold_order_id, sold.account_id AS sold_account_id,
             EXISTS (SELECT 1 FROM orders WHERE id = ?7) AS taken
         FROM (SELECT 1)
         LEFT JOIN idempotency AS i ON i.world = ?1 AND i.account_id = ?2 AND i.operation = ?3 AND i.key = ?4
         LEFT JOIN (
             SELECT id AS order_id, account_id FROM orders WHERE world = ?1 AND offer_nonce = ?5 AND status <> 8
             UNION ALL
             SELECT order_id, account_id FROM order_changes WHERE world = ?1 AND offer_nonce = ?5 AND status IN (2, 3)
             UNION ALL
             SELECT id, account_id FROM orders WHERE world = ?1 AND hold_id = ?6 AND hold_id <> '' AND status <> 8
         ) AS sold
         LIMIT 1",
    )
    .bind(&key.world)
    .bind(&key.account_id)
    .bind(key.operation.as_str())
    .bind(&key.key)
    .bind(nonce)
    .bind(&state.hold_id)
    .bind(&state.id)
    .fetch_one(tx)
    .await?;
    let known = |column: &str| row.try_get::<Option<String>, _>(column);
    Ok(Met {
        entry: match known("key")? {
            Some(_) => Some(entry_of(&row)?),
            None => None,
        },
        sold: known("sold_order_id")?.zip(known("sold_account_id")?),
        taken: row.try_get("taken")?,
    })
}

/// The command that an order works on. There is at most one: no other is accepted until its saga rests.
pub async fn open_entry(tx: &mut Tx, order_id: &str) -> Result<Option<Entry>, Error> {
    let row = sqlx::query(
        "SELECT * FROM idempotency
         WHERE order_id = ? AND reply IS NULL AND failure_code IS NULL",
    )
    .bind(order_id)
    .fetch_optional(tx)
    .await?;
    row.as_ref().map(entry_of).transpose()
}
