//! The lists of webhook endpoints, where events with snapshots are sent, and of what was sent to them.

use crate::api::public_v1::{NAME, operations as op, types};
use crate::edge::webhook_endpoints;
use crate::platform::auth::Caller;
use crate::wire::problem::Problem;

use super::Door;
use super::numbered::Numbered;

pub async fn endpoints(
    door: &Door,
    caller: &Caller,
    request: op::ListWebhookEndpointsInput,
) -> Result<op::ListWebhookEndpoints, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let (data, has_more) = asked
        .walk(|page| webhook_endpoints::endpoints(&door.clients, caller, NAME, page))
        .await?;
    let body = types::WebhookEndpointList {
        data,
        page: asked.page(),
        per_page: asked.per_page(),
        has_more,
    };
    Ok(op::ListWebhookEndpoints::Ok {
        link: asked.link(&webhook_endpoints::path(NAME), &[], has_more),
        body,
    })
}

pub async fn deliveries(
    door: &Door,
    caller: &Caller,
    request: op::ListWebhookDeliveriesInput,
) -> Result<op::ListWebhookDeliveries, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let id = &request.webhook_endpoint_id;
    let (data, has_more) = asked
        .walk(|page| webhook_endpoints::deliveries(&door.clients, caller, NAME, id, page))
        .await?;
    let body = types::WebhookDeliveryList {
        data,
        page: asked.page(),
        per_page: asked.per_page(),
        has_more,
    };
    Ok(op::ListWebhookDeliveries::Ok {
        link: asked.link(&webhook_endpoints::deliveries_of(NAME, id), &[], has_more),
        body,
    })
}
