//! Furnishes the sandbox: the account, its published key, and the orders that stand behind the contracts' examples.
//!
//! By the same calls that a client makes, with fixed ids and idempotency keys: doing it again at each start changes nothing.

use std::time::Duration;

use tonic::Status;

use crate::api::problem::Code;
use crate::identity::sandbox;
use crate::kernel::chance::Chance;
use crate::kernel::id::PaymentId;
use crate::platform::status::code_of;
use crate::rpc::booking::v1 as booking;
use crate::rpc::common::v1::{Context as RpcContext, Idempotency};
use crate::rpc::flights::v1::GetOfferRequest;
use crate::rpc::identity::v1 as identity;

use super::Clients;

/// How long one step may take.
const STEP_WITHIN: Duration = Duration::from_secs(30);
/// What the sandbox key may do: everything that the public contract asks for.
const SCOPES: [&str; 5] = [
    "clocks:write",
    "events:read",
    "flights:search",
    "orders:read",
    "orders:write",
];

/// An order that an example names.
struct Seed {
    order_id: &'static str,
    offer_id: &'static str,
    key: &'static str,
    paid: bool,
    /// A quote for its cancellation.
    quote: Option<&'static str>,
}

const SEEDS: [Seed; 4] = [
    Seed {
        order_id: "ord_00000000000000000000000001",
        offer_id: "off_sandbox-order-1",
        key: "sandbox-order-1",
        paid: true,
        quote: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000002",
        offer_id: "off_sandbox-order-2",
        key: "sandbox-order-2",
        paid: false,
        quote: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000003",
        offer_id: "off_sandbox-order-3",
        key: "sandbox-order-3",
        paid: true,
        quote: Some("ocn_00000000000000000000000001"),
    },
    Seed {
        order_id: "ord_00000000000000000000000004",
        offer_id: "off_sandbox-order-4",
        key: "sandbox-order-4",
        paid: true,
        quote: None,
    },
];

/// Makes what is missing of the sandbox.
///
/// # Errors
/// When a service refuses or does not answer.
pub async fn sandbox(clients: &Clients, chance: &Chance) -> Result<(), Status> {
    // Only the platform itself, which has no account, may make accounts and keys.
    let platform = Some(RpcContext::default());
    let account = identity::CreateAccountRequest {
        context: platform.clone(),
        account_id: sandbox::ACCOUNT.to_owned(),
        name: "Sandbox".to_owned(),
        test: true,
        world: sandbox::WORLD.to_owned(),
        clock_id: sandbox::CLOCK.to_owned(),
        clock_starts_at_us: sandbox::CLOCK_STARTS_AT_US,
    };
    clients.keys.create_account(account, STEP_WITHIN).await?;
    let key = identity::CreateKeyRequest {
        context: platform,
        key_id: sandbox::KEY_ID.to_owned(),
        account_id: sandbox::ACCOUNT.to_owned(),
        audience: "public".to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        chosen_secret: sandbox::KEY.to_owned(),
    };
    clients.keys.create_key(key, STEP_WITHIN).await?;

    let mut context = RpcContext {
        world: sandbox::WORLD.to_owned(),
        account_id: sandbox::ACCOUNT.to_owned(),
        ..RpcContext::default()
    };
    let clock = identity::GetClockRequest {
        context: Some(context.clone()),
        clock_id: sandbox::CLOCK.to_owned(),
    };
    context.now_us = clients.clocks.get_clock(clock, STEP_WITHIN).await?.now_us;
    for seed in &SEEDS {
        furnish(clients, chance, &context, seed).await?;
    }
    Ok(())
}

async fn furnish(
    clients: &Clients,
    chance: &Chance,
    context: &RpcContext,
    seed: &Seed,
) -> Result<(), Status> {
    let known = booking::GetOrderRequest {
        context: Some(context.clone()),
        order_id: seed.order_id.to_owned(),
    };
    match clients.orders.get_order(known, STEP_WITHIN).await {
        Ok(_) => {}
        Err(status) if code_of(&status) == Code::NotFound => {
            order(clients, chance, context, seed).await?
        }
        Err(status) => return Err(status),
    }
    let Some(quote) = seed.quote else {
        return Ok(());
    };
    let known = booking::GetCancellationRequest {
        context: Some(context.clone()),
        cancellation_id: quote.to_owned(),
    };
    match clients.orders.get_cancellation(known, STEP_WITHIN).await {
        Ok(_) => Ok(()),
        Err(status) if code_of(&status) == Code::NotFound => {
            let asked = booking::QuoteCancellationRequest {
                context: Some(context.clone()),
                cancellation_id: quote.to_owned(),
                order_id: seed.order_id.to_owned(),
            };
            clients
                .orders
                .quote_cancellation(asked, STEP_WITHIN)
                .await?;
            Ok(())
        }
        Err(status) => Err(status),
    }
}

async fn order(
    clients: &Clients,
    chance: &Chance,
    context: &RpcContext,
    seed: &Seed,
) -> Result<(), Status> {
    let offer = GetOfferRequest {
        context: Some(context.clone()),
        offer_id: seed.offer_id.to_owned(),
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
    let payment = seed.paid.then(|| booking::PaymentInstruction {
        payment_id: PaymentId::new(context.now_us, chance).into(),
        method_token: "tok_visa".to_owned(),
        amount: None,
    });
    let kind = if seed.paid {
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
        client_reference: "sandbox-tour".to_owned(),
        metadata: Vec::new(),
        wait_ms: u32::try_from(STEP_WITHIN.as_millis() / 2).unwrap_or(u32::MAX),
    };
    let reply = clients.orders.create_order(asked, STEP_WITHIN).await?;
    if reply.settled {
        Ok(())
    } else {
        Err(Status::deadline_exceeded("the order did not settle"))
    }
}
