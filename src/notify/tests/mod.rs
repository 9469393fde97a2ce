//! Stories of webhooks, over a service on a file of its own, a receiver on this machine, and clocks that only the test moves.

mod endpoints;
mod order;
mod receiver;
mod retries;
mod sending;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tonic::{Request, Response, Status, async_trait};

use super::{Error, MasterKey, NotifyService, Reach};
use crate::kernel::chance::Chance;
use crate::kernel::clock::Clock;
use crate::rpc::common::v1::{Context, Idempotency};
use crate::rpc::events::v1::Envelope;
use crate::rpc::notify::v1 as pb;
use crate::rpc::notify::v1::PayloadsClient;
use crate::rpc::notify::v1::payloads_server::Payloads;

const WORLD: &str = "wld_test";
const FORMAT: &str = "plain";
/// Where the world's clock starts, and the machine's, which is another.
const START_US: i64 = 1_000_000_000;
const MACHINE_US: i64 = 1_700_000_000_000_000;

/// Writes payloads of one format, and counts them.
#[derive(Default)]
pub struct Writer(AtomicU32);

#[async_trait]
impl Payloads for Writer {
    async fn render_payload(
        &self,
        request: Request<pb::RenderPayloadRequest>,
    ) -> Result<Response<pb::Payload>, Status> {
        let request = request.into_inner();
        if request.format != FORMAT {
            return Err(Status::invalid_argument("nobody knows the format"));
        }
        self.0.fetch_add(1, Ordering::SeqCst);
        let event = request.event.unwrap_or_default();
        let body = format!(r#"{{"id":"{}","sequence":{}}}"#, event.id, event.sequence);
        Ok(Response::new(pb::Payload {
            body: body.into_bytes(),
        }))
    }
}

struct Harness {
    dir: tempfile::TempDir,
    notify: Arc<NotifyService>,
    writer: Arc<Writer>,
}

pub async fn open(path: &Path, writer: &Arc<Writer>, reach: Reach) -> Arc<NotifyService> {
    NotifyService::open(
        &path.join("notify.db"),
        PayloadsClient::local(writer.clone()),
        reach,
        MasterKey([5; 32]),
        Chance::seeded(1),
        Clock::manual(MACHINE_US),
    )
    .await
    .expect("the file opens")
}

async fn harness() -> Harness {
    harness_in(Reach::LocalToo).await
}

async fn harness_in(reach: Reach) -> Harness {
    let dir = tempfile::tempdir().expect("a directory");
    let writer = Arc::new(Writer::default());
    Harness {
        notify: open(dir.path(), &writer, reach).await,
        dir,
        writer,
    }
}

fn context(account: u64, now_us: i64) -> Option<Context> {
    Some(Context {
        world: WORLD.to_owned(),
        now_us,
        account_id: format!("acc_{account}"),
        ..Context::default()
    })
}

fn endpoint(account: u64, number: u64, url: &str) -> pb::CreateEndpointRequest {
    pb::CreateEndpointRequest {
        context: context(account, START_US),
        idempotency: Some(Idempotency {
            key: format!("key-{number}"),
            fingerprint: url.as_bytes().to_vec(),
        }),
        endpoint_id: format!("whe_{number:026}"),
        url: url.to_owned(),
        events: Vec::new(),
        format: FORMAT.to_owned(),
        description: String::new(),
    }
}

impl Harness {
    /// Makes account 1's endpoint 1 there.
    async fn listen(&self, url: &str) -> pb::Endpoint {
        let made = self.notify.create_endpoint(endpoint(1, 1, url)).await;
        made.expect("it is new")
    }

    /// Something happens to an object of an account, and whoever is to be told at once was.
    async fn happens(&self, account: u64, number: u64, r#type: &str, subject: &str) {
        self.say(account, number, r#type, subject).await;
        self.notify.dispatcher.quiet().await;
    }

    async fn say(&self, account: u64, number: u64, r#type: &str, subject: &str) {
        let event = Envelope {
            id: format!("evt_{number}"),
            r#type: r#type.to_owned(),
            subject: subject.to_owned(),
            world: WORLD.to_owned(),
            account_id: format!("acc_{account}"),
            time_us: START_US,
            sequence: 77,
            ..Envelope::default()
        };
        self.notify.take(event).await.expect("notify takes it");
    }

    /// Moves the clock to this time; how many attempts were made then.
    async fn at(&self, now_us: i64) -> u32 {
        let context = Context {
            account_id: String::new(),
            ..context(1, now_us).unwrap_or_default()
        };
        let request = pb::RunDueRequest {
            context: Some(context),
        };
        let attempts = self.notify.run_due(request).await.expect("it runs");
        self.notify.dispatcher.quiet().await;
        attempts
    }

    /// The deliveries of account 1's endpoint 1, oldest first.
    async fn deliveries(&self) -> Vec<pb::Delivery> {
        let request = pb::ListDeliveriesRequest {
            context: context(1, START_US),
            endpoint_id: endpoint(1, 1, "").endpoint_id,
            format: FORMAT.to_owned(),
            page: None,
        };
        let listed = self.notify.list_deliveries(request).await.expect("lists");
        listed.deliveries.into_iter().rev().collect()
    }

    /// The endpoint of account 1 as it stands.
    async fn endpoint(&self) -> pb::Endpoint {
        let request = pb::GetEndpointRequest {
            context: context(1, START_US),
            endpoint_id: endpoint(1, 1, "").endpoint_id,
            format: FORMAT.to_owned(),
        };
        self.notify
            .get_endpoint(request)
            .await
            .expect("it is there")
    }

    async fn set_status(&self, status: &str) -> Result<pb::Endpoint, Error> {
        let request = pb::UpdateEndpointRequest {
            context: context(1, START_US),
            endpoint_id: endpoint(1, 1, "").endpoint_id,
            format: FORMAT.to_owned(),
            status: status.to_owned(),
            ..pb::UpdateEndpointRequest::default()
        };
        self.notify.update_endpoint(request).await
    }
}
