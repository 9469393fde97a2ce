//! The operations of cancelling in two steps, quote and confirm, at every door that has them; `contract` is the door's, as in its
//! paths.

use crate::api::shared::operations as op;
use crate::edge::{Clients, cancellation};
use crate::kernel::chance::Chance;
use crate::platform::auth::Caller;
use crate::wire::problem::Problem;

pub async fn quote(
    clients: &Clients,
    chance: &Chance,
    caller: &Caller,
    contract: &str,
    request: op::QuoteOrderCancellationInput,
) -> Result<op::QuoteOrderCancellation, Problem> {
    let body = cancellation::quote(clients, chance, caller, request.body.order_id).await?;
    Ok(op::QuoteOrderCancellation::Created {
        location: location(contract, &body.id),
        body,
    })
}

pub async fn get(
    clients: &Clients,
    caller: &Caller,
    request: op::GetOrderCancellationInput,
) -> Result<op::GetOrderCancellation, Problem> {
    let body = cancellation::get(clients, caller, request.order_cancellation_id).await?;
    Ok(op::GetOrderCancellation::Ok { body })
}

pub async fn confirm(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::ConfirmOrderCancellationInput,
) -> Result<op::ConfirmOrderCancellation, Problem> {
    let confirmed = cancellation::confirm(
        clients,
        caller,
        request.order_cancellation_id,
        &request.idempotency_key,
        request.prefer.as_deref(),
    )
    .await?;
    let (idempotency_replayed, body) = (confirmed.replayed, confirmed.body);
    Ok(if confirmed.settled {
        op::ConfirmOrderCancellation::Ok {
            idempotency_replayed,
            body,
        }
    } else {
        op::ConfirmOrderCancellation::Accepted {
            location: location(contract, &body.id),
            idempotency_replayed,
            body,
        }
    })
}

fn location(contract: &str, id: &str) -> String {
    format!("/{contract}/order-cancellations/{id}")
}
