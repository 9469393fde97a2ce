//! Giving money back: by which of an order's payments, and what each part of it is of.
//!
//! The oldest payment first, for it is the one that the customer knows; each at most what it brought and has not given back.

use super::change::Change;
use super::order::Refusal;
use super::price::units;
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::{OrderPayment, OrderStatus, PaymentStatus};
use crate::rpc::common::v1::Money;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{AmountLine, ExchangeRequested, RefundRequested};

/// What is to be given back: all of `lines`, while `retained` is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Due {
    /// The cancellation or order change that it belongs to; empty for none.
    pub cause_id: String,
    pub lines: Vec<AmountLine>,
    pub retained: Vec<AmountLine>,
}

/// Minor units that each captured payment of an order can still give back, the oldest first.
pub fn left(order: &pb::Order) -> Vec<(OrderPayment, i64)> {
    let captured = order.payments.iter().filter(|p| p.status == "captured");
    let left = captured.map(|payment| {
        let given = order
            .refunds
            .iter()
            .filter(|refund| refund.payment_id == payment.id && refund.status != "failed");
        let given: i64 = given.map(|refund| amount(refund.amount.as_ref())).sum();
        (payment.clone(), amount(payment.amount.as_ref()) - given)
    });
    left.collect()
}

/// How much of `amount` each payment gives back that has so much left; `None` when all of them have too little.
pub fn waterfall(left: &[i64], amount: i64) -> Option<Vec<i64>> {
    let mut open = amount;
    let shares = left.iter().map(|&left| {
        let share = left.clamp(0, open.max(0));
        open -= share;
        share
    });
    let shares = shares.collect();
    (open == 0).then_some(shares)
}

/// Takes the first `amount` minor units off the lines, and divides the line in which they end.
fn cut(lines: &mut Vec<AmountLine>, amount: i64) -> Vec<AmountLine> {
    let (mut taken, mut rest, mut open) = (Vec::new(), Vec::new(), amount);
    for line in lines.drain(..) {
        let part = units(&line).min(open);
        open -= part;
        for (part, to) in [(part, &mut taken), (units(&line) - part, &mut rest)] {
            if part > 0 {
                to.push(of(&line, part));
            }
        }
    }
    *lines = rest;
    taken
}

/// The same line over another amount of minor units.
fn of(line: &AmountLine, units: i64) -> AmountLine {
    let mut line = line.clone();
    if let Some(amount) = &mut line.amount {
        amount.amount = units;
    }
    line
}

fn amount(money: Option<&Money>) -> i64 {
    money.map_or(0, |money| money.amount)
}

/// The payment status of an order whose refunds have just been answered.
pub fn payment_status(order: &pb::Order) -> PaymentStatus {
    // What a change gave back was more than the order costs now: it is paid.
    if matches!(
        order.status(),
        OrderStatus::Confirmed | OrderStatus::Ticketed
    ) {
        return PaymentStatus::Paid;
    }
    let back = order.refunds.iter().filter(|r| r.status == "succeeded");
    let back: i64 = back.map(|refund| amount(refund.amount.as_ref())).sum();
    let captured = order.payments.iter().filter(|p| p.status == "captured");
    let captured: i64 = captured.map(|p| amount(p.amount.as_ref())).sum();
    match back == captured {
        true => PaymentStatus::Refunded,
        false => PaymentStatus::PartiallyRefunded,
    }
}

/// How far the refunds of one of these causes are, in a word.
pub fn status_of(order: &pb::Order, causes: &[&str]) -> &'static str {
    let own = |refund: &&pb::Refund| causes.contains(&refund.cause_id.as_str());
    let any = |status: &&str| {
        let mut own = order.refunds.iter().filter(own);
        own.any(|refund| refund.status == *status)
    };
    ["requested", "failed", "succeeded"]
        .into_iter()
        .find(any)
        .unwrap_or("none")
}

