//! Bags and legroom: what offers include and sell besides, priced, bought, told at every door, kept and given back.

use serde_json::{Value, json};

use crate::private_v1::{FLIGHTS, flight_of, staff_and_traveller};
use crate::public_v1;
use crate::support::app::{Account, App};
use crate::support::client::{Call, Reply};
use crate::support::traveller::{CHANGES, order_of, search, to_new_york};
use crate::support::{eventually, trials};

trials![
    offers_tell_what_is_included_and_what_is_sold_besides,
    an_offer_is_priced_with_services,
    what_is_not_offered_is_not_sold,
    services_are_bought_at_once_and_told_at_every_door,
    a_held_order_pays_for_its_services_later,
    a_declined_payment_sells_no_services,
    cancelling_keeps_services_line_by_line,
    services_come_back_when_the_airline_cancels_a_flight,
    an_order_with_services_is_not_changed,
];

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn units(value: &Value) -> i64 {
    value["amount"].as_i64().unwrap_or(0)
}

fn total(price: &Value) -> i64 {
    units(&price["total"])
}

/// The first service of a type that an offer sells.
fn service<'a>(offer: &'a Value, kind: &str) -> &'a Value {
    let mut services = list(&offer["services"]).iter();
    services
        .find(|service| service["type"] == kind)
        .expect("it is sold")
}

/// Two bags and a seat of an offer, and what they cost.
fn two_bags_and_a_seat(offer: &Value) -> (Value, i64) {
    let (bag, seat) = (service(offer, "baggage"), service(offer, "seat"));
    let chosen = json!([{"id": bag["id"], "quantity": 2}, {"id": seat["id"], "quantity": 1}]);
    (chosen, 2 * units(&bag["amount"]) + units(&seat["amount"]))
}

/// An order of an offer with two bags and a seat, and what these cost.
fn order_with_services(offer: &Value, method: Option<&str>) -> (Value, i64) {
    let mut order = order_of(offer, method);
    let (services, cost) = two_bags_and_a_seat(offer);
    order["services"] = services;
    (order, cost)
}

fn pricing(account: &Account, offer: &Value, services: &Value) -> Call {
    let id = offer["id"].as_str().expect("an id");
    let target = format!("/public/v2/offers/{id}/price");
    account
        .client
        .post(target, &json!({ "services": services }))
}

/// Whether a price is the sum of its parts.
fn adds_up(price: &Value) -> bool {
    let charges = list(&price["taxes"]).iter().chain(list(&price["fees"]));
    let charges: i64 = charges.map(|charge| units(&charge["amount"])).sum();
    total(price) == units(&price["base"]) + charges
}

async fn offers_tell_what_is_included_and_what_is_sold_besides() {
    let account = App::shared().await.account().await;
    let wanted = search(
        &[("LHR", "JFK", "2027-03-15"), ("JFK", "LHR", "2027-03-22")],
        json!([{"ptc": "ADT"}, {"ptc": "CHD"}, {"ptc": "INF"}]),
    );
    for offer in account.offers(&wanted).await {
        let ids = |of: &Value| -> Vec<Value> {
            let entries = list(of).iter();
            entries.map(|one| one["id"].clone()).collect()
        };
        let (passengers, slices) = (ids(&offer["passengers"]), ids(&offer["slices"]));
        let services = list(&offer["services"]);
        for kind in ["baggage", "seat"] {
            let places: Vec<_> = services
                .iter()
                .filter(|service| service["type"] == kind)
                .map(|service| (&service["passenger_id"], &service["slice_id"]))
                .collect();
            let seated = passengers[..2].iter();
            let all =
                seated.flat_map(|passenger| slices.iter().map(move |slice| (passenger, slice)));
            assert!(places.into_iter().eq(all), "{offer:#}");
        }
        for service in services {
            let most = if service["type"] == "baggage" { 3 } else { 1 };
            assert_eq!(
                (&service["quantity_max"], &service["quantity"]),
                (&json!(most), &json!(0))
            );
            assert_eq!(
                service["amount"]["currency"],
                offer["price"]["total"]["currency"]
            );
            assert!(units(&service["amount"]) > 0);
        }
        let included = |kind: &str| -> Vec<_> {
            let all = list(&offer["included_baggage"]).iter();
            all.filter(|one| one["kind"] == kind).collect()
        };
        assert_eq!(included("carry_on").len(), 4);
        let checked = if offer["fare_brand"] == "basic" { 0 } else { 4 };
        assert_eq!(included("checked").len(), checked, "{offer:#}");
        assert!(
            included("carry_on")
                .iter()
                .all(|one| one["passenger_id"] != passengers[2])
        );
    }
}

