//! `/private/v1/flights`: the plan of a day, and what the airline changes of it.

use serde_json::json;

use super::{FLIGHTS, staff};
use crate::support::app::App;
use crate::support::trials;

trials![
    a_day_of_a_carrier_is_listed_page_by_page,
    a_flight_is_read_by_its_id,
    a_preview_changes_nothing,
    a_cancellation_names_the_version_that_was_seen,
    a_retimed_flight_shows_its_new_times,
    another_aircraft_brings_its_own_cabins,
    flights_that_have_left_stay_as_they_are,
];

const DAY: &str = "carrier=BA&date=2027-03-20&origin=LHR&destination=JFK";

async fn a_day_of_a_carrier_is_listed_page_by_page() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let all = staff.all(&format!("{FLIGHTS}?{DAY}"), 3).await;
    assert!(all.len() > 3, "{all:#?}");
    let numbers: Vec<i64> = all
        .iter()
        .map(|flight| flight["flight_number"].as_i64().expect("a number"))
        .collect();
    assert!(numbers.is_sorted(), "{numbers:?}");
    for flight in &all {
        assert_eq!(
            (&flight["carrier"], &flight["date"], &flight["status"]),
            (&json!("BA"), &json!("2027-03-20"), &json!("scheduled"))
        );
    }
    let one = staff.all(&format!("{FLIGHTS}?{DAY}&number=185"), 10).await;
    assert_eq!(one.len(), 1);
    assert_eq!(one[0]["id"], "flt_BA185-20270320-LHR-JFK");
    let none = staff.all(&format!("{FLIGHTS}?{DAY}&number=9999"), 10).await;
    assert_eq!(none, Vec::<serde_json::Value>::new());
    let nowhere = staff.client.get(format!("{FLIGHTS}?{DAY}&after=nothing"));
    nowhere.await.expect(200);
}

async fn a_flight_is_read_by_its_id() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/flt_BA185-20270320-LHR-JFK");
    let flight = staff.client.get(&target).await.expect(200);
    assert_eq!(
        flight.body,
        json!({
            "id": "flt_BA185-20270320-LHR-JFK",
            "carrier": "BA",
            "flight_number": 185,
            "date": "2027-03-20",
            "status": "scheduled",
            "departure": {"airport": "LHR", "local": "2027-03-20T13:00:00", "time_zone": "Europe/London", "utc": "2027-03-20T13:00:00Z"},
            "arrival": {"airport": "JFK", "local": "2027-03-20T17:05:00", "time_zone": "America/New_York", "utc": "2027-03-20T21:05:00Z"},
            "duration_minutes": 485,
            "aircraft": flight.body["aircraft"],
            "cabins": flight.body["cabins"],
            "version": 1,
        })
    );
    let known = staff.client.get(&target);
    known
        .header("If-None-Match", flight.header("ETag"))
        .await
        .expect(304);
    for id in [
        "flt_BA185-20270320-JFK-LHR",
        "flt_BA185-20271320-LHR-JFK",
        "flt_BA9998-20270320-LHR-JFK",
    ] {
        let unknown = staff.client.get(format!("{FLIGHTS}/{id}")).await;
        unknown.refused(404, "not_found");
    }
}

async fn a_preview_changes_nothing() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/flt_BA185-20270320-LHR-JFK");
    let before = staff.client.get(&target).await.expect(200);
    let cancelled = staff
        .client
        .post(format!("{target}/cancel"), &json!({"preview": true}))
        .key("look")
        .await
        .expect(200);
    assert_eq!(cancelled.text("/flight/status"), "cancelled");
    assert_eq!(cancelled.header("Idempotency-Replayed"), "false");
    let retimed = staff
        .client
        .post(
            format!("{target}/retime"),
            &json!({"preview": true, "shift_minutes": -30}),
        )
        .key("look")
        .await
        .expect(200);
    assert_eq!(retimed.text("/flight/status"), "retimed");
    assert_eq!(
        retimed.text("/flight/departure/utc"),
        "2027-03-20T12:30:00Z"
    );
    let after = staff.client.get(&target).await.expect(200);
    assert_eq!(after.body, before.body);
    // What a preview was asked under stays free.
    staff
        .client
        .post(format!("{target}/cancel"), &json!({"preview": false}))
        .key("look")
        .header("If-Match", after.header("ETag"))
        .await
        .expect(200);
}

async fn a_cancellation_names_the_version_that_was_seen() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/flt_BA185-20270320-LHR-JFK");
    let seen = staff.client.get(&target).await.expect(200);
    let tag = seen.header("ETag").to_owned();
    let cancel = |key: &str, tag: Option<&str>| {
        let call = staff
            .client
            .post(format!("{target}/cancel"), &json!({"preview": false}))
            .key(key);
        match tag {
            Some(tag) => call.header("If-Match", tag),
            None => call,
        }
    };
    cancel("a", None)
        .await
        .refused(428, "precondition_required");
    cancel("a", Some("\"99\""))
        .await
        .refused(412, "precondition_failed");
    let done = cancel("a", Some(&tag)).await.expect(200);
    assert_eq!(done.text("/flight/status"), "cancelled");
    assert_eq!(done.header("Idempotency-Replayed"), "false");
    assert_ne!(done.header("ETag"), tag);
    let again = cancel("a", Some(&tag)).await.expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body, done.body);
    // Another wish under the same key, and the same wish with what is stale by now.
    let other = staff
        .client
        .post(format!("{target}/cancel"), &json!({"preview": false}))
        .key("b")
        .header("If-Match", &tag);
    other.await.refused(412, "precondition_failed");
    let elsewhere = format!("{FLIGHTS}/flt_BA187-20270320-LHR-JFK/cancel");
    let reused = staff
        .client
        .post(elsewhere, &json!({"preview": false}))
        .key("a")
        .header("If-Match", "*");
    reused.await.refused(409, "idempotency_key_reused");
    let listed = format!("{FLIGHTS}?carrier=BA&date=2027-03-20&number=185");
    let listed = staff.client.get(listed).await.expect(200);
    assert_eq!(listed.text("/data/0/status"), "cancelled");
}

