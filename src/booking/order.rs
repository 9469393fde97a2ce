//! An order: what it is, what its owner may do with it and when, and what a command makes of it.
//!
//! Pure: state, command and time in; the next state and what is to be said of it out, or a refusal. What neighbours answer
//! is `saga.rs`; money is never moved here, only asked for.

use super::change::Change;
use super::price::Breakdown;
use super::standing::Stage;
use super::{passenger, schedule};
use crate::kernel::clock::MINUTE_US;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{OrderStatus, OrderType, PaymentStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1::{Offer, Segment};

/// How long the seats of an instant order are held while it is paid.
pub const INSTANT_HOLD_US: i64 = 30 * MINUTE_US;

/// How much longer than its owner may pay for it a held order keeps its seats, so that a payment begun in time ends well.
pub const HOLD_GRACE_US: i64 = 15 * MINUTE_US;

/// What the saga of an order does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Rest,
    /// Asks flights for the seats.
    HoldSeats,
    /// Waits for billing to authorise the payment.
    AwaitAuthorization,
    /// Makes the held seats sold ones.
    ConfirmHold,
    /// Waits for billing to capture the payment.
    AwaitCapture,
    /// Gives held seats back.
    ReleaseHold,
    /// Gives sold seats back.
    ReturnSeats,
    /// Asks flights for the seats of the changed journey.
    HoldNewSeats,
    /// Waits for billing to authorise what is added for it.
    AwaitNewAuthorization,
    /// Makes its held seats sold ones.
    ConfirmNewHold,
    /// Waits for billing to capture what is added for it.
    AwaitNewCapture,
    /// Gives its held seats back, because it is not changed after all.
    ReleaseNewHold,
    /// Gives its sold seats back, because it is not changed after all.
    ReturnNewSeats,
    /// Gives the seats of the journey before back.
    ReturnOldSeats,
}

/// An order as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// Where and when it happens.
    pub world: String,
    /// Where its saga stands.
    pub step: Step,
    /// The request whose consequences its saga works through.
    pub request_id: String,
    /// The payment method of an instant order, until it is used.
    pub method_token: String,
    /// What its owner sees, but for what depends on the time (`as_of`).
    pub state: pb::Order,
    /// The change of its journey that was confirmed last.
    pub change: Option<pb::OrderChange>,
}

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The offer's time is over.
    #[error("the offer has expired")]
    OfferExpired,
    /// The offer must be paid at once.
    #[error("the offer must be paid at once")]
    HoldNotAllowed,
    /// Not the passengers of the offer, or not of their kind on the day of departure.
    #[error("the passengers are not those of the offer, or not of the age it was made for")]
    PassengersMismatch,
    /// Another amount or currency than is due.
    #[error("the amount is not what is due")]
    AmountMismatch,
    /// The parts of the offer's price are not its total.
    #[error("the price of the offer does not add up")]
    PriceBroken,
    /// The time to pay for the order, and to issue its tickets, is over.
    #[error("the time to pay for the order is over")]
    TimeLimitPassed,
    /// The tickets are too old, or the first flight has left.
    #[error("the tickets can no longer be voided")]
    VoidWindowClosed,
    /// The schedule change was answered, or is answered for by a later one or by the end of the order.
    #[error("the schedule change is no longer open")]
    ChangeClosed,
    /// The flight does not take its passengers any more: it is cancelled, or has no such cabin.
    #[error(
        "the flight, or the cabin of the order on it, is no longer flown, which nobody can accept: change the order, or cancel it"
    )]
    NothingToAccept,
    /// The order's state does not allow it.
    #[error("the state of the order does not allow this")]
    InvalidState,
    /// The order has changed since the caller read it.
    #[error("the order has changed since it was read")]
    VersionMismatch,
    /// The quote's time is over, or its terms are no longer those of the order.
    #[error("the quote no longer stands")]
    QuoteExpired,
}

/// What an order is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    pub world: String,
    pub request_id: String,
    pub account_id: String,
    pub id: String,
    pub r#type: OrderType,
    pub offer: Offer,
    /// The account's own hold that has its seats already; empty when there is none.
    pub hold_id: String,
    pub passengers: Vec<pb::OrderPassenger>,
    pub contact: Option<pb::Contact>,
    pub payment: Option<pb::PaymentInstruction>,
    pub client_reference: String,
    pub metadata: Vec<pb::MetadataEntry>,
}

