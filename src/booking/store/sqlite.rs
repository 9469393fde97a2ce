//! The statements about orders and counters in booking's SQLite file, one function each.
//!
//! Reads on somebody's behalf take the world and the account, so that no other account's row can be met.

use prost::Message;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqliteExecutor};

use super::Error;
use crate::booking::order::{Order, Step};
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::Context;

const STEPS: [(Step, i64); 7] = [
    (Step::Rest, 0),
    (Step::HoldSeats, 1),
    (Step::AwaitAuthorization, 2),
    (Step::ConfirmHold, 3),
    (Step::AwaitCapture, 4),
    (Step::ReleaseHold, 5),
    (Step::ReturnSeats, 6),
];

fn number(step: Step) -> i64 {
    let known = STEPS.iter().find(|(known, _)| *known == step);
    known.expect("every step has a number").1
}

fn order_of(row: &SqliteRow) -> Result<Order, Error> {
    let step: i64 = row.try_get("step")?;
    let known = STEPS.iter().find(|(_, number)| *number == step);
    Ok(Order {
        world: row.try_get("world")?,
        step: known.ok_or_else(|| Error::Value(format!("step {step}")))?.0,
        request_id: row.try_get("request_id")?,
        method_token: row.try_get("method_token")?,
        state: pb::Order::decode(row.try_get::<&[u8], _>("state")?)?,
    })
}

/// Adds an order.
pub async fn insert_order(tx: &mut SqliteConnection, order: &Order) -> Result<(), Error> {
    let state = &order.state;
    let nonce = state.offer.as_ref().map_or(&[][..], |offer| &offer.nonce);
    sqlx::query(
        "INSERT INTO orders (id, world, account_id, created_at_us, status, step, client_reference,
             payment_required_by_us, travel_ends_at_us, offer_nonce, request_id, method_token, state)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(&state.id)
    .bind(&order.world)
    .bind(&state.account_id)
    .bind(state.created_at_us)
    .bind(state.status)
    .bind(number(order.step))
    .bind(&state.client_reference)
    .bind(state.payment_required_by_us)
    .bind(order.travel_ends_at_us())
    .bind(nonce)
    .bind(&order.request_id)
    .bind(&order.method_token)
    .bind(state.encode_to_vec())
    .execute(tx)
    .await?;
    Ok(())
}

/// Replaces what may change of an order.
pub async fn update_order(tx: &mut SqliteConnection, order: &Order) -> Result<(), Error> {
    sqlx::query(
        "UPDATE orders SET status = ?, step = ?, request_id = ?, method_token = ?, state = ?
         WHERE id = ?",
    )
    .bind(order.state.status)
    .bind(number(order.step))
    .bind(&order.request_id)
    .bind(&order.method_token)
    .bind(order.state.encode_to_vec())
    .bind(&order.state.id)
    .execute(tx)
    .await?;
    Ok(())
}

