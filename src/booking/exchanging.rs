//! The saga of a change of an order's journey, as pure rules beside those of `saga.rs`.
//!
//! new seats held → what is added authorised → new seats sold → captured → documents exchanged → old seats given back. Up to the
//! exchange of the documents everything is undone when something is refused, and the order is what it was; from there it only
//! goes forward. A journey that costs nothing more is not paid for in between.

use super::change::Change;
use super::order::{Order, Step};
use super::refund::Due;
use super::saga::{Outcome, Papers, declined};
use super::{cancellation, exchange, schedule, ticket};
use crate::api::problem::Code;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{OrderChangeStatus, PaymentStatus};
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{CaptureRequested, ExchangeRequested, PaymentAnswered, VoidRequested};

/// Why the price of a change is known to add up.
const ADDS_UP: &str = "the price of a confirmed change adds up";

/// Whether a payment is the one that a change under way is paid by.
pub(super) fn is_paid_by(order: &Order, payment_id: &str) -> bool {
    order
        .coming_change()
        .is_some_and(|change| !payment_id.is_empty() && change.payment_id == payment_id)
}

/// Whether the documents are exchanged by this answer.
pub(super) fn exchanges(order: &Order, outcome: &Outcome) -> bool {
    match (order.step, outcome) {
        (Step::AwaitNewCapture, Outcome::Payment(answer)) => {
            answer.outcome == "captured" && is_paid_by(order, &answer.payment_id)
        }
        (Step::ConfirmNewHold, Outcome::SeatsSold) => {
            let payment = added(order);
            payment.is_none_or(|payment| payment.status == "captured")
        }
        _ => false,
    }
}

/// The payment of a change, once it was asked for.
fn added(order: &Order) -> Option<&pb::OrderPayment> {
    let payments = &order.state.payments;
    payments
        .iter()
        .rfind(|payment| is_paid_by(order, &payment.id))
}

/// What the order becomes by an answer about seats; `None` when it changes nothing.
pub(super) fn seats_answered(
    order: &Order,
    outcome: &Outcome,
    papers: Papers,
    now_us: i64,
) -> Option<Change> {
    let change = Change::of(order, now_us);
    let lost = Code::SeatsUnavailable;
    match (order.step, outcome) {
        (Step::HoldNewSeats, Outcome::SeatsHeld) => Some(seats_held(order, now_us)),
        // An earlier try that is still on its way must not find seats any more.
        (Step::HoldNewSeats, Outcome::SeatsRefused | Outcome::GaveUp) => {
            Some(failed(change, lost, Step::ReleaseNewHold))
        }
        (Step::ConfirmNewHold, Outcome::SeatsSold) if exchanges(order, outcome) => {
            Some(exchanged(change, &papers, now_us))
        }
        (Step::ConfirmNewHold, Outcome::SeatsSold) => Some(capture(order)),
        (Step::ConfirmNewHold, Outcome::SeatsLost) => {
            let change = let_go(change, &papers, now_us);
            Some(failed(change, lost, Step::ReleaseNewHold))
        }
        (
            Step::ReleaseNewHold | Step::ReturnNewSeats | Step::ReturnOldSeats,
            Outcome::SeatsGivenBack,
        ) => Some(Change::unseen(order, Step::Rest)),
        _ => None,
    }
}

/// What the order becomes by an answer about the payment of its change.
pub(super) fn payment_answered(
    order: &Order,
    answer: &PaymentAnswered,
    papers: &Papers,
    now_us: i64,
) -> Option<Change> {
    let mut change = Change::of(order, now_us);
    let payments = &mut change.order.state.payments;
    let payment = payments.iter_mut().find(|p| p.id == answer.payment_id)?;
    payment.status.clone_from(&answer.outcome);
    payment.decline_code.clone_from(&answer.decline_code);
    let code = declined(payment);
    let state = &mut change.order.state;
    match (order.step, answer.outcome.as_str()) {
        (Step::AwaitNewAuthorization, "authorized" | "captured") => {
            state.set_payment_status(PaymentStatus::Paid);
            change.order.step = Step::ConfirmNewHold;
        }
        (Step::AwaitNewAuthorization, "declined" | "voided") => {
            change = failed(change, code, Step::ReleaseNewHold);
        }
        (Step::AwaitNewCapture, "captured") => change = exchanged(change, papers, now_us),
        (Step::AwaitNewCapture, "declined" | "voided") => {
            change = failed(change, code, Step::ReturnNewSeats);
        }
        (Step::AwaitNewAuthorization | Step::AwaitNewCapture, "unknown") => {
            state.set_payment_status(PaymentStatus::Unknown);
        }
        _ => return None,
    }
    Some(change)
}

