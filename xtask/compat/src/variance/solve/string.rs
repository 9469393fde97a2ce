//! Strings with patterns, formats and lengths.

use serde_json::Value;

use super::super::schema::Size;
use super::super::text::{Found, Wanted};
use super::{Answer, Draft, Solver, sizes};
use crate::document::Name;

/// Texts of the formats that JSON Schema and OpenAPI name, two each.
const SAMPLES: &[(&str, [&str; 2])] = &[
    ("date", ["2030-01-31", "1999-12-01"]),
    (
        "date-time",
        ["2030-01-31T12:00:00Z", "1999-12-01T00:00:00+02:00"],
    ),
    ("duration", ["P1D", "PT1H"]),
    ("email", ["a@example.com", "b.c@example.org"]),
    ("hostname", ["example.com", "a.example.org"]),
    ("idn-email", ["a@example.com", "b@example.org"]),
    ("idn-hostname", ["example.com", "example.org"]),
    ("ipv4", ["192.0.2.1", "198.51.100.7"]),
    ("ipv6", ["2001:db8::1", "::1"]),
    ("iri", ["https://example.com/a", "urn:a:b"]),
    ("iri-reference", ["/a", "https://example.com/a"]),
    ("json-pointer", ["/a", ""]),
    ("regex", ["a+", "^b$"]),
    ("relative-json-pointer", ["0", "1/a"]),
    ("time", ["12:00:00Z", "00:00:00+02:00"]),
    ("uri", ["https://example.com/a", "urn:a:b"]),
    ("uri-reference", ["/a", "https://example.com/a"]),
    ("uri-template", ["/a/{b}", "/c"]),
    (
        "uuid",
        [
            "123e4567-e89b-42d3-a456-426614174000",
            "00000000-0000-4000-8000-000000000000",
        ],
    ),
];

impl Solver<'_, '_> {
    pub(super) fn string(&mut self, draft: &Draft) -> Answer {
        if draft
            .formats
            .intersection(&draft.not_formats)
            .next()
            .is_some()
        {
            return Answer::None;
        }
        let forest = self.space.forest;
        let texts = |names: &std::collections::BTreeSet<Name>| {
            names
                .iter()
                .map(|name| forest.text(*name))
                .collect::<Vec<&str>>()
        };
        let (min, max) = sizes(draft, Size::Length);
        let mut wanted = Wanted {
            patterns: texts(&draft.patterns),
            not_patterns: texts(&draft.not_patterns),
            min,
            max,
            except: draft
                .not_values
                .iter()
                .filter_map(|value| value.value.as_str())
                .collect(),
        };
        if draft.formats.is_empty() && draft.not_formats.is_empty() {
            return match self.judgement.patterns.find(&wanted) {
                Found::Text(text) => Answer::Value(Value::String(text)),
                Found::None => Answer::None,
                Found::Unknown => Answer::Unknown,
            };
        }
        let (formats, not_formats) = (texts(&draft.formats), texts(&draft.not_formats));
        let samples = SAMPLES
            .iter()
            .filter(|(format, _)| formats.contains(format) || !not_formats.is_empty());
        let mut candidates: Vec<String> = samples
            .flat_map(|(_, samples)| samples.map(str::to_owned))
            .collect();
        for _ in 0..3 {
            if let Found::Text(text) = self.judgement.patterns.find(&wanted) {
                candidates.insert(0, text);
            }
            wanted.min += 1;
        }
        wanted.min = min;
        // Without a format in the way nothing shorter or longer would be found either.
        if self.judgement.patterns.find(&wanted) == Found::None {
            return Answer::None;
        }
        let found = candidates.into_iter().find(|text| {
            let has = |solver: &mut Self, format: &str| solver.judgement.has_format(format, text);
            formats
                .iter()
                .all(|format| has(self, format) != Some(false))
                && not_formats
                    .iter()
                    .all(|format| has(self, format) == Some(false))
                && self.is_wanted(&wanted, text)
        });
        found.map_or(Answer::Unknown, |text| Answer::Value(Value::String(text)))
    }

    fn is_wanted(&mut self, wanted: &Wanted<'_>, text: &str) -> bool {
        let length = text.chars().count() as u64;
        let mut matches = |pattern: &&str| self.judgement.patterns.matches(pattern, text);
        length >= wanted.min
            && wanted.max.is_none_or(|max| length <= max)
            && !wanted.except.contains(&text)
            && wanted
                .patterns
                .iter()
                .all(|pattern| matches(pattern) == Some(true))
            && wanted
                .not_patterns
                .iter()
                .all(|pattern| matches(pattern) == Some(false))
    }
}