async fn a_retimed_flight_shows_its_new_times() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/flt_BA185-20270320-LHR-JFK");
    let retime = |key: &str, minutes: i32, tag: Option<&str>| {
        let call = staff
            .client
            .post(
                format!("{target}/retime"),
                &json!({"preview": false, "shift_minutes": minutes}),
            )
            .key(key);
        match tag {
            Some(tag) => call.header("If-Match", tag),
            None => call,
        }
    };
    retime("a", 45, None)
        .await
        .refused(428, "precondition_required");
    retime("a", 45, Some("\"99\""))
        .await
        .refused(412, "precondition_failed");
    let later = retime("a", 45, Some("*")).await.expect(200);
    assert_eq!(later.text("/flight/status"), "retimed");
    assert_eq!(later.text("/flight/departure/local"), "2027-03-20T13:45:00");
    assert_eq!(later.text("/flight/arrival/local"), "2027-03-20T17:50:00");
    let again = retime("a", 45, Some("*")).await.expect(200);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    retime("a", 46, Some("*"))
        .await
        .refused(409, "idempotency_key_reused");
    let read = staff.client.get(&target).await.expect(200);
    assert_eq!(read.body, later.body["flight"]);
    retime("b", 12 * 60, Some("*"))
        .await
        .refused(409, "invalid_state");
    let cancel = staff
        .client
        .post(format!("{target}/cancel"), &json!({"preview": false}))
        .key("c")
        .header("If-Match", "*");
    cancel.await.expect(200);
    retime("d", 10, Some("*"))
        .await
        .refused(409, "invalid_state");
}

async fn another_aircraft_brings_its_own_cabins() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/flt_BA185-20270320-LHR-JFK");
    let before = staff.client.get(&target).await.expect(200);
    let equip = |key: &str, preview: bool, aircraft: &str, tag: Option<&str>| {
        let body = json!({"preview": preview, "aircraft": aircraft});
        let call = staff
            .client
            .post(format!("{target}/change-equipment"), &body);
        let call = call.key(key);
        match tag {
            Some(tag) => call.header("If-Match", tag),
            None => call,
        }
    };
    // None of this name, and one that does not fly across an ocean.
    for aircraft in ["XXX", "AT7"] {
        let none = equip("a", true, aircraft, None).await;
        let none = none.refused(409, "aircraft_unsuitable");
        assert_eq!(none.text("/errors/0/pointer"), "/aircraft");
    }
    let look = equip("a", true, "788", None).await.expect(200);
    assert_eq!(look.text("/flight/aircraft/code"), "788");
    assert_eq!(
        staff.client.get(&target).await.expect(200).body,
        before.body
    );
    equip("a", false, "788", None)
        .await
        .refused(428, "precondition_required");
    equip("a", false, "788", Some("\"99\""))
        .await
        .refused(412, "precondition_failed");
    let seen = before.header("ETag");
    let done = equip("a", false, "788", Some(seen)).await.expect(200);
    let again = equip("a", false, "788", Some(seen)).await.expect(200);
    assert_eq!(done.header("Idempotency-Replayed"), "false");
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!((&done.body, done.header("ETag")), (&again.body, "\"2\""));
    equip("a", false, "789", Some("*"))
        .await
        .refused(409, "idempotency_key_reused");
    let read = staff.client.get(&target).await.expect(200);
    assert_eq!(read.body, done.body["flight"]);
    assert_eq!(
        read.body["cabins"], look.body["flight"]["cabins"],
        "as it was shown"
    );
    let cabins = |body: &serde_json::Value| {
        let cabins = body["cabins"].as_array().expect("cabins").clone();
        let seats = |cabin: &serde_json::Value| {
            let seats = cabin.get("seats").or(cabin.get("capacity"));
            (cabin["cabin"].clone(), seats.cloned())
        };
        cabins.iter().map(seats).collect::<Vec<_>>()
    };
    assert_eq!(cabins(&before.body).len(), 4);
    assert_eq!(cabins(&read.body).len(), 3);
    let inventory = staff.client.get(format!("{target}/inventory"));
    let inventory = inventory.await.expect(200);
    assert_eq!(cabins(&inventory.body), cabins(&read.body));

    // The type that was planned first takes its place again.
    let planned = before.text("/aircraft/code");
    let back = equip("b", false, planned, Some("*")).await.expect(200);
    assert_eq!(back.body["flight"]["cabins"], before.body["cabins"]);
    let cancel = staff
        .client
        .post(format!("{target}/cancel"), &json!({"preview": false}))
        .key("c")
        .header("If-Match", "*");
    cancel.await.expect(200);
    equip("d", false, "788", Some("*"))
        .await
        .refused(409, "invalid_state");
}

async fn flights_that_have_left_stay_as_they_are() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let target = format!("{FLIGHTS}/flt_BA185-20270228-LHR-JFK");
    for (verb, body) in [
        ("cancel", json!({"preview": true})),
        ("retime", json!({"preview": true, "shift_minutes": 10})),
        (
            "change-equipment",
            json!({"preview": true, "aircraft": "788"}),
        ),
    ] {
        let late = staff.client.post(format!("{target}/{verb}"), &body);
        late.key("late").await.refused(409, "invalid_state");
    }
}
