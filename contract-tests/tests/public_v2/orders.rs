//! `/public/v2/orders`: take an offer, read, list, update.

use insta::assert_json_snapshot;
use serde_json::{Value, json};

use crate::support::app::App;
use crate::support::traveller::{ORDERS, order_of, search, to_new_york};
use crate::support::trials;

trials![
    an_instant_order_is_ticketed,
    a_family_gets_a_ticket_each,
    a_held_order_waits_for_its_payment,
    declined_payments_give_the_seats_back,
    an_unknown_outcome_is_found_out,
    an_offer_is_ordered_once,
    passengers_must_be_those_of_the_offer,
    amounts_must_be_what_is_due,
    some_fares_must_be_paid_at_once,
    lists_are_filtered_and_paged,
];

async fn an_instant_order_is_ticketed() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let mut order = order_of(&offer, Some("tok_visa"));
    order["client_reference"] = json!("trip-1");
    order["metadata"] = json!({"cost_centre": "4711"});
    let made = account.order(&order, "instant").await.expect(201);
    assert_json_snapshot!("order_instant", made.masked());
    assert_eq!(
        made.header("Location"),
        format!("{ORDERS}/{}", made.text("/id"))
    );
    assert_eq!(made.header("ETag"), format!("\"{}\"", made.body["version"]));
    assert_eq!(made.header("Idempotency-Replayed"), "false");
    assert_eq!(
        made.body["price"], offer["price"],
        "it costs what was offered"
    );
    let airlines = account.all("/public/v2/airlines", 100).await;
    let carrier = airlines
        .iter()
        .find(|airline| airline["code"] == made.body["validating_carrier"])
        .expect("it is an airline");
    let number = made.text("/tickets/0/number");
    assert_eq!(
        (&number[..3], number.len()),
        (
            carrier["accounting_code"]
                .as_str()
                .expect("it issues tickets"),
            13
        )
    );
    assert_eq!(account.read(made.text("/id")).await.body, made.body);
}

async fn a_family_gets_a_ticket_each() {
    let account = App::shared().await.account().await;
    let family = json!([{"ptc": "ADT"}, {"ptc": "ADT"}, {"age": 7}, {"ptc": "INF"}]);
    let offers = account
        .offers(&search(
            &[("FRA", "PMI", "2027-04-03"), ("PMI", "FRA", "2027-04-10")],
            family,
        ))
        .await;
    let made = account
        .order(&order_of(&offers[0], Some("tok_visa")), "family")
        .await
        .expect(201);
    let tickets = made.body["tickets"].as_array().expect("a list");
    let mut owners: Vec<&Value> = tickets
        .iter()
        .map(|ticket| &ticket["passenger_id"])
        .collect();
    owners.dedup();
    assert_eq!(owners.len(), 4, "{tickets:#?}");
    let segments: usize = made.body["slices"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|slice| slice["segments"].as_array().map_or(0, Vec::len))
        .sum();
    assert!(
        tickets
            .iter()
            .all(|ticket| ticket["coupons"].as_array().map(Vec::len) == Some(segments))
    );
}

async fn a_held_order_waits_for_its_payment() {
    let account = App::shared().await.account().await;
    let held = account.held("hold").await;
    assert_json_snapshot!("order_held", held.masked());
    let required_by = held.text("/payment_required_by").to_owned();
    account.advance(&required_by).await;
    let expired = account.read(held.text("/id")).await;
    assert_eq!(
        (expired.text("/status"), &expired.body["available_actions"]),
        ("expired", &json!([]))
    );
    account
        .pay(held.text("/id"), "tok_visa", "late")
        .await
        .refused(410, "time_limit_passed");
}

async fn declined_payments_give_the_seats_back() {
    let app = App::shared().await;
    let account = app.account().await;
    for (token, why) in [
        ("tok_declined", "card_declined"),
        ("tok_insufficient_funds", "insufficient_funds"),
    ] {
        let offer = account.offer().await;
        account
            .order(&order_of(&offer, Some(token)), token)
            .await
            .refused(402, "payment_declined");
        let orders = account
            .client
            .get(format!("{ORDERS}?status=failed&limit=1"))
            .await
            .expect(200);
        let failed = &orders.body["data"][0];
        assert_eq!(
            (
                &failed["failure_code"],
                &failed["payments"][0]["decline_code"]
            ),
            (&json!("payment_declined"), &json!(why))
        );
        assert_eq!(
            (&failed["tickets"], &failed["payment_status"]),
            (&json!([]), &json!("unpaid"))
        );
        assert_eq!(app.seats(&account).await, (0, 0), "{token}");
    }
}

async fn an_unknown_outcome_is_found_out() {
    let account = App::shared().await.account().await;
    let order = order_of(&account.offer().await, Some("tok_unknown"));
    let pending = account
        .order(&order, "unknown")
        .header("Prefer", "wait=1")
        .await
        .expect(202);
    assert_eq!(
        (pending.text("/status"), pending.text("/payment_status")),
        ("pending", "unknown")
    );
    assert_eq!(
        pending.header("Location"),
        format!("{ORDERS}/{}", pending.text("/id"))
    );
    // What is due is done when the clock moves: among it, asking the provider.
    account.advance("2027-03-01T09:05:00Z").await;
    let settled = account.read_as(pending.text("/id"), "ticketed").await;
    assert_eq!(settled.text("/payment_status"), "paid");
    assert_eq!(
        settled.body["payments"].as_array().map(Vec::len),
        Some(1),
        "nothing is charged twice"
    );
}

