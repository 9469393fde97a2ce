//! `/private/v1/parked-events`: what a consumer did not take, and delivering it again. Drills stand for what goes wrong.

use fareway::identity::sandbox;
use fareway::kernel::id::EventId;
use fareway::rpc::common::v1::Context;
use fareway::rpc::events::v1::DrillRequest;
use serde_json::{Value, json};

use super::{in_role, staff, staff_and_traveller};
use crate::support::app::{Account, App, WITHIN, platform};
use crate::support::traveller::order_of;
use crate::support::{eventually, trials};

trials![
    what_was_not_taken_is_listed_and_delivered_again,
    what_waits_for_an_earlier_event_is_not_delivered_before_it,
    an_order_stands_still_until_what_it_needs_is_delivered,
    parked_events_of_another_world_are_not_there,
    auditors_read_parked_events_and_support_delivers_them_again,
    what_is_delivered_again_is_in_the_audit_log,
];

const PARKED: &str = "/private/v1/parked-events";

/// Asks for a drill in a world.
async fn ask(app: &App, world: &str, drill: DrillRequest) {
    let request = DrillRequest {
        context: Some(Context {
            world: world.to_owned(),
            ..platform()
        }),
        ..drill
    };
    let said = app.clients.parked.drill(request, WITHIN).await;
    said.expect("a drill can be said");
}

/// A parked event in the world of this staff.
async fn drill(app: &App, staff: &Account) -> String {
    drill_of(app, staff, "").await
}

/// A parked event of this subject.
async fn drill_of(app: &App, staff: &Account, subject: &str) -> String {
    let id = String::from(EventId::new(sandbox::CLOCK_STARTS_AT_US, &app.chance));
    let drill = DrillRequest {
        event_id: id.clone(),
        subject: subject.to_owned(),
        ..DrillRequest::default()
    };
    ask(app, &staff.world, drill).await;
    eventually("it is parked", async || {
        let page = staff.client.get(PARKED).await.expect(200);
        let data = page.body["data"].as_array().expect("a page").clone();
        data.iter()
            .any(|event| event["id"] == json!(id))
            .then_some(())
    })
    .await;
    id
}

fn redeliver(id: &str) -> String {
    format!("{PARKED}/{id}/redeliver")
}

async fn what_was_not_taken_is_listed_and_delivered_again() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let (one, two) = (drill(&app, &staff).await, drill(&app, &staff).await);
    let listed = staff.all(&format!("{PARKED}?consumer=drill"), 1).await;
    let ids: Vec<&Value> = listed.iter().map(|event| &event["id"]).collect();
    assert_eq!(ids, [&json!(one), &json!(two)]);
    let parked = &listed[0];
    assert_eq!(parked["publisher"], "identity");
    assert_eq!(
        (&parked["state"], &parked["tries"]),
        (&json!("refused"), &json!(1))
    );
    assert!(parked["reason"].is_string(), "{parked:#}");
    let others = staff.all(&format!("{PARKED}?consumer=billing"), 10).await;
    assert_eq!(others, Vec::<Value>::new());

    let again = || staff.client.post_empty(redeliver(&one)).key("again");
    let first = again().await.expect(200);
    assert_eq!(first.header("Idempotency-Replayed"), "false");
    assert_eq!(
        first.body["receipts"],
        json!([{"consumer": "drill", "taken": true, "followers": 0, "reason": null}])
    );
    let replayed = again().await.expect(200);
    assert_eq!(replayed.header("Idempotency-Replayed"), "true");
    assert_eq!(replayed.body, first.body);
    let left = staff.all(PARKED, 10).await;
    assert_eq!(left.len(), 1);
    let client = &staff.client;
    let gone = client.post_empty(redeliver(&one)).key("another");
    gone.await.refused(404, "not_found");
    let reused = client.post_empty(redeliver(&two)).key("again");
    reused.await.refused(409, "idempotency_key_reused");
    client
        .post_empty(redeliver(&two))
        .key("two")
        .await
        .expect(200);
    assert_eq!(staff.all(PARKED, 10).await, Vec::<Value>::new());
}

