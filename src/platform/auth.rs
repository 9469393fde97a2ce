//! Who asks: turns a credential into a caller by asking the identity service at every request, so that the time of the caller's
//! world is right. Knows nothing of headers.

use std::time::Duration;

use tonic::Status;

use super::status;
use crate::api::problem::Code;
use crate::rpc::identity::v1::{CredentialsClient, VerifyCredentialRequest};

/// How long identity may take to answer.
const VERIFY_WITHIN: Duration = Duration::from_secs(2);

/// Whoever makes a request, in which world, and what time it is there.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account on whose behalf it is made.
    pub account_id: String,
    /// The key that it was made with (its id, not its secret).
    pub key_id: String,
    /// The world of the account.
    pub world: String,
    /// The time in that world, in microseconds since the Unix epoch.
    pub now_us: i64,
    /// Whether the world is the live one.
    pub livemode: bool,
    /// What the key may do.
    pub scopes: Vec<String>,
    /// The id of the request.
    pub request_id: String,
    /// How long the operation may take in all.
    pub deadline: Duration,
}

impl Caller {
    /// Whether the key has a scope; every key has the empty one.
    pub fn may(&self, scope: &str) -> bool {
        scope.is_empty() || self.scopes.iter().any(|granted| granted == scope)
    }
}

/// Turns credentials into callers.
#[derive(Clone)]
pub struct Authenticator {
    credentials: CredentialsClient,
    shut: Option<&'static str>,
}

impl Authenticator {
    /// Asks identity through this client; keys of the world `shut` are refused.
    pub fn new(credentials: CredentialsClient, shut: Option<&'static str>) -> Authenticator {
        Authenticator { credentials, shut }
    }

    /// Says who holds a secret; `audience` is the door it was given at.
    ///
    /// # Errors
    /// `unauthenticated` when nobody does, and whatever keeps identity from answering.
    pub async fn authenticate(
        &self,
        secret: &str,
        audience: &str,
        request_id: &str,
        deadline: Duration,
    ) -> Result<Caller, Status> {
        let request = VerifyCredentialRequest {
            secret: secret.to_owned(),
            audience: audience.to_owned(),
        };
        let principal = self
            .credentials
            .verify_credential(request, VERIFY_WITHIN)
            .await?;
        if self.shut == Some(principal.world.as_str()) {
            return Err(status::refuse(
                Code::Unauthenticated,
                "this world is not open here",
            ));
        }
        Ok(Caller {
            account_id: principal.account_id,
            key_id: principal.key_id,
            world: principal.world,
            now_us: principal.now_us,
            livemode: principal.livemode,
            scopes: principal.scopes,
            request_id: request_id.to_owned(),
            deadline,
        })
    }
}
