//! Changes of journeys as the service does them: quote, read, and confirm, which sets the saga going.

use prost::Message;

use super::answers::{Accepted, wait_of};
use super::commands::entry;
use super::idempotency::{Entry, Key, Operation};
use super::service::{BookingService, Neighbours};
use super::store::{self, Kept, entries, exchanges, sqlite};
use super::{Error, exchange};
use crate::platform::db::{Script, Tx};
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::Context;
use crate::rpc::flights::v1::GetOfferRequest;

const WHAT: &str = "order change";

impl BookingService {
    /// Quotes a change to an offer; a repeat under the same id gets the first quote.
    pub(super) async fn quote_order_change(
        &self,
        request: pb::QuoteOrderChangeRequest,
    ) -> Result<pb::OrderChange, Error> {
        let context = self.context(request.context)?;
        // Before the offer is asked for, so that an order of somebody else's is told nothing of.
        let order = self.own_order(&context, &request.order_id).await?;
        let id = request.order_change_id;
        let reader = self.0.db.reader();
        if let Some(known) = exchanges::own_change(reader, &context, &id).await? {
            return Ok(exchange::as_of(&known, &order.state, context.now_us));
        }
        let Neighbours {
            search, deadline, ..
        } = &self.0.neighbours;
        let asked = GetOfferRequest {
            context: Some(context.clone()),
            offer_id: request.offer_id,
            services: Vec::new(),
        };
        let offer = search.get_offer(asked, *deadline).await?;
        let quoted = self.0.db.write(move |tx| {
            Box::pin(async move {
                let order = sqlite::own_order(&mut *tx, &context, &request.order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                untaken(tx, &context, &offer.nonce).await?;
                let quote = exchange::quote(&order, offer, id, context.now_us)?;
                let mut script = Script::default();
                exchanges::save(&mut script, &order, &quote);
                script.run(tx).await.map_err(store::Error::from)?;
                Ok::<_, Error>(exchange::as_of(&quote, &order.state, context.now_us))
            })
        });
        quoted.await
    }

    /// A change of an order of the context's account; of any for the platform itself.
    pub(super) async fn get_order_change(
        &self,
        request: pb::GetOrderChangeRequest,
    ) -> Result<pb::OrderChange, Error> {
        let context = self.platform_context(request.context)?;
        let id = &request.order_change_id;
        let found = exchanges::own_change(self.0.db.reader(), &context, id).await?;
        let change = found.ok_or(Error::NotFound(WHAT))?;
        let order = self.own_order(&context, &change.order_id).await?;
        Ok(exchange::as_of(&change, &order.state, context.now_us))
    }

    /// Changes the journey of an order on quoted terms and waits for it.
    pub(super) async fn confirm_order_change(
        &self,
        request: pb::ConfirmOrderChangeRequest,
    ) -> Result<pb::OrderChangeReply, Error> {
        let context = self.context(request.context)?;
        let idempotency = request.idempotency.unwrap_or_default();
        let (id, payment) = (request.order_change_id, request.payment);
        let key = Key::of(&context, Operation::ConfirmOrderChange, &idempotency, &id);
        let cause = self.cause(context.now_us, &context.request_id);
        let (given, caller) = (idempotency.clone(), context.clone());
        let accepted = self.0.db.write(move |tx| {
            Box::pin(async move {
                if let Some(entry) = entries::entry(&mut *tx, &key).await? {
                    return Ok(Accepted::Before(entry));
                }
                let quote = exchanges::own_change(&mut *tx, &caller, &id).await?;
                let quote = quote.ok_or(Error::NotFound(WHAT))?;
                let order = sqlite::own_order(&mut *tx, &caller, &quote.order_id).await?;
                let order = order.ok_or(Error::NotFound("order"))?;
                let mut change = exchange::confirm(&order, &quote, payment, caller.now_us)?;
                let offer = quote.offer.unwrap_or_default();
                untaken(tx, &caller, &offer.nonce).await?;
                change.order.request_id.clone_from(&caller.request_id);
                let entry = entry(key, &given, &change.order, &id, &caller);
                store::commit(tx, &cause, Kept::Known, &change, Some(&entry)).await?;
                Ok::<_, Error>(Accepted::Now(entry, Box::new(change.order)))
            })
        });
        let begun = self.accepted(accepted.await?, &idempotency)?;
        let (id, replayed) = (begun.entry.part_id.clone(), begun.is_replayed());
        match self.awaited(begun, wait_of(request.wait_ms)).await? {
            Ok(reply) => {
                let reply = pb::OrderChangeReply::decode(reply.as_slice());
                Ok(pb::OrderChangeReply {
                    replayed,
                    ..reply.map_err(store::Error::from)?
                })
            }
            Err(order) => {
                let change = exchanges::own_change(self.0.db.reader(), &context, &id).await?;
                let change = change.ok_or(Error::NotFound(WHAT))?;
                let order_change = exchange::as_of(&change, &order.state, context.now_us);
                Ok(pb::OrderChangeReply {
                    order_change: Some(order_change),
                    replayed,
                    settled: false,
                })
            }
        }
    }

    /// The payment whose decline tells why a command failed; empty for the order's only one.
    pub(super) async fn paid_by(&self, entry: &Entry) -> Result<String, Error> {
        if entry.key.operation != Operation::ConfirmOrderChange {
            return Ok(entry.part_id.clone());
        }
        let account = Context {
            world: entry.key.world.clone(),
            account_id: entry.key.account_id.clone(),
            ..Context::default()
        };
        let id = &entry.part_id;
        let change = exchanges::own_change(self.0.db.reader(), &account, id).await?;
        let payment_id = change.map(|change| change.payment_id);
        // The id of the change is that of no payment.
        Ok(payment_id
            .filter(|id| !id.is_empty())
            .unwrap_or_else(|| id.clone()))
    }
}

/// Refuses an offer that was ordered, or is travelled by after a change.
async fn untaken(tx: &mut Tx, context: &Context, nonce: &[u8]) -> Result<(), Error> {
    match sqlite::sold_by(&mut *tx, &context.world, nonce).await? {
        Some((id, owner)) => Err(Error::OfferAlreadyBooked {
            order_id: Some(id).filter(|_| owner == context.account_id),
        }),
        None => Ok(()),
    }
}
