//! What whoever runs the platform sees of sagas, and what it does to take one up; and the history of an order.

use super::neighbours::{Cut, NEVER};
use super::samples::NOW;
use super::scene::*;
use crate::api::problem::Code;
use crate::booking::standing::STUCK_AFTER_US;
use crate::platform::status::code_of;
use crate::rpc::booking::v1::sagas_server::Sagas;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::{Context, Page};

/// Staff of the world, who see every account.
fn staff(now_us: i64) -> Option<Context> {
    at(now_us).map(|context| Context {
        account_id: String::new(),
        request_id: "req_staff".to_owned(),
        ..context
    })
}

impl Scene {
    async fn saga(&self, now_us: i64) -> Saga {
        let request = GetSagaRequest {
            context: staff(now_us),
            saga_id: "sag_1".to_owned(),
        };
        self.booking.get_saga(request).await.expect("it is there")
    }

    async fn sagas(&self, state: SagaState, now_us: i64, page: Page) -> (Vec<String>, String) {
        let request = ListSagasRequest {
            context: staff(now_us),
            state: state.into(),
            page: Some(page),
        };
        let listed = self.booking.list_sagas(request).await.expect("a list");
        let ids = listed.sagas.into_iter().map(|saga| saga.id);
        (ids.collect(), listed.next)
    }

    async fn resume(&self, key: &str, saga_id: &str) -> Result<SagaReply, Code> {
        let request = ResumeSagaRequest {
            context: staff(NOW),
            idempotency: keyed(key),
            saga_id: saga_id.to_owned(),
        };
        let reply = Sagas::resume_saga(&self.booking, tonic::Request::new(request)).await;
        reply
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }
}

#[tokio::test]
async fn a_saga_whose_neighbour_is_away_tells_so_and_is_taken_up_when_it_is_back() {
    let scene = Scene::new(1).await;
    scene.flights.cut_after(0, Cut::Before);
    let request = CreateOrderRequest {
        wait_ms: 0,
        ..instant(1, "tok_visa")
    };
    scene.create(request).await.expect("accepted");
    scene.quiet().await;
    let saga = scene.saga(NOW).await;
    assert_eq!(
        (saga.state(), saga.step.as_str()),
        (SagaState::Running, "hold_seats")
    );
    assert_eq!((saga.since_us, saga.tries), (NOW, 6));
    assert_eq!(saga.last_error, "flights: the line is cut");
    assert!(saga.next_try_at_us.is_some_and(|at_us| at_us > NOW));

    let late = NOW + STUCK_AFTER_US;
    let all = Page::default;
    let one = vec!["sag_1".to_owned()];
    assert_eq!(scene.sagas(SagaState::Stuck, NOW, all()).await.0, [""; 0]);
    assert_eq!(scene.sagas(SagaState::Running, NOW, all()).await.0, one);
    assert_eq!(scene.sagas(SagaState::Stuck, late, all()).await.0, one);
    assert_eq!(
        scene.sagas(SagaState::Running, late, all()).await.0,
        [""; 0]
    );

    scene.flights.cut_after(NEVER, Cut::Before);
    let reply = scene.resume("one", "sag_1").await.expect("it is stuck");
    assert_eq!(reply.saga.expect("a saga").step, "hold_seats");
    scene.quiet().await;
    let saga = scene.saga(NOW).await;
    assert_eq!(
        (saga.state(), saga.step.as_str()),
        (SagaState::Resting, "rest")
    );
    assert_eq!(
        (saga.tries, saga.last_error.as_str(), saga.next_try_at_us),
        (0, "", None)
    );
    assert_eq!(saga.order_status(), OrderStatus::Ticketed);
    assert_eq!(scene.sagas(SagaState::Resting, late, all()).await.0, one);
}

#[tokio::test]
async fn an_outcome_that_nobody_knows_is_asked_for_and_not_paid_for_again() {
    let scene = Scene::new(1).await;
    scene
        .create(instant(1, "tok_unknown"))
        .await
        .expect("accepted");
    scene.quiet().await;
    let stuck = scene.saga(NOW).await;
    assert_eq!(
        (stuck.state(), stuck.step.as_str()),
        (SagaState::Stuck, "await_capture")
    );
    assert_eq!(stuck.payment_status(), PaymentStatus::Unknown);
    assert_eq!(
        scene.sagas(SagaState::Stuck, NOW, Page::default()).await.0,
        ["sag_1"]
    );

    let first = scene.resume("one", "sag_1").await.expect("it is stuck");
    assert_eq!(first.saga, Some(stuck));
    scene.quiet().await;
    assert_eq!(scene.saga(NOW).await.state(), SagaState::Resting);
    assert_eq!(
        scene.billing.kinds("pay_1"),
        [
            "payment.requested",
            "payment.capture_requested",
            "payment.capture_requested"
        ]
    );
    let again = scene.resume("one", "sag_1").await;
    assert_eq!(
        again,
        Ok(SagaReply {
            replayed: true,
            ..first
        })
    );
    assert_eq!(scene.resume("two", "sag_1").await, Err(Code::InvalidState));
    assert_eq!(scene.resume("one", "sag_2").await, Err(Code::NotFound));
    assert_eq!(scene.resume("one", "ord_1").await, Err(Code::NotFound));
    scene.quiet().await;
    assert_eq!(scene.billing.kinds("pay_1").len(), 3);
}

