//! Seats without names: held for longer, and priced as an offer to who holds them.

use super::*;

#[tokio::test]
async fn a_hold_is_kept_for_longer_while_it_is_active() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let item = items(&offer, 2);
    let asked = |context, minutes: i64, items: Vec<rpc::HoldItem>, extend| {
        let request = rpc::HoldSeatsRequest {
            context,
            hold_id: "hld_1".to_owned(),
            items,
            expires_at_us: NOW + minutes * MINUTE_US,
            extend,
        };
        let service = &service;
        async move { told(service.hold_seats(Request::new(request)).await) }
    };
    let until = |context, minutes, items| asked(context, minutes, items, true);
    let first = until(here(NOW), 20, item.clone()).await.expect("held");
    assert_eq!((first.version, first.created_at_us), (1, NOW));
    assert_eq!(
        (first.account_id.as_str(), first.replayed),
        ("acc_a", false)
    );
    let again = asked(here(NOW + 1), 60, item.clone(), false);
    let as_it_is = rpc::Hold {
        replayed: true,
        ..first
    };
    assert_eq!(again.await, Ok(as_it_is));
    let longer = until(here(NOW + 1), 60, item.clone()).await.expect("held");
    assert_eq!(
        (longer.version, longer.expires_at_us),
        (2, NOW + 60 * MINUTE_US)
    );
    assert_eq!(longer.created_at_us, NOW);
    // An earlier end is no wish to end it earlier.
    assert_eq!(until(here(NOW), 20, item.clone()).await, Ok(longer.clone()));
    assert_eq!(class(&service, &item[0]).await.held, 2);
    let stranger = context("wld_a", "acc_b", NOW);
    assert_eq!(
        until(stranger, 90, item.clone()).await,
        Err(Code::IdempotencyKeyReused)
    );
    assert_eq!(
        until(here(NOW), 90, items(&offer, 1)).await,
        Err(Code::IdempotencyKeyReused)
    );
    // Too late: it expires instead, and its seats are free.
    let over = NOW + 60 * MINUTE_US;
    assert_eq!(
        until(here(over), 90, item.clone()).await,
        Err(Code::HoldExpired)
    );
    assert_eq!(class(&service, &item[0]).await.held, 0);
    let get = rpc::GetHoldRequest {
        context: here(over),
        hold_id: "hld_1".to_owned(),
    };
    let ended = told(service.get_hold(Request::new(get)).await).expect("kept");
    assert_eq!((ended.state(), ended.version), (HoldState::Expired, 3));
}

#[tokio::test]
async fn what_is_released_for_good_cannot_be_held_by_a_request_that_comes_late() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let item = items(&offer, 2);
    let release = |for_good| {
        let request = rpc::ReleaseHoldRequest {
            context: here(NOW),
            hold_id: "hld_1".to_owned(),
            for_good,
        };
        let service = &service;
        async move { told(service.release_hold(Request::new(request)).await) }
    };
    assert_eq!(release(false).await, Err(Code::NotFound));
    let gone = release(true).await.expect("noted");
    assert_eq!(gone.state(), HoldState::Released);
    assert_eq!(release(true).await.expect("again").version, gone.version);
    let late = rpc::HoldSeatsRequest {
        context: here(NOW),
        hold_id: "hld_1".to_owned(),
        items: item.clone(),
        expires_at_us: NOW + MINUTE_US,
        extend: false,
    };
    let refused = told(service.hold_seats(Request::new(late)).await);
    assert_eq!(refused, Err(Code::IdempotencyKeyReused));
    assert_eq!(class(&service, &item[0]).await.held, 0);
}

