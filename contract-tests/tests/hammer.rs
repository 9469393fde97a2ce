//! Many clients on the last seats of one flight; then inventory, orders, ledger and events agree.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::support::app::{Account, App};
use crate::support::audit;
use crate::support::client::Reply;
use crate::support::traveller::{order_of, search};
use crate::support::trials;

trials![
    the_last_seats_are_sold_once,
    every_way_an_order_can_end_leaves_the_books_in_order
];

/// Clients at once; more than a booking class ever shows seats.
const CLIENTS: usize = 24;
/// Journeys of each client where orders end in every way.
const ROUNDS: usize = 4;
/// Most orders of four seats until a class has fewer left than it has to show.
const FILLING_ORDERS_MAX: usize = 60;
/// The most seats that an offer tells of; there may be more.
const SEATS_TOLD_MAX: u64 = 9;

async fn the_last_seats_are_sold_once() {
    let app = App::shared().await;
    let accounts = neighbours(&app, 4).await;
    let flight = fill(&accounts[0]).await;
    let left = flight["seats_left"].as_u64().expect("seats are counted");
    // All have an offer of the same class before anybody orders.
    let mut offers = Vec::new();
    for client in 0..CLIENTS {
        let account = &accounts[client % accounts.len()];
        let offer = find(account, &flight, 1)
            .await
            .expect("the seats are offered to everybody");
        offers.push((account, offer));
    }
    let orders = offers
        .iter()
        .enumerate()
        .map(|(client, (account, offer))| async move {
            // Every client is impatient: it sends each request twice, under one key.
            let order = order_of(
                offer,
                if client % 3 == 0 {
                    None
                } else {
                    Some("tok_visa")
                },
            );
            let key = format!("last-seat-{client}");
            let twice = join_all((0..2).map(|_| account.order(&order, &key).into_future())).await;
            outcome(&twice)
        });
    let outcomes = tally(join_all(orders).await);
    let expected = BTreeMap::from([
        ("201".to_owned(), left),
        ("seats_unavailable".to_owned(), CLIENTS as u64 - left),
    ]);
    assert_eq!(outcomes, expected, "{left} seats were left");
    assert!(
        find(&accounts[0], &flight, 1).await.is_none(),
        "nothing is left to offer"
    );
    let (account, offer) = &offers[0];
    let target = format!(
        "/public/v2/offers/{}/price",
        offer["id"].as_str().expect("an id")
    );
    account
        .client
        .post_empty(target)
        .await
        .refused(409, "seats_unavailable");
    audit::agree(&app.clients, &accounts).await;
}

async fn every_way_an_order_can_end_leaves_the_books_in_order() {
    let app = App::shared().await;
    let accounts = neighbours(&app, 6).await;
    let journeys = (0..CLIENTS).map(|client| {
        let account = &accounts[client % accounts.len()];
        async move {
            for round in 0..ROUNDS {
                let offer = account.offer().await;
                one_journey(
                    account,
                    &offer,
                    client + round,
                    &format!("{client}-{round}"),
                )
                .await;
            }
        }
    });
    join_all(journeys).await;
    // What is held falls due, what is unknown is found out.
    accounts[0].advance("2027-03-04T00:00:00Z").await;
    let orders = audit::agree(&app.clients, &accounts).await;
    let ends: BTreeSet<&str> = orders
        .iter()
        .filter_map(|order| order["status"].as_str())
        .collect();
    assert_eq!(
        ends,
        BTreeSet::from(["cancelled", "expired", "failed", "ticketed"])
    );
}

