//! Negotiated fares: who gets them, on what, and what becomes of offers when they end.

use super::*;

fn fare(id: &str, account_id: &str) -> rpc::Fare {
    rpc::Fare {
        id: id.to_owned(),
        carrier: "BA".to_owned(),
        origin: "LON".to_owned(),
        destination: "JFK".to_owned(),
        account_code: "WEMBLEY10".to_owned(),
        account_id: account_id.to_owned(),
        discount_basis_points: 1_000,
        ..rpc::Fare::default()
    }
}

async fn file(service: &FlightsService, fare: rpc::Fare) -> Result<rpc::Fare, Code> {
    let request = rpc::FileFareRequest {
        context: context("wld_a", "", NOW),
        fare: Some(fare),
    };
    told(service.file_fare(Request::new(request)).await)
}

async fn discontinue(service: &FlightsService, id: &str) -> Result<rpc::Fare, Code> {
    let request = rpc::DiscontinueFareRequest {
        context: context("wld_a", "", NOW),
        fare_id: id.to_owned(),
    };
    told(service.discontinue_fare(Request::new(request)).await)
}

async fn search(
    service: &FlightsService,
    account: &str,
    slices: &[(&str, &str, &str)],
    codes: &[&str],
) -> rpc::OfferRequest {
    let request = rpc::CreateOfferRequestRequest {
        context: context("wld_a", account, NOW),
        account_codes: codes.iter().map(|&code| code.to_owned()).collect(),
        limit: 200,
        ..asked(slices, &[rpc::Ptc::Adt, rpc::Ptc::Chd])
    };
    told(service.create_offer_request(Request::new(request)).await).expect("found")
}

const OUT: [(&str, &str, &str); 1] = [("LHR", "JFK", "2027-03-15")];

fn at_fare<'a>(request: &'a rpc::OfferRequest, id: &str) -> Vec<&'a rpc::Offer> {
    let offers = request.offers.iter();
    offers.filter(|offer| offer.fare_id == id).collect()
}

fn warnings(request: &rpc::OfferRequest) -> Vec<&str> {
    let warnings = request.warnings.iter();
    warnings.map(|warning| warning.code.as_str()).collect()
}

#[tokio::test]
async fn a_fare_takes_its_share_off_for_whom_it_was_made() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    file(&service, fare("far_1", "acc_a")).await.expect("filed");
    let found = search(&service, "acc_a", &OUT, &["WEMBLEY10"]).await;
    assert_eq!(found.account_codes, ["WEMBLEY10"]);
    assert_eq!(warnings(&found), [] as [&str; 0]);
    let granted = at_fare(&found, "far_1");
    assert!(granted.len() > 5);
    let base = |offer: &rpc::Offer| {
        let price = offer.passenger_prices[0].price.clone().expect("told");
        (price.base.expect("told").amount, price.taxes, price.fees)
    };
    for offer in &granted {
        assert_eq!(
            (offer.owner.as_str(), offer.account_code.as_str()),
            ("BA", "WEMBLEY10")
        );
        let same = |other: &&&rpc::Offer| {
            items(other, 1) == items(offer, 1) && other.fare_brand == offer.fare_brand
        };
        let published = at_fare(&found, "");
        let published = published.iter().find(same).expect("sold at both");
        let ((own, taxes, fees), full) = (base(offer), base(published));
        // Fares are whole pounds, rounded up, both.
        assert!(
            (full.0 * 9 / 10 - 100..=full.0 * 9 / 10 + 100).contains(&own),
            "{own} of {full:?}"
        );
        assert_eq!((taxes, fees), (full.1, full.2));
        assert_ne!(offer.nonce, published.nonce);
        assert_eq!(
            read(&service, here(NOW), &offer.id).await.as_ref(),
            Ok(*offer)
        );
    }
    let others = found.offers.iter().filter(|offer| offer.owner != "BA");
    assert!(others.into_iter().all(|offer| offer.fare_id.is_empty()));
    let back = [OUT[0], ("JFK", "LHR", "2027-03-22")];
    let back = search(&service, "acc_a", &back, &["WEMBLEY10"]).await;
    assert!(!at_fare(&back, "far_1").is_empty(), "both directions");
    for (account, codes) in [
        ("acc_b", &["WEMBLEY10"][..]),
        ("acc_a", &["WEMBLEY11"]),
        ("acc_a", &[]),
    ] {
        let other = search(&service, account, &OUT, codes).await;
        assert_eq!(at_fare(&other, "").len(), other.offers.len());
        assert!(!other.offers.is_empty());
        let unknown = vec!["unknown_account_code"; codes.len()];
        assert_eq!(warnings(&other), unknown, "{account} {codes:?}");
    }
}

#[tokio::test]
async fn a_fare_covers_what_it_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let covers = |change: fn(&mut rpc::Fare), n: usize| {
        let service = &service;
        async move {
            let mut fare = fare(&format!("far_{n}"), "");
            fare.account_code = format!("C{n}");
            change(&mut fare);
            let code = fare.account_code.clone();
            file(service, fare).await.expect("filed");
            let found = search(service, "acc_a", &OUT, &[&code]).await;
            assert_eq!(warnings(&found), [] as [&str; 0]);
            !at_fare(&found, &format!("far_{n}")).is_empty()
        }
    };
    assert!(covers(|_| {}, 1).await);
    assert!(covers(|fare| fare.origin.clear(), 2).await);
    assert!(
        covers(
            |fare| std::mem::swap(&mut fare.origin, &mut fare.destination),
            3
        )
        .await
    );
    assert!(!covers(|fare| "LAX".clone_into(&mut fare.destination), 4).await);
    assert!(covers(|fare| fare.set_cabin(rpc::Cabin::Economy), 5).await);
    assert!(!covers(|fare| fare.set_cabin(rpc::Cabin::Business), 6).await);
    assert!(covers(|fare| "2027-03-15".clone_into(&mut fare.valid_from), 7).await);
    assert!(!covers(|fare| "2027-03-16".clone_into(&mut fare.valid_from), 8).await);
    assert!(!covers(|fare| "2027-03-14".clone_into(&mut fare.valid_until), 9).await);
    assert!(covers(|fare| "VS".clone_into(&mut fare.carrier), 10).await);
    // Of two fares the better one.
    let found = search(&service, "acc_a", &OUT, &["C1", "C2"]).await;
    let mut better = fare("far_11", "");
    (better.account_code, better.discount_basis_points) = ("C1".to_owned(), 2_000);
    file(&service, better).await.expect("filed");
    let again = search(&service, "acc_a", &OUT, &["C1", "C2"]).await;
    assert!(at_fare(&again, "far_1").is_empty() && at_fare(&again, "far_2").is_empty());
    assert!(at_fare(&again, "far_11").len() >= at_fare(&found, "far_1").len());
}

