//! Pages by number: of orders, places, airlines and offers.

use super::{ORDERS, ordered, to_new_york};

use crate::support::app::App;
use crate::support::trials;

trials![
    orders_are_found_page_by_page,
    one_state_stands_for_several,
    pages_reach_the_thousandth_entry,
    reference_data_is_revalidated,
    offers_are_sorted_and_paged,
];

async fn orders_are_found_page_by_page() {
    let account = App::shared().await.account().await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let order = ordered(&account, None).await;
        made.insert(0, order.body["id"].clone());
    }
    let page = |number: u32| {
        account
            .client
            .get(format!("{ORDERS}?page={number}&per_page=2"))
    };
    let first = page(1).await.expect(200);
    assert_eq!(first.body["has_more"], true);
    assert_eq!(first.body["page"], 1);
    let link = first.header("Link");
    assert!(
        link.contains("</public/v1/orders?page=2&per_page=2>; rel=\"next\""),
        "{link}"
    );
    let second = page(2).await.expect(200);
    assert_eq!(second.body["has_more"], false);
    let ids: Vec<_> = [&first, &second]
        .into_iter()
        .flat_map(|page| page.body["data"].as_array().expect("a list"))
        .map(|order| order["id"].clone())
        .collect();
    assert_eq!(ids, made, "the newest first");
    let beyond = page(3).await.expect(200);
    assert_eq!(beyond.body["data"].as_array().map(Vec::len), Some(0));
}

async fn one_state_stands_for_several() {
    let account = App::shared().await.account().await;
    let paid = ordered(&account, Some("tok_visa")).await;
    let held = ordered(&account, None).await;
    for (status, order) in [("confirmed", &paid), ("held", &held)] {
        let target = format!("{ORDERS}?status={status}&client_reference=older");
        let found = account.client.get(target).await.expect(200);
        let data = found.body["data"].as_array().expect("a list");
        assert_eq!(data.len(), 1, "{status}");
        assert_eq!(data[0]["id"], order.body["id"], "{status}");
    }
    let none = account.client.get(format!("{ORDERS}?status=failed"));
    assert_eq!(
        none.await.expect(200).body["data"].as_array().map(Vec::len),
        Some(0)
    );
}

async fn pages_reach_the_thousandth_entry() {
    let account = App::shared().await.account().await;
    // There are thousands of places.
    for (page, entries, more) in [(9, 100, true), (10, 100, false), (11, 0, false)] {
        let target = format!("/public/v1/places?page={page}&per_page=100");
        let found = account.client.get(target).await.expect(200);
        assert_eq!(found.body["data"].as_array().map(Vec::len), Some(entries));
        assert_eq!(found.body["has_more"], more, "{page}");
    }
}

async fn reference_data_is_revalidated() {
    let account = App::shared().await.account().await;
    for target in [
        "/public/v1/places?query=london&per_page=2",
        "/public/v1/airlines?per_page=2",
    ] {
        let found = account.client.get(target).await.expect(200);
        assert_eq!(found.body["data"].as_array().map(Vec::len), Some(2));
        let tag = found.header("ETag").to_owned();
        let same = account.client.get(target).header("If-None-Match", &tag);
        same.await.expect(304);
    }
}

async fn offers_are_sorted_and_paged() {
    let account = App::shared().await.account().await;
    let found = account
        .client
        .post("/public/v1/offer-requests", &to_new_york());
    let found = found.await.expect(201);
    let read = account
        .client
        .get(found.header("Location"))
        .await
        .expect(200);
    assert_eq!(read.body["offers"], found.body["offers"]);
    let id = found.text("/id");
    let list = format!("/public/v1/offers?offer_request_id={id}&sort=departure&per_page=3");
    let first = account.client.get(&list).await.expect(200);
    let second = account
        .client
        .get(format!("{list}&page=2"))
        .await
        .expect(200);
    let leaves = |page: &crate::support::client::Reply| -> Vec<String> {
        let offers = page.body["data"].as_array().expect("a list");
        offers
            .iter()
            .map(|offer| offer["slices"][0]["segments"][0]["departing_at"].to_string())
            .collect()
    };
    let mut times = leaves(&first);
    times.extend(leaves(&second));
    assert_eq!(times.len(), 6);
    assert!(times.is_sorted(), "{times:?}");
    let offer = format!("/public/v1/offers/{}", first.text("/data/0/id"));
    let offer = account.client.get(offer).await.expect(200);
    assert_eq!(offer.text("/total_currency"), "GBP");
}
