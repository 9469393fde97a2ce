//! What stands behind the examples of the partner contract: the agency with its published client, its orders, holds and webhook
//! endpoints.

use tonic::Status;

use crate::api::partner_v1;
use crate::edge::Clients;
use crate::identity::sandbox;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::common::v1::{Context as RpcContext, Money};
use crate::rpc::flights::v1 as flights;
use crate::rpc::identity::v1 as identity;
use crate::rpc::notify::v1::CreateEndpointRequest;

use super::orders::{self, Seed};
use super::{STEP_WITHIN, is_missing, webhook_endpoint};

/// What the agency's client may do: everything that the partner contract asks for.
const SCOPES: [&str; 10] = [
    "agency:read",
    "avail:read",
    "clocks:write",
    "events:read",
    "holds:write",
    "offers:write",
    "orders:read",
    "orders:write",
    "ticketing:write",
    "webhooks:write",
];
/// What the agency may owe: 50,000.00 GBP.
const CREDIT_LIMIT: i64 = 5_000_000;
/// For how long its holds are held.
const HOLD_US: i64 = 60 * 60 * 1_000_000;

const ORDERS: [Seed; 4] = [
    Seed {
        order_id: "ord_00000000000000000000000011",
        offer_id: "off_sandbox-agency-order-1",
        key: "sandbox-agency-order-1",
        payment_id: Some("pay_00000000000000000000000011"),
        quote: None,
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000012",
        offer_id: "off_sandbox-agency-order-2",
        key: "sandbox-agency-order-2",
        payment_id: None,
        quote: None,
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000013",
        offer_id: "off_sandbox-agency-order-3",
        key: "sandbox-agency-order-3",
        payment_id: Some("pay_00000000000000000000000013"),
        quote: None,
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000014",
        offer_id: "off_sandbox-agency-order-4",
        key: "sandbox-agency-order-4",
        payment_id: Some("pay_00000000000000000000000014"),
        quote: Some("ocn_00000000000000000000000011"),
        change: None,
    },
];

/// Ids of holds, and their seats. The ids of the orders with other first letters are those of their own holds.
const HOLDS: [(&str, u32); 3] = [
    ("hld_00000000000000000000000021", 2),
    ("hld_00000000000000000000000022", 2),
    ("hld_00000000000000000000000023", 1),
];

/// Ids of webhook endpoints, and what they hear of.
const ENDPOINTS: [(&str, &str); 2] = [
    ("whe_00000000000000000000000011", "order.ticketed"),
    ("whe_00000000000000000000000012", "order.expired"),
];

/// The agency, its client, and what it has.
pub async fn furnish(clients: &Clients, context: &RpcContext) -> Result<(), Status> {
    credentials(clients, context).await?;
    let context = RpcContext {
        account_id: sandbox::AGENCY.to_owned(),
        ..context.clone()
    };
    // They hear of the orders, so they come first.
    for (endpoint_id, event) in ENDPOINTS {
        let endpoint = CreateEndpointRequest {
            endpoint_id: endpoint_id.to_owned(),
            url: "https://hooks.agency.example/fareway".to_owned(),
            events: vec![event.to_owned()],
            format: partner_v1::NAME.to_owned(),
            description: "back office".to_owned(),
            ..CreateEndpointRequest::default()
        };
        webhook_endpoint(clients, &context, endpoint).await?;
    }
    orders::furnish(
        clients,
        &context,
        (PaymentMethod::AgencyCredit, ""),
        "sandbox-agency",
        &ORDERS,
    )
    .await?;
    for (hold_id, seats) in HOLDS {
        hold(clients, &context, hold_id, seats).await?;
    }
    Ok(())
}

async fn credentials(clients: &Clients, context: &RpcContext) -> Result<(), Status> {
    let agency = identity::CreateAccountRequest {
        context: Some(context.clone()),
        account_id: sandbox::AGENCY.to_owned(),
        name: "Sandbox Travel".to_owned(),
        test: true,
        world: context.world.clone(),
        agency: Some(identity::Agency {
            iata_number: "96000003".to_owned(),
            credit_limit: Some(Money {
                amount: CREDIT_LIMIT,
                currency: "GBP".to_owned(),
            }),
        }),
        ..identity::CreateAccountRequest::default()
    };
    clients.accounts.create_account(agency, STEP_WITHIN).await?;
    let client = identity::CreateKeyRequest {
        context: Some(context.clone()),
        key_id: sandbox::AGENCY_CLIENT.to_owned(),
        account_id: sandbox::AGENCY.to_owned(),
        audience: "partner".to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        chosen_secret: sandbox::AGENCY_SECRET.to_owned(),
        kind: identity::KeyKind::Client.into(),
        name: "Sandbox Travel".to_owned(),
        roles: Vec::new(),
    };
    clients.keys.create_key(client, STEP_WITHIN).await?;
    Ok(())
}

async fn hold(
    clients: &Clients,
    context: &RpcContext,
    hold_id: &str,
    seats: u32,
) -> Result<(), Status> {
    let known = flights::GetHoldRequest {
        context: Some(context.clone()),
        hold_id: hold_id.to_owned(),
    };
    if !is_missing(clients.inventory.get_hold(known, STEP_WITHIN).await)? {
        return Ok(());
    }
    let asked = flights::HoldSeatsRequest {
        context: Some(context.clone()),
        hold_id: hold_id.to_owned(),
        items: vec![flights::HoldItem {
            flight: Some(flights::FlightDate {
                carrier: "BA".to_owned(),
                number: 181,
                date: "2027-03-16".to_owned(),
                origin: "LHR".to_owned(),
                destination: "JFK".to_owned(),
            }),
            booking_class: "M".to_owned(),
            seats,
        }],
        expires_at_us: context.now_us + HOLD_US,
        extend: false,
    };
    clients.inventory.hold_seats(asked, STEP_WITHIN).await?;
    Ok(())
}