/// Takes an order in: pending, its seats to be held next.
pub fn accept(mut draft: Draft, now_us: i64) -> Result<Change, Refusal> {
    let hold = draft.r#type == OrderType::Hold;
    if draft.offer.expires_at_us <= now_us {
        return Err(Refusal::OfferExpired);
    }
    let payable_later =
        draft.offer.hold_allowed && draft.offer.payment_required_by_us > Some(now_us);
    if hold && !payable_later {
        return Err(Refusal::HoldNotAllowed);
    }
    // Of what was offered besides, the order keeps what was bought.
    draft.offer.included_baggage.clear();
    draft.offer.services.retain(|service| service.quantity > 0);
    let price = Breakdown::of(&draft.offer).ok_or(Refusal::PriceBroken)?;
    let passengers =
        passenger::matched(&draft.offer, &draft.passengers).ok_or(Refusal::PassengersMismatch)?;
    // An instant order without a payment pays too little, a held one with a payment too much.
    if hold != draft.payment.is_none() {
        return Err(Refusal::AmountMismatch);
    }
    let (payment, method_token) = match draft.payment {
        Some(payment) => {
            let token = payment.method_token.clone();
            (
                Some(requested(payment, price.money(price.total), now_us)?),
                token,
            )
        }
        None => (None, String::new()),
    };
    let order = Order {
        world: draft.world,
        request_id: draft.request_id,
        step: Step::HoldSeats,
        method_token,
        state: pb::Order {
            id: draft.id,
            account_id: draft.account_id,
            version: 0,
            r#type: draft.r#type.into(),
            status: OrderStatus::Pending.into(),
            payment_status: PaymentStatus::Unpaid.into(),
            client_reference: draft.client_reference,
            created_at_us: now_us,
            payment_required_by_us: draft.offer.payment_required_by_us.filter(|_| hold),
            passengers,
            contact: draft.contact,
            payments: payment.into_iter().collect(),
            metadata: draft.metadata,
            hold_id: draft.hold_id,
            offer: Some(draft.offer),
            ..pb::Order::default()
        },
        change: None,
    };
    let mut change = Change {
        order,
        events: Vec::new(),
    };
    change.touch(now_us);
    change.say("order.created");
    Ok(change)
}

fn requested(
    payment: pb::PaymentInstruction,
    due: Money,
    now_us: i64,
) -> Result<pb::OrderPayment, Refusal> {
    if payment.amount.as_ref().is_some_and(|amount| *amount != due) {
        return Err(Refusal::AmountMismatch);
    }
    let method = match payment.method() {
        PaymentMethod::Unspecified => PaymentMethod::Card,
        method => method,
    };
    Ok(pb::OrderPayment {
        id: payment.payment_id,
        amount: Some(due),
        status: "requested".to_owned(),
        decline_code: String::new(),
        created_at_us: now_us,
        method: method.into(),
    })
}

impl Order {
    /// The id under which flights keeps its seats: that of the change of its journey, of the hold it was made from, or one made
    /// from its own, so that a repeat asks for the same hold.
    pub fn hold_id(&self) -> String {
        let state = &self.state;
        match (state.seats_hold_id.as_str(), state.hold_id.as_str()) {
            ("", "") => state.id.replacen("ord_", "hld_", 1),
            ("", hold_id) | (hold_id, _) => hold_id.to_owned(),
        }
    }

    /// Whether nothing of it is under way.
    pub fn rests(&self) -> bool {
        self.stage() == Stage::At(Step::Rest)
    }

    /// When flights may give its seats to others.
    pub fn hold_expires_at_us(&self) -> i64 {
        match self.state.payment_required_by_us {
            Some(by) => by.saturating_add(HOLD_GRACE_US),
            None => self.state.created_at_us.saturating_add(INSTANT_HOLD_US),
        }
    }

    /// Whether services were bought with it.
    pub fn has_services(&self) -> bool {
        let offer = self.state.offer.as_ref();
        offer.is_some_and(|offer| !offer.services.is_empty())
    }

    /// Its flights in the order they are flown.
    pub fn segments(&self) -> impl Iterator<Item = &Segment> {
        self.state
            .offer
            .iter()
            .flat_map(|offer| &offer.slices)
            .flat_map(|slice| &slice.segments)
    }

    /// Whether one of its passengers has this family name, in lower case.
    pub fn has_passenger(&self, family_name: &str) -> bool {
        let passengers = &self.state.passengers;
        passengers
            .iter()
            .any(|passenger| passenger.family_name.to_lowercase() == family_name)
    }

    /// When its last flight lands, as it is planned now; the end of time if it has none.
    pub fn travel_ends_at_us(&self) -> i64 {
        let landings = self.planned().map(|(_, arrival_us)| arrival_us);
        landings.max().unwrap_or(i64::MAX)
    }

    /// When its first flight leaves, as it is planned now; `None` when none of its flights is flown.
    pub fn travel_starts_at_us(&self) -> Option<i64> {
        self.planned().map(|(departure_us, _)| departure_us).min()
    }

    /// Whether its first flight has left.
    pub fn has_departed(&self, now_us: i64) -> bool {
        self.travel_starts_at_us()
            .is_some_and(|first| first <= now_us)
    }

