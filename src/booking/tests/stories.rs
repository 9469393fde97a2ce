//! The life of an order as tables: what is done, and what the order is then and has said.
//!
//! Over the pure rules alone; that the same holds with a store, a bus and crashes in between is for the service's tests.

use super::samples::{self, NOW};
use crate::booking::cancellation::{self, Cancellation};
use crate::booking::change::Change;
use crate::booking::order::{Draft, Order, Refusal, accept};
use crate::booking::saga::{self, Outcome, Papers};
use crate::kernel::clock::MINUTE_US;
use crate::rpc::booking::v1::{OrderType, PaymentInstruction};
use crate::rpc::events::v1::{PaymentAnswered, RefundAnswered};

/// Each story has a title and steps: `+90` lets 90 minutes pass, anything else is done; after `=` stands what is seen then:
/// status, payment status and step of the order and what it has said, or why it was refused.
const STORIES: &str = "
an instant order is paid once its seats are certain, and ticketed
    create instant     = pending unpaid HoldSeats: order.created
    seats held         = pending unpaid AwaitAuthorization: payment.requested
    payment authorized = pending authorized ConfirmHold:
    seats sold         = pending authorized AwaitCapture: payment.capture_requested
    payment captured   = ticketed paid Rest: order.confirmed order.ticketed
    payment captured   = nothing
    seats held         = nothing
    pay                = the state of the order does not allow this

an instant order without seats fails and is never paid
    create instant     = pending unpaid HoldSeats: order.created
    seats refused      = failed unpaid Rest: order.failed
    seats held         = nothing

an instant order whose seats nobody answers for gives them back
    create instant     = pending unpaid HoldSeats: order.created
    gave up            = failed unpaid ReleaseHold: order.failed
    seats back         = failed unpaid Rest:

a declined instant order gives its seats back
    create instant     = pending unpaid HoldSeats: order.created
    seats held         = pending unpaid AwaitAuthorization: payment.requested
    payment declined   = failed unpaid ReleaseHold: order.failed
    payment declined   = nothing
    seats back         = failed unpaid Rest:

seats lost while it was paid: the money is let go
    create instant     = pending unpaid HoldSeats: order.created
    seats held         = pending unpaid AwaitAuthorization: payment.requested
    payment authorized = pending authorized ConfirmHold:
    seats lost         = failed authorized ReleaseHold: order.failed payment.void_requested
    payment voided     = failed unpaid ReleaseHold:
    seats back         = failed unpaid Rest:

a capture that failed gives sold seats back
    create instant     = pending unpaid HoldSeats: order.created
    seats held         = pending unpaid AwaitAuthorization: payment.requested
    payment authorized = pending authorized ConfirmHold:
    seats sold         = pending authorized AwaitCapture: payment.capture_requested
    payment declined   = failed unpaid ReturnSeats: order.failed
    seats back         = failed unpaid Rest:

an unknown capture waits until it is known
    create instant     = pending unpaid HoldSeats: order.created
    seats held         = pending unpaid AwaitAuthorization: payment.requested
    payment authorized = pending authorized ConfirmHold:
    seats sold         = pending authorized AwaitCapture: payment.capture_requested
    payment unknown    = pending unknown AwaitCapture:
    payment captured   = ticketed paid Rest: order.confirmed order.ticketed

money taken before the seats were sold comes back whole when they are lost
    create instant     = pending unpaid HoldSeats: order.created
    seats held         = pending unpaid AwaitAuthorization: payment.requested
    payment unknown    = pending unknown AwaitAuthorization:
    payment captured   = pending paid ConfirmHold:
    seats lost         = failed paid ReleaseHold: order.failed refund.requested
    refund succeeded   = failed refunded ReleaseHold:
    refund succeeded   = nothing

a held order is paid in time, at the second try
    create hold        = pending unpaid HoldSeats: order.created
    seats held         = held unpaid Rest: order.held
    pay 1              = the amount is not what is due
    pay                = held unpaid AwaitAuthorization: payment.requested
    pay                = the state of the order does not allow this
    quote              = the state of the order does not allow this
    payment declined   = held unpaid Rest:
    pay 38234          = held unpaid AwaitAuthorization: payment.requested
    payment authorized = held authorized ConfirmHold:
    seats sold         = held authorized AwaitCapture: payment.capture_requested
    payment captured   = ticketed paid Rest: order.confirmed order.ticketed

