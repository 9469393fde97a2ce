//! What runs here: which services live in this process, which neighbour is reached over gRPC, and their orderly start and end.
//!
//! The only place that sees all services. Edge, booking, billing, identity and notify share the embedded bus and so one process;
//! flights may run in another.

mod command;
mod contracts;
mod doors;
mod folder;
mod listen;
mod neighbours;
mod seed;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::booking::BookingService;
use crate::config::Service;
use crate::edge::{self, Clients};
use crate::flights::world::World;
use crate::kernel::chance::Chance;
use crate::kernel::clock::{Clock, LIVE_WORLD};
use crate::rpc::common::v1::Context as RpcContext;

pub use command::{print_contract, print_world, run};

/// How often what is due in the live world is ended, and orders that stand still are taken up again.
const TICK: Duration = Duration::from_secs(1);
/// How long a start waits for the events of what it has made.
const HEARD_WITHIN: Duration = Duration::from_secs(5);
/// How often it is tried to furnish a sandbox that lacks something.
const FURNISH_EVERY: Duration = Duration::from_secs(2);
/// How long one such round may take.
const TICK_WITHIN: Duration = Duration::from_secs(30);

/// How to run.
pub struct Options {
    /// The services of this process.
    pub services: BTreeSet<Service>,
    /// Where the public and the partner door listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the private door listens; port 0 takes a free one.
    pub private_listen: SocketAddr,
    /// The secret of the live world's administrator, who is made when there is none yet.
    pub admin_secret: Option<String>,
    /// Where the services of this process answer gRPC; `None` keeps them to this process.
    pub rpc_listen: Option<SocketAddr>,
    /// Where the flights service answers gRPC when it does not run here.
    pub flights_url: Option<String>,
    /// Folder of the databases and keys; made when missing.
    pub data_dir: PathBuf,
    /// Whether the sandbox is open.
    pub sandbox: bool,
    /// Whether webhooks may be sent to this machine and its private networks, and without TLS.
    pub local_webhooks: bool,
    /// Requests a minute that one key may make under each policy.
    pub rate_per_minute: u32,
    /// The time of the live world.
    pub clock: Clock,
    /// Where ids and secrets come from.
    pub chance: Chance,
    /// The timetable, when it is loaded already; flights loads it otherwise.
    pub world: Option<Arc<World>>,
}

/// A platform, or a part of it, that runs.
pub struct Running {
    /// Where the public and the partner door are; `None` when edge runs elsewhere.
    pub http: Option<SocketAddr>,
    /// Where the private door is; `None` when edge runs elsewhere.
    pub private: Option<SocketAddr>,
    /// Where gRPC is answered.
    pub rpc: Option<SocketAddr>,
    /// The services, for those who set up accounts and audit; `None` in a process that has flights only.
    pub clients: Option<Clients>,
    /// The timetable; `None` when flights runs elsewhere.
    pub world: Option<Arc<World>>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
    local: neighbours::Local,
    // Last, so that the stores are let go of before it.
    _claim: folder::Claim,
}

/// Starts the services and returns once they answer.
///
/// # Errors
/// When the services named cannot run together, an address or a database cannot be opened, or a neighbour is not named.
pub async fn start(options: Options) -> anyhow::Result<Running> {
    let core = [
        Service::Edge,
        Service::Booking,
        Service::Billing,
        Service::Identity,
        Service::Notify,
    ];
    let core_here = core
        .iter()
        .filter(|service| options.services.contains(service))
        .count();
    if core_here != 0 && core_here != core.len() {
        bail!(
            "edge, booking, billing, identity and notify share one process, because their events travel on a bus inside it; \
             name all five or none of them"
        );
    }
    let claim = folder::claim(&options.data_dir, &options.services)?;
    let local = neighbours::open(&options).await?;
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();

    let rpc = match options.rpc_listen {
        Some(address) if core_here > 0 && !address.ip().is_loopback() => bail!(
            "--rpc-listen {address}: gRPC believes whoever calls it, and orders, money and keys are here; \
             listen on a loopback address, or run flights alone where other machines reach it"
        ),
        Some(address) => {
            Some(neighbours::serve(&local, address, stopped.clone(), &mut tasks).await?)
        }
        None => None,
    };
    let (mut http, mut private) = (None, None);
    if let Some(core) = &local.core {
        if let Some(secret) = &options.admin_secret {
            seed::administrator(&core.clients, options.clock.now_us(), secret)
                .await
                .context("the administrator could not be made with the secret that was given")?;
        }
        if options.sandbox {
            // Whatever keeps it from being furnished must not keep the live world from being served.
            if let Err(status) = seed::sandbox(&core.clients).await {
                tracing::warn!(%status, "the sandbox is not furnished yet; tried again until it is");
                tasks.spawn(furnish(core.clients.clone(), stopped.clone()));
            }
            // Who is let in may pay at once, so billing has heard of the credit by then.
            if timeout(HEARD_WITHIN, core.identity.drain()).await.is_err() {
                tracing::warn!("not everybody has heard yet of the accounts of the sandbox");
            }
        }
        let world = local.world.as_deref();
        let (listener, address) = bind(options.listen, "--listen").await?;
        http = Some(address);
        let open = doors::public(&core.clients, world, &options, address);
        tasks.spawn(listen::serve(listener, open, stopped.clone()));
        let (listener, address) = bind(options.private_listen, "--private-listen").await?;
        private = Some(address);
        let closed = doors::private(&core.clients, world, &options, address);
        tasks.spawn(listen::serve(listener, closed, stopped.clone()));
        let ticker = Ticker {
            booking: core.booking.clone(),
            clients: core.clients.clone(),
            clock: options.clock.clone(),
        };
        tasks.spawn(ticker.run(stopped));
    }
    Ok(Running {
        http,
        private,
        rpc,
        clients: local.core.as_ref().map(|core| core.clients.clone()),
        world: local.world.clone(),
        stop,
        tasks,
        local,
        _claim: claim,
    })
}

impl Running {
    /// Stops taking requests, finishes those in flight, publishes what was said, and closes the databases.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task ended badly");
            }
        }
        self.local.close().await;
    }
}

async fn bind(address: SocketAddr, flag: &str) -> anyhow::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on; stop who holds it or choose another with {flag}")
    })?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// Furnishes the sandbox as soon as everything that it takes is there.
async fn furnish(clients: Clients, mut stop: watch::Receiver<bool>) {
    let mut tries = tokio::time::interval(FURNISH_EVERY);
    tries.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tries.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        match seed::sandbox(&clients).await {
            Ok(()) => {
                tracing::info!("the sandbox is furnished");
                return;
            }
            Err(status) => tracing::debug!(%status, "the sandbox still lacks something"),
        }
    }
}

/// Does what nobody asks for, every second: ends what is due in the live world, and takes up what stands still in any.
struct Ticker {
    booking: Arc<BookingService>,
    clients: Clients,
    clock: Clock,
}

impl Ticker {
    async fn run(self, mut stop: watch::Receiver<bool>) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
            self.tick().await;
        }
    }

    async fn tick(&self) {
        if let Err(error) = self.booking.resume().await {
            tracing::warn!(%error, "orders that stand still could not be read; tried again in a second");
        }
        let context = RpcContext {
            world: LIVE_WORLD.to_owned(),
            now_us: self.clock.now_us(),
            ..RpcContext::default()
        };
        if let Err(error) = edge::due::run(&self.clients, &context, TICK_WITHIN).await {
            tracing::warn!(%error, "what is due in the live world could not be ended; tried again in a second");
        }
    }
}
