//! Entity tags and the conditions on them (RFC 9110, section 13).

use data_encoding::HEXLOWER;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The strong entity tag of a version.
pub fn of_version(version: i64) -> String {
    format!("\"{version}\"")
}

/// The strong entity tag of a body that has no version: a digest of its bytes.
///
/// # Panics
/// Never: generated types have string keys and no failing members.
pub fn of_body<T: Serialize>(body: &T) -> String {
    of_bytes(&serde_json::to_vec(body).expect("generated types serialise"))
}

/// The strong entity tag of bytes that have no version.
pub fn of_bytes(bytes: &[u8]) -> String {
    format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(bytes)[..16]))
}

/// Whether an `If-None-Match` names the tag (weak comparison), so that the answer is 304.
pub fn none_match_hits(header: &str, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    header.trim() == "*"
        || header
            .split(',')
            .any(|candidate| opaque(candidate) == opaque(tag))
}

/// Whether an `If-Match` names the tag (strong comparison), so that the change may be made.
pub fn match_hits(header: &str, tag: &str) -> bool {
    header.trim() == "*"
        || header
            .split(',')
            .any(|candidate| candidate.trim() == tag && !tag.starts_with("W/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_compare_tags_as_rfc_9110_says() {
        let tag = of_version(3);
        for (header, none_match, matched) in [
            ("\"3\"", true, true),
            ("W/\"3\"", true, false),
            ("\"1\", \"3\"", true, true),
            ("*", true, true),
            ("\"2\"", false, false),
            ("3", false, false),
        ] {
            assert_eq!(
                (none_match_hits(header, &tag), match_hits(header, &tag)),
                (none_match, matched),
                "{header}"
            );
        }
    }
}
