//! Offers: found, read back, priced, seeded; whose they are and for how long.
//!
//! What happens to seats is told elsewhere.

use super::*;

#[tokio::test]
async fn an_offer_is_read_back_as_it_was_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let back = [("LHR", "JFK", "2027-03-15"), ("JFK", "LHR", "2027-03-22")];
    let family = [rpc::Ptc::Adt, rpc::Ptc::Adt, rpc::Ptc::Chd, rpc::Ptc::Inf];
    for request in [
        one_way(&service).await,
        find(&service, &back, &family).await,
    ] {
        assert!(
            request.id.len() <= 1028 && request.offers.len() == 30,
            "{}",
            request.offers.len()
        );
        for offer in &request.offers {
            assert!(offer.id.len() <= 1028, "{}", offer.id);
            assert_eq!(offer.offer_request_id, request.id);
            assert_eq!(offer.passengers, request.passengers);
            assert_eq!(
                read(&service, here(NOW + 5), &offer.id).await.as_ref(),
                Ok(offer)
            );
            let amount = |price: &Option<rpc::Price>| {
                let price = price.as_ref().expect("told");
                let parts = price
                    .taxes
                    .iter()
                    .chain(&price.fees)
                    .map(|charge| charge.amount.clone().expect("told").amount);
                let total = price.total.clone().expect("told").amount;
                assert_eq!(
                    total,
                    price.base.clone().expect("told").amount + parts.sum::<i64>()
                );
                total
            };
            let shares: i64 = offer
                .passenger_prices
                .iter()
                .map(|share| amount(&share.price))
                .sum();
            assert_eq!(amount(&offer.price), shares);
        }
        let again = rpc::GetOfferRequestRequest {
            context: here(NOW),
            offer_request_id: request.id.clone(),
            limit: 30,
        };
        let again = service
            .get_offer_request(Request::new(again))
            .await
            .expect("read")
            .into_inner();
        assert_eq!(again, request);
    }
}

#[tokio::test]
async fn equal_searches_do_not_share_an_offer() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let (one, two) = (one_way(&service).await, one_way(&service).await);
    assert_eq!(
        one.offers[0].slices[0].segments[0].number,
        two.offers[0].slices[0].segments[0].number
    );
    assert_ne!(one.offers[0].nonce, two.offers[0].nonce);
    let mut nonces: Vec<_> = one.offers.iter().map(|offer| &offer.nonce).collect();
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), one.offers.len());
}

#[tokio::test]
async fn an_offer_belongs_to_one_account_in_one_world_for_a_while() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let request = one_way(&service).await;
    let id = &request.offers[0].id;
    let end = NOW + 30 * MINUTE_US;
    for (context, code) in [
        (context("wld_a", "acc_b", NOW), Code::NotFound),
        (context("wld_b", "acc_a", NOW), Code::NotFound),
        (here(end), Code::OfferExpired),
    ] {
        assert_eq!(read(&service, context.clone(), id).await, Err(code));
        assert_eq!(price(&service, context.clone(), id).await, Err(code));
        let again = rpc::GetOfferRequestRequest {
            context,
            offer_request_id: request.id.clone(),
            limit: 1,
        };
        let again = service.get_offer_request(Request::new(again)).await;
        assert_eq!(
            again.map_err(|status| status::code_of(&status)).err(),
            Some(code)
        );
    }
    assert!(read(&service, here(end - 1), id).await.is_ok());
    assert_eq!(
        read(&service, here(NOW), "off_sandbox-instant").await,
        Err(Code::NotFound)
    );
    assert_eq!(
        read(&service, here(NOW), "off_AAAAAAAAAAAAAAAA").await,
        Err(Code::NotFound)
    );
}

#[tokio::test]
async fn pricing_binds_the_price_and_keeps_the_nonce() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let later = NOW + 20 * MINUTE_US;
    let priced = price(&service, here(later), &offer.id)
        .await
        .expect("still the same");
    assert_eq!(
        (priced.price.clone(), &priced.nonce),
        (offer.price.clone(), &offer.nonce)
    );
    assert_eq!(
        priced.price_guaranteed_until_us,
        Some(later + 30 * MINUTE_US)
    );
    assert_ne!(priced.id, offer.id);
    let read_back = read(&service, here(later + 29 * MINUTE_US), &priced.id).await;
    assert_eq!(read_back.as_ref(), Ok(&priced));
    // At midnight in London a day less is left until departure: from 60 days on the fare is lower.
    let far = find(&service, &[("LHR", "JFK", "2027-04-30")], &[rpc::Ptc::Adt]).await;
    let midnight = NOW + 15 * 60 * MINUTE_US;
    let request = rpc::CreateOfferRequestRequest {
        context: here(midnight - MINUTE_US),
        slices: far.slices,
        passengers: vec![rpc::PassengerQuery {
            ptc: rpc::Ptc::Adt.into(),
            age: None,
        }],
        limit: 1,
        ..Default::default()
    };
    let offer = service
        .create_offer_request(Request::new(request))
        .await
        .expect("found")
        .into_inner()
        .offers
        .remove(0);
    assert!(read(&service, here(midnight), &offer.id).await.is_ok());
    assert_eq!(
        price(&service, here(midnight), &offer.id).await,
        Err(Code::PriceChanged)
    );
}

#[tokio::test]
async fn seeded_offers_cost_the_same_on_any_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let sandbox = |now_us| context("wld_sandbox", "acc_00000000000000000000000001", now_us);
    let day = 24 * 60 * MINUTE_US;
    for name in [
        "off_sandbox-instant",
        "off_sandbox-hold",
        "off_sandbox-read",
        "off_sandbox-order-6",
    ] {
        let offer = read(&service, sandbox(NOW), name).await.expect(name);
        let later = read(&service, sandbox(NOW + 9 * day), name)
            .await
            .expect(name);
        assert_eq!(
            (&offer.price, &offer.nonce, &offer.passengers),
            (&later.price, &later.nonce, &later.passengers)
        );
        assert_eq!(later.expires_at_us, NOW + 9 * day + 30 * MINUTE_US);
        assert_eq!(
            read(&service, sandbox(NOW + 15 * day), name).await,
            Err(Code::OfferExpired)
        );
        let priced = price(&service, sandbox(NOW), name).await.expect(name);
        assert_eq!((priced.price, priced.nonce), (offer.price, offer.nonce));
    }
    let instant = read(&service, sandbox(NOW), "off_sandbox-instant")
        .await
        .expect("seeded");
    assert_eq!(instant.passengers[0].id, "pas_3qkf0428djzccm9s5z8g68er00");
    let held = read(&service, sandbox(NOW), "off_sandbox-hold")
        .await
        .expect("seeded");
    assert!(held.hold_allowed && held.payment_required_by_us.is_some());
    let request = rpc::GetOfferRequestRequest {
        context: sandbox(NOW),
        offer_request_id: "orq_sandbox-return".to_owned(),
        limit: 5,
    };
    let request = service
        .get_offer_request(Request::new(request))
        .await
        .expect("seeded")
        .into_inner();
    assert_eq!(
        (request.id.as_str(), request.offers.len()),
        ("orq_sandbox-return", 5)
    );
    assert_eq!(request.passengers[0].id, "pas_09pz822mz92kjy9djb8bf2jp00");
    for offer in &request.offers {
        assert_eq!(
            read(&service, sandbox(NOW), &offer.id).await.as_ref(),
            Ok(offer)
        );
        assert_eq!(offer.offer_request_id, "orq_sandbox-return");
    }
}
