//! The real server on a free port, and accounts that live in worlds of their own.
//!
//! Most tests share one server and take an account each, so they cannot meet. A test that needs other options, or an untouched
//! sandbox, starts a server of its own; all use one loaded timetable.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fareway::config::Service;
use fareway::edge::Clients;
use fareway::flights::world::World;
use fareway::identity::sandbox;
use fareway::kernel::chance::Chance;
use fareway::kernel::clock::Clock;
use fareway::kernel::id::{AccountId, ClientId, ClockId, KeyId};
use fareway::rpc::billing::v1::GetCreditRequest;
use fareway::rpc::common::v1::{Context, Money};
use fareway::rpc::identity::v1::{
    Agency, CreateAccountRequest, CreateKeyRequest, IssueTokenRequest, KeyKind,
};
use fareway::serve::{self, Options, Running};
use fareway::wire::HEADERS_WITHIN;
use tempfile::TempDir;
use tokio::sync::{Mutex, OnceCell};

use super::audit;
use super::client::{Client, Door};
use super::contract::{Contract, contract};

/// How long a call to a service may take.
pub const WITHIN: Duration = Duration::from_secs(30);

/// What an agency of a test may owe, in pence: more than it will ever order.
const CREDIT: i64 = 1_000_000_000;

const ROLES: [&str; 7] = [
    "scheduler",
    "inventory",
    "pricing",
    "finance",
    "support",
    "security",
    "auditor",
];

static SHARED: Mutex<Option<Arc<App>>> = Mutex::const_new(None);

/// A server that runs.
pub struct App {
    /// Where the public door is, such as `http://127.0.0.1:8080`.
    pub base: String,
    /// Where the door of staff and services is.
    pub private: Door,
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
    /// Speaks for a credential with all scopes of its contract.
    pub client: Client,
    /// The client that its tokens are issued to; empty where keys are asked for.
    oauth: (String, String),
}

