//! What becomes of deliveries that fail.

use std::sync::atomic::Ordering;

use super::receiver::Receiver;
use super::{FORMAT, Harness, START_US, context, endpoint, harness};
use crate::kernel::clock::{DAY_US, HOUR_US, MINUTE_US, SECOND_US};
use crate::notify::Error;
use crate::rpc::notify::v1 as pb;

const BROKEN: &str = "500 Internal Server Error";

async fn redeliver(harness: &Harness, delivery_id: &str) -> Result<pb::Delivery, Error> {
    let request = pb::RedeliverRequest {
        context: context(1, START_US + 10 * DAY_US),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: FORMAT.to_owned(),
        delivery_id: delivery_id.to_owned(),
    };
    let delivery = harness.notify.redeliver(request).await;
    harness.notify.dispatcher.quiet().await;
    delivery
}

#[tokio::test]
async fn attempts_follow_the_clock_of_the_world_and_send_the_same_payload() {
    let harness = harness().await;
    let busy = "503 Service Unavailable\r\nRetry-After: 7200";
    let mut receiver = Receiver::answering(&[BROKEN, busy]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    for (after_us, attempts) in [
        (4 * SECOND_US, 0),
        (6 * SECOND_US, 1),
        (HOUR_US, 0),
        (2 * HOUR_US, 0),
        (2 * HOUR_US + MINUTE_US, 1),
        (9 * DAY_US, 0),
    ] {
        assert_eq!(
            harness.at(START_US + after_us).await,
            attempts,
            "{after_us}"
        );
    }
    let bodies = receiver.bodies();
    assert_eq!(bodies.len(), 3);
    assert!(bodies.iter().all(|body| body == &bodies[0]));
    assert_eq!(
        harness.writer.0.load(Ordering::SeqCst),
        1,
        "it is written once"
    );
    let delivery = harness.deliveries().await.remove(0);
    let statuses: Vec<u32> = delivery
        .attempts
        .iter()
        .map(|made| made.http_status)
        .collect();
    assert_eq!(
        (delivery.status.as_str(), statuses),
        ("succeeded", vec![500, 503, 204])
    );
    assert_eq!(delivery.attempts[1].time_us, START_US + 6 * SECOND_US);
}

#[tokio::test]
async fn after_ten_attempts_a_delivery_is_given_up_and_an_endpoint_that_only_fails_disabled() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&[BROKEN; 10]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    harness.happens(1, 2, "order.confirmed", "ord_1").await;
    for round in 1..=8 {
        assert_eq!(
            harness.at(START_US + 2 * round * DAY_US).await,
            1,
            "round {round}"
        );
    }
    assert_eq!(harness.deliveries().await[0].status, "pending");
    assert_eq!(harness.at(START_US + 18 * DAY_US).await, 1);
    let deliveries = harness.deliveries().await;
    let statuses: Vec<&str> = deliveries
        .iter()
        .map(|delivery| delivery.status.as_str())
        .collect();
    assert_eq!(statuses, ["failed", "pending"]);
    assert_eq!(deliveries[0].attempts.len(), 10);
    let endpoint = harness.endpoint().await;
    assert_eq!(
        (endpoint.status.as_str(), endpoint.disabled_reason.as_str()),
        ("disabled", "failing")
    );
    assert_eq!(receiver.bodies().len(), 10);

    let refused = redeliver(&harness, &deliveries[0].id).await;
    assert!(matches!(refused, Err(Error::Disabled)));
    let endpoint = harness.set_status("enabled").await.expect("it is there");
    assert_eq!(endpoint.disabled_reason, "");
    harness.notify.dispatcher.quiet().await;
    assert_eq!(
        receiver.next().await.headers["webhook-id"],
        "evt_2",
        "what waited is sent"
    );
}

#[tokio::test]
async fn an_endpoint_that_sometimes_answers_is_not_disabled() {
    let harness = harness().await;
    let mut answers = vec![BROKEN, "200 OK"];
    answers.extend([BROKEN; 9]);
    let receiver = Receiver::answering(&answers).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    harness.happens(1, 2, "order.created", "ord_2").await;
    for round in 1..=9 {
        assert_eq!(
            harness.at(START_US + 2 * round * DAY_US).await,
            1,
            "round {round}"
        );
    }
    assert_eq!(harness.deliveries().await[0].status, "failed");
    assert_eq!(harness.endpoint().await.status, "enabled");
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_disabled_at_once() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&["410 Gone"]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    harness.happens(1, 2, "order.created", "ord_2").await;
    let endpoint = harness.endpoint().await;
    assert_eq!(
        (endpoint.status.as_str(), endpoint.disabled_reason.as_str()),
        ("disabled", "gone")
    );
    assert_eq!(endpoint.version, 2);
    assert_eq!(harness.at(START_US + DAY_US).await, 0);
    assert_eq!(receiver.bodies().len(), 1);
    let deliveries = harness.deliveries().await;
    assert_eq!(
        deliveries.len(),
        1,
        "nothing is kept for a disabled endpoint"
    );
    assert_eq!(
        (
            deliveries[0].status.as_str(),
            deliveries[0].next_attempt_at_us
        ),
        ("failed", None)
    );
}

#[tokio::test]
async fn deliveries_are_sent_once_more_on_request_whatever_became_of_them() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&["200 OK", BROKEN]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    let id = harness.deliveries().await.remove(0).id;
    let again = redeliver(&harness, &id).await.expect("it is there");
    assert_eq!(again.status, "pending");
    let failed = harness.deliveries().await.remove(0);
    assert_eq!(
        (failed.status.as_str(), failed.attempts.len()),
        ("pending", 2)
    );
    redeliver(&harness, &id).await.expect("it is there");
    let done = harness.deliveries().await.remove(0);
    assert_eq!(
        (done.status.as_str(), done.attempts.len()),
        ("succeeded", 3)
    );
    assert_eq!(receiver.bodies().len(), 3);
    let unknown = redeliver(&harness, "whd_unknown").await;
    assert!(matches!(unknown, Err(Error::NotFound("webhook delivery"))));
}

#[tokio::test]
async fn a_payload_that_cannot_be_written_costs_no_attempt() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&[]).await;
    let unwritten = pb::CreateEndpointRequest {
        format: "unknown".to_owned(),
        ..endpoint(1, 1, &receiver.url)
    };
    harness
        .notify
        .create_endpoint(unwritten)
        .await
        .expect("it is new");
    harness.happens(1, 1, "order.created", "ord_1").await;
    assert_eq!(harness.at(START_US + HOUR_US).await, 0);
    let request = pb::ListDeliveriesRequest {
        context: context(1, START_US),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: "unknown".to_owned(),
        page: None,
    };
    let waiting = harness
        .notify
        .list_deliveries(request)
        .await
        .expect("lists")
        .deliveries;
    assert_eq!(
        (waiting[0].status.as_str(), waiting[0].attempts.len()),
        ("pending", 0)
    );
    assert_eq!(
        waiting[0].next_attempt_at_us,
        Some(START_US + HOUR_US + MINUTE_US)
    );
    assert!(receiver.bodies().is_empty());
}
