//! What the airline changes of its plan, from flights' log to every order that has the flight.

use super::neighbours::Cut;
use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::booking::schedule::ACCEPT;
use crate::kernel::clock::HOUR_US;
use crate::rpc::booking::v1::*;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::flights::v1::{FlightStatus, HoldState};

const DETECTED: &str = "order.schedule_change_detected";

fn told(scene: &Scene, order_id: &str) -> usize {
    let kinds = scene.billing.kinds(order_id);
    kinds.iter().filter(|kind| *kind == DETECTED).count()
}

#[tokio::test]
async fn every_live_order_with_the_flight_learns_of_a_change_once() {
    let mut scene = Scene::new(9).await;
    scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    for number in [2, 3] {
        scene.create(hold(number)).await.expect("there are seats");
    }
    scene.quote("ocn_3", "ord_3").await.expect("quoted");
    scene.confirm("ocn_3").await.expect("confirmed");
    let before = scene.order("ord_1", NOW).await;

    scene.flights.change(400, FlightStatus::Retimed, HOUR_US);
    scene.flights.change(401, FlightStatus::Cancelled, 0);
    tokio::join!(scene.tick(NOW), scene.tick(NOW));
    scene.crash().await;
    scene.tick(NOW).await;
    scene.quiet().await;
    for (order_id, times) in [("ord_1", 2), ("ord_2", 2), ("ord_3", 0)] {
        assert_eq!(told(&scene, order_id), times, "{order_id}");
        let order = scene.order(order_id, NOW).await;
        assert_eq!(order.schedule_changes.len(), times, "{order_id}");
    }
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.status(), OrderStatus::Ticketed, "it goes on");
    assert_eq!(order.version, before.version + 2);
    let [retimed, cancelled] = &order.schedule_changes[..] else {
        panic!("two changes")
    };
    assert_eq!(retimed.kind(), ScheduleChangeKind::Retimed);
    assert_eq!(retimed.segment_id, "seg_400");
    let moved =
        |time: &Option<crate::rpc::flights::v1::PlaceTime>| time.as_ref().map(|time| time.utc_us);
    assert_eq!(
        moved(&retimed.departure_after),
        moved(&retimed.departure_before).map(|before| before + HOUR_US)
    );
    assert_eq!(cancelled.kind(), ScheduleChangeKind::Cancelled);
    assert_eq!(cancelled.segment_id, "seg_401");
    assert!(cancelled.arrival_after.is_none() && cancelled.arrival_before.is_some());
    assert!(retimed.id.starts_with("scg_") && retimed.id != cancelled.id);

    let quote = scene.quote("ocn_1", "ord_1").await.expect("quoted");
    assert_eq!(quote.refund, Some(samples::eur(38_234)));
    assert_eq!(quote.penalty, Some(samples::eur(0)));
    scene.confirm("ocn_1").await.expect("confirmed");
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.payment_status(), PaymentStatus::Refunded);
    assert!(
        order
            .schedule_changes
            .iter()
            .all(|c| c.status == "resolved")
    );
}

#[tokio::test]
async fn later_change_takes_the_place_of_the_earlier_one() {
    let scene = Scene::new(1).await;
    scene.create(hold(1)).await.expect("there are seats");
    for shift in [1, 2] {
        scene
            .flights
            .change(400, FlightStatus::Retimed, shift * HOUR_US);
    }
    scene.tick(NOW).await;
    let order = scene.order("ord_1", NOW).await;
    let statuses: Vec<_> = order
        .schedule_changes
        .iter()
        .map(|change| change.status.as_str())
        .collect();
    assert_eq!(statuses, ["resolved", "open"]);
}

