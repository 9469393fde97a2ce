//! The contract of parked events (`fareway.events.v1.ParkedEvents`) over the outboxes of all services that publish.

use tonic::{Request, Response, Status};

use super::parked::Place;
use super::redelivery::{self, Asked};
use super::relay::Relay;
use super::{Error, drill, parked};
use crate::api::problem::Code;
use crate::kernel::clock::LIVE_WORLD;
use crate::platform::bus::Bus;
use crate::platform::{page, status};
use crate::rpc::common::v1::Context;
use crate::rpc::events::v1 as pb;
use crate::rpc::events::v1::parked_events_server::ParkedEvents as Contract;

/// The outboxes of the services that publish, by the name of each.
pub struct ParkedEvents {
    bus: Bus,
    publishers: Vec<(&'static str, Relay)>,
}

impl ParkedEvents {
    /// Over these outboxes, of which the first says drills, and the bus that they publish to.
    pub fn new(bus: Bus, publishers: Vec<(&'static str, Relay)>) -> Self {
        Self { bus, publishers }
    }

    async fn list(&self, request: pb::ListParkedRequest) -> Result<pb::ListParkedResponse, Error> {
        let context = world_of(request.context)?;
        let (after, limit) = page::of(request.page);
        let mut events = Vec::new();
        let Some((from, mut place)) = self.place(&after) else {
            return Ok(pb::ListParkedResponse::default());
        };
        for (at, (name, relay)) in self.publishers.iter().enumerate().skip(from) {
            let left = limit + 1
                - u32::try_from(events.len())
                    .unwrap_or(u32::MAX)
                    .min(limit + 1);
            let consumer = &request.consumer;
            let found = parked::list(relay.db.reader(), &context.world, consumer, &place, left);
            events.extend(found.await?.into_iter().map(|(place, event)| {
                let publisher = (*name).to_owned();
                (cursor(at, &place), pb::ParkedEvent { publisher, ..event })
            }));
            place = Place::default();
        }
        let next = page::cut(&mut events, limit, |(cursor, _)| cursor.clone());
        Ok(pb::ListParkedResponse {
            events: events.into_iter().map(|(_, event)| event).collect(),
            next,
        })
    }

    /// Where a page goes on: at which publisher, and after which place there; `None` when nothing comes after the cursor.
    fn place(&self, cursor: &str) -> Option<(usize, Place)> {
        if cursor.is_empty() {
            return Some((0, Place::default()));
        }
        let mut parts = cursor.splitn(3, '.');
        let at = parts.next()?.parse().ok()?;
        let position = parts.next()?.parse().ok()?;
        Some((at, (position, parts.next()?.to_owned())))
    }

    async fn deliver(&self, request: pb::RedeliverRequest) -> Result<pb::Redelivery, Error> {
        let context = world_of(request.context)?;
        let given = request.idempotency.unwrap_or_default();
        let asked = Asked {
            world: context.world,
            key: given.key,
            fingerprint: given.fingerprint,
            event_id: request.event_id,
            subject: String::new(),
        };
        for (_, relay) in &self.publishers {
            if let Some(answer) = redelivery::ask(relay, &asked).await? {
                return Ok(answer);
            }
        }
        Err(Error::NotParked)
    }

    async fn say_drill(&self, request: pb::DrillRequest) -> Result<(), Error> {
        let context = world_of(request.context)?;
        match self.publishers.first() {
            Some(_) if context.world != LIVE_WORLD && !request.park_next.is_empty() => {
                self.bus.refuse_next(&context.world, &request.park_next);
                Ok(())
            }
            Some((name, relay)) if context.world != LIVE_WORLD => {
                let named = (request.event_id, request.subject);
                drill::say(&relay.db, name, &context, named).await
            }
            _ => Err(Error::Incomplete("test world")),
        }
    }
}

fn world_of(context: Option<Context>) -> Result<Context, Error> {
    // Only the platform itself, which has no account, looks at what services say to each other.
    let seen = context.filter(|one| !one.world.is_empty() && one.account_id.is_empty());
    seen.ok_or(Error::Incomplete("world"))
}

fn cursor(publisher: usize, (position, consumer): &Place) -> String {
    format!("{publisher}.{position}.{consumer}")
}

impl From<Error> for Status {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::NotParked => Code::NotFound,
            Error::Waits => Code::InvalidState,
            Error::KeyReused => Code::IdempotencyKeyReused,
            Error::Incomplete(_) => Code::InvalidParameter,
            Error::Ended => Code::DependencyUnavailable,
            Error::Db(_) | Error::Sql(_) | Error::Envelope(_) => return status::fault(&error),
        };
        status::refuse(code, error.to_string())
    }
}

#[tonic::async_trait]
impl Contract for ParkedEvents {
    async fn list_parked(
        &self,
        request: Request<pb::ListParkedRequest>,
    ) -> Result<Response<pb::ListParkedResponse>, Status> {
        Ok(Response::new(self.list(request.into_inner()).await?))
    }

    async fn redeliver(
        &self,
        request: Request<pb::RedeliverRequest>,
    ) -> Result<Response<pb::Redelivery>, Status> {
        Ok(Response::new(self.deliver(request.into_inner()).await?))
    }

    async fn drill(
        &self,
        request: Request<pb::DrillRequest>,
    ) -> Result<Response<pb::DrillResponse>, Status> {
        self.say_drill(request.into_inner()).await?;
        Ok(Response::new(pb::DrillResponse {}))
    }
}
