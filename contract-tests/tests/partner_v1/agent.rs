//! Steps of an agency's journey that many tests take.

use std::sync::Arc;

use fareway::rpc::common::v1::{Context, Money};
use fareway::rpc::identity::v1::SetCreditLimitRequest;
use serde_json::{Value, json};

use crate::support::app::{Account, App, WITHIN, platform};
use crate::support::client::{Call, Reply};
use crate::support::contract::{Contract, contract};
use crate::support::traveller::{is_flexible, order_of, to_new_york};

pub const AGENCY: &str = "/partner/v1/agency";
pub const AVAILABILITY: &str = "/partner/v1/availability";
pub const OFFER_REQUESTS: &str = "/partner/v1/offer-requests";
pub const HOLDS: &str = "/partner/v1/holds";
pub const ORDERS: &str = "/partner/v1/orders";
pub const CANCELLATIONS: &str = "/partner/v1/order-cancellations";
pub const ENDPOINTS: &str = "/partner/v1/webhook-endpoints";

/// The contract that is tested here.
pub fn partner() -> &'static Contract {
    contract("partner/v1")
}

/// The shared server, and an agency in a world of its own.
pub async fn agency() -> (Arc<App>, Account) {
    let app = App::shared().await;
    let account = app.party(partner()).await;
    (app, account)
}

/// On agency credit.
pub fn credit() -> Value {
    json!({"type": "agency_credit"})
}

/// By card.
pub fn card(token: &str) -> Value {
    json!({"type": "card", "token": token})
}

/// To be paid by the ticketing time limit.
pub fn later() -> Value {
    json!({"type": "later"})
}

/// The offers of a search.
pub async fn offers(account: &Account, wanted: &Value) -> Vec<Value> {
    let found = account
        .client
        .post(format!("{OFFER_REQUESTS}?limit=100"), wanted)
        .await
        .expect(201);
    found.body["offers"].as_array().expect("a list").clone()
}

/// A refundable offer to New York that may be paid later.
pub async fn offer(account: &Account) -> Value {
    let offers = offers(account, &to_new_york()).await;
    offers
        .into_iter()
        .find(is_flexible)
        .expect("a refundable fare that may be paid later")
}

/// An order of all passengers of an offer.
pub fn order_of_offer(offer: &Value, payment: Value) -> Value {
    let mut order = order_of(offer, None);
    let members = order.as_object_mut().expect("an object");
    members.remove("type");
    members.insert("source".to_owned(), json!("offer"));
    members.insert("payment".to_owned(), payment);
    order
}

/// An order of a hold, for as many adults.
pub fn order_of_hold(hold: &Reply, adults: usize, payment: Value) -> Value {
    let adult = json!({"ptc": "ADT", "given_name": "Amelia", "family_name": "Earhart", "born_on": "1987-07-24"});
    json!({
        "source": "hold",
        "hold_id": hold.text("/id"),
        "passengers": vec![adult; adults],
        "contact": {"email": "amelia@example.com"},
        "payment": payment,
    })
}

/// Makes an order.
pub fn order(account: &Account, order: &Value, key: &str) -> Call {
    account.client.post(ORDERS, order).key(key)
}

/// An order of a new offer, which must succeed.
pub async fn sold(account: &Account, payment: Value, key: &str) -> Reply {
    let offer = offer(account).await;
    order(account, &order_of_offer(&offer, payment), key)
        .await
        .expect(201)
}

/// Reads an order.
pub async fn read(account: &Account, order_id: &str) -> Reply {
    account
        .client
        .get(format!("{ORDERS}/{order_id}"))
        .await
        .expect(200)
}

/// Pays and tickets an order.
pub fn ticket(account: &Account, order_id: &str, payment: Value, key: &str) -> Call {
    account
        .client
        .post(
            format!("{ORDERS}/{order_id}/tickets"),
            &json!({ "payment": payment }),
        )
        .key(key)
}

/// Voids an order.
pub fn void(account: &Account, order_id: &str, key: &str) -> Call {
    account
        .client
        .post_empty(format!("{ORDERS}/{order_id}/void"))
        .key(key)
}

/// Moves the clock of the agency's world.
pub async fn advance(account: &Account, to: &str) -> Reply {
    let target = format!("/partner/v1/test-clocks/{}/advance", account.clock_id);
    account
        .client
        .post(target, &json!({ "to": to }))
        .await
        .expect(200)
}

/// Speaks with a new token, since the clock has passed the end of the old one.
pub async fn renewed(app: &App, account: &Account) -> Account {
    app.with_token(account.clone(), partner()).await
}

/// A flight to New York two weeks ahead, with a booking class that has nine seats or more.
pub async fn flight(account: &Account) -> (Value, String) {
    let found = account
        .client
        .get(format!(
            "{AVAILABILITY}?origin=LHR&destination=JFK&date=2027-03-15&cabin=economy"
        ))
        .await
        .expect(200);
    let flights = found.body["flights"].as_array().expect("a list");
    for flight in flights {
        let classes = flight["classes"].as_array().expect("a list");
        if let Some(class) = classes.iter().rfind(|class| class["seats"] == 9) {
            let letter = class["booking_class"].as_str().expect("a letter");
            return (flight.clone(), letter.to_owned());
        }
    }
    panic!("no flight has nine seats in a class")
}

/// Seats of a booking class of a flight to New York, to be held.
pub fn seats(flight: &Value, booking_class: &str, seats: u32) -> Value {
    let departure = flight["departure"]["local"].as_str().expect("a time");
    json!({"items": [{
        "carrier": flight["carrier"],
        "flight_number": flight["flight_number"],
        "departure_date": departure[..10],
        "origin": flight["departure"]["airport"],
        "destination": flight["arrival"]["airport"],
        "booking_class": booking_class,
        "seats": seats,
    }]})
}

/// Says what an agency may owe from now on, in pence, and waits until billing has heard of it.
pub async fn limit_credit(app: &App, account: &Account, pence: i64) {
    let request = SetCreditLimitRequest {
        context: Some(Context {
            world: account.world.clone(),
            ..platform()
        }),
        account_id: account.id.clone(),
        credit_limit: Some(Money {
            amount: pence,
            currency: "GBP".to_owned(),
        }),
        expected_version: 0,
    };
    let set = app.clients.accounts.set_credit_limit(request, WITHIN).await;
    set.expect("the limit can be set");
    crate::support::eventually("the limit", async || {
        let read = account.client.get(AGENCY).await.expect(200);
        (read.body["credit_limit"]["amount"] == pence).then_some(())
    })
    .await;
}
