//! Webhook endpoints and what was sent to them. Each contract has endpoints of its own, told apart by the format of their
//! payloads.
//!
//! `contract` is the door's, as in its paths; it names the format too. Lists page as their contract pages.

use crate::api::shared::{self as types, operations as op};
use crate::edge::Clients;
use crate::edge::call::{ANSWER_WITHIN, context, filled, idempotency};
use crate::edge::condition::{is_known, version_seen};
use crate::edge::money::large;
use crate::edge::page;
use crate::kernel::chance::Chance;
use crate::kernel::clock::rfc3339;
use crate::kernel::id::WebhookEndpointId;
use crate::platform::auth::Caller;
use crate::rpc::common::v1::Page;
use crate::rpc::notify::v1 as notify;
use crate::wire::etag;
use crate::wire::problem::Problem;

/// Makes an endpoint.
pub async fn create(
    clients: &Clients,
    chance: &Chance,
    caller: &Caller,
    contract: &str,
    request: op::CreateWebhookEndpointInput,
) -> Result<op::CreateWebhookEndpoint, Problem> {
    let (key, input) = (request.idempotency_key, request.body);
    let endpoint_id = match &key {
        // The key names the endpoint, so that a repeat finds it.
        Some(key) => WebhookEndpointId::named(&[&caller.world, &caller.account_id, contract, key]),
        None => WebhookEndpointId::new(caller.now_us, chance),
    };
    let asked = notify::CreateEndpointRequest {
        context: context(caller),
        idempotency: idempotency(&key.unwrap_or_default(), contract, Some(&input)),
        endpoint_id: endpoint_id.into(),
        url: input.url,
        events: event_types(input.events),
        format: contract.to_owned(),
        description: input.description.unwrap_or_default(),
    };
    let made = clients
        .webhooks
        .create_endpoint(asked, ANSWER_WITHIN)
        .await?;
    // Only the first answer has the secret.
    let idempotency_replayed = made.secret.is_empty();
    let body = endpoint(made);
    Ok(op::CreateWebhookEndpoint::Created {
        location: format!("{}/{}", path(contract), body.id),
        etag: etag::of_version(body.version),
        idempotency_replayed,
        body,
    })
}

/// A page of endpoints, and the cursor of the next.
pub async fn endpoints(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    page: Option<Page>,
) -> Result<(Vec<types::WebhookEndpoint>, String), Problem> {
    let asked = notify::ListEndpointsRequest {
        context: context(caller),
        format: contract.to_owned(),
        page,
    };
    let found = clients
        .webhooks
        .list_endpoints(asked, ANSWER_WITHIN)
        .await?;
    Ok((
        found.endpoints.into_iter().map(endpoint).collect(),
        found.next,
    ))
}

/// Lists endpoints by cursor.
pub async fn list(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::ListWebhookEndpointsInput,
) -> Result<op::ListWebhookEndpoints, Problem> {
    let asked = page::asked(request.after, request.limit);
    let (data, next) = endpoints(clients, caller, contract, asked).await?;
    Ok(op::ListWebhookEndpoints::Ok {
        link: page::link(&path(contract), &[], request.limit, &next),
        body: types::WebhookEndpointList {
            data,
            next_cursor: filled(next),
        },
    })
}

/// Shows an endpoint, to who has not seen this version of it.
pub async fn get(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::GetWebhookEndpointInput,
) -> Result<op::GetWebhookEndpoint, Problem> {
    let found = found(clients, caller, contract, request.webhook_endpoint_id).await?;
    let body = endpoint(found);
    let etag = etag::of_version(body.version);
    if is_known(request.if_none_match.as_deref(), &etag) {
        return Ok(op::GetWebhookEndpoint::NotModified { etag });
    }
    Ok(op::GetWebhookEndpoint::Ok { etag, body })
}

async fn found(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    endpoint_id: String,
) -> Result<notify::Endpoint, Problem> {
    let asked = notify::GetEndpointRequest {
        context: context(caller),
        endpoint_id,
        format: contract.to_owned(),
    };
    Ok(clients.webhooks.get_endpoint(asked, ANSWER_WITHIN).await?)
}

/// Changes what is given of the version that the caller has seen.
pub async fn update(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::UpdateWebhookEndpointInput,
) -> Result<op::UpdateWebhookEndpoint, Problem> {
    let (endpoint_id, input) = (request.webhook_endpoint_id, request.body);
    let current = found(clients, caller, contract, endpoint_id.clone()).await?;
    let expected_version = version_seen(request.if_match.as_deref(), current.version)?;
    let asked = notify::UpdateEndpointRequest {
        context: context(caller),
        endpoint_id,
        format: contract.to_owned(),
        expected_version,
        url: input.url,
        replace_events: input.events.is_some(),
        events: event_types(input.events),
        status: input
            .status
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
        description: input.description,
    };
    let changed = clients
        .webhooks
        .update_endpoint(asked, ANSWER_WITHIN)
        .await?;
    let body = endpoint(changed);
    Ok(op::UpdateWebhookEndpoint::Ok {
        etag: etag::of_version(body.version),
        body,
    })
}

