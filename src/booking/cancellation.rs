//! Cancelling an order: what it would give back, for how long that stands, and doing it.
//!
//! The fare's conditions decide over fare and surcharges; unused taxes come back whole; services are kept. Nothing after the first
//! departure. While a change that the airline made is open, everything comes back.

use super::change::Change;
use super::order::{Order, Refusal, Step};
use super::price::units;
use super::refund::{self, Due};
use super::{schedule, ticket};
use crate::kernel::clock::MINUTE_US;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{CancellationStatus, OrderStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::events::v1::AmountLine;

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
    /// How the terms come about, line by line.
    pub lines: Vec<pb::CancellationLine>,
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
    let kept = match order.is_set_free() {
        true => 0,
        false => nonrefundable(order)? + price.services(),
    };
    Ok(Terms {
        refund: Some(price.money(price.total - kept)),
        penalty: Some(price.money(kept)),
    })
}

/// What of each part of the price comes back, and what is kept of it; nothing when nothing was paid.
fn lines(order: &Order, terms: &Terms) -> Result<Vec<pb::CancellationLine>, Refusal> {
    let Some(kept) = &terms.penalty else {
        return Ok(Vec::new());
    };
    let price = order.price().ok_or(Refusal::PriceBroken)?;
    let line = |(line, share): (&AmountLine, i64)| pb::CancellationLine {
        kind: line.kind.clone(),
        code: line.code.clone(),
        paid: line.amount.clone(),
        penalty: Some(price.money(share)),
        refund: Some(price.money(units(line) - share)),
    };
    Ok(price.waterfall(kept.amount).into_iter().map(line).collect())
}

/// Minor units of fare and surcharges that the conditions of the fare, and of those it was changed from, do not give back.
pub fn nonrefundable(order: &Order) -> Result<i64, Refusal> {
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
            Some(penalty) => penalty.amount,
            None => 0,
        },
        _ => price.carriage(),
    };
    let kept = kept.max(order.state.nonrefundable);
    Ok(kept.clamp(0, price.carriage()))
}

/// Quotes a cancellation.
pub fn quote(order: &Order, id: String, now_us: i64) -> Result<Cancellation, Refusal> {
    let terms = terms(order, now_us)?;
    Ok(Cancellation {
        id,
        order_id: order.state.id.clone(),
        created_at_us: now_us,
        expires_at_us: now_us + QUOTE_LIFE_US,
        lines: lines(order, &terms)?,
        terms,
        confirmed_at_us: None,
    })
}

impl Cancellation {
    /// Ends the order on the quoted terms. From here there is only forward: seats and money go back as often as is needed.
    pub fn confirm(
        &self,
        order: &Order,
        refund_ids: &[String],
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
        if let Some(penalty) = &self.terms.penalty {
            let price = order.price().ok_or(Refusal::PriceBroken)?;
            let (lines, retained) = price.split(penalty.amount);
            let due = Due {
                cause_id: self.id.clone(),
                lines,
                retained,
            };
            change.ask_refunds(due, refund_ids, now_us)?;
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
        let refund_status = match self.confirmed_at_us {
            // Refunds from before they knew their cause are of the one cancellation.
            Some(_) => refund::status_of(&order.state, &[&self.id, ""]),
            None => "none",
        };
        pb::Cancellation {
            id: self.id.clone(),
            order_id: self.order_id.clone(),
            status: status.into(),
            created_at_us: self.created_at_us,
            expires_at_us: self.expires_at_us,
            refund: self.terms.refund.clone(),
            penalty: self.terms.penalty.clone(),
            confirmed_at_us: self.confirmed_at_us,
            refund_status: refund_status.to_owned(),
            lines: self.lines.clone(),
        }
    }
}
