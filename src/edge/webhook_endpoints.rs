//! Webhook endpoints and what was sent to them. Each contract has endpoints of its own, told apart by the format of their
//! payloads.
//!
//! The name of the contract is that of the format too. Lists page as their contract pages.

use crate::api::shared::{self as types, operations as op};
use crate::edge::call::{ANSWER_WITHIN, Call, filled, idempotency, words};
use crate::edge::condition::{unless_known, version_seen};
use crate::edge::money::large;
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::kernel::id::WebhookEndpointId;
use crate::rpc::common::v1::Page;
use crate::rpc::notify::v1 as notify;
use crate::wire::etag;
use crate::wire::problem::Problem;

/// The operations but the lists, for a contract that has them.
macro_rules! operations {
    () => {
        $crate::edge::door::handlers! {
            create_webhook_endpoint: CreateWebhookEndpointInput -> CreateWebhookEndpoint = webhook_endpoints::create;
            get_webhook_endpoint: GetWebhookEndpointInput -> GetWebhookEndpoint = webhook_endpoints::get;
            update_webhook_endpoint: UpdateWebhookEndpointInput -> UpdateWebhookEndpoint = webhook_endpoints::update;
            delete_webhook_endpoint: DeleteWebhookEndpointInput -> DeleteWebhookEndpoint = webhook_endpoints::delete;
            redeliver_webhook: RedeliverWebhookInput -> RedeliverWebhook = webhook_endpoints::redeliver;
        }
    };
}
pub(super) use operations;

/// The lists, for contracts that page by cursor.
macro_rules! lists {
    () => {
        $crate::edge::door::handlers! {
            list_webhook_endpoints: ListWebhookEndpointsInput -> ListWebhookEndpoints = webhook_endpoints::list;
            list_webhook_deliveries: ListWebhookDeliveriesInput -> ListWebhookDeliveries =
                webhook_endpoints::list_deliveries;
        }
    };
}
pub(super) use lists;

/// Where a contract has them.
pub const PATH: &str = "webhook-endpoints";

/// Makes an endpoint.
pub async fn create(
    call: Call<'_>,
    request: op::CreateWebhookEndpointInput,
) -> Result<op::CreateWebhookEndpoint, Problem> {
    let (key, input) = (request.idempotency_key, request.body);
    let endpoint_id = match &key {
        // The key names the endpoint, so that a repeat finds it.
        Some(key) => {
            let owner = call.caller;
            WebhookEndpointId::named(&[&owner.world, &owner.account_id, call.contract, key])
        }
        None => WebhookEndpointId::new(call.caller.now_us, call.chance),
    };
    let asked = notify::CreateEndpointRequest {
        context: call.context(),
        idempotency: idempotency(&key.unwrap_or_default(), call.contract, Some(&input)),
        endpoint_id: endpoint_id.into(),
        url: input.url,
        events: event_types(input.events),
        format: call.contract.to_owned(),
        description: input.description.unwrap_or_default(),
    };
    let webhooks = &call.clients.webhooks;
    let made = webhooks.create_endpoint(asked, ANSWER_WITHIN).await?;
    // Only the first answer has the secret.
    let idempotency_replayed = made.secret.is_empty();
    let body = endpoint(made);
    Ok(op::CreateWebhookEndpoint::Created {
        location: call.location(PATH, &body.id),
        etag: etag::of_version(body.version),
        idempotency_replayed,
        body,
    })
}

/// A page of endpoints, and the cursor of the next.
pub async fn endpoints(
    call: Call<'_>,
    page: Option<Page>,
) -> Result<(Vec<types::WebhookEndpoint>, String), Problem> {
    let asked = notify::ListEndpointsRequest {
        context: call.context(),
        format: call.contract.to_owned(),
        page,
    };
    let webhooks = &call.clients.webhooks;
    let found = webhooks.list_endpoints(asked, ANSWER_WITHIN).await?;
    Ok((
        found.endpoints.into_iter().map(endpoint).collect(),
        found.next,
    ))
}

/// Lists endpoints by cursor.
pub async fn list(
    call: Call<'_>,
    request: op::ListWebhookEndpointsInput,
) -> Result<op::ListWebhookEndpoints, Problem> {
    let asked = page::asked(request.after, request.limit);
    let (data, next) = endpoints(call, asked).await?;
    Ok(op::ListWebhookEndpoints::Ok {
        link: page::link(&call.path(PATH), &[], request.limit, &next),
        body: listed!(WebhookEndpointList: data, next),
    })
}

