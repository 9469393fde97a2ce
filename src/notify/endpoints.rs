//! Endpoints and their deliveries as their owners see them. Sending is the dispatcher's matter.

use std::time::Duration;

use super::signature::Secret;
use super::store::{Change, Endpoint, NewEndpoint, Owner};
use super::{Error, NotifyService};
use crate::kernel::id::WebhookEndpointId;
use crate::platform::page;
use crate::rpc::common::v1::Context;
use crate::rpc::notify::v1 as pb;

const DESCRIPTION_LEN_MAX: usize = 1000;
const EVENTS_MAX: usize = 100;
/// How long the caller of a round waits for its attempts.
const PATIENCE: Duration = Duration::from_secs(1);

impl NotifyService {
    /// Makes an endpoint; its secret is in this answer and nowhere else.
    pub(super) async fn create_endpoint(
        &self,
        request: pb::CreateEndpointRequest,
    ) -> Result<pb::Endpoint, Error> {
        let context = account_context(request.context)?;
        let owner = owner(&context, request.format)?;
        check(
            WebhookEndpointId::parse(&request.endpoint_id).is_some(),
            "endpoint id",
        )?;
        self.check_content(
            Some(&request.url),
            Some(&request.events),
            Some(&request.description),
        )?;
        let given = request.idempotency.unwrap_or_default();
        let idempotency_key = if given.key.is_empty() {
            request.endpoint_id.clone()
        } else {
            given.key
        };
        let endpoint = Endpoint {
            id: request.endpoint_id,
            owner,
            url: request.url,
            events: request.events,
            description: request.description,
            enabled: true,
            disabled_reason: String::new(),
            salt: self.chance.bytes(),
            created_at_us: context.now_us,
            updated_at_us: context.now_us,
            version: 1,
        };
        let new = NewEndpoint {
            endpoint,
            idempotency_key,
            fingerprint: given.fingerprint,
        };
        let (endpoint, made) = self.store.create_endpoint(new).await?;
        let secret = Secret::of(&self.key, &endpoint.id, &endpoint.salt);
        let mut told = told(endpoint);
        if made {
            told.secret = secret.reveal();
        }
        Ok(told)
    }

    /// An endpoint of the caller.
    pub(super) async fn get_endpoint(
        &self,
        request: pb::GetEndpointRequest,
    ) -> Result<pb::Endpoint, Error> {
        let owner = owner(&account_context(request.context)?, request.format)?;
        Ok(told(
            self.store.endpoint(&owner, &request.endpoint_id).await?,
        ))
    }

    /// A page of the caller's endpoints, in the order of their ids.
    pub(super) async fn list_endpoints(
        &self,
        request: pb::ListEndpointsRequest,
    ) -> Result<pb::ListEndpointsResponse, Error> {
        let owner = owner(&account_context(request.context)?, request.format)?;
        let (after, limit) = page::of(request.page);
        let mut endpoints = self.store.endpoints(&owner, &after, limit + 1).await?;
        let next = page::cut(&mut endpoints, limit, |endpoint| endpoint.id.clone());
        Ok(pb::ListEndpointsResponse {
            endpoints: endpoints.into_iter().map(told).collect(),
            next,
        })
    }

    /// Changes an endpoint. One that is enabled again gets what waited for it.
    pub(super) async fn update_endpoint(
        &self,
        request: pb::UpdateEndpointRequest,
    ) -> Result<pb::Endpoint, Error> {
        let context = account_context(request.context)?;
        let events = request.replace_events.then_some(request.events);
        self.check_content(
            request.url.as_deref(),
            events.as_deref(),
            request.description.as_deref(),
        )?;
        let enabled = match request.status.as_str() {
            "" => None,
            "enabled" => Some(true),
            "disabled" => Some(false),
            _ => return Err(Error::Invalid("status")),
        };
        let change = Change {
            owner: owner(&context, request.format)?,
            id: request.endpoint_id,
            expected_version: request.expected_version,
            url: request.url,
            events,
            description: request.description,
            enabled,
            now_us: context.now_us,
        };
        let endpoint = self.store.change_endpoint(change).await?;
        if enabled == Some(true) {
            self.dispatcher.kick(&context.world, context.now_us);
        }
        Ok(told(endpoint))
    }