impl Account {
    /// The client that its tokens are issued to: id and secret.
    pub fn oauth(&self) -> (&str, &str) {
        (&self.oauth.0, &self.oauth.1)
    }
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
            private_listen: ([127, 0, 0, 1], 0).into(),
            admin_secret: None,
            rpc_listen: None,
            flights_url: None,
            data_dir: dir.path().to_owned(),
            sandbox: true,
            local_webhooks: true,
            rate_per_minute: 1_000_000,
            clock: Clock::system(),
            chance: Chance::from_os(),
            world: Some(world().await),
        };
        change(&mut options);
        let chance = options.chance.clone();
        let running = serve::start(options).await.expect("the server starts");
        let http = running.http.expect("edge runs here");
        let private = running.private.expect("edge runs here");
        let clients = running.clients.clone().expect("the services run here");
        Self {
            base: format!("http://{http}"),
            private: Door {
                base: format!("http://{private}"),
                private: true,
            },
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

    /// The door of developers and agencies.
    pub fn public(&self) -> Door {
        Door {
            base: self.base.clone(),
            private: false,
        }
    }

    /// Speaks for nobody at the public door.
    pub fn anonymous(&self) -> Client {
        Client::new(self.http.clone(), self.public())
    }

    /// Speaks for nobody where a contract is kept.
    pub fn anonymous_at(&self, contract: &Contract) -> Client {
        match contract.audience {
            "private" => self.anonymous().at_door(&self.private),
            _ => self.anonymous(),
        }
    }

    /// The sandbox, as everybody who has read the documentation may use it.
    pub fn sandbox(&self) -> Account {
        Account {
            id: sandbox::ACCOUNT.to_owned(),
            world: sandbox::WORLD.to_owned(),
            clock_id: sandbox::CLOCK.to_owned(),
            client: self.anonymous().with_key(Some(sandbox::KEY)),
            oauth: Default::default(),
        }
    }

    /// The sandbox's own party to a contract: developer, agency or staff, with the published credential.
    pub async fn sandbox_at(&self, contract: &Contract) -> Account {
        let (id, client, secret) = match contract.audience {
            "public" => return self.sandbox(),
            "partner" => (
                sandbox::AGENCY,
                sandbox::AGENCY_CLIENT,
                sandbox::AGENCY_SECRET,
            ),
            _ => ("", sandbox::STAFF_CLIENT, sandbox::STAFF_SECRET),
        };
        let account = Account {
            id: id.to_owned(),
            client: self.anonymous_at(contract),
            oauth: (client.to_owned(), secret.to_owned()),
            ..self.sandbox()
        };
        self.with_token(account, contract).await
    }

    /// A new account in a world of its own.
    pub async fn account(&self) -> Account {
        self.account_in(&new_world(&self.chance)).await
    }

    /// A new account in this world.
    pub async fn account_in(&self, world: &str) -> Account {
        create_account(&self.clients, &self.chance, &self.anonymous(), world).await
    }

    /// Somebody new who may do everything at a contract, in a world of their own.
    pub async fn party(&self, contract: &Contract) -> Account {
        self.party_in(contract, &new_world(&self.chance)).await
    }

    /// Somebody new who may do everything at a contract, in this world.
    pub async fn party_in(&self, contract: &Contract, world: &str) -> Account {
        let agency = (contract.audience == "partner").then(|| Agency {
            iata_number: "9999999".to_owned(),
            credit_limit: Some(Money {
                amount: CREDIT,
                currency: "GBP".to_owned(),
            }),
        });
        let mut account = new_account(
            &self.clients,
            &self.chance,
            &self.anonymous_at(contract),
            world,
            agency,
        )
        .await;
        if contract.audience == "partner" {
            self.hear_of_credit(&account).await;
        }
        let staff = contract.audience == "private";
        if contract.audience == "public" {
            let secret =
                create_key(&self.clients, &self.chance, &account.id, &contract.scopes()).await;
            account.client = account.client.with_key(Some(&secret));
            return account;
        }
        let request = CreateKeyRequest {
            context: Some(Context {
                world: account.world.clone(),
                ..platform()
            }),
            key_id: ClientId::new(sandbox::CLOCK_STARTS_AT_US, &self.chance).into(),
            account_id: if staff {
                String::new()
            } else {
                account.id.clone()
            },
            audience: contract.audience.to_owned(),
            scopes: if staff {
                Vec::new()
            } else {
                owned(&contract.scopes())
            },
            roles: if staff { owned(&ROLES) } else { Vec::new() },
            kind: KeyKind::Client.into(),
            name: "A test".to_owned(),
            chosen_secret: String::new(),
        };
        let made = self
            .clients
            .keys
            .create_key(request, WITHIN)
            .await
            .expect("a client can be made");
        account.oauth = (made.id, made.secret);
        self.with_token(account, contract).await
    }

    /// Waits until billing knows what an agency may owe, which it is told by an event.
    async fn hear_of_credit(&self, agency: &Account) {
        let request = GetCreditRequest {
            context: Some(Context {
                world: agency.world.clone(),
                ..platform()
            }),
            account_id: agency.id.clone(),
        };
        let credit = &self.clients.credit;
        while credit.get_credit(request.clone(), WITHIN).await.is_err() {
            tokio::task::yield_now().await;
        }
    }

    /// The same account with a new token for all that its client may do.
    pub async fn with_token(&self, account: Account, contract: &Contract) -> Account {
        let token = self.token(&account, contract.audience, &[]).await;
        Account {
            client: account.client.with_token(&token),
            ..account
        }
    }

    /// A token of an account's client.
    pub async fn token(&self, account: &Account, audience: &str, scopes: &[&str]) -> String {
        let (client_id, client_secret) = account.oauth.clone();
        let request = IssueTokenRequest {
            client_id,
            client_secret,
            audience: audience.to_owned(),
            scopes: owned(scopes),
        };
        let issued = self.clients.credentials.issue_token(request, WITHIN).await;
        issued.expect("a token is issued").access_token
    }

    /// How many seats are sold and how many are held in an account's world. What contracts tell of seats ends at nine.
    pub async fn seats(&self, account: &Account) -> (u32, u32) {
        let classes = audit::classes(&self.clients, &account.world).await;
        let sold = classes.iter().map(|class| class.sold).sum();
        (sold, classes.iter().map(|class| class.held).sum())
    }

    /// Speaks for an account of [`App::party`] with these scopes only.
    pub async fn scoped(&self, account: &Account, contract: &Contract, scopes: &[&str]) -> Client {
        if contract.audience == "public" {
            return self.with_scopes(account, scopes).await;
        }
        account
            .client
            .with_token(&self.token(account, contract.audience, scopes).await)
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

/// Makes an account with a key for the public contract, by the services themselves.
pub async fn create_account(
    clients: &Clients,
    chance: &Chance,
    client: &Client,
    world: &str,
) -> Account {
    let account = new_account(clients, chance, client, world, None).await;
    let secret = create_key(
        clients,
        chance,
        &account.id,
        &contract("public/v2").scopes(),
    )
    .await;
    Account {
        client: client.with_key(Some(&secret)),
        ..account
    }
}

async fn new_account(
    clients: &Clients,
    chance: &Chance,
    client: &Client,
    world: &str,
    agency: Option<Agency>,
) -> Account {
    let request = CreateAccountRequest {
        context: Some(platform()),
        account_id: AccountId::new(sandbox::CLOCK_STARTS_AT_US, chance).into(),
        name: "A test".to_owned(),
        test: true,
        world: world.to_owned(),
        clock_id: ClockId::new(sandbox::CLOCK_STARTS_AT_US, chance).into(),
        clock_starts_at_us: sandbox::CLOCK_STARTS_AT_US,
        agency,
    };
    let account = clients
        .accounts
        .create_account(request, WITHIN)
        .await
        .expect("an account can be made");
    Account {
        id: account.id,
        world: account.world,
        clock_id: account.clock_id,
        client: client.clone(),
        oauth: Default::default(),
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
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
        scopes: owned(scopes),
        chosen_secret: String::new(),
        kind: KeyKind::ApiKey.into(),
        name: "A test".to_owned(),
        roles: Vec::new(),
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
    // The library of the platform brings TLS along, whose provider a client wants to know of. Another test may have told it.
    drop(rustls::crypto::ring::default_provider().install_default());
    reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(60))
        // The server ends a connection on which nothing is asked; one that it is about to end must not be used again.
        .pool_idle_timeout(HEADERS_WITHIN / 2)
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
