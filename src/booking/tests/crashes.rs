//! Flights cut off before or after it had its effect, and a process that ends there: the next one ends the order rightly.

use futures_util::future::join_all;

use super::neighbours::{Cut, NEVER, OVER_LIMIT};
use super::samples::NOW;
use super::scene::*;
use crate::kernel::clock::MINUTE_US;
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::*;
use crate::rpc::flights::v1::HoldState;

#[tokio::test]
async fn a_crash_between_any_two_steps_ends_in_one_right_state() {
    use {HoldState as H, OrderStatus as O};
    type Request = fn(&str) -> CreateOrderRequest;
    let offer: Request = |token| instant(1, token);
    let hold: Request = |token| from_hold(1, "hld_given", token);
    // What is ordered, by what it is paid, the calls to flights it takes, and what is left.
    for (ordered, token, calls, status, state) in [
        (offer, "tok_visa", 2, O::Ticketed, H::Consumed),
        (offer, "tok_declined", 2, O::Failed, H::Released),
        (offer, "tok_capture_fails", 3, O::Failed, H::Returned),
        (hold, "tok_visa", 3, O::Ticketed, H::Consumed),
        (hold, OVER_LIMIT, 3, O::Failed, H::Released),
        (hold, "tok_capture_fails", 4, O::Failed, H::Returned),
    ] {
        for (at_call, cut) in (0..calls).flat_map(|n| [(n, Cut::Before), (n, Cut::After)]) {
            let mut scene = Scene::new(1).await;
            let request = CreateOrderRequest {
                wait_ms: 0,
                ..ordered(token)
            };
            if !request.hold_id.is_empty() {
                let flights = &scene.flights;
                flights.hold_for("acc_1", &request.hold_id, NOW + MINUTE_US);
            }
            scene.flights.cut_after(at_call, cut);
            let reply = scene.create(request).await.expect("accepted");
            assert!(!reply.settled);
            while scene
                .flights
                .calls_left
                .load(std::sync::atomic::Ordering::SeqCst)
                >= 0
            {
                tokio::task::yield_now().await;
            }
            scene.crash().await;
            scene.flights.cut_after(NEVER, Cut::Before);
            scene.booking.resume().await.expect("the store reads");
            scene.quiet().await;
            let order = scene.order("ord_1", NOW).await;
            assert_eq!(
                order.status(),
                status,
                "{token}, cut {cut:?} call {at_call}"
            );
            assert_eq!(
                scene.flights.count(state),
                1,
                "{token}, cut {cut:?} call {at_call}"
            );
            let last = scene.billing.kinds("ord_1").pop();
            let told = if status == OrderStatus::Failed {
                "order.failed"
            } else {
                "order.ticketed"
            };
            assert_eq!(last.as_deref(), Some(told));
            let holds = scene.flights.holds.lock().expect("no panic").len();
            assert_eq!(holds, 1, "{token}, cut {cut:?} call {at_call}");
            let settled = scene.create(ordered(token)).await;
            assert_eq!(
                settled.is_ok(),
                status == OrderStatus::Ticketed,
                "{settled:?}"
            );
        }
    }
}

#[tokio::test]
async fn confirmed_cancellation_goes_on_after_a_crash() {
    for cut in [Cut::Before, Cut::After] {
        let mut scene = Scene::new(1).await;
        scene
            .create(instant(1, "tok_visa"))
            .await
            .expect("there are seats");
        scene.quote("ocn_1", "ord_1").await.expect("quoted");
        scene.flights.cut_after(0, cut);
        let request = ConfirmCancellationRequest {
            context: at(NOW),
            idempotency: keyed("ocn_1"),
            cancellation_id: "ocn_1".into(),
            wait_ms: 0,
        };
        let reply = scene
            .booking
            .confirm_cancellation(request)
            .await
            .expect("accepted");
        assert!(!reply.settled);
        scene.crash().await;
        scene.flights.cut_after(NEVER, Cut::Before);
        scene.booking.resume().await.expect("the store reads");
        let reply = scene.confirm("ocn_1").await.expect("confirmed");
        assert!(reply.settled && reply.replayed);
        assert_eq!(scene.flights.count(HoldState::Returned), 1, "{cut:?}");
    }
}

/// `serve` lets no second process at a store. Without that guard, as on a disk that knows no locks, two of them take every request,
/// drive every saga and say every event, and nothing is doubled either.
#[tokio::test]
async fn two_processes_over_one_store_have_each_effect_once() {
    const ORDERS: u8 = 6;
    let scene = Scene::new(i64::from(ORDERS)).await;
    let second = scene.second().await;
    let both = [&scene.booking, &second];
    for number in 1..=ORDERS {
        let request = CreateOrderRequest {
            wait_ms: 0,
            ..instant(number, "tok_visa")
        };
        let asked =
            both.map(|booking| Orders::create_order(booking, tonic::Request::new(request.clone())));
        let replies = join_all(asked).await;
        let replies = replies
            .into_iter()
            .map(|reply| reply.expect("a seat is left").into_inner());
        let replayed: Vec<bool> = replies.map(|reply| reply.replayed).collect();
        assert_ne!(replayed[0], replayed[1], "one of them made it");
    }
    let quiet = async || {
        let mut said = 0;
        for booking in both {
            booking.resume().await.expect("the store reads");
            said += booking.drain().await;
        }
        said
    };
    while quiet().await != quiet().await {}
    for number in 1..=ORDERS {
        let id = format!("ord_{number}");
        let order = scene.order(&id, NOW).await;
        assert_eq!(order.status(), OrderStatus::Ticketed);
        assert_eq!((order.tickets.len(), order.payments.len()), (2, 1));
        let kinds = ["order.created", "order.confirmed", "order.ticketed"];
        assert_eq!(scene.billing.kinds(&id), kinds);
        let kinds = ["payment.requested", "payment.capture_requested"];
        assert_eq!(scene.billing.kinds(&format!("pay_{number}")), kinds);
    }
    assert_eq!(
        scene.flights.count(HoldState::Consumed),
        usize::from(ORDERS)
    );
    let holds = scene.flights.holds.lock().expect("no panic").len();
    assert_eq!(holds, usize::from(ORDERS));
}
