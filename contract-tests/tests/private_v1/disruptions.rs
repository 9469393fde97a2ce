//! What a cancelled or retimed flight does to those who have booked it: a change that they are told, and their money back.

use serde_json::{Value, json};

use super::{FLIGHTS, ORDERS, flight_of, staff_and_traveller};
use crate::support::app::App;
use crate::support::traveller::{is_flexible, order_of, to_new_york};
use crate::support::trials;

trials![
    a_cancelled_flight_gives_everything_back,
    a_retimed_flight_may_be_refused_without_a_penalty,
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
