//! `cargo xtask drift`: the document that the compiled router reports of itself means the same as the spec.
//! The report is collected by utoipa from the routes that are really mounted, types and scopes included; nothing in it is read from
//! the spec at run time. A difference says where in the spec, what either side says, and what to do.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::finding::Finding;
use crate::spec::{Document, contracts};

mod facts;

use facts::{Fact, Facts, SEPARATOR};

/// The gate: every difference between a contract and what the program reports.
pub fn gate(root: &Path) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in contracts(root)? {
        let reported = reported(root, &file)?;
        findings.extend(compare(&Document::bundle(root, &file)?, &reported));
    }
    Ok(findings)
}

/// Asks the program what it serves for a contract file.
fn reported(root: &Path, file: &str) -> Result<Value> {
    let name = file
        .trim_start_matches("openapi/")
        .trim_end_matches(".yaml");
    let output = Command::new(env!("CARGO"))
        .current_dir(root)
        .args([
            "run",
            "--quiet",
            "--package",
            "fareway",
            "--",
            "contract",
            name,
            "--reported",
        ])
        .output()
        .context("cargo does not start")?;
    if !output.status.success() {
        bail!(
            "`fareway contract {name} --reported` failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    serde_json::from_slice(&output.stdout)
        .with_context(|| format!("`fareway contract {name} --reported` does not print JSON"))
}

/// Every difference in wire meaning, in the order of the spec's lines.
fn compare(spec: &Document, reported: &Value) -> Vec<Finding> {
    const FIX: &str =
        "run `cargo xtask generate`, and if the program is what is right, change the spec first";
    let (written, mounted) = (facts::read(&spec.value), facts::read(reported));
    let mut findings = Vec::new();
    for (at, fact) in &written {
        if let Some(other) = mounted.get(at)
            && other.says != fact.says
        {
            let what = format!(
                "{at}: the spec says {}, the program says {}",
                fact.says, other.says
            );
            findings.push(spec.finding(&fact.pointer, what, FIX));
        }
    }
    for (at, fact) in only_in(&written, &mounted) {
        let what = format!("{at}: the spec has it, the program has not");
        findings.push(spec.finding(&fact.pointer, what, FIX));
    }
    for at in only_in(&mounted, &written).into_keys() {
        let what = format!("{at}: the program has it, the spec has not");
        findings.push(spec.finding(&nearest(at, &written), what, FIX));
    }
    findings.sort();
    findings
}

/// What one side has and the other lacks: the topmost thing that is missing altogether, with its first fact.
fn only_in<'a>(here: &'a Facts, there: &Facts) -> BTreeMap<&'a str, &'a Fact> {
    let mut missing = BTreeMap::new();
    for (at, fact) in here.iter().filter(|(at, _)| !there.contains_key(*at)) {
        let above = at.match_indices(SEPARATOR).map(|(cut, _)| &at[..cut]);
        let topmost = above
            .into_iter()
            .find(|above| first_below(there, above).is_none());
        missing.entry(topmost.unwrap_or(at)).or_insert(fact);
    }
    missing
}

fn first_below<'a>(facts: &'a Facts, at: &str) -> Option<&'a Fact> {
    let prefix = format!("{at}{SEPARATOR}");
    let (key, fact) = facts.range(prefix.clone()..).next()?;
    key.starts_with(&prefix).then_some(fact)
}

