//! The saga of an order, as pure rules: which step comes next, and what each answer of a neighbour makes of the order.
//!
//! seats held → payment authorised → seats sold → payment captured → tickets; money is taken only once seats are certain.
//! An answer that does not belong to the step at hand is stale or repeated and changes nothing, so every step may be tried
//! again, by anyone, at any time. Nothing here calls anybody: `driver.rs` does.
//!
//! An order that fails gives back what it held, also a hold of its account's that it was made from: else an account could keep
//! seats for ever by orders that fail.

use super::change::Change;
use super::order::{Order, Step};
use super::refund::{self, Due};
use super::{exchanging, schedule, ticket};
use crate::api::problem::Code;
use crate::rpc::booking::v1::{OrderPayment, OrderStatus, OrderType, PaymentStatus};
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{CaptureRequested, PaymentAnswered, RefundAnswered, VoidRequested};
use crate::rpc::flights::v1::{HoldItem, Ptc, Segment};

/// What a neighbour has answered, or time has decided.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    SeatsHeld,
    /// Flights has none to hold, for certain.
    SeatsRefused,
    /// The time to hold seats passed without a certain answer.
    GaveUp,
    SeatsSold,
    /// The hold is over, or never was.
    SeatsLost,
    SeatsGivenBack,
    Payment(PaymentAnswered),
    Refund(RefundAnswered),
}

/// What is drawn for an order from counters that belong to no order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Papers {
    /// For an order that has none yet.
    pub locator: String,
    /// Which of its stock its first ticket is, from 0.
    pub first_ticket: u64,
    /// For money that must go back, one a payment: because the seats were lost after it was taken, or a change costs less.
    pub refund_ids: Vec<String>,
}

/// What must be drawn before `apply`: whether a locator, and how many ticket numbers.
pub fn draws(order: &Order, outcome: &Outcome) -> (bool, u64) {
    let holds = order.state.r#type() == OrderType::Hold;
    let paid = |outcome: &str| outcome == "captured";
    let taken = order
        .state
        .payments
        .last()
        .is_some_and(|payment| paid(&payment.status));
    let tickets = match (order.step, outcome) {
        (Step::HoldSeats, Outcome::SeatsHeld) if holds => return (true, 0),
        (Step::AwaitCapture, Outcome::Payment(answer)) => paid(&answer.outcome),
        (Step::ConfirmHold, Outcome::SeatsSold) => taken,
        _ => exchanging::exchanges(order, outcome),
    };
    let count = u64::try_from(order.state.passengers.len()).unwrap_or(u64::MAX);
    (
        tickets && order.state.locator.is_empty(),
        if tickets { count } else { 0 },
    )
}

/// The seats that an order needs on these flights: one a segment for everybody but lap infants.
pub fn seats<'a>(order: &Order, segments: impl Iterator<Item = &'a Segment>) -> Vec<HoldItem> {
    let seated = |ptc: Ptc| ptc != Ptc::Inf;
    let count = order
        .state
        .passengers
        .iter()
        .filter(|passenger| seated(passenger.ptc()))
        .count();
    let item = |segment: &Segment| HoldItem {
        flight: Some(schedule::flight_of(segment)),
        booking_class: segment.booking_class.clone(),
        seats: u32::try_from(count).unwrap_or(u32::MAX),
    };
    segments.map(item).collect()
}

