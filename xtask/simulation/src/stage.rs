//! Flights, booking and billing as processes of their own over real stores, with the network and the broker between them.
//!
//! Whatever one of them does is set off by the run and comes to rest before the run goes on: what asks flights for seats waits in
//! the network, what is published waits in the broker. So the same decisions lead to the same run.

use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use disk::Trouble;
use fareway::billing::{self, BillingService};
use fareway::booking::locator::Key;
use fareway::booking::{BookingService, Neighbours};
use fareway::flights::{FlightsService, SigningKeys, World};
use fareway::kernel::chance::Chance;
use fareway::kernel::clock::Clock;
use fareway::rpc::events::v1::Envelope;
use fareway::rpc::flights::v1::{InventoryClient, ScheduleClient, SearchClient};
use tempfile::TempDir;
use tokio::sync::watch;

use crate::broker::{Broker, Hearer, OF_BILLING, OF_BOOKING, hearer};
use crate::network::{Call, Network, between_looks};
use crate::process::Process;

/// Where files live in memory, when the machine has such a place.
const IN_MEMORY: &str = "/dev/shm";

/// Which service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    Flights,
    Booking,
    Billing,
}

impl Service {
    pub const ALL: [Self; 3] = [Self::Flights, Self::Booking, Self::Billing];

    fn file(self) -> &'static str {
        match self {
            Self::Flights => "flights.db",
            Self::Booking => "booking.db",
            Self::Billing => "billing.db",
        }
    }
}

/// The three services and what is between them.
pub struct Stage {
    pub network: Network,
    pub broker: Broker,
    dir: TempDir,
    world: Arc<World>,
    seed: u64,
    lives: u64,
    flights: Option<Process<Arc<FlightsService>>>,
    booking: Option<Process<BookingService>>,
    billing: Option<Process<Arc<BillingService>>>,
}

impl Stage {
    /// New services over empty stores.
    ///
    /// # Errors
    /// No folder can be made for them.
    pub fn new(world: Arc<World>, seed: u64) -> std::io::Result<Self> {
        disk::install();
        let memory = Path::new(IN_MEMORY);
        let dir = match memory.is_dir() {
            true => tempfile::tempdir_in(memory)?,
            false => tempfile::tempdir()?,
        };
        let mut stage = Self {
            network: Network::default(),
            broker: Broker::default(),
            dir,
            world,
            seed,
            lives: 0,
            flights: None,
            booking: None,
            billing: None,
        };
        stage.start(Service::Flights);
        stage.start(Service::Billing);
        stage.start(Service::Booking);
        Ok(stage)
    }

    /// Flights.
    ///
    /// # Panics
    /// While it is away.
    pub fn flights(&self) -> &Process<Arc<FlightsService>> {
        self.flights.as_ref().expect("flights runs")
    }

    /// Booking.
    ///
    /// # Panics
    /// While it is away.
    pub fn booking(&self) -> &Process<BookingService> {
        self.booking.as_ref().expect("booking runs")
    }

    /// Billing.
    ///
    /// # Panics
    /// While it is away.
    pub fn billing(&self) -> &Process<Arc<BillingService>> {
        self.billing.as_ref().expect("billing runs")
    }

    /// Kills a service where it is and starts it over its files. Returns what booking had asked of flights and hears no more of.
    pub fn crash(&mut self, service: Service) -> Vec<Call> {
        // Whoever starts it anew makes room first.
        self.befall(service, None);
        // Who is killed publishes nothing more, and what was not acknowledged comes again.
        self.broker.hold_up(true);
        let mut orphans = Vec::new();
        match service {
            Service::Flights => {
                self.network.lead_to(None);
                self.flights.take().expect("it runs").kill();
            }
            Service::Booking => {
                self.booking.take().expect("it runs").kill();
                orphans = self.network.clear();
            }
            Service::Billing => self.billing.take().expect("it runs").kill(),
        }
        self.broker.hold_up(false);
        self.closed(service);
        self.start(service);
        orphans
    }

