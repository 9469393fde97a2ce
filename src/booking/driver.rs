//! Carries sagas on: calls the neighbour that the next step needs, and commits its answer before the step after.
//!
//! A crash between any two of these repeats a call under an id that flights knows already. Several may drive one order at
//! once, in this process or after a restart: the first answer moves it on, the others change nothing.

use std::sync::PoisonError;
use std::time::Duration;

use super::order::{Order, Step};
use super::saga::{self, Outcome};
use super::service::{BookingService, Neighbours};
use super::store::{self, Kept, sqlite};
use super::{Error, exchange};
use crate::api::problem::Code;
use crate::kernel::clock::SECOND_US;
use crate::platform::status;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::PaymentStatus;
use crate::rpc::common::v1::Context;
use crate::rpc::events::v1::Envelope;
use crate::rpc::flights::v1::{
    ConfirmHoldRequest, GetHoldRequest, Hold, HoldItem, HoldSeatsRequest, HoldState,
    ReleaseHoldRequest, ReturnSeatsRequest,
};

/// How often a step is tried in a row before it is left to `resume`.
const TRIES: u32 = 6;
/// How often whoever runs the service calls `resume`, by the clock of a live world.
pub const RESUMED_EVERY_US: i64 = SECOND_US;
/// Orders that are ended at once when their time to pay is over.
const DUE_AT_ONCE: usize = 256;
const PAUSE_FIRST: Duration = Duration::from_millis(20);

/// Name under which booking notes the events it has taken.
const CONSUMER: &str = "booking";

