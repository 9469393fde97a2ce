//! `/partner/v1/availability`: seats by booking class.

use serde_json::Value;

use super::agent::{AVAILABILITY, HOLDS, agency, flight, seats};
use crate::support::app::Account;
use crate::support::client::Reply;
use crate::support::trials;

trials![
    classes_stand_from_the_highest_down_and_never_have_more_seats_below,
    what_is_held_is_not_for_sale_and_moves_the_version,
    a_search_that_makes_no_sense_has_warnings,
];

async fn find(account: &Account, query: &str) -> Reply {
    account
        .client
        .get(format!("{AVAILABILITY}?{query}"))
        .await
        .expect(200)
}

fn list<'v>(value: &'v Value, member: &str) -> &'v [Value] {
    value[member].as_array().expect("a list")
}

async fn classes_stand_from_the_highest_down_and_never_have_more_seats_below() {
    let (_app, account) = agency().await;
    let all = find(&account, "origin=LON&destination=NYC&date=2027-03-15").await;
    let flights = list(&all.body, "flights");
    assert!(flights.len() > 10, "two cities have more flights");
    let departures: Vec<&Value> = flights
        .iter()
        .map(|flight| &flight["departure"]["utc"])
        .collect();
    assert!(
        departures.is_sorted_by_key(|time| time.as_str()),
        "{departures:?}"
    );
    let mut cabins = std::collections::BTreeSet::new();
    for flight in flights {
        for pair in list(flight, "classes").windows(2) {
            if pair[0]["cabin"] == pair[1]["cabin"] {
                assert!(
                    pair[0]["seats"].as_i64() >= pair[1]["seats"].as_i64(),
                    "limits are nested: {pair:?}"
                );
            }
        }
        for class in list(flight, "classes") {
            cabins.insert(class["cabin"].as_str().expect("a cabin").to_owned());
        }
    }
    assert!(cabins.len() > 1, "{cabins:?}");
    let business = find(
        &account,
        "origin=LON&destination=NYC&date=2027-03-15&cabin=business",
    )
    .await;
    let classes = list(&business.body, "flights")
        .iter()
        .flat_map(|flight| list(flight, "classes"));
    let mut count = 0;
    for class in classes {
        count += 1;
        assert_eq!(class["cabin"], "business");
    }
    assert!(count > 0, "there is a business class");
}

async fn what_is_held_is_not_for_sale_and_moves_the_version() {
    let (_app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let hold = seats(&flight, &class, 9);
    let query = "origin=LHR&destination=JFK&date=2027-03-15&cabin=economy";
    let mut seen = vec![flight["version"].as_i64().expect("a version")];
    for round in 0..100 {
        let held = account.client.post(HOLDS, &hold).key(&format!("{round}"));
        if held.await.status == 409 {
            let now = find(&account, query).await;
            let same = list(&now.body, "flights")
                .iter()
                .find(|other| other["flight_number"] == flight["flight_number"])
                .expect("the flight");
            let left = list(same, "classes")
                .iter()
                .find(|other| other["booking_class"] == class.as_str())
                .expect("the class");
            assert!(left["seats"].as_i64().is_some_and(|seats| seats < 9));
            assert!(seen.windows(2).all(|pair| pair[0] != pair[1]), "{seen:?}");
            return;
        }
        let now = find(&account, query).await;
        let same = list(&now.body, "flights")
            .iter()
            .find(|other| other["flight_number"] == flight["flight_number"]);
        seen.push(
            same.expect("the flight")["version"]
                .as_i64()
                .expect("a version"),
        );
    }
    panic!("the class was never full")
}

async fn a_search_that_makes_no_sense_has_warnings() {
    let (_app, account) = agency().await;
    for (query, code) in [
        ("origin=LHR&destination=JFK&date=2020-01-01", "past_date"),
        (
            "origin=LHR&destination=QQQ&date=2027-03-15",
            "unknown_place",
        ),
        ("origin=LHR&destination=LHR&date=2027-03-15", "same_place"),
    ] {
        let found = find(&account, query).await;
        assert_eq!(list(&found.body, "flights").len(), 0, "{query}");
        assert_eq!(found.text("/warnings/0/code"), code, "{query}");
    }
    account
        .client
        .get(format!(
            "{AVAILABILITY}?origin=LHR&destination=JFK&date=tomorrow"
        ))
        .await
        .refused(400, "invalid_parameter");
}
