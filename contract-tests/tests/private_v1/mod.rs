//! Private v1, file by file as its paths are.

use libtest_mimic::Trial;
use serde_json::Value;

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
        tokens::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

const FLIGHTS: &str = "/private/v1/flights";
const ORDERS: &str = "/private/v1/orders";

/// Staff of a new world with every role, and a traveller of the same world.
async fn staff_and_traveller(app: &App) -> (Client, Account) {
    let staff = app.party(contract("private/v1")).await;
    let traveller = app.account_in(&staff.world).await;
    (staff.client, traveller)
}

/// Staff of a new world with every role.
async fn staff(app: &App) -> Account {
    app.party(contract("private/v1")).await
}

/// The id of the first flight of an order or offer.
fn flight_of(order: &Value) -> String {
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
