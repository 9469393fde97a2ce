//! A service as a process of its own: a runtime that can be killed, a bus that ends at the network, and files that stay.
//!
//! Its tasks run on the thread of who runs something of it, and only meanwhile: nothing happens behind the back of a run.

use std::sync::Arc;

use fareway::platform::bus::Bus;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

/// A service that runs.
pub struct Process<S> {
    pub service: S,
    /// What the service says and hears travels on it.
    pub bus: Bus,
    runtime: Arc<Runtime>,
}

impl<S> Process<S> {
    /// Starts a service; `open` is given the bus, on which nothing is delivered before it has returned.
    ///
    /// # Panics
    /// When the machine has no room for it.
    pub fn start(open: impl AsyncFnOnce(&Bus) -> S) -> Self {
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the machine has room for a runtime");
        let bus = Bus::new();
        let service = runtime.block_on(open(&bus));
        bus.start();
        Self {
            service,
            bus,
            runtime: Arc::new(runtime),
        }
    }

    /// Runs something of the service to its end, and its tasks meanwhile.
    pub fn run<F: Future>(&self, work: F) -> F::Output {
        self.runtime.block_on(work)
    }

    /// Ends it as `kill -9` would: nothing is finished, nothing is tidied up.
    pub fn kill(self) {
        drop(self.runtime);
    }
}

/// A process as others reach it. What they ask runs in it, and not in them.
#[derive(Clone)]
pub struct Remote<S> {
    service: S,
    runtime: Arc<Runtime>,
}

impl<S: Clone + Send + 'static> Process<S> {
    /// The process for those who call it.
    pub fn remote(&self) -> Remote<S> {
        Remote {
            service: self.service.clone(),
            runtime: self.runtime.clone(),
        }
    }
}

impl<S: Send + 'static> Remote<S> {
    /// Asks; `None` when no answer comes.
    pub async fn ask<T, F>(self, work: impl FnOnce(S) -> F + Send + 'static) -> Option<T>
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let (tell, told) = oneshot::channel();
        let Self { service, runtime } = self;
        std::thread::spawn(move || drop(tell.send(runtime.block_on(work(service)))));
        told.await.ok()
    }
}
