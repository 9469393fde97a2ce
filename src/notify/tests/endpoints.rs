//! Endpoints as their owners make, change and lose them, and as nobody else sees them.

use super::receiver::Receiver;
use super::{FORMAT, Reach, START_US, context, endpoint, harness, harness_in};
use crate::notify::Error;
use crate::rpc::common::v1::{Idempotency, Page};
use crate::rpc::notify::v1 as pb;

const URL: &str = "https://example.com/hook";

#[tokio::test]
async fn a_secret_is_shown_once_and_a_repeat_finds_the_endpoint_without_it() {
    let harness = harness_in(Reach::PublicOnly).await;
    let made = harness.listen(URL).await;
    assert!(made.secret.starts_with("whsec_") && made.secret.len() == 50);
    let repeated = pb::CreateEndpointRequest {
        endpoint_id: endpoint(1, 9, URL).endpoint_id,
        ..endpoint(1, 1, URL)
    };
    let repeated = harness
        .notify
        .create_endpoint(repeated)
        .await
        .expect("a repeat");
    let unsaid = pb::Endpoint {
        secret: String::new(),
        ..made.clone()
    };
    assert_eq!(repeated, unsaid);
    assert_eq!(harness.endpoint().await, unsaid);
    let other = pb::CreateEndpointRequest {
        idempotency: Some(Idempotency {
            key: "key-1".to_owned(),
            fingerprint: vec![1],
        }),
        ..endpoint(1, 9, URL)
    };
    let refused = harness.notify.create_endpoint(other).await;
    assert!(matches!(refused, Err(Error::KeyReused)));
    let second = harness
        .notify
        .create_endpoint(endpoint(1, 2, URL))
        .await
        .expect("it is new");
    assert_ne!(second.secret, made.secret);
}

#[tokio::test]
async fn urls_that_lead_nowhere_or_inside_are_refused_when_they_are_set() {
    let harness = harness_in(Reach::PublicOnly).await;
    for url in [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "nowhere",
    ] {
        let refused = harness.notify.create_endpoint(endpoint(1, 1, url)).await;
        assert!(matches!(refused, Err(Error::AddressRefused)), "{url}");
    }
    harness.listen(URL).await;
    let request = pb::UpdateEndpointRequest {
        context: context(1, START_US),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: FORMAT.to_owned(),
        url: Some("https://10.1.2.3/".to_owned()),
        ..pb::UpdateEndpointRequest::default()
    };
    let refused = harness.notify.update_endpoint(request).await;
    assert!(matches!(refused, Err(Error::AddressRefused)));
    assert_eq!(harness.endpoint().await.url, URL);
}

#[tokio::test]
async fn endpoints_change_member_by_member_for_those_who_saw_the_last_version() {
    let harness = harness_in(Reach::PublicOnly).await;
    harness.listen(URL).await;
    let nothing = pb::UpdateEndpointRequest {
        context: context(1, START_US + 5),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: FORMAT.to_owned(),
        ..pb::UpdateEndpointRequest::default()
    };
    let same = harness
        .notify
        .update_endpoint(nothing.clone())
        .await
        .expect("no change");
    assert_eq!((same.version, same.updated_at_us), (1, START_US));
    let narrowed = pb::UpdateEndpointRequest {
        expected_version: 1,
        replace_events: true,
        events: vec!["order.ticketed".to_owned()],
        description: Some("mine".to_owned()),
        ..nothing.clone()
    };
    let changed = harness
        .notify
        .update_endpoint(narrowed.clone())
        .await
        .expect("changes");
    assert_eq!((changed.version, changed.updated_at_us), (2, START_US + 5));
    assert_eq!(
        (changed.url.as_str(), changed.description.as_str()),
        (URL, "mine")
    );
    assert_eq!(changed.events, ["order.ticketed"]);
    let stale = harness.notify.update_endpoint(narrowed).await;
    assert!(matches!(stale, Err(Error::VersionMismatch)));
    let disabled = harness.set_status("disabled").await.expect("changes");
    assert_eq!(
        (disabled.status.as_str(), disabled.disabled_reason.as_str()),
        ("disabled", "by_owner")
    );
    assert!(matches!(
        harness.set_status("asleep").await,
        Err(Error::Invalid("status"))
    ));
    let wrong = pb::UpdateEndpointRequest {
        replace_events: true,
        events: vec!["order ticketed".to_owned()],
        ..nothing
    };
    let refused = harness.notify.update_endpoint(wrong).await;
    assert!(matches!(refused, Err(Error::Invalid("events"))));
}

