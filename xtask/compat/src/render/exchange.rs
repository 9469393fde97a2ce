//! The exchange of a witness as lines, folded around the place that counts.

use serde_json::Value;

use super::plain;
use crate::report::{Exchange, Finding};

/// Members beside the way that are shown, and how long they may be.
const BESIDE_MAX: usize = 4;
const SHORT_MAX: usize = 40;

/// A line of an exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    /// It holds what the finding is about.
    pub counts: bool,
}

fn line(text: impl Into<String>) -> Line {
    Line {
        text: text.into(),
        counts: false,
    }
}

/// The exchange that shows a finding, none of its lines much longer than `width`.
pub fn lines(finding: &Finding, exchange: &Exchange, width: usize) -> Vec<Line> {
    let (part, pointer) = finding
        .place
        .split_once(" /")
        .unwrap_or((&finding.place, ""));
    let in_answer = exchange.answer.is_some() && !part.starts_with("request");
    let mut way: Vec<String> = pointer
        .split('/')
        .filter(|step| !step.is_empty())
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    way.extend(finding.subject.clone());
    let message = |headers: &[(String, String)], body: &Option<Value>, counts: bool| {
        let headers = headers.iter().map(|(name, value)| Line {
            text: short(&plain(&format!("{name}: {value}")), width),
            counts: counts
                && finding
                    .subject
                    .as_ref()
                    .is_some_and(|subject| subject.eq_ignore_ascii_case(name)),
        });
        let mut lines: Vec<Line> = headers.collect();
        if let Some(body) = body {
            lines.push(line(""));
            let way = counts.then(|| found(body, &way));
            lines.extend(folded(body, way.as_deref(), width));
        }
        lines
    };
    let mut lines = vec![line(short(
        &plain(&format!("{} {}", exchange.method, exchange.url)),
        width,
    ))];
    lines.extend(message(&exchange.headers, &exchange.body, !in_answer));
    if !lines.iter().any(|line| line.counts) && part.contains("parameter") {
        lines[0].counts = true;
    }
    if let Some(answer) = &exchange.answer {
        lines.push(line(""));
        lines.push(Line {
            text: short(&plain(&format!("HTTP/1.1 {}", answer.status)), width),
            counts: in_answer && part.is_empty(),
        });
        lines.extend(message(&answer.headers, &answer.body, in_answer));
    }
    lines
}

/// The way through a value that goes furthest along the steps; `*` stands for any member or element, the last first.
fn found(value: &Value, steps: &[String]) -> Vec<String> {
    let Some((step, rest)) = steps.split_first() else {
        return Vec::new();
    };
    let further = |name: &str, inner: &Value| {
        let mut way = vec![name.to_owned()];
        way.extend(found(inner, rest));
        way
    };
    let longest =
        |ways: Vec<Vec<String>>| ways.into_iter().max_by_key(Vec::len).unwrap_or_default();
    match value {
        Value::Object(members) => match members.get(step) {
            Some(inner) => further(step, inner),
            None if step == "*" => longest(
                members
                    .iter()
                    .map(|(name, inner)| further(name, inner))
                    .collect(),
            ),
            None => Vec::new(),
        },
        Value::Array(items) => {
            let at = |at: usize| further(&at.to_string(), &items[at]);
            match step.parse::<usize>() {
                Ok(index) if index < items.len() => at(index),
                _ if step == "*" => longest((0..items.len()).map(at).collect()),
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// A value as lines of JSON: whole if it is short, otherwise only the way to what counts, if anything does, and a little beside it.
fn folded(value: &Value, way: Option<&[String]>, width: usize) -> Vec<Line> {
    let whole = spaced(value);
    let (step, rest) = match way {
        Some([step, rest @ ..]) if !fits(&whole, width) => (step, rest),
        _ => {
            return vec![Line {
                text: cut(value, &whole, width),
                counts: way.is_some(),
            }];
        }
    };
    let (open, close) = if value.is_array() {
        ("[", "]")
    } else {
        ("{", "}")
    };
    let parts: Vec<(String, &Value, bool)> = match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, inner)| {
                (
                    format!("{}: ", Value::from(name.as_str())),
                    inner,
                    name == step,
                )
            })
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(at, inner)| (String::new(), inner, at.to_string() == *step))
            .collect(),
        _ => Vec::new(),
    };
    let mut lines = vec![line(open)];
    let mut beside = 0;
    let mut left_out = 0;
    for (name, inner, on_way) in &parts {
        let text = spaced(inner);
        if !on_way && (beside == BESIDE_MAX || !fits(&text, SHORT_MAX)) {
            left_out += 1;
            continue;
        }
        beside += usize::from(!on_way);
        let inner = match on_way {
            true => folded(inner, Some(rest), width.saturating_sub(2)),
            false => vec![line(text)],
        };
        let last = inner.len() - 1;
        for (at, inner) in inner.into_iter().enumerate() {
            let name = if at == 0 { name } else { "" };
            let comma = if at == last { "," } else { "" };
            lines.push(Line {
                text: format!("  {}{}{comma}", plain(name), inner.text),
                ..inner
            });
        }
    }
    match left_out {
        0 => {
            if let Some(last) = lines.last_mut() {
                last.text.truncate(last.text.trim_end_matches(',').len());
            }
        }
        number => lines.push(line(format!("  … {number} more"))),
    }
    lines.push(line(close));
    lines
}

fn fits(text: &str, width: usize) -> bool {
    text.chars().nth(width).is_none()
}

/// A value on one line; of a long list the ends are shown.
fn cut(value: &Value, whole: &str, width: usize) -> String {
    if let (false, Value::Array(items)) = (fits(whole, width), value)
        && let [first, between @ .., last] = items.as_slice()
        && !between.is_empty()
    {
        let ends = format!(
            "[{}, … {} more, {}]",
            spaced(first),
            between.len(),
            spaced(last)
        );
        if fits(&ends, width) {
            return ends;
        }
    }
    short(whole, width)
}

/// A text with its middle left out when it is long.
pub fn short(text: &str, width: usize) -> String {
    if fits(text, width) {
        return text.to_owned();
    }
    let letters: Vec<char> = text.chars().collect();
    let half = width.saturating_sub(1) / 2;
    let (start, end) = (&letters[..half], &letters[letters.len() - half..]);
    format!("{}…{}", String::from_iter(start), String::from_iter(end))
}

/// JSON on one line, with spaces where a reader wants them.
fn spaced(value: &Value) -> String {
    let text = match value {
        Value::Object(members) if members.is_empty() => "{}".to_owned(),
        Value::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, inner)| format!("{}: {}", Value::from(name.as_str()), spaced(inner)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(spaced).collect();
            format!("[{}]", items.join(", "))
        }
        scalar => scalar.to_string(),
    };
    plain(&text).into_owned()
}
