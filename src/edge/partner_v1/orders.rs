//! Orders: make, find, read.

use crate::api::partner_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{ANSWER_WITHIN, context, filled, idempotency, patience};
use crate::edge::itinerary::ptc_asked;
use crate::edge::order_parts::statuses_named;
use crate::edge::{condition, order_request, page};
use crate::kernel::id::OrderId;
use crate::platform::auth::Caller;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::Money;
use crate::wire::etag;
use crate::wire::problem::{Problem, Violation};

use super::Door;
use super::order::order;

pub async fn create(
    door: &Door,
    caller: &Caller,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    let (wait_ms, deadline) = patience(request.prefer.as_deref());
    let idempotency = idempotency(&request.idempotency_key, "", Some(&request.body));
    let asked = booking::CreateOrderRequest {
        context: context(caller),
        idempotency,
        order_id: OrderId::new(caller.now_us, &door.chance).into(),
        wait_ms,
        ..order_asked(door, caller, request.body)
    };
    let reply = door.clients.orders.create_order(asked, deadline).await?;
    Ok(order_request::answer!(
        CreateOrder,
        reply,
        "/partner/v1/orders"
    ))
}

fn order_asked(
    door: &Door,
    caller: &Caller,
    input: types::OrderInput,
) -> booking::CreateOrderRequest {
    match input {
        types::OrderInput::Offer(input) => order_request::order(
            input.offer_id,
            input.passengers,
            input.contact,
            payment(door, caller, input.payment),
            input.client_reference,
            input.metadata,
        ),
        types::OrderInput::Hold(input) => booking::CreateOrderRequest {
            hold_id: input.hold_id,
            passengers: input.passengers.into_iter().map(unknown).collect(),
            ..order_request::order(
                String::new(),
                Vec::new(),
                input.contact,
                payment(door, caller, input.payment),
                input.client_reference,
                input.metadata,
            )
        },
    }
}

/// How an order is paid at once; `None` for later.
fn payment(
    door: &Door,
    caller: &Caller,
    input: types::OrderPaymentInput,
) -> Option<booking::PaymentInstruction> {
    match input {
        types::OrderPaymentInput::AgencyCredit(input) => {
            Some(on_credit(door, caller, input.amount))
        }
        types::OrderPaymentInput::Card(input) => {
            Some(by_card(door, caller, input.token, input.amount))
        }
        types::OrderPaymentInput::Later(_) => None,
    }
}

/// A passenger whom no offer knows: who travels on held seats.
fn unknown(input: types::HoldPassengerInput) -> booking::OrderPassenger {
    booking::OrderPassenger {
        id: String::new(),
        ptc: ptc_asked(input.ptc).into(),
        given_name: input.given_name,
        family_name: input.family_name,
        born_on: input.born_on,
    }
}

/// A payment on what the agency may owe.
pub fn on_credit(
    door: &Door,
    caller: &Caller,
    amount: Option<types::MoneyInput>,
) -> booking::PaymentInstruction {
    booking::PaymentInstruction {
        method: PaymentMethod::AgencyCredit.into(),
        ..by_card(door, caller, String::new(), amount)
    }
}

/// A payment by card.
pub fn by_card(
    door: &Door,
    caller: &Caller,
    token: String,
    amount: Option<types::MoneyInput>,
) -> booking::PaymentInstruction {
    let amount = amount.map(|amount| Money {
        amount: amount.amount,
        currency: amount.currency,
    });
    order_request::card(caller, &door.chance, token, amount)
}

pub async fn list(
    door: &Door,
    caller: &Caller,
    request: op::ListOrdersInput,
) -> Result<op::ListOrders, Problem> {
    stand_together(request.locator.as_deref(), request.surname.as_deref())?;
    let status = request.status.map(|status| status.as_str());
    let filters = [
        ("locator", request.locator.as_deref()),
        ("surname", request.surname.as_deref()),
        ("status", status),
    ];
    let asked = booking::ListOrdersRequest {
        context: context(caller),
        statuses: statuses_named(status),
        locator: request.locator.clone().unwrap_or_default(),
        family_name: request.surname.clone().unwrap_or_default(),
        page: page::asked(request.after.clone(), request.limit),
        ..booking::ListOrdersRequest::default()
    };
    let found = door
        .clients
        .orders
        .list_orders(asked, ANSWER_WITHIN)
        .await?;
    let link = page::link("/partner/v1/orders", &filters, request.limit, &found.next);
    let body = types::OrderList {
        data: found.orders.into_iter().map(order).collect(),
        next_cursor: filled(found.next),
    };
    Ok(op::ListOrders::Ok { link, body })
}

/// A record locator can be guessed; with the name of a passenger it is not told to who guessed it.
fn stand_together(locator: Option<&str>, surname: Option<&str>) -> Result<(), Problem> {
    let (missing, given) = match (locator, surname) {
        (Some(_), None) => ("surname", "locator"),
        (None, Some(_)) => ("locator", "surname"),
        (Some(_), Some(_)) | (None, None) => return Ok(()),
    };
    let detail = format!("`{given}` stands beside `{missing}` only");
    let violation = Violation::at_parameter(missing, "required", &detail);
    Err(Problem::new(Code::InvalidParameter, detail).with_errors(vec![violation]))
}

pub async fn get(
    door: &Door,
    caller: &Caller,
    request: op::GetOrderInput,
) -> Result<op::GetOrder, Problem> {
    let body = order(order_request::read(&door.clients, caller, &request.order_id).await?);
    let etag = etag::of_version(body.version);
    Ok(
        match condition::is_known(request.if_none_match.as_deref(), &etag) {
            true => op::GetOrder::NotModified { etag },
            false => op::GetOrder::Ok { etag, body },
        },
    )
}
