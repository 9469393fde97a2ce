//! Voiding: taking tickets back on the day they were issued, as if they had never been. Everything that was paid comes back,
//! whatever the fare says; later it is a cancellation.

use super::change::Change;
use super::order::{Order, Refusal, Step};
use super::refund::{self, Due};
use super::{schedule, ticket};
use crate::kernel::clock::DAY_US;
use crate::rpc::booking::v1::OrderStatus;

/// How long after their issue tickets may be voided. Sales are reported and settled day by day: what was sold longer ago is in
/// a report, and can only be refunded.
pub const VOID_WINDOW_US: i64 = DAY_US;

impl Order {
    /// Until when its tickets may be voided; `None` when there are none to void. Never after the first departure. Tickets that
    /// were issued in exchange are as old as those that they were exchanged for.
    pub fn void_until_us(&self) -> Option<i64> {
        if self.state.status() != OrderStatus::Ticketed {
            return None;
        }
        let issued = self.state.tickets.iter().map(|ticket| ticket.issued_at_us);
        let closes_at_us = issued.min()?.saturating_add(VOID_WINDOW_US);
        let departure = self.travel_starts_at_us().unwrap_or(i64::MAX);
        Some(closes_at_us.min(departure))
    }

    /// Whether its tickets may be voided at this time, or why not.
    pub fn may_be_voided(&self, now_us: i64) -> Result<(), Refusal> {
        let until_us = self.void_until_us().ok_or(Refusal::InvalidState)?;
        if !self.rests() || !ticket::all_open(&self.state.tickets) {
            return Err(Refusal::InvalidState);
        }
        if until_us <= now_us {
            return Err(Refusal::VoidWindowClosed);
        }
        Ok(())
    }

    /// Voids its tickets, and gives back all that was paid, what a change of the journey had kept too. From here there is only
    /// forward: seats and money go back as often as is needed.
    pub fn void(&self, refund_ids: &[String], now_us: i64) -> Result<Change, Refusal> {
        self.may_be_voided(now_us)?;
        let price = self.price().ok_or(Refusal::PriceBroken)?;
        let paid: i64 = refund::left(&self.state).iter().map(|(_, left)| left).sum();
        let mut change = Change::of(self, now_us);
        change.order.step = Step::ReturnSeats;
        let state = &mut change.order.state;
        state.set_status(OrderStatus::Cancelled);
        ticket::void(&mut state.tickets);
        schedule::resolve(&mut state.schedule_changes);
        change.say("order.voided");
        let mut lines = price.lines.clone();
        lines.extend(price.line("penalty", paid - price.total));
        let due = Due {
            lines,
            ..Due::default()
        };
        change.ask_refunds(due, refund_ids, now_us)?;
        Ok(change)
    }
}
