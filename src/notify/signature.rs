//! Signatures of payloads, by the version 1 of Standard Webhooks: an HMAC-SHA-256 over id, time and body.
//!
//! Endpoints' secrets are not stored: each follows from the installation's key and a salt of its own, so that a copy of the
//! database signs nothing.

use data_encoding::BASE64;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// The secret of this installation from which those of endpoints follow; it is not in the database.
#[derive(Clone)]
pub struct MasterKey(pub [u8; 32]);

/// Chance that makes an endpoint's secret its own.
pub type Salt = [u8; 16];

/// What an endpoint's payloads are signed with.
pub struct Secret([u8; 32]);

impl Secret {
    /// That of an endpoint.
    pub fn of(key: &MasterKey, endpoint_id: &str, salt: &Salt) -> Self {
        let mac = hmac(&key.0).chain_update(salt).chain_update(endpoint_id);
        Self(mac.finalize().into_bytes().into())
    }

    /// As its owner is shown it, once.
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64.encode(&self.0))
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, event_id: &str, seconds: i64, body: &[u8]) -> String {
        sign(&self.0, event_id, seconds, body)
    }
}

fn sign(secret: &[u8], event_id: &str, seconds: i64, body: &[u8]) -> String {
    let mac = hmac(secret)
        .chain_update(format!("{event_id}.{seconds}."))
        .chain_update(body);
    format!("v1,{}", BASE64.encode(&mac.finalize().into_bytes()))
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_the_standard() {
        // The example that the libraries of Standard Webhooks are tested with.
        let secret = BASE64
            .decode(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
            .expect("base64");
        let signed = sign(
            &secret,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let ours = Secret(std::array::from_fn(|n| u8::try_from(n).unwrap()));
        assert_eq!(
            ours.sign("evt_1", 1_803_891_600, b"{}"),
            "v1,tD/DBk5VK8kxiZwu7iQ6fY4fdn+AtFWA0vdmqYIkJ/o="
        );
    }

    #[test]
    fn secrets_follow_from_key_endpoint_and_salt() {
        let of = |key: u8, id: &str, salt: u8| {
            Secret::of(&MasterKey([key; 32]), id, &[salt; 16]).reveal()
        };
        let secret = of(1, "whe_1", 1);
        assert_eq!(secret, of(1, "whe_1", 1));
        let body = secret.strip_prefix("whsec_").expect("the prefix");
        assert_eq!(BASE64.decode(body.as_bytes()).expect("base64").len(), 32);
        for other in [of(2, "whe_1", 1), of(1, "whe_2", 1), of(1, "whe_1", 2)] {
            assert_ne!(secret, other);
        }
    }
}
