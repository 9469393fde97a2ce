//! Events with a snapshot of what they are about.

use crate::api::public_v1::{NAME, operations as op, types};
use crate::edge::call::{Call, filled};
use crate::edge::events;
use crate::edge::money::large;
use crate::kernel::clock::rfc3339;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{PaymentAnswered, RefundAnswered};
use crate::rpc::notify::v1::FeedEvent;
use crate::wire::problem::Problem;

use super::amount;
use super::numbered::{Numbered, numbered};
use super::order::order;

pub async fn list(call: Call<'_>, request: op::ListEventsInput) -> Result<op::ListEvents, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let kind = request.r#type.as_deref();
    let fetch = async |page| {
        let found = events::page(call, kind, page).await?;
        Ok((found.events, found.next))
    };
    let (found, has_more) = asked.walk(fetch).await?;
    let event = |one| event(one, call.caller.livemode);
    let link = asked.link(&call.path("events"), &[("type", kind)], has_more);
    let body = numbered!(EventList: asked, found.into_iter().map(event), has_more);
    Ok(op::ListEvents::Ok { link, body })
}

/// An event.
pub fn event(event: FeedEvent, livemode: bool) -> types::Event {
    let (mut of_order, mut of_payment, mut of_refund) = (None, None, None);
    match event.event.and_then(|envelope| envelope.data) {
        Some(Data::Order(change)) => of_order = change.order.map(order),
        Some(Data::Payment(answer)) => of_payment = Some(payment(answer)),
        Some(Data::Refund(answer)) => of_refund = Some(refund(answer)),
        _ => {}
    }
    types::Event {
        id: event.id,
        r#type: event.r#type,
        api_version: NAME.to_owned(),
        created_at: rfc3339(event.time_us),
        sequence: large(event.sequence),
        livemode,
        object: events::object(event.object_type, event.object_id),
        order: of_order,
        payment: of_payment,
        refund: of_refund,
    }
}

fn payment(answer: PaymentAnswered) -> types::PaymentSnapshot {
    let (amount, currency) = amount::split(answer.amount.as_ref());
    types::PaymentSnapshot {
        id: answer.payment_id,
        order_id: answer.order_id,
        amount,
        currency,
        status: answer.outcome,
        decline_code: filled(answer.decline_code),
    }
}

fn refund(answer: RefundAnswered) -> types::RefundSnapshot {
    let (amount, currency) = amount::split(answer.amount.as_ref());
    types::RefundSnapshot {
        id: answer.refund_id,
        payment_id: answer.payment_id,
        order_id: answer.order_id,
        amount,
        currency,
        status: answer.outcome,
    }
}
