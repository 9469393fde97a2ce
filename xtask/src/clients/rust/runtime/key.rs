//! The credential: a key that goes with every request.

use http::{HeaderName, HeaderValue};
use reqwest::Url;

use crate::client::Client;
use crate::error::{Error, Result};

/// What says who asks.
pub(crate) struct Credential(HeaderValue);

impl Client {
    /// A client of the server at `base_url`, such as `https://fareway.example.com`, that sends the key `api_key`.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] when the address or the key cannot be one.
    pub fn new(base_url: impl AsRef<str>, api_key: impl AsRef<str>) -> Result<Client> {
        let mut key =
            HeaderValue::from_str(api_key.as_ref()).map_err(|_| Error::InvalidArgument {
                name: "api_key",
                reason: "a key is made of letters, digits and underscores".to_owned(),
            })?;
        key.set_sensitive(true);
        Client::with(base_url.as_ref(), Credential(key))
    }
}

impl Credential {
    pub(crate) const HEADER: HeaderName = HeaderName::from_static("api-key");

    pub(crate) async fn value(&self, _: &reqwest::Client, _: &Url) -> Result<HeaderValue> {
        Ok(self.0.clone())
    }

    /// What to try after a refusal: there is only one key.
    pub(crate) async fn renewed(
        &self,
        _: &reqwest::Client,
        _: &Url,
        _: &HeaderValue,
    ) -> Result<Option<HeaderValue>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use crate::Client;
    use crate::tests::{FINE, Server, get, header};

    #[tokio::test]
    async fn the_key_goes_with_every_request() {
        let server = Server::that_says(&[FINE]).await;
        get(&server.client()).send().await.unwrap();
        assert_eq!(header(&server.requests()[0], "api-key"), "sk_test_1");
        let error = Client::new(&server.url, "sk\n").err().unwrap();
        assert_eq!(
            error.to_string(),
            "api_key: a key is made of letters, digits and underscores"
        );
    }
}
