//! Access tokens: whose they are, for which door, for what and until when, signed. Nothing is stored of them.
//!
//! The digest of the client's secret is signed with the rest but not carried, so that a token ends with the secret that it was
//! given for. Nothing in a token is secret but what makes the signature.

use data_encoding::BASE64URL_NOPAD;
use hmac::{Hmac, Mac};
use sha2::Sha256;

/// What every token starts with.
pub const PREFIX: &str = "fwt_";
const VERSION: u8 = 1;
const MAC_LEN: usize = 32;

/// The key that tokens are signed with.
pub struct TokenKey(Hmac<Sha256>);

/// What a token says.
#[derive(Clone, Debug, PartialEq)]
pub struct Claims {
    pub client_id: String,
    pub audience: String,
    pub scopes: Vec<String>,
    /// On the machine's clock, in microseconds since the Unix epoch.
    pub expires_at_us: i64,
}

/// A token that was read; what it says holds once it is verified.
pub struct Token {
    payload: Vec<u8>,
    mac: Vec<u8>,
    pub claims: Claims,
}

impl TokenKey {
    /// Of 32 secret bytes.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"))
    }

    /// Writes and signs a token for the holder of the secret with this digest.
    pub fn sign(&self, claims: &Claims, digest: &[u8; 32]) -> String {
        let mut payload = vec![VERSION];
        payload.extend(claims.expires_at_us.to_be_bytes());
        for text in [
            &claims.client_id,
            &claims.audience,
            &claims.scopes.join(" "),
        ] {
            let len = u16::try_from(text.len()).expect("ids and scopes are short");
            payload.extend(len.to_be_bytes());
            payload.extend(text.as_bytes());
        }
        let mac = self.mac(&payload, digest).finalize().into_bytes();
        payload.extend(mac);
        format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&payload))
    }

    /// Whether a token was signed here for the holder of the secret with this digest.
    pub fn verify(&self, token: &Token, digest: &[u8; 32]) -> bool {
        self.mac(&token.payload, digest)
            .verify_slice(&token.mac)
            .is_ok()
    }

    fn mac(&self, payload: &[u8], digest: &[u8; 32]) -> Hmac<Sha256> {
        self.0.clone().chain_update(payload).chain_update(digest)
    }
}

impl Token {
    /// Reads a token; `None` when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut payload = BASE64URL_NOPAD
            .decode(text.strip_prefix(PREFIX)?.as_bytes())
            .ok()?;
        let mac = payload.split_off(payload.len().checked_sub(MAC_LEN)?);
        let rest = payload.strip_prefix(&[VERSION])?;
        let (expires_at_us, mut rest) = rest.split_first_chunk::<8>()?;
        let mut text = || {
            let (len, after) = rest.split_first_chunk::<2>()?;
            let (text, after) = after.split_at_checked(usize::from(u16::from_be_bytes(*len)))?;
            rest = after;
            String::from_utf8(text.to_vec()).ok()
        };
        let (client_id, audience, scopes) = (text()?, text()?, text()?);
        let claims = Claims {
            client_id,
            audience,
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            expires_at_us: i64::from_be_bytes(*expires_at_us),
        };
        Some(Self {
            payload,
            mac,
            claims,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            client_id: "cli_1".to_owned(),
            audience: "one".to_owned(),
            scopes: vec!["a:read".to_owned(), "b:write".to_owned()],
            expires_at_us: 900_000_000,
        }
    }

    #[test]
    fn token_says_what_was_signed_and_no_other_key_or_secret_opens_it() {
        let key = TokenKey::new(&[1; 32]);
        let text = key.sign(&claims(), &[2; 32]);
        let token = Token::parse(&text).expect("it is one");
        assert_eq!(token.claims, claims());
        assert!(key.verify(&token, &[2; 32]));
        assert!(!key.verify(&token, &[3; 32]));
        assert!(!TokenKey::new(&[9; 32]).verify(&token, &[2; 32]));
    }

    #[test]
    fn any_changed_byte_is_noticed() {
        let key = TokenKey::new(&[1; 32]);
        let text = key.sign(&claims(), &[2; 32]);
        let bytes = BASE64URL_NOPAD
            .decode(&text.as_bytes()[PREFIX.len()..])
            .expect("base64");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = format!("{PREFIX}{}", BASE64URL_NOPAD.encode(&changed));
            let opens = Token::parse(&changed).is_some_and(|token| key.verify(&token, &[2; 32]));
            assert!(!opens, "byte {at}");
        }
        for text in [
            "",
            "fwt_",
            "fwt_AAAA",
            "fwt_=",
            "sk_test_Fareway0Sandbox0Key00000kEVaV",
        ] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
