//! How a contract evolves: what was released of it, and the gates that hold every later edit to that.
//!
//! `compat` judges two documents and knows nothing of this repository; this folder knows where the documents are. A released
//! file never changes: `index` lists each with its digest, and only `cargo xtask release` adds to it.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, bail};
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub mod changelog;
pub mod compatible;
pub mod contracts;
mod documents;
pub mod frozen;
pub mod index;
pub mod lifecycle;
pub mod migration;
mod proto;
pub mod release;
pub mod verb;

#[cfg(test)]
mod tests;

/// The day of a release, and the day that a sunset is measured against; gates take it as a value.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the verbs look at the calendar"
)]
pub fn today() -> Date {
    jiff::Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// A revision of a contract by semantic versioning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Rises with what breaks a client; a major is a file of its own.
    pub major: u32,
    /// Rises with what adds.
    pub minor: u32,
    /// Rises with what only words it better.
    pub patch: u32,
}

impl FromStr for Version {
    type Err = Error;

    fn from_str(text: &str) -> Result<Version, Error> {
        let parts: Option<Vec<u32>> = text.split('.').map(|part| part.parse().ok()).collect();
        match parts.as_deref() {
            Some(&[major, minor, patch]) => Ok(Version {
                major,
                minor,
                patch,
            }),
            _ => bail!("`{text}` is no version; write three numbers, as in `1.4.0`"),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}
