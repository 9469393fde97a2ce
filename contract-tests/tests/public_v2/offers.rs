//! `/public/v2/offers`.

use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::mask::masked;
use crate::support::traveller::{OFFER_REQUESTS, order_of, search, to_new_york};
use crate::support::trials;

trials![
    offers_are_listed_by_their_conditions,
    all_offers_are_listed_in_the_order_asked_for,
    an_offer_is_read_back,
    a_priced_offer_is_guaranteed_and_can_be_ordered,
    offers_expire,
    a_token_that_was_tampered_with_is_nobodys,
];

const OFFERS: &str = "/public/v2/offers";

async fn all_offers_are_listed_in_the_order_asked_for() {
    let account = App::shared().await.account().await;
    let wanted = search(&[("LHR", "JFK", "2027-03-15")], json!([{"ptc": "ADT"}]));
    let request = account
        .client
        .post(OFFER_REQUESTS, &wanted)
        .await
        .expect(201);
    let id = request.text("/id");
    let price = |offer: &Value| offer["price"]["total"]["amount"].as_i64();
    let duration = |offer: &Value| {
        offer["slices"].as_array().map(|slices| {
            slices
                .iter()
                .filter_map(|slice| slice["duration_minutes"].as_i64())
                .sum::<i64>()
        })
    };
    let departure = |offer: &Value| {
        offer["slices"][0]["segments"][0]["departure"]["utc"]
            .as_str()
            .map(str::to_owned)
    };
    let list = async |sort: &str, limit| {
        account
            .all(&format!("{OFFERS}?offer_request_id={id}{sort}"), limit)
            .await
    };
    let cheapest = list("", 100).await;
    assert!(cheapest.len() > 20, "only {} offers", cheapest.len());
    assert!(cheapest.is_sorted_by_key(price));
    assert_eq!(
        masked(&json!(cheapest[..20])),
        masked(&request.body["offers"])
    );
    assert_eq!(list("&sort=price", 7).await.len(), cheapest.len());
    assert!(list("&sort=duration", 100).await.is_sorted_by_key(duration));
    assert!(
        list("&sort=departure", 100)
            .await
            .is_sorted_by_key(departure)
    );
    let first = account
        .client
        .get(format!("{OFFERS}?offer_request_id={id}&limit=1"))
        .await
        .expect(200);
    assert!(
        first.header("Link").contains("rel=\"next\""),
        "{}",
        first.header("Link")
    );
    let last = account
        .client
        .get(format!("{OFFERS}?offer_request_id={id}&after=bm90aGluZw"))
        .await;
    assert!(
        last.status == 404 || last.body["data"] == json!([]),
        "a cursor that fits no page: {:#}",
        last.body
    );
    account.advance("2027-03-01T09:30:00Z").await;
    account
        .client
        .get(format!("{OFFERS}?offer_request_id={id}"))
        .await
        .refused(410, "offer_expired");
}

async fn an_offer_is_read_back() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let read = account
        .client
        .get(format!("{OFFERS}/{}", offer["id"].as_str().expect("an id")))
        .await
        .expect(200);
    assert_eq!(read.body, offer);
}

async fn a_priced_offer_is_guaranteed_and_can_be_ordered() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let id = offer["id"].as_str().expect("an id");
    let priced = account
        .client
        .post_empty(format!("{OFFERS}/{id}/price"))
        .await
        .expect(200);
    assert_ne!(priced.text("/id"), id);
    assert!(priced.text("/price_guaranteed_until") > "2027-03-01T09:00:00Z");
    assert_eq!(priced.body["price"], offer["price"]);
    assert_eq!(priced.body["passengers"], offer["passengers"]);
    let read = account
        .client
        .get(format!("{OFFERS}/{}", priced.text("/id")))
        .await
        .expect(200);
    assert_eq!(read.body, priced.body);
    let order = account
        .order(&order_of(&priced.body, Some("tok_visa")), "priced")
        .await
        .expect(201);
    assert_eq!(order.body["price"], offer["price"]);
    // The offer and its priced copies can be ordered once between them.
    account
        .order(&order_of(&offer, Some("tok_visa")), "unpriced")
        .await
        .refused(409, "offer_already_booked");
}

