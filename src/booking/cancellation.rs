//! Cancelling an order: what it would give back, for how long that stands, and doing it.
//!
//! The fare's conditions decide over fare and surcharges; unused taxes come back whole. Nothing after the first departure. While
//! a change that the airline made is open, everything comes back.

use super::change::Change;
use super::order::{Order, Refusal, Step};
use super::{schedule, ticket};
use crate::kernel::clock::MINUTE_US;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{CancellationStatus, OrderStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::events::v1::RefundRequested;
use crate::rpc::events::v1::envelope::Data;

/// How long a quote stands.
pub const QUOTE_LIFE_US: i64 = 30 * MINUTE_US;

/// A quoted or confirmed cancellation as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Cancellation {
    pub id: String,
    pub order_id: String,
    pub created_at_us: i64,
    pub expires_at_us: i64,
    pub terms: Terms,
    pub confirmed_at_us: Option<i64>,
}

/// What a cancellation gives back and keeps; both absent when nothing was paid.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    pub refund: Option<Money>,
    pub penalty: Option<Money>,
}

/// The terms at this time.
pub fn terms(order: &Order, now_us: i64) -> Result<Terms, Refusal> {
    if !order.available_actions(now_us).contains(&"cancel") {
        return Err(Refusal::InvalidState);
    }
    if order.status(now_us) == OrderStatus::Held {
        return Ok(Terms {
            refund: None,
            penalty: None,
        });
    }
    let price = order.price().ok_or(Refusal::PriceBroken)?;
    let conditions = order
        .state
        .offer
        .as_ref()
        .and_then(|offer| offer.conditions.as_ref());
    let kept = match conditions.and_then(|conditions| conditions.refund_before_departure.as_ref()) {
        Some(refund) if refund.allowed => match &refund.penalty {
            Some(penalty) if penalty.currency != price.currency => {
                return Err(Refusal::PriceBroken);
            }
            Some(penalty) => penalty.amount.clamp(0, price.carriage()),
            None => 0,
        },
        _ => price.carriage(),
    };
    let kept = if order.has_open_change() { 0 } else { kept };
    Ok(Terms {
        refund: Some(price.money(price.total - kept)),
        penalty: Some(price.money(kept)),
    })
}

/// Quotes a cancellation.
pub fn quote(order: &Order, id: String, now_us: i64) -> Result<Cancellation, Refusal> {
    Ok(Cancellation {
        id,
        order_id: order.state.id.clone(),
        created_at_us: now_us,
        expires_at_us: now_us + QUOTE_LIFE_US,
        terms: terms(order, now_us)?,
        confirmed_at_us: None,
    })
}

impl Cancellation {
    /// Ends the order on the quoted terms. From here there is only forward: seats and money go back as often as is needed.
    pub fn confirm(
        &self,
        order: &Order,
        refund_id: String,
        now_us: i64,
    ) -> Result<Change, Refusal> {
        if self.confirmed_at_us.is_some() {
            return Err(Refusal::InvalidState);
        }
        if self.expires_at_us <= now_us {
            return Err(Refusal::QuoteExpired);
        }
        if terms(order, now_us)? != self.terms {
            return Err(Refusal::QuoteExpired);
        }
        let mut change = Change::of(order, now_us);
        let state = &mut change.order.state;
        change.order.step = match state.status() {
            OrderStatus::Held => Step::ReleaseHold,
            _ => Step::ReturnSeats,
        };
        state.set_status(OrderStatus::Cancelled);
        ticket::refund(&mut state.tickets);
        schedule::resolve(&mut state.schedule_changes);
        change.say("order.cancelled");
        if let (Some(refund), Some(penalty)) = (&self.terms.refund, &self.terms.penalty) {
            change.ask_refund(refund_id, refund, penalty.amount, now_us)?;
        }
        Ok(change)
    }

    /// What its owner sees at this time; `order` is the one it cancels.
    pub fn as_of(&self, order: &Order, now_us: i64) -> pb::Cancellation {
        let status = match self.confirmed_at_us {
            Some(_) => CancellationStatus::Confirmed,
            None if self.expires_at_us <= now_us => CancellationStatus::Expired,
            None => CancellationStatus::Quoted,
        };
        let refund = order
            .state
            .refunds
            .last()
            .filter(|_| self.confirmed_at_us.is_some());
        pb::Cancellation {
            id: self.id.clone(),
            order_id: self.order_id.clone(),
            status: status.into(),
            created_at_us: self.created_at_us,
            expires_at_us: self.expires_at_us,
            refund: self.terms.refund.clone(),
            penalty: self.terms.penalty.clone(),
            confirmed_at_us: self.confirmed_at_us,
            refund_status: refund.map_or_else(|| "none".to_owned(), |refund| refund.status.clone()),
        }
    }
}

impl Change {
    /// Asks for money back from the captured payment; `kept` minor units of the price are retained. Nothing is asked when
    /// nothing is left.
    pub(super) fn ask_refund(
        &mut self,
        refund_id: String,
        refund: &Money,
        kept: i64,
        now_us: i64,
    ) -> Result<(), Refusal> {
        let state = &mut self.order.state;
        let price = state
            .offer
            .as_ref()
            .and_then(super::price::Breakdown::of)
            .ok_or(Refusal::PriceBroken)?;
        let paid = state
            .payments
            .iter()
            .rfind(|payment| payment.status == "captured");
        let Some(payment_id) = paid
            .map(|payment| payment.id.clone())
            .filter(|_| refund.amount > 0)
        else {
            return Ok(());
        };
        let (lines, retained) = price.split(kept);
        state.refunds.push(pb::Refund {
            id: refund_id.clone(),
            payment_id: payment_id.clone(),
            amount: Some(refund.clone()),
            status: "requested".to_owned(),
            created_at_us: now_us,
        });
        let asked = RefundRequested {
            refund_id,
            payment_id: payment_id.clone(),
            order_id: state.id.clone(),
            amount: Some(refund.clone()),
            lines,
            retained,
        };
        self.ask("refund.requested", payment_id, Data::RefundRequested(asked));
        Ok(())
    }
}