    /// Waits until the threads of a killed process have let go of its files, as those of a real one have at once.
    fn closed(&self, service: Service) {
        let name = service.file();
        let is_its = |entry: std::io::Result<std::fs::DirEntry>| {
            let open = entry.and_then(|entry| std::fs::read_link(entry.path()));
            open.is_ok_and(|open| {
                let file = open.strip_prefix(self.dir.path()).ok();
                file.is_some_and(|file| file.to_string_lossy().starts_with(name))
            })
        };
        // Where the machine has no such list, the next life waits for the lock.
        while let Ok(mut open) = std::fs::read_dir("/proc/self/fd") {
            if !open.any(is_its) {
                break;
            }
            std::thread::yield_now();
        }
    }

    fn path(&self, service: Service) -> PathBuf {
        self.dir.path().join(service.file())
    }

    /// From now on this befalls the store of a service, or nothing more.
    pub fn befall(&self, service: Service, trouble: Option<Trouble>) {
        disk::befall(&self.path(service), trouble);
    }

    /// What befalls the store of a service at the moment.
    pub fn trouble(&self, service: Service) -> Option<Trouble> {
        disk::trouble(&self.path(service))
    }

    fn start(&mut self, service: Service) {
        self.lives += 1;
        // Each life draws other chances.
        let chance = Chance::seeded(self.seed.wrapping_mul(0x9e37_79b9).wrapping_add(self.lives));
        let path = self.path(service);
        let mailbox = self.broker.mailbox.clone();
        match service {
            Service::Flights => {
                let keys = SigningKeys::new((1, [7; 32]), &[]);
                let world = self.world.clone();
                let process = Process::start(async |_| {
                    let opened = FlightsService::open(&path, world, keys, chance).await;
                    Arc::new(opened.expect("the store of flights opens"))
                });
                self.network.lead_to(Some(process.remote()));
                self.flights = Some(process);
            }
            Service::Booking => {
                let network = Arc::new(self.network.clone());
                self.booking = Some(Process::start(async |bus| {
                    mailbox.listen(bus, OF_BOOKING);
                    let neighbours = Neighbours {
                        search: SearchClient::local(network.clone()),
                        inventory: InventoryClient::local(network.clone()),
                        schedule: ScheduleClient::local(network),
                        // The run alone says when a call has failed.
                        deadline: Duration::MAX,
                    };
                    let clock = Clock::manual(0);
                    let opened =
                        BookingService::open(&path, neighbours, bus, chance, clock, Key([9; 32]));
                    opened.await.expect("the store of booking opens")
                }));
            }
            Service::Billing => {
                self.billing = Some(Process::start(async |bus| {
                    mailbox.listen(bus, OF_BILLING);
                    let opened = BillingService::open(&path, bus, chance).await;
                    let service = opened.expect("the store of billing opens");
                    billing::subscribe(bus, &service);
                    service
                }));
            }
        }
    }

    /// Lets everything come to rest; how many events were published, and what is wrong with them.
    pub fn settle(&mut self) -> (usize, Vec<String>) {
        let booking = self.booking();
        booking.run(self.network.settle(|| booking.service.driving()));
        booking.run(booking.service.published());
        let billing = self.billing();
        billing.run(billing.service.drain());
        self.broker.collect()
    }

    /// Hands an event to who has to hear of it. Whether it took it.
    pub fn deliver(&self, event: &Envelope) -> bool {
        match hearer(event) {
            Hearer::Billing => self
                .billing()
                .run(self.billing().bus.publish(event))
                .is_ok(),
            Hearer::Booking => self
                .booking()
                .run(self.booking().bus.publish(event))
                .is_ok(),
            Hearer::Nobody => true,
        }
    }

    /// Lets a service do what it does by itself for a while, which is little: the broker takes nothing from it.
    pub fn linger(&self, service: Service) {
        let awhile = async {
            for _ in 0..8 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        };
        match service {
            Service::Flights => self.flights().run(awhile),
            Service::Booking => self.booking().run(awhile),
            Service::Billing => self.billing().run(awhile),
        }
    }