#[tokio::test]
async fn a_key_stands_for_one_saga() {
    let scene = Scene::new(2).await;
    for number in [1, 2] {
        scene
            .create(instant(number, "tok_unknown"))
            .await
            .expect("accepted");
    }
    scene.quiet().await;
    scene.resume("one", "sag_1").await.expect("it is stuck");
    let request = ResumeSagaRequest {
        context: staff(NOW),
        idempotency: keyed("one").map(|given| crate::rpc::common::v1::Idempotency {
            fingerprint: b"another".to_vec(),
            ..given
        }),
        saga_id: "sag_2".to_owned(),
    };
    let reused = Sagas::resume_saga(&scene.booking, tonic::Request::new(request)).await;
    assert_eq!(
        code_of(&reused.expect_err("the key is taken")),
        Code::IdempotencyKeyReused
    );
    let foreign = GetSagaRequest {
        context: staff(NOW).map(|context| Context {
            world: "wld_other".to_owned(),
            ..context
        }),
        saga_id: "sag_1".to_owned(),
    };
    assert!(scene.booking.get_saga(foreign).await.is_err());
}

#[tokio::test]
async fn sagas_come_page_by_page_and_a_foreign_cursor_gives_none() {
    let scene = Scene::new(5).await;
    for number in 1..=3 {
        scene.create(hold(number)).await.expect("there are seats");
    }
    let page = |after: &str| Page {
        after: after.to_owned(),
        limit: 2,
    };
    let (first, next) = scene.sagas(SagaState::Unspecified, NOW, page("")).await;
    assert_eq!(
        (first, next.as_str()),
        (vec!["sag_3".to_owned(), "sag_2".to_owned()], "sag_2")
    );
    let (last, next) = scene.sagas(SagaState::Unspecified, NOW, page(&next)).await;
    assert_eq!((last, next.as_str()), (vec!["sag_1".to_owned()], ""));
    for nowhere in ["nothing", "sag_9"] {
        assert_eq!(
            scene
                .sagas(SagaState::Unspecified, NOW, page(nowhere))
                .await
                .0,
            [""; 0]
        );
    }
}

#[tokio::test]
async fn the_history_of_an_order_tells_each_event_and_its_cause() {
    let scene = Scene::new(1).await;
    scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    scene.quiet().await;
    let read = async |after: &str, limit: u32| {
        let request = ListHistoryRequest {
            context: staff(NOW),
            order_id: "ord_1".to_owned(),
            page: Some(Page {
                after: after.to_owned(),
                limit,
            }),
        };
        scene
            .booking
            .list_history(request)
            .await
            .expect("it is there")
    };
    let whole = read("", 9).await;
    assert_eq!(whole.next, "");
    let told: Vec<_> = whole
        .entries
        .iter()
        .map(|entry| {
            (
                entry.sequence,
                entry.r#type.as_str(),
                entry.status(),
                entry.version,
            )
        })
        .collect();
    let confirmed = told[1].3;
    assert_eq!(
        told,
        [
            (1, "order.created", OrderStatus::Pending, 1),
            (2, "order.confirmed", OrderStatus::Confirmed, confirmed),
            (3, "order.ticketed", OrderStatus::Ticketed, confirmed + 1),
        ]
    );
    let causes: Vec<&str> = whole
        .entries
        .iter()
        .map(|entry| entry.causation_id.as_str())
        .collect();
    assert_eq!(causes[0], "req_1");
    assert!(causes[1].starts_with("evt_payment.captured"), "{causes:?}");
    assert!(
        whole
            .entries
            .iter()
            .all(|entry| entry.correlation_id == "req_1")
    );
    let first = read("", 2).await;
    assert_eq!((first.entries.len(), first.next.as_str()), (2, "2"));
    assert_eq!(read("2", 2).await.entries, whole.entries[2..]);
    assert_eq!(read("nothing", 2).await.entries, []);
}
