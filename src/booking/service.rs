//! The booking service: what it is made of, how it starts and stops, and what it answers from the store alone.
//!
//! Commands that set a saga going are in `commands.rs`, the saga's steps in `driver.rs`.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::idempotency::{Key, Operation};
use super::order::Order;
use super::store::{self, Cause, Kept, entries, listing, sqlite};
use super::waiters::Waiters;
use super::{Error, cancellation, events, locator, schedule};
use crate::kernel::chance::Chance;
use crate::kernel::clock::{Clock, LIVE_WORLD};
use crate::platform::bus::Bus;
use crate::platform::db::Db;
use crate::platform::outbox::Relay;
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::rpc::flights::v1::{InventoryClient, ScheduleClient, SearchClient};

const PAGE_DEFAULT: u32 = 20;
const PAGE_MAX: u32 = 200;

/// Keeps orders; clones are the same service.
#[derive(Clone)]
pub struct BookingService(pub(super) Arc<Inner>);

/// The contracts of flights, here or elsewhere.
#[derive(Clone)]
pub struct Neighbours {
    /// What is for sale.
    pub search: SearchClient,
    /// Seats.
    pub inventory: InventoryClient,
    /// What is changed of the plan.
    pub schedule: ScheduleClient,
    /// How long a call to one of them may take.
    pub deadline: Duration,
}

pub(super) struct Inner {
    pub db: Db,
    pub neighbours: Neighbours,
    pub chance: Chance,
    pub locator_key: locator::Key,
    pub waiters: Waiters,
    /// Sagas that are being driven in this process, so that the watchdog leaves them alone.
    pub active: Mutex<HashMap<String, usize>>,
    pub tasks: TaskTracker,
    pub stopping: CancellationToken,
    clock: Clock,
    times: Mutex<HashMap<String, i64>>,
    relay: Relay,
}

impl BookingService {
    /// Opens the store at `path`, starts to publish its outbox and to take billing's answers from `bus`, and goes on with
    /// every saga that an earlier run left unfinished. `clock` tells the time of the live world.
    ///
    /// # Errors
    /// The store cannot be opened or read.
    pub async fn open(
        path: &Path,
        neighbours: Neighbours,
        bus: &Bus,
        chance: Chance,
        clock: Clock,
        locator_key: locator::Key,
    ) -> Result<Self, Error> {
        let db = Db::open(path, &store::MIGRATIONS).await?;
        while db
            .write(|tx| Box::pin(async move { listing::index_earlier(tx).await }))
            .await?
        {}
        let tasks = TaskTracker::new();
        // Closed, so that it can be waited for; it still takes tasks.
        tasks.close();
        let service = Self(Arc::new(Inner {
            relay: Relay::start(db.clone(), bus.clone()),
            db,
            neighbours,
            chance,
            locator_key,
            waiters: Waiters::default(),
            active: Mutex::default(),
            tasks,
            stopping: CancellationToken::new(),
            clock,
            times: Mutex::default(),
        }));
        events::subscribe(bus, &service);
        service.resume().await?;
        Ok(service)
    }

    /// What publishes its outbox, for who looks at what was parked of it.
    pub fn relay(&self) -> Relay {
        self.0.relay.clone()
    }

    /// Returns once no saga is being driven and all that was said is published; how many events that are since the start.
    /// Sagas that wait for a neighbour which is away are left to `resume`.
    pub async fn drain(&self) -> u64 {
        self.0.tasks.wait().await;
        self.published().await
    }

    /// How many tasks drive sagas at the moment, those that wait for an answer of flights among them.
    pub fn driving(&self) -> usize {
        self.0.tasks.len()
    }

    /// Returns once all that was said is published, whatever sagas do meanwhile; how many events that are since the start.
    pub async fn published(&self) -> u64 {
        self.0.relay.drain().await
    }

