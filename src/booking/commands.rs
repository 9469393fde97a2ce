//! The commands that set a saga going: create, pay, void, cancel; changing the journey is in `exchanges.rs`. Each is accepted by
//! one commit together with its idempotency key, or refused without a trace; then the caller waits for the saga as long as it
//! wants.
//!
//! A repeat gets the first answer. While there is none, it waits like the first caller and is told that it is not settled:
//! a caller that asks twice learns as much as one that asks once.

use std::time::Duration;

use prost::Message;
use tokio::time::Instant;

use super::Error;
use super::change::Change;
use super::idempotency::{Answer, Entry, Key, Operation};
use super::order::{self, Draft, Order, Refusal};
use super::service::{BookingService, Neighbours};
use super::store::{self, Cause, Kept, entries, sqlite};
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::PaymentStatus;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::rpc::flights::v1::{GetOfferRequest, Offer, PassengerQuery, PriceHoldRequest, Ptc};

/// What the acceptance of a command led to.
pub(super) enum Accepted {
    /// This call's, and how the order stands by it.
    Now(Entry, Box<Order>),
    /// An earlier call's, under the same key.
    Before(Entry),
}

impl BookingService {
    /// Accepts an order and waits for it.
    pub(super) async fn create_order(
        &self,
        request: pb::CreateOrderRequest,
    ) -> Result<pb::OrderReply, Error> {
        let context = self.context(request.context.clone())?;
        let idempotency = request.idempotency.clone().unwrap_or_default();
        let key = Key::of(
            &context,
            Operation::CreateOrder,
            &idempotency,
            &request.order_id,
        );
        let wait = wait_of(request.wait_ms);
        // Before the offer is asked for: it may have expired since the first call.
        if let Some(entry) = entries::entry(self.0.db.reader(), &key).await? {
            return self
                .order_reply(same(entry, &idempotency)?, &context, true, wait)
                .await;
        }
        let (offer, passengers) = match self.offered(&context, &request).await {
            Ok(offered) => offered,
            // An earlier call under this key may have been accepted meanwhile, and be why.
            Err(refusal) => {
                let earlier = entries::entry(self.0.db.reader(), &key).await?;
                let entry = same(earlier.ok_or(refusal)?, &idempotency)?;
                return self.order_reply(entry, &context, true, wait).await;
            }
        };
        let draft = Draft {
            world: context.world.clone(),
            request_id: context.request_id.clone(),
            account_id: context.account_id.clone(),
            r#type: request.r#type(),
            id: request.order_id,
            offer,
            hold_id: request.hold_id,
            passengers,
            contact: request.contact,
            payment: request.payment,
            client_reference: request.client_reference,
            metadata: request.metadata,
        };
        let change = order::accept(draft, context.now_us)?;
        let entry = entry(key, &idempotency, &change.order, "", &context);
        let cause = self.cause(context.now_us, &context.request_id);
        let accepted = self.0.db.write(move |tx| {
            Box::pin(async move {
                if let Some(entry) = entries::entry(&mut *tx, &entry.key).await? {
                    return Ok(Accepted::Before(entry));
                }
                let (world, state) = (&change.order.world, &change.order.state);
                let nonce = state.offer.as_ref().map_or(&[][..], |offer| &offer.nonce);
                let sold = match sqlite::sold_by(&mut *tx, world, nonce).await? {
                    Some(sold) => Some(sold),
                    None if state.hold_id.is_empty() => None,
                    None => sqlite::made_from(&mut *tx, world, &state.hold_id).await?,
                };
                if let Some((id, owner)) = sold {
                    let order_id = Some(id).filter(|_| owner == state.account_id);
                    return Err(Error::OfferAlreadyBooked { order_id });
                }
                if sqlite::order(&mut *tx, &state.id).await?.is_some() {
                    return Err(Error::IdTaken);
                }
                store::commit(tx, &cause, Kept::New, &change, Some(&entry)).await?;
                Ok(Accepted::Now(entry, Box::new(change.order)))
            })
        });
        let (entry, replayed) = self.accepted(accepted.await?, &idempotency)?;
        self.order_reply(entry, &context, replayed, wait).await
    }

