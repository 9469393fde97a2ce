//! The statements about orders and counters in booking's SQLite file, one function each.
//!
//! Reads on somebody's behalf take the world and the account, so that no other account's row can be met.

use prost::Message;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteExecutor};

use super::{Error, listing};
use crate::booking::order::Order;
use crate::booking::standing::Stage;
use crate::platform::db::{Script, Tx};
use crate::platform::outbox;
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::Context;
use crate::rpc::events::v1::Envelope;

/// What an order is read from, of `orders`.
pub(super) const COLUMNS: &str = "world, step, request_id, method_token, state,
    (SELECT change.state FROM order_changes AS change WHERE change.id = change_id) AS change";

pub(super) fn order_of(row: &SqliteRow) -> Result<Order, Error> {
    let number: i64 = row.try_get("step")?;
    let Some(Stage::At(step)) = Stage::of_number(number) else {
        return Err(Error::Value(format!("step {number}")));
    };
    let change: Option<&[u8]> = row.try_get("change")?;
    Ok(Order {
        change: change.map(pb::OrderChange::decode).transpose()?,
        world: row.try_get("world")?,
        step,
        request_id: row.try_get("request_id")?,
        method_token: row.try_get("method_token")?,
        state: pb::Order::decode(row.try_get::<&[u8], _>("state")?)?,
    })
}

/// Adds an order.
pub fn insert_order(script: &mut Script, order: &Order) {
    let state = &order.state;
    let nonce = state.offer.as_ref().map_or(&[][..], |offer| &offer.nonce);
    script
        .add(
            "INSERT INTO orders (id, world, account_id, created_at_us, status, step, client_reference,
                 payment_required_by_us, travel_ends_at_us, offer_nonce, request_id, method_token, state,
                 locator, hold_id, stage, stage_since_us)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(&state.id)
        .bind(&order.world)
        .bind(&state.account_id)
        .bind(state.created_at_us)
        .bind(state.status)
        .bind(Stage::At(order.step).number())
        .bind(&state.client_reference)
        .bind(state.payment_required_by_us)
        .bind(order.travel_ends_at_us())
        .bind(nonce)
        .bind(&order.request_id)
        .bind(&order.method_token)
        .bind(state.encode_to_vec())
        .bind(&state.locator)
        .bind(&state.hold_id)
        .bind(order.stage().number())
        .bind(state.created_at_us);
    listing::insert_segments(script, order);
}

/// Replaces what may change of an order. What was tried is forgotten when its saga gets on.
pub fn update_order(script: &mut Script, order: &Order, now_us: i64) {
    let unknown = order.state.payment_status() == pb::PaymentStatus::Unknown;
    let stage = order.stage().number();
    script
        .add(
            "UPDATE orders SET
                 stage_since_us = iif(stage = ?, stage_since_us, ?),
                 tries = iif(stage = ?, tries, 0),
                 last_error = iif(stage = ?, last_error, ''),
                 next_try_at_us = iif(stage = ?, next_try_at_us, NULL),
                 stage = ?, payment_unknown = ?, status = ?, step = ?, request_id = ?, method_token = ?, state = ?,
                 locator = ?, travel_ends_at_us = ?, change_id = ?
             WHERE id = ?",
        )
        .bind(stage)
        .bind(now_us)
        .bind(stage)
        .bind(stage)
        .bind(stage)
        .bind(stage)
        .bind(unknown)
        .bind(order.state.status)
        .bind(Stage::At(order.step).number())
        .bind(&order.request_id)
        .bind(&order.method_token)
        .bind(order.state.encode_to_vec())
        .bind(&order.state.locator)
        .bind(order.travel_ends_at_us())
        .bind(order.change.as_ref().map(|change| &change.id))
        .bind(&order.state.id);
    for change in &order.state.schedule_changes {
        script
            .add("INSERT INTO schedule_changes (id, order_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
            .bind(&change.id)
            .bind(&order.state.id);
    }
}

/// Any order, for its saga.
pub async fn order(on: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Order>, Error> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query
        .push(COLUMNS)
        .push(" FROM orders WHERE id = ")
        .push_bind(id);
    let row = query.build().fetch_optional(on).await?;
    row.as_ref().map(order_of).transpose()
}

/// Any order, for the effect of an event on it; `None` when the consumer had that before.
pub async fn order_for(
    tx: &mut Tx,
    consumer: &str,
    event: &Envelope,
    id: &str,
) -> Result<Option<Order>, Error> {
    let mut script = Script::default();
    outbox::accept(&mut script, consumer, event);
    script
        .add(&format!(
            "SELECT {COLUMNS} FROM orders WHERE changes() = 1 AND id = ?"
        ))
        .bind(id);
    let row = script.find(tx).await?;
    row.as_ref().map(order_of).transpose()
}

/// An order of the context's account; of any for the platform itself.
pub async fn own_order(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    id: &str,
) -> Result<Option<Order>, Error> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query
        .push(COLUMNS)
        .push(" FROM orders WHERE id = ")
        .push_bind(id);
    query.push(" AND world = ").push_bind(&context.world);
    query.push(" AND ").push_bind(&context.account_id);
    let row = query
        .push(" IN ('', account_id)")
        .build()
        .fetch_optional(on)
        .await?;
    row.as_ref().map(order_of).transpose()
}

