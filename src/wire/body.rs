//! Reads JSON bodies: serde and validator on the fast path; when those refuse, JSON Schema tells every reason with its pointer.

use std::time::Duration;

use axum::body::{self, HttpBody};
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use validator::Validate;

use super::contract::Contract;
use super::operation::Body;
use super::problem::Problem;
use super::{headers, json};
use crate::api::problem::Code;

/// Most bytes that are read of a body nobody wants, so that the connection can be used again.
const UNWANTED_MAX: usize = 64 * 1024;
/// How long a body nobody wants may take to arrive.
const UNWANTED_WITHIN: Duration = Duration::from_secs(1);

/// Reads the body of an operation that demands one.
///
/// # Errors
/// `unsupported_media_type`, `malformed` or `validation_failed`, with one entry a violation.
pub fn read<T: DeserializeOwned + Validate>(
    contract: &Contract,
    body: &Body,
    headers: &HeaderMap,
    bytes: &Bytes,
) -> Result<T, Problem> {
    headers::json_announced(headers)?;
    let typed = serde_json::from_slice::<json::Object<T>>(bytes).map(|object| object.0);
    if let Ok(value) = &typed
        && value.validate().is_ok()
    {
        return typed.map_err(|_| unreachable!("it is `Ok`"));
    }
    let value = json::strict(bytes).map_err(|error| {
        Problem::new(
            Code::Malformed,
            format!("the body is not well-formed JSON: {error}"),
        )
    })?;
    let errors = contract.violations(body.schema, &value);
    if errors.is_empty() {
        let reason = typed.map_or_else(
            |error| error.to_string(),
            |_| "a rule of the type".to_owned(),
        );
        tracing::error!(
            schema = body.schema,
            reason,
            "the type refuses what its schema accepts"
        );
        return Err(Problem::new(Code::Internal, Code::Internal.title()));
    }
    let detail = match errors.len() {
        1 => "the body does not fit its schema in 1 place".to_owned(),
        several => format!("the body does not fit its schema in {several} places"),
    };
    Err(Problem::new(Code::ValidationFailed, detail).with_errors(errors))
}

/// Reads the body of an operation that takes one but does not demand it.
///
/// # Errors
/// As [`read`], when there is a body.
pub fn read_optional<T: DeserializeOwned + Validate>(
    contract: &Contract,
    body: &Body,
    headers: &HeaderMap,
    bytes: &Bytes,
) -> Result<Option<T>, Problem> {
    if bytes.is_empty() && !headers.contains_key(http::header::CONTENT_TYPE) {
        return Ok(None);
    }
    read(contract, body, headers, bytes).map(Some)
}

/// Reads a body of at most `limit` bytes. What lies beyond is read away, within reason, for a client that is still sending when
/// the answer comes may never see it.
///
/// # Errors
/// `payload_too_large`, or `malformed` when it breaks off.
pub async fn collect(mut body: body::Body, limit: usize) -> Result<Bytes, Problem> {
    match Limited::new(&mut body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            discard(body).await;
            let detail = format!("a body may have {limit} bytes");
            Err(Problem::new(Code::PayloadTooLarge, detail))
        }
        Err(_) => Err(Problem::new(Code::Malformed, "the body broke off")),
    }
}

/// Reads away a body that nobody wants.
pub async fn discard(body: body::Body) {
    if !body.is_end_stream() {
        let reading = Limited::new(body, UNWANTED_MAX).collect();
        drop(tokio::time::timeout(UNWANTED_WITHIN, reading).await);
    }
}
