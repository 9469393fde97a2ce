//! Who sees which orders, and in which order.

use super::samples::NOW;
use super::scene::*;
use crate::kernel::clock::HOUR_US;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::{Context, Page};

#[tokio::test]
async fn one_account_never_meets_anothers_orders_and_the_platform_meets_all() {
    let scene = Scene::new(9).await;
    for number in 1..=5 {
        scene.create(hold(number)).await.expect("there are seats");
    }
    scene.quote("ocn_1", "ord_1").await.expect("quoted");
    let stranger = |account: &str, world: &str| {
        Some(Context {
            account_id: account.into(),
            world: world.into(),
            ..at(NOW).expect("some")
        })
    };
    for context in [
        stranger("acc_2", "wld_test"),
        stranger("acc_1", "wld_other"),
    ] {
        let order_id = || "ord_1".to_owned();
        let (booking, context) = (&scene.booking, || context.clone());
        let get = booking.get_order(GetOrderRequest {
            context: context(),
            order_id: order_id(),
        });
        assert!(get.await.is_err());
        let list = ListOrdersRequest {
            context: context(),
            ..ListOrdersRequest::default()
        };
        assert!(
            booking
                .list_orders(list)
                .await
                .expect("a list")
                .orders
                .is_empty()
        );
        let update = UpdateOrderRequest {
            context: context(),
            order_id: order_id(),
            ..Default::default()
        };
        assert!(booking.update_order(update).await.is_err());
        let quote = GetCancellationRequest {
            context: context(),
            cancellation_id: "ocn_1".into(),
        };
        assert!(booking.get_cancellation(quote).await.is_err());
        let confirm = ConfirmCancellationRequest {
            context: context(),
            cancellation_id: "ocn_1".into(),
            ..Default::default()
        };
        assert!(booking.confirm_cancellation(confirm).await.is_err());
        let key = GetIdempotencyKeyRequest {
            context: context(),
            key: "create-1".into(),
            operation: "createOrder".into(),
        };
        assert!(booking.get_idempotency_key(key).await.is_err());
    }
    let all = ListOrdersRequest {
        context: stranger("", "wld_test"),
        ..Default::default()
    };
    assert_eq!(
        scene
            .booking
            .list_orders(all)
            .await
            .expect("a list")
            .orders
            .len(),
        5
    );
    let platform = stranger("", "wld_test");
    let any = GetOrderRequest {
        context: platform.clone(),
        order_id: "ord_1".into(),
    };
    let seen = scene.booking.get_order(any).await.expect("the platform");
    assert_eq!(seen.account_id, "acc_1");
    // What the platform quotes is its owner's to confirm.
    let quote = QuoteCancellationRequest {
        context: platform.clone(),
        cancellation_id: "ocn_2".into(),
        order_id: "ord_1".into(),
    };
    scene.booking.quote_cancellation(quote).await.expect("held");
    for context in [platform, at(NOW)] {
        let quote = GetCancellationRequest {
            context,
            cancellation_id: "ocn_2".into(),
        };
        assert!(scene.booking.get_cancellation(quote).await.is_ok());
    }
    assert!(scene.confirm("ocn_2").await.is_ok());
}

#[tokio::test]
async fn pages_are_newest_first_and_stable_while_orders_come_in() {
    let scene = Scene::new(9).await;
    for number in 1..=5_u8 {
        let mut request = hold(number);
        request.context = at(NOW + i64::from(number / 2));
        scene.create(request).await.expect("there are seats");
    }
    let any = OrderStatus::Unspecified;
    let later = NOW + HOUR_US;
    let (first, next) = scene
        .list(
            any,
            later,
            Page {
                after: String::new(),
                limit: 2,
            },
        )
        .await;
    assert_eq!(first, ["ord_5", "ord_4"]);
    let mut newer = hold(6);
    newer.context = at(NOW + 9);
    scene.create(newer).await.expect("there are seats");
    let (second, next) = scene
        .list(
            any,
            later,
            Page {
                after: next,
                limit: 2,
            },
        )
        .await;
    assert_eq!(second, ["ord_3", "ord_2"]);
    let (third, next) = scene
        .list(
            any,
            later,
            Page {
                after: next,
                limit: 2,
            },
        )
        .await;
    assert_eq!((third, next), (vec!["ord_1".to_owned()], String::new()));
    let bad = ListOrdersRequest {
        context: at(NOW),
        page: Some(Page {
            after: "nonsense".into(),
            limit: 1,
        }),
        ..Default::default()
    };
    let beyond = scene.booking.list_orders(bad).await.unwrap();
    assert_eq!((beyond.orders, beyond.next), (Vec::new(), String::new()));
}
