//! `/private/v1/orders`: support sees the orders of every account of its world, and each look is in the audit log.

use serde_json::Value;

use super::{ORDERS, flight_of, staff, staff_and_traveller};
use crate::support::app::App;
use crate::support::trials;

trials![
    orders_are_found_by_whatever_is_known,
    an_order_is_shown_as_it_was_sold,
    orders_of_another_world_are_not_there,
];

async fn orders_are_found_by_whatever_is_known() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let other = app.account_in(&traveller.world).await;
    let ticketed = traveller.ticketed("a").await;
    let held = other.held("b").await;
    let found = async |query: &str| -> Vec<String> {
        let page = staff.get(format!("{ORDERS}?{query}")).await.expect(200);
        let data = page.body["data"].as_array().expect("a page").clone();
        data.iter()
            .map(|order| order["id"].as_str().expect("an id").to_owned())
            .collect()
    };
    let (one, two) = (ticketed.text("/id").to_owned(), held.text("/id").to_owned());
    let locator = ticketed.text("/locator");
    let both = [two.clone(), one.clone()];
    assert_eq!(found("").await, both);
    let alone = staff.get(format!("{ORDERS}?surname=Earhart"));
    let alone = alone.await.refused(400, "invalid_parameter");
    assert_eq!(alone.text("/errors/0/parameter"), "surname");
    assert_eq!(
        found(&format!("locator={locator}")).await,
        std::slice::from_ref(&one)
    );
    assert_eq!(
        found(&format!("locator={locator}&surname=eARHART")).await,
        std::slice::from_ref(&one)
    );
    assert_eq!(
        found(&format!("locator={locator}&surname=Coleman")).await,
        [""; 0]
    );
    assert_eq!(found("status=held").await, std::slice::from_ref(&two));
    assert_eq!(
        found(&format!("account_id={}", other.id)).await,
        std::slice::from_ref(&two)
    );
    let flight = flight_of(&ticketed.body);
    assert!(found(&format!("flight_id={flight}")).await.contains(&one));
    assert_eq!(found("flight_id=flt_BA185-20270420-LHR-JFK").await, [""; 0]);
    let page = staff.get(format!("{ORDERS}?limit=1")).await.expect(200);
    assert!(page.header("Link").contains("rel=\"next\""));
    let next = page.text("/next_cursor");
    assert_eq!(found(&format!("limit=1&after={next}")).await, [one]);
}

async fn an_order_is_shown_as_it_was_sold() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let sold = traveller.ticketed("a").await;
    let target = format!("{ORDERS}/{}", sold.text("/id"));
    let shown = staff.get(&target).await.expect(200);
    assert_eq!(shown.text("/account_id"), traveller.id);
    for (member, value) in shown.body.as_object().expect("an object") {
        let theirs = sold.body.get(member);
        assert!(
            theirs.is_none_or(|theirs| theirs == value),
            "{member}: {value:#} is not {theirs:#?}"
        );
    }
    assert_eq!(shown.header("ETag"), sold.header("ETag"));
    let known = staff.get(&target);
    known
        .header("If-None-Match", shown.header("ETag"))
        .await
        .expect(304);
}

async fn orders_of_another_world_are_not_there() {
    let app = App::shared().await;
    let traveller = app.account().await;
    let order = traveller.ticketed("a").await;
    let stranger = staff(&app).await;
    let target = format!("{ORDERS}/{}", order.text("/id"));
    stranger.client.get(target).await.refused(404, "not_found");
    let found = stranger.all(ORDERS, 10).await;
    assert_eq!(found, Vec::<Value>::new());
}
