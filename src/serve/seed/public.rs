//! What stands behind the examples of the public contracts: the published key, and orders.

use tonic::Status;

use crate::edge::Clients;
use crate::identity::sandbox;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::common::v1::Context as RpcContext;
use crate::rpc::identity::v1 as identity;
use crate::rpc::notify::v1::CreateEndpointRequest;

use super::orders::{self, Seed};
use super::{STEP_WITHIN, webhook_endpoint};

/// What the sandbox key may do: everything that the public contracts ask for.
const SCOPES: [&str; 6] = [
    "clocks:write",
    "events:read",
    "flights:search",
    "orders:read",
    "orders:write",
    "webhooks:write",
];

const SEEDS: [Seed; 6] = [
    Seed {
        order_id: "ord_00000000000000000000000001",
        offer_id: "off_sandbox-order-1",
        key: "sandbox-order-1",
        payment_id: Some("pay_00000000000000000000000001"),
        quote: None,
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000002",
        offer_id: "off_sandbox-order-2",
        key: "sandbox-order-2",
        payment_id: None,
        quote: None,
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000003",
        offer_id: "off_sandbox-order-3",
        key: "sandbox-order-3",
        payment_id: Some("pay_00000000000000000000000003"),
        quote: Some("ocn_00000000000000000000000001"),
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000004",
        offer_id: "off_sandbox-order-4",
        key: "sandbox-order-4",
        payment_id: Some("pay_00000000000000000000000004"),
        quote: None,
        change: Some(("och_00000000000000000000000001", "off_sandbox-change-1")),
    },
    Seed {
        order_id: "ord_00000000000000000000000005",
        offer_id: "off_sandbox-order-5",
        key: "sandbox-order-5",
        payment_id: None,
        quote: None,
        change: None,
    },
    Seed {
        order_id: "ord_00000000000000000000000006",
        offer_id: "off_sandbox-order-6",
        key: "sandbox-order-6",
        payment_id: Some("pay_00000000000000000000000006"),
        quote: None,
        change: None,
    },
];

/// Webhook endpoints, two a contract, and what they hear of: one to read, and one to delete, which hears of little.
const ENDPOINTS: [(&str, &str, &[&str]); 4] = [
    ("whe_00000000000000000000000001", "public/v1", &EVENTS),
    (
        "whe_00000000000000000000000002",
        "public/v1",
        &["order.cancelled"],
    ),
    ("whe_00000000000000000000000003", "public/v2", &EVENTS),
    (
        "whe_00000000000000000000000004",
        "public/v2",
        &["order.cancelled"],
    ),
];

const EVENTS: [&str; 3] = ["order.confirmed", "order.ticketed", "order.cancelled"];

/// The published key of the account, its webhook endpoints and its orders.
pub async fn furnish(clients: &Clients, context: &RpcContext) -> Result<(), Status> {
    let key = identity::CreateKeyRequest {
        context: Some(RpcContext::default()),
        key_id: sandbox::KEY_ID.to_owned(),
        account_id: sandbox::ACCOUNT.to_owned(),
        audience: "public".to_owned(),
        scopes: SCOPES.map(str::to_owned).to_vec(),
        chosen_secret: sandbox::KEY.to_owned(),
        kind: identity::KeyKind::ApiKey.into(),
        name: "Sandbox".to_owned(),
        roles: Vec::new(),
    };
    clients.keys.create_key(key, STEP_WITHIN).await?;
    let context = RpcContext {
        account_id: sandbox::ACCOUNT.to_owned(),
        ..context.clone()
    };
    // Before the orders, so that there are deliveries.
    for (id, format, events) in ENDPOINTS {
        let endpoint = CreateEndpointRequest {
            endpoint_id: id.to_owned(),
            url: "https://hooks.customer.example/fareway".to_owned(),
            events: events.iter().copied().map(str::to_owned).collect(),
            format: format.to_owned(),
            description: "Order desk".to_owned(),
            ..CreateEndpointRequest::default()
        };
        webhook_endpoint(clients, &context, endpoint).await?;
    }
    orders::furnish(
        clients,
        &context,
        (PaymentMethod::Card, "tok_visa"),
        "sandbox-tour",
        &SEEDS,
    )
    .await
}