/// The order of the context's account that a schedule change is of; of any for the platform itself.
pub async fn own_changed_order(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    schedule_change_id: &str,
) -> Result<Option<Order>, Error> {
    let mut query = QueryBuilder::<Sqlite>::new("SELECT ");
    query.push(COLUMNS);
    query.push(" FROM orders WHERE id = (SELECT order_id FROM schedule_changes WHERE id = ");
    query.push_bind(schedule_change_id).push(") AND world = ");
    query.push_bind(&context.world).push(" AND ");
    query
        .push_bind(&context.account_id)
        .push(" IN ('', account_id)");
    let row = query.build().fetch_optional(on).await?;
    row.as_ref().map(order_of).transpose()
}

/// Id and account of the order that an offer was sold by, at once or for a change.
pub async fn sold_by(
    on: impl SqliteExecutor<'_>,
    world: &str,
    nonce: &[u8],
) -> Result<Option<(String, String)>, Error> {
    let found = sqlx::query_as(
        "SELECT id, account_id FROM orders WHERE world = ?1 AND offer_nonce = ?2 AND status <> 8
         UNION ALL
         SELECT order_id, account_id FROM order_changes
         WHERE world = ?1 AND offer_nonce = ?2 AND status IN (2, 3)",
    )
    .bind(world)
    .bind(nonce)
    .fetch_optional(on)
    .await?;
    Ok(found)
}

/// Id and account of the order that was made from a hold.
pub async fn made_from(
    on: impl SqliteExecutor<'_>,
    world: &str,
    hold_id: &str,
) -> Result<Option<(String, String)>, Error> {
    let found = sqlx::query_as(
        "SELECT id, account_id FROM orders
         WHERE world = ? AND hold_id = ? AND hold_id <> '' AND status <> 8",
    )
    .bind(world)
    .bind(hold_id)
    .fetch_optional(on)
    .await?;
    Ok(found)
}

/// Orders whose saga has something to do by itself, oldest first.
pub async fn unfinished(on: impl SqliteExecutor<'_>) -> Result<Vec<String>, Error> {
    let ids = sqlx::query_scalar(
        "SELECT id FROM orders WHERE step <> 0 AND step IN (1, 3, 5, 6, 8, 10, 12, 13, 14) ORDER BY created_at_us, id",
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

/// Takes so many numbers of each of these rows of numbers, which start at 0; the first that was taken of each.
pub async fn draw(tx: &mut Tx, wanted: &[(&str, u64)]) -> Result<Vec<(String, u64)>, Error> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Sqlite>::new("INSERT INTO counters (name, next) ");
    query.push_values(wanted, |mut row, (name, count)| {
        row.push_bind(*name).push_bind(count.cast_signed());
    });
    query
        .push(" ON CONFLICT (name) DO UPDATE SET next = next + excluded.next RETURNING name, next");
    let taken: Vec<(String, i64)> = query.build_query_as().fetch_all(tx).await?;
    let first = |(name, next): (String, i64)| {
        let of_name = wanted.iter().find(|(wanted, _)| *wanted == name);
        let count = of_name.map_or(0, |(_, count)| *count);
        (name, next.cast_unsigned() - count)
    };
    Ok(taken.into_iter().map(first).collect())
}

/// How far the log of changes to the plan was followed.
pub async fn cursor(on: impl SqliteExecutor<'_>) -> Result<u64, Error> {
    let position: i64 = sqlx::query_scalar("SELECT position FROM plan_cursor")
        .fetch_one(on)
        .await?;
    Ok(position.cast_unsigned())
}

/// Moves on to a position of the log; false when it was passed already.
pub async fn move_cursor(tx: &mut Tx, position: u64) -> Result<bool, Error> {
    let moved = sqlx::query("UPDATE plan_cursor SET position = ?1 WHERE position < ?1")
        .bind(position.cast_signed())
        .execute(tx)
        .await?;
    Ok(moved.rows_affected() == 1)
}
