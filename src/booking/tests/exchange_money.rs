//! The money of changed orders, to the minor unit: whatever old and new journey cost, and however often they are changed, what is
//! asked of billing adds up, each refund is within its payment, and what is owed at the end is nothing but what was kept.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::samples::{self, NOW};
use crate::booking::change::Change;
use crate::booking::order::{Order, Step, accept};
use crate::booking::price::units;
use crate::booking::saga::{self, Outcome, Papers};
use crate::booking::{cancellation, exchange, order::Draft};
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1::PaymentInstruction;
use crate::rpc::common::v1::Money;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{AmountLine, PaymentAnswered, RefundAnswered};
use crate::rpc::flights::v1::{Condition, Offer};

/// Carries an order on as flights and billing would, and keeps what it asked of billing.
struct Books {
    order: Order,
    /// By kind, code and owner: what is owed; penalties are earned.
    owed: BTreeMap<(String, String, String), i64>,
    /// By payment: captured, given back.
    payments: BTreeMap<String, (i64, i64)>,
    refunds: usize,
}

fn amount(money: &Option<Money>) -> i64 {
    money.as_ref().map_or(0, |money| money.amount)
}

impl Books {
    fn sold(offer: Offer) -> Self {
        let draft = Draft {
            offer,
            ..samples::draft()
        };
        let mut books = Self {
            order: accept(draft, NOW).expect("good").order,
            owed: BTreeMap::new(),
            payments: BTreeMap::new(),
            refunds: 0,
        };
        books.settle();
        books
    }

    fn refund_ids(&mut self) -> Vec<String> {
        self.refunds += 10;
        let ids = self.order.state.payments.iter().enumerate();
        ids.map(|(at, _)| format!("rfd_{}", self.refunds + at))
            .collect()
    }

    fn owe(&mut self, lines: &[AmountLine], sign: i64) {
        for line in lines {
            let carriage = matches!(line.kind.as_str(), "fare" | "surcharge");
            let (kind, code) = match carriage {
                true => ("carriage", ""),
                false => (line.kind.as_str(), line.code.as_str()),
            };
            let key = (kind.to_owned(), code.to_owned(), line.owner.clone());
            *self.owed.entry(key).or_default() += sign * units(line);
        }
    }

    /// Takes a change, and gives the answers that it calls for.
    fn take(&mut self, change: Change) {
        self.order = change.order;
        for event in change.events {
            match event.data {
                Data::PaymentRequested(asked) => self.pay(&asked.payment_id, "authorized"),
                Data::CaptureRequested(asked) => {
                    let sum: i64 = asked.lines.iter().map(units).sum();
                    assert_eq!(sum, amount(&asked.amount));
                    self.owe(&asked.lines, 1);
                    self.payments.insert(asked.payment_id.clone(), (sum, 0));
                    self.pay(&asked.payment_id, "captured");
                }
                Data::ExchangeRequested(asked) => {
                    self.owe(&asked.replaced, -1);
                    self.owe(&asked.lines, 1);
                    let sum = |lines: &[AmountLine]| lines.iter().map(units).sum::<i64>();
                    let key = ("exchange".to_owned(), String::new(), "LH".to_owned());
                    *self.owed.entry(key).or_default() += sum(&asked.replaced) - sum(&asked.lines);
                }
                Data::RefundRequested(asked) => {
                    let sum: i64 = asked.lines.iter().map(units).sum();
                    assert_eq!(sum, amount(&asked.amount));
                    self.owe(&asked.lines, -1);
                    for kept in &asked.retained {
                        let carriage = AmountLine {
                            kind: "fare".to_owned(),
                            ..kept.clone()
                        };
                        self.owe(&[carriage], -1);
                        self.owe(std::slice::from_ref(kept), 1);
                    }
                    let (captured, back) = self.payments.get_mut(&asked.payment_id).expect("paid");
                    *back += sum;
                    assert!(
                        back <= captured,
                        "{} gives more than it took",
                        asked.payment_id
                    );
                    let answer = RefundAnswered {
                        refund_id: asked.refund_id,
                        outcome: "succeeded".to_owned(),
                        ..RefundAnswered::default()
                    };
                    self.answer(Outcome::Refund(answer));
                }
                _ => {}
            }
        }
        self.settle();
    }

    fn pay(&mut self, payment_id: &str, outcome: &str) {
        self.answer(Outcome::Payment(PaymentAnswered {
            payment_id: payment_id.to_owned(),
            outcome: outcome.to_owned(),
            ..PaymentAnswered::default()
        }));
    }

    fn answer(&mut self, outcome: Outcome) {
        let papers = Papers {
            locator: "BCDFGH".to_owned(),
            first_ticket: 1,
            refund_ids: self.refund_ids(),
        };
        if let Some(change) = saga::apply(&self.order, outcome, papers, NOW) {
            self.take(change);
        }
    }

    fn settle(&mut self) {
        let outcome = match self.order.step {
            Step::HoldSeats | Step::HoldNewSeats => Outcome::SeatsHeld,
            Step::ConfirmHold | Step::ConfirmNewHold => Outcome::SeatsSold,
            Step::ReturnSeats | Step::ReturnOldSeats => Outcome::SeatsGivenBack,
            _ => return,
        };
        self.answer(outcome);
    }

