//! Cancellations in two steps, quote and confirm, for the contracts that have both.

use crate::api::shared::OrderCancellation;
use crate::edge::call::{ANSWER_WITHIN, Call, idempotency, patience};
use crate::edge::order_parts::cancellation;
use crate::kernel::id::CancellationId;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

/// A confirmed cancellation.
pub struct Confirmed {
    /// The cancellation.
    pub body: OrderCancellation,
    /// Whether the answer was given before, under the same key.
    pub replayed: bool,
    /// Whether the refund has settled.
    pub settled: bool,
}

/// Says what cancelling an order would give back.
pub async fn quote(call: Call<'_>, order_id: String) -> Result<OrderCancellation, Problem> {
    let asked = booking::QuoteCancellationRequest {
        context: call.context(),
        cancellation_id: CancellationId::new(call.caller.now_us, call.chance).into(),
        order_id,
    };
    let orders = &call.clients.orders;
    let quoted = orders.quote_cancellation(asked, ANSWER_WITHIN).await?;
    Ok(cancellation(quoted))
}

/// Reads a cancellation.
pub async fn get(call: Call<'_>, cancellation_id: String) -> Result<OrderCancellation, Problem> {
    let asked = booking::GetCancellationRequest {
        context: call.context(),
        cancellation_id,
    };
    let orders = &call.clients.orders;
    let found = orders.get_cancellation(asked, ANSWER_WITHIN).await?;
    Ok(cancellation(found))
}

/// Cancels by a quote. An empty key is none.
pub async fn confirm(
    call: Call<'_>,
    cancellation_id: String,
    key: &str,
    preference: Option<&str>,
) -> Result<Confirmed, Problem> {
    let (wait_ms, deadline) = patience(preference);
    let asked = booking::ConfirmCancellationRequest {
        context: call.context(),
        idempotency: idempotency::<()>(key, &cancellation_id, None),
        cancellation_id,
        wait_ms,
    };
    let reply = call
        .clients
        .orders
        .confirm_cancellation(asked, deadline)
        .await?;
    Ok(Confirmed {
        replayed: reply.replayed,
        settled: reply.settled,
        body: cancellation(reply.cancellation.unwrap_or_default()),
    })
}
