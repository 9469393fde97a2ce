//! `/public/v2/order-changes`: another journey instead, quoted and taken.

use serde_json::{Value, json};

use crate::private_v1::{FLIGHTS, flight_of, staff_and_traveller};
use crate::support::app::{Account, App};
use crate::support::client::Reply;
use crate::support::traveller::{CHANGES, order_of, search, to_new_york};
use crate::support::{eventually, trials};

trials![
    a_dearer_journey_is_paid_for_and_ticketed_anew,
    a_cheaper_journey_gives_money_back,
    a_declined_payment_leaves_the_order_as_it_was,
    a_change_may_be_waited_for_later,
    quotes_and_their_offers_expire,
    what_may_not_be_changed_is_not_quoted,
    an_offer_is_taken_once_and_paid_as_quoted,
    what_the_airline_cancelled_is_replaced_for_nothing,
    another_airport_of_the_same_city_will_do_and_no_other_city,
];

fn units(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap_or(0)
}

fn total(offer: &Value) -> i64 {
    units(&offer["price"]["total"])
}

fn may_change(offer: &Value) -> bool {
    offer["conditions"]["change_before_departure"]["allowed"] == true
}

/// The cheapest and the dearest of the offers to New York that may be changed.
async fn journeys(account: &Account) -> (Value, Value) {
    let mut offers = account.offers(&to_new_york()).await;
    offers.retain(may_change);
    offers.sort_by_key(total);
    let dearest = offers.pop().expect("offers");
    (offers.swap_remove(0), dearest)
}

async fn ticketed(account: &Account, offer: &Value) -> Reply {
    let order = order_of(offer, Some("tok_visa"));
    account.order(&order, "order").await.expect(201)
}

fn asked(order: &Reply, offer: &Value) -> Value {
    json!({"order_id": order.body["id"], "offer_id": offer["id"]})
}

fn actions(order: &Reply) -> Vec<&str> {
    let actions = order.body["available_actions"].as_array();
    let actions = actions.expect("a list").iter();
    actions.filter_map(Value::as_str).collect()
}

async fn a_dearer_journey_is_paid_for_and_ticketed_anew() {
    let account = App::shared().await.account().await;
    let (offer, dearer) = journeys(&account).await;
    let order = ticketed(&account, &offer).await;
    assert!(actions(&order).contains(&"change"), "{:#}", order.body);
    let quote = account.quote_change(&asked(&order, &dearer)).await;
    let at = format!("{CHANGES}/{}", quote.text("/id"));
    assert_eq!(quote.header("Location"), at);
    let body = &quote.body;
    assert_eq!(units(&body["old_total"]), total(&offer));
    assert_eq!(units(&body["new_total"]), total(&dearer));
    let condition = &offer["conditions"]["change_before_departure"];
    assert_eq!(units(&body["penalty"]), units(&condition["penalty"]));
    let due = total(&dearer) + units(&condition["penalty"]) - total(&offer);
    assert_eq!(
        (units(&body["add_collect"]), &body["refund"]),
        (due, &Value::Null)
    );
    assert_eq!(
        account.read(order.text("/id")).await.body,
        order.body,
        "a quote changes nothing"
    );

    let paid = || account.change(quote.text("/id"), Some("tok_visa"), "change");
    let confirmed = paid().await.expect(200);
    assert_eq!(confirmed.text("/status"), "confirmed");
    assert_eq!(confirmed.text("/refund_status"), "none");
    let read = account.client.get(&at).await.expect(200);
    assert_eq!(read.body, confirmed.body);
    let again = paid().await.expect(200);
    assert_eq!(again.body, confirmed.body);
    assert_eq!(again.header("Idempotency-Replayed"), "true");

    let changed = account.read(order.text("/id")).await;
    assert_eq!(changed.body["slices"], dearer["slices"]);
    assert_eq!(changed.body["price"], dearer["price"]);
    assert_eq!(changed.body["offer_id"], dearer["id"]);
    assert_eq!(changed.body["passengers"], order.body["passengers"]);
    assert_eq!(
        (changed.text("/status"), changed.text("/payment_status")),
        ("ticketed", "paid")
    );
    let tickets = changed.body["tickets"].as_array().expect("a list");
    let statuses: Vec<_> = tickets.iter().map(|ticket| &ticket["status"]).collect();
    assert_eq!(statuses, ["exchanged", "open"]);
    let segment = &dearer["slices"][0]["segments"][0]["id"];
    assert_eq!(tickets[1]["coupons"][0]["segment_id"], *segment);
    let payments = changed.body["payments"].as_array().expect("a list");
    let brought: i64 = payments
        .iter()
        .map(|payment| units(&payment["amount"]))
        .sum();
    assert_eq!(brought, total(&offer) + due);

    // The older major sees the new journey, and the feeds of both tell of it.
    let older = format!("/public/v1/orders/{}", order.text("/id"));
    let older = account.client.get(older).await.expect(200);
    assert_eq!(older.body["slices"][0]["segments"][0]["id"], *segment);
    for feed in ["/public/v2/events", "/public/v1/events"] {
        let events = account.client.get(format!("{feed}?type=order.changed"));
        let told = events.await.expect(200).body["data"].clone();
        assert_eq!(told[0]["object"]["id"], order.body["id"], "{feed}");
    }
    let key = "/public/v2/idempotency-keys/change?operation=confirmOrderChange";
    let key = account.client.get(key).await.expect(200);
    assert_eq!(
        key.body["resource"],
        json!({"type": "order_change", "id": quote.body["id"]})
    );

    // Cancelled, it gives back by both payments, and keeps the penalty of the change.
    let cancelling = account.quote(order.text("/id")).await;
    account
        .confirm(cancelling.text("/id"), "cancel")
        .await
        .expect(200);
    let cancelled = account.read(order.text("/id")).await;
    let refunds = cancelled.body["refunds"].as_array().expect("a list");
    let back: i64 = refunds.iter().map(|refund| units(&refund["amount"])).sum();
    assert_eq!(back, units(&cancelling.body["refund"]));
    for payment in payments {
        let own = refunds
            .iter()
            .filter(|refund| refund["payment_id"] == payment["id"]);
        let own: i64 = own.map(|refund| units(&refund["amount"])).sum();
        assert!(own <= units(&payment["amount"]), "{payment:#}");
    }
    assert_eq!(
        brought - back,
        units(&body["penalty"]) + units(&cancelling.body["penalty"])
    );
}

