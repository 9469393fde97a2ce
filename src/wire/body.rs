//! Reads bodies: serde and validator on the fast path; when those refuse, JSON Schema tells every reason with its pointer.

use std::time::Duration;

use axum::body::{self, HttpBody};
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use validator::Validate;

use super::contract::Contract;
use super::operation::{Body, Media};
use super::problem::Problem;
use super::{form, headers, json};
use crate::api::problem::Code;

/// Most bytes that are read of a body nobody wants, so that its sender hears the answer and the connection can be used again.
const UNWANTED_MAX: usize = 16 * 1024 * 1024;
/// How long a body nobody wants may take to arrive.
const UNWANTED_WITHIN: Duration = Duration::from_secs(10);

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
    headers::announced(headers, body.media)?;
    let typed = match body.media {
        Media::Json => serde_json::from_slice::<json::Object<T>>(bytes).map(|object| object.0),
        Media::Form => serde_json::from_value(form::read(bytes)?),
    };
    let reason = match typed {
        Ok(value) if value.validate().is_ok() => return Ok(value),
        Ok(_) => "a rule of the type".to_owned(),
        Err(error) => error.to_string(),
    };
    let value = match body.media {
        Media::Json => json::strict(bytes).map_err(|error| {
            let detail = format!("the body is not well-formed JSON: {error}");
            Problem::new(Code::Malformed, detail)
        })?,
        Media::Form => form::read(bytes)?,
    };
    let errors = contract.violations(body.schema, &value);
    if errors.is_empty() {
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

/// Reads a body of at most `limit` bytes that arrives within the time.
///
/// # Errors
/// `payload_too_large`, or `malformed` when it breaks off or is not whole in time.
pub async fn collect(
    mut body: body::Body,
    limit: usize,
    within: Duration,
) -> Result<Bytes, Problem> {
    let too_large = format!("a body may have {limit} bytes");
    // Who announces too much need not send it, nor be waited for.
    if body.size_hint().lower() > limit as u64 {
        discard(body);
        return Err(Problem::new(Code::PayloadTooLarge, too_large));
    }
    let reading = Limited::new(&mut body, limit).collect();
    match tokio::time::timeout(within, reading).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            discard(body);
            Err(Problem::new(Code::PayloadTooLarge, too_large))
        }
        Ok(Err(_)) => Err(Problem::new(Code::Malformed, "the body broke off")),
        Err(_) => Err(Problem::new(
            Code::Malformed,
            "the body did not arrive in time",
        )),
    }
}

/// Reads away a body that nobody wants, while the answer is on its way already: a connection that is closed on a sender may take
/// the answer with it.
pub fn discard(body: body::Body) {
    if !body.is_end_stream() {
        tokio::spawn(tokio::time::timeout(UNWANTED_WITHIN, read_away(body)));
    }
}

/// Frame by frame, each dropped as it comes: what nobody wants must not fill the memory.
async fn read_away(body: body::Body) {
    let mut unread = Limited::new(body, UNWANTED_MAX);
    while let Some(Ok(_)) = unread.frame().await {}
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::{Context, Poll};

    use futures_util::{StreamExt, stream};
    use http_body_util::StreamBody;
    use hyper::body::{Frame, SizeHint};

    use super::*;

    /// A body of which never a byte arrives.
    struct Announced(u64);

    impl HttpBody for Announced {
        type Data = Bytes;
        type Error = std::convert::Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
            Poll::Pending
        }

        fn size_hint(&self) -> SizeHint {
            SizeHint::with_exact(self.0)
        }
    }

    /// A frame that tells when it is dropped.
    struct Counted(Arc<AtomicUsize>);

    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            b"sixteen bytes.."
        }
    }

    impl Drop for Counted {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[tokio::test]
    async fn what_nobody_wants_is_not_kept() {
        let dropped = Arc::new(AtomicUsize::new(0));
        let counter = dropped.clone();
        let frame = move |_| {
            let bytes = Bytes::from_owner(Counted(counter.clone()));
            Ok::<_, std::convert::Infallible>(Frame::data(bytes))
        };
        let stalled = stream::iter((0..3).map(frame)).chain(stream::pending());
        let mut reading = Box::pin(read_away(body::Body::new(StreamBody::new(stalled))));
        let ended = futures_util::future::poll_immediate(reading.as_mut()).await;
        assert!(ended.is_none(), "the body has not ended");
        assert_eq!(dropped.load(Ordering::SeqCst), 3);
        drop(reading);
    }

    #[tokio::test]
    async fn bodies_are_bounded_in_size_and_time() {
        let moment = Duration::from_millis(1);
        let code = |read: Result<Bytes, Problem>| read.map_err(|problem| problem.code());
        let announced = |bytes| body::Body::new(Announced(bytes));
        assert_eq!(
            code(collect(announced(9), 8, Duration::MAX).await),
            Err(Code::PayloadTooLarge),
            "who announces too much is not waited for"
        );
        assert_eq!(
            code(collect(announced(8), 8, moment).await),
            Err(Code::Malformed)
        );
        let pieces = |count| {
            let piece = || Ok::<_, std::io::Error>(Frame::data(Bytes::from_static(b"abcd")));
            let pieces = std::iter::repeat_with(piece).take(count);
            body::Body::new(StreamBody::new(stream::iter(pieces)))
        };
        assert_eq!(
            code(collect(pieces(2), 8, Duration::MAX).await),
            Ok(Bytes::from_static(b"abcdabcd"))
        );
        assert_eq!(
            code(collect(pieces(3), 8, Duration::MAX).await),
            Err(Code::PayloadTooLarge)
        );
    }
}
