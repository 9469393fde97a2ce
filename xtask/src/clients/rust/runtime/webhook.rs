//! Webhooks: whether Fareway has sent one, by the version 1 of Standard Webhooks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use http::HeaderMap;
use sha2::Sha256;

use crate::Payload;

/// How far the clocks of sender and receiver may differ.
const TOLERANCE: Duration = Duration::from_secs(5 * 60);

/// Why a webhook is not to be trusted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The secret is not like `whsec_…`.
    #[error("the secret is not base64 behind `whsec_`")]
    Secret,
    /// A header is absent or unreadable.
    #[error("no header `{0}` that can be read")]
    Header(&'static str),
    /// It was signed more than five minutes ago, or ahead of time.
    #[error("signed more than five minutes before or after now")]
    Time,
    /// No signature is right: it is forged, or of another endpoint.
    #[error("no signature of it is right")]
    Signature,
    /// It is genuine, but its body does not keep to the contract.
    #[error("the body is not a payload of this contract")]
    Payload(#[source] serde_json::Error),
}

/// Reads a webhook that came with these `headers` and this `body`, byte for byte, to the endpoint with this `secret`, `now`.
///
/// A webhook may come more than once; `Webhook-Id` is the same each time.
///
/// # Errors
///
/// When it is not to be trusted: answer 400, and do nothing else.
pub fn verify(
    secret: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<Payload, WebhookError> {
    check(secret, headers, body, now)?;
    serde_json::from_slice(body).map_err(WebhookError::Payload)
}

fn check(
    secret: &str,
    headers: &HeaderMap,
    body: &[u8],
    now: SystemTime,
) -> Result<(), WebhookError> {
    let key = secret.strip_prefix("whsec_").unwrap_or(secret);
    let key = BASE64
        .decode(key.as_bytes())
        .map_err(|_| WebhookError::Secret)?;
    let header = |name: &'static str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.ok_or(WebhookError::Header(name))
    };
    let (id, timestamp) = (header("webhook-id")?, header("webhook-timestamp")?);
    let mac = Hmac::<Sha256>::new_from_slice(&key)
        .expect("HMAC takes a key of any length")
        .chain_update(format!("{id}.{timestamp}."))
        .chain_update(body);
    let genuine = header("webhook-signature")?
        .split(' ')
        .filter_map(|signature| signature.strip_prefix("v1,"))
        .filter_map(|signature| BASE64.decode(signature.as_bytes()).ok())
        .any(|signature| mac.clone().verify_slice(&signature).is_ok());
    if !genuine {
        return Err(WebhookError::Signature);
    }
    let signed = timestamp
        .parse()
        .ok()
        .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
        .ok_or(WebhookError::Header("webhook-timestamp"))?;
    let apart = now
        .duration_since(signed)
        .unwrap_or_else(|ahead| ahead.duration());
    match apart <= TOLERANCE {
        true => Ok(()),
        false => Err(WebhookError::Time),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the libraries of Standard Webhooks are tested with.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const SECONDS: u64 = 1_614_265_330;
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    fn headers(id: &str, timestamp: &str, signature: &str) -> HeaderMap {
        let pairs = [
            ("webhook-id", id),
            ("webhook-timestamp", timestamp),
            ("webhook-signature", signature),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        pairs
            .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
            .collect()
    }

    fn judged(secret: &str, headers: &HeaderMap, body: &[u8], after: i64) -> String {
        let now = UNIX_EPOCH + Duration::from_secs(SECONDS.saturating_add_signed(after));
        match check(secret, headers, body, now) {
            Ok(()) => "genuine".to_owned(),
            Err(error) => format!("{error:?}"),
        }
    }

    #[test]
    fn only_what_was_signed_lately_with_the_secret_is_genuine() {
        let time = SECONDS.to_string();
        let several = format!("v1a,xyz v1,{} {SIGNATURE}", BASE64.encode(&[7; 32]));
        let good = headers(ID, &time, SIGNATURE);
        let other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        for (secret, headers, body, after, verdict) in [
            (SECRET, good.clone(), BODY, 0, "genuine"),
            (&SECRET[6..], good.clone(), BODY, 0, "genuine"),
            (SECRET, headers(ID, &time, &several), BODY, 0, "genuine"),
            (SECRET, good.clone(), BODY, 300, "genuine"),
            (SECRET, good.clone(), BODY, -300, "genuine"),
            (SECRET, good.clone(), BODY, 301, "Time"),
            (SECRET, good.clone(), BODY, -301, "Time"),
            (SECRET, good.clone(), b"{}", 0, "Signature"),
            (other, good.clone(), BODY, 0, "Signature"),
            (
                SECRET,
                headers("msg_1", &time, SIGNATURE),
                BODY,
                0,
                "Signature",
            ),
            (
                SECRET,
                headers(ID, "1614265331", SIGNATURE),
                BODY,
                0,
                "Signature",
            ),
            (SECRET, headers(ID, &time, "v1,"), BODY, 0, "Signature"),
            (
                SECRET,
                headers(ID, &time, &SIGNATURE[3..]),
                BODY,
                0,
                "Signature",
            ),
            (
                SECRET,
                headers("", &time, SIGNATURE),
                BODY,
                0,
                "Header(\"webhook-id\")",
            ),
            (
                SECRET,
                headers(ID, "", SIGNATURE),
                BODY,
                0,
                "Header(\"webhook-timestamp\")",
            ),
            (
                SECRET,
                headers(ID, &time, ""),
                BODY,
                0,
                "Header(\"webhook-signature\")",
            ),
            ("whsec_?", good.clone(), BODY, 0, "Secret"),
        ] {
            assert_eq!(judged(secret, &headers, body, after), verdict);
        }
    }

    #[test]
    fn a_signed_body_must_keep_to_the_contract() {
        let now = UNIX_EPOCH + Duration::from_secs(SECONDS);
        let headers = headers(ID, &SECONDS.to_string(), SIGNATURE);
        let error = verify(SECRET, &headers, BODY, now).unwrap_err();
        assert!(matches!(error, WebhookError::Payload(_)), "{error:?}");
    }
}