#[tokio::test]
async fn offers_keep_the_price_of_a_fare_that_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    file(&service, fare("far_1", "acc_a")).await.expect("filed");
    let found = search(&service, "acc_a", &OUT, &["WEMBLEY10"]).await;
    let offer = at_fare(&found, "far_1")[0].clone();
    let later = NOW + 10 * MINUTE_US;
    let priced = price(&service, here(later), &offer.id)
        .await
        .expect("granted");
    assert_eq!(priced.expires_at_us, later + 30 * MINUTE_US);
    let ended = discontinue(&service, "far_1").await.expect("filed");
    assert_eq!((ended.status.as_str(), ended.version), ("discontinued", 2));
    assert_eq!(discontinue(&service, "far_1").await, Ok(ended));
    service.close().await;
    let service = open(folder.path()).await;
    assert_eq!(
        read(&service, here(later), &offer.id).await.as_ref(),
        Ok(&offer)
    );
    // Priced again it costs the same, and lasts no longer.
    let again = price(&service, here(later), &offer.id).await.expect("kept");
    assert_eq!(
        (again.price, again.expires_at_us),
        (offer.price, offer.expires_at_us)
    );
    let after = search(&service, "acc_a", &OUT, &["WEMBLEY10"]).await;
    assert_eq!(warnings(&after), ["unknown_account_code"]);
    assert!(at_fare(&after, "far_1").is_empty());
    assert_eq!(discontinue(&service, "far_2").await, Err(Code::NotFound));
}

#[tokio::test]
async fn a_fare_is_filed_once_and_seen_by_whom_it_concerns() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let filed = file(&service, fare("far_1", "acc_a")).await.expect("filed");
    assert_eq!(
        (filed.status.as_str(), filed.version, filed.replayed),
        ("active", 1, false)
    );
    let again = file(&service, fare("far_1", "acc_a"))
        .await
        .expect("the same");
    assert!(again.replayed);
    assert_eq!(
        file(&service, fare("far_1", "acc_b")).await,
        Err(Code::IdempotencyKeyReused)
    );
    file(&service, fare("far_2", "")).await.expect("filed");
    file(&service, fare("far_3", "acc_b")).await.expect("filed");
    let list = |account: &str, after: &str, limit| {
        let request = rpc::ListFaresRequest {
            context: context("wld_a", account, NOW),
            page: Some(crate::rpc::common::v1::Page {
                after: after.to_owned(),
                limit,
            }),
            ..rpc::ListFaresRequest::default()
        };
        let service = &service;
        async move {
            let list = told(service.list_fares(Request::new(request)).await).expect("listed");
            let ids: Vec<_> = list.fares.into_iter().map(|fare| fare.id).collect();
            (ids.join(" "), list.next)
        }
    };
    let page = |ids: &str, next: &str| (ids.to_owned(), next.to_owned());
    assert_eq!(list("", "", 2).await, page("far_1 far_2", "far_2"));
    assert_eq!(list("", "far_2", 2).await, page("far_3", ""));
    assert_eq!(list("acc_a", "", 9).await, page("far_1 far_2", ""));
    assert_eq!(list("", "far_9", 9).await, page("", ""));
    for (world, account, id, seen) in [
        ("wld_a", "", "far_1", true),
        ("wld_a", "acc_a", "far_1", true),
        ("wld_a", "acc_b", "far_2", true),
        ("wld_a", "acc_b", "far_1", false),
        ("wld_b", "", "far_1", false),
    ] {
        let request = rpc::GetFareRequest {
            context: context(world, account, NOW),
            fare_id: id.to_owned(),
        };
        let got = told(service.get_fare(Request::new(request)).await);
        assert_eq!(
            got.map(|fare| fare.id),
            if seen {
                Ok(id.to_owned())
            } else {
                Err(Code::NotFound)
            }
        );
    }
    let changes: [fn(&mut rpc::Fare); 8] = [
        |fare| fare.id.clear(),
        |fare| "XXX".clone_into(&mut fare.carrier),
        |fare| "XXX".clone_into(&mut fare.origin),
        |fare| "a code".clone_into(&mut fare.account_code),
        |fare| fare.discount_basis_points = 0,
        |fare| fare.discount_basis_points = 10_000,
        |fare| "soon".clone_into(&mut fare.valid_from),
        |fare| {
            "2027-03-02".clone_into(&mut fare.valid_from);
            "2027-03-01".clone_into(&mut fare.valid_until);
        },
    ];
    for change in changes {
        let mut wrong = fare("far_4", "");
        change(&mut wrong);
        assert_eq!(
            file(&service, wrong.clone()).await,
            Err(Code::ValidationFailed),
            "{wrong:?}"
        );
    }
}
