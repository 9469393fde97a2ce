//! The operations of cancelling in two steps, quote and confirm, at every contract that has them.

use crate::api::shared::operations as op;
use crate::edge::call::Call;
use crate::edge::cancellation;
use crate::wire::problem::Problem;

/// Where a contract has them.
const PATH: &str = "order-cancellations";

/// The operations, for a contract that has them.
macro_rules! operations {
    () => {
        $crate::edge::door::handlers! {
            quote_order_cancellation: QuoteOrderCancellationInput -> QuoteOrderCancellation =
                order_cancellations::quote;
            get_order_cancellation: GetOrderCancellationInput -> GetOrderCancellation = order_cancellations::get;
            confirm_order_cancellation: ConfirmOrderCancellationInput -> ConfirmOrderCancellation =
                order_cancellations::confirm;
        }
    };
}
pub(super) use operations;

pub async fn quote(
    call: Call<'_>,
    request: op::QuoteOrderCancellationInput,
) -> Result<op::QuoteOrderCancellation, Problem> {
    let body = cancellation::quote(call, request.body.order_id).await?;
    Ok(op::QuoteOrderCancellation::Created {
        location: call.location(PATH, &body.id),
        body,
    })
}

pub async fn get(
    call: Call<'_>,
    request: op::GetOrderCancellationInput,
) -> Result<op::GetOrderCancellation, Problem> {
    let body = cancellation::get(call, request.order_cancellation_id).await?;
    Ok(op::GetOrderCancellation::Ok { body })
}

pub async fn confirm(
    call: Call<'_>,
    request: op::ConfirmOrderCancellationInput,
) -> Result<op::ConfirmOrderCancellation, Problem> {
    let id = request.order_cancellation_id;
    let (key, preference) = (&request.idempotency_key, request.prefer.as_deref());
    let confirmed = cancellation::confirm(call, id, key, preference).await?;
    let (idempotency_replayed, body) = (confirmed.replayed, confirmed.body);
    Ok(if confirmed.settled {
        op::ConfirmOrderCancellation::Ok {
            idempotency_replayed,
            body,
        }
    } else {
        op::ConfirmOrderCancellation::Accepted {
            location: call.location(PATH, &body.id),
            idempotency_replayed,
            body,
        }
    })
}
