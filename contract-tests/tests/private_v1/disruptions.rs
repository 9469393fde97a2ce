//! What a flight that is cancelled, retimed or flown by another aircraft does to those who have booked it: a change that they are
//! told, and their money back.

use serde_json::{Value, json};

use super::{FLIGHTS, ORDERS, flight_of, staff_and_traveller};
use crate::support::app::App;
use crate::support::client::Reply;
use crate::support::traveller::{is_flexible, order_of, to_new_york};
use crate::support::trials;

trials![
    a_cancelled_flight_gives_everything_back,
    a_retimed_flight_may_be_refused_without_a_penalty,
    another_aircraft_frees_only_those_who_lose_their_cabin,
    a_cancelled_flight_is_sold_at_no_door,
];

async fn a_cancelled_flight_gives_everything_back() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let offers = traveller.offers(&to_new_york()).await;
    // A fare that keeps something when it is given back.
    let offer = offers
        .iter()
        .find(|offer| !is_flexible(offer) || offer["fare_brand"] != "flex")
        .expect("there is a strict fare");
    let order = traveller.order(&order_of(offer, Some("tok_visa")), "order");
    let order = order.await.expect(201);
    let strict = traveller.quote(order.text("/id")).await;
    assert_ne!(strict.body["penalty"]["amount"], 0, "{:#}", strict.body);
    let flight = flight_of(&order.body);
    let cancel = |preview: bool, key: &str| {
        staff
            .post(
                format!("{FLIGHTS}/{flight}/cancel"),
                &json!({ "preview": preview }),
            )
            .key(key)
            .header("If-Match", "*")
    };
    let preview = cancel(true, "look").await.expect(200);
    let affected = json!([{
        "order_id": order.body["id"],
        "account_id": traveller.id,
        "locator": order.body["locator"],
        "status": "ticketed",
        "passengers": 1,
    }]);
    assert_eq!(preview.body["affected_orders"], affected);
    let untouched = traveller.read(order.text("/id")).await;
    assert_eq!(untouched.body["version"], order.body["version"]);
    let done = cancel(false, "do").await.expect(200);
    assert_eq!(done.body["affected_orders"], affected);

    let told = staff.get(format!("{ORDERS}/{}", order.text("/id")));
    let told = told.await.expect(200);
    let change = &told.body["schedule_changes"][0];
    assert_eq!(
        (
            &change["kind"],
            &change["status"],
            &change["departure_after"]
        ),
        (&json!("cancelled"), &json!("open"), &Value::Null)
    );
    assert_eq!(
        change["segment_id"],
        order.body["slices"][0]["segments"][0]["id"]
    );
    let quote = traveller.quote(order.text("/id")).await;
    assert_eq!(quote.body["penalty"]["amount"], 0, "{:#}", quote.body);
    assert_eq!(quote.body["refund"], order.body["price"]["total"]);
    let confirmed = traveller.confirm(quote.text("/id"), "confirm");
    confirmed.await.expect(200);
    let cancelled = traveller.read_as(order.text("/id"), "cancelled").await;
    assert_eq!(cancelled.body["payment_status"], "refunded");
    let again = cancel(false, "do").await.expect(200);
    assert_eq!(again.body["affected_orders"], json!([]));
}

async fn a_retimed_flight_may_be_refused_without_a_penalty() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let offers = traveller.offers(&to_new_york()).await;
    let offer = offers
        .iter()
        .find(|offer| offer["fare_brand"] != "flex")
        .expect("there is a strict fare");
    let order = traveller.order(&order_of(offer, Some("tok_visa")), "order");
    let order = order.await.expect(201);
    let flight = flight_of(&order.body);
    let retime = staff
        .post(
            format!("{FLIGHTS}/{flight}/retime"),
            &json!({"preview": false, "shift_minutes": 95}),
        )
        .key("do")
        .header("If-Match", "*");
    let retimed = retime.await.expect(200);
    assert_eq!(
        retimed.body["affected_orders"][0]["order_id"],
        order.body["id"]
    );
    let told = staff.get(format!("{ORDERS}/{}", order.text("/id")));
    let told = told.await.expect(200);
    let change = &told.body["schedule_changes"][0];
    assert_eq!(change["kind"], "retimed");
    assert_eq!(
        change["departure_after"],
        retimed.body["flight"]["departure"]
    );
    assert_eq!(
        change["departure_before"],
        order.body["slices"][0]["segments"][0]["departure"]
    );
    let quote = traveller.quote(order.text("/id")).await;
    assert_eq!(quote.body["penalty"]["amount"], 0);
    assert_eq!(quote.body["refund"], order.body["price"]["total"]);
}