/// Orders in one of the ways there are, and goes on from there.
async fn one_journey(account: &Account, offer: &Value, way: usize, key: &str) {
    let method = [
        "tok_visa",
        "tok_declined",
        "",
        "tok_unknown",
        "tok_visa",
        "",
    ][way % 6];
    let order = order_of(offer, Some(method).filter(|method| !method.is_empty()));
    let call = account
        .order(&order, &format!("order-{key}"))
        .header("Prefer", "wait=1");
    let made = call.await;
    match (made.status, way % 6) {
        (201, 4 | 5) => {
            let quote = account.quote(made.text("/id")).await;
            account
                .confirm(quote.text("/id"), &format!("cancel-{key}"))
                .await
                .expect(200);
        }
        (201, 2) if way.is_multiple_of(4) => {
            account
                .pay(made.text("/id"), "tok_visa", &format!("pay-{key}"))
                .await
                .expect(201);
        }
        (201 | 202, _) => {}
        (402, 1) => assert_eq!(made.code(), "payment_declined"),
        _ => {
            made.refused(409, "seats_unavailable");
        }
    }
}

/// Accounts in one new world.
async fn neighbours(app: &App, count: usize) -> Vec<Account> {
    let first = app.account().await;
    let mut accounts = vec![first];
    while accounts.len() < count {
        accounts.push(app.account_in(&accounts[0].world).await);
    }
    accounts
}

/// A short flight of a small aircraft, so that it fills up soon.
fn wanted(passengers: usize) -> Value {
    let mut wanted = search(
        &[("GLA", "BRR", "2027-03-15")],
        Value::from(vec![json!({"ptc": "ADT"}); passengers]),
    );
    wanted["max_connections"] = json!(0);
    wanted
}

/// The cheapest offer on a flight in its booking class, for this many passengers.
async fn find(account: &Account, flight: &Value, passengers: usize) -> Option<Value> {
    let offers = account.offers(&wanted(passengers)).await;
    let same = |offer: &&Value| {
        ["carrier", "flight_number", "booking_class"]
            .iter()
            .all(|member| segment(offer)[member] == flight[member])
    };
    let offer = offers
        .iter()
        .find(|offer| same(offer) && offer["hold_allowed"] == true)
        .or(offers.iter().find(same))?;
    Some(offer.clone())
}

fn segment(offer: &Value) -> &Value {
    &offer["slices"][0]["segments"][0]
}

/// Orders seats until a booking class of one flight has so few left that an offer counts them; returns its segment. With that
/// class all above it may still have seats, so it is the class that one looks at.
async fn fill(account: &Account) -> Value {
    for filled in 0..FILLING_ORDERS_MAX {
        let offers = account.offers(&wanted(1)).await;
        let few = |offer: &&Value| {
            let left = segment(offer)["seats_left"].as_u64().unwrap_or(0);
            offer["hold_allowed"] == true && left > 1 && left < SEATS_TOLD_MAX
        };
        if let Some(offer) = offers.iter().find(few) {
            return segment(offer).clone();
        }
        let offer = offers
            .iter()
            .find(|offer| offer["hold_allowed"] == true)
            .expect("there are seats");
        let several = find(account, segment(offer), 4)
            .await
            .expect("there are four seats");
        account
            .order(
                &order_of(&several, Some("tok_visa")),
                &format!("fill-{filled}"),
            )
            .await
            .expect(201);
    }
    panic!("{FILLING_ORDERS_MAX} orders did not fill it")
}

/// What came of a request that was sent twice: both say the same, or one was told to wait.
fn outcome(twice: &[Reply]) -> String {
    let said = |reply: &Reply| {
        if reply.status < 300 {
            reply.status.to_string()
        } else {
            reply.code().to_owned()
        }
    };
    let mut all: Vec<String> = twice
        .iter()
        .map(said)
        .filter(|said| said != "idempotency_in_progress")
        .collect();
    all.dedup();
    assert_eq!(all.len(), 1, "one key, one answer: {all:?}");
    all.remove(0)
}

fn tally(outcomes: Vec<String>) -> BTreeMap<String, u64> {
    outcomes
        .into_iter()
        .fold(BTreeMap::new(), |mut tally, outcome| {
            *tally.entry(outcome).or_default() += 1;
            tally
        })
}
