//! The commands that set a saga going: create, pay, void, cancel; changing the journey is in `exchanges.rs`. Each is accepted by
//! one commit together with its idempotency key, or refused without a trace; then the caller waits for the saga (`answers.rs`).

use prost::Message;

use super::Error;
use super::answers::{Accepted, repeated, wait_of};
use super::change::Change;
use super::idempotency::{Entry, Key, Operation};
use super::order::{self, Draft, Order, Refusal};
use super::service::{BookingService, Neighbours};
use super::store::{self, Cause, Kept, entries, sqlite};
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::rpc::flights::v1::{GetOfferRequest, Offer, PassengerQuery, PriceHoldRequest, Ptc};

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
        let change = match self.drafted(&context, request).await {
            Ok(change) => change,
            // An earlier call under this key may have been accepted, and the offer have expired since or be sold by that.
            Err(refusal) => {
                let earlier = entries::entry(self.0.db.reader(), &key).await?;
                let begun = repeated(earlier.ok_or(refusal)?, &idempotency)?;
                return self.order_reply(begun, &context, wait).await;
            }
        };
        let entry = entry(key, &idempotency, &change.order, "", &context);
        let cause = self.cause(context.now_us, &context.request_id);
        let accepted = self.0.db.write(move |tx| {
            Box::pin(async move {
                let met = entries::met(tx, &entry.key, &change.order).await?;
                if let Some(entry) = met.entry {
                    return Ok(Accepted::Before(entry));
                }
                if let Some((id, owner)) = met.sold {
                    let order_id = Some(id).filter(|_| owner == change.order.state.account_id);
                    return Err(Error::OfferAlreadyBooked { order_id });
                }
                if met.taken {
                    return Err(Error::IdTaken);
                }
                store::commit(tx, &cause, Kept::New, &change, Some(&entry)).await?;
                Ok(Accepted::Now(entry, Box::new(change.order)))
            })
        });
        let begun = self.accepted(accepted.await?, &idempotency)?;
        self.order_reply(begun, &context, wait).await
    }

    /// The order that is asked for, if it can be accepted now.
    async fn drafted(
        &self,
        context: &Context,
        request: pb::CreateOrderRequest,
    ) -> Result<Change, Error> {
        let (offer, passengers) = self.offered(context, &request).await?;
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
        Ok(order::accept(draft, context.now_us)?)
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
        let begun = self.accepted(accepted.await?, &idempotency)?;
        let wait = wait_of(request.wait_ms);
        self.order_reply(begun, &context, wait).await
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
        let begun = self.accepted(accepted.await?, &idempotency)?;
        let wait = wait_of(request.wait_ms);
        self.order_reply(begun, &context, wait).await
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
        let begun = self.accepted(accepted.await?, &idempotency)?;
        let (part_id, replayed) = (begun.entry.part_id.clone(), begun.is_replayed());
        match self.awaited(begun, wait_of(request.wait_ms)).await? {
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
