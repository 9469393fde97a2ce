//! The figures of a folder of pairs.

use std::io::Write;

use anyhow::Result;
use compat::report::{Finding, Proof};

use super::{Judged, Outcome};

/// Rules about what JSON Schema holds to be annotations: no validator can be shown a value for them.
const ANNOTATIONS: [&str; 5] = [
    "-known-",
    "-mapping-",
    "-default-",
    "-deprecated",
    "-discriminator-",
];

/// Keywords that are annotations, where a rule speaks of any keyword.
const KEYWORDS: [&str; 3] = ["contentEncoding", "contentMediaType", "contentSchema"];

/// Breaking findings about schemas, by what shows them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shown {
    witnessed: usize,
    argued: usize,
    undecided: usize,
    annotations: usize,
}

impl Shown {
    /// Takes in a finding that breaks, if it is one about schemas.
    pub fn add(&mut self, finding: &Finding) {
        // A rule of schemas says on which side of the wire it is.
        if !["request-", "response-"]
            .iter()
            .any(|side| finding.rule.starts_with(side))
        {
            return;
        }
        let subject = finding.subject.as_deref().unwrap_or_default();
        let is_annotation = ANNOTATIONS.iter().any(|word| finding.rule.contains(word));
        if is_annotation || KEYWORDS.contains(&subject) {
            self.annotations += 1;
            return;
        }
        match finding.proof {
            Proof::Witness(_) => self.witnessed += 1,
            Proof::Argued(_) => self.argued += 1,
            Proof::Undecided(_) => self.undecided += 1,
        }
    }
}

/// Writes the sums.
///
/// # Errors
///
/// When nothing can be written.
pub fn write(judged: &[Judged<'_>], shown: &Shown, out: &mut impl Write) -> Result<()> {
    let of = |expected: Option<bool>| {
        let cases = judged
            .iter()
            .filter(|judged| judged.case.expected_breaking == expected);
        cases.count()
    };
    let (breaking, compatible, policy) = (of(Some(true)), of(Some(false)), of(None));
    let count = |wanted: Outcome, keep: &dyn Fn(&Judged<'_>) -> bool| {
        let all = judged.iter().filter(|judged| judged.outcome == wanted);
        all.filter(|judged| keep(judged)).count()
    };
    let all = |wanted: Outcome| count(wanted, &|_| true);
    let (missed, alarms) = (all(Outcome::Missed), all(Outcome::Alarm));
    let unexplained = &|judged: &Judged<'_>| judged.is_unexplained();
    let values = shown.witnessed + shown.argued + shown.undecided;
    let rows = [
        (
            "not called a break",
            missed,
            breaking,
            "pairs labelled breaking",
        ),
        (
            "  unexplained misses",
            count(Outcome::Missed, unexplained),
            missed,
            "of these",
        ),
        ("called a break", alarms, compatible, "pairs labelled safe"),
        (
            "  without a witness",
            count(Outcome::Alarm, &|judged| !judged.witnessed),
            compatible,
            "pairs labelled safe",
        ),
        (
            "  unexplained alarms",
            count(Outcome::Alarm, unexplained),
            alarms,
            "of these",
        ),
        (
            "reported as policy",
            all(Outcome::Policy),
            policy,
            "matters of policy",
        ),
        ("no verdict", all(Outcome::Unusable), judged.len(), "pairs"),
        (
            "with a witness",
            shown.witnessed,
            values,
            "breaking findings about schemas",
        ),
        (
            "argued",
            shown.argued,
            values,
            "breaking findings about schemas",
        ),
        (
            "undecided",
            shown.undecided,
            values,
            "breaking findings about schemas",
        ),
    ];
    for (name, part, whole, of) in rows {
        let share = match whole {
            0 => String::new(),
            whole => format!("{:.1} %", 100.0 * part as f64 / whole as f64),
        };
        writeln!(out, "{name:22}{part:>5} of {whole:<5}{share:>8}  {of}")?;
    }
    let more = shown.annotations;
    Ok(writeln!(
        out,
        "{:22}{more:>5} more about annotations, which no validator can be shown",
        ""
    )?)
}