    /// A count that changes with every durable commit.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.0.db.commits()
    }

    /// How many changes wait for the commit before theirs.
    pub fn queued(&self) -> usize {
        self.0.db.queued()
    }

    /// Leaves every saga where it durably is and closes the store.
    pub async fn close(&self) {
        self.0.stopping.cancel();
        self.0.tasks.wait().await;
        self.0.db.close().await;
    }

    /// The context of a request that acts for an account; notes the time it tells.
    pub(super) fn context(&self, context: Option<Context>) -> Result<Context, Error> {
        let context = self.platform_context(context)?;
        if context.account_id.is_empty() {
            return Err(Error::Incomplete("account"));
        }
        Ok(context)
    }

    /// The context of a request that the platform may make as well.
    pub(super) fn platform_context(&self, context: Option<Context>) -> Result<Context, Error> {
        let context = context.ok_or(Error::Incomplete("context"))?;
        if context.world.is_empty() {
            return Err(Error::Incomplete("world"));
        }
        self.note_time(&context.world, context.now_us);
        Ok(context)
    }

    pub(super) fn note_time(&self, world: &str, now_us: i64) {
        let mut times = self.0.times.lock().unwrap_or_else(PoisonError::into_inner);
        match times.get_mut(world) {
            Some(latest) => *latest = now_us.max(*latest),
            None => drop(times.insert(world.to_owned(), now_us)),
        }
    }

    /// The time for an order's saga, which no request tells: in a test world the latest that a request or event has told.
    pub(super) fn now(&self, order: &Order) -> i64 {
        if order.world == LIVE_WORLD {
            return self.0.clock.now_us();
        }
        let times = self.0.times.lock().unwrap_or_else(PoisonError::into_inner);
        let told = times.get(&order.world).copied().unwrap_or(0);
        told.max(order.state.updated_at_us)
    }

    pub(super) fn cause(&self, now_us: i64, causation_id: &str) -> Cause {
        Cause {
            now_us,
            causation_id: causation_id.to_owned(),
            chance: self.0.chance.clone(),
        }
    }

    pub(super) async fn own_order(&self, context: &Context, id: &str) -> Result<Order, Error> {
        let found = sqlite::own_order(self.0.db.reader(), context, id).await?;
        found.ok_or(Error::NotFound("order"))
    }

    /// An order of the context's account; of any for the platform itself.
    pub(super) async fn get_order(&self, request: pb::GetOrderRequest) -> Result<pb::Order, Error> {
        let context = self.platform_context(request.context)?;
        let order = self.own_order(&context, &request.order_id).await?;
        Ok(order.as_of(context.now_us))
    }

    /// Orders, newest first; the platform itself sees those of its whole world.
    pub(super) async fn list_orders(
        &self,
        request: pb::ListOrdersRequest,
    ) -> Result<pb::ListOrdersResponse, Error> {
        let context = self.platform_context(request.context)?;
        // A name alone is no way to find orders: there would be a page of everybody's to read for each that fits.
        if request.locator.is_empty() && !request.family_name.is_empty() {
            return Err(Error::Incomplete("locator"));
        }
        let page = request.page.unwrap_or_default();
        let limit = match page.limit {
            0 => PAGE_DEFAULT,
            limit => limit.min(PAGE_MAX),
        };
        let reader = self.0.db.reader();
        let Some(after) = listing::position(reader, &context, &page.after).await? else {
            return Ok(pb::ListOrdersResponse::default());
        };
        let selection = listing::Selection {
            account_id: match context.account_id.as_str() {
                "" => request.account_id,
                own => own.to_owned(),
            },
            // The unspecified one stands for none.
            statuses: request
                .statuses
                .into_iter()
                .filter(|&status| status != 0)
                .collect(),
            client_reference: request.client_reference,
            locator: request.locator.to_ascii_uppercase(),
            flight: request.flight,
            after,
            // One more tells whether there is a further page.
            limit: limit + 1,
        };
        let mut orders =
            listing::orders(reader, &context.world, &selection, context.now_us).await?;
        let shown = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = orders.len() > shown;
        orders.truncate(shown);
        let last = orders.last().filter(|_| more);
        let next = last.map(|order| order.state.id.clone());
        let name = request.family_name.to_lowercase();
        orders.retain(|order| name.is_empty() || order.has_passenger(&name));
        Ok(pb::ListOrdersResponse {
            orders: orders
                .iter()
                .map(|order| order.as_of(context.now_us))
                .collect(),
            next: next.unwrap_or_default(),
        })
    }

    /// Changes contact and metadata.
    pub(super) async fn update_order(
        &self,
        request: pb::UpdateOrderRequest,
    ) -> Result<pb::Order, Error> {
        let context = self.context(request.context)?;
        let cause = self.cause(context.now_us, &context.request_id);
        let metadata = request.replace_metadata.then_some(request.metadata);
        let updated = self.0.db.write(move |tx| {
            Box::pin(async move {
                let order = sqlite::own_order(&mut *tx, &context, &request.order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                let change = order.update(
                    request.expected_version,
                    request.contact,
                    metadata,
                    context.now_us,
                )?;
                store::commit(tx, &cause, Kept::Known, &change, None).await?;
                Ok::<_, Error>(change.order.as_of(context.now_us))
            })
        });
        updated.await
    }

    /// Agrees to new times of a flight; a repeat gets the order as it is now.
    pub(super) async fn accept_schedule_change(
        &self,
        request: pb::AcceptScheduleChangeRequest,
    ) -> Result<pb::Order, Error> {
        let context = self.context(request.context)?;
        let cause = self.cause(context.now_us, &context.request_id);
        let id = request.schedule_change_id;
        let accepted = self.0.db.write(move |tx| {
            Box::pin(async move {
                let order = sqlite::own_changed_order(&mut *tx, &context, &id).await?;
                let mut order = order.ok_or(Error::NotFound("schedule change"))?;
                if let Some(change) = schedule::accept(&order, &id, context.now_us)? {
                    store::commit(tx, &cause, Kept::Known, &change, None).await?;
                    order = change.order;
                }
                Ok::<_, Error>(order.as_of(context.now_us))
            })
        });
        accepted.await
    }

    /// Quotes a cancellation; a repeat under the same id gets the first quote.
    pub(super) async fn quote_cancellation(
        &self,
        request: pb::QuoteCancellationRequest,
    ) -> Result<pb::Cancellation, Error> {
        let context = self.platform_context(request.context)?;
        let quoted = self.0.db.write(move |tx| {
            Box::pin(async move {
                let order = sqlite::own_order(&mut *tx, &context, &request.order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                let id = request.cancellation_id;
                let quote = match entries::own_cancellation(&mut *tx, &context, &id).await? {
                    Some(quote) => quote,
                    None => {
                        let quote = cancellation::quote(&order, id, context.now_us)?;
                        entries::insert_quote(tx, &order, &quote).await?;
                        quote
                    }
                };
                Ok::<_, Error>(quote.as_of(&order, context.now_us))
            })
        });
        quoted.await
    }

    /// A cancellation of the context's account; of any for the platform itself.
    pub(super) async fn get_cancellation(
        &self,
        request: pb::GetCancellationRequest,
    ) -> Result<pb::Cancellation, Error> {
        let context = self.platform_context(request.context)?;
        let found =
            entries::own_cancellation(self.0.db.reader(), &context, &request.cancellation_id);
        let quote = found.await?.ok_or(Error::NotFound("cancellation"))?;
        let order = self.own_order(&context, &quote.order_id).await?;
        Ok(quote.as_of(&order, context.now_us))
    }

    /// What became of a request whose answer was lost.
    pub(super) async fn get_idempotency_key(
        &self,
        request: pb::GetIdempotencyKeyRequest,
    ) -> Result<pb::IdempotencyRecord, Error> {
        const WHAT: &str = "idempotency key";
        let context = self.context(request.context)?;
        let operation = Operation::parse(&request.operation).ok_or(Error::NotFound(WHAT))?;
        let given = Idempotency {
            key: request.key,
            ..Idempotency::default()
        };
        let key = Key::of(&context, operation, &given, "");
        let entry = entries::entry(self.0.db.reader(), &key).await?;
        Ok(entry.ok_or(Error::NotFound(WHAT))?.record())
    }
}
