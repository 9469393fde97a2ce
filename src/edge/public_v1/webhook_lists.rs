//! The lists of webhook endpoints, where events with snapshots are sent, and of what was sent to them.

use crate::api::public_v1::{operations as op, types};
use crate::edge::call::Call;
use crate::edge::webhook_endpoints;
use crate::wire::problem::Problem;

use super::numbered::{Numbered, numbered};

pub async fn endpoints(
    call: Call<'_>,
    request: op::ListWebhookEndpointsInput,
) -> Result<op::ListWebhookEndpoints, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let fetch = |page| webhook_endpoints::endpoints(call, page);
    let (data, has_more) = asked.walk(fetch).await?;
    Ok(op::ListWebhookEndpoints::Ok {
        link: asked.link(&call.path(webhook_endpoints::PATH), &[], has_more),
        body: numbered!(WebhookEndpointList: asked, data, has_more),
    })
}

pub async fn deliveries(
    call: Call<'_>,
    request: op::ListWebhookDeliveriesInput,
) -> Result<op::ListWebhookDeliveries, Problem> {
    let asked = Numbered::asked(request.page, request.per_page);
    let id = &request.webhook_endpoint_id;
    let fetch = |page| webhook_endpoints::deliveries(call, id, page);
    let (data, has_more) = asked.walk(fetch).await?;
    Ok(op::ListWebhookDeliveries::Ok {
        link: asked.link(&webhook_endpoints::deliveries_path(call, id), &[], has_more),
        body: numbered!(WebhookDeliveryList: asked, data, has_more),
    })
}
