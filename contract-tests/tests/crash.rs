//! Kill -9 in the middle of many orders, several times over; after each restart the same requests are sent again under the same
//! keys, and inventory, orders, ledger and events agree (I5, I6), and in the end the provider's own record with them.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use fareway::billing::BillingService;
use fareway::identity::sandbox;
use fareway::kernel::chance::Chance;
use fareway::platform::bus::Bus;
use fareway::rpc::billing::v1::ListPaymentsRequest;
use fareway::rpc::billing::v1::payments_server::Payments;
use fareway::rpc::common::v1::{Context, Money};
use futures_util::future::join_all;
use libtest_mimic::Trial;
use serde_json::Value;
use tokio::sync::Notify;

use crate::support::app::{Account, create_account, http_client, new_world, platform};
use crate::support::audit;
use crate::support::client::{Call, Client, Door, Reply};
use crate::support::process::Process;
use crate::support::traveller::{CANCELLATIONS, order_of};
use crate::support::trial;

/// The tests of this file; the long one only when it is asked for by `--ignored`.
pub fn trials() -> Vec<Trial> {
    let short = a_killed_server_loses_nothing_and_does_nothing_twice;
    let long = a_server_killed_fifty_times_loses_nothing;
    vec![
        trial(
            "crash::a_killed_server_loses_nothing_and_does_nothing_twice",
            short,
        ),
        trial("crash::a_server_killed_fifty_times_loses_nothing", long).with_ignored_flag(true),
        trial(
            "crash::a_second_server_over_one_folder_is_refused",
            a_second_server_over_one_folder_is_refused,
        ),
    ]
}

/// Accounts, each with one client.
const CLIENTS: usize = 8;
/// The server is killed as soon as so many answers have arrived, counted anew after each restart.
const KILLED_AFTER: [usize; 3] = [3, 11, 19];
/// Kills of the long run.
const KILLS_MAX: usize = 50;
/// Orders of each client between two kills.
const ROUNDS: usize = 4;

/// A request that must have one effect, and what was answered to it, if anything.
struct Asked {
    path: String,
    key: String,
    body: Option<Value>,
    answered: Option<(u16, Value)>,
}

impl Asked {
    fn call(&self, client: &Client) -> Call {
        let call = client
            .call("POST", &self.path)
            .key(&self.key)
            .header("Prefer", "wait=20");
        match &self.body {
            Some(body) => call.json(body),
            None => call,
        }
    }

    /// Keeps an answer that says how it ended.
    fn heard(&mut self, reply: &Reply) {
        let settled =
            reply.status != 202 && reply.code() != "idempotency_in_progress" && reply.status < 500;
        if settled {
            self.answered = Some((reply.status, said(reply)));
        }
    }
}

/// What an answer says, without what differs between two tellings of it.
fn said(reply: &Reply) -> Value {
    let mut body = reply.body.clone();
    if let Some(members) = body.as_object_mut().filter(|_| reply.status >= 400) {
        members.shift_remove("request_id");
    }
    body
}

/// Counts answers, and says when there are enough to kill.
#[derive(Default)]
struct Progress {
    answers: AtomicUsize,
    enough: Notify,
}

impl Progress {
    fn one_more(&self, enough: usize) {
        if self.answers.fetch_add(1, Ordering::SeqCst) + 1 == enough {
            self.enough.notify_one();
        }
    }
}

async fn a_killed_server_loses_nothing_and_does_nothing_twice() {
    killed(KILLED_AFTER.len()).await;
}

async fn a_server_killed_fifty_times_loses_nothing() {
    killed(KILLS_MAX).await;
}

/// A store has one process: its events travel on a bus inside, and flights sells from a copy in memory. So a second one is refused
/// before it opens anything, whichever services it shares with the first, until that one is gone, however it went.
async fn a_second_server_over_one_folder_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let first = Process::start(&[], dir.path()).await;
    for services in [&[][..], &["flights"]] {
        let told = Process::refusal(services, dir.path()).await;
        let here = format!("the data folder {}", dir.path().display());
        for part in [&here, "in another process", "--data-dir"] {
            assert!(told.contains(part), "{told}");
        }
    }
    let client = Client::new(
        http_client(),
        Door {
            base: first.http.clone(),
            private: false,
        },
    );
    let places = client
        .with_key(Some(sandbox::KEY))
        .get("/public/v2/places?query=LON");
    places.await.expect(200);
    first.kill().await;
    Process::start(&["flights"], dir.path()).await.kill().await;
}