    /// Deletes an endpoint with all that is on its way to it; again, too.
    pub(super) async fn delete_endpoint(
        &self,
        request: pb::DeleteEndpointRequest,
    ) -> Result<(), Error> {
        let owner = owner(&account_context(request.context)?, request.format)?;
        self.store.delete_endpoint(owner, request.endpoint_id).await
    }

    /// A page of the deliveries of the caller's endpoint, newest first.
    pub(super) async fn list_deliveries(
        &self,
        request: pb::ListDeliveriesRequest,
    ) -> Result<pb::ListDeliveriesResponse, Error> {
        let owner = owner(&account_context(request.context)?, request.format)?;
        let endpoint = self.store.endpoint(&owner, &request.endpoint_id).await?;
        let (after, limit) = page::of(request.page);
        let mut deliveries = self
            .store
            .deliveries(&endpoint.id, &after, limit + 1)
            .await?;
        let next = page::cut(&mut deliveries, limit, |delivery| delivery.id.clone());
        Ok(pb::ListDeliveriesResponse { deliveries, next })
    }

    /// Sends a delivery once more, whatever became of it before.
    pub(super) async fn redeliver(
        &self,
        request: pb::RedeliverRequest,
    ) -> Result<pb::Delivery, Error> {
        let context = account_context(request.context)?;
        let owner = owner(&context, request.format)?;
        let delivery = self
            .store
            .redeliver(
                owner,
                request.endpoint_id,
                request.delivery_id,
                context.now_us,
            )
            .await?;
        self.dispatcher.kick(&context.world, context.now_us);
        Ok(delivery)
    }

    /// Makes the attempts that are due in the context's world at its time.
    pub(super) async fn run_due(&self, request: pb::RunDueRequest) -> Result<u32, Error> {
        let context = request.context.unwrap_or_default();
        check(!context.world.is_empty(), "world")?;
        self.dispatcher
            .run(&context.world, context.now_us, PATIENCE)
            .await
    }

    fn check_content(
        &self,
        url: Option<&str>,
        events: Option<&[String]>,
        description: Option<&str>,
    ) -> Result<(), Error> {
        if url.is_some_and(|url| !self.dispatcher.may_reach(url)) {
            return Err(Error::AddressRefused);
        }
        let is_type = |text: &String| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b"._".contains(&b))
        };
        let events = events.unwrap_or_default();
        check(
            events.len() <= EVENTS_MAX && events.iter().all(is_type),
            "events",
        )?;
        check(
            description.is_none_or(|text| text.len() <= DESCRIPTION_LEN_MAX),
            "description",
        )
    }
}

/// Endpoints are an account's; the platform has none.
fn account_context(context: Option<Context>) -> Result<Context, Error> {
    context
        .filter(|context| !context.world.is_empty() && !context.account_id.is_empty())
        .ok_or(Error::Invalid("context"))
}

fn owner(context: &Context, format: String) -> Result<Owner, Error> {
    check(!format.is_empty(), "format")?;
    Ok(Owner {
        world: context.world.clone(),
        account_id: context.account_id.clone(),
        format,
    })
}

fn check(holds: bool, what: &'static str) -> Result<(), Error> {
    if holds {
        Ok(())
    } else {
        Err(Error::Invalid(what))
    }
}

fn told(endpoint: Endpoint) -> pb::Endpoint {
    pb::Endpoint {
        id: endpoint.id,
        url: endpoint.url,
        events: endpoint.events,
        status: if endpoint.enabled {
            "enabled"
        } else {
            "disabled"
        }
        .to_owned(),
        secret: String::new(),
        format: endpoint.owner.format,
        description: endpoint.description,
        created_at_us: endpoint.created_at_us,
        version: endpoint.version,
        disabled_reason: endpoint.disabled_reason,
        updated_at_us: endpoint.updated_at_us,
    }
}
