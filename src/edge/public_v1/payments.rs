//! Payments: pay a held order, and read what became of a payment.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, context, filled, idempotency, patience};
use crate::edge::order_request::{self, answer};
use crate::kernel::clock::rfc3339;
use crate::platform::auth::Caller;
use crate::rpc::billing::v1::GetPaymentRequest;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::order::order;
use super::{Door, amount};

pub async fn create(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderPaymentInput,
) -> Result<op::CreateOrderPayment, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    // Without a key the balance protects: what is paid is not due any more.
    let key = request.idempotency_key.unwrap_or_default();
    let asked = booking::PayOrderRequest {
        context: context(caller),
        idempotency: idempotency(&key, &request.order_id, Some(&request.body)),
        order_id: request.order_id,
        payment: Some(payment(door, caller, request.body.payment)?),
        wait_ms,
    };
    let reply = door.clients.orders.pay_order(asked, deadline).await?;
    Ok(answer!(CreateOrderPayment, reply, "/public/v1/orders"))
}

/// How an order is to be paid.
pub fn payment(
    door: &Door,
    caller: &Caller,
    input: types::PaymentInput,
) -> Result<booking::PaymentInstruction, Problem> {
    let amount = amount::told(input.amount, input.currency)?;
    Ok(order_request::card(
        caller,
        &door.chance,
        input.token,
        amount,
    ))
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetPaymentInput,
) -> Result<op::GetPayment, Problem> {
    let asked = GetPaymentRequest {
        context: context(caller),
        payment_id: request.payment_id,
    };
    let found = door.clients.payments.get_payment(asked, ANSWER_WITHIN);
    let found = found.await?;
    let (amount, currency) = amount::split(found.amount.as_ref());
    let body = types::Payment {
        id: found.id,
        order_id: found.order_id,
        amount,
        currency,
        status: found.status,
        decline_code: filled(found.decline_code),
        created_at: rfc3339(found.created_at_us),
    };
    Ok(op::GetPayment::Ok { body })
}
