//! Sends payloads over HTTP: the only place that speaks to addresses which strangers have chosen. It follows no redirect, uses
//! no proxy, reads no body, and connects to nothing out of reach, whatever a name resolves to at that moment.

use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Url, redirect};
use rustls::{ClientConfig, RootCertStore};

use super::address::Reach;

/// How long an endpoint may take to answer.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(10);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const URL_LEN_MAX: usize = 2048;
const USER_AGENT: &str = concat!("Fareway/", env!("CARGO_PKG_VERSION"));

/// A payload and what is told of it.
pub struct Message<'a> {
    pub url: &'a str,
    pub event_id: &'a str,
    /// Seconds since the Unix epoch, on the machine's clock.
    pub seconds: i64,
    pub signature: String,
    pub body: Vec<u8>,
}

/// What became of an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// 0 when there was no answer.
    pub http_status: u16,
    /// refused_address, connection, timeout, redirect; empty when the status says it all.
    pub error: &'static str,
    /// How many seconds the endpoint asked us to wait.
    pub retry_after: Option<u64>,
}

/// The sender could not be made.
#[derive(Debug, thiserror::Error)]
#[error("the sender of webhooks could not be made")]
pub struct Error(#[from] reqwest::Error);

/// Speaks to endpoints.
pub struct Sender {
    client: Client,
    reach: Reach,
}

impl Sender {
    /// Speaks to what is in reach, and waits for an answer no longer than `within`.
    pub fn new(reach: Reach, within: Duration) -> Result<Self, Error> {
        let roots = RootCertStore {
            roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
        };
        let tls = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .dns_resolver(Vetted(reach))
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .user_agent(USER_AGENT)
            .connect_timeout(CONNECT_WITHIN)
            .timeout(within)
            // An address that was vetted long ago says nothing of now.
            .pool_max_idle_per_host(0)
            .build()?;
        Ok(Self { client, reach })
    }

    /// Whether a URL may ever be sent to; what its name resolves to is seen at each attempt.
    pub fn may_reach(&self, url: &str) -> bool {
        url.len() <= URL_LEN_MAX && self.read(url).is_some()
    }

    /// Makes one attempt.
    pub async fn send(&self, message: Message<'_>) -> Outcome {
        let Some(url) = self.read(message.url) else {
            return Outcome::failed("refused_address");
        };
        let request = self
            .client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", message.event_id)
            .header("webhook-timestamp", message.seconds)
            .header("webhook-signature", message.signature)
            .body(message.body);
        match request.send().await {
            Ok(answer) => Outcome {
                http_status: answer.status().as_u16(),
                error: if answer.status().is_redirection() {
                    "redirect"
                } else {
                    ""
                },
                retry_after: retry_after(answer.headers()),
            },
            Err(error) if is_refused(&error) => Outcome::failed("refused_address"),
            Err(error) if error.is_timeout() => Outcome::failed("timeout"),
            Err(_) => Outcome::failed("connection"),
        }
    }

    /// Reads a URL; `None` when it is not one, or never in reach. Hosts that are addresses are not resolved, so they are seen
    /// here.
    fn read(&self, url: &str) -> Option<Url> {
        let url = Url::parse(url).ok()?;
        let bare = url.username().is_empty() && url.password().is_none();
        let host = url.host_str()?;
        let literal = host.trim_start_matches('[').trim_end_matches(']').parse();
        let in_reach = literal.map_or(true, |address| self.reach.allows(address));
        (bare && in_reach && self.reach.speaks(url.scheme())).then_some(url)
    }
}

impl Outcome {
    fn failed(error: &'static str) -> Self {
        Self {
            http_status: 0,
            error,
            retry_after: None,
        }
    }

    /// Whether the endpoint has it.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.http_status)
    }

    /// Whether the endpoint wants nothing any more.
    pub fn is_gone(&self) -> bool {
        self.http_status == 410
    }
}

/// Seconds to wait: as they are, or until a date by the endpoint's own clock.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?;
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let date = |text: &str| {
        Some(
            jiff::fmt::rfc2822::parse(text)
                .ok()?
                .timestamp()
                .as_second(),
        )
    };
    let now = date(headers.get(DATE)?.to_str().ok()?)?;
    u64::try_from(date(text)? - now).ok()
}

/// A name has only addresses that are out of reach.
#[derive(Debug, thiserror::Error)]
#[error("the name has no address in reach")]
struct Refused;

fn is_refused(error: &reqwest::Error) -> bool {
    let first: &(dyn std::error::Error + 'static) = error;
    std::iter::successors(Some(first), |error| error.source()).any(|error| error.is::<Refused>())
}

/// Resolves names to addresses in reach. The connection is made to these and no others, so a name that is resolved
/// differently a moment later gains nothing.
struct Vetted(Reach);

impl Resolve for Vetted {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            // The port is set by whoever connects.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let vetted: Vec<SocketAddr> =
                found.filter(|address| reach.allows(address.ip())).collect();
            if vetted.is_empty() {
                return Err(Refused.into());
            }
            Ok(Box::new(vetted.into_iter()) as Addrs)
        })
    }
}