    /// Does several things of flights or booking at one moment: while the store is slow with the first, the others come in turn, and
    /// what they change is committed together. What came of each and whether it came before that, and how many waited for the first.
    pub fn at_once<T>(
        &self,
        service: Service,
        work: impl IntoIterator<Item = impl Future<Output = T>>,
    ) -> (Vec<(T, bool)>, usize) {
        let path = self.path(service);
        let queued = || match service {
            Service::Flights => self.flights().service.queued(),
            Service::Booking | Service::Billing => self.booking().service.queued(),
        };
        let together = async {
            let mut doing = Vec::new();
            for work in work {
                let (mut work, mut looks, before) = (Box::pin(work), 0, queued());
                let slow = disk::held_up(&path) > 0;
                let done = loop {
                    // Only once it waits for the store, or needs it not, comes the next.
                    match poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await {
                        Poll::Ready(done) => break Some(done),
                        Poll::Pending if slow && queued() > before => break None,
                        Poll::Pending if !slow && disk::held_up(&path) > 0 => break None,
                        Poll::Pending => between_looks(&mut looks).await,
                    }
                };
                doing.push((work, done));
            }
            let waited = queued();
            self.befall(service, None);
            let mut done = Vec::new();
            for (work, early) in doing {
                done.push(match early {
                    Some(early) => (early, true),
                    None => (work.await, false),
                });
            }
            (done, waited)
        };
        self.befall(service, Some(Trouble::Slow));
        match service {
            Service::Flights => self.flights().run(together),
            Service::Booking | Service::Billing => self.booking().run(together),
        }
    }

    /// Hands an event to its hearer, and stops the hearer for ever once it has made that many commits. Whether it took it; `None`
    /// when it came so far: then it has to be crashed.
    pub fn deliver_until(&self, event: &Envelope, commits: u64) -> Option<bool> {
        let heard = match hearer(event) {
            Hearer::Billing => {
                let counter = self.billing().service.commits();
                let hear = until(counter, commits, self.billing().bus.publish(event));
                self.billing().run(hear)
            }
            Hearer::Booking => {
                let counter = self.booking().service.commits();
                let hear = until(counter, commits, self.booking().bus.publish(event));
                self.booking().run(hear)
            }
            Hearer::Nobody => Some(Ok(())),
        };
        heard.map(|heard| heard.is_ok())
    }

    /// Hands an event to its hearer, whose disk is full as soon as it has made that many commits, and stays so. Whether it took it.
    pub fn deliver_filling(&self, event: &Envelope, commits: u64) -> bool {
        let heard = match hearer(event) {
            Hearer::Billing => {
                let counter = self.billing().service.commits();
                let full = || self.befall(Service::Billing, Some(Trouble::Full));
                let hear = after(counter, commits, full, self.billing().bus.publish(event));
                self.billing().run(hear)
            }
            Hearer::Booking => {
                let counter = self.booking().service.commits();
                let full = || self.befall(Service::Booking, Some(Trouble::Full));
                let hear = after(counter, commits, full, self.booking().bus.publish(event));
                self.booking().run(hear)
            }
            Hearer::Nobody => Ok(()),
        };
        heard.is_ok()
    }
}

/// Runs `work` until that many commits were made meanwhile; `None` when it was stopped there.
pub async fn until<T>(
    counter: watch::Receiver<u64>,
    commits: u64,
    work: impl Future<Output = T>,
) -> Option<T> {
    let first = *counter.borrow();
    let mut work = std::pin::pin!(work);
    poll_fn(|context| {
        if counter.borrow().saturating_sub(first) >= commits {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// Runs `work` to its end; something happens as soon as that many commits were made meanwhile.
async fn after<T>(
    counter: watch::Receiver<u64>,
    commits: u64,
    happens: impl FnOnce(),
    work: impl Future<Output = T>,
) -> T {
    let mut work = std::pin::pin!(work);
    if let Some(done) = until(counter, commits, work.as_mut()).await {
        return done;
    }
    happens();
    work.await
}
