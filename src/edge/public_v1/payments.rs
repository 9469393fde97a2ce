//! Payments: pay a held order, and read what became of a payment.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled, idempotency};
use crate::edge::order_request::{self, answer};
use crate::kernel::clock::rfc3339;
use crate::rpc::billing::v1::GetPaymentRequest;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::Problem;

use super::amount;
use super::order::order;

pub async fn create(
    call: Call<'_>,
    request: op::CreateOrderPaymentInput,
) -> Result<op::CreateOrderPayment, Problem> {
    // Without a key the balance protects: what is paid is not due any more.
    let (key, id) = (
        request.idempotency_key.unwrap_or_default(),
        request.order_id,
    );
    let idempotency = idempotency(&key, &id, Some(&request.body));
    let payment = payment(call, request.body.payment)?;
    let preference = request.prefer.as_deref();
    let reply = order_request::pay(call, idempotency, preference, id, payment).await?;
    Ok(answer!(call, CreateOrderPayment, reply))
}

/// How an order is to be paid.
pub fn payment(
    call: Call<'_>,
    input: types::PaymentInput,
) -> Result<booking::PaymentInstruction, Problem> {
    let amount = amount::told(input.amount, input.currency)?;
    Ok(order_request::card(call, input.token, amount))
}

pub async fn get(call: Call<'_>, request: op::GetPaymentInput) -> Result<op::GetPayment, Problem> {
    let asked = GetPaymentRequest {
        context: call.context(),
        payment_id: request.payment_id,
    };
    let found = call.clients.payments.get_payment(asked, ANSWER_WITHIN);
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
