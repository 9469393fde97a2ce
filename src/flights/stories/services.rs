//! Bags and legroom: which are offered, and what offers cost with them.

use std::collections::BTreeSet;

use super::*;
use crate::flights::services::choose;

fn amount(money: &Option<crate::rpc::common::v1::Money>) -> i64 {
    money.as_ref().map_or(0, |money| money.amount)
}

fn all_of(offer: &rpc::Offer) -> Vec<rpc::ServiceChoice> {
    let services = offer.services.iter();
    let choice = |service: &rpc::OfferService| rpc::ServiceChoice {
        id: service.id.clone(),
        quantity: service.quantity_max,
    };
    services.map(choice).collect()
}

#[tokio::test]
async fn whatever_is_bought_adds_up_for_each_passenger_and_for_all() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let days = ["15", "17", "19", "21", "23", "25"].map(|day| format!("2027-03-{day}"));
    let ends = [("LHR", "JFK"), ("JFK", "LHR")].into_iter().cycle();
    let slices: Vec<_> = ends
        .zip(&days)
        .map(|((from, to), day)| (from, to, day.as_str()))
        .collect();
    let mut passengers = vec![rpc::Ptc::Adt; 7];
    passengers.extend([rpc::Ptc::Ins, rpc::Ptc::Inf]);
    let found = find(&service, &slices, &passengers).await;
    let offer = found.offers.first().expect("found");
    let ids: BTreeSet<_> = offer.services.iter().map(|service| &service.id).collect();
    assert_eq!(
        ids.len(),
        8 * 6 * 2,
        "of each passenger with a seat, slice and kind"
    );

    let priced = price(&service, here(NOW + 5), &offer.id).await;
    let priced = priced.expect("it is sold");
    assert_eq!(
        priced.services, offer.services,
        "at the prices of the offer"
    );
    let mut bought = offer.clone();
    choose(&mut bought, &all_of(offer)).expect("all are sold");
    let cost: i64 = offer
        .services
        .iter()
        .map(|service| amount(&service.amount) * i64::from(service.quantity_max))
        .sum();
    let total = |price: &Option<rpc::Price>| {
        let price = price.as_ref().expect("told");
        let charges = price.taxes.iter().chain(&price.fees);
        let parts: i64 = charges.map(|charge| amount(&charge.amount)).sum();
        assert_eq!(amount(&price.total), amount(&price.base) + parts);
        amount(&price.total)
    };
    assert_eq!(total(&bought.price), total(&offer.price) + cost);
    let each = bought.passenger_prices.iter();
    assert_eq!(
        each.map(|one| total(&one.price)).sum::<i64>(),
        total(&bought.price)
    );
    assert_eq!(bought.snapshot, offer.snapshot);
}

#[tokio::test]
async fn what_cannot_be_had_is_refused_where_it_stands() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let found = one_way(&service).await;
    let offer = &found.offers[0];
    let choices = all_of(offer);
    let too_many = |at: usize| {
        let mut choices = choices.clone();
        choices[at].quantity += 1;
        choices
    };
    let twice = [choices.clone(), choices.clone()].concat();
    let other = all_of(&one_way(&service).await.offers[0]);
    for (choices, at, member) in [
        (too_many(0), 0, "quantity"),
        (too_many(1), 1, "quantity"),
        (twice, 2, "id"),
        (other, 0, "id"),
    ] {
        match choose(&mut offer.clone(), &choices) {
            Err(crate::flights::Error::Service {
                at: a, member: m, ..
            }) => {
                assert_eq!((a, m), (at, member));
            }
            other => panic!("{other:?}"),
        }
    }
}
