//! How integers are written.

use serde_json::json;

use crate::support::app::App;
use crate::support::trials;

trials![integers_are_read_strictly];

async fn integers_are_read_strictly() {
    let app = App::shared().await;
    let account = app.account().await;
    for text in [
        "20.0",
        "2e1",
        "+20",
        "0x14",
        "%2020",
        "20%20",
        "2_0",
        "",
        "٢٠",
        "99999999999999999999",
        "%2B20",
        "020",
        "00",
        "-0",
        "--1",
        "20,0",
        "20%00",
        "1e1000",
    ] {
        let reply = account
            .client
            .get(format!("/public/v2/places?limit={text}"))
            .await
            .refused(400, "invalid_parameter");
        assert_eq!(reply.text("/errors/0/parameter"), "limit", "{text:?}");
    }
    // In JSON an integer may be written with a fraction of zero.
    let body = r#"{"slices": [{"origin": "LHR", "destination": "JFK", "departure_date": "2027-03-15"}],
        "passengers": [{"age": 28.0}], "max_connections": 0.0}"#;
    let call = account
        .client
        .call("POST", "/public/v2/offer-requests")
        .header("Content-Type", "application/json");
    let reply = call.bytes(body.as_bytes().to_vec()).await.expect(201);
    assert_eq!(reply.body["passengers"][0]["age"], json!(28));
}
