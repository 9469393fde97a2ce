//! `fareway serve` as a process of its own, to be killed or to stand apart.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use fareway::edge::Clients;
use fareway::rpc::billing::v1::{CreditClient, LedgerClient, PaymentsClient};
use fareway::rpc::booking::v1::{OrdersClient, SagasClient};
use fareway::rpc::events::v1::ParkedEventsClient;
use fareway::rpc::flights::v1::{FaresClient, InventoryClient, ScheduleClient, SearchClient};
use fareway::rpc::identity::v1::{
    AccountsClient, AuditClient, ClocksClient, CredentialsClient, KeysClient,
};
use fareway::rpc::notify::v1::{FeedClient, WebhooksClient};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tonic::transport::{Channel, Endpoint};

/// How long a start may take: a debug build loads the whole timetable.
const START_WITHIN: Duration = Duration::from_secs(120);

/// A server that runs in a process of its own; it is killed when this is dropped.
pub struct Process {
    child: Child,
    /// Where its public door is, such as `http://127.0.0.1:8080`; empty when edge does not run there.
    pub http: String,
    /// Where it answers gRPC.
    pub rpc: String,
}

impl Process {
    /// Starts `fareway serve` with these services (all when none), and waits until it says where it listens.
    pub async fn start(services: &[&str], data_dir: &Path) -> Self {
        let mut child = serve(services, data_dir)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let (mut http, mut rpc) = (String::new(), String::new());
        let told = async {
            while let Some(line) = lines.next_line().await.expect("it writes text") {
                let mut words = line.split_whitespace();
                match (words.next(), words.next()) {
                    (Some("Page"), Some(url)) => http = url.trim_end_matches('/').to_owned(),
                    (Some("gRPC"), Some(address)) => rpc = format!("http://{address}"),
                    (Some("Ctrl-C"), _) => return true,
                    _ => {}
                }
            }
            false
        };
        let ready = tokio::time::timeout(START_WITHIN, told)
            .await
            .expect("it starts in time");
        assert!(
            ready && !rpc.is_empty(),
            "the program ended instead of starting: run it by hand to see why"
        );
        Self { child, http, rpc }
    }

    /// What `fareway serve` with these services says of why it does not start.
    pub async fn refusal(services: &[&str], data_dir: &Path) -> String {
        let ended = serve(services, data_dir).output();
        let ended = tokio::time::timeout(START_WITHIN, ended);
        let ended = ended.await.expect("it ends by itself");
        let ended = ended.expect("the program starts");
        assert!(!ended.status.success(), "it has served");
        String::from_utf8_lossy(&ended.stderr).into_owned()
    }

    /// Ends it as a power cut would (SIGKILL), and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// Clients of its services.
    pub fn clients(&self) -> Clients {
        remote(&channel(&self.rpc))
    }
}

/// The command that serves over a folder, on free ports.
fn serve(services: &[&str], data_dir: &Path) -> Command {
    let mut command = Command::new(binary());
    command
        .arg("serve")
        .args(services)
        .args([
            "--listen",
            "127.0.0.1:0",
            "--private-listen",
            "127.0.0.1:0",
            "--rpc-listen",
            "127.0.0.1:0",
            "--rate-per-minute",
            "1000000",
            "--log",
            "error",
        ])
        .arg("--data-dir")
        .arg(data_dir)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

/// Clients of services that all answer on one channel.
pub fn remote(channel: &Channel) -> Clients {
    Clients {
        search: SearchClient::remote(channel.clone()),
        inventory: InventoryClient::remote(channel.clone()),
        schedule: ScheduleClient::remote(channel.clone()),
        fares: FaresClient::remote(channel.clone()),
        orders: OrdersClient::remote(channel.clone()),
        sagas: SagasClient::remote(channel.clone()),
        payments: PaymentsClient::remote(channel.clone()),
        ledger: LedgerClient::remote(channel.clone()),
        credit: CreditClient::remote(channel.clone()),
        accounts: AccountsClient::remote(channel.clone()),
        audit: AuditClient::remote(channel.clone()),
        credentials: CredentialsClient::remote(channel.clone()),
        keys: KeysClient::remote(channel.clone()),
        clocks: ClocksClient::remote(channel.clone()),
        parked: ParkedEventsClient::remote(channel.clone()),
        feed: FeedClient::remote(channel.clone()),
        webhooks: WebhooksClient::remote(channel.clone()),
    }
}

/// A channel to whoever will answer at this URL.
pub fn channel(url: &str) -> Channel {
    Endpoint::from_shared(url.to_owned())
        .expect("a URL")
        .connect_lazy()
}

/// The program, as it was built beside these tests.
fn binary() -> PathBuf {
    let own = std::env::current_exe().expect("a test runs from a file");
    let folder = own
        .parent()
        .and_then(Path::parent)
        .expect("tests lie in target/<profile>/deps");
    let binary = folder.join(format!("fareway{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.exists(),
        "{} is not there: run `cargo build` first, or `cargo xtask test`, which does",
        binary.display()
    );
    binary
}
