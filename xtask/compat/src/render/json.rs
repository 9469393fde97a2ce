//! For programs, as `report.schema.json` describes it. Members may be added; none changes its meaning while `format` stays.

use std::io::{self, Write};

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;

use crate::judgement::{Bump, Judged, Judgement, Side, Standing};
use crate::report::{Direction, Effect, Exchange, Lane, Proof, Severity, Spot, Verdict};

const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Document<'j> {
    format: u32,
    base: &'j str,
    revision: &'j str,
    compatible: bool,
    bump: Bump,
    findings: Vec<Found<'j>>,
    operations: Vec<Operation<'j>>,
}

#[derive(Serialize)]
struct Found<'j> {
    rule: &'j str,
    severity: Severity,
    standing: &'static str,
    lane: Lane,
    #[serde(skip_serializing_if = "Option::is_none")]
    direction: Option<Direction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
    what: &'j str,
    place: &'j str,
    operations: &'j [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<Position<'j>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    revision: Option<Position<'j>>,
    trail: &'j [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<&'j str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'j str>,
    fix: &'j str,
    proof: Shown<'j>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sunset: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waiver: Option<Waived<'j>>,
}

#[derive(Serialize)]
struct Position<'j> {
    file: String,
    line: u32,
    pointer: &'j str,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Shown<'j> {
    Witness {
        says: &'j str,
        #[serde(skip_serializing_if = "Option::is_none")]
        value: Option<&'j Value>,
        exchange: &'j Exchange,
    },
    Argued {
        why: &'j str,
    },
    Undecided {
        why: &'j str,
    },
}

#[derive(Serialize)]
struct Waived<'j> {
    reason: &'j str,
    owner: &'j str,
    expires: Date,
}

#[derive(Serialize)]
struct Operation<'j> {
    operation: &'j str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    samples: Option<u32>,
}

/// Writes the document and a newline.
pub fn write(judgement: &Judgement<'_>, out: &mut dyn Write) -> io::Result<()> {
    let document = Document {
        format: FORMAT,
        base: &judgement.base.name,
        revision: &judgement.revision.name,
        compatible: !judgement.fails(),
        bump: judgement.bump().0,
        findings: judgement
            .findings
            .iter()
            .map(|judged| found(judgement, judged))
            .collect(),
        operations: judgement.operations.iter().map(operation).collect(),
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn position<'j>(side: &Side, spot: &'j Spot) -> Position<'j> {
    Position {
        file: format!("{}{}", side.prefix, spot.place.file),
        line: spot.place.line,
        pointer: &spot.pointer,
    }
}

fn found<'j>(judgement: &'j Judgement<'_>, judged: &'j Judged<'_>) -> Found<'j> {
    let finding = judged.finding;
    let (standing, waiver) = match judged.standing {
        Standing::Fails => ("fails", None),
        Standing::Announced(_) => ("announced", None),
        Standing::Open => ("open", None),
        Standing::Passes => ("passes", None),
        Standing::Waived(waiver) => {
            let waived = Waived {
                reason: &waiver.reason,
                owner: &waiver.owner,
                expires: waiver.expires,
            };
            ("waived", Some(waived))
        }
    };
    Found {
        rule: &finding.rule,
        severity: finding.severity,
        standing,
        lane: finding.lane,
        direction: finding.direction,
        effect: finding.effect,
        what: &finding.what,
        place: &finding.place,
        operations: &finding.reach,
        base: finding
            .base
            .as_ref()
            .map(|spot| position(&judgement.base, spot)),
        revision: finding
            .revision
            .as_ref()
            .map(|spot| position(&judgement.revision, spot)),
        trail: &finding.trail,
        subject: finding.subject.as_deref(),
        before: finding.before.as_deref(),
        after: finding.after.as_deref(),
        reason: finding.reason.as_deref(),
        fix: &finding.fix,
        proof: match &finding.proof {
            Proof::Witness(witness) => Shown::Witness {
                says: &witness.says,
                value: witness.value.as_ref(),
                exchange: &witness.exchange,
            },
            Proof::Argued(why) => Shown::Argued { why },
            Proof::Undecided(why) => Shown::Undecided { why },
        },
        sunset: finding.sunset,
        waiver,
    }
}

fn operation((operation, verdict): &(String, Verdict)) -> Operation<'_> {
    let (verdict, samples) = match verdict {
        Verdict::Breaks => ("breaks", None),
        Verdict::Proved => ("proved", None),
        Verdict::Sampled(samples) => ("sampled", Some(*samples)),
    };
    Operation {
        operation,
        verdict,
        samples,
    }
}
