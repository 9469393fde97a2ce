//! Whether the passengers of an order are those that the offer was made for.
//!
//! The kind of a passenger follows from the age on the day of the first departure. Names and documents are not judged here.

use jiff::civil::Date;

use crate::rpc::booking::v1::OrderPassenger;
use crate::rpc::flights::v1::{Offer, Ptc};

/// The passengers in the order of the offer, each of the offer's kind; `None` when they are not the offer's.
pub fn matched(offer: &Offer, given: &[OrderPassenger]) -> Option<Vec<OrderPassenger>> {
    if given.len() != offer.passengers.len() {
        return None;
    }
    let day = first_day(offer)?;
    offer
        .passengers
        .iter()
        .map(|expected| {
            let mut same = given.iter().filter(|passenger| passenger.id == expected.id);
            let (passenger, None) = (same.next()?, same.next()) else {
                return None;
            };
            let says_so = passenger.ptc() == Ptc::Unspecified || passenger.ptc == expected.ptc;
            (says_so && fits(expected.ptc(), age(&passenger.born_on, day)?)).then(|| {
                OrderPassenger {
                    ptc: expected.ptc,
                    ..passenger.clone()
                }
            })
        })
        .collect()
}

fn fits(ptc: Ptc, age: i16) -> bool {
    match ptc {
        Ptc::Unspecified => false,
        Ptc::Adt => age >= 12,
        Ptc::Chd => (2..12).contains(&age),
        Ptc::Inf | Ptc::Ins => age < 2,
    }
}

fn first_day(offer: &Offer) -> Option<Date> {
    let departure = offer.slices.first()?.segments.first()?.departure.as_ref()?;
    departure.local.get(..10)?.parse().ok()
}

/// Whole years on `day`; `None` for somebody not yet born, or a date that is none.
fn age(born_on: &str, day: Date) -> Option<i16> {
    let born: Date = born_on.parse().ok()?;
    let had_birthday = (day.month(), day.day()) >= (born.month(), born.day());
    let years = day.year() - born.year() - i16::from(!had_birthday);
    (born <= day).then_some(years)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::booking::tests::samples;

    #[test]
    fn kinds_follow_from_the_age_on_the_day_of_departure() {
        let day = "2027-04-10".parse().expect("a date");
        for (born_on, years, ptc) in [
            ("2015-04-10", 12, Ptc::Adt),
            ("2015-04-11", 11, Ptc::Chd),
            ("2025-04-10", 2, Ptc::Chd),
            ("2025-04-11", 1, Ptc::Inf),
            ("2027-04-10", 0, Ptc::Ins),
            ("1928-02-29", 99, Ptc::Adt),
        ] {
            assert_eq!(age(born_on, day), Some(years), "{born_on}");
            assert!(fits(ptc, years), "{born_on}");
            let others = [Ptc::Adt, Ptc::Chd, Ptc::Inf]
                .into_iter()
                .filter(|&other| fits(other, years));
            assert_eq!(others.count(), 1, "{born_on}");
        }
        assert_eq!(age("2027-04-11", day), None);
        assert_eq!(age("1990-13-01", day), None);
    }

    #[test]
    fn passengers_are_those_of_the_offer_or_nobody() {
        let offer = samples::offer();
        let good = samples::passengers();
        let swapped: Vec<_> = good.iter().rev().cloned().collect();
        let sorted = matched(&offer, &swapped).expect("the order they come in does not matter");
        assert_eq!(
            sorted.iter().map(|p| p.ptc()).collect::<Vec<_>>(),
            [Ptc::Adt, Ptc::Inf]
        );

        let mut cases: Vec<(&str, Vec<OrderPassenger>)> = vec![
            ("one is missing", good[..1].to_vec()),
            ("one comes twice", vec![good[0].clone(), good[0].clone()]),
        ];
        for (why, change) in [
            (
                "unknown id",
                (|p| p.id = "pas_x".to_owned()) as fn(&mut OrderPassenger),
            ),
            ("too young", |p| p.born_on = "2020-01-01".to_owned()),
            ("says another kind", |p| p.set_ptc(Ptc::Chd)),
        ] {
            let mut passengers = good.clone();
            change(&mut passengers[0]);
            cases.push((why, passengers));
        }
        for (why, passengers) in cases {
            assert_eq!(matched(&offer, &passengers), None, "{why}");
        }
    }
}
