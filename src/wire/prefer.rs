//! The `Prefer` header (RFC 7240), as far as operations honour it.

/// Seconds of `wait=n`; the first one counts, and what cannot be read is ignored, as the RFC wants.
pub fn wait_seconds(header: &str) -> Option<u64> {
    preferences(header)
        .find(|(name, _)| name.eq_ignore_ascii_case("wait"))
        .and_then(|(_, value)| value.parse().ok())
}

/// Whether `respond-async` is preferred.
pub fn respond_async(header: &str) -> bool {
    preferences(header).any(|(name, _)| name.eq_ignore_ascii_case("respond-async"))
}

fn preferences(header: &str) -> impl Iterator<Item = (&str, &str)> {
    header.split(',').map(|preference| {
        let preference = preference.split(';').next().unwrap_or_default();
        let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
        (name.trim(), value.trim().trim_matches('"'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_and_nonsense_is_ignored() {
        assert_eq!(wait_seconds("wait=10"), Some(10));
        assert_eq!(wait_seconds("respond-async, Wait = \"5\"; x=1"), Some(5));
        assert_eq!(wait_seconds("wait=soon"), None);
        assert_eq!(wait_seconds("return=minimal"), None);
        assert!(respond_async("wait=1, respond-async"));
        assert!(!respond_async("wait=1"));
    }
}
