//! Furnishes the sandbox: accounts, their published credentials, and what stands behind the contracts' examples. Each audience's
//! part is a file of its name.
//!
//! By the same calls that a client makes, with fixed ids and idempotency keys: doing it again at each start changes nothing.

mod orders;
mod partner;
mod private;
mod public;
mod retimed;

use std::time::Duration;

use tonic::Status;

use crate::api::problem::Code;
use crate::edge::Clients;
use crate::identity::sandbox;
use crate::platform::status::code_of;
use crate::rpc::common::v1::{Context as RpcContext, Idempotency};
use crate::rpc::identity::v1 as identity;
use crate::rpc::notify::v1::CreateEndpointRequest;

pub use private::administrator;

/// How long one step may take.
const STEP_WITHIN: Duration = Duration::from_secs(30);

/// Makes what is missing of the sandbox.
///
/// # Errors
/// When a service refuses or does not answer.
pub async fn sandbox(clients: &Clients) -> Result<(), Status> {
    let account = identity::CreateAccountRequest {
        // Only the platform itself, which has no account, may make accounts and keys.
        context: Some(RpcContext::default()),
        account_id: sandbox::ACCOUNT.to_owned(),
        name: "Sandbox".to_owned(),
        test: true,
        world: sandbox::WORLD.to_owned(),
        clock_id: sandbox::CLOCK.to_owned(),
        clock_starts_at_us: sandbox::CLOCK_STARTS_AT_US,
        agency: None,
    };
    clients
        .accounts
        .create_account(account, STEP_WITHIN)
        .await?;
    // The platform in the sandbox's world; each part speaks for the accounts of its audience.
    let mut context = RpcContext {
        world: sandbox::WORLD.to_owned(),
        ..RpcContext::default()
    };
    let clock = identity::GetClockRequest {
        context: Some(context.clone()),
        clock_id: sandbox::CLOCK.to_owned(),
    };
    context.now_us = clients.clocks.get_clock(clock, STEP_WITHIN).await?.now_us;
    public::furnish(clients, &context).await?;
    private::furnish(clients, &context).await?;
    partner::furnish(clients, &context).await?;
    // The last: what is made before keeps its record locators.
    retimed::furnish(clients, &context).await
}

/// Makes a webhook endpoint at an address that nobody will ever have (RFC 2606), so that its deliveries can be looked at and do no
/// harm.
async fn webhook_endpoint(
    clients: &Clients,
    context: &RpcContext,
    endpoint: CreateEndpointRequest,
) -> Result<(), Status> {
    let asked = CreateEndpointRequest {
        context: Some(context.clone()),
        idempotency: Some(Idempotency {
            key: endpoint.endpoint_id.clone(),
            fingerprint: endpoint.endpoint_id.as_bytes().to_vec(),
        }),
        ..endpoint
    };
    match clients.webhooks.create_endpoint(asked, STEP_WITHIN).await {
        Ok(_) => Ok(()),
        // Deleted by somebody who tried the example.
        Err(status) if code_of(&status) == Code::IdempotencyKeyReused => Ok(()),
        Err(status) => Err(status),
    }
}

/// Whether what was looked for is not there.
fn is_missing<T>(found: Result<T, Status>) -> Result<bool, Status> {
    match found {
        Ok(_) => Ok(false),
        Err(status) if code_of(&status) == Code::NotFound => Ok(true),
        Err(status) => Err(status),
    }
}
