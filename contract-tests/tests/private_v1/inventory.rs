//! `/private/v1/flights/{flight_id}/inventory`: seats, limits, and why a class is closed; and that every door sells by them.

use serde_json::{Value, json};

use super::{FLIGHTS, flight_of, staff, staff_and_traveller};
use crate::support::app::App;
use crate::support::traveller::{order_of, to_new_york};
use crate::support::trials;

trials![
    limits_are_set_by_the_version_that_was_seen,
    limits_are_nested_or_refused,
    of_two_limits_of_a_class_the_last_counts,
    a_lowered_limit_closes_the_class_at_every_door_at_once,
    an_explanation_names_the_limit_that_binds,
    limits_of_one_world_are_not_those_of_another,
];

/// So long before departure that every class is sold.
const FLIGHT: &str = "flt_BA185-20270329-LHR-JFK";

fn limits(cabin: &str, limits: &[(&str, i64)]) -> Value {
    let limits: Vec<Value> = limits
        .iter()
        .map(|(class, limit)| json!({"booking_class": class, "limit": limit}))
        .collect();
    json!({ "cabin": cabin, "limits": limits })
}

/// The counters of a class.
fn class<'a>(inventory: &'a Value, letter: &str) -> &'a Value {
    let cabins = inventory["cabins"].as_array().expect("cabins");
    cabins
        .iter()
        .flat_map(|cabin| cabin["classes"].as_array().expect("classes"))
        .find(|class| class["booking_class"] == letter)
        .unwrap_or_else(|| panic!("no class {letter} in {inventory:#}"))
}

async fn limits_are_set_by_the_version_that_was_seen() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/{FLIGHT}/inventory");
    let seen = staff.client.get(&target).await.expect(200);
    let tag = seen.header("ETag").to_owned();
    let known = staff.client.get(&target).header("If-None-Match", &tag);
    known.await.expect(304);
    let set = |body: &Value, tag: Option<&str>| {
        let call = staff.client.put(format!("{target}/limits"), body);
        match tag {
            Some(tag) => call.header("If-Match", tag),
            None => call,
        }
    };
    let lower = limits("economy", &[("L", 20), ("V", 10)]);
    set(&lower, None)
        .await
        .refused(428, "precondition_required");
    set(&lower, Some("\"77\""))
        .await
        .refused(412, "precondition_failed");
    let lowered = set(&lower, Some(&tag)).await.expect(200);
    assert_ne!(lowered.header("ETag"), tag);
    assert_eq!(class(&lowered.body, "V")["limit"], 10);
    assert_eq!(class(&lowered.body, "V")["available"], 10);
    assert_eq!(class(&lowered.body, "L")["available"], 20);
    assert_eq!(class(&lowered.body, "K"), class(&seen.body, "K"));
    let read = staff.client.get(&target).await.expect(200);
    assert_eq!(read.body, lowered.body);
    set(&lower, Some(&tag))
        .await
        .refused(412, "precondition_failed");
    set(&lower, Some("*")).await.expect(200);
}

async fn limits_are_nested_or_refused() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/{FLIGHT}/inventory");
    let before = staff.client.get(&target).await.expect(200);
    let above = class(&before.body, "K")["limit"].as_i64().expect("a limit");
    let set = |body: Value| {
        staff
            .client
            .put(format!("{target}/limits"), &body)
            .header("If-Match", "*")
    };
    for wrong in [
        limits("economy", &[("L", above + 1)]),
        limits("economy", &[("K", 5), ("L", 6)]),
        limits("economy", &[("K", 5)]),
        limits("economy", &[("Y", 999)]),
    ] {
        set(wrong).await.refused(409, "limits_not_nested");
    }
    set(limits("first", &[("V", 1)]))
        .await
        .refused(404, "not_found");
    let after = staff.client.get(&target).await.expect(200);
    assert_eq!(
        after.body, before.body,
        "what was refused has changed nothing"
    );
}

async fn of_two_limits_of_a_class_the_last_counts() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/{FLIGHT}/inventory/limits");
    let set = |wanted: &[(&str, i64)]| {
        let call = staff.client.put(&target, &limits("economy", wanted));
        call.header("If-Match", "*")
    };
    // The first would not be nested.
    let last = set(&[("V", 999), ("V", 4)]).await.expect(200);
    assert_eq!(class(&last.body, "V")["limit"], 4);
    set(&[("V", 3), ("V", 999)])
        .await
        .refused(409, "limits_not_nested");
    let target = format!("{FLIGHTS}/{FLIGHT}/inventory");
    let after = staff.client.get(&target).await.expect(200);
    assert_eq!(class(&after.body, "V")["limit"], 4);
}

