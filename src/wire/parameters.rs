//! Reads path, query and header parameters by their rules. Everything that does not fit is collected, so that a caller learns of
//! all of it at once; a parameter that is unknown, or given twice, does not fit.

use std::borrow::Cow;

use http::request::Parts;
use percent_encoding::percent_decode_str;

use super::headers::idempotency_key_required;
use super::operation::{Operation, Parameter, Place, Rule, Text};
use super::problem::{Problem, Violation};
use crate::api::problem::Code;

/// The parameters of one request.
pub struct Given<'a> {
    parts: &'a Parts,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    path: Vec<(&'static str, Cow<'a, str>)>,
    errors: Vec<Violation>,
    key_missing: bool,
}

impl<'a> Given<'a> {
    /// Takes the request apart.
    pub fn new(operation: &'static Operation, parts: &'a Parts) -> Given<'a> {
        let mut given = Given {
            parts,
            query: Vec::new(),
            path: Vec::new(),
            errors: Vec::new(),
            key_missing: false,
        };
        given.read_query(operation);
        given.read_path(operation);
        given
    }

    fn read_query(&mut self, operation: &'static Operation) {
        let query = self.parts.uri.query().unwrap_or_default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (Some(name), Some(value)) = (decode(name, true), decode(value, true)) else {
                self.fail_parameter(name, "encoding", "not percent-encoded UTF-8");
                continue;
            };
            let known = operation
                .parameters
                .iter()
                .any(|parameter| parameter.place == Place::Query && parameter.name == name);
            if !known {
                self.fail_parameter(&name, "unknown", "this operation has no such parameter");
            } else if self.query.iter().any(|(other, _)| *other == name) {
                self.fail_parameter(&name, "duplicate", "the parameter is given twice");
            } else {
                self.query.push((name, value));
            }
        }
    }

    fn read_path(&mut self, operation: &'static Operation) {
        let segments = self.parts.uri.path().split('/');
        for (template, segment) in operation.path.split('/').zip(segments) {
            let Some(name) = template
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'))
            else {
                continue;
            };
            match decode(segment, false) {
                Some(value) => self.path.push((name, value)),
                None => self.fail_parameter(name, "encoding", "not percent-encoded UTF-8"),
            }
        }
    }

    fn fail_parameter(&mut self, name: &str, code: &str, detail: &str) {
        self.errors
            .push(Violation::at_parameter(name, code, detail));
    }

    fn fail(&mut self, parameter: &Parameter, code: &str, detail: &str) {
        let violation = match parameter.place {
            Place::Header => Violation::at_header(parameter.name, code, detail),
            Place::Path | Place::Query => Violation::at_parameter(parameter.name, code, detail),
        };
        self.errors.push(violation);
    }

    /// The text of a parameter, before its rule.
    fn raw(&mut self, parameter: &Parameter) -> Option<String> {
        let found = match parameter.place {
            Place::Query => self
                .query
                .iter()
                .find(|(name, _)| name == parameter.name)
                .map(|(_, value)| value.to_string()),
            Place::Path => self
                .path
                .iter()
                .find(|(name, _)| *name == parameter.name)
                .map(|(_, value)| value.to_string()),
            Place::Header => {
                let mut values = self.parts.headers.get_all(parameter.name).into_iter();
                match (values.next(), values.next()) {
                    (None, _) => None,
                    (Some(value), None) => match value.to_str() {
                        Ok(value) => Some(value.to_owned()),
                        Err(_) => {
                            self.fail(
                                parameter,
                                "pattern",
                                "the header holds bytes that are not printable ASCII",
                            );
                            return None;
                        }
                    },
                    (Some(_), Some(_)) => {
                        self.fail(parameter, "duplicate", "the header is given twice");
                        return None;
                    }
                }
            }
        };
        let already_failed = self
            .errors
            .iter()
            .any(|error| error.is_about(parameter.name));
        if found.is_none() && parameter.required && !already_failed {
            if parameter.place == Place::Header
                && parameter.name.eq_ignore_ascii_case("Idempotency-Key")
            {
                self.key_missing = true;
            }
            self.fail(parameter, "required", "it is missing");
        }
        found
    }

    /// Reads a text.
    pub fn text(&mut self, parameter: &Parameter) -> Option<String> {
        let value = self.raw(parameter)?;
        let Rule::Text(rule) = &parameter.rule else {
            unreachable!("the generator reads a parameter by its own rule");
        };
        match refusal(rule, &value) {
            None => Some(value),
            Some((code, detail)) => {
                self.fail(parameter, code, &detail);
                None
            }
        }
    }

    /// Reads one of few words.
    pub fn word<T>(&mut self, parameter: &Parameter, parse: fn(&str) -> Option<T>) -> Option<T> {
        let value = self.text(parameter)?;
        let word = parse(&value);
        if word.is_none() {
            self.fail(parameter, "enum", "it is none of the values listed");
        }
        word
    }

    /// Reads an integer in plain decimal digits.
    pub fn integer<T: TryFrom<i64>>(&mut self, parameter: &Parameter) -> Option<T> {
        let value = self.raw(parameter)?;
        let Rule::Integer { min, max } = parameter.rule else {
            unreachable!("the generator reads a parameter by its own rule");
        };
        let digits = value.strip_prefix('-').unwrap_or(&value);
        let plain = !digits.is_empty()
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && (digits == "0" || !digits.starts_with('0'))
            && value != "-0";
        if !plain {
            self.fail(parameter, "type", "it is not an integer in decimal digits");
            return None;
        }
        match value.parse::<i64>() {
            Ok(number) if number < min => self.fail(
                parameter,
                "minimum",
                &format!("{number} is less than {min}"),
            ),
            Ok(number) if number <= max => return T::try_from(number).ok(),
            _ => self.fail(
                parameter,
                "maximum",
                &format!("{value} is greater than {max}"),
            ),
        }
        None
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self, parameter: &Parameter) -> Option<bool> {
        match self.raw(parameter)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => {
                self.fail(parameter, "type", "it is neither `true` nor `false`");
                None
            }
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// `invalid_parameter` with all that does not fit, or `idempotency_key_required`.
    pub fn finish(self) -> Result<(), Problem> {
        match self.errors.len() {
            0 => Ok(()),
            1 if self.key_missing => Err(idempotency_key_required()),
            1 => Err(
                Problem::new(Code::InvalidParameter, "1 parameter does not fit")
                    .with_errors(self.errors),
            ),
            several => {
                let detail = format!("{several} parameters do not fit");
                Err(Problem::new(Code::InvalidParameter, detail).with_errors(self.errors))
            }
        }
    }
}