async fn an_offer_is_priced_with_services() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let (services, cost) = two_bags_and_a_seat(&offer);
    let priced = pricing(&account, &offer, &services).await.expect(200).body;
    assert_eq!(total(&priced["price"]), total(&offer["price"]) + cost);
    assert!(adds_up(&priced["price"]) && adds_up(&priced["passenger_prices"][0]["price"]));
    assert_eq!(priced["passenger_prices"][0]["price"], priced["price"]);
    let fees: Vec<_> = list(&priced["price"]["fees"])
        .iter()
        .map(|fee| &fee["code"])
        .collect();
    assert_eq!(fees, ["YQ", "BAG", "SEA"]);
    assert_eq!(service(&priced, "baggage")["quantity"], 2);
    assert_eq!(service(&priced, "seat")["quantity"], 1);
    // Its id stands for the offer alone, whose services cost the same.
    let read = account.client.get(format!(
        "/public/v2/offers/{}",
        priced["id"].as_str().expect("an id")
    ));
    let read = read.await.expect(200).body;
    assert_eq!(
        (&read["price"], &read["services"]),
        (&offer["price"], &offer["services"])
    );
    let none = pricing(&account, &offer, &json!([])).await.expect(200).body;
    assert_eq!(none["price"], offer["price"]);

    let (order, _) = order_with_services(&priced, Some("tok_visa"));
    let ordered = account.order(&order, "priced").await.expect(201);
    assert_eq!(ordered.body["price"], priced["price"]);
    account.advance("2027-03-01T09:30:00Z").await;
    let late = pricing(&account, &offer, &services).await;
    late.refused(410, "offer_expired");
}

async fn what_is_not_offered_is_not_sold() {
    let account = App::shared().await.account().await;
    let (offer, other) = (account.offer().await, account.offer().await);
    let id = |offer: &Value, kind: &str| service(offer, kind)["id"].clone();
    let (bag, seat) = (id(&offer, "baggage"), id(&offer, "seat"));
    let named = |id: &Value, quantity: i32| json!({"id": id, "quantity": quantity});
    let cases = [
        (
            json!([named(&bag, 1), named(&id(&other, "baggage"), 1)]),
            "/services/1/id",
        ),
        (json!([named(&bag, 1), named(&bag, 1)]), "/services/1/id"),
        (json!([named(&seat, 2)]), "/services/0/quantity"),
    ];
    let malformed = [
        (
            json!([named(&bag, 3), named(&seat, 4)]),
            "/services/1/quantity",
        ),
        (json!([named(&bag, 0)]), "/services/0/quantity"),
    ];
    let mismatched = cases.iter().map(|case| (409, "services_mismatch", case));
    let malformed = malformed
        .iter()
        .map(|case| (422, "validation_failed", case));
    for (status, code, (services, pointer)) in mismatched.chain(malformed) {
        let misfit = |reply: Reply| {
            let reply = reply.refused(status, code);
            assert_eq!(
                reply.text("/errors/0/pointer"),
                *pointer,
                "{:#}",
                reply.body
            );
        };
        misfit(pricing(&account, &offer, services).await);
        for method in [Some("tok_visa"), None] {
            let mut order = order_of(&offer, method);
            order["services"] = services.clone();
            misfit(account.order(&order, "misfit").await);
        }
    }
    // Nothing was ordered, and the key is as good as new.
    account
        .order(&order_of(&offer, None), "misfit")
        .await
        .expect(201);
}

