//! The credential: a token that goes with every request, fetched for the id and the secret of a client (RFC 6749 §4.4), kept while
//! it is good, and fetched once however many calls wait for it.

use std::time::{Duration, Instant};

use http::{HeaderName, HeaderValue, StatusCode, header};
use reqwest::Url;
use serde::Deserialize;
use serde::de::Error as _;
use tokio::sync::Mutex;

use crate::answer::Answer;
use crate::client::{Client, below};
use crate::error::{Error, OAuthError, Result};

/// How long before its end a token is no longer sent, so that it does not end on its way.
const MARGIN: Duration = Duration::from_secs(30);

/// What says who asks.
pub(crate) struct Credential {
    id: String,
    secret: String,
    token: Mutex<Option<Token>>,
}

struct Token {
    value: HeaderValue,
    until: Instant,
}

/// What the server grants.
#[derive(Deserialize)]
struct Grant {
    access_token: String,
    expires_in: u64,
}

impl Client {
    /// A client of the server at `base_url`, such as `https://fareway.example.com`, that gets its tokens there with `client_id` and
    /// `client_secret`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when the address cannot be one.
    pub fn new(
        base_url: impl AsRef<str>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Result<Client> {
        let credential = Credential {
            id: client_id.into(),
            secret: client_secret.into(),
            token: Mutex::default(),
        };
        Client::with(base_url.as_ref(), credential)
    }
}

impl Credential {
    pub(crate) const HEADER: HeaderName = header::AUTHORIZATION;

    /// The token, fetched when there is none that is good.
    pub(crate) async fn value(&self, http: &reqwest::Client, base: &Url) -> Result<HeaderValue> {
        // Whoever comes while one fetches waits here, and takes what was fetched.
        let mut token = self.token.lock().await;
        match &*token {
            Some(token) if Instant::now() < token.until => Ok(token.value.clone()),
            _ => Ok(token.insert(self.fetch(http, base).await?).value.clone()),
        }
    }

    /// What to try after a refusal: a new token, once for all whose calls were refused.
    pub(crate) async fn renewed(
        &self,
        http: &reqwest::Client,
        base: &Url,
        refused: &HeaderValue,
    ) -> Result<Option<HeaderValue>> {
        let mut token = self.token.lock().await;
        token.take_if(|token| token.value == *refused);
        drop(token);
        self.value(http, base).await.map(Some)
    }

    async fn fetch(&self, http: &reqwest::Client, base: &Url) -> Result<Token> {
        let request = http
            .post(below(base, ["oauth", "token"]))
            .basic_auth(&self.id, Some(&self.secret))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body("grant_type=client_credentials");
        let asked = Instant::now();
        let answer = Answer::receive(request.send().await).await?;
        if [StatusCode::BAD_REQUEST, StatusCode::UNAUTHORIZED].contains(&answer.status)
            && let Ok(refusal) = serde_json::from_slice::<OAuthError>(&answer.body)
        {
            return Err(Error::OAuth(refusal));
        }
        let token = answer.success()?.read(|body| {
            let grant: Grant = serde_json::from_slice(body)?;
            let mut value = HeaderValue::try_from(format!("Bearer {}", grant.access_token))
                .map_err(serde_json::Error::custom)?;
            value.set_sensitive(true);
            let life = Duration::from_secs(grant.expires_in).saturating_sub(MARGIN);
            Ok(Token {
                value,
                until: asked + life,
            })
        })?;
        Ok(token.body)
    }
}

#[cfg(test)]
mod tests {
    use crate::tests::{FINE, Server, connect, get, header};
    use crate::{Error, ProblemCode};

    const REFUSED: &str = concat!(
        "401\r\n\r\n",
        r#"{"title":"t","status":401,"detail":"d","code":"unauthenticated","request_id":"req_4","retryable":false}"#
    );

    #[tokio::test]
    async fn a_token_is_shared_and_renewed() {
        let server =
            Server::that_says(&[FINE, FINE, FINE, FINE, REFUSED, FINE, FINE, FINE, REFUSED]).await;
        let client = server.client();
        let calls = [(); 4].map(|()| {
            let call = get(&client);
            tokio::spawn(async move { call.send().await.map(|_| ()) })
        });
        for call in calls {
            call.await.unwrap().unwrap();
        }
        // The fifth is refused and made again with a new token; the ninth is refused again with a newer one.
        for _ in 0..3 {
            get(&client).send().await.unwrap();
        }
        let error = get(&client).send().await.err().unwrap();
        assert_eq!(error.code(), Some(&ProblemCode::Unauthenticated));
        let all = server.requests.lock().unwrap().clone();
        let tokens: Vec<_> = all.iter().map(|it| header(it, "authorization")).collect();
        let asked = "Basic Y2xpX3Rlc3RfMTpjc190ZXN0XzE=";
        assert_eq!(
            tokens,
            [
                asked,
                "Bearer t0",
                "Bearer t0",
                "Bearer t0",
                "Bearer t0",
                "Bearer t0",
                asked,
                "Bearer t1",
                "Bearer t1",
                "Bearer t1",
                "Bearer t1",
                asked,
                "Bearer t2"
            ]
        );
        // That one is at its end.
        get(&client).send().await.err().unwrap();
        let all = server.requests.lock().unwrap().clone();
        assert_eq!(header(&all[14], "authorization"), "Bearer t3");
        assert!(all[0].starts_with("POST /below/oauth/token "), "{}", all[0]);
        assert!(
            all[0].ends_with("\r\n\r\ngrant_type=client_credentials"),
            "{}",
            all[0]
        );
    }

    #[tokio::test]
    async fn a_client_that_gets_no_token_is_told_why() {
        let server = Server::that_says(&[FINE]).await;
        let client = connect(&server.url.replace("below", "strangers")).unwrap();
        let error = get(&client).send().await.err().unwrap();
        assert!(
            matches!(&error, Error::OAuth(refusal) if refusal.error == "invalid_client"),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            "no token: invalid_client: Nobody has this secret."
        );
        assert_eq!(server.requests(), <[String; 0]>::default());
    }
}
