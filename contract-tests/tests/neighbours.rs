//! Services apart: flights in another process, down, or failing. The door says what is the matter and no more.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;
use fareway::api::{partner_v1, private_v1, public_v1, public_v2};
use fareway::edge;
use fareway::edge::Clients;
use fareway::kernel::clock::Clock;
use fareway::platform::auth::Authenticator;
use fareway::platform::limits::{Limits, policies};
use fareway::wire;
use fareway::wire::door::{Core, Door};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::app::{Account, App, all_but_flights};
use crate::support::audit;
use crate::support::contract::{Contract, Scheme, contract, contracts};
use crate::support::mask::masked;
use crate::support::process::{Process, channel, remote};
use crate::support::sample::Sample;
use crate::support::traveller::{OFFER_REQUESTS, order_of, to_new_york};
use crate::support::trials;

trials![
    the_journey_is_the_same_with_flights_apart,
    flights_that_went_down_are_503_until_they_are_back,
    neighbours_that_are_down_are_503,
    neighbours_that_never_answer_are_503_at_the_deadline,
    neighbours_that_fail_are_500_and_tell_nothing,
    nothing_is_done_that_the_audit_log_does_not_hold,
];

/// A server with flights in a process of its own.
async fn apart() -> (App, Process, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let flights = Process::start(&["flights"], dir.path()).await;
    let url = flights.rpc.parse().expect("a URL");
    let app = App::start(|options| {
        options.services = all_but_flights();
        options.flights_url = Some(url);
        options.world = None;
    });
    (app.await, flights, dir)
}

async fn the_journey_is_the_same_with_flights_apart() {
    let together = App::shared().await;
    let account = together.account().await;
    let expected = journey(&account).await;
    let (app, flights, _dir) = apart().await;
    let account = app.account().await;
    let heard = journey(&account).await;
    for (one, other) in expected.iter().zip(&heard) {
        assert_eq!(masked(one), masked(other), "together and apart");
    }
    assert_eq!(expected.len(), heard.len());
    audit::agree(&app.clients, &[account]).await;
    app.stop().await;
    flights.kill().await;
}

/// Search, hold, pay, cancel, and what flights refuses on the way. Returns all answers.
async fn journey(account: &Account) -> Vec<Value> {
    let mut heard = Vec::new();
    let search = account
        .client
        .post(format!("{OFFER_REQUESTS}?limit=5"), &to_new_york())
        .await
        .expect(201);
    heard.push(search.body);
    let offer = account.offer().await;
    let held = account
        .order(&order_of(&offer, None), "hold")
        .await
        .expect(201);
    let id = held.text("/id").to_owned();
    heard.push(held.body);
    heard.push(account.pay(&id, "tok_visa", "pay").await.expect(201).body);
    let quote = account.quote(&id).await;
    heard.push(
        account
            .confirm(quote.text("/id"), "cancel")
            .await
            .expect(200)
            .body,
    );
    heard.push(account.read(&id).await.body);
    let late = account.offer().await;
    account.advance("2027-03-01T09:30:00Z").await;
    let expired = account
        .order(&order_of(&late, Some("tok_visa")), "late")
        .await
        .refused(410, "offer_expired");
    heard.push(told(&expired.body));
    let forged = account
        .client
        .get("/public/v2/offers/off_forged")
        .await
        .refused(404, "not_found");
    heard.push(told(&forged.body));
    heard.push(told(&sold_out(account).await));
    heard
}

/// Orders the seats that two offers both have, until the second one is refused.
async fn sold_out(account: &Account) -> Value {
    for round in 0..40 {
        let mut wanted = to_new_york();
        wanted["passengers"] = Value::from(vec![json!({"ptc": "ADT"}); 9]);
        let offers = account.offers(&wanted).await;
        let offer = offers.first().expect("there are nine seats in some class");
        let again = account.offers(&wanted).await.remove(0);
        account
            .order(
                &order_of(offer, Some("tok_visa")),
                &format!("first-{round}"),
            )
            .await
            .expect(201);
        let reply = account
            .order(
                &order_of(&again, Some("tok_visa")),
                &format!("second-{round}"),
            )
            .await;
        if reply.status == 409 {
            return reply.refused(409, "seats_unavailable").body;
        }
    }
    panic!("no booking class was ever sold out")
}

/// A problem without the id of its request.
fn told(problem: &Value) -> Value {
    json!({"code": problem["code"], "detail": problem["detail"], "retryable": problem["retryable"]})
}

async fn flights_that_went_down_are_503_until_they_are_back() {
    let (app, flights, dir) = apart().await;
    let account = app.account().await;
    let offer = account.offer().await;
    flights.kill().await;
    let reply = account
        .client
        .post(OFFER_REQUESTS, &to_new_york())
        .await
        .refused(503, "dependency_unavailable");
    assert!(
        reply
            .header("Retry-After")
            .parse::<u32>()
            .is_ok_and(|seconds| seconds <= 60)
    );
    account
        .order(&order_of(&offer, Some("tok_visa")), "key")
        .await
        .refused(503, "dependency_unavailable");
    // What does not need flights goes on.
    account.client.get("/public/v2/orders").await.expect(200);
    drop((app, dir));
}

