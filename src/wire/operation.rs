//! What a contract says of an operation, as data: the generated routes hand one of these to the pipeline.
//! Plain statics, so that nothing is looked up or parsed while a request is served.

use std::sync::LazyLock;

use regex::Regex;

use super::format::Format;
use crate::api::problem::Code;

/// An operation of a contract.
#[derive(Debug)]
pub struct Operation {
    /// The operationId.
    pub id: &'static str,
    /// Whose credentials it takes: `public`, `partner` or `private`.
    pub audience: &'static str,
    /// The method, in capitals.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
    /// How its caller says who it is.
    pub credential: Credential,
    /// The scope that the credential must have; empty when any credential will do.
    pub scope: &'static str,
    /// Whether it demands an idempotency key.
    pub idempotency: Idempotency,
    /// The rate policy that it draws from.
    pub policy: &'static str,
    /// Most bytes of a request body.
    pub body_limit: usize,
    /// Milliseconds in which it answers.
    pub deadline_ms: u64,
    /// Path, query and header parameters.
    pub parameters: &'static [&'static Parameter],
    /// The request body, when it takes one.
    pub body: Option<Body>,
    /// The media types that it may answer in; a caller accepts one of them.
    pub produces: &'static [&'static str],
    /// The problems that it may answer.
    pub problems: &'static [Code],
}

/// How a caller says who it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A key in the header `Api-Key`.
    ApiKey,
    /// An access token in the header `Authorization` (RFC 6750).
    Bearer,
    /// Not by a credential that the door checks.
    None,
}

/// Whether an operation demands an idempotency key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// A request without a key is refused.
    Required,
    /// A key is honoured.
    Optional,
    /// Repeating it is harmless by nature.
    Natural,
}

/// A request body.
#[derive(Debug)]
pub struct Body {
    /// The name of its schema in the components of the contract.
    pub schema: &'static str,
    /// Whether a request without a body is refused.
    pub required: bool,
    /// How it is written.
    pub media: Media,
}

/// How a request body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// As JSON.
    Json,
    /// As a form: an object of texts, whose members without a value count as left out.
    Form,
}

impl Media {
    /// The media type that announces it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Media::Json => "application/json",
            Media::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// Where a parameter is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// In a header.
    Header,
}

/// A parameter of an operation.
#[derive(Debug)]
pub struct Parameter {
    /// Its name; header names compare without case.
    pub name: &'static str,
    /// Where it is written.
    pub place: Place,
    /// Whether it must be there.
    pub required: bool,
    /// What it must look like.
    pub rule: Rule,
}

/// What the text of a parameter must look like.
#[derive(Debug)]
pub enum Rule {
    /// Any text within these limits.
    Text(Text),
    /// A whole number in decimal digits.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
    /// `true` or `false`.
    Boolean,
}

/// Limits of a text.
#[derive(Debug)]
pub struct Text {
    /// Fewest characters.
    pub min: usize,
    /// Most characters.
    pub max: usize,
    /// What it must match.
    pub pattern: Option<&'static LazyLock<Regex>>,
    /// Its format, and the check of it.
    pub format: Option<Format>,
    /// The only values, when there are few.
    pub words: &'static [&'static str],
}
