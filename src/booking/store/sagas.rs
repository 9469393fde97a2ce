//! The statements about sagas in booking's SQLite file, one function each.
//!
//! Reads on somebody's behalf take the world and the account, so that no other account's row can be met.

use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteExecutor};

use super::Error;
use super::listing::Position;
use super::sqlite::{COLUMNS, order_of};
use crate::booking::standing::{STUCK_AFTER_US, Standing};
use crate::platform::db::Tx;
use crate::rpc::booking::v1::SagaState;
use crate::rpc::common::v1::Context;

fn select() -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new("SELECT ");
    query.push(COLUMNS);
    query.push(", stage_since_us, tries, last_error, next_try_at_us FROM orders WHERE world = ");
    query
}

fn standing_of(row: &SqliteRow) -> Result<Standing, Error> {
    Ok(Standing {
        order: order_of(row)?,
        since_us: row.try_get("stage_since_us")?,
        tries: row.try_get("tries")?,
        last_error: row.try_get("last_error")?,
        next_try_at_us: row.try_get("next_try_at_us")?,
    })
}

/// The saga of an order of the context's account; of any for the platform itself.
pub async fn own_saga(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    order_id: &str,
) -> Result<Option<Standing>, Error> {
    let mut query = select();
    query.push_bind(&context.world);
    push_account(&mut query, context);
    query.push(" AND id = ").push_bind(order_id);
    let row = query.build().fetch_optional(on).await?;
    row.as_ref().map(standing_of).transpose()
}

/// Sagas of the context's account or world, those of the newest orders first. The state is that of the context's time.
pub async fn sagas(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    state: SagaState,
    after: Position,
    limit: u32,
) -> Result<Vec<Standing>, Error> {
    let mut query = select();
    query.push_bind(&context.world);
    push_account(&mut query, context);
    // The rules of `Standing::state`.
    let stuck_since = context.now_us.saturating_sub(STUCK_AFTER_US);
    match state {
        SagaState::Unspecified => &mut query,
        SagaState::Resting => query.push(" AND stage = 0"),
        SagaState::Stuck => query
            .push(" AND stage <> 0 AND (payment_unknown = 1 OR stage_since_us <= ")
            .push_bind(stuck_since)
            .push(")"),
        SagaState::Running => query
            .push(" AND stage <> 0 AND payment_unknown = 0 AND stage_since_us > ")
            .push_bind(stuck_since),
    };
    query
        .push(" AND (created_at_us, rowid) < (")
        .push_bind(after.0)
        .push(", ")
        .push_bind(after.1)
        .push(") ORDER BY created_at_us DESC, rowid DESC LIMIT ")
        .push_bind(limit);
    let rows = query.build().fetch_all(on).await?;
    rows.iter().map(standing_of).collect()
}

fn push_account(query: &mut QueryBuilder<Sqlite>, context: &Context) {
    if !context.account_id.is_empty() {
        query
            .push(" AND account_id = ")
            .push_bind(context.account_id.clone());
    }
}

/// Notes that a step was tried this often without an answer; nothing when the saga has come to rest.
pub async fn note_tries(
    tx: &mut Tx,
    order_id: &str,
    tries: u32,
    error: &str,
    next_try_at_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE orders SET tries = tries + ?, last_error = ?, next_try_at_us = ?
         WHERE id = ? AND step <> 0",
    )
    .bind(tries)
    .bind(error)
    .bind(next_try_at_us)
    .bind(order_id)
    .execute(tx)
    .await?;
    Ok(())
}
