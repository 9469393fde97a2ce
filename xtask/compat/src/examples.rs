//! The examples of rules as whole documents.

use serde_json::{Value, json};

use crate::document::{Forest, Unusable};
use crate::report::Report;
use crate::rules::{Example, Frame};

impl Example {
    /// What its two documents differ in.
    ///
    /// # Errors
    ///
    /// When a fragment is no YAML, or the documents cannot be compared.
    pub fn report(&self) -> Result<Report, Unusable> {
        let (base, revision) = (
            framed(self.frame, &self.base)?,
            framed(self.frame, &self.revision)?,
        );
        let mut forest = Forest::default();
        let base = forest.plant("base", &base)?;
        let revision = forest.plant("revision", &revision)?;
        crate::compare(&forest, base, revision)
    }
}

/// A document around a fragment of YAML.
fn framed(frame: Frame, fragment: &str) -> Result<Value, Unusable> {
    let lines = fragment.trim().lines().map(|line| format!("  {line}\n"));
    let text = format!("openapi: 3.1.0\nfragment:\n{}", lines.collect::<String>());
    let mut forest = Forest::default();
    let root = forest.load(&|_: &str| Ok(text.clone()), "fragment.yaml")?;
    let fragment = forest.node(root).get("fragment");
    let fragment = fragment
        .map(|fragment| fragment.value())
        .unwrap_or_default();
    let operation = |members: Value| {
        let mut operation = json!({"responses": {"204": {"description": "Done"}}});
        merge(&mut operation, members);
        json!({"paths": {"/things": {"post": operation}}})
    };
    let content = |schema: Value| json!({"application/json": {"schema": schema}});
    let members = match frame {
        Frame::Document => fragment,
        Frame::Operation => operation(fragment),
        Frame::Request => {
            operation(json!({"requestBody": {"required": true, "content": content(fragment)}}))
        }
        Frame::Response => {
            let answer = json!({"description": "Done", "content": content(fragment)});
            operation(json!({"responses": {"200": answer}}))
        }
    };
    let mut document = json!({"openapi": "3.1.0"});
    merge(&mut document, members);
    Ok(document)
}

fn merge(target: &mut Value, members: Value) {
    let Value::Object(members) = members else {
        return;
    };
    for (name, value) in members {
        target[name] = value;
    }
}