/// Any order, for its saga.
pub async fn order(on: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Order>, Error> {
    let row =
        sqlx::query("SELECT world, step, request_id, method_token, state FROM orders WHERE id = ?")
            .bind(id)
            .fetch_optional(on)
            .await?;
    row.as_ref().map(order_of).transpose()
}

/// An order of the context's account.
pub async fn own_order(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    id: &str,
) -> Result<Option<Order>, Error> {
    let row = sqlx::query(
        "SELECT world, step, request_id, method_token, state FROM orders
         WHERE id = ? AND world = ? AND account_id = ?",
    )
    .bind(id)
    .bind(&context.world)
    .bind(&context.account_id)
    .fetch_optional(on)
    .await?;
    row.as_ref().map(order_of).transpose()
}

/// Id and account of the order that an offer was sold by.
pub async fn sold_by(
    on: impl SqliteExecutor<'_>,
    world: &str,
    nonce: &[u8],
) -> Result<Option<(String, String)>, Error> {
    let found = sqlx::query_as(
        "SELECT id, account_id FROM orders WHERE world = ? AND offer_nonce = ? AND status <> 8",
    )
    .bind(world)
    .bind(nonce)
    .fetch_optional(on)
    .await?;
    Ok(found)
}

/// Creation time of an order, and its place among all that were ever accepted: many are made at one moment of a frozen clock.
pub type Position = (i64, i64);

/// Where an order stands, or what comes before the newest one when none is named; `None` when the context may not see it.
pub async fn position(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    order_id: &str,
) -> Result<Option<Position>, Error> {
    if order_id.is_empty() {
        return Ok(Some((i64::MAX, i64::MAX)));
    }
    let found = sqlx::query_as(
        "SELECT created_at_us, rowid FROM orders WHERE id = ? AND world = ? AND ? IN ('', account_id)",
    )
    .bind(order_id)
    .bind(&context.world)
    .bind(&context.account_id)
    .fetch_optional(on)
    .await?;
    Ok(found)
}

/// Which orders a page holds.
pub struct Selection {
    /// 0 for any.
    pub status: i32,
    /// Empty for any.
    pub client_reference: String,
    /// Where the last order of the page before stands.
    pub after: Position,
    /// Most orders of the page.
    pub limit: u32,
}

/// Orders of the context's account, newest first; those of its whole world when it is the platform that asks. The status is
/// that of the context's time.
pub async fn orders(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    selection: &Selection,
) -> Result<Vec<Order>, Error> {
    // The rules of `Order::status`: held past its time is expired (7), flown is completed (5). Two texts, because one that
    // serves both would use no index.
    let query = if context.account_id.is_empty() {
        sqlx::query(
            "SELECT world, step, request_id, method_token, state FROM orders
             WHERE world = ?1 AND ?2 = '' AND (created_at_us, rowid) < (?3, ?4)
               AND (?5 = 0 OR ?5 = CASE
                    WHEN status = 2 AND step = 0 AND payment_required_by_us <= ?6 THEN 7
                    WHEN status = 4 AND travel_ends_at_us <= ?6 THEN 5 ELSE status END)
               AND (?7 = '' OR client_reference = ?7)
             ORDER BY created_at_us DESC, rowid DESC LIMIT ?8",
        )
    } else {
        sqlx::query(
            "SELECT world, step, request_id, method_token, state FROM orders
             WHERE world = ?1 AND account_id = ?2 AND (created_at_us, rowid) < (?3, ?4)
               AND (?5 = 0 OR ?5 = CASE
                    WHEN status = 2 AND step = 0 AND payment_required_by_us <= ?6 THEN 7
                    WHEN status = 4 AND travel_ends_at_us <= ?6 THEN 5 ELSE status END)
               AND (?7 = '' OR client_reference = ?7)
             ORDER BY created_at_us DESC, rowid DESC LIMIT ?8",
        )
    };
    let rows = query
        .bind(&context.world)
        .bind(&context.account_id)
        .bind(selection.after.0)
        .bind(selection.after.1)
        .bind(selection.status)
        .bind(context.now_us)
        .bind(&selection.client_reference)
        .bind(selection.limit)
        .fetch_all(on)
        .await?;
    rows.iter().map(order_of).collect()
}

/// Orders whose saga has something to do by itself, oldest first.
pub async fn unfinished(on: impl SqliteExecutor<'_>) -> Result<Vec<String>, Error> {
    let ids = sqlx::query_scalar(
        "SELECT id FROM orders WHERE step <> 0 AND step IN (1, 3, 5, 6) ORDER BY created_at_us, id",
    );
    Ok(ids.fetch_all(on).await?)
}

/// Held orders of a world whose time to be paid is over.
pub async fn overdue(
    on: impl SqliteExecutor<'_>,
    world: &str,
    now_us: i64,
) -> Result<Vec<String>, Error> {
    let ids = sqlx::query_scalar(
        "SELECT id FROM orders
         WHERE world = ? AND status = 2 AND step = 0 AND payment_required_by_us <= ?",
    )
    .bind(world)
    .bind(now_us)
    .fetch_all(on)
    .await?;
    Ok(ids)
}

/// Takes `count` numbers of a row of numbers that starts at 0; the first of them.
pub async fn draw(tx: &mut SqliteConnection, name: &str, count: u64) -> Result<u64, Error> {
    let next: i64 = sqlx::query_scalar(
        "INSERT INTO counters (name, next) VALUES (?1, ?2)
         ON CONFLICT (name) DO UPDATE SET next = next + ?2 RETURNING next",
    )
    .bind(name)
    .bind(count.cast_signed())
    .fetch_one(tx)
    .await?;
    Ok(next.cast_unsigned() - count)
}
