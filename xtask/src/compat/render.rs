//! Changes as text for a terminal or a pipe; what has no colour support gets none from the stream.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde_json::Value;

use super::{Change, Severity, Witness};

const BREAKING: Style = AnsiColor::Red.on_default().bold();
const ADDITIVE: Style = AnsiColor::Green.on_default();
const DEPRECATING: Style = AnsiColor::Yellow.on_default();
const DIM: Style = Style::new().dimmed();

/// Writes the changes one after another, and the verdict last.
pub fn text(
    changes: &[Change],
    locate: impl Fn(&Change) -> String,
    out: &mut impl Write,
) -> io::Result<()> {
    for change in changes {
        let (style, word) = match change.severity {
            Severity::Breaking => (BREAKING, "breaking"),
            Severity::Additive => (ADDITIVE, "additive"),
            Severity::Deprecating => (DEPRECATING, "deprecated"),
            Severity::Worded => (DIM, "wording"),
        };
        writeln!(
            out,
            "{style}{word:10}{style:#} {}: {}",
            change.at(),
            change.what
        )?;
        if change.severity == Severity::Worded {
            continue;
        }
        writeln!(
            out,
            "           {DIM}[{}] {}{DIM:#}",
            change.rule,
            locate(change)
        )?;
        if change.severity != Severity::Breaking {
            continue;
        }
        if change.operations.len() > 1 {
            writeln!(out, "           reaches {}", change.operations.join(", "))?;
        }
        writeln!(out, "           {}", proof(change))?;
        if let Some(sunset) = change.sunset {
            writeln!(out, "           announced: it may go from {sunset} on")?;
        }
        writeln!(out, "           instead: {}", change.fix)?;
    }
    let count = |severity| {
        changes
            .iter()
            .filter(|change| change.severity == severity)
            .count()
    };
    writeln!(
        out,
        "{} breaking, {} additive, {} deprecated, {} worded otherwise",
        count(Severity::Breaking),
        count(Severity::Additive),
        count(Severity::Deprecating),
        count(Severity::Worded)
    )
}

/// What shows that a change breaks, as one line.
pub fn proof(change: &Change) -> String {
    let direction = match change.position {
        Some(super::Position::Response) => "may come now and was excluded",
        _ => "was right and is refused now",
    };
    match &change.witness {
        Some(Witness::Value(value)) => {
            let path = change
                .place
                .rfind(" /")
                .map_or("", |at| &change.place[at + 2..]);
            let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
            format!("proof: {} {direction}", around(value, &steps))
        }
        Some(Witness::Exchange(text)) => format!("proof: {text}"),
        None if change.decided => "argued from the schemas; no example was found".to_owned(),
        None => "not decided, so it counts as a break".to_owned(),
    }
}

/// A value that is printed whole up to this length.
const WHOLE_MAX: usize = 240;

/// The value as text; of a long one only the way to the place that counts, and that place from both its ends.
fn around(value: &Value, steps: &[&str]) -> String {
    let text = value.to_string();
    if text.len() <= WHOLE_MAX {
        return text;
    }
    let inner = match (value, steps) {
        (Value::Object(members), [step, rest @ ..]) => {
            let name = step.replace("~1", "/").replace("~0", "~");
            let inner = members.get(&name).map(|inner| around(inner, rest));
            inner.map(|inner| format!("{{{}:{inner},…}}", Value::String(name)))
        }
        (Value::Array(items), [_, rest @ ..]) => items
            .last()
            .map(|inner| format!("[{}]", around(inner, rest))),
        _ => None,
    };
    inner.unwrap_or_else(|| {
        let letters: Vec<char> = text.chars().collect();
        let (start, end) = (
            letters.iter().take(WHOLE_MAX / 3),
            letters.iter().rev().take(WHOLE_MAX / 2),
        );
        let end: Vec<&char> = end.collect();
        format!(
            "{}…{}",
            String::from_iter(start),
            String::from_iter(end.into_iter().rev())
        )
    })
}