#[tokio::test]
async fn new_times_are_the_orders_once_its_owner_agrees() {
    let mut scene = Scene::new(1).await;
    scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    scene.flights.change(400, FlightStatus::Retimed, HOUR_US);
    scene.flights.change(401, FlightStatus::Cancelled, 0);
    scene.tick(NOW).await;
    let before = scene.order("ord_1", NOW).await;
    let [retimed, cancelled] = &before.schedule_changes[..] else {
        panic!("two changes")
    };
    assert!(before.available_actions.contains(&ACCEPT.to_owned()));
    for (account_id, id, refused) in [
        ("acc_2", &retimed.id, Code::NotFound),
        ("acc_1", &"scg_none".to_owned(), Code::NotFound),
        ("acc_1", &cancelled.id, Code::InvalidState),
    ] {
        assert_eq!(scene.accept(account_id, id).await, Err(refused), "{id}");
    }
    assert_eq!(scene.order("ord_1", NOW).await, before, "nothing is done");

    let (one, two) = tokio::join!(
        scene.accept("acc_1", &retimed.id),
        scene.accept("acc_1", &retimed.id)
    );
    let accepted = one.expect("it is open");
    assert_eq!(two, Ok(accepted.clone()));
    assert_eq!(accepted.version, before.version + 1);
    assert!(!accepted.available_actions.contains(&ACCEPT.to_owned()));
    let [slice, _] = &accepted.offer.as_ref().expect("sold").slices[..] else {
        panic!("there and back")
    };
    assert_eq!(slice.segments[0].departure, retimed.departure_after);
    assert_eq!(slice.segments[0].arrival, retimed.arrival_after);
    assert_eq!(accepted.schedule_changes[0].status, "accepted");
    assert_eq!(accepted.schedule_changes[1].status, "open");

    scene.crash().await;
    assert_eq!(
        scene.accept("acc_1", &retimed.id).await,
        Ok(accepted),
        "again"
    );
    scene.quiet().await;
    let kinds = scene.billing.kinds("ord_1");
    let told = kinds
        .iter()
        .filter(|kind| *kind == "order.schedule_change_accepted");
    assert_eq!(told.count(), 1);
}

#[tokio::test]
async fn cancelled_flight_stops_a_pending_order_before_its_money_is_taken() {
    let scene = Scene::new(1).await;
    // The seats are held, and then flights is away before they are sold.
    scene.flights.cut_after(1, Cut::Before);
    let request = CreateOrderRequest {
        wait_ms: 0,
        ..instant(1, "tok_visa")
    };
    scene.create(request).await.expect("accepted");
    while scene.order("ord_1", NOW).await.payment_status() != PaymentStatus::Authorized {
        tokio::task::yield_now().await;
    }
    scene.flights.change(400, FlightStatus::Cancelled, 0);
    scene
        .flights
        .grounded
        .store(true, std::sync::atomic::Ordering::SeqCst);
    scene.tick(NOW).await;
    let pending = scene.order("ord_1", NOW).await;
    assert_eq!(pending.status(), OrderStatus::Pending);
    assert_eq!(pending.schedule_changes.len(), 1);
    scene
        .flights
        .cut_after(super::neighbours::NEVER, Cut::Before);
    let settled = scene.create(instant(1, "tok_visa")).await;
    assert_eq!(settled, Err(Code::SeatsUnavailable));
    scene.quiet().await;
    assert_eq!(
        scene.billing.kinds("pay_1"),
        ["payment.requested", "payment.void_requested"]
    );
    assert_eq!(scene.flights.count(HoldState::Released), 1);
}

#[tokio::test]
async fn each_event_tells_the_order_as_its_owner_sees_it_then() {
    let scene = Scene::new(1).await;
    scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    scene.void("void", NOW).await.expect("in time");
    scene.quiet().await;
    let heard = scene.billing.heard.lock().expect("no panic");
    let told: Vec<_> = heard
        .iter()
        .filter_map(|event| match &event.data {
            Some(Data::Order(told)) => Some((event.r#type.as_str(), told)),
            _ => None,
        })
        .map(|(kind, told)| {
            let order = told.order.as_ref().expect("a snapshot");
            assert_eq!((order.version, &order.id), (told.version, &told.order_id));
            let bytes = prost::Message::encoded_len(order);
            assert!(bytes < 4096, "{bytes} bytes");
            assert!(!format!("{order:?}").contains("tok_visa"));
            (
                kind,
                order.status(),
                order.tickets.len(),
                order.amount_due.as_ref().map(|due| due.amount),
                order.available_actions.join(" "),
            )
        })
        .collect();
    let (none, all) = (String::new, || "cancel update void".to_owned());
    assert_eq!(
        told,
        [
            (
                "order.created",
                OrderStatus::Pending,
                0,
                Some(38_234),
                none()
            ),
            (
                "order.confirmed",
                OrderStatus::Confirmed,
                0,
                Some(0),
                "update".to_owned()
            ),
            ("order.ticketed", OrderStatus::Ticketed, 2, Some(0), all()),
            ("order.voided", OrderStatus::Cancelled, 2, Some(0), none()),
        ]
    );
}