async fn killed(times: usize) {
    let dir = tempfile::tempdir().expect("a directory");
    let chance = Chance::from_os();
    let mut server = Process::start(&[], dir.path()).await;
    let mut accounts = Vec::new();
    let world = new_world(&chance);
    for _ in 0..CLIENTS {
        let client = Client::new(
            http_client(),
            Door {
                base: server.http.clone(),
                private: false,
            },
        );
        accounts.push(create_account(&server.clients(), &chance, &client, &world).await);
    }
    let mut asked: Vec<Vec<Asked>> = accounts.iter().map(|_| Vec::new()).collect();
    let (mut cut_short, mut orders) = (0, Vec::new());
    let kills = KILLED_AFTER.into_iter().cycle().take(times);
    for (life, killed_after) in kills.enumerate() {
        let earlier: Vec<usize> = asked.iter().map(Vec::len).collect();
        let progress = Progress::default();
        let clients = accounts
            .iter()
            .zip(&mut asked)
            .map(|(account, asked)| until_it_dies(account, asked, life, killed_after, &progress));
        let ((), ()) = tokio::join!(
            async {
                join_all(clients).await;
            },
            async {
                progress.enough.notified().await;
                server.kill().await;
            }
        );
        cut_short += asked
            .iter()
            .zip(&earlier)
            .flat_map(|(asked, earlier)| &asked[*earlier..])
            .filter(|asked| asked.answered.is_none())
            .count();
        // All of them again in the end, and until then those of this life.
        let whole = life + 1 == times || times == KILLED_AFTER.len();
        server = Process::start(&[], dir.path()).await;
        for account in &mut accounts {
            account.client = account.client.at(&server.http);
        }
        join_all(accounts.iter().zip(&mut asked).zip(&earlier).map(
            |((account, asked), earlier)| {
                let from = if whole { 0 } else { *earlier };
                again(account, &mut asked[from..])
            },
        ))
        .await;
        accounts[0]
            .advance(&format!("2027-03-01T09:{:02}:00Z", life + 1))
            .await;
        orders = audit::agree(&server.clients(), &accounts).await;
        nothing_twice(&orders, &asked);
    }
    server.kill().await;
    let payments = provider_agrees(dir.path(), &world, &orders).await;
    let requests: usize = asked.iter().map(Vec::len).sum();
    eprintln!(
        "{times} kills: {requests} requests, of which {cut_short} were cut short, and {payments} payments; none lost, none done twice"
    );
    assert!(
        cut_short > 0,
        "nothing was ever under way when it was killed"
    );
}

/// Orders, and cancels every third one, until the server answers no more.
async fn until_it_dies(
    account: &Account,
    asked: &mut Vec<Asked>,
    life: usize,
    killed_after: usize,
    progress: &Progress,
) {
    for round in 0..ROUNDS {
        let Some(offer) = offer(account).await else {
            return;
        };
        let method = ["tok_visa", "", "tok_declined", "tok_unknown"][(round + life) % 4];
        let order = order_of(&offer, Some(method).filter(|method| !method.is_empty()));
        let key = format!("order-{life}-{round}");
        let Some(reply) = ask(
            account,
            asked,
            "/public/v2/orders".to_owned(),
            key,
            Some(order),
        )
        .await
        else {
            return;
        };
        progress.one_more(killed_after);
        if reply.status == 201 && round % 2 == 0 {
            let quoted = account
                .client
                .post(
                    CANCELLATIONS,
                    &serde_json::json!({"order_id": reply.text("/id")}),
                )
                .try_send()
                .await;
            let Ok(quoted) = quoted else { return };
            let path = format!("{CANCELLATIONS}/{}/confirm", quoted.text("/id"));
            if ask(account, asked, path, format!("cancel-{life}-{round}"), None)
                .await
                .is_none()
            {
                return;
            }
            progress.one_more(killed_after);
        }
    }
}