/// The pointer of the closest thing above that the spec does say.
fn nearest(at: &str, written: &Facts) -> String {
    let cuts: Vec<usize> = at.match_indices(SEPARATOR).map(|(cut, _)| cut).collect();
    let above = cuts
        .iter()
        .rev()
        .find_map(|cut| first_below(written, &at[..*cut]));
    above.map_or_else(|| "/paths".to_owned(), |fact| fact.pointer.clone())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::json;

    use super::*;

    /// The golden contract, and what the routes generated from it reported: the tests of `src/wire` keep the latter.
    fn golden() -> (Document, Value) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/generate/golden");
        let spec = Document::bundle(&folder, "openapi/public/v9.yaml").expect("it bundles");
        let snapshot = include_str!("golden/reported.snap");
        let body = snapshot
            .splitn(3, "---\n")
            .nth(2)
            .expect("a snapshot has a head and a body");
        (
            spec,
            serde_json::from_str(body).expect("the report is JSON"),
        )
    }

    #[test]
    fn what_is_generated_reports_what_the_spec_says() {
        let (spec, reported) = golden();
        let findings = compare(&spec, &reported);
        assert!(
            findings.is_empty(),
            "{}",
            findings
                .iter()
                .map(|finding| format!("{finding}\n"))
                .collect::<String>()
        );
    }

    #[test]
    fn every_kind_of_drift_is_caught_at_its_line() {
        const THING: &str = "/paths/~1public~1v9~1things~1{thing_id}";
        let thing = |rest: &str| format!("{THING}{rest}");
        let cases: Vec<(String, Value, &str)> = vec![
            // A route, its id, its scope.
            (
                thing(""),
                Value::Null,
                "GET /public/v9/things/{thing_id}: the spec has it, the program has not",
            ),
            (
                "/paths/~1more".into(),
                json!({"get": {"responses": {"200": {}}}}),
                "GET /more: the program has it, the spec has not",
            ),
            (
                thing("/get/operationId"),
                json!("readThing"),
                "operationId: the spec says getThing, the program says readThing",
            ),
            (
                thing("/get/security/0/apiKey/0"),
                json!("things:write"),
                "security: the spec says apiKey [things:read], the program says apiKey [things:write]",
            ),
            (
                thing("/delete/security/0/oauth2/0"),
                json!("things:read"),
                "security: the spec says oauth2 [things:write], the program says oauth2 [things:read]",
            ),
            (
                thing("/delete/security"),
                Value::Null,
                "security: the spec says oauth2 [things:write], the program says no credential",
            ),
            (
                "/paths/~1oauth~1token/post/security".into(),
                json!([{"apiKey": ["things:read"]}]),
                "security: the spec says no credential, the program says apiKey [things:read]",
            ),
            (
                "/paths/~1oauth~1token/post/requestBody/content/application~1x-www-form-urlencoded/schema/$ref".into(),
                json!("#/components/schemas/Maker"),
                "application/x-www-form-urlencoded › grant_type: the spec has it, the program has not",
            ),
            (
                "/paths/~1oauth~1token/post/responses/400/content/application~1json".into(),
                Value::Null,
                "400 › application/json: the spec has it, the program has not",
            ),
            // A parameter.
            (
                thing("/get/parameters/3/schema/type"),
                json!("string"),
                "query parameter limit › type: the spec says integer (int32), the program says string (int32)",
            ),
            (
                thing("/get/parameters/3/required"),
                json!(true),
                "query parameter limit › required: the spec says optional, the program says required",
            ),
            (
                thing("/get/parameters/3/name"),
                json!("most"),
                "query parameter most: the program has it, the spec has not",
            ),
            // A status, a header, a media type.
            (
                thing("/get/responses/304"),
                Value::Null,
                "GET /public/v9/things/{thing_id} › 304: the spec has it, the program has not",
            ),
            (
                thing("/get/responses/418"),
                json!({"description": "tea"}),
                "› 418: the program has it, the spec has not",
            ),
            (
                thing("/get/responses/200/headers/ETag"),
                Value::Null,
                "200 › header etag: the spec has it, the program has not",
            ),
            (
                thing("/get/responses/200/content/text~1plain"),
                json!({"schema": {"type": "string"}}),
                "200 › text/plain: the program has it, the spec has not",
            ),
            // A member: its type, its presence, null, its values, whether there may be others.
            (
                "/components/schemas/Thing/properties/amount/type".into(),
                json!("string"),
                "amount › type: the spec says integer (int64), the program says string (int64)",
            ),
            (
                "/components/schemas/Thing/required/0".into(),
                json!("labels"),
                "id › presence: the spec says required, the program says optional",
            ),
            (
                "/components/schemas/Maker/properties/name/type".into(),
                json!("string"),
                "maker › name › type: the spec says string or null, the program says string",
            ),
            (
                "/components/schemas/LargeThingInputShade/enum/0".into(),
                json!("dim"),
                "shade › values: the spec says \"light\", \"very_dark\", the program says \"dim\", \"very_dark\"",
            ),
            (
                "/components/schemas/PartInput/additionalProperties".into(),
                json!(true),
                "parts › each › other members: the spec says refused, the program says free",
            ),
            (
                "/components/schemas/SmallThingInput/properties/made_on/format".into(),
                json!("date-time"),
                "made_on › type: the spec says string (date), the program says string (date-time)",
            ),
            (
                "/components/schemas/Thing/properties/extra".into(),
                json!({"type": "string"}),
                "application/json › extra: the program has it, the spec has not",
            ),
        ];
        let (spec, reported) = golden();
        for (pointer, value, expected) in cases {
            let mut edited = reported.clone();
            set(&mut edited, &pointer, value);
            let findings = compare(&spec, &edited);
            let said: Vec<String> = findings.iter().map(ToString::to_string).collect();
            assert!(
                said.iter().any(|finding| finding.contains(expected)),
                "{pointer}: {said:#?}"
            );
            let placed = |said: &String| {
                said.starts_with("openapi/public/v9.yaml:")
                    || said.starts_with("openapi/shared/things.yaml:")
            };
            assert!(said.iter().all(placed), "{said:#?}");
        }
    }

    /// Sets a member, or takes it out when the value is null.
    fn set(document: &mut Value, pointer: &str, value: Value) {
        let (parent, last) = pointer.rsplit_once('/').expect("a pointer to a member");
        let parent = document
            .pointer_mut(parent)
            .unwrap_or_else(|| panic!("the report has {parent}"));
        let last = crate::spec::unescape(last);
        match (parent, value) {
            (Value::Array(items), value) => items[last.parse::<usize>().expect("an index")] = value,
            (parent, Value::Null) => drop(parent.as_object_mut().expect("an object").remove(&last)),
            (parent, value) => parent[last] = value,
        }
    }
}
