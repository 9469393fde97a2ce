//! The formats of texts (`format` in a schema). One function a format serves the fast path, the JSON Schema validators and the
//! parameters, so that they cannot disagree; what passes is what the program can read.

use std::borrow::Cow;

use validator::{ValidateEmail, ValidationError};

use crate::kernel::clock;

/// A day of the calendar, `YYYY-MM-DD` (RFC 3339, full-date).
pub fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| -> Option<i16> {
        let part = text.get(range)?;
        part.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| part.parse().ok())?
    };
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    match (digits(0..4), digits(5..7), digits(8..10)) {
        (Some(year), Some(month), Some(day)) => i8::try_from(month)
            .and_then(|month| Ok((month, i8::try_from(day)?)))
            .is_ok_and(|(month, day)| jiff::civil::Date::new(year, month, day).is_ok()),
        _ => false,
    }
}

/// A moment with its offset, `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)` (RFC 3339, date-time).
pub fn is_date_time(text: &str) -> bool {
    let Some((date, time)) = text.split_once(['T', 't']) else {
        return false;
    };
    let (time, offset) = match time.find(['Z', 'z', '+', '-']) {
        Some(cut) => time.split_at(cut),
        None => return false,
    };
    let shape = |text: &str, shape: &str| {
        text.len() == shape.len()
            && text
                .bytes()
                .zip(shape.bytes())
                .all(|(byte, wanted)| match wanted {
                    b'0' => byte.is_ascii_digit(),
                    wanted => byte == wanted,
                })
    };
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, "0"));
    is_date(date)
        && shape(seconds, "00:00:00")
        && (1..=9).contains(&fraction.len())
        && fraction.bytes().all(|byte| byte.is_ascii_digit())
        && (matches!(offset, "Z" | "z") || shape(offset, "+00:00") || shape(offset, "-00:00"))
        && clock::parse_rfc3339(text).is_some()
}

/// An address for e-mail.
pub fn is_email(text: &str) -> bool {
    text.validate_email()
}

macro_rules! rules {
    ($($(#[$doc:meta])* $rule:ident: $format:literal = $check:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// # Errors
        /// When it is not one.
        pub fn $rule(text: &str) -> Result<(), ValidationError> {
            if $check(text) {
                return Ok(());
            }
            Err(ValidationError {
                code: Cow::Borrowed($format),
                message: None,
                params: Default::default(),
            })
        }
    )*};
}

rules! {
    /// [`is_date`] for the validator crate.
    date: "date" = is_date;
    /// [`is_date_time`] for the validator crate.
    date_time: "date-time" = is_date_time;
    /// [`is_email`] for the validator crate.
    email: "email" = is_email;
}

/// The name of a format, and the check of it.
pub type Format = (&'static str, fn(&str) -> bool);

/// Every format that requests may use, with its check.
pub const FORMATS: [Format; 3] = [
    ("date", is_date),
    ("date-time", is_date_time),
    ("email", is_email),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_moments_are_those_of_rfc_3339() {
        for (text, date, moment) in [
            ("2027-03-01", true, false),
            ("2027-02-29", false, false),
            ("2028-02-29", true, false),
            ("20270301", false, false),
            ("+027-03-01", false, false),
            ("2027-03-01T09:00:00Z", false, true),
            ("2027-03-01t09:00:00.125z", false, true),
            ("2027-03-01T09:00:00+01:00", false, true),
            ("2027-03-01T09:00:00+0100", false, false),
            ("2027-03-01T09:00:00", false, false),
            ("2027-03-01T09:00Z", false, false),
            ("2027-03-01T25:00:00Z", false, false),
            ("2027-03-01 09:00:00Z", false, false),
            ("2027-03-01T09:00:00Z[UTC]", false, false),
            ("", false, false),
        ] {
            assert_eq!(
                (is_date(text), is_date_time(text)),
                (date, moment),
                "{text}"
            );
        }
    }
}
