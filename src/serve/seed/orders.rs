//! Orders that examples name, and quotes for their cancellation.

use tonic::Status;

use crate::edge::Clients;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::{Context as RpcContext, Idempotency};
use crate::rpc::flights::v1::GetOfferRequest;

use super::{STEP_WITHIN, is_missing};

/// An order that an example names.
pub struct Seed {
    /// Its id.
    pub order_id: &'static str,
    /// The seeded offer that it is made of.
    pub offer_id: &'static str,
    /// The idempotency key that it is made with.
    pub key: &'static str,
    /// The payment of an order that is paid; `None` for one that is held.
    pub payment_id: Option<&'static str>,
    /// A quote for its cancellation.
    pub quote: Option<&'static str>,
    /// A quote for its change: its id, and the seeded offer that it is for.
    pub change: Option<(&'static str, &'static str)>,
}

/// By what orders are paid: the method, and its token at the provider.
pub type PaidBy = (PaymentMethod, &'static str);

/// Makes those orders of the context's account that are missing: paid by this, and with this reference of the account's.
pub async fn furnish(
    clients: &Clients,
    context: &RpcContext,
    paid_by: PaidBy,
    reference: &str,
    seeds: &[Seed],
) -> Result<(), Status> {
    for seed in seeds {
        furnish_one(clients, context, paid_by, reference, seed).await?;
    }
    Ok(())
}

async fn furnish_one(
    clients: &Clients,
    context: &RpcContext,
    paid_by: PaidBy,
    reference: &str,
    seed: &Seed,
) -> Result<(), Status> {
    let known = booking::GetOrderRequest {
        context: Some(context.clone()),
        order_id: seed.order_id.to_owned(),
    };
    if is_missing(clients.orders.get_order(known, STEP_WITHIN).await)? {
        order(clients, context, paid_by, reference, seed).await?;
    }
    if let Some(change) = seed.change {
        furnish_change(clients, context, seed, change).await?;
    }
    let Some(quote) = seed.quote else {
        return Ok(());
    };
    let known = booking::GetCancellationRequest {
        context: Some(context.clone()),
        cancellation_id: quote.to_owned(),
    };
    if is_missing(clients.orders.get_cancellation(known, STEP_WITHIN).await)? {
        let asked = booking::QuoteCancellationRequest {
            context: Some(context.clone()),
            cancellation_id: quote.to_owned(),
            order_id: seed.order_id.to_owned(),
        };
        clients
            .orders
            .quote_cancellation(asked, STEP_WITHIN)
            .await?;
    }
    Ok(())
}

async fn furnish_change(
    clients: &Clients,
    context: &RpcContext,
    seed: &Seed,
    (id, offer_id): (&str, &str),
) -> Result<(), Status> {
    let known = booking::GetOrderChangeRequest {
        context: Some(context.clone()),
        order_change_id: id.to_owned(),
    };
    if is_missing(clients.orders.get_order_change(known, STEP_WITHIN).await)? {
        let asked = booking::QuoteOrderChangeRequest {
            context: Some(context.clone()),
            order_change_id: id.to_owned(),
            order_id: seed.order_id.to_owned(),
            offer_id: offer_id.to_owned(),
        };
        let orders = &clients.orders;
        orders.quote_order_change(asked, STEP_WITHIN).await?;
    }
    Ok(())
}

async fn order(
    clients: &Clients,
    context: &RpcContext,
    (method, token): PaidBy,
    reference: &str,
    seed: &Seed,
) -> Result<(), Status> {
    let offer = GetOfferRequest {
        context: Some(context.clone()),
        offer_id: seed.offer_id.to_owned(),
        services: Vec::new(),
    };
    let offer = clients.search.get_offer(offer, STEP_WITHIN).await?;
    let passengers = offer
        .passengers
        .into_iter()
        .map(|passenger| booking::OrderPassenger {
            id: passenger.id,
            ptc: 0,
            given_name: "Amelia".to_owned(),
            family_name: "Earhart".to_owned(),
            born_on: "1987-07-24".to_owned(),
        });
    let payment = seed.payment_id.map(|id| booking::PaymentInstruction {
        payment_id: id.to_owned(),
        method_token: token.to_owned(),
        amount: None,
        method: method.into(),
    });
    let kind = if payment.is_some() {
        booking::OrderType::Instant
    } else {
        booking::OrderType::Hold
    };
    let asked = booking::CreateOrderRequest {
        context: Some(context.clone()),
        idempotency: Some(Idempotency {
            key: seed.key.to_owned(),
            fingerprint: seed.order_id.as_bytes().to_vec(),
        }),
        order_id: seed.order_id.to_owned(),
        offer_id: seed.offer_id.to_owned(),
        r#type: kind.into(),
        passengers: passengers.collect(),
        contact: Some(booking::Contact {
            email: "amelia@example.com".to_owned(),
            phone: "+442071234567".to_owned(),
        }),
        payment,
        client_reference: reference.to_owned(),
        metadata: Vec::new(),
        hold_id: String::new(),
        services: Vec::new(),
        wait_ms: u32::try_from(STEP_WITHIN.as_millis() / 2).unwrap_or(u32::MAX),
    };
    let reply = clients.orders.create_order(asked, STEP_WITHIN).await?;
    let order = reply.order.unwrap_or_default();
    // An outcome that nobody knows is one, too.
    if reply.settled || order.payment_status() == booking::PaymentStatus::Unknown {
        Ok(())
    } else {
        Err(Status::deadline_exceeded("the order did not settle"))
    }
}