    /// Changes the order as its quote says.
    fn change(&mut self, number: usize, offer: Offer) {
        let id = format!("och_{number}");
        let quote = exchange::quote(&self.order, offer, id, NOW).expect("it may be changed");
        let brought = self.brought();
        let due = amount(&quote.add_collect) - amount(&quote.refund);
        let whole = amount(&quote.new_total) + amount(&quote.penalty) + amount(&quote.forfeited);
        assert_eq!(due, whole - amount(&quote.old_total));
        let payment = quote.add_collect.clone().map(|due| PaymentInstruction {
            payment_id: format!("pay_added_{number}"),
            method_token: "tok_visa".to_owned(),
            amount: Some(due),
            method: PaymentMethod::Card.into(),
        });
        let change = exchange::confirm(&self.order, &quote, payment, NOW).expect("quoted");
        self.take(change);
        assert_eq!(self.order.step, Step::Rest);
        assert_eq!(self.brought(), brought + due);
    }

    /// What was captured and not given back.
    fn brought(&self) -> i64 {
        self.payments
            .values()
            .map(|(captured, back)| captured - back)
            .sum()
    }

    /// What is owed, apart from what was earned as a penalty; and that.
    fn owed(&self) -> (Vec<(&str, i64)>, i64) {
        let open = self.owed.iter().filter(|(_, owed)| **owed != 0);
        let (earned, owed): (Vec<_>, Vec<_>) = open.partition(|((kind, ..), _)| kind == "penalty");
        (
            owed.into_iter()
                .map(|((kind, ..), owed)| (kind.as_str(), *owed))
                .collect(),
            earned.into_iter().map(|(_, earned)| earned).sum(),
        )
    }
}

/// A journey at this fare that may be changed, and refunded if there is a penalty for it.
fn journey(number: u8, fare: i64, tax: i64, change: i64, refund: Option<i64>) -> Offer {
    let mut offer = samples::other(fare);
    offer.id = format!("off_{number}");
    offer.nonce = vec![number; 16];
    offer.passengers = samples::offer().passengers;
    if let Some(price) = &mut offer.price {
        // Where there are no taxes, a cancellation may give nothing back at all.
        let second = tax.min(1_234);
        price.taxes[0].amount = Some(samples::eur(tax));
        price.taxes[1].amount = Some(samples::eur(second));
        price.total = Some(samples::eur(fare + 5_000 + tax + second));
    }
    if let Some(conditions) = &mut offer.conditions {
        conditions.change_before_departure = Some(Condition {
            allowed: true,
            penalty: Some(samples::eur(change)),
        });
        conditions.refund_before_departure = Some(Condition {
            allowed: refund.is_some(),
            penalty: refund.map(samples::eur),
        });
    }
    offer
}

fn any_journey() -> impl Strategy<Value = (i64, i64, i64, Option<i64>)> {
    (
        0_i64..60_000,
        prop_oneof![Just(0), 0_i64..9_000],
        0_i64..9_000,
        prop::option::of(0_i64..70_000),
    )
}

proptest! {
    #[test]
    fn changed_and_ended_orders_owe_nothing_but_what_was_kept(
        journeys in prop::collection::vec(any_journey(), 2..5),
        voided in any::<bool>(),
    ) {
        let mut journeys = (1_u8..).zip(journeys);
        let offer = |(number, (fare, tax, change, refund))| journey(number, fare, tax, change, refund);
        let mut books = Books::sold(offer(journeys.next().expect("two or more")));
        for (number, next) in journeys.by_ref().enumerate() {
            // Changing gives no more back than cancelling would have, and makes no more of it refundable.
            let before = books.brought();
            let back = cancellation::terms(&books.order, NOW).expect("ticketed").refund;
            books.change(number, offer(next));
            let then = cancellation::terms(&books.order, NOW).expect("ticketed").refund;
            let carriage = |order: &Order| order.price().map_or(0, |price| price.carriage());
            prop_assert!(before - books.brought() <= amount(&back));
            prop_assert!(amount(&then) <= books.brought());
            let price = books.order.price().expect("adds up");
            let (_, earned) = books.owed();
            prop_assert_eq!(books.brought(), price.total + earned);
            prop_assert!(carriage(&books.order) >= books.order.state.nonrefundable);
        }
        let ids = books.refund_ids();
        let ended = if voided {
            books.order.void(&ids, NOW)
        } else {
            let quote = cancellation::quote(&books.order, "ocn_1".to_owned(), NOW).expect("ticketed");
            quote.confirm(&books.order, &ids, NOW)
        };
        books.take(ended.expect("ticketed"));
        let (owed, earned) = books.owed();
        let brought = books.brought();
        if voided {
            prop_assert_eq!((owed, earned, brought), (Vec::new(), 0, 0));
        } else {
            prop_assert_eq!((owed, earned), (Vec::new(), brought));
        }
    }
}