#[tokio::test]
async fn a_hold_costs_what_the_same_offer_costs() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let there_and_back = [("EDI", "MIA", "2027-03-15"), ("MIA", "EDI", "2027-03-22")];
    let found = find(&service, &there_and_back, &[rpc::Ptc::Adt, rpc::Ptc::Adt]).await;
    let connects = |offer: &&rpc::Offer| offer.slices.iter().all(|slice| slice.segments.len() == 2);
    let offer = found
        .offers
        .iter()
        .find(connects)
        .expect("by way of London");
    let mut wanted = items(offer, 2);
    wanted.reverse();
    assert_eq!(
        hold(&service, here(NOW), "hld_1", wanted).await,
        Ok(HoldState::Active)
    );
    let priced = price_hold(&service, here(NOW), "hld_1", 2)
        .await
        .expect("a journey");
    assert_eq!(priced.price, offer.price);
    assert_eq!(
        (items(&priced, 2), &priced.fare_brand),
        (items(offer, 2), &offer.fare_brand)
    );
    assert_eq!(priced.slices.len(), 2);
    assert_eq!(
        priced.expires_at_us,
        NOW + 20 * MINUTE_US,
        "not longer than the hold"
    );
    // The same whoever asks and however often, so that it is sold once.
    let later = NOW + MINUTE_US;
    let again = price_hold(&service, context("wld_a", "", later), "hld_1", 2).await;
    let again = again.expect("a journey");
    assert_eq!(
        (&again.nonce, &again.passengers),
        (&priced.nonce, &priced.passengers)
    );
    assert_eq!(
        read(&service, here(later), &again.id).await.as_ref(),
        Ok(&again)
    );
    let bound = price(&service, here(later), &priced.id)
        .await
        .expect("still held");
    assert_eq!(
        (&bound.nonce, bound.expires_at_us),
        (&priced.nonce, priced.expires_at_us)
    );
    assert_eq!(
        read(&service, here(NOW + 20 * MINUTE_US), &priced.id).await,
        Err(Code::OfferExpired)
    );
    let stranger = context("wld_a", "acc_b", NOW);
    for (context, seats, code) in [
        (stranger, 2, Code::NotFound),
        (context("wld_b", "acc_a", NOW), 2, Code::NotFound),
        (here(NOW), 1, Code::PassengersMismatch),
        (here(NOW), 3, Code::PassengersMismatch),
        (here(NOW + 20 * MINUTE_US), 2, Code::HoldExpired),
    ] {
        assert_eq!(
            price_hold(&service, context, "hld_1", seats).await,
            Err(code)
        );
    }
    end(&service, "release", here(NOW), "hld_1")
        .await
        .expect("held");
    assert_eq!(
        price_hold(&service, here(NOW), "hld_1", 2).await,
        Err(Code::InvalidState)
    );
}

#[tokio::test]
async fn the_last_seats_are_priced_for_who_holds_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let left = class(&service, &items(&offer, 1)[0]).await.available;
    let all = [items(&offer, left - 1), items(&offer, 1)];
    for (id, items) in ["hld_1", "hld_2"].into_iter().zip(all) {
        assert_eq!(
            hold(&service, here(NOW), id, items).await,
            Ok(HoldState::Active)
        );
    }
    assert_eq!(
        price(&service, here(NOW), &offer.id).await,
        Err(Code::SeatsUnavailable)
    );
    let held = price_hold(&service, here(NOW), "hld_2", 1)
        .await
        .expect("held");
    assert_eq!(held.slices[0].segments[0].seats_left, 0);
    assert!(price(&service, here(NOW), &held.id).await.is_ok());
}

#[tokio::test]
async fn flights_that_nobody_can_take_together_are_no_journey() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offers = one_way(&service).await.offers;
    let one = items(&offers[0], 1);
    let mut other_class = one.clone();
    other_class[0].booking_class = "Y".to_owned();
    let others = offers.iter().map(|offer| items(offer, 1));
    let same_day = others
        .clone()
        .find(|items| items[0].flight != one[0].flight);
    for (n, more) in [other_class, same_day.expect("another flight")]
        .into_iter()
        .enumerate()
    {
        let id = format!("hld_{n}");
        assert_eq!(
            hold(&service, here(NOW), &id, [one.clone(), more].concat()).await,
            Ok(HoldState::Active)
        );
        assert_eq!(
            price_hold(&service, here(NOW), &id, 1).await,
            Err(Code::InvalidState),
            "{id}"
        );
    }
    // Twice the same is two seats.
    assert_eq!(
        hold(&service, here(NOW), "hld_5", [one.clone(), one].concat()).await,
        Ok(HoldState::Active)
    );
    assert!(price_hold(&service, here(NOW), "hld_5", 2).await.is_ok());
}

#[tokio::test]
async fn an_identity_card_is_enough_where_no_border_is_crossed() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    for (journey, documents) in [
        (
            ("LHR", "EDI", "2027-03-15"),
            &["identity_card", "passport"][..],
        ),
        (("LHR", "JFK", "2027-03-15"), &["passport"]),
    ] {
        let found = find(&service, &[journey], &[rpc::Ptc::Adt]).await;
        assert!(
            found
                .offers
                .iter()
                .all(|offer| offer.document_types == documents)
        );
        assert!(!found.offers.is_empty());
    }
}
