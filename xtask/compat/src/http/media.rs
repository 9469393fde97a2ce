//! Names of media types (RFC 9110, 8.3): case does not count, parameters and ranges do.

/// A media type or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    kind: String,
    inner: String,
    parameters: Vec<(String, String)>,
}

impl Media {
    /// Reads a name; what makes no sense is a name that equals itself only.
    pub fn read(name: &str) -> Media {
        let mut parts = name.split(';');
        let whole = parts.next().unwrap_or_default().trim().to_lowercase();
        let (kind, inner) = whole.split_once('/').unwrap_or((&whole, ""));
        let parameter = |part: &str| {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim().to_lowercase(), value.trim().trim_matches('"'));
            let value = match name.as_str() {
                "charset" => value.to_lowercase(),
                _ => value.to_owned(),
            };
            Some((name, value))
        };
        let mut media = Media {
            kind: kind.to_owned(),
            inner: inner.to_owned(),
            parameters: parts.filter_map(parameter).collect(),
        };
        // JSON has no charset (RFC 8259, 11), and a weight is no part of the type.
        let is_json = media.is_json();
        media
            .parameters
            .retain(|(name, _)| name != "q" && !(is_json && name == "charset"));
        media.parameters.sort();
        media
    }

    /// It takes every type that another one takes.
    pub fn takes(&self, other: &Media) -> bool {
        let kind = self.kind == "*" || self.kind == other.kind;
        let inner = self.inner == "*" || self.inner == other.inner;
        let parameters = &self.parameters;
        kind && inner && parameters.iter().all(|own| other.parameters.contains(own))
    }

    /// It is a range.
    pub fn is_range(&self) -> bool {
        self.inner == "*"
    }

    pub fn is_json(&self) -> bool {
        self.inner == "json" || self.inner.ends_with("+json")
    }

    pub fn is_form(&self) -> bool {
        self.kind == "application" && self.inner == "x-www-form-urlencoded"
    }

    pub fn is_multipart(&self) -> bool {
        self.kind == "multipart"
    }

    pub fn is_text(&self) -> bool {
        self.kind == "text"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_take_what_is_in_them() {
        let takes = |one: &str, other: &str| Media::read(one).takes(&Media::read(other));
        assert!(takes("*/*", "text/plain"));
        assert!(takes("Application/*", "application/json"));
        assert!(!takes("application/json", "application/*"));
        assert!(takes("application/json", "application/json; charset=utf-8"));
        assert!(takes("application/json;charset=UTF-8", "application/json"));
        assert!(takes("text/plain", "text/plain; charset=utf-8"));
        assert!(!takes("text/plain; charset=utf-8", "text/plain"));
        assert!(!takes("application/x; v=1", "application/x; v=2"));
    }
}
