//! What an order's price consists of, line by line, as the ledger wants to know it.
//!
//! Reads the price of an offer once and checks that its parts are its whole; sets no prices.

use crate::rpc::common::v1::Money;
use crate::rpc::events::v1::AmountLine;
use crate::rpc::flights::v1::{Charge, Offer};

/// A price whose lines are known to sum to its total, none of them negative.
#[derive(Clone, Debug, PartialEq)]
pub struct Breakdown {
    /// What is paid, in minor units.
    pub total: i64,
    /// ISO 4217.
    pub currency: String,
    /// Fare first, then surcharges, taxes and services; no empty ones.
    pub lines: Vec<AmountLine>,
}

impl Breakdown {
    /// The price of all passengers; `None` when its parts are not its whole to the minor unit.
    pub fn of(offer: &Offer) -> Option<Self> {
        let price = offer.price.as_ref()?;
        let total = price.total.as_ref()?;
        let charge = |kind: &str, owner: &str, charge: &Charge| AmountLine {
            kind: kind.to_owned(),
            code: charge.code.clone(),
            owner: owner.to_owned(),
            amount: charge.amount.clone(),
        };
        let (surcharges, services): (Vec<_>, Vec<_>) =
            price.fees.iter().partition(|fee| !fee.ancillary);
        let fare = AmountLine {
            kind: "fare".to_owned(),
            owner: offer.owner.clone(),
            amount: price.base.clone(),
            ..AmountLine::default()
        };
        let lines: Vec<AmountLine> = std::iter::once(fare)
            .chain(
                surcharges
                    .iter()
                    .map(|fee| charge("surcharge", &offer.owner, fee)),
            )
            .chain(
                price
                    .taxes
                    .iter()
                    .map(|tax| charge("tax", &tax.country, tax)),
            )
            .chain(
                services
                    .iter()
                    .map(|fee| charge("service", &offer.owner, fee)),
            )
            .collect();
        let sum = lines.iter().try_fold(0_i64, |sum, line| {
            let amount = line
                .amount
                .as_ref()
                .filter(|a| a.currency == total.currency && a.amount >= 0)?;
            sum.checked_add(amount.amount)
        })?;
        (sum == total.amount).then(|| Self {
            total: total.amount,
            currency: total.currency.clone(),
            lines: lines.into_iter().filter(|line| units(line) > 0).collect(),
        })
    }

    /// Minor units of what the carrier keeps when nothing of the fare comes back: fare and surcharges.
    pub fn carriage(&self) -> i64 {
        let carriage = self.lines.iter().filter(|line| is_carriage(line));
        carriage.map(units).sum()
    }

    /// Minor units of the services that were bought.
    pub fn services(&self) -> i64 {
        let services = self.lines.iter().filter(|line| line.kind == "service");
        services.map(units).sum()
    }

    /// `amount` minor units in the currency of the price.
    pub fn money(&self, amount: i64) -> Money {
        Money {
            amount,
            currency: self.currency.clone(),
        }
    }

    /// A line of another kind beside those of the price, over so many minor units; none of nothing.
    pub fn line(&self, kind: &str, units: i64) -> Option<AmountLine> {
        let carriage = self.lines.iter().find(|line| is_carriage(line));
        (units > 0).then(|| AmountLine {
            kind: kind.to_owned(),
            code: String::new(),
            owner: carriage.map_or_else(String::new, |line| line.owner.clone()),
            amount: Some(self.money(units)),
        })
    }

    /// How much of each line is kept, when `kept` minor units are in all: of services first, then of the fare, then of surcharges.
    /// Taxes are given back whole.
    pub fn waterfall(&self, kept: i64) -> Vec<(&AmountLine, i64)> {
        let mut left = kept.max(0);
        let mut shares: Vec<_> = self.lines.iter().map(|line| (line, 0)).collect();
        for kind in ["service", "fare", "surcharge"] {
            for (line, share) in shares.iter_mut().filter(|(line, _)| line.kind == kind) {
                *share = units(line).min(left);
                left -= *share;
            }
        }
        shares
    }

