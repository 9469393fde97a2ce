//! What Schemathesis did, as its NDJSON report tells: one event a line, and in each finished scenario every request and answer.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use data_encoding::BASE64;
use serde_json::Value;

/// A request of a scenario with its answer, when one came.
pub struct Case {
    pub id: String,
    /// The case whose answer it goes on from.
    pub parent: Option<String>,
    pub method: String,
    /// Path and query as they went over the wire.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Option<Vec<u8>>,
    pub answer: Option<Answer>,
    pub failures: Vec<Failure>,
}

/// What was answered.
pub struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

/// What a check has against an answer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    pub check: String,
    pub operation: String,
    pub title: String,
}

/// Cases that were sent one after the other: of one operation, or a sequence of several.
pub struct Scenario {
    /// `examples`, `coverage`, `fuzzing` or `stateful`.
    pub phase: String,
    /// The operation, where it is of one.
    pub label: String,
    pub cases: Vec<Case>,
}

/// All that was sent and answered.
#[derive(Default)]
pub struct Recording {
    pub scenarios: Vec<Scenario>,
    /// What kept Schemathesis from a verdict, such as an answer that never came.
    pub errors: Vec<String>,
}

impl Recording {
    /// Reads a report.
    ///
    /// # Errors
    ///
    /// When it is no report of Schemathesis.
    pub fn read(file: &Path) -> Result<Recording> {
        let name = file.display();
        let opened = File::open(file).with_context(|| format!("{name} cannot be read"))?;
        let mut recording = Recording::default();
        let mut is_report = false;
        for (at, line) in BufReader::new(opened).lines().enumerate() {
            let event: Value = serde_json::from_str(&line?)
                .with_context(|| format!("{name}:{}: is no line of JSON", at + 1))?;
            is_report |= event.get("Initialize").is_some();
            recording
                .add(&event)
                .with_context(|| format!("{name}:{}: is no event of Schemathesis 4", at + 1))?;
        }
        ensure!(
            is_report,
            "{name} is no recording of Schemathesis: `cargo xtask schemathesis` writes them to target/schemathesis"
        );
        Ok(recording)
    }

    /// What the checks found, each thing once.
    pub fn failures(&self) -> Vec<Failure> {
        let cases = self.scenarios.iter().flat_map(|scenario| &scenario.cases);
        let mut failures: Vec<Failure> = cases.flat_map(|case| case.failures.clone()).collect();
        failures.sort();
        failures.dedup();
        failures
    }

    /// Requests that were sent, by phase.
    pub fn counts(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for scenario in &self.scenarios {
            *counts.entry(scenario.phase.as_str()).or_default() += scenario.cases.len();
        }
        counts
    }

    fn add(&mut self, event: &Value) -> Result<()> {
        if let Some(error) = event
            .get("NonFatalError")
            .or_else(|| event.get("FatalError"))
        {
            let label = error["label"].as_str().unwrap_or_default();
            let said = error["value"]["message"].as_str().unwrap_or_default();
            self.errors.push(format!("{label}: {said}"));
        }
        let Some(finished) = event.get("ScenarioFinished") else {
            return Ok(());
        };
        let told = &finished["recorder"];
        let mut failures = failures(&told["checks"]);
        let mut cases = Vec::new();
        for (id, interaction) in told["interactions"].as_object().into_iter().flatten() {
            cases.push(Case {
                id: id.clone(),
                parent: told["cases"][id]["parent_id"].as_str().map(str::to_owned),
                failures: failures.remove(id.as_str()).unwrap_or_default(),
                ..case(interaction)?
            });
        }
        self.scenarios.push(Scenario {
            phase: text(finished, "phase")?,
            label: text(told, "label")?,
            cases,
        });
        Ok(())
    }
}