async fn services_are_bought_at_once_and_told_at_every_door() {
    let app = App::shared().await;
    let (staff, account) = staff_and_traveller(&app).await;
    let offer = account.offer().await;
    let (mut order, cost) = order_with_services(&offer, Some("tok_visa"));
    let whole = total(&offer["price"]) + cost;
    let money = |amount: i64| json!({"amount": amount, "currency": "GBP"});
    order["payment"]["amount"] = money(whole - cost);
    let less = account.order(&order, "less").await;
    less.refused(409, "amount_mismatch");
    order["payment"]["amount"] = money(whole);
    let ordered = account.order(&order, "order").await.expect(201);
    assert_eq!(ordered.text("/status"), "ticketed");
    assert_eq!(total(&ordered.body["price"]), whole);
    assert!(adds_up(&ordered.body["price"]));
    assert_eq!(units(&ordered.body["payments"][0]["amount"]), whole);
    let bought = list(&ordered.body["services"]);
    let told: Vec<_> = bought
        .iter()
        .map(|one| {
            (
                one["type"].as_str(),
                one["quantity"].as_i64(),
                one["status"].as_str(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some("baggage"), Some(2), Some("confirmed")),
            (Some("seat"), Some(1), Some("confirmed")),
        ]
    );
    let costs = bought.iter().map(|one| units(&one["amount"]));
    assert_eq!(costs.sum::<i64>(), cost);
    for one in bought {
        assert_eq!(one["passenger_id"], offer["passengers"][0]["id"]);
        assert_eq!(one["slice_id"], ordered.body["slices"][0]["id"]);
    }
    let again = account.order(&order, "order").await.expect(201);
    assert_eq!(again.body, ordered.body);
    order["services"][0]["quantity"] = json!(1);
    let other = account.order(&order, "order").await;
    other.refused(409, "idempotency_key_reused");

    // The other doors tell the same total.
    let id = ordered.text("/id");
    let first = public_v1::read(&account, id).await;
    let digits = format!("{}.{:02}", whole / 100, whole % 100);
    assert_eq!(first.text("/total_amount"), digits);
    let shown = staff
        .get(format!("/private/v1/orders/{id}"))
        .await
        .expect(200);
    assert_eq!(shown.body["price"], ordered.body["price"]);

    // In the ledger they are earned.
    let journals = format!("/private/v1/ledger/journals?order_id={id}&account=revenue:ancillary");
    let earned = eventually("the capture", async || {
        let found = staff.get(&journals).await.expect(200);
        let journal = found.body["data"].get(0).cloned()?;
        let lines = list(&journal["lines"]).iter();
        let earned = lines.filter(|line| line["account"] == "revenue:ancillary");
        Some(earned.map(|line| units(&line["amount"])).sum::<i64>())
    });
    assert_eq!(earned.await, cost);
}

async fn a_held_order_pays_for_its_services_later() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let (order, cost) = order_with_services(&offer, None);
    let held = account.order(&order, "hold").await.expect(201);
    let whole = total(&offer["price"]) + cost;
    assert_eq!(units(&held.body["amount_due"]), whole);
    assert_eq!(held.text("/services/0/status"), "pending");
    let id = held.text("/id");
    let payment = json!({"payment": {"type": "card", "token": "tok_visa",
        "amount": {"amount": whole - cost, "currency": "GBP"}}});
    let target = format!("/public/v2/orders/{id}/payments");
    let less = account.client.post(target, &payment).key("less").await;
    less.refused(409, "amount_mismatch");
    let paid = account.pay(id, "tok_visa", "pay").await.expect(201);
    assert_eq!(units(&paid.body["payments"][0]["amount"]), whole);
    assert_eq!(paid.text("/services/0/status"), "confirmed");
    assert_eq!(paid.body["price"], held.body["price"]);
}