/// What the order becomes; `None` when the answer changes nothing.
pub fn apply(order: &Order, outcome: Outcome, papers: Papers, now_us: i64) -> Option<Change> {
    match (order.step, outcome) {
        (_, Outcome::Payment(answer)) if exchanging::is_paid_by(order, &answer.payment_id) => {
            exchanging::payment_answered(order, &answer, &papers, now_us)
        }
        (Step::HoldSeats, Outcome::SeatsHeld) => Some(seats_held(order, papers, now_us)),
        (Step::HoldSeats, Outcome::SeatsRefused) => Some(failed(
            Change::of(order, now_us),
            // Seats that were held before are refused only when their hold is over.
            match order.state.hold_id.as_str() {
                "" => Code::SeatsUnavailable,
                _ => Code::HoldExpired,
            },
            // An earlier try that is still on its way must not find seats any more.
            Step::ReleaseHold,
        )),
        // Flights may hold them all the same: its answer was lost.
        (Step::HoldSeats, Outcome::GaveUp) => Some(failed(
            Change::of(order, now_us),
            Code::SeatsUnavailable,
            Step::ReleaseHold,
        )),
        (Step::ConfirmHold, Outcome::SeatsSold) => Some(seats_sold(order, papers, now_us)),
        (Step::ConfirmHold, Outcome::SeatsLost) => Some(seats_lost(order, papers, now_us)),
        (Step::ReleaseHold | Step::ReturnSeats, Outcome::SeatsGivenBack) => {
            Some(Change::unseen(order, Step::Rest))
        }
        (_, Outcome::Payment(answer)) => payment_answered(order, &answer, papers, now_us),
        (_, Outcome::Refund(answer)) => refund_answered(order, &answer, now_us),
        (_, about_seats) => exchanging::seats_answered(order, &about_seats, papers, now_us),
    }
}

/// How a command ended: `None` while its saga is under way.
pub fn settled(order: &Order, payment_id: Option<&str>) -> Option<Result<(), Code>> {
    let state = &order.state;
    if !order.rests() {
        return None;
    }
    if matches!(state.status(), OrderStatus::Failed | OrderStatus::Expired) {
        return Some(Err(
            Code::parse(&state.failure_code).unwrap_or(Code::HoldExpired)
        ));
    }
    let payment = state
        .payments
        .iter()
        .find(|payment| Some(payment.id.as_str()) == payment_id);
    match payment {
        Some(payment) if payment.status == "declined" => Some(Err(declined(payment))),
        _ => Some(Ok(())),
    }
}

/// What a declined payment is called.
pub(super) fn declined(payment: &OrderPayment) -> Code {
    // What an account may owe is a code of its own; why else a payment was declined is told beside it.
    match Code::parse(&payment.decline_code) {
        Some(Code::CreditLimitExceeded) => Code::CreditLimitExceeded,
        _ => Code::PaymentDeclined,
    }
}

fn seats_held(order: &Order, papers: Papers, now_us: i64) -> Change {
    if order.state.r#type() == OrderType::Hold {
        let mut change = Change::of(order, now_us);
        change.order.step = Step::Rest;
        change.order.state.set_status(OrderStatus::Held);
        change.order.state.locator = papers.locator;
        change.say("order.held");
        return change;
    }
    let mut change = Change::unseen(order, Step::AwaitAuthorization);
    let token = std::mem::take(&mut change.order.method_token);
    for payment in order.state.payments.clone() {
        change.ask_payment(payment, token.clone());
    }
    change
}

fn seats_sold(order: &Order, papers: Papers, now_us: i64) -> Change {
    let mut change = Change::unseen(order, Step::AwaitCapture);
    let Some(payment) = order.state.payments.last() else {
        return change;
    };
    if payment.status == "captured" {
        return ticketed(Change::of(order, now_us), papers, now_us);
    }
    let asked = CaptureRequested {
        payment_id: payment.id.clone(),
        order_id: order.state.id.clone(),
        amount: payment.amount.clone(),
        lines: order.price().map(|price| price.lines).unwrap_or_default(),
    };
    change.ask(
        "payment.capture_requested",
        payment.id.clone(),
        Data::CaptureRequested(asked),
    );
    change
}

fn seats_lost(order: &Order, papers: Papers, now_us: i64) -> Change {
    let mut change = Change::of(order, now_us);
    if order.state.r#type() == OrderType::Hold {
        change.order.step = Step::ReleaseHold;
        change.order.state.set_status(OrderStatus::Expired);
        change.order.state.failure_code = Code::HoldExpired.as_str().to_owned();
        change.say("order.expired");
    } else {
        change = failed(change, Code::SeatsUnavailable, Step::ReleaseHold);
    }
    let Some(payment) = order.state.payments.last().cloned() else {
        return change;
    };
    if payment.status == "captured" {
        let due = Due {
            lines: order.price().map(|price| price.lines).unwrap_or_default(),
            ..Due::default()
        };
        change
            .ask_refunds(due, &papers.refund_ids, now_us)
            .expect("the price of an accepted order adds up");
    } else {
        let asked = VoidRequested {
            payment_id: payment.id.clone(),
            order_id: order.state.id.clone(),
        };
        change.ask(
            "payment.void_requested",
            payment.id,
            Data::VoidRequested(asked),
        );
    }
    change
}

