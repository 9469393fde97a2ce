//! `/public/v2/airlines`.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::support::app::App;
use crate::support::trials;

trials![airlines_come_by_code, unchanged_airlines_are_304];

async fn airlines_come_by_code() {
    let account = App::shared().await.account().await;
    let all = account.all("/public/v2/airlines", 100).await;
    let codes: Vec<&str> = all
        .iter()
        .filter_map(|airline| airline["code"].as_str())
        .collect();
    assert!(codes.is_sorted_by(|one, next| one < next), "{codes:?}");
    assert!(codes.len() > 500, "only {} airlines", codes.len());
    let british: Vec<&Value> = all
        .iter()
        .filter(|airline| airline["code"] == "BA")
        .collect();
    assert_json_snapshot!("airlines_ba", british);
}

async fn unchanged_airlines_are_304() {
    let account = App::shared().await.account().await;
    let reply = account.client.get("/public/v2/airlines").await.expect(200);
    account
        .client
        .get("/public/v2/airlines")
        .header("If-None-Match", reply.header("ETag"))
        .await
        .expect(304);
    account
        .client
        .get("/public/v2/airlines")
        .header("If-None-Match", "\"old\"")
        .await
        .expect(200);
}