/// A required parameter, once [`Given::finish`] has passed.
///
/// # Errors
/// `internal` when it is missing all the same.
pub fn demanded<T>(parameter: Option<T>) -> Result<T, Problem> {
    parameter.ok_or_else(|| Problem::new(Code::Internal, Code::Internal.title()))
}

/// Why a text does not fit its rule: the keyword of the schema, and words.
fn refusal(rule: &Text, value: &str) -> Option<(&'static str, String)> {
    let length = value.chars().count();
    if !rule.words.is_empty() {
        let listed = rule.words.contains(&value);
        return (!listed).then(|| ("enum", format!("it is none of {}", rule.words.join(", "))));
    }
    if length < rule.min {
        return Some((
            "minLength",
            format!("it has {length} characters and needs {}", rule.min),
        ));
    }
    if length > rule.max {
        return Some((
            "maxLength",
            format!("it has {length} characters and may have {}", rule.max),
        ));
    }
    if let Some(pattern) = rule.pattern
        && !pattern.is_match(value)
    {
        return Some(("pattern", format!("it does not match {}", pattern.as_str())));
    }
    if let Some((format, fits)) = rule.format
        && !fits(value)
    {
        return Some(("format", format!("it is not a {format}")));
    }
    None
}

/// Decodes percent-encoding; `None` when it is broken or not UTF-8.
pub(super) fn decode(text: &str, form: bool) -> Option<Cow<'_, str>> {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| byte == b'%') {
        let digits = rest.get(at + 1..at + 3)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        rest = &rest[at + 3..];
    }
    if form && text.contains('+') {
        let spaced = text.replace('+', " ");
        return percent_decode_str(&spaced)
            .decode_utf8()
            .ok()
            .map(|text| Cow::Owned(text.into_owned()));
    }
    percent_decode_str(text).decode_utf8().ok()
}
