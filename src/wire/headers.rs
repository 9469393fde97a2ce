//! Request headers that the pipeline itself understands: what is accepted, what is sent, who asks.

use http::{HeaderMap, header};

use super::operation::{Credential, Media};
use super::problem::{Problem, Violation};
use crate::api::problem::Code;

/// Checks that one of the media types an operation produces is acceptable.
///
/// # Errors
/// `not_acceptable` when `Accept` excludes them all.
pub fn acceptable(headers: &HeaderMap, produces: &[&str]) -> Result<(), Problem> {
    if produces.iter().any(|media| accepts(headers, media)) {
        return Ok(());
    }
    Err(Problem::new(
        Code::NotAcceptable,
        format!("this operation answers {}", produces.join(" or ")),
    ))
}

fn accepts(headers: &HeaderMap, produces: &str) -> bool {
    let mut present = false;
    let (kind, _) = produces.split_once('/').unwrap_or((produces, ""));
    // The range that says most about the type decides, wherever it stands (RFC 9110, section 12.5.1).
    let ranges = [produces.to_owned(), format!("{kind}/*"), "*/*".to_owned()];
    let mut wanted = [None; 3];
    for value in headers.get_all(header::ACCEPT) {
        present = true;
        for range in value.to_str().unwrap_or_default().split(',') {
            let mut parts = range.split(';').map(str::trim);
            let media = parts.next().unwrap_or_default().to_ascii_lowercase();
            let refused = parts.any(|parameter| {
                parameter.split_once('=').is_some_and(|(name, value)| {
                    name.trim().eq_ignore_ascii_case("q") && value.trim().parse() == Ok(0.0)
                })
            });
            if let Some(at) = ranges.iter().position(|range| *range == media) {
                wanted[at] = Some(wanted[at].unwrap_or(false) || !refused);
            }
        }
    }
    !present || wanted.into_iter().flatten().next() == Some(true)
}

/// Checks that a body is announced as it is to be written, in UTF-8.
///
/// # Errors
/// `unsupported_media_type` when it is not, or when nothing is announced.
pub fn announced(headers: &HeaderMap, wanted: Media) -> Result<(), Problem> {
    let mut values = headers.get_all(header::CONTENT_TYPE).into_iter();
    let announced = match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default(),
        _ => "",
    };
    let mut parts = announced.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let charset_fits = parts.filter(|part| !part.is_empty()).all(|parameter| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("charset")
            && value.trim().trim_matches('"').eq_ignore_ascii_case("utf-8")
    });
    let encoded = headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|value| !value.as_bytes().eq_ignore_ascii_case(b"identity"));
    if media.eq_ignore_ascii_case(wanted.as_str()) && charset_fits && !encoded {
        return Ok(());
    }
    Err(Problem::new(
        Code::UnsupportedMediaType,
        format!(
            "send the body as {} in UTF-8, without a content encoding",
            wanted.as_str()
        ),
    ))
}

/// The secret in the `Api-Key` header.
///
/// # Errors
/// `unauthenticated` when there is none, or more than one.
pub fn api_key(headers: &HeaderMap) -> Result<&str, Problem> {
    let mut values = headers.get_all("api-key").into_iter();
    match (
        values.next().and_then(|value| value.to_str().ok()),
        values.next(),
    ) {
        (Some(secret), None) if !secret.is_empty() => Ok(secret),
        _ => Err(unauthenticated(
            "ApiKey realm=\"fareway\"",
            "send your key in the Api-Key header",
        )),
    }
}

/// The access token in the `Authorization` header.
///
/// # Errors
/// `unauthenticated` when there is none.
pub fn bearer(headers: &HeaderMap) -> Result<&str, Problem> {
    match authorization(headers) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() => {
            Ok(token)
        }
        _ => Err(unauthenticated(
            "Bearer realm=\"fareway\"",
            "send an access token as Authorization: Bearer",
        )),
    }
}

