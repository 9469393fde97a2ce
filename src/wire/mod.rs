//! The HTTP machinery that all contracts share: admission, extraction, validation, negotiation, problems, one pipeline a request.
//! Knows operations as data ([`operation::Operation`]) and no contract in particular; what an operation does is the edge's matter.

pub mod body;
pub mod call;
pub mod contract;
pub mod door;
pub mod etag;
mod form;
pub mod format;
pub mod headers;
pub mod json;
pub mod lifecycle;
pub mod operation;
pub mod parameters;
pub mod prefer;
pub mod problem;
pub mod reply;
#[cfg(test)]
pub(crate) mod tests;
pub mod visitor;

use std::time::Duration;

/// How long a connection may take to send the headers of a request; for whoever accepts connections.
pub const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// Most bytes of a request line and its headers together.
pub const HEADERS_MAX: usize = 32 * 1024;