async fn a_cheaper_journey_gives_money_back() {
    let app = App::shared().await;
    let (staff, account) = staff_and_traveller(&app).await;
    let (cheaper, _) = journeys(&account).await;
    let mut business = to_new_york();
    business["cabin"] = json!("business");
    let offers = account.offers(&business).await;
    let offer = offers.into_iter().find(may_change).expect("a seat");
    let order = ticketed(&account, &offer).await;
    let quote = account.quote_change(&asked(&order, &cheaper)).await;
    let kept = units(&quote.body["penalty"]) + units(&quote.body["forfeited"]);
    let back = total(&offer) - total(&cheaper) - kept;
    assert!(back > 0, "{:#}", quote.body);
    assert_eq!(units(&quote.body["refund"]), back);
    let confirmed = account
        .change(quote.text("/id"), None, "change")
        .await
        .expect(200);
    assert_eq!(confirmed.text("/refund_status"), "succeeded");
    let changed = account.read(order.text("/id")).await;
    assert_eq!(
        (changed.text("/status"), changed.text("/payment_status")),
        ("ticketed", "paid")
    );
    assert_eq!(units(&changed.body["refunds"][0]["amount"]), back);
    // The ledger has each of its movements, and the difference is cleared.
    let journals = format!("/private/v1/ledger/journals?order_id={}", order.text("/id"));
    let journals = staff.get(journals).await.expect(200);
    let journals = journals.body["data"].as_array().expect("a list").clone();
    let kinds: Vec<_> = journals.iter().map(|journal| &journal["kind"]).collect();
    assert!(kinds.contains(&&json!("exchange")), "{kinds:?}");
    let lines = journals
        .iter()
        .flat_map(|journal| journal["lines"].as_array().expect("lines"));
    let cleared = lines.filter(|line| line["account"] == "exchange_clearing");
    let sides: Vec<_> = cleared
        .map(|line| (line["side"].as_str(), units(&line["amount"])))
        .collect();
    assert_eq!(sides, [(Some("credit"), back), (Some("debit"), back)]);
    // In the older major, a cancellation tells its own refund only.
    let taxes = account.quote(order.text("/id")).await;
    let older = format!("/public/v1/orders/{}/cancel", order.text("/id"));
    let older = account.client.post_empty(older).await.expect(200);
    let refund = &taxes.body["refund"];
    let told: i64 = older
        .text("/refund_amount")
        .replace('.', "")
        .parse()
        .expect("an amount");
    assert_eq!(told, units(refund));
}

