//! Public v1: what is its own. What it shares with v2 is compared member by member in `crosswise`.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::app::Account;
use crate::support::client::{Call, Reply};
use crate::support::traveller::{is_flexible, search};

mod cancellations;
mod lists;
mod orders;
mod payments;

pub const ORDERS: &str = "/public/v1/orders";

/// The tests of all files.
pub fn trials() -> Vec<Trial> {
    [
        cancellations::trials(),
        lists::trials(),
        orders::trials(),
        payments::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// One adult from London to New York, non-stop.
pub fn to_new_york() -> Value {
    let mut search = search(&[("LHR", "JFK", "2027-03-15")], json!([{"type": "adult"}]));
    search["max_connections"] = json!(0);
    search
}

/// The cheapest offer to New York that may be held and refunded.
pub async fn offer(account: &Account) -> Value {
    let found = account
        .client
        .post("/public/v1/offer-requests", &to_new_york())
        .await
        .expect(201);
    let offers = found.body["offers"].as_array().expect("a list").clone();
    offers
        .into_iter()
        .find(is_flexible)
        .expect("there is a flexible offer")
}

/// An order of an offer for one adult: `instant` with this payment method, or `hold` without one.
pub fn order_of(offer: &Value, method: Option<&str>) -> Value {
    let mut order = json!({
        "type": "hold",
        "offer_id": offer["id"],
        "passengers": [{
            "id": offer["passengers"][0]["id"],
            "given_name": "Amelia",
            "family_name": "Earhart",
            "born_on": "1987-07-24",
        }],
        "contact": {"email": "amelia@example.com", "phone": "+442071234567"},
        "client_reference": "older",
    });
    if let Some(token) = method {
        order["type"] = json!("instant");
        order["payment"] = json!({"type": "card", "token": token});
    }
    order
}

/// Orders a new offer without a key; not sent yet.
pub async fn ordering(account: &Account, method: Option<&str>) -> Call {
    let offer = offer(account).await;
    account.client.post(ORDERS, &order_of(&offer, method))
}

/// A confirmed or held order of a new offer.
pub async fn ordered(account: &Account, method: Option<&str>) -> Reply {
    ordering(account, method).await.await.expect(201)
}

/// Pays an order; not sent yet.
pub fn paying(account: &Account, order_id: &str, payment: &Value) -> Call {
    let target = format!("{ORDERS}/{order_id}/payments");
    account.client.post(target, &json!({ "payment": payment }))
}

/// Cancels an order; not sent yet.
pub fn cancelling(account: &Account, order_id: &str) -> Call {
    account
        .client
        .post_empty(format!("{ORDERS}/{order_id}/cancel"))
}

/// An order as it is now.
pub async fn read(account: &Account, order_id: &str) -> Reply {
    account
        .client
        .get(format!("{ORDERS}/{order_id}"))
        .await
        .expect(200)
}