    /// The price, known to add up since the order was accepted.
    pub fn price(&self) -> Option<Breakdown> {
        self.state.offer.as_ref().and_then(Breakdown::of)
    }

    /// Its status at this time: a held order whose time to pay is over has expired, whether or not somebody has noticed.
    pub fn status(&self, now_us: i64) -> OrderStatus {
        let overdue = self
            .state
            .payment_required_by_us
            .is_some_and(|by| by <= now_us);
        match self.state.status() {
            OrderStatus::Held if overdue && self.step == Step::Rest => OrderStatus::Expired,
            OrderStatus::Ticketed if self.travel_ends_at_us() <= now_us => OrderStatus::Completed,
            status => status,
        }
    }

    /// What its owner may do now: `pay`, `cancel`, `change`, `update`, `accept_schedule_change`, `void`.
    pub fn available_actions(&self, now_us: i64) -> Vec<&'static str> {
        let resting = self.rests();
        let mut actions = match self.status(now_us) {
            OrderStatus::Held if resting => vec!["pay", "cancel", "update"],
            OrderStatus::Confirmed | OrderStatus::Ticketed if resting => vec!["cancel", "update"],
            OrderStatus::Held | OrderStatus::Confirmed | OrderStatus::Ticketed => vec!["update"],
            _ => Vec::new(),
        };
        let changing = self.coming_change().is_some();
        if !actions.is_empty() && !changing && self.has_acceptable_change() {
            actions.push(schedule::ACCEPT);
        }
        actions.retain(|&action| action != "cancel" || !self.has_departed(now_us));
        if self.may_be_changed(now_us) {
            actions.push("change");
        }
        if self.may_be_voided(now_us).is_ok() {
            actions.push("void");
        }
        actions
    }

    /// What its owner sees at this time. What time alone has changed has a version of its own.
    pub fn as_of(&self, now_us: i64) -> pb::Order {
        let mut view = self.state.clone();
        let status = self.status(now_us);
        if status != view.status() {
            view.set_status(status);
            view.version += 1;
        }
        view.available_actions = self
            .available_actions(now_us)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let open = matches!(status, OrderStatus::Pending | OrderStatus::Held)
            && view.payment_status() != PaymentStatus::Paid;
        view.amount_due = self
            .price()
            .map(|price| price.money(if open { price.total } else { 0 }));
        view.void_until_us = self.void_until_us();
        view
    }

    /// Begins the payment of a held order.
    pub fn pay(&self, payment: pb::PaymentInstruction, now_us: i64) -> Result<Change, Refusal> {
        match self.status(now_us) {
            OrderStatus::Held if self.step == Step::Rest => {}
            OrderStatus::Expired => return Err(Refusal::TimeLimitPassed),
            _ => return Err(Refusal::InvalidState),
        }
        let price = self.price().ok_or(Refusal::PriceBroken)?;
        let method_token = payment.method_token.clone();
        let payment = requested(payment, price.money(price.total), now_us)?;
        let mut change = Change::of(self, now_us);
        change.order.step = Step::AwaitAuthorization;
        change.order.state.payments.push(payment.clone());
        change.ask_payment(payment, method_token);
        Ok(change)
    }

    /// Changes what does not touch the journey. `expected_version` 0 stands for any.
    pub fn update(
        &self,
        expected_version: u64,
        contact: Option<pb::Contact>,
        metadata: Option<Vec<pb::MetadataEntry>>,
        now_us: i64,
    ) -> Result<Change, Refusal> {
        if expected_version != 0 && expected_version != self.as_of(now_us).version {
            return Err(Refusal::VersionMismatch);
        }
        if !self.available_actions(now_us).contains(&"update") {
            return Err(Refusal::InvalidState);
        }
        let mut change = Change::of(self, now_us);
        let state = &mut change.order.state;
        state.contact = contact.or(state.contact.take());
        state.metadata = metadata.unwrap_or(std::mem::take(&mut state.metadata));
        change.say("order.changed");
        Ok(change)
    }

    /// Why a payment was declined, as its provider says; of the order's only payment when no id is given. Empty when it was not.
    pub fn declined(&self, payment_id: &str) -> &str {
        let payments = &self.state.payments;
        let payment = payments
            .iter()
            .rfind(|payment| payment_id.is_empty() || payment.id == payment_id);
        payment.map_or("", |payment| payment.decline_code.as_str())
    }

    /// Ends a held order whose time to pay is over; `None` when there is nothing to end.
    pub fn expire(&self, now_us: i64) -> Option<Change> {
        let due =
            self.state.status() == OrderStatus::Held && self.status(now_us) == OrderStatus::Expired;
        due.then(|| {
            let mut change = Change::of(self, now_us);
            change.order.step = Step::ReleaseHold;
            change.order.state.set_status(OrderStatus::Expired);
            change.say("order.expired");
            change
        })
    }
}
