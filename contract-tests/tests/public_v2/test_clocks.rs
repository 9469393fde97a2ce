//! `/public/v2/test-clocks`: time in the sandbox.

use serde_json::json;

use crate::support::app::App;
use crate::support::traveller::ORDERS;
use crate::support::{eventually, trials};

trials![
    a_clock_moves_forward_only,
    what_is_due_on_the_way_happens,
    seats_of_expired_holds_return
];

async fn a_clock_moves_forward_only() {
    let account = App::shared().await.account().await;
    let target = format!("/public/v2/test-clocks/{}", account.clock_id);
    let start = account.client.get(&target).await.expect(200);
    assert_eq!(
        start.body,
        json!({"id": account.clock_id, "now": "2027-03-01T09:00:00Z"})
    );
    let moved = account.advance("2027-03-01T09:01:00.5Z").await;
    assert_eq!(moved.text("/now"), "2027-03-01T09:01:00.5Z");
    account.advance("2027-03-01T09:01:00.5Z").await;
    let back = json!({"to": "2027-03-01T09:01:00Z"});
    account
        .client
        .post(format!("{target}/advance"), &back)
        .await
        .refused(409, "clock_moves_forward");
    assert_eq!(
        account.client.get(&target).await.expect(200).body,
        moved.body
    );
    let held = account.held("hold").await;
    assert_eq!(
        held.text("/created_at"),
        moved.text("/now"),
        "an order is made at the time of its world"
    );
}

async fn what_is_due_on_the_way_happens() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    account.advance("2028-03-01T00:00:00Z").await;
    let expired = account
        .client
        .get(format!("{ORDERS}?status=expired"))
        .await
        .expect(200);
    assert_eq!(expired.body["data"][0]["id"], held.body["id"]);
    assert_eq!(
        account
            .client
            .get(format!("{ORDERS}?status=held"))
            .await
            .expect(200)
            .body["data"],
        json!([])
    );
    // It has not only come to look so.
    let events = "/public/v2/events?type=order.expired";
    eventually("the event", async || {
        let told = account.client.get(events).await.expect(200);
        (told.body["data"][0]["object"]["id"] == held.body["id"]).then_some(())
    })
    .await;
}

async fn seats_of_expired_holds_return() {
    let app = App::shared().await;
    let account = app.account().await;
    let held = account.held("hold").await;
    assert_eq!(app.seats(&account).await, (0, 1));
    account.advance(held.text("/payment_required_by")).await;
    // Flights keeps the seats a little longer, so that a payment begun in time ends well; an expired order gives them back itself.
    eventually("the seats' return", async || {
        (app.seats(&account).await == (0, 0)).then_some(())
    })
    .await;
}
