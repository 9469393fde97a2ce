//! Waivers: what an owner takes on, for a reason and until a day.
//!
//! ```toml
//! [[waiver]]
//! rule = "operation-removed"
//! pointer = "/paths/~1orders/delete"  # or what stands around it
//! reason = "no client has called it since March, see the access log"
//! owner = "orders"
//! expires = "2027-03-01"              # from this day on it no longer counts
//! ```

use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;

use crate::document::{Place, Unusable};
use crate::report::{Finding, Severity, Spot};

/// A finding that the owner takes on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The id of the rule.
    pub rule: String,
    /// The JSON pointer of the finding in either document, or of what stands around it.
    pub pointer: String,
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// From this day on it no longer counts.
    pub expires: Date,
    /// Where it stands.
    #[serde(skip)]
    pub line: u32,
}

/// A file of waivers.
#[derive(Clone, Debug, Default)]
pub struct Waivers {
    file: String,
    all: Vec<Waiver>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    waiver: Vec<Spanned<Waiver>>,
}

impl Waivers {
    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// When it is not understood, says nothing where it has to say something, or waives everything.
    pub fn read(file: &str, text: &str) -> Result<Waivers, Unusable> {
        let at = |offset: usize| {
            let lines = text[..offset.min(text.len())].matches('\n').count() + 1;
            u32::try_from(lines).unwrap_or(u32::MAX)
        };
        let unusable = |line: u32, what: &str, fix: &str| Unusable {
            place: Place {
                file: file.to_owned(),
                line,
            },
            what: what.to_owned(),
            fix: fix.to_owned(),
            of: None,
        };
        let written: Written = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(0, |span| at(span.start));
            let what = error.message().lines().collect::<Vec<_>>().join(" ");
            let fix = "write `rule`, `pointer`, `reason`, `owner` and `expires = \"YYYY-MM-DD\"` under `[[waiver]]`";
            unusable(line, &what, fix)
        })?;
        let mut all = Vec::new();
        for waiver in written.waiver {
            let line = at(waiver.span().start);
            let waiver = waiver.into_inner();
            if !waiver.pointer.starts_with('/') {
                let what = format!("`{}` is no pointer to a part", waiver.pointer);
                return Err(unusable(
                    line,
                    &what,
                    "write one, as in `/paths/~1orders/post`",
                ));
            }
            if waiver.reason.trim().is_empty() || waiver.owner.trim().is_empty() {
                let what = "a waiver without a reason or an owner";
                return Err(unusable(line, what, "say why, and who answers for it"));
            }
            all.push(Waiver { line, ..waiver });
        }
        let file = file.to_owned();
        Ok(Waivers { file, all })
    }

    /// The waiver of a finding on a day.
    pub fn covering(&self, finding: &Finding, today: Date) -> Option<&Waiver> {
        let mut all = self.all.iter();
        all.find(|waiver| today < waiver.expires && waiver.names(finding))
    }

    /// What is wrong with the waivers themselves: those that have expired, and those that waive none of the findings.
    pub fn faults<'f>(
        &self,
        findings: impl IntoIterator<Item = &'f Finding>,
        today: Date,
    ) -> Vec<Unusable> {
        let can_fail =
            |finding: &&Finding| matches!(finding.severity, Severity::Breaking | Severity::Policy);
        let findings: Vec<&Finding> = findings.into_iter().filter(can_fail).collect();
        let mut faults = Vec::new();
        for waiver in &self.all {
            let (what, fix) = if waiver.expires <= today {
                let what = format!(
                    "the waiver of {} expired on {}",
                    waiver.rule, waiver.expires
                );
                let fix = format!("undo what it waives, or ask {} to renew it", waiver.owner);
                (what, fix)
            } else if findings.iter().any(|finding| waiver.names(finding)) {
                continue;
            } else {
                let what = format!(
                    "the waiver waives nothing: no {} at {}",
                    waiver.rule, waiver.pointer
                );
                (what, "remove it".to_owned())
            };
            let place = Place {
                file: self.file.clone(),
                line: waiver.line,
            };
            faults.push(Unusable {
                place,
                what,
                fix,
                of: None,
            });
        }
        faults
    }
}

impl Waiver {
    fn names(&self, finding: &Finding) -> bool {
        let holds = |spot: &Option<Spot>| {
            let rest = spot
                .as_ref()
                .and_then(|spot| spot.pointer.strip_prefix(&self.pointer));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.rule == finding.rule && (holds(&finding.base) || holds(&finding.revision))
    }
}
