//! The statements about changes of journeys in booking's SQLite file, one function each.
//!
//! Reads on somebody's behalf take the world and the account, so that no other account's row can be met.

use prost::Message;
use sqlx::SqliteExecutor;

use super::Error;
use crate::booking::order::Order;
use crate::platform::db::Script;
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::Context;

/// Keeps a change of an order as it now is.
pub fn save(script: &mut Script, order: &Order, change: &pb::OrderChange) {
    let offer = change.offer.as_ref();
    script
        .add(
            "INSERT INTO order_changes (id, world, account_id, order_id, offer_nonce, status, state)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET status = excluded.status, state = excluded.state",
        )
        .bind(&change.id)
        .bind(&order.world)
        .bind(&order.state.account_id)
        .bind(&change.order_id)
        .bind(offer.map_or(&[][..], |offer| &offer.nonce))
        .bind(change.status)
        .bind(change.encode_to_vec());
}

/// A change of the context's account; of any for the platform itself.
pub async fn own_change(
    on: impl SqliteExecutor<'_>,
    context: &Context,
    id: &str,
) -> Result<Option<pb::OrderChange>, Error> {
    let state: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT state FROM order_changes WHERE id = ? AND world = ? AND ? IN ('', account_id)",
    )
    .bind(id)
    .bind(&context.world)
    .bind(&context.account_id)
    .fetch_optional(on)
    .await?;
    let change = state.map(|state| pb::OrderChange::decode(state.as_slice()));
    Ok(change.transpose()?)
}
