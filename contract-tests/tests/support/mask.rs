//! Replaces what differs from run to run (ids, locators, serial numbers of tickets) by what kind it is and a number, the same
//! for the same value. Only what has the right form is replaced, so a malformed id shows up in the snapshot.
//! Times stay: the clocks of test worlds stand still.

use std::collections::HashMap;

use serde_json::Value;

/// What ids that are not signed tokens consist of after the prefix: 26 characters of Crockford's base 32.
const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";
const BODY_LEN: usize = 26;

/// Kinds of ids, by prefix: whether they are tokens of any length.
const PREFIXES: [(&str, bool); 25] = [
    ("orq_", true),
    ("off_", true),
    ("sli_", true),
    ("seg_", true),
    ("ord_", false),
    ("pas_", false),
    ("pay_", false),
    ("rfd_", false),
    ("ocn_", false),
    ("och_", false),
    ("evt_", false),
    ("clk_", false),
    ("req_", false),
    ("acc_", false),
    ("aud_", false),
    ("cli_", false),
    ("far_", false),
    ("hld_", false),
    ("jrn_", false),
    ("key_", false),
    ("sag_", false),
    ("scg_", false),
    ("srv_", false),
    ("whd_", false),
    ("whe_", false),
];

/// How secrets begin.
const SECRETS: [&str; 5] = ["sk_test_", "sk_live_", "cs_test_", "cs_live_", "whsec_"];

/// The value with all that differs from run to run masked.
pub fn masked(value: &Value) -> Value {
    let mut seen = Seen::default();
    seen.mask("", value)
}

#[derive(Default)]
struct Seen {
    names: HashMap<String, String>,
    counts: HashMap<String, usize>,
}

impl Seen {
    fn mask(&mut self, member: &str, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::from(self.text(member, text)),
            Value::Array(items) => items.iter().map(|item| self.mask(member, item)).collect(),
            Value::Object(members) => members
                .iter()
                .map(|(name, value)| (name.clone(), self.mask(name, value)))
                .collect(),
            other => other.clone(),
        }
    }

    fn text(&mut self, member: &str, text: &str) -> String {
        let kind = match member {
            "locator" if is_locator(text) => "locator".to_owned(),
            "number" if text.len() == 13 && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                format!("{}-ticket", &text[..3])
            }
            // A cursor is opaque, and may hold an id.
            "next_cursor" => "cursor".to_owned(),
            "access_token" if text.starts_with("fwt_") => "token".to_owned(),
            "secret" if SECRETS.iter().any(|prefix| text.starts_with(prefix)) => {
                "secret".to_owned()
            }
            "hash" | "previous_hash" | "head" if is_digest(text) => "hash".to_owned(),
            "last_four" if text.len() == 4 => "last four".to_owned(),
            _ => match id_kind(text) {
                Some(kind) => kind.to_owned(),
                None => return text.to_owned(),
            },
        };
        let (names, counts) = (&mut self.names, &mut self.counts);
        let name = names.entry(text.to_owned()).or_insert_with(|| {
            let count = counts.entry(kind.clone()).or_insert(0);
            *count += 1;
            format!("[{kind} {count}]")
        });
        name.clone()
    }
}

fn id_kind(text: &str) -> Option<&'static str> {
    let (prefix, token) = PREFIXES
        .iter()
        .find(|(prefix, _)| text.starts_with(prefix))?;
    let body = &text[prefix.len()..];
    let well_formed = match token {
        true => {
            !body.is_empty()
                && body
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte))
        }
        false => body.len() == BODY_LEN && body.chars().all(|char| ALPHABET.contains(char)),
    };
    well_formed.then_some(&prefix[..3])
}

/// SHA-256 in hexadecimal digits.
fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn is_locator(text: &str) -> bool {
    text.len() == 6
        && text
            .chars()
            .all(|char| "23456789BCDFGHJKLMNPQRSTVWXZ".contains(char))
}