/// Ends the order as failed; `step` is what must still be undone.
fn failed(mut change: Change, code: Code, step: Step) -> Change {
    change.order.step = step;
    change.order.method_token.clear();
    change.order.state.set_status(OrderStatus::Failed);
    change.order.state.failure_code = code.as_str().to_owned();
    change.say("order.failed");
    change
}

fn ticketed(mut change: Change, papers: Papers, now_us: i64) -> Change {
    let state = &mut change.order.state;
    if state.locator.is_empty() {
        state.locator = papers.locator;
    }
    state.set_payment_status(PaymentStatus::Paid);
    state.set_status(OrderStatus::Confirmed);
    change.say("order.confirmed");
    change.touch(now_us);
    let state = &mut change.order.state;
    let tickets = state
        .offer
        .as_ref()
        .map(|offer| ticket::issue(offer, papers.first_ticket, now_us));
    state.tickets = tickets.unwrap_or_default();
    state.set_status(OrderStatus::Ticketed);
    change.order.step = Step::Rest;
    change.say("order.ticketed");
    change
}

fn payment_answered(
    order: &Order,
    answer: &PaymentAnswered,
    papers: Papers,
    now_us: i64,
) -> Option<Change> {
    let at = order
        .state
        .payments
        .iter()
        .position(|payment| payment.id == answer.payment_id)?;
    let under_way = at + 1 == order.state.payments.len();
    let mut change = Change::of(order, now_us);
    let payment = &mut change.order.state.payments[at];
    payment.status.clone_from(&answer.outcome);
    payment.decline_code.clone_from(&answer.decline_code);
    let declined = declined(payment);
    let state = &mut change.order.state;
    let paid = state.payments.iter().any(|p| p.status == "captured");
    match (order.step, answer.outcome.as_str()) {
        (Step::AwaitAuthorization, "authorized" | "captured") if under_way => {
            state.set_payment_status(if paid {
                PaymentStatus::Paid
            } else {
                PaymentStatus::Authorized
            });
            change.order.step = Step::ConfirmHold;
        }
        (Step::AwaitAuthorization, "declined" | "voided") if under_way => {
            state.set_payment_status(PaymentStatus::Unpaid);
            // A held order stays held, and may be paid in another way.
            if state.status() == OrderStatus::Held {
                change.order.step = Step::Rest;
            } else {
                change = failed(change, declined, Step::ReleaseHold);
            }
        }
        (Step::AwaitCapture, "captured") if under_way => {
            change = ticketed(change, papers, now_us);
        }
        (Step::AwaitCapture, "declined" | "voided") if under_way => {
            state.set_payment_status(PaymentStatus::Unpaid);
            change = failed(change, declined, Step::ReturnSeats);
        }
        (Step::AwaitAuthorization | Step::AwaitCapture, "unknown") if under_way => {
            state.set_payment_status(PaymentStatus::Unknown);
        }
        // Let go of after the seats were lost; of an order that was paid for, those of a change that has failed.
        (_, "voided") if paid => {}
        (_, "voided") => state.set_payment_status(PaymentStatus::Unpaid),
        _ => return None,
    }
    Some(change)
}

fn refund_answered(order: &Order, answer: &RefundAnswered, now_us: i64) -> Option<Change> {
    let open = |refund: &crate::rpc::booking::v1::Refund| {
        refund.id == answer.refund_id && refund.status == "requested"
    };
    let at = order.state.refunds.iter().position(open)?;
    let mut change = Change::of(order, now_us);
    let state = &mut change.order.state;
    state.refunds[at].status.clone_from(&answer.outcome);
    if answer.outcome == "succeeded" {
        state.set_payment_status(refund::payment_status(state));
    }
    Some(change)
}
