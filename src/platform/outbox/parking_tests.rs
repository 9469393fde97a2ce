//! Events that are refused, parked and delivered again. Nothing pauses: the patience of these relays has no length.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::tests::{open, say};
use super::*;
use crate::api::problem::Code;
use crate::platform::bus::{Bus, HandlerError};
use crate::platform::db::{self, Db};
use crate::platform::status::code_of;
use crate::rpc::common::v1::{Context, Idempotency, Page};
use crate::rpc::events::v1::parked_events_server::ParkedEvents as Contract;
use crate::rpc::events::v1::*;

const IMPATIENT: Patience = Patience {
    tries: 3,
    first: Duration::ZERO,
    last: Duration::ZERO,
};

/// Two consumers, of which `picky` takes nothing that is named here.
#[derive(Clone, Default)]
struct Consumers {
    refused: Arc<Mutex<HashSet<String>>>,
    seen: Arc<Mutex<Vec<(&'static str, String)>>>,
    /// What `picky` comes to no end with, until the process ends.
    stuck: Arc<Mutex<Option<String>>>,
}

impl Consumers {
    fn listen(&self, bus: &Bus, fault: fn() -> HandlerError) {
        for consumer in ["easy", "picky"] {
            let all = self.clone();
            bus.subscribe(consumer, &["order.created"], move |event| {
                let refused = all.refused.lock().expect("no panic").contains(&event.id);
                let mut seen = all.seen.lock().expect("no panic");
                seen.push((consumer, event.id));
                let refused = refused && consumer == "picky";
                let stuck = consumer == "picky"
                    && seen.last().map(|(_, id)| id)
                        == all.stuck.lock().expect("no panic").as_ref();
                Box::pin(async move {
                    if stuck {
                        std::future::pending::<()>().await;
                    }
                    if refused { Err(fault()) } else { Ok(()) }
                })
            });
        }
    }

    fn refuse(&self, ids: &[&str]) {
        *self.refused.lock().expect("no panic") = ids.iter().map(|&id| id.to_owned()).collect();
    }

    fn of(&self, consumer: &str) -> Vec<String> {
        let seen = self.seen.lock().expect("no panic");
        let own = seen.iter().filter(|(one, _)| *one == consumer);
        own.map(|(_, id)| id.clone()).collect()
    }
}

fn unknown() -> HandlerError {
    std::fmt::Error.into()
}

struct Scene {
    _dir: tempfile::TempDir,
    db: Db,
    consumers: Consumers,
    relay: Relay,
    bus: Bus,
}

impl Scene {
    async fn new(fault: fn() -> HandlerError, refused: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let db = open(&dir, "here.db").await;
        let (bus, consumers) = (Bus::new(), Consumers::default());
        consumers.refuse(refused);
        consumers.listen(&bus, fault);
        bus.start();
        Self {
            relay: Relay::start_with(db.clone(), bus.clone(), IMPATIENT),
            _dir: dir,
            db,
            consumers,
            bus,
        }
    }

    async fn say(&self, ids: &[&str], subject: &str) {
        for id in ids {
            say(&self.db, id, subject).await;
        }
        self.relay.drain().await;
    }