async fn an_offer_is_ordered_once() {
    let app = App::shared().await;
    let account = app.account().await;
    let offer = account.offer().await;
    account
        .order(&order_of(&offer, Some("tok_visa")), "one")
        .await
        .expect(201);
    account
        .order(&order_of(&offer, Some("tok_visa")), "two")
        .await
        .refused(409, "offer_already_booked");
    account
        .order(&order_of(&offer, None), "three")
        .await
        .refused(409, "offer_already_booked");
    assert_eq!(account.all(ORDERS, 100).await.len(), 1);
    assert_eq!(app.seats(&account).await, (1, 0));
}

async fn passengers_must_be_those_of_the_offer() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let good = order_of(&offer, Some("tok_visa"));
    let passenger = good["passengers"][0].clone();
    let with = |passengers: Value| {
        let mut order = good.clone();
        order["passengers"] = passengers;
        order
    };
    let mut stranger = passenger.clone();
    stranger["id"] = json!("pas_00000000000000000000000001");
    let mut child = passenger.clone();
    child["born_on"] = json!("2019-01-01");
    let mut unborn = passenger.clone();
    unborn["born_on"] = json!("2030-01-01");
    let cases = [
        json!([stranger]),
        json!([passenger, passenger]),
        json!([passenger, stranger]),
        json!([child]),
        json!([unborn]),
    ];
    for (at, passengers) in cases.into_iter().enumerate() {
        account
            .order(&with(passengers), &format!("wrong-{at}"))
            .await
            .refused(409, "passengers_mismatch");
    }
    account.order(&good, "right").await.expect(201);
}

async fn amounts_must_be_what_is_due() {
    let account = App::shared().await.account().await;
    let offer = account.offer().await;
    let mut order = order_of(&offer, Some("tok_visa"));
    let total = &offer["price"]["total"];
    let due = total["amount"].as_i64().expect("an amount");
    for (at, (amount, currency)) in [
        (due - 1, total["currency"].as_str()),
        (due + 1, total["currency"].as_str()),
        (due, Some("KWD")),
    ]
    .into_iter()
    .enumerate()
    {
        order["payment"]["amount"] = json!({"amount": amount, "currency": currency});
        account
            .order(&order, &format!("wrong-{at}"))
            .await
            .refused(409, "amount_mismatch");
    }
    order["payment"]["amount"] = json!({"amount": due, "currency": total["currency"]});
    account.order(&order, "right").await.expect(201);
}

async fn some_fares_must_be_paid_at_once() {
    let account = App::shared().await.account().await;
    let offers = account.offers(&to_new_york()).await;
    let offer = offers
        .iter()
        .find(|offer| offer["hold_allowed"] == false)
        .expect("a fare that may not be held");
    assert_eq!(offer["payment_required_by"], Value::Null);
    account
        .order(&order_of(offer, None), "hold")
        .await
        .refused(409, "hold_not_allowed");
    account
        .order(&order_of(offer, Some("tok_visa")), "instant")
        .await
        .expect(201);
}

async fn lists_are_filtered_and_paged() {
    let account = App::shared().await.account().await;
    let mut ids = Vec::new();
    for at in 0..5 {
        let mut order = order_of(&account.offer().await, None);
        order["client_reference"] = json!(format!("group-{}", at % 2));
        ids.push(
            account
                .order(&order, &format!("order-{at}"))
                .await
                .expect(201)
                .body["id"]
                .clone(),
        );
    }
    account
        .pay(ids[0].as_str().expect("an id"), "tok_visa", "pay")
        .await
        .expect(201);
    ids.reverse();
    let listed = async |query: &str, limit| -> Vec<Value> {
        account
            .all(&format!("{ORDERS}{query}"), limit)
            .await
            .iter()
            .map(|order| order["id"].clone())
            .collect()
    };
    assert_eq!(listed("", 2).await, ids, "the newest first");
    assert_eq!(listed("?status=ticketed", 2).await, ids[4..]);
    assert_eq!(listed("?status=held", 1).await, ids[..4]);
    assert_eq!(
        listed("?client_reference=group-1", 1).await,
        [ids[1].clone(), ids[3].clone()]
    );
    assert_eq!(
        listed("?client_reference=group-0&status=held", 9).await,
        [ids[0].clone(), ids[2].clone()]
    );
    assert!(listed("?client_reference=nothing", 9).await.is_empty());
    let first = account
        .client
        .get(format!("{ORDERS}?limit=2"))
        .await
        .expect(200);
    assert!(
        first.header("Link").contains("rel=\"next\""),
        "{}",
        first.header("Link")
    );
    let nowhere = account
        .client
        .get(format!("{ORDERS}?after=bm90aGluZw"))
        .await
        .expect(200);
    assert_eq!(nowhere.body, json!({"data": [], "next_cursor": null}));
}