impl BookingService {
    /// Goes on with every saga that nobody drives: after a start, and now and then for those whose neighbour was away.
    /// How many there were.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn resume(&self) -> Result<usize, Error> {
        let mut ids = sqlite::unfinished(self.0.db.reader()).await?;
        {
            let active = self.0.active.lock().unwrap_or_else(PoisonError::into_inner);
            ids.retain(|id| !active.contains_key(id));
        }
        for id in &ids {
            self.spawn_drive(id, None);
        }
        Ok(ids.len())
    }

    /// Drives a saga without the caller, who may leave, from how the order stands if the caller knows.
    pub(super) fn spawn_drive(&self, order_id: &str, known: Option<Order>) {
        let (service, order_id) = (self.clone(), order_id.to_owned());
        *self
            .0
            .active
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(order_id.clone())
            .or_default() += 1;
        self.0.tasks.spawn(async move {
            tokio::select! {
                () = service.drive(&order_id, known) => {}
                // Every step is durable before the next: there is nothing to tidy up.
                () = service.0.stopping.cancelled() => {}
            }
            let mut active = service
                .0
                .active
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(count) = active.get_mut(&order_id) {
                *count -= 1;
                if *count == 0 {
                    active.remove(&order_id);
                }
            }
        });
    }

    async fn drive(&self, order_id: &str, mut known: Option<Order>) {
        let (mut pause, mut tries) = (PAUSE_FIRST, 0);
        loop {
            match self.advance(order_id, known.take()).await {
                Ok(Some(next)) => {
                    known = Some(next);
                    (pause, tries) = (PAUSE_FIRST, 0);
                }
                Ok(None) => return,
                Err(error) => {
                    tries += 1;
                    let cause = status::chain(&error);
                    if tries == TRIES {
                        tracing::warn!(order = order_id, cause, "a saga is left for later");
                        self.note_tries(order_id, tries, &cause).await;
                        return;
                    }
                    tracing::debug!(order = order_id, cause, "a step is tried again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
            }
        }
    }

    /// Notes for who looks at sagas why one does not get on.
    async fn note_tries(&self, order_id: &str, tries: u32, cause: &str) {
        let (service, id, error) = (
            self.clone(),
            order_id.to_owned(),
            super::standing::told(cause),
        );
        let noted = self.0.db.write(move |tx| {
            Box::pin(async move {
                if let Some(order) = sqlite::order(&mut *tx, &id).await? {
                    let next_us = service.now(&order).saturating_add(RESUMED_EVERY_US);
                    store::sagas::note_tries(tx, &id, tries, &error, next_us).await?;
                }
                Ok::<_, Error>(())
            })
        });
        if let Err(error) = noted.await {
            tracing::warn!(order = order_id, %error, "tries could not be noted");
        }
    }

    /// Does the next step of an order, which is read unless it is known as it stands after the step before; how it stands then.
    /// `None` when there is no step to do by ourselves.
    async fn advance(&self, order_id: &str, known: Option<Order>) -> Result<Option<Order>, Error> {
        let order = match known {
            Some(order) => Some(order),
            None => sqlite::order(self.0.db.reader(), order_id).await?,
        };
        let Some(order) = order else {
            return Ok(None);
        };
        let now_us = self.now(&order);
        let context = Some(Context {
            world: order.world.clone(),
            now_us,
            account_id: order.state.account_id.clone(),
            request_id: order.request_id.clone(),
            ..Context::default()
        });
        let hold_id = hold_at(&order);
        let Neighbours {
            inventory,
            deadline,
            ..
        } = &self.0.neighbours;
        let coming = order.coming_change();
        let outcome = match order.step {
            Step::Rest | Step::AwaitAuthorization | Step::AwaitCapture => return Ok(None),
            Step::AwaitNewAuthorization | Step::AwaitNewCapture => return Ok(None),
            Step::HoldNewSeats => {
                let expires_at_us = coming.map_or(0, exchange::hold_expires_at_us);
                let request = HoldSeatsRequest {
                    context,
                    hold_id,
                    items: saga::seats(&order, order.coming_segments()),
                    expires_at_us,
                    extend: false,
                };
                if expires_at_us <= now_us {
                    Outcome::GaveUp
                } else {
                    let held = inventory.hold_seats(request, *deadline).await;
                    match seats(held, HoldState::Active)? {
                        true => Outcome::SeatsHeld,
                        false => Outcome::SeatsRefused,
                    }
                }
            }
            Step::HoldSeats if order.hold_expires_at_us() <= now_us => Outcome::GaveUp,
            Step::HoldSeats => {
                let expires_at_us = order.hold_expires_at_us();
                let Some(items) = self.items(&order, context.clone()).await? else {
                    return self.record(order_id, Outcome::SeatsRefused, None).await;
                };
                let request = HoldSeatsRequest {
                    context,
                    hold_id,
                    items,
                    expires_at_us,
                    // Seats that were held before are kept until the order is through with them.
                    extend: !order.state.hold_id.is_empty(),
                };
                let held = inventory.hold_seats(request, *deadline).await;
                match seats(held, HoldState::Active)? {
                    true => Outcome::SeatsHeld,
                    false => Outcome::SeatsRefused,
                }
            }
            Step::ConfirmHold | Step::ConfirmNewHold => {
                let request = ConfirmHoldRequest { context, hold_id };
                let sold = inventory.confirm_hold(request, *deadline).await;
                match seats(sold, HoldState::Consumed)? {
                    true => Outcome::SeatsSold,
                    false => Outcome::SeatsLost,
                }
            }
            Step::ReleaseHold | Step::ReleaseNewHold => {
                let request = ReleaseHoldRequest {
                    context,
                    hold_id,
                    // What was asked before may still be on its way.
                    for_good: true,
                };
                let released = inventory.release_hold(request, *deadline).await;
                // Refused means that there is no such hold, or no longer: either way the seats are not ours.
                let (true | false) = seats(released, HoldState::Released)?;
                Outcome::SeatsGivenBack
            }
            Step::ReturnSeats | Step::ReturnNewSeats | Step::ReturnOldSeats => {
                let request = ReturnSeatsRequest { context, hold_id };
                let returned = inventory.return_seats(request, *deadline).await;
                if !seats(returned, HoldState::Returned)? {
                    tracing::error!(order = order_id, "sold seats could not be given back");
                }
                Outcome::SeatsGivenBack
            }
        };
        self.record(order_id, outcome, None).await
    }

    /// What to hold for an order. A hold that it was made from is asked for again as it is, which lets it last longer; `None`
    /// when it is over.
    async fn items(
        &self,
        order: &Order,
        context: Option<Context>,
    ) -> Result<Option<Vec<HoldItem>>, Error> {
        if order.state.hold_id.is_empty() {
            return Ok(Some(saga::seats(order, order.segments())));
        }
        let request = GetHoldRequest {
            context,
            hold_id: order.hold_id(),
        };
        let Neighbours {
            inventory,
            deadline,
            ..
        } = &self.0.neighbours;
        match inventory.get_hold(request, *deadline).await {
            Ok(hold) if hold.state() == HoldState::Active => Ok(Some(hold.items)),
            Ok(_) => Ok(None),
            Err(status) if status::code_of(&status) == Code::NotFound => Ok(None),
            Err(status) => Err(status.into()),
        }
    }

    /// Commits an answer, with the event that brought it if one did; how the order stands after it, unless the event came before
    /// or there is no such order.
    pub(super) async fn record(
        &self,
        order_id: &str,
        outcome: Outcome,
        event: Option<Envelope>,
    ) -> Result<Option<Order>, Error> {
        if let Some(event) = &event {
            self.note_time(&event.world, event.time_us);
        }
        let (service, id) = (self.clone(), order_id.to_owned());
        let recorded = self.0.db.write(move |tx| {
            Box::pin(async move {
                let order = match &event {
                    Some(event) => sqlite::order_for(tx, CONSUMER, event, &id).await?,
                    None => sqlite::order(&mut *tx, &id).await?,
                };
                let Some(order) = order else {
                    return Ok((None, None));
                };
                let by = event.as_ref().map_or(&order.request_id, |event| &event.id);
                let cause = service.cause(service.now(&order), by);
                let key = &service.0.locator_key;
                let papers = store::draw(tx, &cause, key, &order, &outcome).await?;
                let Some(change) = saga::apply(&order, outcome, papers, cause.now_us) else {
                    return Ok((Some(order), None));
                };
                let settled = store::commit(tx, &cause, Kept::Known, &change, None).await?;
                Ok::<_, Error>((Some(change.order), settled))
            })
        });
        let (order, settled) = recorded.await?;
        let unknown = |order: &Order| order.state.payment_status() == PaymentStatus::Unknown;
        // Nobody waits for anything else.
        if settled.is_some() || order.as_ref().is_some_and(unknown) {
            self.0.waiters.wake(order_id, settled);
        }
        Ok(order)
    }

    /// Ends what is due in the context's world: held orders whose time to pay is over. Before that, orders of all worlds are
    /// told what was changed of the plan.
    pub(super) async fn run_due(
        &self,
        request: pb::RunDueRequest,
    ) -> Result<pb::RunDueResponse, Error> {
        let context = self.platform_context(request.context)?;
        let now_us = context.now_us;
        // What is due is ended even when flights is away; that it was away is told after.
        let followed = self.follow().await;
        let mut expired = 0;
        let overdue = sqlite::overdue(self.0.db.reader(), &context.world, now_us).await?;
        // Together, so that they share commits.
        for some in overdue.chunks(DUE_AT_ONCE) {
            let ended = some.iter().map(|id| self.end_overdue(id, &context));
            let ended = futures_util::future::try_join_all(ended).await?;
            expired += ended.into_iter().map(u32::from).sum::<u32>();
        }
        followed?;
        Ok(pb::RunDueResponse { expired })
    }

    async fn end_overdue(&self, order_id: &str, context: &Context) -> Result<bool, Error> {
        let (id, now_us) = (order_id.to_owned(), context.now_us);
        let cause = self.cause(now_us, &context.request_id);
        let ended = self.0.db.write(move |tx| {
            Box::pin(async move {
                let order = sqlite::order(&mut *tx, &id).await?;
                let Some(change) = order.and_then(|order| order.expire(now_us)) else {
                    return Ok(None);
                };
                let settled = store::commit(tx, &cause, Kept::Known, &change, None).await?;
                Ok::<_, Error>(Some(settled))
            })
        });
        let Some(settled) = ended.await? else {
            return Ok(false);
        };
        self.0.waiters.wake(order_id, settled);
        self.spawn_drive(order_id, None);
        Ok(true)
    }
}

/// The hold that the step at hand is about.
fn hold_at(order: &Order) -> String {
    match (order.step, &order.change) {
        (Step::ReturnOldSeats, Some(change)) => change.returned_hold_id.clone(),
        (
            Step::HoldNewSeats | Step::ConfirmNewHold | Step::ReleaseNewHold | Step::ReturnNewSeats,
            Some(change),
        ) => exchange::hold_id(change),
        _ => order.hold_id(),
    }
}

/// Whether flights has done what it was asked; false when it certainly has not and will not.
///
/// # Errors
/// Nobody knows: the call is to be repeated.
fn seats(answer: Result<Hold, tonic::Status>, wanted: HoldState) -> Result<bool, Error> {
    let status = match answer {
        Ok(hold) => return Ok(hold.state() == wanted),
        Err(status) => status,
    };
    match status::code_of(&status) {
        code if code.retryable() => Err(status.into()),
        Code::HoldExpired | Code::SeatsUnavailable => Ok(false),
        code => {
            let (code, detail) = (code.as_str(), status.message());
            tracing::warn!(
                code,
                detail,
                "flights refused seats for a reason of its own"
            );
            Ok(false)
        }
    }
}