/// Deletes an endpoint; again, too.
pub async fn delete(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::DeleteWebhookEndpointInput,
) -> Result<op::DeleteWebhookEndpoint, Problem> {
    let asked = notify::DeleteEndpointRequest {
        context: context(caller),
        endpoint_id: request.webhook_endpoint_id,
        format: contract.to_owned(),
    };
    clients
        .webhooks
        .delete_endpoint(asked, ANSWER_WITHIN)
        .await?;
    Ok(op::DeleteWebhookEndpoint::NoContent)
}

/// A page of what was sent, and the cursor of the next.
pub async fn deliveries(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    endpoint_id: &str,
    page: Option<Page>,
) -> Result<(Vec<types::WebhookDelivery>, String), Problem> {
    let asked = notify::ListDeliveriesRequest {
        context: context(caller),
        endpoint_id: endpoint_id.to_owned(),
        format: contract.to_owned(),
        page,
    };
    let found = clients
        .webhooks
        .list_deliveries(asked, ANSWER_WITHIN)
        .await?;
    Ok((
        found.deliveries.into_iter().map(delivery).collect(),
        found.next,
    ))
}

/// Lists by cursor what was sent to an endpoint.
pub async fn list_deliveries(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::ListWebhookDeliveriesInput,
) -> Result<op::ListWebhookDeliveries, Problem> {
    let id = &request.webhook_endpoint_id;
    let asked = page::asked(request.after, request.limit);
    let (data, next) = deliveries(clients, caller, contract, id, asked).await?;
    let path = deliveries_of(contract, id);
    Ok(op::ListWebhookDeliveries::Ok {
        link: page::link(&path, &[], request.limit, &next),
        body: types::WebhookDeliveryList {
            data,
            next_cursor: filled(next),
        },
    })
}

/// Sends once more.
pub async fn redeliver(
    clients: &Clients,
    caller: &Caller,
    contract: &str,
    request: op::RedeliverWebhookInput,
) -> Result<op::RedeliverWebhook, Problem> {
    let location = deliveries_of(contract, &request.webhook_endpoint_id);
    let asked = notify::RedeliverRequest {
        context: context(caller),
        endpoint_id: request.webhook_endpoint_id,
        format: contract.to_owned(),
        delivery_id: request.webhook_delivery_id,
    };
    let sent = clients.webhooks.redeliver(asked, ANSWER_WITHIN).await?;
    Ok(op::RedeliverWebhook::Accepted {
        location,
        body: delivery(sent),
    })
}

/// Where the endpoints of a contract are.
pub fn path(contract: &str) -> String {
    format!("/{contract}/webhook-endpoints")
}

/// Where it is told what was sent to an endpoint.
pub fn deliveries_of(contract: &str, endpoint_id: &str) -> String {
    format!("{}/{endpoint_id}/deliveries", path(contract))
}

fn event_types(input: Option<Vec<types::EventTypeInput>>) -> Vec<String> {
    input
        .unwrap_or_default()
        .into_iter()
        .map(|kind| kind.as_str().to_owned())
        .collect()
}

fn endpoint(endpoint: notify::Endpoint) -> types::WebhookEndpoint {
    types::WebhookEndpoint {
        id: endpoint.id,
        version: large(endpoint.version),
        url: endpoint.url,
        events: endpoint.events,
        description: filled(endpoint.description),
        status: endpoint.status,
        disabled_reason: filled(endpoint.disabled_reason),
        secret: filled(endpoint.secret),
        created_at: rfc3339(endpoint.created_at_us),
    }
}

fn delivery(delivery: notify::Delivery) -> types::WebhookDelivery {
    types::WebhookDelivery {
        id: delivery.id,
        webhook_endpoint_id: delivery.endpoint_id,
        event_id: delivery.event_id,
        event_type: delivery.event_type,
        object_id: delivery.object_id,
        sequence: large(delivery.sequence),
        status: delivery.status,
        attempts: delivery.attempts.into_iter().map(attempt).collect(),
        next_attempt_at: delivery.next_attempt_at_us.map(rfc3339),
        created_at: rfc3339(delivery.created_at_us),
    }
}

fn attempt(attempt: notify::Attempt) -> types::WebhookAttempt {
    types::WebhookAttempt {
        time: rfc3339(attempt.time_us),
        response_status: (attempt.http_status != 0)
            .then(|| i32::try_from(attempt.http_status).unwrap_or(i32::MAX)),
        failure: filled(attempt.error),
    }
}
