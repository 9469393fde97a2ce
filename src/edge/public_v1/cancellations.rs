//! Cancelling at once: quote and confirmation in one call. Who repeats it finds the order cancelled and learns the same refund,
//! so no key is needed.

use crate::api::problem::Code;
use crate::api::public_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::{cancellation, order_request};
use crate::kernel::id::OrderChangeId;
use crate::rpc::booking::v1::{Order, OrderStatus};
use crate::rpc::common::v1::Money;
use crate::wire::problem::Problem;

use super::amount;

/// State of a refund that is on its way.
const REQUESTED: &str = "requested";

pub async fn cancel(
    call: Call<'_>,
    request: op::CancelOrderInput,
) -> Result<op::CancelOrder, Problem> {
    let ended = end(call, &request).await;
    let order = order_request::read(call, &request.order_id).await?;
    let settled = match ended {
        Ok(settled) => settled,
        // It was cancelled before, by whatever door.
        Err(_) if order.status() == OrderStatus::Cancelled => order
            .refunds
            .iter()
            .all(|refund| refund.status != REQUESTED),
        Err(problem) => return Err(problem),
    };
    let body = outcome(order);
    Ok(if settled {
        op::CancelOrder::Ok { body }
    } else {
        op::CancelOrder::Accepted {
            location: call.location("orders", &body.order_id),
            body,
        }
    })
}

/// Cancels on the terms of now; whether the refund has settled.
async fn end(call: Call<'_>, request: &op::CancelOrderInput) -> Result<bool, Problem> {
    let preference = request.prefer.as_deref();
    let quoted = cancellation::quote(call, request.order_id.clone()).await?;
    match cancellation::confirm(call, quoted.id, "", preference).await {
        Ok(confirmed) => Ok(confirmed.settled),
        // No quote is told of here, so none can be told to have ended.
        Err(problem) if problem.code() == Code::QuoteExpired => Err(Problem::new(
            Code::InvalidState,
            "the terms changed in this moment; cancel again",
        )),
        Err(problem) => Err(problem),
    }
}

/// What a cancelled order gave back; what a change of its journey gave back before is not of it.
fn outcome(mut order: Order) -> types::OrderCancellation {
    order
        .refunds
        .retain(|refund| !refund.cause_id.starts_with(OrderChangeId::PREFIX));
    let currency = order.amount_due.unwrap_or_default().currency;
    let refunded = Money {
        amount: order
            .refunds
            .iter()
            .filter_map(|refund| refund.amount.as_ref())
            .map(|amount| amount.amount)
            .sum(),
        currency,
    };
    let (refund_amount, refund_currency) = amount::split(Some(&refunded));
    let last = order.refunds.into_iter().next_back();
    types::OrderCancellation {
        order_id: order.id,
        status: "cancelled".to_owned(),
        refund_amount,
        refund_currency,
        refund_status: last.map_or_else(|| "none".to_owned(), |refund| refund.status),
    }
}