a held order expires when its time to pay is over, noticed or not
    create hold        = pending unpaid HoldSeats: order.created
    seats held         = held unpaid Rest: order.held
    expire             = nothing
    +2880              = expired unpaid Rest:
    pay                = the time to pay for the held seats is over
    quote              = the state of the order does not allow this
    update             = the state of the order does not allow this
    expire             = expired unpaid ReleaseHold: order.expired
    expire             = nothing
    seats back         = expired unpaid Rest:

a payment begun in time ends well after it
    create hold        = pending unpaid HoldSeats: order.created
    seats held         = held unpaid Rest: order.held
    +2879              = held unpaid Rest:
    pay                = held unpaid AwaitAuthorization: payment.requested
    +2                 = held unpaid AwaitAuthorization:
    expire             = nothing
    payment authorized = held authorized ConfirmHold:
    seats lost         = expired authorized ReleaseHold: order.expired payment.void_requested
    payment voided     = expired unpaid ReleaseHold:

an unpaid order is cancelled for nothing
    create hold        = pending unpaid HoldSeats: order.created
    quote              = the state of the order does not allow this
    seats held         = held unpaid Rest: order.held
    quote              = refund none, penalty none
    confirm            = cancelled unpaid ReleaseHold: order.cancelled
    seats back         = cancelled unpaid Rest:
    update             = the state of the order does not allow this

a quote made before the payment does not stand after it
    create hold        = pending unpaid HoldSeats: order.created
    seats held         = held unpaid Rest: order.held
    quote              = refund none, penalty none
    pay                = held unpaid AwaitAuthorization: payment.requested
    payment authorized = held authorized ConfirmHold:
    seats sold         = held authorized AwaitCapture: payment.capture_requested
    payment captured   = ticketed paid Rest: order.confirmed order.ticketed
    confirm            = the quote no longer stands

a ticketed order is cancelled on the terms of its fare while they stand
    ticketed           = ticketed paid Rest:
    quote              = refund 28234, penalty 10000
    +30                = ticketed paid Rest:
    confirm            = the quote no longer stands
    quote              = refund 28234, penalty 10000
    +29                = ticketed paid Rest:
    confirm            = cancelled paid ReturnSeats: order.cancelled refund.requested
    seats back         = cancelled paid Rest:
    refund succeeded   = cancelled partially_refunded Rest:
    confirm            = the state of the order does not allow this

a refund that failed is told and keeps the money where it is
    ticketed           = ticketed paid Rest:
    quote              = refund 28234, penalty 10000
    confirm            = cancelled paid ReturnSeats: order.cancelled refund.requested
    refund failed      = cancelled paid ReturnSeats:

what has departed is neither cancelled nor lost, and what has landed is completed
    ticketed           = ticketed paid Rest:
    +57600             = ticketed paid Rest:
    quote              = the state of the order does not allow this
    update             = ticketed paid Rest: order.changed
    +10560             = completed paid Rest:
    update             = the state of the order does not allow this

an update needs the version that it was made for
    ticketed           = ticketed paid Rest:
    update 1           = the order has changed since it was read
    update 4           = ticketed paid Rest: order.changed
    update 4           = the order has changed since it was read
    update             = ticketed paid Rest: order.changed
";

struct Scene {
    now_us: i64,
    order: Option<Order>,
    quote: Option<Cancellation>,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            now_us: NOW,
            order: None,
            quote: None,
        }
    }
}