async fn a_declined_payment_leaves_the_order_as_it_was() {
    let account = App::shared().await.account().await;
    let (offer, dearer) = journeys(&account).await;
    let order = ticketed(&account, &offer).await;
    let quote = account.quote_change(&asked(&order, &dearer)).await;
    for _ in ["first", "repeated"] {
        account
            .change(quote.text("/id"), Some("tok_declined"), "change")
            .await
            .refused(402, "payment_declined");
    }
    let failed = format!("{CHANGES}/{}", quote.text("/id"));
    let failed = account.client.get(failed).await.expect(200);
    assert_eq!(
        (failed.text("/status"), failed.text("/failure_code")),
        ("failed", "payment_declined")
    );
    let after = account.read(order.text("/id")).await;
    for member in [
        "status",
        "payment_status",
        "slices",
        "price",
        "tickets",
        "available_actions",
    ] {
        assert_eq!(after.body[member], order.body[member], "{member}");
    }
    account
        .change(quote.text("/id"), Some("tok_visa"), "another-key")
        .await
        .refused(409, "invalid_state");
    // The offer is free again.
    let next = account.quote_change(&asked(&order, &dearer)).await;
    account
        .change(next.text("/id"), Some("tok_visa"), "next")
        .await
        .expect(200);
}

async fn a_change_may_be_waited_for_later() {
    let account = App::shared().await.account().await;
    let (offer, dearer) = journeys(&account).await;
    let order = ticketed(&account, &offer).await;
    let quote = account.quote_change(&asked(&order, &dearer)).await;
    let call = account.change(quote.text("/id"), Some("tok_unknown"), "change");
    let accepted = call.header("Prefer", "wait=1").await.expect(202);
    assert_eq!(accepted.text("/status"), "pending");
    let at = accepted.header("Location").to_owned();
    assert_eq!(at, format!("{CHANGES}/{}", quote.text("/id")));
    let meanwhile = account.read(order.text("/id")).await;
    assert_eq!(meanwhile.text("/status"), "ticketed");
    assert_eq!(actions(&meanwhile), ["update"]);
    // What became of the money is found out when the clock moves.
    account.advance("2027-03-01T09:05:00Z").await;
    eventually("the change", async || {
        let read = account.client.get(&at).await.expect(200);
        (read.text("/status") == "confirmed").then_some(())
    })
    .await;
}

async fn quotes_and_their_offers_expire() {
    let account = App::shared().await.account().await;
    let (offer, dearer) = journeys(&account).await;
    let order = ticketed(&account, &offer).await;
    let quote = account.quote_change(&asked(&order, &dearer)).await;
    let expires = quote.text("/expires_at").to_owned();
    assert!(expires.as_str() <= "2027-03-01T09:30:00Z", "{expires}");
    account.advance(&expires).await;
    account
        .change(quote.text("/id"), Some("tok_visa"), "late")
        .await
        .refused(410, "quote_expired");
    let read = format!("{CHANGES}/{}", quote.text("/id"));
    let read = account.client.get(read).await.expect(200);
    assert_eq!(read.text("/status"), "expired");
    account.advance("2027-03-01T09:30:00Z").await;
    let late = account.client.post(CHANGES, &asked(&order, &dearer));
    late.await.refused(410, "offer_expired");
}

async fn what_may_not_be_changed_is_not_quoted() {
    let account = App::shared().await.account().await;
    let offers = account.offers(&to_new_york()).await;
    let strict = offers.iter().find(|offer| !may_change(offer));
    let strict = ticketed(&account, strict.expect("a fare that forbids it")).await;
    assert!(!actions(&strict).contains(&"change"));
    let held = account.held("held").await;
    let (_, other) = journeys(&account).await;
    for order in [&strict, &held] {
        let call = account.client.post(CHANGES, &asked(order, &other));
        call.await.refused(409, "invalid_state");
    }
    let order = account.ticketed("free").await;
    let two = search(
        &[("LHR", "JFK", "2027-03-16")],
        json!([{"ptc": "ADT"}, {"ptc": "ADT"}]),
    );
    let child = search(&[("LHR", "JFK", "2027-03-16")], json!([{"ptc": "CHD"}]));
    for passengers in [two, child] {
        let offers = account.offers(&passengers).await;
        let call = account.client.post(CHANGES, &asked(&order, &offers[0]));
        call.await.refused(409, "passengers_mismatch");
    }
    let unknown = json!({"order_id": order.body["id"], "offer_id": "off_unknown"});
    account
        .client
        .post(CHANGES, &unknown)
        .await
        .refused(404, "not_found");
}

