//! The services of this process and the clients that reach all of them, here or elsewhere.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::transport::{Channel, Endpoint, Server};

use crate::billing::{self, BillingService};
use crate::booking::{self, BookingService};
use crate::config::Service;
use crate::edge::Clients;
use crate::edge::payloads::Payloads;
use crate::flights::world::World;
use crate::flights::{FlightsService, SigningKeys};
use crate::identity::{self, IdentityService};
use crate::kernel::chance::Chance;
use crate::notify::{self, NotifyService};
use crate::platform::bus::Bus;
use crate::platform::outbox::{self, ParkedEvents};
use crate::rpc::billing::v1::credit_server::CreditServer;
use crate::rpc::billing::v1::ledger_server::LedgerServer;
use crate::rpc::billing::v1::payments_server::PaymentsServer;
use crate::rpc::billing::v1::{CreditClient, LedgerClient, PaymentsClient};
use crate::rpc::booking::v1::orders_server::OrdersServer;
use crate::rpc::booking::v1::sagas_server::SagasServer;
use crate::rpc::booking::v1::{OrdersClient, SagasClient};
use crate::rpc::events::v1::ParkedEventsClient;
use crate::rpc::events::v1::parked_events_server::ParkedEventsServer;
use crate::rpc::flights::v1::fares_server::FaresServer;
use crate::rpc::flights::v1::inventory_server::InventoryServer;
use crate::rpc::flights::v1::schedule_server::ScheduleServer;
use crate::rpc::flights::v1::search_server::SearchServer;
use crate::rpc::flights::v1::{FaresClient, InventoryClient, ScheduleClient, SearchClient};
use crate::rpc::identity::v1::accounts_server::AccountsServer;
use crate::rpc::identity::v1::audit_server::AuditServer;
use crate::rpc::identity::v1::clocks_server::ClocksServer;
use crate::rpc::identity::v1::credentials_server::CredentialsServer;
use crate::rpc::identity::v1::keys_server::KeysServer;
use crate::rpc::identity::v1::{
    AccountsClient, AuditClient, ClocksClient, CredentialsClient, KeysClient,
};
use crate::rpc::notify::v1::feed_server::FeedServer;
use crate::rpc::notify::v1::webhooks_server::WebhooksServer;
use crate::rpc::notify::v1::{FeedClient, PayloadsClient, WebhooksClient};

use super::{Options, contracts};

/// How long a call from one service to another may take.
const NEIGHBOUR_DEADLINE: Duration = Duration::from_secs(3);
/// How long the end waits for events to be taken; the outbox keeps the rest.
const QUIET_WITHIN: Duration = Duration::from_secs(10);

/// How long a neighbour may take to accept a connection.
const CONNECT_WITHIN: Duration = Duration::from_secs(2);

/// What runs in this process.
pub struct Local {
    /// The timetable; `None` when flights runs elsewhere.
    pub world: Option<Arc<World>>,
    /// `None` when only flights runs here.
    pub core: Option<Core>,
    flights: Option<Arc<FlightsService>>,
}

/// The services that share the bus.
pub struct Core {
    /// Clients of all services, flights among them.
    pub clients: Clients,
    /// Its stalled orders are taken up again now and then.
    pub booking: Arc<BookingService>,
    billing: Arc<BillingService>,
    /// What it says of new accounts is waited for at start.
    pub identity: Arc<IdentityService>,
    notify: Arc<NotifyService>,
    parked: Arc<ParkedEvents>,
}

