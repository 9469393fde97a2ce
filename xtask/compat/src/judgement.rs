//! A report as it stands on a day: which findings fail, which the owner has waived, which were announced and may go by now, and
//! which version all of them call for. Renderers and gates are views of this.

use jiff::civil::Date;
use serde::Serialize;

use crate::document::Place;
use crate::report::{Finding, Lane, Report, Severity, Verdict};
use crate::waivers::{Waiver, Waivers};

/// One of the two documents, as it was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// Such as `main:openapi/public/v2.yaml`.
    pub name: String,
    /// What stands before the names of its files for people: a commit with its colon, a folder, or nothing.
    pub prefix: String,
}

impl Side {
    /// A place in it, for people.
    pub fn place(&self, place: &Place) -> String {
        format!("{}{place}", self.prefix)
    }
}

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing<'r> {
    /// A client may break.
    Fails,
    /// It would fail, and the owner has taken that on.
    Waived(&'r Waiver),
    /// It was announced for this day, which has come.
    Announced(Date),
    /// The owner decides.
    Open,
    /// No client breaks.
    Passes,
}

/// A finding with its standing.
#[derive(Clone, Copy, Debug)]
pub struct Judged<'r> {
    pub finding: &'r Finding,
    pub standing: Standing<'r>,
}

/// How far changes raise the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bump {
    None,
    Patch,
    Minor,
    Major,
}

impl Bump {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Bump::None => "none",
            Bump::Patch => "patch",
            Bump::Minor => "minor",
            Bump::Major => "major",
        }
    }
}

/// A report on a day.
#[derive(Clone, Debug)]
pub struct Judgement<'r> {
    pub base: Side,
    pub revision: Side,
    /// In the order of the report.
    pub findings: Vec<Judged<'r>>,
    /// Operations that changed, in the order of the base.
    pub operations: &'r [(String, Verdict)],
}

impl<'r> Judgement<'r> {
    /// Judges the findings of some lanes, all when none is named.
    pub fn new(
        report: &'r Report,
        (base, revision): (Side, Side),
        lanes: &[Lane],
        waivers: &'r Waivers,
        today: Date,
    ) -> Judgement<'r> {
        let wanted = |finding: &&Finding| lanes.is_empty() || lanes.contains(&finding.lane);
        let judged = |finding: &'r Finding| Judged {
            finding,
            standing: standing(finding, waivers, today),
        };
        Judgement {
            base,
            revision,
            findings: report.findings.iter().filter(wanted).map(judged).collect(),
            operations: &report.operations,
        }
    }

    /// Some client may break.
    pub fn fails(&self) -> bool {
        self.findings.iter().any(Judged::fails)
    }

    /// The version that the findings call for, and the finding that does.
    pub fn bump(&self) -> (Bump, Option<&Judged<'r>>) {
        let mut highest = (Bump::None, None);
        for judged in &self.findings {
            if judged.bump() > highest.0 {
                highest = (judged.bump(), Some(judged));
            }
        }
        highest
    }

    /// Where a finding stands in the revision; where what it took away used to be, when nothing is left.
    pub fn place(&self, finding: &Finding) -> Option<String> {
        let revision = finding.revision.as_ref();
        let base = || {
            let spot = finding.base.as_ref()?;
            Some(self.base.place(&spot.place))
        };
        revision
            .map(|spot| self.revision.place(&spot.place))
            .or_else(base)
    }
}

impl Judged<'_> {
    /// A client may break.
    pub fn fails(&self) -> bool {
        self.standing == Standing::Fails
    }

    /// The version that it calls for.
    pub fn bump(&self) -> Bump {
        match (self.standing, self.finding.severity) {
            (Standing::Fails, _) => Bump::Major,
            (_, Severity::Worded) => Bump::Patch,
            _ => Bump::Minor,
        }
    }

    /// Its standing and severity in one word.
    pub fn word(&self) -> &'static str {
        match (self.standing, self.finding.severity) {
            (Standing::Fails, _) => "breaking",
            (Standing::Waived(_), _) => "waived",
            (Standing::Announced(_), _) => "announced",
            (Standing::Open, _) => "to decide",
            (Standing::Passes, Severity::Deprecating) => "deprecated",
            (Standing::Passes, Severity::Worded) => "wording",
            (Standing::Passes, _) => "new",
        }
    }
}

fn standing<'r>(finding: &Finding, waivers: &'r Waivers, today: Date) -> Standing<'r> {
    let open = match finding.severity {
        Severity::Breaking => Standing::Fails,
        Severity::Policy => Standing::Open,
        _ => return Standing::Passes,
    };
    match (finding.sunset, waivers.covering(finding, today)) {
        (Some(day), _) if day <= today => Standing::Announced(day),
        (_, Some(waiver)) => Standing::Waived(waiver),
        _ => open,
    }
}