async fn offers_expire() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let id = offer["id"].as_str().expect("an id");
    assert_eq!(offer["expires_at"], "2027-03-01T09:30:00Z");
    account.advance("2027-03-01T09:29:59.999999Z").await;
    account
        .client
        .get(format!("{OFFERS}/{id}"))
        .await
        .expect(200);
    account.advance("2027-03-01T09:30:00Z").await;
    account
        .client
        .get(format!("{OFFERS}/{id}"))
        .await
        .refused(410, "offer_expired");
    account
        .client
        .post_empty(format!("{OFFERS}/{id}/price"))
        .await
        .refused(410, "offer_expired");
    account
        .order(&order_of(&offer, Some("tok_visa")), "late")
        .await
        .refused(410, "offer_expired");
}

async fn a_token_that_was_tampered_with_is_nobodys() {
    let account = App::shared().await.account().await;
    let offers = account.offers(&to_new_york()).await;
    let id = offers[0]["id"].as_str().expect("an id");
    for at in 4..id.len() {
        let other = if id.as_bytes()[at] == b'A' { "B" } else { "A" };
        let mut forged = id.to_owned();
        forged.replace_range(at..=at, other);
        account
            .client
            .get(format!("{OFFERS}/{forged}"))
            .await
            .refused(404, "not_found");
    }
    for cut in [5, id.len() / 2, id.len() - 1] {
        account
            .client
            .get(format!("{OFFERS}/{}", &id[..cut]))
            .await
            .refused(404, "not_found");
    }
    // A token of another kind is not an offer.
    let request = offers[0]["offer_request_id"]
        .as_str()
        .expect("an id")
        .replacen("orq_", "off_", 1);
    account
        .client
        .get(format!("{OFFERS}/{request}"))
        .await
        .refused(404, "not_found");
}

async fn offers_are_listed_by_their_conditions() {
    let account = App::shared().await.account().await;
    let found = account.client.post(OFFER_REQUESTS, &to_new_york()).await;
    let found = found.expect(201);
    let target = format!("/public/v2/offers?offer_request_id={}", found.text("/id"));
    let all = account.all(&target, 50).await;
    let allows = |offer: &Value, what: &str| {
        offer["conditions"][format!("{what}_before_departure")]["allowed"] == true
    };
    for (query, changed, refunded) in [
        ("&changeable=true", Some(true), None),
        ("&refundable=true&sort=duration", None, Some(true)),
        ("&changeable=true&refundable=true", Some(true), Some(true)),
        ("&changeable=false", Some(false), None),
    ] {
        let fitting = all.iter().filter(|offer| {
            changed.is_none_or(|wanted| wanted == allows(offer, "change"))
                && refunded.is_none_or(|wanted| wanted == allows(offer, "refund"))
        });
        let mut wanted: Vec<_> = fitting.map(|offer| offer["id"].to_string()).collect();
        assert!(!wanted.is_empty() && wanted.len() < all.len(), "{query}");
        // Page by page as all at once.
        let listed = account.all(&format!("{target}{query}"), 3).await;
        let mut listed: Vec<_> = listed.iter().map(|offer| offer["id"].to_string()).collect();
        wanted.sort();
        listed.sort();
        assert_eq!(listed, wanted, "{query}");
    }
    let page = account
        .client
        .get(format!("{target}&changeable=true&limit=1"));
    let page = page.await.expect(200);
    assert!(page.header("Link").contains("changeable=true"));
    let odd = account.client.get(format!("{target}&changeable=maybe"));
    odd.await.refused(400, "invalid_parameter");
}