async fn what_waits_for_an_earlier_event_is_not_delivered_before_it() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let subject = format!("drl_of_{}", staff.world);
    let first = drill_of(&app, &staff, &subject).await;
    let second = drill_of(&app, &staff, &subject).await;
    let listed = staff.all(PARKED, 10).await;
    let states: Vec<_> = listed
        .iter()
        .map(|one| (&one["id"], &one["state"]))
        .collect();
    assert_eq!(
        states,
        [
            (&json!(first), &json!("refused")),
            (&json!(second), &json!("waiting"))
        ]
    );
    let client = &staff.client;
    let early = client.post_empty(redeliver(&second)).key("early").await;
    early.refused(409, "invalid_state");
    assert_eq!(staff.all(PARKED, 10).await, listed, "nothing is done");
    // The first takes along what waits behind it.
    let done = client.post_empty(redeliver(&first)).key("first").await;
    assert_eq!(
        done.expect(200).body["receipts"],
        json!([{"consumer": "drill", "taken": true, "followers": 1, "reason": null}])
    );
    assert_eq!(staff.all(PARKED, 10).await, Vec::<Value>::new());
    let late = client.post_empty(redeliver(&second)).key("late").await;
    late.refused(404, "not_found");
}

async fn an_order_stands_still_until_what_it_needs_is_delivered() {
    let app = App::shared().await;
    let (staff, traveller) = staff_and_traveller(&app).await;
    let offer = traveller.offer().await;
    let drill = DrillRequest {
        park_next: "payment.capture_requested".to_owned(),
        ..DrillRequest::default()
    };
    ask(&app, &traveller.world, drill).await;
    let order = traveller.order(&order_of(&offer, Some("tok_visa")), "order");
    let order = order.header("Prefer", "wait=0").await.expect(202);
    let order_id = order.text("/id");
    let parked = eventually("it is parked", async || {
        let page = staff.get(PARKED).await.expect(200);
        page.body["data"]
            .as_array()
            .and_then(|data| data.first().cloned())
    })
    .await;
    assert_eq!(
        (&parked["type"], &parked["consumer"], &parked["publisher"]),
        (
            &json!("payment.capture_requested"),
            &json!("billing"),
            &json!("booking")
        )
    );
    let saga = format!("/private/v1/sagas/{}", order_id.replacen("ord_", "sag_", 1));
    let running = staff.get(&saga).await.expect(200);
    assert_eq!(
        (running.text("/state"), running.text("/step")),
        ("running", "await_capture")
    );
    traveller.advance("2027-03-01T09:06:00Z").await;
    let stuck = staff.get("/private/v1/sagas?state=stuck").await.expect(200);
    assert_eq!(stuck.body["data"][0]["order_id"], order.body["id"]);
    // Taking the order up asks nobody again: what it needs is on its way already, and stands still itself.
    let id = parked["id"].as_str().expect("an id");
    let done = staff.post_empty(redeliver(id)).key("deliver");
    assert_eq!(done.await.expect(200).body["receipts"][0]["taken"], true);
    let order = traveller.read_as(order_id, "ticketed").await;
    assert_eq!(order.body["payment_status"], "paid");
    let stuck = staff.get("/private/v1/sagas?state=stuck").await.expect(200);
    assert_eq!(stuck.body["data"], json!([]));
}

async fn parked_events_of_another_world_are_not_there() {
    let app = App::shared().await;
    let owner = staff(&app).await;
    let id = drill(&app, &owner).await;
    let stranger = staff(&app).await;
    assert_eq!(stranger.all(PARKED, 10).await, Vec::<Value>::new());
    let again = stranger.client.post_empty(redeliver(&id)).key("again");
    again.await.refused(404, "not_found");
    assert_eq!(owner.all(PARKED, 10).await.len(), 1);
}

async fn auditors_read_parked_events_and_support_delivers_them_again() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let id = drill(&app, &staff).await;
    for (role, may_read, may_deliver) in [
        ("auditor", true, false),
        ("scheduler", false, false),
        ("support", true, true),
    ] {
        let holder = in_role(&app, &staff.client, role).await;
        let read = holder.get(PARKED).await;
        assert_eq!(read.status, if may_read { 200 } else { 403 }, "{role}");
        let delivered = holder.post_empty(redeliver(&id)).key(role).await;
        assert_eq!(
            delivered.status,
            if may_deliver { 200 } else { 403 },
            "{role}"
        );
    }
}

async fn what_is_delivered_again_is_in_the_audit_log() {
    let app = App::shared().await;
    let staff = staff(&app).await;
    let id = drill(&app, &staff).await;
    let again = staff.client.post_empty(redeliver(&id)).key("again");
    again.await.expect(200);
    let log = staff
        .client
        .get("/private/v1/audit-events")
        .await
        .expect(200);
    let written = log.body["data"].as_array().expect("a page");
    let of_it = |event: &&Value| event["object_id"] == json!(id);
    let actions: Vec<&Value> = written
        .iter()
        .filter(of_it)
        .map(|event| &event["action"])
        .collect();
    assert_eq!(actions, ["redeliverParkedEvent"]);
}
