//! The secrets of keys (`sk_`) and of clients (`cs_`): the kind, `live_` or `test_`, and at least 22 characters of base 62. The
//! last six of those made here hold the CRC-32 of all before them; a key's are checked, so that a mistyped or made-up one is
//! refused without a look-up. A client's secret comes with its id, so one that was chosen need not have them. Only digests are
//! ever stored.

use sha2::{Digest, Sha256};

use super::store::Kind;
use crate::kernel::chance::Chance;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 32 characters of base 62 carry 190 bits.
const BODY_LEN: usize = 32;
const BODY_LEN_MIN: usize = 22;
const CHECKSUM_LEN: usize = 6;
const LEN_MAX: usize = 100;

/// A secret whose form is right; whether anybody has it is another question.
pub struct Secret {
    text: String,
    live: bool,
}

impl Secret {
    /// Makes a secret nobody can guess.
    pub fn new(kind: Kind, live: bool, chance: &Chance) -> Self {
        let mut text = prefix(kind, live).to_owned();
        for _ in 0..BODY_LEN {
            let digit = usize::try_from(chance.below(62)).expect("a number below 62 fits");
            text.push(char::from(ALPHABET[digit]));
        }
        text += &checksum(&text);
        Self { text, live }
    }

    /// Reads a secret; `None` when its form, or a key's checksum, is wrong.
    pub fn parse(kind: Kind, text: &str) -> Option<Self> {
        let (rest, live) = [true, false]
            .into_iter()
            .find_map(|live| Some((text.strip_prefix(prefix(kind, live))?, live)))?;
        let formed = (BODY_LEN_MIN + CHECKSUM_LEN..=LEN_MAX).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (body, given) = formed.then(|| text.split_at(text.len() - CHECKSUM_LEN))?;
        (kind == Kind::Client || checksum(body) == given).then(|| Self {
            text: text.to_owned(),
            live,
        })
    }

    /// Whether it is for the live world.
    pub fn is_live(&self) -> bool {
        self.live
    }

    /// What is stored in its place. Secrets hold so much chance that no slow hash is needed.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.text.as_bytes()).into()
    }

    /// The end that people tell their keys apart by.
    pub fn last_four(&self) -> &str {
        &self.text[self.text.len() - 4..]
    }

    /// The secret itself.
    pub fn reveal(self) -> String {
        self.text
    }
}

fn prefix(kind: Kind, live: bool) -> &'static str {
    match (kind, live) {
        (Kind::ApiKey, true) => "sk_live_",
        (Kind::ApiKey, false) => "sk_test_",
        (Kind::Client, true) => "cs_live_",
        (Kind::Client, false) => "cs_test_",
    }
}

fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes());
    let mut digits = [b'0'; CHECKSUM_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[usize::try_from(rest % 62).expect("a number below 62 fits")];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_changed_character_of_a_key_is_noticed() {
        let secret = Secret::new(Kind::ApiKey, true, &Chance::seeded(1));
        assert!(secret.is_live());
        let text = secret.reveal();
        let parse = |text: &str| Secret::parse(Kind::ApiKey, text);
        assert!(parse(&text).is_some());
        assert!(parse(&text.replace("sk_live_", "sk_test_")).is_none());
        for at in 8..text.len() {
            let other = if &text[at..=at] == "0" { "1" } else { "0" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(parse(&changed).is_none(), "{changed}");
        }
    }

    #[test]
    fn ill_formed_secrets_are_nobodys() {
        for text in [
            "",
            "sk_test_",
            "sk_live_short000000",
            "pk_test_Fareway0Sandbox0Key0000000000",
            "sk_test_Fareway0Sandbox-Key0000ééééé",
            "cs_test_Fareway0Sandbox0Agency0Secret",
        ] {
            assert!(Secret::parse(Kind::ApiKey, text).is_none(), "{text}");
        }
        for text in ["cs_test_tooshort", "sk_test_Fareway0Sandbox0Key00000kEVaV"] {
            assert!(Secret::parse(Kind::Client, text).is_none(), "{text}");
        }
    }

    #[test]
    fn secrets_of_one_source_differ_and_tell_their_kind() {
        let chance = Chance::seeded(1);
        let client = Secret::new(Kind::Client, false, &chance);
        assert_ne!(
            client.digest(),
            Secret::new(Kind::Client, false, &chance).digest()
        );
        let text = client.reveal();
        assert!(text.starts_with("cs_test_"));
        assert!(Secret::parse(Kind::Client, &text).is_some_and(|secret| !secret.is_live()));
        assert!(Secret::parse(Kind::ApiKey, &text).is_none());
    }
}