    /// What is ordered, and for whom: an offer, or what the seats of a hold cost now for the passengers in the order given.
    async fn offered(
        &self,
        context: &Context,
        request: &pb::CreateOrderRequest,
    ) -> Result<(Offer, Vec<pb::OrderPassenger>), Error> {
        let Neighbours {
            search, deadline, ..
        } = &self.0.neighbours;
        if request.offer_id.is_empty() == request.hold_id.is_empty() {
            return Err(Error::Incomplete("offer or hold"));
        }
        if request.hold_id.is_empty() {
            let asked = GetOfferRequest {
                context: Some(context.clone()),
                offer_id: request.offer_id.clone(),
                services: request.services.clone(),
            };
            let offer = search.get_offer(asked, *deadline).await?;
            return Ok((offer, request.passengers.clone()));
        }
        // Before flights is asked, to whom a sold hold is merely over.
        let sold = sqlite::made_from(self.0.db.reader(), &context.world, &request.hold_id).await?;
        match sold {
            Some((id, owner)) if owner == context.account_id => {
                return Err(Error::OfferAlreadyBooked { order_id: Some(id) });
            }
            Some(_) => return Err(Error::NotFound("hold")),
            None => {}
        }
        let kinds = request.passengers.iter().map(pb::OrderPassenger::ptc);
        if kinds.clone().any(|ptc| ptc == Ptc::Unspecified) {
            return Err(Error::Incomplete("kinds of passengers"));
        }
        let asked = PriceHoldRequest {
            context: Some(context.clone()),
            hold_id: request.hold_id.clone(),
            passengers: kinds
                .map(|ptc| PassengerQuery {
                    ptc: ptc.into(),
                    age: None,
                })
                .collect(),
        };
        let offer = search.price_hold(asked, *deadline).await?;
        // Seats are held without names: only now has each passenger an id.
        let mut passengers = request.passengers.clone();
        for (passenger, priced) in passengers.iter_mut().zip(&offer.passengers) {
            passenger.id.clone_from(&priced.id);
        }
        Ok((offer, passengers))
    }

    /// Begins the payment of a held order and waits for it.
    pub(super) async fn pay_order(
        &self,
        request: pb::PayOrderRequest,
    ) -> Result<pb::OrderReply, Error> {
        let context = self.context(request.context)?;
        let idempotency = request.idempotency.unwrap_or_default();
        let payment = request.payment.ok_or(Error::Incomplete("payment"))?;
        let part_id = payment.payment_id.clone();
        let key = Key::of(
            &context,
            Operation::CreateOrderPayment,
            &idempotency,
            &part_id,
        );
        let now_us = context.now_us;
        let accepted = self.on_order(
            (&context, request.order_id, part_id),
            (key, &idempotency),
            move |order, _| order.pay(payment, now_us),
        );
        let (entry, replayed) = self.accepted(accepted.await?, &idempotency)?;
        self.order_reply(entry, &context, replayed, wait_of(request.wait_ms))
            .await
    }

    /// Voids the tickets of an order and waits until seats and money are back.
    pub(super) async fn void_order(
        &self,
        request: pb::VoidOrderRequest,
    ) -> Result<pb::OrderReply, Error> {
        let context = self.context(request.context)?;
        let idempotency = request.idempotency.unwrap_or_default();
        let key = Key::of(
            &context,
            Operation::VoidOrder,
            &idempotency,
            &request.order_id,
        );
        let now_us = context.now_us;
        let accepted = self.on_order(
            (&context, request.order_id, String::new()),
            (key, &idempotency),
            move |order, cause| order.void(&cause.refund_ids(order), now_us),
        );
        let (entry, replayed) = self.accepted(accepted.await?, &idempotency)?;
        self.order_reply(entry, &context, replayed, wait_of(request.wait_ms))
            .await
    }

