//! `/public/v2/events`: the ordered feed (I9).

use std::collections::{BTreeMap, HashMap};

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::app::{Account, App};
use crate::support::mask::masked;
use crate::support::{eventually, trials};

trials![
    a_journey_is_told_in_order,
    each_object_counts_from_one_without_gaps,
    the_feed_goes_on_where_one_left
];

const EVENTS: &str = "/public/v2/events";

/// Buys, cancels, holds and lets go.
async fn journeys(account: &Account) {
    let order = account.ticketed("order").await;
    let quote = account.quote(order.text("/id")).await;
    account
        .confirm(quote.text("/id"), "cancel")
        .await
        .expect(200);
    let held = account.held("hold").await;
    account.advance(held.text("/payment_required_by")).await;
}

/// What the journeys above cause.
const EVENTS_OF_JOURNEYS: usize = 10;

/// The feed once it tells of all that: events travel after the answer that caused them.
async fn feed(account: &Account) -> Vec<Value> {
    eventually("the feed", async || {
        let all = account.all(EVENTS, 100).await;
        (all.len() >= EVENTS_OF_JOURNEYS).then_some(all)
    })
    .await
}

async fn a_journey_is_told_in_order() {
    let account = App::shared().await.account().await;
    journeys(&account).await;
    // What happens to two objects has no order between them, so each is looked at by itself.
    let mut told: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for event in feed(&account).await {
        let object = event["object"]["id"].to_string();
        told.entry(object).or_default().push(event);
    }
    let mut told: Vec<Vec<Value>> = told.into_values().collect();
    told.sort_by_key(|events| (events[0]["type"].to_string(), events.len()));
    assert_json_snapshot!("events", masked(&json!(told)));
}

async fn each_object_counts_from_one_without_gaps() {
    let account = App::shared().await.account().await;
    journeys(&account).await;
    let mut last: HashMap<String, u64> = HashMap::new();
    for event in feed(&account).await {
        let sequence = last.entry(event["object"]["id"].to_string()).or_insert(0);
        *sequence += 1;
        assert_eq!(event["sequence"], *sequence, "{event:#}");
    }
}

async fn the_feed_goes_on_where_one_left() {
    let app = App::shared().await;
    let account = app.account().await;
    let neighbour = app.account_in(&account.world).await;
    neighbour.held("hold").await;
    journeys(&account).await;
    let all = feed(&account).await;
    assert_eq!(account.all(EVENTS, 2).await, all);
    for (at, event) in all.iter().enumerate() {
        let id = event["id"].as_str().expect("an id");
        let rest = account
            .client
            .get(format!("{EVENTS}?after={id}"))
            .await
            .expect(200);
        assert_eq!(rest.body["data"], json!(all[at + 1..]));
    }
    let ticketed = account
        .client
        .get(format!("{EVENTS}?type=order.ticketed"))
        .await
        .expect(200);
    let expected: Vec<&Value> = all
        .iter()
        .filter(|event| event["type"] == "order.ticketed")
        .collect();
    assert_eq!(
        (ticketed.body["data"].clone(), expected.len()),
        (json!(expected), 1)
    );
    let unknown = account
        .client
        .get(format!("{EVENTS}?after=evt_00000000000000000000000001"))
        .await
        .expect(200);
    assert_eq!(unknown.body["data"], json!([]));
    let theirs = eventually("the neighbour's feed", async || {
        neighbour.all(EVENTS, 100).await.pop()
    })
    .await;
    let id = theirs["id"].as_str().expect("an id");
    let nowhere = account.client.get(format!("{EVENTS}?after={id}"));
    assert_eq!(nowhere.await.expect(200).body["data"], json!([]));
    let never = account
        .client
        .get(format!("{EVENTS}?type=order.never"))
        .await
        .expect(200);
    assert_eq!(never.body["data"], json!([]));
}
