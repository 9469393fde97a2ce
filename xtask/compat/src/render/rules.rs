//! The table of rules, and each rule with its derivation.

use std::io::{self, Write};

use jiff::civil::Date;

use super::text;
use crate::judgement::{Judgement, Side};
use crate::report::{Direction, Finding, Lane, Report, Severity};
use crate::rules::{self, Frame, Rule};
use crate::waivers::Waivers;

/// Writes every rule on a line: its id, whom it concerns, what it says.
///
/// # Errors
///
/// When the stream does not take it.
pub fn table(out: &mut dyn Write) -> io::Result<()> {
    let all = rules::table().all();
    let width = all.iter().map(|rule| rule.id.len()).max().unwrap_or(0);
    for rule in all {
        let severity = severity(rule.example.severity);
        writeln!(
            out,
            "{:width$}  {:4}  {severity:10}  {}",
            rule.id,
            lane(rule.lane),
            rule.what
        )?;
    }
    writeln!(
        out,
        "\n{} rules; the severity is that of the example",
        all.len()
    )
}

/// Writes how a rule follows from the law, and its example with what is found in it; false when there is no such rule.
///
/// # Errors
///
/// When the stream does not take it.
pub fn explain(id: &str, out: &mut dyn Write) -> io::Result<bool> {
    let Some(rule) = rules::table().rule(id) else {
        return Ok(false);
    };
    text::row(out, text::BOLD, &rule.id, "")?;
    let mut label =
        |label: &str, text: &str| text::row(out, text::DIM, &format!("  {label}"), text);
    label("says", &rule.what)?;
    label("lane", lane(rule.lane))?;
    label("why", &rule.why)?;
    label("severity", &derivation(rule))?;
    if let Some(fix) = &rule.fix {
        label("instead", fix)?;
    }
    let example = &rule.example;
    let whole = match example.frame {
        Frame::Document => "a document with",
        Frame::Operation => "`POST /things` with",
        Frame::Request => "`POST /things` with a body of the schema",
        Frame::Response => "`POST /things` that answers 200 with a body of the schema",
    };
    label("example", whole)?;
    for (name, fragment) in [("base", &example.base), ("revision", &example.revision)] {
        writeln!(out)?;
        for (at, line) in fragment.trim().lines().enumerate() {
            text::row(out, text::DIM, if at == 0 { name } else { "" }, line)?;
        }
    }
    writeln!(out)?;
    let report = match example.report() {
        Ok(report) => report,
        Err(error) => return writeln!(out, "{error}").map(|()| true),
    };
    let own = report
        .findings
        .into_iter()
        .filter(|finding| finding.rule == rule.id);
    let report = Report {
        // The lines of an example say nothing.
        findings: own
            .map(|finding| Finding {
                base: None,
                revision: None,
                ..finding
            })
            .collect(),
        operations: Vec::new(),
    };
    let waivers = Waivers::default();
    let sides = (Side::default(), Side::default());
    let judgement = Judgement::new(&report, sides, &[], &waivers, Date::MIN);
    for judged in &judgement.findings {
        text::finding(&judgement, judged, out)?;
    }
    Ok(true)
}

fn derivation(rule: &Rule) -> String {
    let law = "by the law: in requests what narrows breaks and what widens is new, in responses the other way round";
    let Some(departure) = &rule.departs else {
        return law.to_owned();
    };
    let mut text = severity(departure.severity).to_owned();
    match departure.within {
        Some(Direction::Request) => text.push_str(" in requests"),
        Some(Direction::Response) => text.push_str(" in responses"),
        None => {}
    }
    if let Some(reason) = &departure.reason {
        text = format!("{text}: {reason}");
    }
    match departure.within {
        Some(_) => format!("{text}; otherwise {law}"),
        None => text,
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Breaking => "breaking",
        Severity::Policy => "to decide",
        Severity::Additive => "new",
        Severity::Deprecating => "deprecated",
        Severity::Worded => "wording",
    }
}

fn lane(lane: Lane) -> &'static str {
    match lane {
        Lane::Wire => "wire",
        Lane::Sdk => "sdk",
        Lane::Docs => "docs",
    }
}