    /// Accepts a command on an order of the caller's, unless it was accepted before under its key.
    async fn on_order(
        &self,
        (context, order_id, part_id): (&Context, String, String),
        (key, idempotency): (Key, &Idempotency),
        decide: impl FnOnce(&Order, &Cause) -> Result<Change, Refusal> + Send + 'static,
    ) -> Result<Accepted, Error> {
        let cause = self.cause(context.now_us, &context.request_id);
        let (given, caller) = (idempotency.clone(), context.clone());
        let accepted = self.0.db.write(move |tx| {
            Box::pin(async move {
                if let Some(entry) = entries::entry(&mut *tx, &key).await? {
                    return Ok(Accepted::Before(entry));
                }
                let order = sqlite::own_order(&mut *tx, &caller, &order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                let mut change = decide(&order, &cause)?;
                change.order.request_id.clone_from(&caller.request_id);
                let entry = entry(key, &given, &change.order, &part_id, &caller);
                store::commit(tx, &cause, Kept::Known, &change, Some(&entry)).await?;
                Ok(Accepted::Now(entry, Box::new(change.order)))
            })
        });
        accepted.await
    }

    /// Ends an order on quoted terms and waits until seats and money are back.
    pub(super) async fn confirm_cancellation(
        &self,
        request: pb::ConfirmCancellationRequest,
    ) -> Result<pb::CancellationReply, Error> {
        let context = self.context(request.context)?;
        let idempotency = request.idempotency.unwrap_or_default();
        let id = request.cancellation_id;
        let key = Key::of(
            &context,
            Operation::ConfirmOrderCancellation,
            &idempotency,
            &id,
        );
        let cause = self.cause(context.now_us, &context.request_id);
        let (given, caller) = (idempotency.clone(), context.clone());
        let accepted = self.0.db.write(move |tx| {
            Box::pin(async move {
                if let Some(entry) = entries::entry(&mut *tx, &key).await? {
                    return Ok(Accepted::Before(entry));
                }
                let quote = entries::own_cancellation(&mut *tx, &caller, &id).await?;
                let quote = quote.ok_or(Error::NotFound("cancellation"))?;
                let order = sqlite::own_order(&mut *tx, &caller, &quote.order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                let refund_ids = cause.refund_ids(&order);
                let mut change = quote.confirm(&order, &refund_ids, caller.now_us)?;
                change.order.request_id.clone_from(&caller.request_id);
                entries::confirm_quote(tx, &id, caller.now_us).await?;
                let entry = entry(key, &given, &change.order, &id, &caller);
                store::commit(tx, &cause, Kept::Known, &change, Some(&entry)).await?;
                Ok::<_, Error>(Accepted::Now(entry, Box::new(change.order)))
            })
        });
        let (entry, replayed) = self.accepted(accepted.await?, &idempotency)?;
        let part_id = entry.part_id.clone();
        match self.awaited(entry, wait_of(request.wait_ms)).await? {
            Ok(reply) => {
                let reply = pb::CancellationReply::decode(reply.as_slice());
                Ok(pb::CancellationReply {
                    replayed,
                    ..reply.map_err(store::Error::from)?
                })
            }
            Err(order) => {
                let quote = entries::cancellation(self.0.db.reader(), &part_id).await?;
                let quote = quote.ok_or(Error::NotFound("cancellation"))?;
                let cancellation = Some(quote.as_of(&order, context.now_us));
                Ok(pb::CancellationReply {
                    cancellation,
                    replayed,
                    settled: false,
                })
            }
        }
    }

    /// Sets the saga going if this call's command was accepted; the entry, and whether it is an earlier call's.
    pub(super) fn accepted(
        &self,
        accepted: Accepted,
        idempotency: &Idempotency,
    ) -> Result<(Entry, bool), Error> {
        match accepted {
            Accepted::Now(entry, order) => {
                self.spawn_drive(&entry.order_id, Some(*order));
                Ok((entry, false))
            }
            Accepted::Before(entry) => Ok((same(entry, idempotency)?, true)),
        }
    }

    async fn order_reply(
        &self,
        entry: Entry,
        context: &Context,
        replayed: bool,
        wait: Duration,
    ) -> Result<pb::OrderReply, Error> {
        match self.awaited(entry, wait).await? {
            Ok(reply) => {
                let reply = pb::OrderReply::decode(reply.as_slice());
                Ok(pb::OrderReply {
                    replayed,
                    ..reply.map_err(store::Error::from)?
                })
            }
            Err(order) => {
                let order = Some(order.as_of(context.now_us));
                Ok(pb::OrderReply {
                    order,
                    replayed,
                    settled: false,
                })
            }
        }
    }

    /// Waits for the first answer: its encoded reply, or the order as it stands when the wait is over. An outcome that only
    /// the payment's provider can tell is not waited for.
    pub(super) async fn awaited(
        &self,
        entry: Entry,
        wait: Duration,
    ) -> Result<Result<Vec<u8>, Order>, Error> {
        let deadline = Instant::now() + wait;
        let waiter = self.0.waiters.join(&entry.order_id);
        loop {
            let mut woken = std::pin::pin!(waiter.woken());
            woken.as_mut().enable();
            let known = entries::entry(self.0.db.reader(), &entry.key).await?;
            match known.and_then(|entry| entry.answer) {
                Some(Answer::Reply(reply)) => return Ok(Ok(reply)),
                Some(Answer::Problem(code)) => {
                    let order = sqlite::order(self.0.db.reader(), &entry.order_id).await?;
                    let paid_by = self.paid_by(&entry).await?;
                    let decline_code = order.as_ref().map(|order| order.declined(&paid_by));
                    return Err(Error::Failed {
                        code,
                        order_id: entry.order_id.clone(),
                        decline_code: decline_code.unwrap_or_default().to_owned(),
                    });
                }
                None => {}
            }
            let stands = || async {
                let order = sqlite::order(self.0.db.reader(), &entry.order_id).await?;
                order.ok_or(Error::NotFound("order"))
            };
            let order = stands().await?;
            if order.state.payment_status() == PaymentStatus::Unknown {
                return Ok(Err(order));
            }
            if tokio::time::timeout_at(deadline, woken).await.is_err() {
                return Ok(Err(stands().await?));
            }
        }
    }
}

pub(super) fn wait_of(wait_ms: u32) -> Duration {
    Duration::from_millis(u64::from(wait_ms))
}

fn same(entry: Entry, idempotency: &Idempotency) -> Result<Entry, Error> {
    let same = entry.fingerprint == idempotency.fingerprint;
    same.then_some(entry).ok_or(Error::KeyReused)
}

pub(super) fn entry(
    key: Key,
    idempotency: &Idempotency,
    order: &Order,
    part_id: &str,
    context: &Context,
) -> Entry {
    Entry {
        key,
        fingerprint: idempotency.fingerprint.clone(),
        order_id: order.state.id.clone(),
        part_id: part_id.to_owned(),
        created_at_us: context.now_us,
        answer: None,
    }
}
