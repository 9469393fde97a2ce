//! `/private/v1/fares`: negotiated fares.

use serde_json::json;

use super::staff;
use crate::support::app::App;
use crate::support::trials;

trials![
    a_fare_is_filed_once_a_key,
    a_fare_is_of_what_there_is,
    a_discontinued_fare_stays_readable,
    fares_are_listed_by_carrier_and_code,
];

const FARES: &str = "/private/v1/fares";

async fn a_fare_is_filed_once_a_key() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let fare = json!({
        "carrier": "BA", "origin": "LHR", "destination": "NYC", "cabin": "economy", "account_code": "TEST1",
        "discount_basis_points": 1250, "valid_from": "2027-03-01", "valid_until": "2027-06-30",
    });
    let filed = staff.client.post(FARES, &fare).key("a").await.expect(201);
    for (name, value) in fare.as_object().expect("an object") {
        assert_eq!(filed.body[name], *value, "{name}");
    }
    assert_eq!(filed.text("/status"), "active");
    assert_eq!(filed.text("/created_at"), "2027-03-01T09:00:00Z");
    assert_eq!(filed.header("Idempotency-Replayed"), "false");
    let again = staff.client.post(FARES, &fare).key("a").await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    assert_eq!(again.body, filed.body);
    let mut other = fare.clone();
    other["discount_basis_points"] = json!(1300);
    let reused = staff.client.post(FARES, &other).key("a").await;
    reused.refused(409, "idempotency_key_reused");
    let read = staff.client.get(filed.header("Location")).await.expect(200);
    assert_eq!(read.body, filed.body);
    let known = staff.client.get(filed.header("Location"));
    known
        .header("If-None-Match", read.header("ETag"))
        .await
        .expect(304);
}

async fn a_fare_is_of_what_there_is() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let fare = json!({"carrier": "BA", "account_code": "TEST3", "discount_basis_points": 1});
    for (member, value) in [("carrier", "ZZ"), ("origin", "XXX"), ("destination", "XXX")] {
        let mut unknown = fare.clone();
        unknown[member] = json!(value);
        let refused = staff.client.post(FARES, &unknown).key("a").await;
        refused.refused(404, "not_found");
    }
    let mut reversed = fare;
    reversed["valid_from"] = json!("2027-03-02");
    reversed["valid_until"] = json!("2027-03-01");
    let refused = staff.client.post(FARES, &reversed).key("a").await;
    refused.refused(409, "invalid_state");
}

async fn a_discontinued_fare_stays_readable() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let fare = json!({"carrier": "BA", "account_code": "TEST2", "discount_basis_points": 1});
    let filed = staff.client.post(FARES, &fare).key("a").await.expect(201);
    let target = filed.header("Location").to_owned();
    let end = || staff.client.post_empty(format!("{target}/discontinue"));
    let ended = end().await.expect(200);
    assert_eq!(ended.text("/status"), "discontinued");
    let again = end().await.expect(200);
    assert_eq!(again.body, ended.body);
    let read = staff.client.get(&target).await.expect(200);
    assert_eq!(read.body, ended.body);
    // The key still names what was filed under it.
    let repeat = staff.client.post(FARES, &fare).key("a").await.expect(201);
    assert_eq!(repeat.body["id"], filed.body["id"]);
    assert_eq!(repeat.header("Idempotency-Replayed"), "true");
}

async fn fares_are_listed_by_carrier_and_code() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    for (key, carrier, code) in [("a", "BA", "ONE"), ("b", "BA", "TWO"), ("c", "AF", "ONE")] {
        let fare = json!({"carrier": carrier, "account_code": code, "discount_basis_points": 100});
        staff.client.post(FARES, &fare).key(key).await.expect(201);
    }
    for (query, count) in [
        ("", 3),
        ("carrier=BA", 2),
        ("account_code=ONE", 2),
        ("carrier=AF&account_code=ONE", 1),
        ("carrier=LH", 0),
    ] {
        let found = staff.all(&format!("{FARES}?{query}"), 1).await;
        assert_eq!(found.len(), count, "{query}");
    }
}