#[tokio::test]
async fn a_deleted_endpoint_is_gone_with_its_deliveries_and_not_made_again_by_a_repeat() {
    let harness = harness().await;
    let mut receiver = Receiver::answering(&["500 Internal Server Error"]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    let delete = pb::DeleteEndpointRequest {
        context: context(1, START_US),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: FORMAT.to_owned(),
    };
    harness
        .notify
        .delete_endpoint(delete.clone())
        .await
        .expect("it is there");
    harness.notify.delete_endpoint(delete).await.expect("again");
    let repeated = harness
        .notify
        .create_endpoint(endpoint(1, 1, &receiver.url))
        .await;
    assert!(matches!(repeated, Err(Error::KeyReused)));
    let list = pb::ListEndpointsRequest {
        context: context(1, START_US),
        format: FORMAT.to_owned(),
        page: None,
    };
    let listed = harness.notify.list_endpoints(list).await.expect("lists");
    assert!(listed.endpoints.is_empty());
    assert_eq!(harness.at(START_US * 2).await, 0);
    assert_eq!(receiver.bodies().len(), 1, "only what was sent before");
}

#[tokio::test]
async fn nobody_sees_or_touches_the_endpoint_of_another_or_of_another_contract() {
    let harness = harness().await;
    let receiver = Receiver::answering(&[]).await;
    harness.listen(&receiver.url).await;
    harness.happens(1, 1, "order.created", "ord_1").await;
    let delivery_id = harness.deliveries().await.remove(0).id;
    let endpoint_id = endpoint(1, 1, "").endpoint_id;
    for (account, format) in [(2, FORMAT), (1, "else")] {
        let (context, format) = (context(account, START_US), format.to_owned());
        let get = pb::GetEndpointRequest {
            context: context.clone(),
            endpoint_id: endpoint_id.clone(),
            format: format.clone(),
        };
        let update = pb::UpdateEndpointRequest {
            context: context.clone(),
            endpoint_id: endpoint_id.clone(),
            format: format.clone(),
            status: "disabled".to_owned(),
            ..pb::UpdateEndpointRequest::default()
        };
        let deliveries = pb::ListDeliveriesRequest {
            context: context.clone(),
            endpoint_id: endpoint_id.clone(),
            format: format.clone(),
            page: None,
        };
        let redeliver = pb::RedeliverRequest {
            context: context.clone(),
            endpoint_id: endpoint_id.clone(),
            format: format.clone(),
            delivery_id: delivery_id.clone(),
        };
        let delete = pb::DeleteEndpointRequest {
            context: context.clone(),
            endpoint_id: endpoint_id.clone(),
            format: format.clone(),
        };
        for refused in [
            harness.notify.get_endpoint(get).await.map(drop),
            harness.notify.update_endpoint(update).await.map(drop),
            harness.notify.list_deliveries(deliveries).await.map(drop),
            harness.notify.redeliver(redeliver).await.map(drop),
            harness.notify.delete_endpoint(delete).await,
        ] {
            assert!(matches!(refused, Err(Error::NotFound("webhook endpoint"))));
        }
        let list = pb::ListEndpointsRequest {
            context,
            format,
            page: None,
        };
        let listed = harness.notify.list_endpoints(list).await.expect("lists");
        assert!(listed.endpoints.is_empty());
    }
    assert_eq!(harness.endpoint().await.status, "enabled");
    let platform = harness.notify.get_endpoint(pb::GetEndpointRequest {
        endpoint_id,
        format: FORMAT.to_owned(),
        context: None,
    });
    assert!(matches!(platform.await, Err(Error::Invalid("context"))));
}

#[tokio::test]
async fn endpoints_and_deliveries_are_listed_page_by_page() {
    let harness = harness().await;
    let receiver = Receiver::answering(&[]).await;
    for number in 1..=3 {
        let made = harness
            .notify
            .create_endpoint(endpoint(1, number, &receiver.url))
            .await;
        made.expect("it is new");
    }
    let page = |after: String| Some(Page { after, limit: 2 });
    let endpoints = |after| pb::ListEndpointsRequest {
        context: context(1, START_US),
        format: FORMAT.to_owned(),
        page: page(after),
    };
    let first = harness
        .notify
        .list_endpoints(endpoints(String::new()))
        .await
        .expect("lists");
    assert_eq!(
        (first.endpoints.len(), &first.next),
        (2, &first.endpoints[1].id)
    );
    let rest = harness
        .notify
        .list_endpoints(endpoints(first.next))
        .await
        .expect("lists");
    assert_eq!((rest.endpoints.len(), rest.next.as_str()), (1, ""));

    for number in 1..=3 {
        harness
            .happens(1, number, "order.created", &format!("ord_{number}"))
            .await;
    }
    let deliveries = |after| pb::ListDeliveriesRequest {
        context: context(1, START_US),
        endpoint_id: endpoint(1, 1, "").endpoint_id,
        format: FORMAT.to_owned(),
        page: page(after),
    };
    let first = harness
        .notify
        .list_deliveries(deliveries(String::new()))
        .await
        .expect("lists");
    let rest = harness
        .notify
        .list_deliveries(deliveries(first.next.clone()))
        .await
        .expect("lists");
    let told: Vec<&str> = first
        .deliveries
        .iter()
        .chain(&rest.deliveries)
        .map(|delivery| delivery.event_id.as_str())
        .collect();
    assert_eq!(told, ["evt_3", "evt_2", "evt_1"]);
    assert_eq!(rest.next, "");
}