/// Scheme and credentials of the one `Authorization` header; `None` when there is none, several, or one that is not of two words.
pub fn authorization(headers: &HeaderMap) -> Option<(&str, &str)> {
    let mut values = headers.get_all(header::AUTHORIZATION).into_iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, credentials) = value.to_str().ok()?.split_once(' ')?;
    Some((scheme, credentials.trim_start_matches(' ')))
}

/// 401 for a credential that was given, and that nobody has.
pub fn refused(credential: Credential, detail: &str) -> Problem {
    let challenge = match credential {
        Credential::ApiKey | Credential::None => "ApiKey realm=\"fareway\"",
        Credential::Bearer => "Bearer realm=\"fareway\", error=\"invalid_token\"",
    };
    unauthenticated(challenge, detail)
}

/// 401 with the scheme that is expected.
fn unauthenticated(challenge: &'static str, detail: &str) -> Problem {
    Problem::new(Code::Unauthenticated, detail).with_header(
        header::WWW_AUTHENTICATE,
        http::HeaderValue::from_static(challenge),
    )
}

/// The caller's own id of the request, when it is fit to be repeated.
pub fn request_id(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get("request-id")?.to_str().ok()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    ((1..=64).contains(&id.len()) && id.bytes().all(fits)).then_some(id)
}

/// 400 for a request without the idempotency key that its operation demands.
pub fn idempotency_key_required() -> Problem {
    Problem::new(
        Code::IdempotencyKeyRequired,
        "send an Idempotency-Key header of 1 to 255 characters",
    )
    .with_errors(vec![Violation::at_header(
        "Idempotency-Key",
        "required",
        "the header is missing",
    )])
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn accept_excludes_only_what_it_excludes() {
        for (accept, fits) in [
            (None, true),
            (Some("*/*"), true),
            (Some("application/*;q=0.1"), true),
            (Some("text/html, application/json"), true),
            (Some("text/html"), false),
            (Some("application/json;q=0"), false),
            (Some("application/problem+json"), false),
            (Some("application/json;q=0, */*"), false),
            (Some("*/*, application/json;q=0"), false),
            (Some("*/*;q=0, application/*"), true),
            (
                Some("application/json;q=0, application/json;version=2"),
                true,
            ),
        ] {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(
                acceptable(&headers, &["application/json"]).is_ok(),
                fits,
                "{accept:?}"
            );
        }
    }

    #[test]
    fn one_of_several_media_types_is_enough() {
        let both = ["application/json", "application/problem+json"];
        for (accept, fits) in [
            ("application/json", true),
            ("application/problem+json", true),
            ("application/json;q=0, application/problem+json", true),
            ("text/html", false),
        ] {
            let headers =
                HeaderMap::from_iter([(header::ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(acceptable(&headers, &both).is_ok(), fits, "{accept}");
        }
    }

    #[test]
    fn only_json_in_utf_8_is_taken() {
        for (announced, fits) in [
            ("application/json", true),
            ("Application/JSON; charset=UTF-8", true),
            ("application/json; charset=\"utf-8\"", true),
            ("application/json; charset=latin1", false),
            ("application/json; profile=x", false),
            ("text/plain", false),
            ("application/problem+json", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(announced));
            assert_eq!(
                super::announced(&headers, Media::Json).is_ok(),
                fits,
                "{announced}"
            );
        }
        assert!(super::announced(&HeaderMap::new(), Media::Json).is_err());
        let mut encoded = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        encoded.insert(header::CONTENT_TYPE, json);
        for (encoding, fits) in [("identity", true), ("gzip", false)] {
            encoded.append(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            assert_eq!(
                super::announced(&encoded, Media::Json).is_ok(),
                fits,
                "{encoding}"
            );
        }
    }

    #[test]
    fn only_harmless_request_ids_are_repeated() {
        for (id, taken) in [
            ("abc-1_2", true),
            ("", false),
            ("a b", false),
            ("<script>", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("request-id", HeaderValue::from_static(id));
            assert_eq!(request_id(&headers).is_some(), taken, "{id}");
        }
    }
}