async fn a_declined_payment_sells_no_services() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let (order, _) = order_with_services(&offer, Some("tok_declined"));
    let declined = account.order(&order, "declined").await;
    let declined = declined.refused(402, "payment_declined");
    let failed = account.read(declined.text("/order_id")).await;
    assert_eq!(failed.text("/services/0/status"), "cancelled");
    let (order, _) = order_with_services(&offer, Some("tok_visa"));
    account.order(&order, "again").await.expect(201);
}

async fn cancelling_keeps_services_line_by_line() {
    let account = App::shared().await.account().await;
    let mut offers = account.offers(&to_new_york()).await.into_iter();
    let strict = |offer: &Value| offer["conditions"]["refund_before_departure"]["allowed"] == false;
    let strict = offers.find(strict).expect("a strict fare");
    for (key, offer) in [("strict", strict), ("flexible", account.offer().await)] {
        let (order, cost) = order_with_services(&offer, Some("tok_visa"));
        let order = account.order(&order, key).await.expect(201);
        let quote = account.quote(order.text("/id")).await;
        let lines = list(&quote.body["lines"]);
        let sum = |member: &str| lines.iter().map(|line| units(&line[member])).sum::<i64>();
        assert_eq!(sum("refund"), units(&quote.body["refund"]));
        assert_eq!(sum("penalty"), units(&quote.body["penalty"]));
        assert_eq!(sum("paid"), total(&order.body["price"]));
        for line in lines {
            let (penalty, refund) = (units(&line["penalty"]), units(&line["refund"]));
            assert_eq!(units(&line["paid"]), penalty + refund, "{line:#}");
            match line["type"].as_str() {
                Some("service") => assert_eq!(refund, 0),
                Some("tax") => assert_eq!(penalty, 0),
                _ => {}
            }
        }
        let services = lines.iter().filter(|line| line["type"] == "service");
        assert_eq!(
            services.map(|line| units(&line["penalty"])).sum::<i64>(),
            cost
        );
        let confirmed = account.confirm(quote.text("/id"), key).await.expect(200);
        assert_eq!(confirmed.body["lines"], quote.body["lines"]);
        let cancelled = account.read(order.text("/id")).await;
        assert_eq!(cancelled.text("/services/0/status"), "cancelled");
        assert_eq!(cancelled.text("/payment_status"), "partially_refunded");
        assert_eq!(cancelled.body["refunds"][0]["amount"], quote.body["refund"]);
    }
}

async fn services_come_back_when_the_airline_cancels_a_flight() {
    let app = App::shared().await;
    let (staff, account) = staff_and_traveller(&app).await;
    let (order, _) = order_with_services(&account.offer().await, Some("tok_visa"));
    let order = account.order(&order, "order").await.expect(201);
    let target = format!("{FLIGHTS}/{}/cancel", flight_of(&order.body));
    let cancel = staff.post(target, &json!({"preview": false})).key("cancel");
    cancel.header("If-Match", "*").await.expect(200);
    let quote = eventually("the order is told", async || {
        let quote = account.quote(order.text("/id")).await;
        (units(&quote.body["penalty"]) == 0).then_some(quote)
    })
    .await;
    assert_eq!(quote.body["refund"], order.body["price"]["total"]);
    let mut lines = list(&quote.body["lines"]).iter();
    assert!(lines.all(|line| line["refund"] == line["paid"]));
    account
        .confirm(quote.text("/id"), "confirm")
        .await
        .expect(200);
    let refunded = account.read(order.text("/id")).await;
    assert_eq!(refunded.text("/payment_status"), "refunded");
}

async fn an_order_with_services_is_not_changed() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let actions = |order: &Reply| order.body["available_actions"].clone();
    let plain = account.ticketed("plain").await;
    assert_eq!(actions(&plain), json!(["cancel", "update", "change"]));
    let (order, _) = order_with_services(&offer, Some("tok_visa"));
    let order = account.order(&order, "order").await.expect(201);
    assert_eq!(actions(&order), json!(["cancel", "update"]));
    let other = account.offer().await;
    let change = json!({"order_id": order.body["id"], "offer_id": other["id"]});
    let refused = account.client.post(CHANGES, &change).await;
    refused.refused(409, "invalid_state");
}
