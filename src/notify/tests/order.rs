//! Which events are sent where, and in which order.

use super::receiver::{Receiver, SILENCE};
use super::{FORMAT, START_US, WORLD, context, endpoint, harness};
use crate::kernel::clock::MINUTE_US;
use crate::rpc::notify::v1 as pb;

const BROKEN: &str = "500 Internal Server Error";

fn bodies(told: &[(u64, u64)]) -> Vec<String> {
    let written = told
        .iter()
        .map(|(id, n)| format!(r#"{{"id":"evt_{id}","sequence":{n}}}"#));
    written.collect()
}

#[tokio::test]
async fn an_event_waits_for_the_one_before_it_of_its_object_and_for_no_other() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&[BROKEN]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    harness.happens(1, 2, "order.confirmed", "ord_1").await;
    harness.happens(1, 3, "order.created", "ord_2").await;
    harness.happens(1, 4, "order.ticketed", "ord_1").await;
    assert_eq!(
        receiver.bodies(),
        bodies(&[(1, 1), (3, 1)]),
        "the first stands in the way of its own object"
    );
    assert_eq!(harness.at(START_US + MINUTE_US).await, 3);
    assert_eq!(receiver.bodies(), bodies(&[(1, 1), (2, 2), (4, 3)]));
    assert_eq!(
        harness.at(START_US + MINUTE_US).await,
        0,
        "there is nothing left to do"
    );
}

#[tokio::test]
async fn endpoints_hear_what_they_asked_for_of_their_own_account() {
    let harness = harness().await;
    let (mut all, mut some, mut foreign) = (
        Receiver::answering(&[]).await,
        Receiver::answering(&[]).await,
        Receiver::answering(&[]).await,
    );
    harness.listen(&all.url).await;
    let choosy = pb::CreateEndpointRequest {
        events: vec!["order.ticketed".to_owned(), "payment.captured".to_owned()],
        ..endpoint(1, 2, &some.url)
    };
    harness
        .notify
        .create_endpoint(choosy)
        .await
        .expect("it is new");
    harness
        .notify
        .create_endpoint(endpoint(2, 3, &foreign.url))
        .await
        .expect("it is new");
    harness.happens(1, 1, "order.created", "ord_1").await;
    harness.happens(1, 2, "order.ticketed", "ord_1").await;
    harness.happens(1, 3, "payment.captured", "pay_1").await;
    harness.happens(2, 4, "order.created", "ord_2").await;
    assert_eq!(all.bodies(), bodies(&[(1, 1), (2, 2), (3, 1)]));
    assert_eq!(some.bodies(), bodies(&[(2, 2), (3, 1)]));
    assert_eq!(foreign.bodies(), bodies(&[(4, 1)]));
}

#[tokio::test]
async fn the_feed_and_other_endpoints_do_not_wait_for_a_silent_one() {
    let harness = harness().await;
    let mut silent = Receiver::answering(&[SILENCE; 9]).await;
    let mut other = Receiver::answering(&[]).await;
    harness.listen(&silent.url).await;
    harness
        .notify
        .create_endpoint(endpoint(1, 2, &other.url))
        .await
        .expect("it is new");
    for number in 1..=6 {
        harness
            .say(1, number, "order.created", &format!("ord_{number}"))
            .await;
    }
    for _ in 1..=6 {
        other.next().await;
    }
    for _ in 1..=4 {
        silent.next().await;
    }
    assert!(
        silent.bodies().is_empty(),
        "no more than four attempts at once are made there"
    );
    let listed = harness
        .notify
        .events(crate::rpc::notify::v1::ListEventsRequest {
            context: context(1, START_US),
            ..Default::default()
        });
    let events = listed.await.expect("reads").events;
    assert_eq!(events.len(), 6);
    let kept = events[0]
        .event
        .as_ref()
        .expect("it is kept as it was published");
    assert_eq!(
        (kept.sequence, kept.world.as_str(), events[0].sequence),
        (77, WORLD, 1)
    );
    harness.notify.close().await;
}

#[tokio::test]
async fn what_is_on_its_way_goes_on_after_a_restart() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&[SILENCE]).await;
    harness.listen(&receiver.url).await;
    harness.say(1, 1, "order.created", "ord_1").await;
    assert_eq!(receiver.next().await.body, bodies(&[(1, 1)])[0]);
    harness.notify.close().await;
    let notify = super::open(harness.dir.path(), &harness.writer, super::Reach::LocalToo).await;
    assert_eq!(
        receiver.next().await.headers["webhook-id"],
        "evt_1",
        "cut off, so sent again"
    );
    notify.dispatcher.quiet().await;
    let request = pb::ListDeliveriesRequest {
        context: context(1, START_US),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: FORMAT.to_owned(),
        page: None,
    };
    let listed = notify
        .list_deliveries(request)
        .await
        .expect("lists")
        .deliveries;
    assert_eq!((listed.len(), listed[0].status.as_str()), (1, "succeeded"));
}