    /// Splits the price into what is given back and what of the carriage is kept as a penalty, when `kept` minor units are kept in
    /// all. What is kept of services is in neither: it was earned when it was paid.
    pub fn split(&self, kept: i64) -> (Vec<AmountLine>, Vec<AmountLine>) {
        let (mut back, mut penalty) = (Vec::new(), 0);
        for (line, share) in self.waterfall(kept) {
            if is_carriage(line) {
                penalty += share;
            }
            let amount = Some(self.money(units(line) - share));
            back.push(AmountLine {
                amount,
                ..line.clone()
            });
        }
        back.retain(|line| units(line) > 0);
        (back, self.line("penalty", penalty).into_iter().collect())
    }
}

/// Whether a line is what the carrier takes for flying.
fn is_carriage(line: &AmountLine) -> bool {
    matches!(line.kind.as_str(), "fare" | "surcharge")
}

/// Minor units of a line.
pub fn units(line: &AmountLine) -> i64 {
    line.amount.as_ref().map_or(0, |amount| amount.amount)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::tests::samples;
    use proptest::prelude::*;

    #[test]
    fn lines_are_the_total_or_there_is_no_price() {
        let offer = samples::offer();
        let price = Breakdown::of(&offer).expect("the sample adds up");
        let told: Vec<_> = price
            .lines
            .iter()
            .map(|l| (l.kind.as_str(), l.owner.as_str(), units(l)))
            .collect();
        assert_eq!(
            told,
            [
                ("fare", "LH", 30_000),
                ("surcharge", "LH", 5_000),
                ("tax", "DE", 2_000),
                ("tax", "US", 1_234)
            ]
        );
        let mut short = offer.clone();
        short
            .price
            .as_mut()
            .expect("priced")
            .total
            .as_mut()
            .expect("priced")
            .amount -= 1;
        assert_eq!(Breakdown::of(&short), None);
        let mut mixed = offer;
        mixed.price.as_mut().expect("priced").taxes[0]
            .amount
            .as_mut()
            .expect("priced")
            .currency = "USD".into();
        assert_eq!(Breakdown::of(&mixed), None);
    }

    #[test]
    fn services_are_kept_before_anything_of_the_fare() {
        let price = Breakdown::of(&samples::with_services(samples::offer())).expect("it adds up");
        assert_eq!((price.services(), price.carriage()), (9_000, 35_000));
        let kept = |amount| -> Vec<_> {
            let shares = price.waterfall(amount).into_iter();
            shares
                .map(|(line, share)| (line.kind.as_str(), share))
                .collect()
        };
        assert_eq!(
            kept(19_000),
            [
                ("fare", 10_000),
                ("surcharge", 0),
                ("tax", 0),
                ("tax", 0),
                ("service", 6_000),
                ("service", 3_000)
            ]
        );
        let (back, retained) = price.split(19_000);
        assert!(back.iter().all(|line| line.kind != "service"));
        assert_eq!(retained.iter().map(units).sum::<i64>(), 10_000);
        assert_eq!(back.iter().map(units).sum::<i64>(), price.total - 19_000);
        let (whole, nothing) = price.split(0);
        assert_eq!((whole, nothing.len()), (price.lines.clone(), 0));
    }

    proptest! {
        #[test]
        fn what_is_given_back_and_what_is_kept_are_the_whole(kept in -10_i64..60_000) {
            let price = Breakdown::of(&samples::offer()).expect("the sample adds up");
            let (back, retained) = price.split(kept);
            let sum = |lines: &[AmountLine]| lines.iter().map(units).sum::<i64>();
            prop_assert_eq!(sum(&back) + sum(&retained), price.total);
            prop_assert_eq!(sum(&retained), kept.clamp(0, 35_000));
            prop_assert!(back.iter().chain(&retained).all(|line| units(line) > 0));
        }
    }
}
