//! The real server on a free port, and accounts that live in worlds of their own.
//!
//! Most tests share one server and take an account each, so they cannot meet. A test that needs other options, or an untouched
//! sandbox, starts a server of its own; all use one loaded timetable.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fareway::config::Service;
use fareway::flights::world::World;
use fareway::identity::sandbox;
use fareway::kernel::chance::Chance;
use fareway::kernel::clock::Clock;
use fareway::kernel::id::{AccountId, ClockId, KeyId};
use fareway::rpc::common::v1::Context;
use fareway::rpc::identity::v1::{CreateAccountRequest, CreateKeyRequest};
use fareway::serve::{self, Clients, Options, Running};
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use super::audit;
use super::client::Client;

/// How long a call to a service may take.
pub const WITHIN: Duration = Duration::from_secs(30);

/// All scopes of the public contract.
pub const SCOPES: [&str; 5] = [
    "flights:search",
    "orders:read",
    "orders:write",
    "events:read",
    "clocks:write",
];

static SHARED: Mutex<Option<Arc<App>>> = Mutex::const_new(None);

/// A server that runs.
pub struct App {
    /// Where it listens, such as `http://127.0.0.1:8080`.
    pub base: String,
    /// Its services, to set up accounts and to audit.
    pub clients: Clients,
    pub chance: Chance,
    http: reqwest::Client,
    running: Running,
    dir: TempDir,
}

/// An account of a test world.
#[derive(Clone)]
pub struct Account {
    pub id: String,
    pub world: String,
    pub clock_id: String,
    /// Speaks for a key with all scopes.
    pub client: Client,
}

impl App {
    /// The server that tests share.
    pub async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(app) = &*shared {
            return app.clone();
        }
        let app = Arc::new(Self::start(|_| {}).await);
        *shared = Some(app.clone());
        app
    }

    /// Stops the shared server, when there is one.
    pub async fn stop_shared() {
        if let Some(app) = SHARED.lock().await.take().and_then(Arc::into_inner) {
            app.stop().await;
        }
    }

    /// A server of its own. `change` what differs from a server with everything.
    pub async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut options = Options {
            services: Service::all(),
            listen: ([127, 0, 0, 1], 0).into(),
            rpc_listen: None,
            flights_url: None,
            data_dir: dir.path().to_owned(),
            sandbox: true,
            rate_per_minute: 1_000_000,
            clock: Clock::system(),
            chance: Chance::from_os(),
            world: Some(world().await),
        };
        change(&mut options);
        let chance = options.chance.clone();
        let running = serve::start(options).await.expect("the server starts");
        let http = running.http.expect("edge runs here");
        let clients = running.clients.clone().expect("the services run here");
        Self {
            base: format!("http://{http}"),
            clients,
            chance,
            http: http_client(),
            running,
            dir,
        }
    }

    /// Stops the server and removes what it kept.
    pub async fn stop(self) {
        self.running.stop().await;
        self.dir.close().expect("the directory can be removed");
    }

    /// Speaks for nobody.
    pub fn anonymous(&self) -> Client {
        Client::new(self.http.clone(), self.base.clone(), None)
    }

    /// The sandbox, as everybody who has read the documentation may use it.
    pub fn sandbox(&self) -> Account {
        Account {
            id: sandbox::ACCOUNT.to_owned(),
            world: sandbox::WORLD.to_owned(),
            clock_id: sandbox::CLOCK.to_owned(),
            client: self.anonymous().with_key(Some(sandbox::KEY)),
        }
    }

    /// A new account in a world of its own.
    pub async fn account(&self) -> Account {
        self.account_in(&new_world(&self.chance)).await
    }

    /// A new account in this world.
    pub async fn account_in(&self, world: &str) -> Account {
        create_account(&self.clients, &self.chance, &self.anonymous(), world).await
    }

    /// The booking classes that were ever touched in an account's world.
    pub async fn seats(&self, account: &Account) -> Vec<audit::Class> {
        audit::classes(&self.clients, &account.world).await
    }

    /// Speaks for a new key of an account with these scopes.
    pub async fn with_scopes(&self, account: &Account, scopes: &[&str]) -> Client {
        let secret = create_key(&self.clients, &self.chance, &account.id, scopes).await;
        account.client.with_key(Some(&secret))
    }
}

/// A name for a world that nobody else has.
pub fn new_world(chance: &Chance) -> String {
    AccountId::new(0, chance)
        .as_str()
        .replacen("acc_", "wld_", 1)
}

/// Makes an account with a key, by the services themselves.
pub async fn create_account(
    clients: &Clients,
    chance: &Chance,
    client: &Client,
    world: &str,
) -> Account {
    let request = CreateAccountRequest {
        context: Some(platform()),
        account_id: AccountId::new(sandbox::CLOCK_STARTS_AT_US, chance).into(),
        name: "A test".to_owned(),
        test: true,
        world: world.to_owned(),
        clock_id: ClockId::new(sandbox::CLOCK_STARTS_AT_US, chance).into(),
        clock_starts_at_us: sandbox::CLOCK_STARTS_AT_US,
    };
    let account = clients
        .keys
        .create_account(request, WITHIN)
        .await
        .expect("an account can be made");
    let secret = create_key(clients, chance, &account.id, &SCOPES).await;
    Account {
        id: account.id,
        world: account.world,
        clock_id: account.clock_id,
        client: client.with_key(Some(&secret)),
    }
}

async fn create_key(
    clients: &Clients,
    chance: &Chance,
    account_id: &str,
    scopes: &[&str],
) -> String {
    let request = CreateKeyRequest {
        context: Some(platform()),
        key_id: KeyId::new(sandbox::CLOCK_STARTS_AT_US, chance).into(),
        account_id: account_id.to_owned(),
        audience: "public".to_owned(),
        scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        chosen_secret: String::new(),
    };
    clients
        .keys
        .create_key(request, WITHIN)
        .await
        .expect("a key can be made")
        .secret
}

/// The platform itself asks.
pub fn platform() -> Context {
    Context {
        now_us: sandbox::CLOCK_STARTS_AT_US,
        request_id: "req_test".to_owned(),
        ..Context::default()
    }
}

/// A client without a pool limit and without proxies.
pub fn http_client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        .build()
        .expect("a client can be built")
}

/// The timetable, loaded once.
pub async fn world() -> Arc<World> {
    static WORLD: OnceCell<Arc<World>> = OnceCell::const_new();
    let load = || async {
        let loaded = tokio::task::spawn_blocking(World::load)
            .await
            .expect("loading does not panic");
        Arc::new(loaded.expect("the timetable is sound"))
    };
    WORLD.get_or_init(load).await.clone()
}

/// All services but flights.
pub fn all_but_flights() -> BTreeSet<Service> {
    Service::all()
        .into_iter()
        .filter(|service| *service != Service::Flights)
        .collect()
}