fn case(interaction: &Value) -> Result<Case> {
    let request = &interaction["request"];
    // Cut by hand: what Schemathesis sends is not always what a parser of URIs takes.
    let uri = text(request, "uri")?;
    let (_, after_scheme) = uri.split_once("://").context("`uri` has no scheme")?;
    let target = after_scheme
        .find('/')
        .map_or("/", |cut| &after_scheme[cut..]);
    let answer = match interaction
        .get("response")
        .filter(|answer| !answer.is_null())
    {
        None => None,
        Some(response) => {
            let status = response["status_code"].as_u64().context("status_code")?;
            let headers = headers(&response["headers"]);
            let content_type = headers
                .into_iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            Some(Answer {
                status: u16::try_from(status)?,
                content_type: content_type.map(|(_, value)| value),
                body: bytes(&response["content"])?.unwrap_or_default(),
            })
        }
    };
    Ok(Case {
        id: String::new(),
        parent: None,
        method: text(request, "method")?,
        target: target.to_owned(),
        headers: headers(&request["headers"]),
        body: bytes(&request["body"])?,
        answer,
        failures: Vec::new(),
    })
}

/// What the checks found, by the case whose answer they speak of: it may be one that a check sent itself.
fn failures(checks: &Value) -> BTreeMap<&str, Vec<Failure>> {
    let mut found: BTreeMap<&str, Vec<Failure>> = BTreeMap::new();
    for (id, checks) in checks.as_object().into_iter().flatten() {
        let checks = checks.as_array().into_iter().flatten();
        for check in checks.filter(|check| check["status"] == "failure") {
            let failure = &check["failure_info"]["failure"];
            let told = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            found
                .entry(failure["case_id"].as_str().unwrap_or(id))
                .or_default()
                .push(Failure {
                    check: told(&check["name"]),
                    operation: told(&failure["operation"]),
                    title: told(&failure["title"]),
                });
        }
    }
    found
}

fn text(node: &Value, member: &str) -> Result<String> {
    let text = node[member].as_str();
    Ok(text
        .with_context(|| format!("`{member}` is missing"))?
        .to_owned())
}

fn headers(node: &Value) -> Vec<(String, String)> {
    let named = node.as_object().into_iter().flatten();
    named
        .flat_map(|(name, values)| {
            let values = values.as_array().into_iter().flatten();
            values.filter_map(move |value| Some((name.clone(), value.as_str()?.to_owned())))
        })
        .collect()
}

/// Bytes are told in base64.
fn bytes(node: &Value) -> Result<Option<Vec<u8>>> {
    let text = node["$base64"].as_str();
    text.map(|text| Ok(BASE64.decode(text.as_bytes())?))
        .transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn interaction(method: &str, uri: &str, status: u16) -> Value {
        json!({
            "request": {"method": method, "uri": uri, "headers": {"Api-Key": ["k"]}, "body": {"$base64": "e30="}},
            "response": {"status_code": status, "headers": {"content-type": ["application/json"]}, "content": {"$base64": "e30="}},
        })
    }

    #[test]
    fn a_failure_is_of_the_request_that_was_answered_wrongly() {
        let failure = json!({"operation": "GET /a", "title": "Let in", "case_id": "two"});
        let event = json!({"ScenarioFinished": {"phase": "examples", "recorder": {
            "label": "GET /a",
            "cases": {"one": {}, "two": {"parent_id": "one"}},
            "checks": {"one": [
                {"name": "not_a_server_error", "status": "success"},
                {"name": "ignored_auth", "status": "failure", "failure_info": {"failure": failure}},
            ]},
            "interactions": {
                "one": interaction("GET", "http://127.0.0.1:1/a?b=%22", 200),
                "two": interaction("GET", "http://127.0.0.1:1/a?b=%22", 201),
            },
        }}});
        let error = json!({"NonFatalError": {"label": "GET /a", "value": {"message": "hung up"}}});
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("recording.ndjson");
        let text = format!("{}\n{event}\n{error}\n", json!({"Initialize": {}}));
        std::fs::write(&file, text).expect("it can be written");

        let recording = Recording::read(&file).expect("it is a recording");
        let cases = &recording.scenarios[0].cases;
        assert_eq!(cases[0].target, "/a?b=%22");
        assert_eq!(cases[0].body.as_deref(), Some(&b"{}"[..]));
        assert!(cases[0].failures.is_empty());
        assert_eq!(cases[1].parent.as_deref(), Some("one"));
        assert_eq!(cases[1].failures, recording.failures());
        assert_eq!(recording.failures()[0].check, "ignored_auth");
        assert_eq!(recording.errors, ["GET /a: hung up"]);
        assert_eq!(recording.counts()["examples"], 2);

        std::fs::write(&file, "{}\n").expect("it can be written");
        assert!(Recording::read(&file).is_err(), "anything else is refused");
    }
}
