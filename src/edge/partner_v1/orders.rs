//! Orders: make, find.

use crate::api::partner_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{Call, idempotency};
use crate::edge::itinerary::ptc_asked;
use crate::edge::money::money_asked;
use crate::edge::order_parts::statuses_named;
use crate::edge::order_request::{self, answer, order_of};
use crate::edge::page::listed;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::{Problem, Violation};

use super::order::order;

pub async fn create(
    call: Call<'_>,
    request: op::CreateOrderInput,
) -> Result<op::CreateOrder, Problem> {
    let idempotency = idempotency(&request.idempotency_key, "", Some(&request.body));
    let asked = order_asked(call, request.body);
    let preference = request.prefer.as_deref();
    let reply = order_request::create(call, idempotency, preference, asked).await?;
    Ok(answer!(call, CreateOrder, reply))
}

fn order_asked(call: Call<'_>, input: types::OrderInput) -> booking::CreateOrderRequest {
    match input {
        types::OrderInput::Offer(input) => order_of!(input, payment(call, input.payment)),
        types::OrderInput::Hold(input) => booking::CreateOrderRequest {
            hold_id: input.hold_id,
            passengers: input.passengers.into_iter().map(unknown).collect(),
            ..order_request::order(
                String::new(),
                Vec::new(),
                input.contact,
                payment(call, input.payment),
                input.client_reference,
                input.metadata,
            )
        },
    }
}

/// How an order is paid at once; `None` for later.
fn payment(call: Call<'_>, input: types::OrderPaymentInput) -> Option<booking::PaymentInstruction> {
    match input {
        types::OrderPaymentInput::AgencyCredit(input) => Some(on_credit(call, input.amount)),
        types::OrderPaymentInput::Card(input) => Some(by_card(call, input.token, input.amount)),
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
pub fn on_credit(call: Call<'_>, amount: Option<types::MoneyInput>) -> booking::PaymentInstruction {
    booking::PaymentInstruction {
        method: PaymentMethod::AgencyCredit.into(),
        ..by_card(call, String::new(), amount)
    }
}

/// A payment by card.
pub fn by_card(
    call: Call<'_>,
    token: String,
    amount: Option<types::MoneyInput>,
) -> booking::PaymentInstruction {
    order_request::card(call, token, amount.map(money_asked))
}

pub async fn list(call: Call<'_>, request: op::ListOrdersInput) -> Result<op::ListOrders, Problem> {
    stand_together(request.locator.as_deref(), request.surname.as_deref())?;
    let status = request.status.map(|status| status.as_str());
    let filters = [
        ("locator", request.locator.as_deref()),
        ("surname", request.surname.as_deref()),
        ("status", status),
    ];
    let asked = booking::ListOrdersRequest {
        statuses: statuses_named(status),
        locator: request.locator.clone().unwrap_or_default(),
        family_name: request.surname.clone().unwrap_or_default(),
        ..booking::ListOrdersRequest::default()
    };
    let page = (request.after, request.limit);
    let (link, found) = order_request::list(call, asked, &filters, page).await?;
    let body = listed!(OrderList: found.orders.into_iter().map(order), found.next);
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
