//! The life of an order as tables: what is done, and what the order is then and has said.
//!
//! Over the pure rules alone; that the same holds with a store, a bus and crashes in between is for the service's tests.

use super::samples::{self, NOW};
use crate::booking::cancellation::{self, Cancellation};
use crate::booking::change::Change;
use crate::booking::exchange;
use crate::booking::order::{Draft, Order, Refusal, accept};
use crate::booking::saga::{self, Outcome, Papers};
use crate::booking::schedule;
use crate::kernel::clock::{HOUR_US, MINUTE_US};
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1::{self as pb, OrderType, PaymentInstruction, ScheduleChange};
use crate::rpc::common::v1::Money;
use crate::rpc::events::v1::{PaymentAnswered, RefundAnswered};
use crate::rpc::flights::v1::{Cabin, FlightStatus};

/// Each story has a title and steps: `+90` lets 90 minutes pass, anything else is done; after `=` stands what is seen then:
/// status, payment status and step of the order and what it has said, or why it was refused.
const STORIES: &str = include_str!("stories.txt");

struct Scene {
    now_us: i64,
    order: Option<Order>,
    quote: Option<Cancellation>,
    change: Option<pb::OrderChange>,
    changeable: bool,
}

impl Default for Scene {
    fn default() -> Self {
        Self {
            now_us: NOW,
            order: None,
            quote: None,
            change: None,
            changeable: false,
        }
    }
}

fn refund_ids() -> Vec<String> {
    vec!["rfd_1".to_owned(), "rfd_2".to_owned()]
}

fn draft(r#type: OrderType) -> Draft {
    let draft = samples::draft();
    Draft {
        r#type,
        payment: draft.payment.filter(|_| r#type == OrderType::Instant),
        ..draft
    }
}

impl Scene {
    fn play(&mut self, line: &str) -> String {
        if let Some(minutes) = line.strip_prefix('+') {
            self.now_us += minutes.parse::<i64>().expect("minutes") * MINUTE_US;
            return self.seen(&[]);
        }
        if line == "changeable" {
            self.changeable = true;
            return self.play("ticketed");
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
        if let Some(fare) = line.strip_prefix("change to ") {
            let order = self.order.as_ref().expect("created");
            let offer = samples::other(fare.parse().expect("a fare"));
            return match exchange::quote(order, offer, "och_2".to_owned(), self.now_us) {
                Ok(quote) => {
                    let told = |name, money: &Option<Money>| {
                        let money = money.as_ref().filter(|money| money.amount > 0);
                        money.map(|money| format!("{name} {}", money.amount))
                    };
                    let terms = [
                        told("collect", &quote.add_collect),
                        told("refund", &quote.refund),
                        told("penalty", &quote.penalty),
                        told("forfeited", &quote.forfeited),
                    ];
                    self.change = Some(quote);
                    let terms: Vec<String> = terms.into_iter().flatten().collect();
                    terms.join(", ")
                }
                Err(refusal) => refusal.to_string(),
            };
        }
        if line == "quote" {
            let order = self.order.as_ref().expect("created");
            return match cancellation::quote(order, "ocn_1".to_owned(), self.now_us) {
                Ok(quote) => {
                    let told = |money: &Option<Money>| {
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
                if line.starts_with("take") {
                    self.change.clone_from(&change.order.change);
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
            let mut draft = draft(r#type);
            if self.changeable {
                draft.offer = samples::changeable();
            }
            return accept(draft, self.now_us).map(Some);
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
            ("refund" | "second", outcome) => Outcome::Refund(RefundAnswered {
                refund_id: if verb == "refund" { "rfd_1" } else { "rfd_2" }.to_owned(),
                outcome: outcome.to_owned(),
                ..RefundAnswered::default()
            }),
            ("pay", amount) => {
                let payment = PaymentInstruction {
                    payment_id: format!("pay_{}", order.state.payments.len() + 1),
                    method_token: "tok_visa".to_owned(),
                    amount: amount.parse().ok().map(samples::eur),
                    method: PaymentMethod::Card.into(),
                };
                return order.pay(payment, self.now_us).map(Some);
            }
            ("update", version) => {
                let version = version.parse().unwrap_or(0);
                return order.update(version, None, None, self.now_us).map(Some);
            }
            ("expire", "") => return Ok(order.expire(self.now_us)),
            ("void", "") => return order.void(&refund_ids(), self.now_us).map(Some),
            ("take", amount) => {
                let quote = self.change.as_ref().expect("quoted");
                let payment = PaymentInstruction {
                    payment_id: "pay_2".to_owned(),
                    method_token: "tok_visa".to_owned(),
                    amount: amount.parse().ok().map(samples::eur),
                    method: PaymentMethod::Card.into(),
                };
                let payment = Some(payment).filter(|_| !amount.is_empty());
                return exchange::confirm(order, quote, payment, self.now_us).map(Some);
            }
            ("cancels" | "delays", number) => {
                let status = match verb {
                    "cancels" => FlightStatus::Cancelled,
                    _ => FlightStatus::Retimed,
                };
                let number = number.parse().expect("a flight");
                let position = order.state.schedule_changes.len() as u64 + 1;
                let told = samples::change(position, number, status, 4 * HOUR_US);
                return Ok(schedule::detect(order, &told, self.now_us));
            }
            ("refits" | "empties", number) => {
                let cabin = match verb {
                    "refits" => Cabin::Economy,
                    _ => Cabin::Business,
                };
                let number = number.parse().expect("a flight");
                let position = order.state.schedule_changes.len() as u64 + 1;
                let told = samples::refit(position, number, cabin);
                return Ok(schedule::detect(order, &told, self.now_us));
            }
            ("accepts", number) => {
                let number = number.parse().expect("the number of a change");
                let told: &[ScheduleChange] = &order.state.schedule_changes;
                let id = told.get::<usize>(number).map(|told| told.id.as_str());
                return schedule::accept(order, id.unwrap_or_default(), self.now_us);
            }
            ("confirm", "") => {
                let quote = self.quote.as_ref().expect("quoted");
                return quote.confirm(order, &refund_ids(), self.now_us).map(Some);
            }
            _ => panic!("nobody knows how to {line:?}"),
        };
        let papers = Papers {
            locator: "BCDFGH".to_owned(),
            first_ticket: 1,
            refund_ids: refund_ids(),
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
    let items = saga::seats(&order, order.segments());
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