/// Opens the services that are asked for.
///
/// # Errors
/// When a database cannot be opened, or flights runs neither here nor at an address that is named.
pub async fn open(options: &Options) -> anyhow::Result<Local> {
    let dir = &options.data_dir;
    let (flights, world) = if options.services.contains(&Service::Flights) {
        let world = match &options.world {
            Some(world) => world.clone(),
            None => Arc::new(tokio::task::spawn_blocking(World::load).await??),
        };
        let keys = SigningKeys::new((1, secret(dir, "offers.key", &options.chance)?), &[]);
        let service = FlightsService::open(
            &dir.join("flights.db"),
            world.clone(),
            keys,
            options.chance.clone(),
        )
        .await
        .context("flights could not be opened")?;
        (Some(Arc::new(service)), Some(world))
    } else {
        (None, None)
    };
    if !options.services.contains(&Service::Booking) {
        return Ok(Local {
            world,
            core: None,
            flights,
        });
    }

    let (search, inventory, schedule, fares) = match (&flights, &options.flights_url) {
        (Some(service), _) => (
            SearchClient::local(service.clone()),
            InventoryClient::local(service.clone()),
            ScheduleClient::local(service.clone()),
            FaresClient::local(service.clone()),
        ),
        (None, Some(url)) => {
            let channel = channel(url)?;
            (
                SearchClient::remote(channel.clone()),
                InventoryClient::remote(channel.clone()),
                ScheduleClient::remote(channel.clone()),
                FaresClient::remote(channel),
            )
        }
        (None, None) => anyhow::bail!(
            "flights does not run here; say where it answers with --flights-url, or name it among the services"
        ),
    };
    let bus = Bus::new();
    let identity = IdentityService::open(
        &dir.join("identity.db"),
        &bus,
        options.chance.clone(),
        options.clock.clone(),
        &identity::MasterKey(secret(dir, "identity.key", &options.chance)?),
    )
    .await
    .context("identity could not be opened")?;
    let reach = if options.local_webhooks {
        notify::Reach::LocalToo
    } else {
        notify::Reach::PublicOnly
    };
    let notify = NotifyService::open(
        &dir.join("notify.db"),
        PayloadsClient::local(Arc::new(Payloads::new(
            contracts::PUBLIC_V1.compiled(),
            contracts::PUBLIC_V2.compiled(),
            contracts::PARTNER_V1.compiled(),
        ))),
        reach,
        notify::MasterKey(secret(dir, "webhooks.key", &options.chance)?),
        options.chance.clone(),
        options.clock.clone(),
    )
    .await
    .context("notify could not be opened")?;
    let billing = BillingService::open(&dir.join("billing.db"), &bus, options.chance.clone())
        .await
        .context("billing could not be opened")?;
    let booking = BookingService::open(
        &dir.join("booking.db"),
        booking::Neighbours {
            search: search.clone(),
            inventory: inventory.clone(),
            schedule: schedule.clone(),
            deadline: NEIGHBOUR_DEADLINE,
        },
        &bus,
        options.chance.clone(),
        options.clock.clone(),
        booking::locator::Key(secret(dir, "locators.key", &options.chance)?),
    )
    .await
    .context("booking could not be opened")?;
    notify::subscribe(&bus, &notify);
    billing::subscribe(&bus, &billing);
    outbox::subscribe_drill(&bus, &identity.relay());
    // Only now is every consumer there: an event that an earlier run left unpublished misses none of them.
    bus.start();

    let (booking, identity) = (Arc::new(booking), Arc::new(identity));
    let parked = Arc::new(ParkedEvents::new(
        bus.clone(),
        vec![
            ("identity", identity.relay()),
            ("booking", booking.relay()),
            ("billing", billing.relay()),
        ],
    ));
    let clients = Clients {
        search,
        inventory,
        schedule,
        fares,
        orders: OrdersClient::local(booking.clone()),
        sagas: SagasClient::local(booking.clone()),
        payments: PaymentsClient::local(billing.clone()),
        ledger: LedgerClient::local(billing.clone()),
        credit: CreditClient::local(billing.clone()),
        accounts: AccountsClient::local(identity.clone()),
        credentials: CredentialsClient::local(identity.clone()),
        keys: KeysClient::local(identity.clone()),
        audit: AuditClient::local(identity.clone()),
        clocks: ClocksClient::local(identity.clone()),
        parked: ParkedEventsClient::local(parked.clone()),
        feed: FeedClient::local(notify.clone()),
        webhooks: WebhooksClient::local(notify.clone()),
    };
    let core = Core {
        clients,
        booking,
        billing,
        identity,
        notify,
        parked,
    };
    Ok(Local {
        world,
        core: Some(core),
        flights,
    })
}

