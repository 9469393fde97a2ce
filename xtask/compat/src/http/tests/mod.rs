//! Every rule by its example.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::document::{Forest, NodeId, Unusable};
use crate::report::{Finding, Proof, Report, Severity};
use crate::rules::{self, Frame};

mod wire;

fn load(forest: &mut Forest, name: &str, text: &str) -> NodeId {
    let text = text.to_owned();
    let source = move |_: &str| Ok(text.clone());
    forest
        .load(&source, name)
        .unwrap_or_else(|error| panic!("{error}"))
}

fn try_compare(base: &str, revision: &str) -> Result<Report, Unusable> {
    let mut forest = Forest::default();
    let base = load(&mut forest, "base.yaml", base);
    let revision = load(&mut forest, "revision.yaml", revision);
    super::compare(&forest, base, revision)
}

fn compare(base: &str, revision: &str) -> Report {
    try_compare(base, revision).unwrap_or_else(|error| panic!("{error}"))
}

/// Severity and rule of each finding.
fn rules_of(findings: &[Finding]) -> Vec<(Severity, &str)> {
    findings
        .iter()
        .map(|finding| (finding.severity, finding.rule.as_str()))
        .collect()
}

/// A document around a fragment of YAML.
fn framed(frame: Frame, fragment: &str) -> String {
    let lines = fragment.trim().lines().map(|line| format!("  {line}\n"));
    let text = format!("openapi: 3.1.0\nfragment:\n{}", lines.collect::<String>());
    let mut forest = Forest::default();
    let root = load(&mut forest, "fragment.yaml", &text);
    let fragment = forest
        .node(root)
        .get("fragment")
        .expect("it was just written")
        .value();
    let operation = |members: Value| {
        let mut operation = json!({"responses": {"204": {"description": "Done"}}});
        merge(&mut operation, members);
        json!({"paths": {"/things": {"post": operation}}})
    };
    let content = |schema: Value| json!({"application/json": {"schema": schema}});
    let members = match frame {
        Frame::Document => fragment,
        Frame::Operation => operation(fragment),
        Frame::Request => operation(json!({
            "requestBody": {"required": true, "content": content(fragment)}
        })),
        Frame::Response => operation(json!({
            "responses": {"200": {"description": "Done", "content": content(fragment)}}
        })),
    };
    let mut document = json!({"openapi": "3.1.0"});
    merge(&mut document, members);
    document.to_string()
}

fn merge(target: &mut Value, members: Value) {
    let Value::Object(members) = members else {
        panic!("{members} is no object");
    };
    for (name, value) in members {
        target[name] = value;
    }
}

#[test]
fn every_rule_is_found_by_its_example() {
    let mut wrong = Vec::new();
    for rule in rules::table().all() {
        let example = &rule.example;
        let (base, revision) = (
            framed(example.frame, &example.base),
            framed(example.frame, &example.revision),
        );
        let findings = compare(&base, &revision).findings;
        let own: Vec<&Finding> = findings
            .iter()
            .filter(|finding| !example.beside.contains(&finding.rule))
            .collect();
        let is_right = matches!(own.as_slice(), [only]
            if only.rule == rule.id && only.severity == example.severity);
        if !is_right {
            wrong.push(format!("{}: {:?}", rule.id, rules_of(&findings)));
        }
        let again = compare(&base, &base).findings;
        assert!(again.is_empty(), "{}: {again:?}", rule.id);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_of_the_code_is_in_the_table_and_the_other_way_round() {
    let sources = [
        include_str!("../answers.rs"),
        include_str!("../bodies.rs"),
        include_str!("../content.rs"),
        include_str!("../encoding.rs"),
        include_str!("../extensions.rs"),
        include_str!("../fields.rs"),
        include_str!("../headers.rs"),
        include_str!("../identities.rs"),
        include_str!("../links.rs"),
        include_str!("../operations.rs"),
        include_str!("../parameters.rs"),
        include_str!("../schemas.rs"),
        include_str!("../schemes.rs"),
        include_str!("../security.rs"),
        include_str!("../servers.rs"),
        include_str!("../shadows.rs"),
        include_str!("../texts.rs"),
    ]
    .concat();
    let table: BTreeSet<&str> = rules::table()
        .all()
        .iter()
        .map(|rule| rule.id.as_str())
        .collect();
    let side = |id: &str| id.starts_with("request-") || id.starts_with("response-");
    for id in table.iter().filter(|id| !side(id)) {
        assert!(sources.contains(&format!("\"{id}\"")), "no code knows {id}");
    }
    for quoted in ["Draft::wire(\"", "Draft::plain(\""] {
        for rest in sources.split(quoted).skip(1) {
            let id = rest.split('"').next().unwrap_or_default();
            assert!(table.contains(id), "the table does not know {id}");
        }
    }
}

/// Schemas of which each holds the next, and the last is a text; one operation takes the first, one the last but one.
fn chain(schemas: usize, longest: u32) -> String {
    let to = |at: usize| json!({"$ref": format!("#/components/schemas/S{at}")});
    let mut all = serde_json::Map::new();
    for at in 0..schemas {
        let schema =
            json!({"type": "object", "required": ["next"], "properties": {"next": to(at + 1)}});
        all.insert(format!("S{at}"), schema);
    }
    let last = json!({"type": "string", "maxLength": longest});
    all.insert(format!("S{schemas}"), last);
    let operation = |at: usize| {
        let content = json!({"application/json": {"schema": to(at)}});
        json!({"post": {"requestBody": {"content": content}, "responses": {"204": {"description": "Done"}}}})
    };
    json!({"openapi": "3.1.0", "components": {"schemas": all},
        "paths": {"/far": operation(0), "/near": operation(schemas - 1)}})
    .to_string()
}

#[test]
fn what_lies_far_is_shown_where_it_is_near() {
    let report = compare(&chain(100, 5), &chain(100, 4));
    let [only] = report.findings.as_slice() else {
        panic!("one cause: {:?}", rules_of(&report.findings));
    };
    assert_eq!(only.rule, "request-max-length-narrowed");
    assert_eq!(only.reach, ["POST /far", "POST /near"]);
    let Proof::Witness(witness) = &only.proof else {
        panic!("{:?}", only.proof);
    };
    assert_eq!(witness.value, Some(json!({"next": "xxxxx"})));
}