async fn an_offer_is_taken_once_and_paid_as_quoted() {
    let account = App::shared().await.account().await;
    let (offer, dearer) = journeys(&account).await;
    let order = ticketed(&account, &offer).await;
    let quote = account.quote_change(&asked(&order, &dearer)).await;
    let unpaid = account.change(quote.text("/id"), None, "unpaid");
    unpaid.await.refused(409, "amount_mismatch");
    let paid = account.change(quote.text("/id"), Some("tok_visa"), "paid");
    paid.await.expect(200);
    let ordered = account.order(&order_of(&dearer, Some("tok_visa")), "ordered");
    ordered.await.refused(409, "offer_already_booked");
    let other = account.ticketed("other").await;
    let call = account.client.post(CHANGES, &asked(&other, &dearer));
    call.await.refused(409, "offer_already_booked");
}

async fn what_the_airline_cancelled_is_replaced_for_nothing() {
    let app = App::shared().await;
    let (staff, account) = staff_and_traveller(&app).await;
    let offers = account.offers(&to_new_york()).await;
    let strict = offers.iter().find(|offer| !may_change(offer));
    let order = ticketed(&account, strict.expect("a fare that forbids it")).await;
    let flight = flight_of(&order.body);
    let cancel = staff.post(
        format!("{FLIGHTS}/{flight}/cancel"),
        &json!({"preview": false}),
    );
    cancel
        .key("cancel")
        .header("If-Match", "*")
        .await
        .expect(200);
    let told = eventually("the order is told", async || {
        let told = account.read(order.text("/id")).await;
        Some(told).filter(|told| told.body["schedule_changes"][0]["status"] == "open")
    });
    assert!(actions(&told.await).contains(&"change"));

    let offers = account.offers(&to_new_york()).await;
    let own = |offer: &&Value| {
        offer["validating_carrier"] == order.body["validating_carrier"] && may_change(offer)
    };
    let other = offers.iter().rfind(own).expect("the airline flies again");
    let quote = account.quote_change(&asked(&order, other)).await;
    assert_eq!(quote.body["involuntary"], true);
    assert_eq!(quote.body["new_total"], order.body["price"]["total"]);
    assert_eq!(
        (&quote.body["add_collect"], &quote.body["refund"]),
        (&Value::Null, &Value::Null)
    );
    account
        .change(quote.text("/id"), None, "change")
        .await
        .expect(200);
    let changed = account.read(order.text("/id")).await;
    assert_eq!(changed.body["slices"], other["slices"]);
    assert_eq!(changed.body["price"], order.body["price"]);
    assert_eq!(changed.text("/schedule_changes/0/status"), "resolved");
    assert!(!actions(&changed).contains(&"change"));
}

async fn another_airport_of_the_same_city_will_do_and_no_other_city() {
    let app = App::shared().await;
    let (staff, account) = staff_and_traveller(&app).await;
    let offers = account.offers(&to_new_york()).await;
    let strict = |offer: &&Value| offer["validating_carrier"] == "BA" && !may_change(offer);
    let strict = offers.iter().find(strict).expect("a fare that forbids it");
    let order = ticketed(&account, strict).await;
    let cancel = format!("{FLIGHTS}/{}/cancel", flight_of(&order.body));
    let cancel = staff.post(cancel, &json!({"preview": false}));
    cancel
        .key("cancel")
        .header("If-Match", "*")
        .await
        .expect(200);
    for (origin, destination, involuntary) in [("LGW", "JFK", true), ("LHR", "BOS", false)] {
        let mut other = to_new_york();
        other["slices"][0]["origin"] = json!(origin);
        other["slices"][0]["destination"] = json!(destination);
        let offers = account.offers(&other).await;
        let own = offers.iter().find(|o| o["validating_carrier"] == "BA");
        let own = own.expect("it flies there");
        assert_eq!(own["slices"][0]["origin"], origin);
        let call = account.client.post(CHANGES, &asked(&order, own)).await;
        if involuntary {
            let quote = call.expect(201);
            assert_eq!(quote.body["involuntary"], true);
            assert_eq!(quote.body["new_total"], order.body["price"]["total"]);
        } else {
            // Its own fare allows no change.
            call.refused(409, "invalid_state");
        }
    }
}
