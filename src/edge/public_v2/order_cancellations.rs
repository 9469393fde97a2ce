//! Cancellations: quote what comes back, then confirm it.

use crate::api::public_v2::operations as op;
use crate::kernel::id::CancellationId;
use crate::platform::auth::Caller;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::order::cancellation;
use super::{ANSWER_WITHIN, Door, context, idempotency, patience};

pub async fn quote(
    door: &Door,
    caller: &Caller,
    request: op::QuoteOrderCancellationInput,
) -> Result<op::QuoteOrderCancellation, Problem> {
    let asked = booking::QuoteCancellationRequest {
        context: context(caller),
        cancellation_id: CancellationId::new(caller.now_us, &door.chance).into(),
        order_id: request.body.order_id,
    };
    let body = cancellation(door.orders.quote_cancellation(asked, ANSWER_WITHIN).await?);
    Ok(op::QuoteOrderCancellation::Created {
        location: location(&body.id),
        body,
    })
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetOrderCancellationInput,
) -> Result<op::GetOrderCancellation, Problem> {
    let asked = booking::GetCancellationRequest {
        context: context(caller),
        cancellation_id: request.order_cancellation_id,
    };
    let found = door.orders.get_cancellation(asked, ANSWER_WITHIN).await?;
    Ok(op::GetOrderCancellation::Ok {
        body: cancellation(found),
    })
}

pub async fn confirm(
    door: &Door,
    caller: &Caller,
    request: op::ConfirmOrderCancellationInput,
) -> Result<op::ConfirmOrderCancellation, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let asked = booking::ConfirmCancellationRequest {
        context: context(caller),
        idempotency: idempotency::<()>(
            &request.idempotency_key,
            &request.order_cancellation_id,
            None,
        ),
        cancellation_id: request.order_cancellation_id,
        wait_ms,
    };
    let reply = door.orders.confirm_cancellation(asked, deadline).await?;
    let (replayed, settled) = (reply.replayed, reply.settled);
    let body = cancellation(reply.cancellation.unwrap_or_default());
    Ok(if settled {
        op::ConfirmOrderCancellation::Ok {
            idempotency_replayed: replayed,
            body,
        }
    } else {
        op::ConfirmOrderCancellation::Accepted {
            location: location(&body.id),
            idempotency_replayed: replayed,
            body,
        }
    })
}

fn location(id: &str) -> String {
    format!("/public/v2/order-cancellations/{id}")
}
