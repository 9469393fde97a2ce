//! The secret of an API key: `sk_test_` or `sk_live_`, at least 22 characters of base 62, and 6 that hold the CRC-32 of all
//! before them, so that a mistyped or made-up secret is refused without a look-up. Only its digest is ever stored.

use sha2::{Digest, Sha256};

use crate::kernel::chance::Chance;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 32 characters of base 62 carry 190 bits.
const BODY_LEN: usize = 32;
const BODY_LEN_MIN: usize = 22;
const CHECKSUM_LEN: usize = 6;
const LEN_MAX: usize = 100;

/// A secret whose form and checksum are right; whether anybody has it is another question.
pub struct Secret(String);

impl Secret {
    /// Makes a secret nobody can guess.
    pub fn new(live: bool, chance: &Chance) -> Self {
        let mut text = String::from(if live { "sk_live_" } else { "sk_test_" });
        for _ in 0..BODY_LEN {
            let digit = usize::try_from(chance.below(62)).expect("a number below 62 fits");
            text.push(char::from(ALPHABET[digit]));
        }
        let checksum = checksum(&text);
        Self(text + &checksum)
    }

    /// Reads a secret; `None` when its form or its checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text
            .strip_prefix("sk_test_")
            .or_else(|| text.strip_prefix("sk_live_"))?;
        let formed = (BODY_LEN_MIN + CHECKSUM_LEN..=LEN_MAX).contains(&rest.len())
            && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let (body, given) = formed.then(|| text.split_at(text.len() - CHECKSUM_LEN))?;
        (checksum(body) == given).then(|| Self(text.to_owned()))
    }

    /// Whether it is for the live world.
    pub fn is_live(&self) -> bool {
        self.0.starts_with("sk_live_")
    }

    /// What is stored in its place. Secrets hold so much chance that no slow hash is needed.
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// The end that people tell their keys apart by.
    pub fn last_four(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// The secret itself.
    pub fn reveal(self) -> String {
        self.0
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
    fn any_changed_character_is_noticed() {
        let secret = Secret::new(true, &Chance::seeded(1));
        assert!(secret.is_live());
        let text = secret.reveal();
        assert!(Secret::parse(&text).is_some());
        assert!(Secret::parse(&text.replace("sk_live_", "sk_test_")).is_none());
        for at in 8..text.len() {
            let other = if &text[at..=at] == "0" { "1" } else { "0" };
            let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
            assert!(Secret::parse(&changed).is_none(), "{changed}");
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
        ] {
            assert!(Secret::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn secrets_of_one_source_differ() {
        let chance = Chance::seeded(1);
        assert_ne!(
            Secret::new(false, &chance).digest(),
            Secret::new(false, &chance).digest()
        );
    }
}