async fn another_aircraft_frees_only_those_who_lose_their_cabin() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let mut orders: Vec<Reply> = Vec::new();
    for cabin in ["economy", "first"] {
        let mut search = to_new_york();
        search["cabin"] = json!(cabin);
        let offers = traveller.offers(&search).await;
        let flown = |offer: &&Value| {
            let same = orders
                .iter()
                .all(|o| flight_of(&o.body) == flight_of(offer));
            let of_four = offer["slices"][0]["segments"][0]["aircraft"]["code"] == "772";
            offer["fare_brand"] != "flex" && same && of_four
        };
        let offer = offers.iter().find(flown).expect("a strict fare");
        let order = traveller.order(&order_of(offer, Some("tok_visa")), cabin);
        orders.push(order.await.expect(201));
    }
    let mut kept = Vec::new();
    for order in &orders {
        kept.push(traveller.quote(order.text("/id")).await.body["penalty"].clone());
    }
    assert_ne!(kept[0]["amount"], 0);
    assert_ne!(kept[1]["amount"], 0);
    let flight = flight_of(&orders[0].body);
    let equip = |preview: bool| {
        let body = json!({"preview": preview, "aircraft": "788"});
        let call = staff.post(format!("{FLIGHTS}/{flight}/change-equipment"), &body);
        call.key("do").header("If-Match", "*")
    };
    let affected = |reply: &Reply| {
        let all = reply.body["affected_orders"].as_array().expect("a list");
        let mut ids: Vec<_> = all.iter().map(|one| one["order_id"].clone()).collect();
        ids.sort_by_key(Value::to_string);
        ids
    };
    let mut ids: Vec<_> = orders.iter().map(|one| one.body["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    assert_eq!(affected(&equip(true).await.expect(200)), ids);
    let done = equip(false).await.expect(200);
    assert_eq!(affected(&done), ids);

    let history = async |order: &Reply| {
        let target = format!("{ORDERS}/{}/history", order.text("/id"));
        let told = staff.get(target).await.expect(200);
        let entries = told.body["data"].as_array().expect("a list").clone();
        let last = entries.last().map(|entry| entry["type"].clone());
        last.expect("something happened")
    };
    for (order, flown) in orders.iter().zip([true, false]) {
        let told = traveller.read(order.text("/id")).await;
        let change = &told.body["schedule_changes"][0];
        assert_eq!(
            (&change["kind"], &change["status"], &change["cabin_flown"]),
            (&json!("equipment_changed"), &json!("open"), &json!(flown))
        );
        let segment = &order.body["slices"][0]["segments"][0];
        assert_eq!(change["aircraft_before"], segment["aircraft"]);
        assert_eq!(change["aircraft_after"], done.body["flight"]["aircraft"]);
        assert_eq!(change["departure_after"], segment["departure"]);
        assert_eq!(told.body["status"], "ticketed", "nobody is cancelled");
        assert_eq!(history(order).await, "order.schedule_change_detected");
    }
    let accept = async |order: &Reply| {
        let told = traveller.read(order.text("/id")).await;
        let change = told.text("/schedule_changes/0/id").to_owned();
        let target = format!("/public/v2/schedule-changes/{change}/accept");
        traveller.client.post_empty(target).await
    };
    // The economy is still there: it costs what it did, and the aircraft is agreed to.
    let quote = traveller.quote(orders[0].text("/id")).await;
    assert_eq!(quote.body["penalty"], kept[0]);
    let accepted = accept(&orders[0]).await.expect(200);
    let flown = &accepted.body["slices"][0]["segments"][0];
    assert_eq!(flown["aircraft"], done.body["flight"]["aircraft"]);
    assert_eq!(accepted.body["schedule_changes"][0]["status"], "accepted");
    assert_eq!(history(&orders[0]).await, "order.schedule_change_accepted");
    // The first class is not: there is nothing to agree to, and everything comes back.
    let refused = accept(&orders[1]).await;
    let refused = refused.refused(409, "invalid_state");
    assert!(refused.text("/detail").contains("change the order"));
    let quote = traveller.quote(orders[1].text("/id")).await;
    assert_eq!(quote.body["refund"], orders[1].body["price"]["total"]);
    let confirmed = traveller.confirm(quote.text("/id"), "confirm");
    confirmed.await.expect(200);
    traveller.read_as(orders[1].text("/id"), "cancelled").await;
}

async fn a_cancelled_flight_is_sold_at_no_door() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let offer = traveller.offer().await;
    let flight = flight_of(&offer);
    let cancel = staff
        .post(
            format!("{FLIGHTS}/{flight}/cancel"),
            &json!({"preview": false}),
        )
        .key("do")
        .header("If-Match", "*");
    cancel.await.expect(200);
    for offer in traveller.offers(&to_new_york()).await {
        assert_ne!(flight_of(&offer), flight);
    }
    let late = traveller.order(&order_of(&offer, Some("tok_visa")), "late");
    late.await.refused(409, "seats_unavailable");
    // The same flight flies on in every other world.
    let elsewhere = app.account().await;
    let found = elsewhere.offers(&to_new_york()).await;
    assert!(found.iter().any(|offer| flight_of(offer) == flight));
}
