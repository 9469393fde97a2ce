//! The client: where the server is, who asks, and how patiently.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderValue, StatusCode};
use reqwest::{Request, Url, redirect};
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::BuilderVerifierExt;

use crate::answer::Answer;
use crate::credential::Credential;
use crate::error::{Error, Result};

/// How long an attempt may take unless the client or the call says otherwise.
const TIMEOUT: Duration = Duration::from_secs(30);
/// How often a request is repeated unless the client says otherwise.
const RETRIES: u32 = 2;

/// Calls the API: one method an operation. Clones are cheap and share connections and credential.
///
/// It runs within a Tokio runtime.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    pub(crate) timeout: Duration,
    pub(crate) retries: u32,
}

struct Shared {
    base: Url,
    http: reqwest::Client,
    credential: Credential,
}

impl Client {
    pub(crate) fn with(base_url: &str, credential: Credential) -> Result<Client> {
        let base = base(base_url)?;
        let http = reqwest::Client::builder()
            .user_agent(format!(
                "fareway-rust/{} ({})",
                env!("CARGO_PKG_VERSION"),
                crate::CONTRACT
            ))
            .tls_backend_preconfigured(tls(&base)?)
            // A credential is for this server, not for where it points to.
            .redirect(redirect::Policy::none())
            .build()
            .map_err(Error::transport)?;
        Ok(Client {
            shared: Arc::new(Shared {
                base,
                http,
                credential,
            }),
            timeout: TIMEOUT,
            retries: RETRIES,
        })
    }

    /// Waits at most this long for the answer to each attempt, 30 seconds otherwise. A call may say so for itself.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Client {
        self.timeout = timeout;
        self
    }

    /// Repeats a request that may be repeated at most this often, twice otherwise.
    #[must_use]
    pub fn with_max_retries(mut self, retries: u32) -> Client {
        self.retries = retries;
        self
    }

    pub(crate) fn base(&self) -> &Url {
        &self.shared.base
    }

    /// Makes one attempt. When a token is refused, a new one is tried at once.
    pub(crate) async fn attempt(&self, request: &Request) -> Result<Answer> {
        let Shared {
            base,
            http,
            credential,
        } = &*self.shared;
        let value = credential.value(http, base).await?;
        let answer = self.exchange(request, value.clone()).await?;
        if answer.status == StatusCode::UNAUTHORIZED
            && let Some(value) = credential.renewed(http, base, &value).await?
        {
            return self.exchange(request, value).await?.success();
        }
        answer.success()
    }

    async fn exchange(&self, request: &Request, credential: HeaderValue) -> Result<Answer> {
        let mut request = request
            .try_clone()
            .expect("a body that lies in memory can be sent again");
        request.headers_mut().insert(Credential::HEADER, credential);
        Answer::receive(self.shared.http.execute(request).await).await
    }
}

/// Shows no secret.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.shared.base.as_str())
            .field("timeout", &self.timeout)
            .field("max_retries", &self.retries)
            .finish_non_exhaustive()
    }
}

/// An address below that of the server.
pub(crate) fn below<'a>(base: &Url, path: impl IntoIterator<Item = &'a str>) -> Url {
    let mut url = base.clone();
    url.path_segments_mut()
        .expect("addresses of HTTP have a path")
        .pop_if_empty()
        .extend(path);
    url
}

fn base(text: &str) -> Result<Url> {
    let refuse = |reason: String| Error::InvalidArgument {
        name: "base_url",
        reason,
    };
    let url = Url::parse(text).map_err(|error| refuse(format!("{text:?}: {error}")))?;
    if !["http", "https"].contains(&url.scheme()) || url.query().is_some() {
        return Err(refuse(format!(
            "{text:?} is not like https://fareway.example.com"
        )));
    }
    Ok(url)
}

/// TLS by ring with the certificates of the platform, whatever the rest of the program has chosen for itself.
fn tls(base: &Url) -> Result<ClientConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(Error::transport)?;
    // A machine without certificates may still speak to a server on its own network.
    if base.scheme() == "http" {
        return Ok(config
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth());
    }
    Ok(config
        .with_platform_verifier()
        .map_err(Error::transport)?
        .with_no_client_auth())
}