    /// Lets a redelivery begin, ends the process when a consumer is at an event, and starts the next over what is on disk.
    async fn cut_off(&mut self, id: &str, key: &str, at: &str) {
        self.consumers.refuse(&[]);
        *self.consumers.stuck.lock().expect("no panic") = Some(at.to_owned());
        let before = self.consumers.of("picky").len();
        let reached = async {
            while !self.consumers.of("picky")[before..].contains(&at.to_owned()) {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            answer = self.redeliver(id, key) => panic!("{answer:?}"),
            () = reached => {}
        }
        *self.consumers.stuck.lock().expect("no panic") = None;
        self.relay = Relay::start_with(self.db.clone(), self.bus.clone(), IMPATIENT);
    }

    fn contract(&self) -> ParkedEvents {
        ParkedEvents::new(self.bus.clone(), vec![("test", self.relay.clone())])
    }

    /// Id, whether it waits, and tries of what is parked.
    async fn parked(&self) -> Vec<(String, bool, u32)> {
        let request = ListParkedRequest {
            context: world(),
            ..ListParkedRequest::default()
        };
        let listed = self
            .contract()
            .list_parked(tonic::Request::new(request))
            .await;
        let told = |one: ParkedEvent| (one.event.expect("one").id, one.waiting, one.tries);
        let events = listed.expect("reads").into_inner().events;
        events.into_iter().map(told).collect()
    }

    async fn redeliver(&self, id: &str, key: &str) -> Result<Redelivery, Code> {
        let request = RedeliverRequest {
            context: world(),
            idempotency: Some(Idempotency {
                key: key.to_owned(),
                fingerprint: id.as_bytes().to_vec(),
            }),
            event_id: id.to_owned(),
        };
        let answer = self
            .contract()
            .redeliver(tonic::Request::new(request))
            .await;
        answer
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }
}

fn world() -> Option<Context> {
    Some(Context {
        world: "wld_test".to_owned(),
        ..Context::default()
    })
}

fn row(id: &str, waiting: bool, tries: u32) -> (String, bool, u32) {
    (id.to_owned(), waiting, tries)
}

#[tokio::test]
async fn what_is_refused_is_parked_and_stops_its_subject_for_its_consumer_only() {
    let mut scene = Scene::new(unknown, &["a1"]).await;
    scene.say(&["a1", "a2"], "ord_a").await;
    scene.say(&["b1"], "ord_b").await;
    assert_eq!(scene.consumers.of("easy"), ["a1", "a2", "b1"]);
    assert_eq!(scene.consumers.of("picky"), ["a1", "a1", "a1", "b1"]);
    assert_eq!(
        scene.parked().await,
        [row("a1", false, 3), row("a2", true, 0)]
    );

    // Neither is published again after a restart, and what comes then waits behind them.
    scene.relay = Relay::start_with(scene.db.clone(), scene.bus.clone(), IMPATIENT);
    scene.say(&["a3"], "ord_a").await;
    assert_eq!(scene.consumers.of("easy"), ["a1", "a2", "b1", "a3"]);
    assert_eq!(scene.consumers.of("picky").len(), 4);
    assert_eq!(scene.parked().await.len(), 3);
}

#[tokio::test]
async fn redelivery_gives_the_first_and_then_what_waits_in_order() {
    let scene = Scene::new(unknown, &["a1", "a3"]).await;
    scene.say(&["a1", "a2", "a3", "a4"], "ord_a").await;
    assert_eq!(
        scene.redeliver("a2", "early").await,
        Err(Code::InvalidState)
    );
    assert_eq!(scene.redeliver("a9", "none").await, Err(Code::NotFound));

    let again = scene.redeliver("a1", "one").await.expect("it is parked");
    assert!(!again.receipts[0].taken && !again.receipts[0].reason.is_empty());
    assert_eq!(scene.parked().await[0], row("a1", false, 4));

    scene.consumers.refuse(&["a3"]);
    let taken = scene.redeliver("a1", "two").await.expect("it is parked");
    let receipt = Receipt {
        consumer: "picky".to_owned(),
        taken: true,
        followers: 1,
        reason: again.receipts[0].reason.clone(),
    };
    assert_eq!(taken.receipts, [receipt]);
    assert_eq!(
        scene.parked().await,
        [row("a3", false, 1), row("a4", true, 0)]
    );
    let replayed = scene.redeliver("a1", "two").await;
    assert_eq!(
        replayed,
        Ok(Redelivery {
            replayed: true,
            ..taken
        })
    );
    assert_eq!(
        scene.redeliver("a3", "two").await,
        Err(Code::IdempotencyKeyReused)
    );

    scene.consumers.refuse(&[]);
    let last = scene.redeliver("a3", "three").await.expect("it is parked");
    assert_eq!(
        (last.receipts[0].followers, last.receipts[0].reason.as_str()),
        (1, "")
    );
    assert_eq!(scene.parked().await, []);
    // Nothing holds the subject any more.
    scene.say(&["a5"], "ord_a").await;
    let mut took = scene.consumers.of("picky");
    took.dedup();
    assert_eq!(took, ["a1", "a2", "a3", "a4", "a5"]);
}

#[tokio::test]
async fn two_who_deliver_again_at_once_have_one_effect() {
    let scene = Scene::new(unknown, &["a1"]).await;
    scene.say(&["a1"], "ord_a").await;
    scene.consumers.refuse(&[]);
    let (one, two) = tokio::join!(scene.redeliver("a1", "k"), scene.redeliver("a1", "k"));
    let replayed = [one, two].map(|answer| answer.expect("it is parked").replayed);
    assert_ne!(replayed[0], replayed[1]);
    assert_eq!(scene.consumers.of("picky").len(), 4);
}

#[tokio::test]
async fn what_was_cut_off_is_ended_or_told_by_its_repeat() {
    // Before the event itself was noted as taken, and before what waits behind it was.
    for (stuck, replayed, followers) in [("a1", false, 1), ("a2", true, 0)] {
        let mut scene = Scene::new(unknown, &["a1"]).await;
        scene.say(&["a1", "a2"], "ord_a").await;
        scene.cut_off("a1", "k", stuck).await;
        let told = scene
            .redeliver("a1", "k")
            .await
            .expect("nothing is under way");
        let receipt = &told.receipts[0];
        assert_eq!(
            (told.replayed, receipt.taken, receipt.followers),
            (replayed, true, followers),
            "{stuck}"
        );
    }
}

#[tokio::test]
async fn what_was_cut_off_and_then_delivered_for_somebody_else_is_not_parked() {
    let mut scene = Scene::new(unknown, &["a1"]).await;
    scene.say(&["a1"], "ord_a").await;
    scene.cut_off("a1", "mine", "a1").await;
    scene.redeliver("a1", "theirs").await.expect("it is parked");
    assert_eq!(scene.redeliver("a1", "mine").await, Err(Code::NotFound));
}

#[tokio::test]
async fn what_is_not_the_events_fault_parks_nothing_and_what_is_parks_at_once() {
    let away = || HandlerError::from(db::Error::Lost);
    let scene = Scene::new(away, &["a1"]).await;
    say(&scene.db, "a1", "ord_a").await;
    while scene.consumers.of("picky").len() < 10 {
        tokio::task::yield_now().await;
    }
    assert_eq!(scene.parked().await, []);
    scene.consumers.refuse(&[]);
    scene.say(&[], "").await;
    assert_eq!(scene.parked().await, []);

    let scene = Scene::new(|| HandlerError::never(std::fmt::Error), &["a1"]).await;
    scene.say(&["a1"], "ord_a").await;
    assert_eq!(scene.parked().await, [row("a1", false, 1)]);
}

#[tokio::test]
async fn what_is_parked_is_seen_in_its_world_only_and_page_by_page() {
    let scene = Scene::new(unknown, &["a1", "b1"]).await;
    scene.say(&["a1"], "ord_a").await;
    scene.say(&["b1"], "ord_b").await;
    let list = async |world: &str, consumer: &str, after: &str| {
        let request = ListParkedRequest {
            context: Some(Context {
                world: world.to_owned(),
                ..Context::default()
            }),
            consumer: consumer.to_owned(),
            page: Some(Page {
                after: after.to_owned(),
                limit: 1,
            }),
        };
        let listed = scene
            .contract()
            .list_parked(tonic::Request::new(request))
            .await;
        let listed = listed.expect("reads").into_inner();
        let ids = listed
            .events
            .into_iter()
            .map(|one| one.event.expect("one").id);
        (ids.collect::<Vec<_>>(), listed.next)
    };
    let (first, next) = list("wld_test", "", "").await;
    let (second, end) = list("wld_test", "picky", &next).await;
    assert_eq!(
        (first, second, end.as_str()),
        (vec!["a1".into()], vec!["b1".into()], "")
    );
    for (world, consumer, after) in [
        ("wld_other", "", ""),
        ("wld_test", "easy", ""),
        ("wld_test", "", "nothing"),
        ("wld_test", "", "7.1.picky"),
    ] {
        assert_eq!(list(world, consumer, after).await.0, [] as [&str; 0]);
    }
}

#[tokio::test]
async fn a_drill_is_taken_once_it_is_parked() {
    let scene = Scene::new(unknown, &[]).await;
    subscribe_drill(&scene.bus, &scene.relay);
    for _ in 0..2 {
        let request = DrillRequest {
            context: world(),
            event_id: "evt_1".to_owned(),
            ..DrillRequest::default()
        };
        let said = scene.contract().drill(tonic::Request::new(request)).await;
        said.expect("a test world");
    }
    scene.relay.drain().await;
    assert_eq!(scene.parked().await, [row("evt_1", false, 1)]);
    let taken = scene.redeliver("evt_1", "one").await.expect("it is parked");
    assert!(taken.receipts[0].taken);
    assert_eq!(scene.parked().await, []);
    let live = DrillRequest {
        context: world().map(|context| Context {
            world: crate::kernel::clock::LIVE_WORLD.to_owned(),
            ..context
        }),
        event_id: "evt_2".to_owned(),
        ..DrillRequest::default()
    };
    let refused = scene.contract().drill(tonic::Request::new(live)).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn the_next_event_of_a_type_is_parked_and_those_of_other_worlds_are_not() {
    let scene = Scene::new(unknown, &[]).await;
    let request = |world: &str| DrillRequest {
        context: Some(Context {
            world: world.to_owned(),
            ..Context::default()
        }),
        park_next: "order.created".to_owned(),
        ..DrillRequest::default()
    };
    for other in ["wld_test", "wld_other"] {
        let request = tonic::Request::new(request(other));
        let said = scene.contract().drill(request).await;
        said.expect("a test world");
    }
    scene.say(&["evt_1", "evt_2"], "ord_1").await;
    let (first, second) = (row("evt_1", false, 1), row("evt_2", true, 0));
    assert_eq!(
        scene.parked().await,
        [first.clone(), first, second.clone(), second],
        "for both consumers"
    );
    scene.redeliver("evt_1", "one").await.expect("it is parked");
    assert_eq!(scene.parked().await, []);
}