/// Answers gRPC for the services of this process until told to stop; returns the address.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn serve(
    local: &Local,
    address: SocketAddr,
    mut stop: watch::Receiver<bool>,
    tasks: &mut JoinSet<()>,
) -> anyhow::Result<SocketAddr> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on; choose another with --rpc-listen")
    })?;
    let address = listener.local_addr()?;
    let flights = local.flights.as_ref();
    let core = local.core.as_ref();
    let server = Server::builder()
        .add_optional_service(flights.map(|flights| SearchServer::from_arc(flights.clone())))
        .add_optional_service(flights.map(|flights| InventoryServer::from_arc(flights.clone())))
        .add_optional_service(flights.map(|flights| ScheduleServer::from_arc(flights.clone())))
        .add_optional_service(flights.map(|flights| FaresServer::from_arc(flights.clone())))
        .add_optional_service(core.map(|core| OrdersServer::from_arc(core.booking.clone())))
        .add_optional_service(core.map(|core| SagasServer::from_arc(core.booking.clone())))
        .add_optional_service(core.map(|core| PaymentsServer::from_arc(core.billing.clone())))
        .add_optional_service(core.map(|core| LedgerServer::from_arc(core.billing.clone())))
        .add_optional_service(core.map(|core| CreditServer::from_arc(core.billing.clone())))
        .add_optional_service(core.map(|core| AccountsServer::from_arc(core.identity.clone())))
        .add_optional_service(core.map(|core| AuditServer::from_arc(core.identity.clone())))
        .add_optional_service(core.map(|core| CredentialsServer::from_arc(core.identity.clone())))
        .add_optional_service(core.map(|core| KeysServer::from_arc(core.identity.clone())))
        .add_optional_service(core.map(|core| ClocksServer::from_arc(core.identity.clone())))
        .add_optional_service(core.map(|core| ParkedEventsServer::from_arc(core.parked.clone())))
        .add_optional_service(core.map(|core| FeedServer::from_arc(core.notify.clone())))
        .add_optional_service(core.map(|core| WebhooksServer::from_arc(core.notify.clone())));
    tasks.spawn(async move {
        let stopped = async move {
            // The sender lives as long as the platform runs.
            drop(stop.wait_for(|stop| *stop).await);
        };
        if let Err(error) = server
            .serve_with_incoming_shutdown(TcpListenerStream::new(listener), stopped)
            .await
        {
            tracing::error!(%error, "gRPC ended early");
        }
    });
    Ok(address)
}

impl Local {
    /// Publishes what was said, then closes the databases: those who speak before those who listen.
    pub async fn close(self) {
        if let Some(core) = self.core {
            let quiet = async {
                // Each answers the other: it is quiet when a round publishes nothing new.
                let mut said = (0, 0, 0);
                loop {
                    let round = (
                        core.identity.drain().await,
                        core.booking.drain().await,
                        core.billing.drain().await,
                    );
                    if round == said {
                        break;
                    }
                    said = round;
                }
            };
            if tokio::time::timeout(QUIET_WITHIN, quiet).await.is_err() {
                tracing::warn!("some events are still unsent; they go out at the next start");
            }
            core.booking.close().await;
            core.billing.close().await;
            core.notify.close().await;
            core.identity.close().await;
        }
        if let Some(flights) = self.flights {
            flights.close().await;
        }
    }
}

fn channel(url: &str) -> anyhow::Result<Channel> {
    let endpoint = Endpoint::from_shared(url.to_owned()).with_context(|| {
        format!("--flights-url {url:?} is not an address such as http://127.0.0.1:9001")
    })?;
    // Lazily: the neighbour may start later, and calls say so until then.
    Ok(endpoint.connect_timeout(CONNECT_WITHIN).connect_lazy())
}

/// A secret of this installation, made at its first start and kept in the data folder for its owner only.
fn secret(dir: &Path, name: &str, chance: &Chance) -> anyhow::Result<[u8; 32]> {
    let path = dir.join(name);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let bytes = chance.bytes::<32>();
            write_once(&path, &bytes)
                .with_context(|| format!("{} cannot be written", path.display()))?;
            bytes.to_vec()
        }
        Err(error) => {
            return Err(error).with_context(|| format!("{} cannot be read", path.display()));
        }
    };
    <[u8; 32]>::try_from(bytes).map_err(|bytes| {
        anyhow::anyhow!(
            "{} has {} bytes instead of 32; restore it, or remove it to make a new one",
            path.display(),
            bytes.len()
        )
    })
}

fn write_once(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
