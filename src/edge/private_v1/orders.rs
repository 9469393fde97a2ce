//! Orders of all accounts, as support sees them.

use crate::api::private_v1::{operations as op, types};
use crate::api::problem::Code;
use crate::edge::call::{Call, filled};
use crate::edge::condition::unless_known;
use crate::edge::itinerary::{price, slice};
use crate::edge::money::{large, money};
use crate::edge::order_parts::{
    contact, passenger, payment, payment_status_name, refund, schedule_changes, status_name,
    statuses_named, ticket, type_name,
};
use crate::edge::order_request;
use crate::edge::page::listed;
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1 as booking;
use crate::wire::problem::{Problem, Violation};

use super::flights::named;

pub async fn list(call: Call<'_>, request: op::ListOrdersInput) -> Result<op::ListOrders, Problem> {
    if request.surname.is_some() && request.locator.is_none() {
        let alone =
            Violation::at_parameter("surname", "dependency", "it is taken beside `locator`");
        let problem = Problem::new(Code::InvalidParameter, "a surname is no search by itself");
        return Err(problem.with_errors(vec![alone]));
    }
    let status = request.status.map(|status| status.as_str());
    let filters = [
        ("locator", request.locator.as_deref()),
        ("surname", request.surname.as_deref()),
        ("flight_id", request.flight_id.as_deref()),
        ("account_id", request.account_id.as_deref()),
        ("status", status),
    ];
    let asked = booking::ListOrdersRequest {
        statuses: statuses_named(status),
        locator: request.locator.clone().unwrap_or_default(),
        family_name: request.surname.clone().unwrap_or_default(),
        flight: request.flight_id.as_deref().map(named).transpose()?,
        account_id: request.account_id.clone().unwrap_or_default(),
        ..booking::ListOrdersRequest::default()
    };
    let page = (request.after, request.limit);
    let (link, found) = order_request::list(call, asked, &filters, page).await?;
    let body = listed!(OrderList: found.orders.into_iter().map(order), found.next);
    Ok(op::ListOrders::Ok { link, body })
}

pub async fn get(call: Call<'_>, request: op::GetOrderInput) -> Result<op::GetOrder, Problem> {
    let found = order_request::read(call, &request.order_id).await?;
    let (etag, body) = (order_request::tag(&found), order(found));
    Ok(unless_known!(GetOrder, request.if_none_match, etag, body))
}

fn order(order: booking::Order) -> types::Order {
    let (kind, status, payment_status) = (order.r#type(), order.status(), order.payment_status());
    let offer = order.offer.unwrap_or_default();
    types::Order {
        id: order.id,
        account_id: order.account_id,
        version: large(order.version),
        r#type: type_name(kind).to_owned(),
        status: status_name(status).to_owned(),
        payment_status: payment_status_name(payment_status).to_owned(),
        locator: filled(order.locator),
        created_at: rfc3339(order.created_at_us),
        updated_at: rfc3339(order.updated_at_us),
        payment_required_by: order.payment_required_by_us.map(rfc3339),
        price: price(offer.price),
        amount_due: money(order.amount_due.as_ref()),
        slices: offer.slices.into_iter().map(slice).collect(),
        passengers: order.passengers.into_iter().map(passenger).collect(),
        contact: contact(order.contact),
        tickets: order.tickets.into_iter().map(ticket).collect(),
        payments: order.payments.into_iter().map(payment).collect(),
        refunds: order.refunds.into_iter().map(refund).collect(),
        schedule_changes: schedule_changes(order.schedule_changes),
        failure_code: filled(order.failure_code),
    }
}
