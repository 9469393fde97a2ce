//! Agencies and developers sell from one inventory: the last seat is sold once, whichever door it is asked for at.

use std::future::IntoFuture;

use futures_util::future::join_all;
use serde_json::{Value, json};

use super::agent::{HOLDS, ORDERS, agency, credit, order_of_hold, order_of_offer, partner};
use crate::support::app::Account;
use crate::support::traveller::{order_of, search};
use crate::support::trials;

trials![the_last_seat_is_sold_once_across_the_doors];

/// Those who want the last seat, half of them at each door.
const BUYERS: usize = 12;
const FILLING_MAX: usize = 60;

/// A short flight of a small aircraft, so that it fills up soon.
fn wanted() -> Value {
    let mut wanted = search(&[("GLA", "BRR", "2027-03-15")], json!([{"ptc": "ADT"}]));
    wanted["max_connections"] = json!(0);
    wanted
}

fn segment(offer: &Value) -> &Value {
    &offer["slices"][0]["segments"][0]
}

/// The offers of a class of a flight, as a developer or an agency sees them.
async fn find(account: &Account, door: &str, flight: Option<&Value>) -> Option<Value> {
    let target = format!("/{door}/offer-requests?limit=100");
    let found = account.client.post(target, &wanted()).await.expect(201);
    let offers = found.body["offers"].as_array().expect("a list").clone();
    offers.into_iter().find(|offer| {
        flight.is_none_or(|flight| {
            ["carrier", "flight_number", "booking_class"]
                .iter()
                .all(|member| segment(offer)[member] == flight[member])
        })
    })
}

/// Holds seats of the class of an offer until one is left; returns the flight as the offer shows it.
async fn fill(agency: &Account) -> Value {
    let offer = find(agency, "partner/v1", None)
        .await
        .expect("there are seats");
    let flight = segment(&offer).clone();
    let departure = flight["departure"]["local"].as_str().expect("a time");
    for round in 0..FILLING_MAX {
        let seen = find(agency, "partner/v1", Some(&flight))
            .await
            .expect("one seat is left");
        let left = segment(&seen)["seats_left"].as_u64().expect("a count");
        if left == 1 {
            return flight;
        }
        let items = json!({"ttl_minutes": 60, "items": [{
            "carrier": flight["carrier"],
            "flight_number": flight["flight_number"],
            "departure_date": departure[..10],
            "origin": flight["departure"]["airport"],
            "destination": flight["arrival"]["airport"],
            "booking_class": flight["booking_class"],
            // Nine stands for nine or more, so eight may be taken of them.
            "seats": left - 1,
        }]});
        let held = agency
            .client
            .post(HOLDS, &items)
            .key(&format!("fill-{round}"));
        let held = held.await.expect(201);
        let count = usize::try_from(left - 1).expect("a small count");
        agency
            .client
            .post(ORDERS, &order_of_hold(&held, count, credit()))
            .key(&format!("sell-{round}"))
            .await
            .expect(201);
    }
    panic!("{FILLING_MAX} holds did not fill it")
}

async fn the_last_seat_is_sold_once_across_the_doors() {
    let (app, agency) = agency().await;
    let neighbour = app.party_in(partner(), &agency.world).await;
    let developer = app.account_in(&agency.world).await;
    let flight = fill(&agency).await;
    let (filled, _) = app.seats(&agency).await;
    let mut orders = Vec::new();
    for buyer in 0..BUYERS {
        let (account, door) = match buyer % 4 {
            0 => (&agency, "partner/v1"),
            1 => (&neighbour, "partner/v1"),
            _ => (&developer, "public/v2"),
        };
        let offer = find(account, door, Some(&flight))
            .await
            .expect("all see the seat");
        let order = match door {
            "partner/v1" => order_of_offer(&offer, credit()),
            _ => order_of(&offer, Some("tok_visa")),
        };
        orders.push((account, format!("/{door}/orders"), order));
    }
    let replies = join_all(
        orders
            .iter()
            .enumerate()
            .map(|(buyer, (account, target, order))| {
                let call = account.client.post(target, order);
                call.key(&format!("last-{buyer}")).into_future()
            }),
    )
    .await;
    let mut sold = 0;
    for reply in replies {
        if reply.status == 201 {
            sold += 1;
        } else {
            reply.refused(409, "seats_unavailable");
        }
    }
    assert_eq!(sold, 1, "one seat was left");
    for (account, door) in [(&agency, "partner/v1"), (&developer, "public/v2")] {
        assert!(find(account, door, Some(&flight)).await.is_none());
    }
    assert_eq!(app.seats(&agency).await, (filled + 1, 0));
}
