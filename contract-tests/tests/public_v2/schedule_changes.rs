//! `/public/v2/schedule-changes`: what the airline changed, and agreeing to it.

use serde_json::{Value, json};

use crate::private_v1::{FLIGHTS, flight_of, staff_and_traveller};
use crate::support::app::{Account, App};
use crate::support::client::{Call, Client, Reply};
use crate::support::mask::masked;
use crate::support::traveller::{order_of, to_new_york};
use crate::support::{eventually, trials};

trials![
    new_times_are_agreed_to_and_the_way_out_costs_again,
    only_what_is_open_and_ones_own_is_agreed_to,
];

const ACCEPT: &str = "accept_schedule_change";

/// A ticketed order of a fare that keeps something when it is given back.
async fn strict(traveller: &Account) -> Reply {
    let offers = traveller.offers(&to_new_york()).await;
    let offer = offers.iter().find(|offer| offer["fare_brand"] != "flex");
    let order = order_of(offer.expect("there is a strict fare"), Some("tok_visa"));
    traveller.order(&order, "order").await.expect(201)
}

/// Moves a flight, or takes it out of the plan; not sent yet.
fn replan(staff: &Client, flight: &str, shift: Option<i32>) -> Call {
    let (verb, body) = match shift {
        Some(minutes) => (
            "retime",
            json!({"preview": false, "shift_minutes": minutes}),
        ),
        None => ("cancel", json!({"preview": false})),
    };
    let target = format!("{FLIGHTS}/{flight}/{verb}");
    let key = format!("{verb}-{}", shift.unwrap_or_default());
    let call = staff.post(target, &body).key(&key);
    call.header("If-Match", "*")
}

/// The order once the airline has changed it so many times.
async fn changed(traveller: &Account, order: &Reply, times: usize) -> Reply {
    eventually("the order is told", async || {
        let told = traveller.read(order.text("/id")).await;
        let changes = told.body["schedule_changes"].as_array().map(Vec::len);
        Some(told).filter(|_| changes == Some(times))
    })
    .await
}

fn accept(account: &Account, change: &str) -> Call {
    let target = format!("/public/v2/schedule-changes/{change}/accept");
    account.client.post_empty(target)
}

fn may_accept(order: &Value) -> bool {
    let actions = order["available_actions"].as_array();
    actions.is_some_and(|actions| actions.contains(&json!(ACCEPT)))
}

async fn new_times_are_agreed_to_and_the_way_out_costs_again() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let order = strict(&traveller).await;
    assert!(!may_accept(&order.body));
    let kept = traveller.quote(order.text("/id")).await.body["penalty"].clone();
    let flight = flight_of(&order.body);
    replan(&staff, &flight, Some(95)).await.expect(200);
    let told = changed(&traveller, &order, 1).await;
    assert!(may_accept(&told.body), "{:#}", told.body);
    let free = traveller.quote(order.text("/id")).await;
    assert_eq!(free.body["penalty"]["amount"], 0);

    let change = told.text("/schedule_changes/0/id").to_owned();
    let accepted = accept(&traveller, &change).await.expect(200);
    assert_eq!(
        accepted.header("ETag"),
        format!("\"{}\"", accepted.body["version"])
    );
    assert!(!may_accept(&accepted.body), "{:#}", accepted.body);
    let answered = &accepted.body["schedule_changes"][0];
    assert_eq!(answered["status"], "accepted");
    let flown = |order: &Value, member: &str| order["slices"][0]["segments"][0][member].clone();
    for (member, after) in [
        ("departure", "departure_after"),
        ("arrival", "arrival_after"),
    ] {
        assert_eq!(flown(&accepted.body, member), answered[after]);
        assert_ne!(flown(&order.body, member), answered[after]);
    }
    // Both ends are moved alike, so it takes as long as before.
    for pointer in [
        "/slices/0/duration_minutes",
        "/slices/0/segments/0/duration_minutes",
        "/price",
        "/tickets",
        "/status",
    ] {
        let was = order.body.pointer(pointer);
        assert_eq!(accepted.body.pointer(pointer), was, "{pointer}");
    }
    let again = accept(&traveller, &change).await.expect(200);
    assert_eq!(masked(&again.body), masked(&accepted.body));
    assert_eq!(again.header("ETag"), accepted.header("ETag"));

    // What was free is no longer, and the free quote does not stand.
    let strict = traveller.quote(order.text("/id")).await;
    assert_eq!(strict.body["penalty"], kept);
    let late = traveller.confirm(free.text("/id"), "late");
    late.await.refused(410, "quote_expired");

    // The feeds of both majors tell of it once.
    let kind = "order.schedule_change_accepted";
    for feed in ["/public/v2/events", "/public/v1/events"] {
        let told = eventually("it is told", async || {
            let events = traveller.client.get(format!("{feed}?type={kind}")).await;
            let told = events.expect(200).body["data"].as_array().cloned();
            told.filter(|told| !told.is_empty())
        });
        let told = told.await;
        assert_eq!(told.len(), 1, "{feed}");
        assert_eq!(told[0]["object"]["id"], order.body["id"]);
    }
}

async fn only_what_is_open_and_ones_own_is_agreed_to() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let order = strict(&traveller).await;
    let flight = flight_of(&order.body);
    replan(&staff, &flight, Some(40)).await.expect(200);
    let first = changed(&traveller, &order, 1).await;
    let first = first.text("/schedule_changes/0/id").to_owned();
    // Neither in the same world nor in another does anybody else find it.
    let beside = app.account_in(&traveller.world).await;
    for other in [&beside, &app.account().await] {
        accept(other, &first).await.refused(404, "not_found");
    }
    let unknown = "scg_00000000000000000000000000";
    accept(&traveller, unknown).await.refused(404, "not_found");

    replan(&staff, &flight, Some(70)).await.expect(200);
    let second = changed(&traveller, &order, 2).await;
    let replaced = accept(&traveller, &first).await;
    let replaced = replaced.refused(409, "invalid_state");
    assert_eq!(
        replaced.body["detail"],
        "the schedule change is no longer open"
    );
    let second = second.text("/schedule_changes/1/id").to_owned();
    accept(&traveller, &second).await.expect(200);

    replan(&staff, &flight, None).await.expect(200);
    let third = changed(&traveller, &order, 3).await;
    assert!(!may_accept(&third.body), "{:#}", third.body);
    let third = third.text("/schedule_changes/2/id").to_owned();
    let cancelled = accept(&traveller, &third).await;
    let cancelled = cancelled.refused(409, "invalid_state");
    assert_eq!(
        cancelled.text("/detail"),
        "the flight, or the cabin of the order on it, is no longer flown, which nobody can accept: change the order, or cancel it"
    );
    // Money back then; and what is over is not agreed to any more.
    let quote = traveller.quote(order.text("/id")).await;
    assert_eq!(quote.body["refund"], order.body["price"]["total"]);
    let confirmed = traveller.confirm(quote.text("/id"), "confirm");
    confirmed.await.expect(200);
    let over = accept(&traveller, &third).await;
    over.refused(409, "invalid_state");
}