/// A flexible offer, if the server still answers.
async fn offer(account: &Account) -> Option<Value> {
    use crate::support::traveller::{OFFER_REQUESTS, is_flexible, to_new_york};
    let reply = account
        .client
        .post(OFFER_REQUESTS, &to_new_york())
        .try_send()
        .await
        .ok()?;
    reply.body["offers"]
        .as_array()?
        .iter()
        .find(|offer| is_flexible(offer))
        .cloned()
}

/// Sends a request and remembers it; none when no answer came.
async fn ask(
    account: &Account,
    asked: &mut Vec<Asked>,
    path: String,
    key: String,
    body: Option<Value>,
) -> Option<Reply> {
    let mut request = Asked {
        path,
        key,
        body,
        answered: None,
    };
    let reply = request.call(&account.client).try_send().await.ok();
    if let Some(reply) = &reply {
        request.heard(reply);
    }
    asked.push(request);
    reply
}

/// Sends everything again: what was answered is answered alike, what was not is now.
async fn again(account: &Account, asked: &mut [Asked]) {
    for request in asked {
        let reply = request.call(&account.client).await;
        assert!(reply.status < 500, "{}: {:#}", request.key, reply.body);
        match &request.answered {
            Some((status, body)) => {
                assert_eq!(
                    (reply.status, &said(&reply)),
                    (*status, body),
                    "{}: another answer after the restart",
                    request.key
                );
            }
            None => request.heard(&reply),
        }
    }
}

/// What the provider has taken and given back by its own record is what billing says of each payment, and what the orders that
/// clients were told of should have brought; how many payments it has moved money of.
async fn provider_agrees(dir: &Path, world: &str, orders: &[Value]) -> usize {
    // The process is gone: its store is read as the next one would.
    let (store, bus) = (dir.join("billing.db"), Bus::new());
    let billing = BillingService::open(&store, &bus, Chance::from_os()).await;
    let billing = billing.expect("the store opens");
    let moved = billing.moved_at_provider().await;
    let moved = moved.expect("the provider has a record");
    let request = ListPaymentsRequest {
        context: Some(Context {
            world: world.to_owned(),
            ..platform()
        }),
        order_id: String::new(),
    };
    let payments = Payments::list_payments(&*billing, tonic::Request::new(request)).await;
    let payments = payments.expect("payments are listed").into_inner().payments;
    let amount = |money: &Option<Money>| money.as_ref().map_or(0, |money| money.amount);
    let (mut kept, mut count) = (HashMap::<String, i64>::new(), 0);
    for payment in payments {
        let there = moved.get(&payment.id).copied().unwrap_or_default();
        let here = (amount(&payment.captured), amount(&payment.refunded));
        assert_eq!(there, here, "{} at the provider and here", payment.id);
        count += usize::from(there != (0, 0));
        *kept.entry(payment.order_id).or_default() += there.0 - there.1;
    }
    for order in orders {
        let id = order["id"].as_str().expect("an id");
        let there = kept.remove(id).unwrap_or(0);
        assert_eq!(
            there,
            audit::due_to_us(order),
            "{id} at the provider and by its state"
        );
    }
    let strays: Vec<_> = kept
        .into_iter()
        .filter(|(_, amount)| *amount != 0)
        .collect();
    assert!(
        strays.is_empty(),
        "paid for orders that nobody has: {strays:?}"
    );
    billing.close().await;
    count
}

/// As many orders as keys that ordered, and each refund once.
fn nothing_twice(orders: &[Value], asked: &[Vec<Asked>]) {
    let keys = asked
        .iter()
        .flatten()
        .filter(|request| request.body.is_some())
        .count();
    assert!(
        orders.len() == keys,
        "{} orders of {keys} requests",
        orders.len()
    );
    let mut tickets: HashMap<&str, usize> = HashMap::new();
    for order in orders {
        assert!(
            order["refunds"]
                .as_array()
                .is_some_and(|refunds| refunds.len() <= 1),
            "{order:#}"
        );
        for ticket in order["tickets"].as_array().into_iter().flatten() {
            *tickets
                .entry(ticket["number"].as_str().unwrap_or_default())
                .or_default() += 1;
        }
    }
    assert!(
        tickets.values().all(|count| *count == 1),
        "a ticket number was issued twice: {tickets:?}"
    );
}
