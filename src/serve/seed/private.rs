//! What stands behind the examples of the private contract: staff, accounts, credentials and fares to change, an order that is
//! stuck and an event that is parked; and the administrator of the live world.

use tonic::Status;

use crate::edge::Clients;
use crate::identity::{all_roles, sandbox};
use crate::kernel::clock::LIVE_WORLD;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::common::v1::{Context as RpcContext, Money};
use crate::rpc::events::v1::DrillRequest;
use crate::rpc::flights::v1 as flights;
use crate::rpc::identity::v1::{self as identity, KeyKind};

use super::STEP_WITHIN;
use super::orders::{self, Seed};

/// The client by which the live world is run at first.
const ADMINISTRATOR: &str = "cli_admin";
/// An agency whose credit limit the examples change.
const AGENCY: &str = "acc_00000000000000000000000003";

/// A parked event that the examples deliver again.
const DRILL: &str = "evt_00000000000000000000000001";
/// Its order whose saga the examples take up: the answer to the capture of its payment is lost.
const STUCK: Seed = Seed {
    order_id: "ord_00000000000000000000000031",
    offer_id: "off_sandbox-order-7",
    key: "sandbox-order-7",
    payment_id: Some("pay_00000000000000000000000031"),
    quote: None,
    change: None,
};

/// Makes the administrator of the live world with a secret that whoever starts the platform has chosen.
///
/// # Errors
/// When identity refuses, above all because the administrator has another secret already.
pub async fn administrator(clients: &Clients, now_us: i64, secret: &str) -> Result<(), Status> {
    let context = RpcContext {
        world: LIVE_WORLD.to_owned(),
        now_us,
        ..RpcContext::default()
    };
    let client = identity::CreateKeyRequest {
        chosen_secret: secret.to_owned(),
        ..staff(&context, ADMINISTRATOR, "Administrator", all_roles())
    };
    clients.keys.create_key(client, STEP_WITHIN).await?;
    Ok(())
}

/// Staff, and what the examples of the private contract change.
pub async fn furnish(clients: &Clients, context: &RpcContext) -> Result<(), Status> {
    let staff_of_the_sandbox = identity::CreateKeyRequest {
        chosen_secret: sandbox::STAFF_SECRET.to_owned(),
        ..staff(context, sandbox::STAFF_CLIENT, "Sandbox staff", all_roles())
    };
    let keys = [
        staff_of_the_sandbox,
        staff(
            context,
            "cli_00000000000000000000000002",
            "To rotate",
            vec!["auditor".to_owned()],
        ),
        staff(
            context,
            "cli_00000000000000000000000003",
            "To revoke",
            vec!["auditor".to_owned()],
        ),
        api_key(context, "key_00000000000000000000000002", "To rotate"),
        api_key(context, "key_00000000000000000000000003", "To revoke"),
    ];
    for key in keys {
        clients.keys.create_key(key, STEP_WITHIN).await?;
    }
    let agency = identity::CreateAccountRequest {
        context: Some(context.clone()),
        account_id: AGENCY.to_owned(),
        name: "Agency on probation".to_owned(),
        test: true,
        world: context.world.clone(),
        agency: Some(identity::Agency {
            iata_number: "96000999".to_owned(),
            credit_limit: Some(Money {
                amount: 1_000_000,
                currency: "GBP".to_owned(),
            }),
        }),
        ..identity::CreateAccountRequest::default()
    };
    clients.accounts.create_account(agency, STEP_WITHIN).await?;
    let agency = RpcContext {
        account_id: AGENCY.to_owned(),
        ..context.clone()
    };
    let paid_by = (PaymentMethod::Card, "tok_unknown");
    orders::furnish(clients, &agency, paid_by, "sandbox-stuck", &[STUCK]).await?;
    let drill = DrillRequest {
        context: Some(context.clone()),
        event_id: DRILL.to_owned(),
        ..DrillRequest::default()
    };
    clients.parked.drill(drill, STEP_WITHIN).await?;
    for fare in fares() {
        let filed = flights::FileFareRequest {
            context: Some(context.clone()),
            fare: Some(fare),
        };
        clients.fares.file_fare(filed, STEP_WITHIN).await?;
    }
    Ok(())
}

fn fares() -> [flights::Fare; 3] {
    let fare = |id: &str, account_code: &str, discount_basis_points| flights::Fare {
        id: id.to_owned(),
        carrier: "BA".to_owned(),
        account_code: account_code.to_owned(),
        discount_basis_points,
        ..flights::Fare::default()
    };
    [
        flights::Fare {
            origin: "LHR".to_owned(),
            destination: "JFK".to_owned(),
            valid_until: "2027-12-31".to_owned(),
            ..fare("far_00000000000000000000000001", "WEMBLEY10", 1000)
        },
        fare("far_00000000000000000000000002", "WEMBLEY20", 2000),
        // What the agency of the partner contract's examples has negotiated.
        flights::Fare {
            account_id: sandbox::AGENCY.to_owned(),
            ..fare("far_00000000000000000000000003", "SANDBOX", 1500)
        },
    ]
}

fn staff(
    context: &RpcContext,
    id: &str,
    name: &str,
    roles: Vec<String>,
) -> identity::CreateKeyRequest {
    identity::CreateKeyRequest {
        context: Some(context.clone()),
        key_id: id.to_owned(),
        kind: KeyKind::Client.into(),
        audience: "private".to_owned(),
        name: name.to_owned(),
        roles,
        ..identity::CreateKeyRequest::default()
    }
}

fn api_key(context: &RpcContext, id: &str, name: &str) -> identity::CreateKeyRequest {
    identity::CreateKeyRequest {
        context: Some(context.clone()),
        key_id: id.to_owned(),
        kind: KeyKind::ApiKey.into(),
        audience: "public".to_owned(),
        account_id: sandbox::ACCOUNT.to_owned(),
        name: name.to_owned(),
        scopes: vec!["flights:search".to_owned()],
        ..identity::CreateKeyRequest::default()
    }
}