fn seats_held(order: &Order, now_us: i64) -> Change {
    let mut change = Change::unseen(order, Step::ConfirmNewHold);
    let Some(added) = order.coming_change().filter(|c| c.add_collect.is_some()) else {
        return change;
    };
    let payment = pb::OrderPayment {
        id: added.payment_id.clone(),
        amount: added.add_collect.clone(),
        status: "requested".to_owned(),
        decline_code: String::new(),
        created_at_us: now_us,
        method: added.method,
    };
    change.order.step = Step::AwaitNewAuthorization;
    change.touch(now_us);
    change.order.state.payments.push(payment.clone());
    let token = std::mem::take(&mut change.order.method_token);
    change.ask_payment(payment, token);
    change
}

fn capture(order: &Order) -> Change {
    let mut change = Change::unseen(order, Step::AwaitNewCapture);
    let (Some(payment), Some(price)) = (added(order), order.price()) else {
        return change;
    };
    let amount = payment.amount.as_ref().map_or(0, |amount| amount.amount);
    let asked = CaptureRequested {
        payment_id: payment.id.clone(),
        order_id: order.state.id.clone(),
        amount: payment.amount.clone(),
        lines: price.line("exchange", amount).into_iter().collect(),
    };
    let data = Data::CaptureRequested(asked);
    change.ask("payment.capture_requested", payment.id.clone(), data);
    change
}

/// Lets go of what was authorised for the change, or gives it back.
fn let_go(mut change: Change, papers: &Papers, now_us: i64) -> Change {
    let Some(payment) = added(&change.order).cloned() else {
        return change;
    };
    if payment.status != "captured" {
        let asked = VoidRequested {
            payment_id: payment.id.clone(),
            order_id: change.order.state.id.clone(),
        };
        let data = Data::VoidRequested(asked);
        change.ask("payment.void_requested", payment.id, data);
        return change;
    }
    let amount = payment.amount.map_or(0, |amount| amount.amount);
    give_back(&mut change, amount, papers, now_us);
    change
}

fn give_back(change: &mut Change, amount: i64, papers: &Papers, now_us: i64) {
    let order = &change.order;
    let due = Due {
        cause_id: order
            .change
            .as_ref()
            .map_or_else(String::new, |c| c.id.clone()),
        lines: order
            .price()
            .and_then(|price| price.line("exchange", amount))
            .into_iter()
            .collect(),
        ..Due::default()
    };
    change
        .ask_refunds(due, &papers.refund_ids, now_us)
        .expect(ADDS_UP);
}

/// Ends the change as failed; `step` is what must still be undone.
fn failed(mut change: Change, code: Code, step: Step) -> Change {
    let order = &mut change.order;
    order.step = step;
    order.method_token.clear();
    order.state.set_payment_status(PaymentStatus::Paid);
    if let Some(ended) = &mut order.change {
        ended.set_status(OrderChangeStatus::Failed);
        code.as_str().clone_into(&mut ended.failure_code);
    }
    schedule::resolve_gone(order);
    change
}

/// Makes the order the changed one: its offer, its documents, and what it owes.
fn exchanged(mut change: Change, papers: &Papers, now_us: i64) -> Change {
    let before = change.order.clone();
    let order = &mut change.order;
    let (Some(done), Some(old)) = (&mut order.change, before.price()) else {
        return change;
    };
    done.set_status(OrderChangeStatus::Confirmed);
    let (done, state) = (done.clone(), &mut order.state);
    let lost = cancellation::nonrefundable(&before).expect(ADDS_UP);
    state.offer.clone_from(&done.offer);
    state.seats_hold_id = exchange::hold_id(&done);
    ticket::exchange(&mut state.tickets);
    if let Some(offer) = &state.offer {
        state
            .tickets
            .extend(ticket::issue(offer, papers.first_ticket, now_us));
    }
    state.set_payment_status(PaymentStatus::Paid);
    order.step = Step::ReturnOldSeats;
    schedule::resolve_gone(order);
    let new = order.price().expect(ADDS_UP);
    order.state.nonrefundable = lost.min(new.carriage());
    change.say("order.changed");
    let amount = |money: &Option<crate::rpc::common::v1::Money>| {
        money.as_ref().map_or(0, |money| money.amount)
    };
    let kept = amount(&done.penalty) + amount(&done.forfeited);
    let mut lines = new.lines.clone();
    lines.extend(new.line("penalty", kept));
    let paid = before
        .state
        .payments
        .iter()
        .find(|p| p.status == "captured");
    if let Some(paid) = paid.filter(|_| lines != old.lines) {
        let asked = ExchangeRequested {
            exchange_id: done.id.clone(),
            payment_id: paid.id.clone(),
            order_id: before.state.id.clone(),
            replaced: old.lines,
            lines,
        };
        let data = Data::ExchangeRequested(asked);
        change.ask("exchange.requested", paid.id.clone(), data);
    }
    give_back(&mut change, amount(&done.refund), papers, now_us);
    change
}