/// Shows an endpoint, to who has not seen this version of it.
pub async fn get(
    call: Call<'_>,
    request: op::GetWebhookEndpointInput,
) -> Result<op::GetWebhookEndpoint, Problem> {
    let body = endpoint(found(call, request.webhook_endpoint_id).await?);
    let etag = etag::of_version(body.version);
    Ok(unless_known!(
        GetWebhookEndpoint,
        request.if_none_match,
        etag,
        body
    ))
}

async fn found(call: Call<'_>, endpoint_id: String) -> Result<notify::Endpoint, Problem> {
    let asked = notify::GetEndpointRequest {
        context: call.context(),
        endpoint_id,
        format: call.contract.to_owned(),
    };
    let webhooks = &call.clients.webhooks;
    Ok(webhooks.get_endpoint(asked, ANSWER_WITHIN).await?)
}

/// Changes what is given of the version that the caller has seen.
pub async fn update(
    call: Call<'_>,
    request: op::UpdateWebhookEndpointInput,
) -> Result<op::UpdateWebhookEndpoint, Problem> {
    let (endpoint_id, input) = (request.webhook_endpoint_id, request.body);
    let current = found(call, endpoint_id.clone()).await?;
    let expected_version = version_seen(request.if_match.as_deref(), current.version)?;
    let asked = notify::UpdateEndpointRequest {
        context: call.context(),
        endpoint_id,
        format: call.contract.to_owned(),
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
    let webhooks = &call.clients.webhooks;
    let changed = webhooks.update_endpoint(asked, ANSWER_WITHIN).await?;
    let body = endpoint(changed);
    let etag = etag::of_version(body.version);
    Ok(op::UpdateWebhookEndpoint::Ok { etag, body })
}

/// Deletes an endpoint; again, too.
pub async fn delete(
    call: Call<'_>,
    request: op::DeleteWebhookEndpointInput,
) -> Result<op::DeleteWebhookEndpoint, Problem> {
    let asked = notify::DeleteEndpointRequest {
        context: call.context(),
        endpoint_id: request.webhook_endpoint_id,
        format: call.contract.to_owned(),
    };
    let webhooks = &call.clients.webhooks;
    webhooks.delete_endpoint(asked, ANSWER_WITHIN).await?;
    Ok(op::DeleteWebhookEndpoint::NoContent)
}

/// A page of what was sent, and the cursor of the next.
pub async fn deliveries(
    call: Call<'_>,
    endpoint_id: &str,
    page: Option<Page>,
) -> Result<(Vec<types::WebhookDelivery>, String), Problem> {
    let asked = notify::ListDeliveriesRequest {
        context: call.context(),
        endpoint_id: endpoint_id.to_owned(),
        format: call.contract.to_owned(),
        page,
    };
    let webhooks = &call.clients.webhooks;
    let found = webhooks.list_deliveries(asked, ANSWER_WITHIN).await?;
    Ok((
        found.deliveries.into_iter().map(delivery).collect(),
        found.next,
    ))
}

/// Lists by cursor what was sent to an endpoint.
pub async fn list_deliveries(
    call: Call<'_>,
    request: op::ListWebhookDeliveriesInput,
) -> Result<op::ListWebhookDeliveries, Problem> {
    let id = &request.webhook_endpoint_id;
    let asked = page::asked(request.after, request.limit);
    let (data, next) = deliveries(call, id, asked).await?;
    Ok(op::ListWebhookDeliveries::Ok {
        link: page::link(&deliveries_path(call, id), &[], request.limit, &next),
        body: listed!(WebhookDeliveryList: data, next),
    })
}

/// Sends once more.
pub async fn redeliver(
    call: Call<'_>,
    request: op::RedeliverWebhookInput,
) -> Result<op::RedeliverWebhook, Problem> {
    let location = deliveries_path(call, &request.webhook_endpoint_id);
    let asked = notify::RedeliverRequest {
        context: call.context(),
        endpoint_id: request.webhook_endpoint_id,
        format: call.contract.to_owned(),
        delivery_id: request.webhook_delivery_id,
    };
    let webhooks = &call.clients.webhooks;
    let sent = webhooks.redeliver(asked, ANSWER_WITHIN).await?;
    Ok(op::RedeliverWebhook::Accepted {
        location,
        body: delivery(sent),
    })
}

/// Where it is told what was sent to an endpoint.
pub fn deliveries_path(call: Call<'_>, endpoint_id: &str) -> String {
    call.path(&format!("{PATH}/{endpoint_id}/deliveries"))
}

fn event_types(input: Option<Vec<types::EventTypeInput>>) -> Vec<String> {
    words(&input.unwrap_or_default(), types::EventTypeInput::as_str)
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