/// The door of a contract with the real identity, and these services behind it.
async fn door(
    app: &App,
    contract: &Contract,
    clients: Clients,
) -> (String, tokio::task::JoinHandle<()>) {
    let router = router(app, contract, clients);
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a free port");
    let base = format!(
        "http://{}",
        listener.local_addr().expect("it has an address")
    );
    let serving =
        tokio::spawn(async move { axum::serve(listener, router).await.expect("it serves") });
    (base, serving)
}

fn router(app: &App, contract: &Contract, clients: Clients) -> Router {
    let api = edge::Door {
        clients,
        chance: app.chance.clone(),
    };
    match contract.name.as_str() {
        public_v2::NAME => {
            let (core, kept) = core(app, public_v2::NAME, public_v2::CONTRACT);
            public_v2::routes::router(Door::new(core, kept, api))
        }
        private_v1::NAME => {
            let (core, kept) = core(app, private_v1::NAME, private_v1::CONTRACT);
            private_v1::routes::router(Door::new(core, kept, api))
        }
        public_v1::NAME => {
            let (core, kept) = core(app, public_v1::NAME, public_v1::CONTRACT);
            public_v1::routes::router(Door::new(core, kept, api))
        }
        partner_v1::NAME => {
            let (core, kept) = core(app, partner_v1::NAME, partner_v1::CONTRACT);
            partner_v1::routes::router(Door::new(core, kept, api))
        }
        other => panic!("{other} has no door here: add it"),
    }
}

fn core(
    app: &App,
    name: &'static str,
    json: &'static str,
) -> (Arc<Core>, Arc<wire::contract::Contract>) {
    let kept = Arc::new(wire::contract::Contract::new(name, json));
    let core = Core {
        contracts: vec![Arc::clone(&kept)],
        authenticator: Authenticator::new(app.clients.credentials.clone(), None),
        limits: Arc::new(Limits::new(&policies(NonZeroU32::MAX))),
        clock: Clock::system(),
        chance: app.chance.clone(),
        undeclared_problem_panics: true,
    };
    (Arc::new(core), kept)
}

/// Sends every operation of every contract a request that would succeed, and expects this problem. Nothing is done without an
/// audit log, so it is there for those that do something.
async fn every_operation_says(url: &str, status: u16, code: &str) {
    let app = App::shared().await;
    for contract in contracts() {
        let none = remote(&channel(url));
        let audited = Clients {
            audit: app.clients.audit.clone(),
            ..none.clone()
        };
        let (with_log, serving) = door(&app, contract, audited).await;
        let (without_log, serving_too) = door(&app, contract, none).await;
        let account = app.party(contract).await;
        for operation in contract.operations.iter() {
            let of_the_log = operation.scope() == "audit:read";
            let base = if of_the_log { &without_log } else { &with_log };
            let sample = Sample::of(operation).in_world_of(&account);
            let reply = sample.call(&account.client.at(base)).await;
            let reply = reply.refused(status, code);
            assert!(
                !reply.text("/detail").contains("127.0.0.1"),
                "{}: where it runs is nobody's business",
                reply.text("/detail")
            );
        }
        serving.abort();
        serving_too.abort();
    }
}

/// An address that was free a moment ago, and that nobody listens on.
async fn nobodys_url() -> String {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    format!("http://{address}")
}

async fn nothing_is_done_that_the_audit_log_does_not_hold() {
    let app = App::shared().await;
    let private = contract("private/v1");
    let clients = Clients {
        audit: remote(&channel(&nobodys_url().await)).audit,
        ..app.clients.clone()
    };
    let (base, serving) = door(&app, private, clients).await;
    let staff = app.party(private).await;
    let blind = staff.client.at(&base);
    for sample in Sample::each_of(private, &staff) {
        let reads = sample.operation.method == "GET" && sample.operation.scope() != "orders:read";
        if sample.operation.scheme() != Scheme::None && !reads {
            let reply = sample.call(&blind).await;
            reply.refused(503, "dependency_unavailable");
        }
    }
    serving.abort();
    let fares = staff.client.get("/private/v1/fares").await.expect(200);
    assert_eq!(fares.body["data"], json!([]));
    let flight = "/private/v1/flights/flt_BA193-20270323-LHR-JFK";
    let flight = staff.client.get(flight).await.expect(200);
    assert_eq!(flight.text("/status"), "scheduled");
}

async fn neighbours_that_are_down_are_503() {
    every_operation_says(&nobodys_url().await, 503, "dependency_unavailable").await;
}

async fn neighbours_that_never_answer_are_503_at_the_deadline() {
    // The system takes the connection, and nobody ever reads from it.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let app = App::shared().await;
    let clients = remote(&channel(&format!("http://{address}")));
    let (base, serving) = door(&app, contract("public/v2"), clients).await;
    let client = app.account().await.client.at(&base);
    let reply = client.get("/public/v2/orders").await;
    reply.refused(503, "deadline_exceeded");
    serving.abort();
}

async fn neighbours_that_fail_are_500_and_tell_nothing() {
    // A neighbour that lacks every method: older, or of another kind.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let incoming = tokio_stream::wrappers::TcpListenerStream::new(listener);
    let server = tonic::transport::Server::builder().add_routes(tonic::service::Routes::default());
    let serving = tokio::spawn(async move {
        server
            .serve_with_incoming(incoming)
            .await
            .expect("it serves")
    });
    every_operation_says(&format!("http://{address}"), 500, "internal").await;
    serving.abort();
}
