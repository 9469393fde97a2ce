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
    /// The media type of its successes.
    pub produces: &'static str,
    /// The problems that it may answer.
    pub problems: &'static [Code],
    /// Set when callers should move on.
    pub deprecation: Option<Deprecation>,
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
}

/// The headers of an operation that is on its way out.
#[derive(Debug)]
pub struct Deprecation {
    /// `Deprecation`: `@` and seconds since the Unix epoch (RFC 9745).
    pub since: &'static str,
    /// `Sunset`: an HTTP date (RFC 8594); empty when none is set.
    pub sunset: &'static str,
    /// `Link` to the successor; empty when there is none.
    pub successor: &'static str,
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
