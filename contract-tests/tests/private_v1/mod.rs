//! Private v1, file by file as its paths are.

use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::support::app::{Account, App};
use crate::support::client::Client;
use crate::support::contract::contract;

mod accounts;
mod audit_events;
mod credentials;
mod disruptions;
mod fares;
mod flights;
mod inventory;
mod journals;
mod orders;
mod parked_events;
mod sagas;
mod tokens;

/// The tests of all files.
pub fn trials() -> Vec<Trial> {
    [
        accounts::trials(),
        audit_events::trials(),
        credentials::trials(),
        disruptions::trials(),
        fares::trials(),
        flights::trials(),
        inventory::trials(),
        journals::trials(),
        orders::trials(),
        parked_events::trials(),
        sagas::trials(),
        tokens::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub const FLIGHTS: &str = "/private/v1/flights";
const ORDERS: &str = "/private/v1/orders";

/// Staff of a new world with every role, and a traveller of the same world.
pub async fn staff_and_traveller(app: &App) -> (Client, Account) {
    let staff = app.party(contract("private/v1")).await;
    let traveller = app.account_in(&staff.world).await;
    (staff.client, traveller)
}

/// Staff of a new world with every role.
async fn staff(app: &App) -> Account {
    app.party(contract("private/v1")).await
}

/// Speaks for a new client of the staff's world that has only this role.
async fn in_role(app: &App, staff: &Client, role: &str) -> Client {
    let client = json!({"audience": "private", "name": role, "roles": [role]});
    let made = staff.post("/private/v1/clients", &client).key(role);
    let made = made.await.expect(201);
    let form = json!({
        "grant_type": "client_credentials",
        "client_id": made.text("/id"),
        "client_secret": made.text("/secret"),
    });
    let door = app.anonymous_at(contract("private/v1"));
    let token = door.call("POST", "/oauth/token").form(&form);
    door.with_token(token.await.expect(200).text("/access_token"))
}

/// The id of the first flight of an order or offer.
pub fn flight_of(order: &Value) -> String {
    let segment = &order["slices"][0]["segments"][0];
    let text = |pointer: &str| {
        segment
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("a text")
    };
    let date = text("/departure/local")[..10].replace('-', "");
    format!(
        "flt_{}{}-{date}-{}-{}",
        text("/carrier"),
        segment["flight_number"],
        text("/departure/airport"),
        text("/arrival/airport")
    )
}
