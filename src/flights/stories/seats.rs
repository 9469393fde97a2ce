//! Seats: held, sold, returned and expired, by one caller or by many, and what searches see of it.
//!
//! The rules themselves have tables of their own, beside them.

use super::*;

#[tokio::test]
async fn a_sale_is_seen_by_the_next_search_and_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let free = class(&service, &items(&offer, 1)[0]).await.available;
    let all_but_two = items(&offer, free - 2);
    assert_eq!(
        hold(&service, here(NOW), "hld_1", all_but_two.clone()).await,
        Ok(HoldState::Active)
    );
    let seen = read(&service, here(NOW), &offer.id)
        .await
        .expect("still there");
    assert_eq!(seen.slices[0].segments[0].seats_left, 2);
    assert_eq!(
        end(&service, "confirm", here(NOW), "hld_1").await,
        Ok(HoldState::Consumed)
    );
    assert_eq!(
        hold(&service, here(NOW), "hld_2", items(&offer, 3)).await,
        Err(Code::SeatsUnavailable)
    );
    assert_eq!(
        hold(&service, here(NOW), "hld_2", items(&offer, 2)).await,
        Ok(HoldState::Active)
    );
    assert_eq!(
        price(&service, here(NOW), &offer.id).await,
        Err(Code::SeatsUnavailable)
    );
    // Another world has its own seats.
    let elsewhere = context("wld_b", "acc_a", NOW);
    assert_eq!(
        hold(&service, elsewhere, "hld_1", all_but_two).await,
        Ok(HoldState::Active)
    );

    let list = rpc::ListInventoryRequest { context: here(NOW) };
    let before = service
        .list_inventory(Request::new(list.clone()))
        .await
        .expect("read")
        .into_inner();
    let found = one_way(&service).await.offers.len();
    service.close().await;
    let service = open(folder.path()).await;
    let after = service
        .list_inventory(Request::new(list))
        .await
        .expect("read")
        .into_inner();
    assert_eq!((before.flights.len(), &before), (1, &after));
    assert_eq!(one_way(&service).await.offers.len(), found);
    let seen = read(&service, here(NOW), &offer.id)
        .await
        .expect("still there");
    assert_eq!(seen.slices[0].segments[0].seats_left, 0);
}

#[tokio::test]
async fn a_hold_is_kept_once_and_by_its_owner() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offers = one_way(&service).await.offers;
    let item = items(&offers[0], 2);
    assert_eq!(
        hold(&service, here(NOW), "hld_1", item.clone()).await,
        Ok(HoldState::Active)
    );
    assert_eq!(
        hold(&service, here(NOW), "hld_1", item.clone()).await,
        Ok(HoldState::Active)
    );
    assert_eq!(class(&service, &item[0]).await.held, 2);
    assert_eq!(
        hold(&service, here(NOW), "hld_1", items(&offers[0], 1)).await,
        Err(Code::IdempotencyKeyReused)
    );
    let stranger = context("wld_a", "acc_b", NOW);
    for verb in ["get", "confirm", "release", "return"] {
        assert_eq!(
            end(&service, verb, stranger.clone(), "hld_1").await,
            Err(Code::NotFound),
            "{verb}"
        );
    }
    assert_eq!(
        end(&service, "get", context("wld_a", "", NOW), "hld_1").await,
        Ok(HoldState::Active)
    );
    assert_eq!(
        end(&service, "return", here(NOW), "hld_1").await,
        Err(Code::InvalidState)
    );
    for (verb, state) in [
        ("confirm", HoldState::Consumed),
        ("return", HoldState::Returned),
    ] {
        assert_eq!(end(&service, verb, here(NOW), "hld_1").await, Ok(state));
        assert_eq!(end(&service, verb, here(NOW), "hld_1").await, Ok(state));
    }
    let class = class(&service, &item[0]).await;
    assert_eq!((class.held, class.sold), (0, 0));

    let mut unknown = item;
    unknown[0].flight.as_mut().expect("given").date = "2027-13-01".to_owned();
    assert_eq!(
        hold(&service, here(NOW), "hld_2", unknown).await,
        Err(Code::NotFound)
    );
    let mut no_class = items(&offers[0], 1);
    no_class[0].booking_class = "X".to_owned();
    assert_eq!(
        hold(&service, here(NOW), "hld_3", no_class).await,
        Err(Code::SeatsUnavailable)
    );
    let missing = [items(&offers[0], 1), items(&offers[0], 900)].concat();
    assert_eq!(
        hold(&service, here(NOW), "hld_3", missing).await,
        Err(Code::SeatsUnavailable)
    );
    assert_eq!(
        self::class(&service, &items(&offers[0], 1)[0]).await.held,
        0,
        "all items or none"
    );
}

#[tokio::test]
async fn an_expired_hold_returns_its_seats_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let item = items(&offer, 1);
    let due = NOW + 20 * MINUTE_US;
    for id in ["hld_1", "hld_2", "hld_3"] {
        assert_eq!(
            hold(&service, here(NOW), id, item.clone()).await,
            Ok(HoldState::Active)
        );
    }
    assert_eq!(
        end(&service, "confirm", here(due - 1), "hld_1").await,
        Ok(HoldState::Consumed)
    );
    let run = |now_us| {
        service.run_due(Request::new(rpc::RunDueRequest {
            context: context("wld_a", "", now_us),
        }))
    };
    assert_eq!(run(due - 1).await.expect("runs").into_inner().expired, 0);
    // Confirming too late expires the hold, and says so each time.
    for _ in 0..2 {
        assert_eq!(
            end(&service, "confirm", here(due), "hld_2").await,
            Err(Code::HoldExpired)
        );
    }
    assert_eq!(run(due).await.expect("runs").into_inner().expired, 1);
    assert_eq!(run(due).await.expect("runs").into_inner().expired, 0);
    assert_eq!(
        end(&service, "get", here(due), "hld_3").await,
        Ok(HoldState::Expired)
    );
    let class = class(&service, &item[0]).await;
    assert_eq!((class.held, class.sold), (0, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_who_want_the_last_seats_get_no_more_than_there_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Arc::new(open(folder.path()).await);
    let offer = one_way(&service).await.offers.swap_remove(0);
    let item = items(&offer, 1);
    let limit = class(&service, &item[0]).await.limit;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..limit + 40 {
        let (service, item) = (service.clone(), item.clone());
        tasks.spawn(async move {
            let id = format!("hld_{n}");
            let held = hold(&service, here(NOW), &id, item).await;
            if held.is_ok() && n % 2 == 0 {
                end(&service, "confirm", here(NOW), &id)
                    .await
                    .expect("held");
            }
            held
        });
    }
    let outcomes = tasks.join_all().await;
    let held = outcomes
        .iter()
        .filter(|outcome| **outcome == Ok(HoldState::Active))
        .count();
    assert_eq!(u32::try_from(held).ok(), Some(limit));
    assert!(
        outcomes
            .iter()
            .all(|outcome| matches!(outcome, Ok(_) | Err(Code::SeatsUnavailable)))
    );
    let class = class(&service, &item[0]).await;
    assert_eq!((class.sold + class.held, class.available), (limit, 0));
    assert_eq!(
        read(&service, here(NOW), &offer.id)
            .await
            .expect("there")
            .slices[0]
            .segments[0]
            .seats_left,
        0
    );
}