fn draft(r#type: OrderType) -> Draft {
    let payment = PaymentInstruction {
        payment_id: "pay_1".to_owned(),
        method_token: "tok_visa".to_owned(),
        amount: None,
    };
    Draft {
        world: "wld_test".to_owned(),
        request_id: "req_1".to_owned(),
        account_id: "acc_1".to_owned(),
        id: "ord_1".to_owned(),
        r#type,
        offer: samples::offer(),
        passengers: samples::passengers(),
        contact: Some(samples::contact()),
        payment: (r#type == OrderType::Instant).then_some(payment),
        client_reference: String::new(),
        metadata: Vec::new(),
    }
}

impl Scene {
    fn play(&mut self, line: &str) -> String {
        if let Some(minutes) = line.strip_prefix('+') {
            self.now_us += minutes.parse::<i64>().expect("minutes") * MINUTE_US;
            return self.seen(&[]);
        }
        if line == "ticketed" {
            let paid = [
                "create instant",
                "seats held",
                "payment authorized",
                "seats sold",
            ];
            paid.iter().for_each(|line| drop(self.play(line)));
            drop(self.play("payment captured"));
            return self.seen(&[]);
        }
        if line == "quote" {
            let order = self.order.as_ref().expect("created");
            return match cancellation::quote(order, "ocn_1".to_owned(), self.now_us) {
                Ok(quote) => {
                    let told = |money: &Option<crate::rpc::common::v1::Money>| {
                        money
                            .as_ref()
                            .map_or("none".to_owned(), |m| m.amount.to_string())
                    };
                    let terms = quote.terms.clone();
                    self.quote = Some(quote);
                    format!(
                        "refund {}, penalty {}",
                        told(&terms.refund),
                        told(&terms.penalty)
                    )
                }
                Err(refusal) => refusal.to_string(),
            };
        }
        match self.done(line) {
            Ok(Some(change)) => {
                if let (Some(quote), "confirm") = (&mut self.quote, line) {
                    quote.confirmed_at_us = Some(self.now_us);
                }
                self.order = Some(change.order);
                let kinds: Vec<&str> = change.events.iter().map(|event| event.kind).collect();
                self.seen(&kinds)
            }
            Ok(None) => "nothing".to_owned(),
            Err(refusal) => refusal.to_string(),
        }
    }

    fn done(&self, line: &str) -> Result<Option<Change>, Refusal> {
        let (verb, what) = line.split_once(' ').unwrap_or((line, ""));
        if verb == "create" {
            let r#type = if what == "hold" {
                OrderType::Hold
            } else {
                OrderType::Instant
            };
            return accept(draft(r#type), self.now_us).map(Some);
        }
        let order = self.order.as_ref().expect("created");
        let payment_id = order
            .state
            .payments
            .last()
            .map(|payment| payment.id.clone());
        let outcome = match (verb, what) {
            ("seats", "held") => Outcome::SeatsHeld,
            ("seats", "refused") => Outcome::SeatsRefused,
            ("seats", "sold") => Outcome::SeatsSold,
            ("seats", "lost") => Outcome::SeatsLost,
            ("seats", "back") => Outcome::SeatsGivenBack,
            ("gave", "up") => Outcome::GaveUp,
            ("payment", outcome) => Outcome::Payment(PaymentAnswered {
                payment_id: payment_id.unwrap_or_default(),
                outcome: outcome.to_owned(),
                ..PaymentAnswered::default()
            }),
            ("refund", outcome) => Outcome::Refund(RefundAnswered {
                refund_id: "rfd_1".to_owned(),
                outcome: outcome.to_owned(),
                ..RefundAnswered::default()
            }),
            ("pay", amount) => {
                let payment = PaymentInstruction {
                    payment_id: format!("pay_{}", order.state.payments.len() + 1),
                    method_token: "tok_visa".to_owned(),
                    amount: amount.parse().ok().map(samples::eur),
                };
                return order.pay(payment, self.now_us).map(Some);
            }
            ("update", version) => {
                let version = version.parse().unwrap_or(0);
                return order.update(version, None, None, self.now_us).map(Some);
            }
            ("expire", "") => return Ok(order.expire(self.now_us)),
            ("confirm", "") => {
                let quote = self.quote.as_ref().expect("quoted");
                return quote
                    .confirm(order, "rfd_1".to_owned(), self.now_us)
                    .map(Some);
            }
            _ => panic!("nobody knows how to {line:?}"),
        };
        let papers = Papers {
            locator: "BCDFGH".to_owned(),
            first_ticket: 1,
            refund_id: "rfd_1".to_owned(),
        };
        Ok(saga::apply(order, outcome, papers, self.now_us))
    }

    fn seen(&self, kinds: &[&str]) -> String {
        let order = self.order.as_ref().expect("created");
        let view = order.as_of(self.now_us);
        let status = view.status().as_str_name().replace("ORDER_STATUS_", "");
        let paid = view
            .payment_status()
            .as_str_name()
            .replace("PAYMENT_STATUS_", "");
        let words = format!("{status} {paid}").to_lowercase();
        format!("{words} {:?}: {}", order.step, kinds.join(" "))
            .trim_end()
            .to_owned()
    }
}

#[test]
fn orders_live_as_their_stories_tell() {
    let mut scene = Scene::default();
    let mut title = "";
    for line in STORIES.lines() {
        match line.split_once('=') {
            Some((step, seen)) => {
                assert_eq!(
                    scene.play(step.trim()),
                    seen.trim(),
                    "{title}: {}",
                    step.trim()
                );
            }
            None => (scene, title) = (Scene::default(), line),
        }
    }
}

#[test]
fn orders_are_refused_before_anything_is_done() {
    type Spoil = fn(&mut Draft);
    let cases: [(Refusal, OrderType, Spoil); 8] = [
        (Refusal::OfferExpired, OrderType::Instant, |d| {
            d.offer.expires_at_us = NOW
        }),
        (Refusal::HoldNotAllowed, OrderType::Hold, |d| {
            d.offer.hold_allowed = false
        }),
        (Refusal::HoldNotAllowed, OrderType::Hold, |d| {
            d.offer.payment_required_by_us = None
        }),
        (Refusal::PassengersMismatch, OrderType::Instant, |d| {
            d.passengers.clear()
        }),
        (Refusal::AmountMismatch, OrderType::Instant, |d| {
            d.payment = None
        }),
        (Refusal::AmountMismatch, OrderType::Hold, |d| {
            d.payment = Some(Default::default())
        }),
        (Refusal::AmountMismatch, OrderType::Instant, |d| {
            d.payment.as_mut().expect("instant").amount = Some(samples::eur(38_233));
        }),
        (Refusal::PriceBroken, OrderType::Instant, |d| {
            d.offer.price = None
        }),
    ];
    for (refusal, r#type, spoil) in cases {
        let mut draft = draft(r#type);
        spoil(&mut draft);
        assert_eq!(
            accept(draft, NOW).map(|change| change.order.step),
            Err(refusal)
        );
    }
}

#[test]
fn terms_follow_the_conditions_and_taxes_come_back_whole() {
    let mut scene = Scene::default();
    scene.play("ticketed");
    let mut order = scene.order.expect("ticketed");
    // Allowed, penalty, refund: of 300.00 fare, 50.00 surcharge and 32.34 taxes.
    for (allowed, penalty, refund) in [
        (true, None, 38_234),
        (true, Some(10_000), 28_234),
        (true, Some(99_999), 3_234),
        (false, None, 3_234),
        (false, Some(1), 3_234),
    ] {
        let conditions = order
            .state
            .offer
            .as_mut()
            .and_then(|offer| offer.conditions.as_mut());
        let condition = conditions
            .and_then(|c| c.refund_before_departure.as_mut())
            .expect("has one");
        condition.allowed = allowed;
        condition.penalty = penalty.map(samples::eur);
        let terms = cancellation::terms(&order, NOW).expect("may be cancelled");
        assert_eq!(terms.refund, Some(samples::eur(refund)));
        assert_eq!(terms.penalty, Some(samples::eur(38_234 - refund)));
    }
    order.state.offer.as_mut().expect("has one").conditions = None;
    let terms = cancellation::terms(&order, NOW).expect("may be cancelled");
    assert_eq!(
        terms.refund,
        Some(samples::eur(3_234)),
        "no word of a refund is no refund"
    );
}

#[test]
fn seats_are_asked_for_all_but_lap_infants() {
    let order = accept(draft(OrderType::Hold), NOW).expect("good").order;
    let items = saga::seats(&order);
    let told: Vec<_> = items
        .iter()
        .map(|item| {
            let flight = item.flight.clone().expect("has one");
            let name = format!("{}{} {}", flight.carrier, flight.number, flight.date);
            (
                name,
                format!("{}{}", flight.origin, flight.destination),
                item.seats,
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            ("LH400 2027-04-10".to_owned(), "FRAJFK".to_owned(), 1),
            ("LH401 2027-04-17".to_owned(), "JFKFRA".to_owned(), 1),
        ]
    );
}
