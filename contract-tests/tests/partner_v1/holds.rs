//! `/partner/v1/holds`: seats without names.

use serde_json::{Value, json};

use super::agent::{
    AVAILABILITY, HOLDS, advance, agency, credit, flight, order, order_of_hold, partner, read,
    renewed, seats,
};
use crate::support::app::Account;
use crate::support::client::Reply;
use crate::support::trials;

trials![
    a_hold_is_made_once_and_released_once,
    a_hold_expires,
    a_hold_becomes_an_order,
    a_hold_needs_seats_that_are_there,
    another_agency_sees_no_hold,
];

async fn hold(account: &Account, wanted: &Value, key: &str) -> Reply {
    account.client.post(HOLDS, wanted).key(key).await
}

async fn get(account: &Account, hold: &Reply) -> Reply {
    let target = format!("{HOLDS}/{}", hold.text("/id"));
    account.client.get(target).await.expect(200)
}

async fn a_hold_is_made_once_and_released_once() {
    let (app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let wanted = seats(&flight, &class, 2);
    let held = hold(&account, &wanted, "key").await.expect(201);
    assert_eq!(held.text("/status"), "active");
    assert_eq!(held.text("/expires_at"), "2027-03-01T09:30:00Z");
    assert_eq!(held.header("Idempotency-Replayed"), "false");
    assert_eq!(
        held.header("Location"),
        format!("{HOLDS}/{}", held.text("/id"))
    );
    let again = hold(&account, &wanted, "key").await.expect(201);
    assert_eq!(again.body, held.body);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
    hold(&account, &seats(&flight, &class, 3), "key")
        .await
        .refused(409, "idempotency_key_reused");
    let mut longer = wanted.clone();
    longer["ttl_minutes"] = json!(31);
    hold(&account, &longer, "key")
        .await
        .refused(409, "idempotency_key_reused");
    let other = hold(&account, &wanted, "another").await.expect(201);
    assert_ne!(other.text("/id"), held.text("/id"));
    assert_eq!(app.seats(&account).await, (0, 4));

    let target = format!("{HOLDS}/{}", held.text("/id"));
    let tag = get(&account, &held).await.header("ETag").to_owned();
    let call = account.client.get(&target).header("If-None-Match", &tag);
    call.await.expect(304);
    for _ in 0..2 {
        account.client.delete(&target).await.expect(204);
        assert_eq!(app.seats(&account).await, (0, 2));
    }
    let released = account.client.get(&target).header("If-None-Match", &tag);
    assert_eq!(released.await.expect(200).text("/status"), "released");
}

async fn a_hold_expires() {
    let (app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let mut wanted = seats(&flight, &class, 1);
    wanted["ttl_minutes"] = json!(10);
    let held = hold(&account, &wanted, "key").await.expect(201);
    advance(&account, "2027-03-01T09:10:00Z").await;
    assert_eq!(get(&account, &held).await.text("/status"), "expired");
    order(&account, &order_of_hold(&held, 1, credit()), "late")
        .await
        .refused(410, "hold_expired");
    // Letting go of what is gone changes nothing.
    let target = format!("{HOLDS}/{}", held.text("/id"));
    account.client.delete(&target).await.expect(204);
    wanted["ttl_minutes"] = json!(61);
    let refused = hold(&account, &wanted, "too-long").await;
    let refused = refused.refused(422, "validation_failed");
    assert_eq!(refused.text("/errors/0/pointer"), "/ttl_minutes");
    drop(app);
}

async fn a_hold_becomes_an_order() {
    let (app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let held = hold(&account, &seats(&flight, &class, 2), "hold")
        .await
        .expect(201);
    let wanted = order_of_hold(&held, 2, credit());
    let made = order(&account, &wanted, "order").await.expect(201);
    assert_eq!(made.text("/status"), "ticketed");
    assert_eq!(made.text("/hold_id"), held.text("/id"));
    let segment = &made.body["slices"][0]["segments"][0];
    assert_eq!(segment["booking_class"], class.as_str());
    assert_eq!(segment["flight_number"], flight["flight_number"]);
    assert_eq!(made.body["segment_statuses"][0]["status"], "HK");
    assert_eq!(made.body["tickets"].as_array().map(Vec::len), Some(2));
    assert_eq!(get(&account, &held).await.text("/status"), "ordered");
    let again = order(&account, &wanted, "order").await.expect(201);
    assert_eq!(again.body, made.body);
    // It can be ordered once, and is not let go any more.
    let second = order(&account, &wanted, "second").await;
    assert_eq!(second.status, 409, "{:#}", second.body);
    let target = format!("{HOLDS}/{}", held.text("/id"));
    account
        .client
        .delete(&target)
        .await
        .refused(409, "invalid_state");
    // The seats of the order are those of the hold, and no others.
    advance(&account, "2027-03-01T11:00:00Z").await;
    let account = renewed(&app, &account).await;
    assert_eq!(
        read(&account, made.text("/id")).await.text("/status"),
        "ticketed"
    );
    let too_few = hold(&account, &seats(&flight, &class, 2), "more")
        .await
        .expect(201);
    order(&account, &order_of_hold(&too_few, 1, credit()), "too-few")
        .await
        .refused(409, "passengers_mismatch");
}

async fn a_hold_needs_seats_that_are_there() {
    let (_app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let mut unknown = seats(&flight, &class, 1);
    unknown["items"][0]["flight_number"] = json!(9998);
    hold(&account, &unknown, "unknown")
        .await
        .refused(404, "not_found");
    let mut both = seats(&flight, &class, 1);
    let missing = unknown["items"][0].clone();
    both["items"].as_array_mut().expect("a list").push(missing);
    hold(&account, &both, "all-or-none")
        .await
        .refused(404, "not_found");
    let target = format!("{AVAILABILITY}?origin=LHR&destination=NCE&date=2027-03-15");
    let found = account.client.get(target).await.expect(200);
    let short = &found.body["flights"][0];
    let classes = short["classes"].as_array().expect("a list");
    // No flight has X, and this one no first class.
    for letter in ["X", "F"] {
        assert!(classes.iter().all(|class| class["booking_class"] != letter));
        hold(&account, &seats(short, letter, 1), letter)
            .await
            .refused(409, "seats_unavailable");
    }
    let mut full = false;
    for round in 0..100 {
        let held = hold(
            &account,
            &seats(&flight, &class, 9),
            &format!("fill-{round}"),
        )
        .await;
        if held.status != 201 {
            held.refused(409, "seats_unavailable");
            full = true;
            break;
        }
    }
    assert!(full, "seats end");
}

async fn another_agency_sees_no_hold() {
    let (app, account) = agency().await;
    let (flight, class) = flight(&account).await;
    let held = hold(&account, &seats(&flight, &class, 1), "key")
        .await
        .expect(201);
    let neighbour = app.party_in(partner(), &account.world).await;
    let stranger = app.party(partner()).await;
    for other in [&neighbour, &stranger] {
        let target = format!("{HOLDS}/{}", held.text("/id"));
        other.client.get(&target).await.refused(404, "not_found");
        other.client.delete(&target).await.refused(404, "not_found");
        order(other, &order_of_hold(&held, 1, credit()), "theirs")
            .await
            .refused(404, "not_found");
    }
    // The same key of another agency names another hold.
    let theirs = hold(&neighbour, &seats(&flight, &class, 1), "key")
        .await
        .expect(201);
    assert_ne!(theirs.text("/id"), held.text("/id"));
    assert_eq!(theirs.header("Idempotency-Replayed"), "false");
    assert_eq!(get(&account, &held).await.text("/status"), "active");
}
