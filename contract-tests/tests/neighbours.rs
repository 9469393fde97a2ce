//! Services apart: flights in another process, down, or failing. The door says what is the matter and no more.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use fareway::api::public_v2::{CONTRACT, routes};
use fareway::edge::public_v2::Door;
use fareway::kernel::clock::Clock;
use fareway::platform::auth::Authenticator;
use fareway::platform::limits::{Limits, policies};
use fareway::rpc::billing::v1::PaymentsClient;
use fareway::rpc::booking::v1::OrdersClient;
use fareway::rpc::flights::v1::{InventoryClient, SearchClient};
use fareway::rpc::identity::v1::ClocksClient;
use fareway::rpc::notify::v1::FeedClient;
use fareway::wire::contract::Contract;
use fareway::wire::door::Core;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::support::app::{Account, App, all_but_flights};
use crate::support::audit;
use crate::support::contract::PUBLIC_V2;
use crate::support::mask::masked;
use crate::support::process::{Process, channel};
use crate::support::sample::Sample;
use crate::support::traveller::{OFFER_REQUESTS, order_of, to_new_york};
use crate::support::trials;

trials![
    the_journey_is_the_same_with_flights_apart,
    flights_that_went_down_are_503_until_they_are_back,
    neighbours_that_are_down_are_503,
    neighbours_that_never_answer_are_503_at_the_deadline,
    neighbours_that_fail_are_500_and_tell_nothing,
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

/// The public door with the real identity, and everything else behind one channel.
async fn door(app: &App, url: &str) -> (String, tokio::task::JoinHandle<()>) {
    let channel = channel(url);
    let core = Arc::new(Core {
        contract: Contract::new(CONTRACT),
        authenticator: Authenticator::new(app.clients.keys.clone(), None),
        limits: Arc::new(Limits::new(&policies(NonZeroU32::MAX))),
        clock: Clock::system(),
        chance: app.chance.clone(),
        undeclared_problem_panics: true,
    });
    let api = Door {
        search: SearchClient::remote(channel.clone()),
        inventory: InventoryClient::remote(channel.clone()),
        orders: OrdersClient::remote(channel.clone()),
        payments: PaymentsClient::remote(channel.clone()),
        clocks: ClocksClient::remote(channel.clone()),
        feed: FeedClient::remote(channel),
        chance: app.chance.clone(),
    };
    let router = routes::router(fareway::wire::door::Door::new(core, api));
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

/// Sends every operation a request that would succeed, and expects this problem.
async fn every_operation_says(url: &str, status: u16, code: &str) {
    let app = App::shared().await;
    let (base, serving) = door(&app, url).await;
    let account = app.account().await;
    let client = account.client.at(&base);
    for operation in PUBLIC_V2.operations.iter() {
        let mut sample = Sample::of(operation);
        for (_, clock) in sample
            .path
            .iter_mut()
            .filter(|(name, _)| *name == "test_clock_id")
        {
            clock.clone_from(&account.clock_id);
        }
        let reply = sample.call(&client).await.refused(status, code);
        assert!(
            !reply.text("/detail").contains("127.0.0.1"),
            "{}: where it runs is nobody's business",
            reply.text("/detail")
        );
    }
    serving.abort();
}

async fn neighbours_that_are_down_are_503() {
    // A port that was free a moment ago, and that nobody listens on.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    drop(listener);
    every_operation_says(&format!("http://{address}"), 503, "dependency_unavailable").await;
}

async fn neighbours_that_never_answer_are_503_at_the_deadline() {
    // The system takes the connection, and nobody ever reads from it.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))
        .await
        .expect("a free port");
    let address = listener.local_addr().expect("it has an address");
    let app = App::shared().await;
    let (base, serving) = door(&app, &format!("http://{address}")).await;
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
