//! `/partner/v1/offer-requests` and `/partner/v1/offers`: published and negotiated fares.

use fareway::kernel::id::FareId;
use fareway::rpc::common::v1::Context;
use fareway::rpc::flights::v1::{Fare, FileFareRequest};
use serde_json::{Value, json};

use super::agent::{
    OFFER_REQUESTS, advance, agency, credit, offer, offers, order, order_of_offer, partner, renewed,
};
use crate::support::app::{Account, App, WITHIN, platform};
use crate::support::traveller::to_new_york;
use crate::support::trials;

trials![
    a_search_and_its_offers_are_read_back,
    offers_expire,
    a_negotiated_fare_is_cheaper_for_whom_it_is_negotiated,
];

async fn a_search_and_its_offers_are_read_back() {
    let (_app, account) = agency().await;
    let found = account
        .client
        .post(OFFER_REQUESTS, &to_new_york())
        .await
        .expect(201);
    assert_eq!(found.body["account_codes"], json!([]));
    let target = found.header("Location");
    assert_eq!(target, format!("{OFFER_REQUESTS}/{}", found.text("/id")));
    let again = account.client.get(target).await.expect(200);
    assert_eq!(again.body, found.body);
    for offer in found.body["offers"].as_array().expect("a list") {
        let id = offer["id"].as_str().expect("an id");
        let read = account
            .client
            .get(format!("/partner/v1/offers/{id}"))
            .await
            .expect(200);
        assert_eq!(read.body, *offer);
        assert_eq!(offer["negotiated_fare"], Value::Null);
        let segment = &offer["slices"][0]["segments"][0];
        assert!(segment["fare_basis"].is_string() && segment["booking_class"].is_string());
    }
}

async fn offers_expire() {
    let (app, account) = agency().await;
    let found = account
        .client
        .post(OFFER_REQUESTS, &to_new_york())
        .await
        .expect(201);
    let offer = offer(&account).await;
    advance(&account, "2027-03-01T09:30:00Z").await;
    let account = renewed(&app, &account).await;
    account
        .client
        .get(found.header("Location"))
        .await
        .refused(410, "offer_expired");
    account
        .client
        .get(format!(
            "/partner/v1/offers/{}",
            offer["id"].as_str().expect("an id")
        ))
        .await
        .refused(410, "offer_expired");
    order(&account, &order_of_offer(&offer, credit()), "late")
        .await
        .refused(410, "offer_expired");
}

/// Files a fare for an agency: a quarter off.
async fn negotiate(app: &App, account: &Account, account_code: &str) {
    let request = FileFareRequest {
        context: Some(Context {
            world: account.world.clone(),
            ..platform()
        }),
        fare: Some(Fare {
            id: FareId::new(0, &app.chance).into(),
            carrier: "BA".to_owned(),
            origin: "LHR".to_owned(),
            destination: "JFK".to_owned(),
            account_code: account_code.to_owned(),
            account_id: account.id.clone(),
            discount_basis_points: 2500,
            ..Fare::default()
        }),
    };
    let filed = app.clients.fares.file_fare(request, WITHIN).await;
    filed.expect("the fare can be filed");
}

async fn a_negotiated_fare_is_cheaper_for_whom_it_is_negotiated() {
    let (app, account) = agency().await;
    let other = app.party_in(partner(), &account.world).await;
    negotiate(&app, &account, "QUARTER").await;
    let mut wanted = to_new_york();
    wanted["account_codes"] = json!(["QUARTER"]);
    let of_ba = |offers: Vec<Value>| {
        let mut of_ba = offers
            .into_iter()
            .filter(|offer| offer["validating_carrier"] == "BA");
        of_ba.next().expect("an offer of the carrier")
    };
    let base = |offer: &Value| {
        offer["price"]["base"]["amount"]
            .as_i64()
            .expect("an amount")
    };
    let negotiated = of_ba(offers(&account, &wanted).await);
    assert_eq!(negotiated["negotiated_fare"]["account_code"], "QUARTER");
    for (who, search) in [(&account, &to_new_york()), (&other, &wanted)] {
        let published = of_ba(offers(who, search).await);
        assert_eq!(published["negotiated_fare"], Value::Null);
        assert!(base(&negotiated) < base(&published));
    }
    let made = order(&account, &order_of_offer(&negotiated, credit()), "order")
        .await
        .expect(201);
    assert_eq!(made.text("/negotiated_fare/account_code"), "QUARTER");
    assert_eq!(made.body["price"], negotiated["price"]);
    // Somebody else's offer is not there.
    order(&other, &order_of_offer(&negotiated, credit()), "theirs")
        .await
        .refused(404, "not_found");
}