impl Change {
    /// Asks for money back by the captured payments. `ids` are as many as the order has payments. Nothing is asked when nothing
    /// is due; what is kept then is told by itself, for it is earned all the same.
    pub(super) fn ask_refunds(
        &mut self,
        mut due: Due,
        ids: &[String],
        now_us: i64,
    ) -> Result<(), Refusal> {
        let left = left(&self.order.state);
        let amounts: Vec<i64> = left.iter().map(|(_, left)| *left).collect();
        let whole = due.lines.iter().map(units).sum();
        let shares = waterfall(&amounts, whole).ok_or(Refusal::PriceBroken)?;
        let asked = left.into_iter().zip(shares).filter(|(_, share)| *share > 0);
        for (((payment, _), share), id) in asked.zip(ids) {
            let lines = cut(&mut due.lines, share);
            let retained = std::mem::take(&mut due.retained);
            let amount = payment.amount.map(|whole| Money {
                amount: share,
                ..whole
            });
            self.order.state.refunds.push(pb::Refund {
                id: id.clone(),
                payment_id: payment.id.clone(),
                amount: amount.clone(),
                status: "requested".to_owned(),
                created_at_us: now_us,
                cause_id: due.cause_id.clone(),
            });
            let asked = RefundRequested {
                refund_id: id.clone(),
                payment_id: payment.id.clone(),
                order_id: self.order.state.id.clone(),
                amount,
                lines,
                retained,
            };
            self.ask("refund.requested", payment.id, Data::RefundRequested(asked));
        }
        let payments = &self.order.state.payments;
        let paid = payments.iter().find(|one| one.status == "captured");
        if let Some(paid) = paid.cloned().filter(|_| !due.retained.is_empty()) {
            let carriage = |kept: &AmountLine| AmountLine {
                kind: "fare".to_owned(),
                ..kept.clone()
            };
            let asked = ExchangeRequested {
                exchange_id: due.cause_id,
                payment_id: paid.id.clone(),
                order_id: self.order.state.id.clone(),
                replaced: due.retained.iter().map(carriage).collect(),
                lines: due.retained,
            };
            let data = Data::ExchangeRequested(asked);
            self.ask("exchange.requested", paid.id, data);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(kind: &str, units: i64) -> AmountLine {
        AmountLine {
            kind: kind.to_owned(),
            amount: Some(Money {
                amount: units,
                currency: "EUR".to_owned(),
            }),
            ..AmountLine::default()
        }
    }

    #[test]
    fn the_oldest_payment_gives_back_first() {
        assert_eq!(waterfall(&[300, 100], 250), Some(vec![250, 0]));
        assert_eq!(waterfall(&[300, 100], 350), Some(vec![300, 50]));
        assert_eq!(waterfall(&[300, 100], 401), None);
        assert_eq!(waterfall(&[0, 100], 100), Some(vec![0, 100]));
        assert_eq!(waterfall(&[], 0), Some(Vec::new()));
    }

    #[test]
    fn a_line_is_divided_where_a_share_ends() {
        let mut lines = vec![line("fare", 70), line("tax", 30)];
        let first = cut(&mut lines, 80);
        assert_eq!(first, [line("fare", 70), line("tax", 10)]);
        assert_eq!(lines, [line("tax", 20)]);
    }

    proptest! {
        #[test]
        fn shares_are_the_whole_and_never_more_than_is_left(
            left in prop::collection::vec(0_i64..1_000, 0..5),
            amounts in prop::collection::vec(1_i64..500, 0..6),
        ) {
            let amount: i64 = amounts.iter().sum();
            let Some(shares) = waterfall(&left, amount) else {
                prop_assert!(left.iter().sum::<i64>() < amount);
                return Ok(());
            };
            prop_assert_eq!(shares.iter().sum::<i64>(), amount);
            prop_assert!(shares.iter().zip(&left).all(|(share, left)| (0..=*left).contains(share)));
            let mut lines: Vec<AmountLine> = amounts.iter().map(|&units| line("fare", units)).collect();
            for share in shares {
                let part = cut(&mut lines, share);
                prop_assert_eq!(part.iter().map(units).sum::<i64>(), share);
            }
            prop_assert_eq!(lines, []);
        }
    }
}