async fn a_lowered_limit_closes_the_class_at_every_door_at_once() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let offers = traveller.offers(&to_new_york()).await;
    let offer = offers.first().expect("there are offers");
    let id = flight_of(offer);
    let sold = &offer["slices"][0]["segments"][0];
    let letter = sold["booking_class"].as_str().expect("a class");
    let target = format!("{FLIGHTS}/{id}/inventory");
    let inventory = staff.get(&target).await.expect(200);
    let cabin = &inventory.body["cabins"][0];
    let mut lower = Vec::new();
    for class in cabin["classes"].as_array().expect("classes").iter().rev() {
        lower.push((class["booking_class"].as_str().expect("a letter"), 0));
        if class["booking_class"] == letter {
            break;
        }
    }
    let closed = limits("economy", &lower);
    let set = staff.put(format!("{target}/limits"), &closed);
    set.header("If-Match", inventory.header("ETag"))
        .await
        .expect(200);
    // The search that comes next finds no such seat, and the offer that was made before can no longer be sold.
    for offer in traveller.offers(&to_new_york()).await {
        if flight_of(&offer) == id {
            let class = &offer["slices"][0]["segments"][0]["booking_class"];
            assert!(lower.iter().all(|(closed, _)| class != closed), "{class}");
        }
    }
    let late = traveller.order(&order_of(offer, Some("tok_visa")), "late");
    late.await.refused(409, "seats_unavailable");
}

async fn an_explanation_names_the_limit_that_binds() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/{FLIGHT}/inventory");
    let explain = async |query: &str| {
        staff
            .client
            .get(format!("{target}/explain?{query}"))
            .await
            .expect(200)
    };
    let open = explain("booking_class=V&seats=2").await;
    assert_eq!(open.body["available"], true);
    assert_eq!(open.text("/reason"), "open");
    let set = staff.client.put(
        format!("{target}/limits"),
        &limits("economy", &[("K", 7), ("L", 7), ("V", 7)]),
    );
    set.header("If-Match", "*").await.expect(200);
    let few = explain("booking_class=V&seats=8").await;
    assert_eq!(
        (&few.body["available"], &few.body["seats_available"]),
        (&json!(false), &json!(7))
    );
    assert_eq!(few.text("/reason"), "limit");
    let binding = few.text("/binding_class");
    let binds: Vec<&Value> = few.body["limits"]
        .as_array()
        .expect("limits")
        .iter()
        .filter(|limit| limit["binds"] == true)
        .collect();
    assert_eq!(binds.len(), 1, "{:#}", few.body);
    assert_eq!(binds[0]["booking_class"], binding);
    assert_eq!(binds[0]["left"], 7);
    assert!(few.text("/summary").contains(binding), "{:#}", few.body);
    let shut = staff
        .client
        .put(format!("{target}/limits"), &limits("economy", &[("V", 0)]));
    shut.header("If-Match", "*").await.expect(200);
    let none = explain("booking_class=V").await;
    assert_eq!(none.body["seats_available"], 0);
    assert_eq!(none.text("/binding_class"), "V");
    let cancel = staff
        .client
        .post(
            format!("{FLIGHTS}/{FLIGHT}/cancel"),
            &json!({"preview": false}),
        )
        .key("cancel")
        .header("If-Match", "*");
    cancel.await.expect(200);
    let gone = explain("booking_class=Y").await;
    assert_eq!(gone.text("/reason"), "cancelled");
    assert_eq!(gone.body["seats_available"], 0);
}

async fn limits_of_one_world_are_not_those_of_another() {
    let app = App::shared().await;
    let (one, other) = (staff(&app).await, staff(&app).await);
    let target = format!("{FLIGHTS}/{FLIGHT}/inventory");
    let before = other.client.get(&target).await.expect(200);
    let set = one
        .client
        .put(format!("{target}/limits"), &limits("economy", &[("V", 1)]));
    set.header("If-Match", "*").await.expect(200);
    let after = other.client.get(&target).await.expect(200);
    assert_eq!(after.body, before.body);
}
