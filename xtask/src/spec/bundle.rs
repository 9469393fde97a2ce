//! Pulls what a contract refers to in other files into its own components.
//! A reference to another file is `<relative path>#/components/<kind>/<Name>`; a path item may refer to
//! `<relative path>#/paths/<path>`, which is copied in place. Two different components of one name are an error.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde_json::{Map, Value};

use super::{Document, Location, escape};
use crate::finding::Finding;

/// A node of a file: the file, relative to the root, and a JSON pointer in it.
type Origin = (String, String);

/// Makes `contract` self-contained.
pub fn bundle(root: &Path, contract: Document) -> Result<Document, Finding> {
    let home = contract.file.to_string();
    let source = contract.value.clone();
    let mut bundler = Bundler {
        root,
        files: BTreeMap::from([(home.clone(), contract)]),
        origins: HashMap::new(),
        pulled: Vec::new(),
        positions: HashMap::new(),
    };
    for (kind, components) in source["components"].as_object().into_iter().flatten() {
        for name in components
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
        {
            let pointer = format!("/components/{kind}/{}", escape(name));
            let origin = bundler.canonical((home.clone(), pointer.clone()))?;
            bundler.origins.insert(pointer, origin);
        }
    }
    let mut value = bundler.copy(&source, &home, "", "")?;
    while let Some(pointer) = bundler.pulled.pop() {
        let (file, from) = bundler.origins[&pointer].clone();
        let node = bundler.node(&file, &from)?.unwrap_or_default();
        let copied = bundler.copy(&node, &file, &from, &pointer)?;
        insert(&mut value, &pointer, copied);
    }
    Ok(Document {
        file: home.as_str().into(),
        value,
        positions: bundler.positions,
    })
}

fn insert(value: &mut Value, pointer: &str, component: Value) {
    let mut at = value;
    for member in pointer.split('/').skip(1) {
        at = at
            .as_object_mut()
            .expect("a contract, its components and each kind of them are mappings")
            .entry(super::unescape(member))
            .or_insert_with(|| Value::Object(Map::new()));
    }
    *at = component;
}

struct Bundler<'a> {
    root: &'a Path,
    files: BTreeMap<String, Document>,
    /// Where each component of the result was written, by its pointer in the result.
    origins: HashMap<String, Origin>,
    /// Components of the result that are still to be copied.
    pulled: Vec<String>,
    positions: HashMap<String, Location>,
}

impl Bundler<'_> {
    fn file(&mut self, file: &str) -> Result<&Document, Finding> {
        if !self.files.contains_key(file) {
            let document = Document::load(self.root, file)?;
            self.files.insert(file.to_owned(), document);
        }
        Ok(&self.files[file])
    }

    fn node(&mut self, file: &str, pointer: &str) -> Result<Option<Value>, Finding> {
        Ok(self.file(file)?.get(pointer).cloned())
    }

    /// Follows components that only point at the component of the same name in another file
    /// (`Money: {$ref: ../shared/money.yaml#/components/schemas/Money}`): they are that one, not a second of the name.
    fn canonical(&mut self, origin: Origin) -> Result<Origin, Finding> {
        let (mut file, pointer) = origin;
        loop {
            let node = self.node(&file, &pointer)?.unwrap_or_default();
            let target = node["$ref"]
                .as_str()
                .and_then(|target| target.split_once('#'));
            match target {
                Some((path, same)) if !path.is_empty() && same == pointer => {
                    file = join(&file, path)
                }
                _ => return Ok((file, pointer)),
            }
        }
    }

    /// Copies a node of `file`, rewriting its references; `from` and `to` are its pointers there and in the result.
    fn copy(&mut self, node: &Value, file: &str, from: &str, to: &str) -> Result<Value, Finding> {
        let position = self.file(file)?.position(from);
        self.positions.insert(to.to_owned(), position);
        match node {
            Value::Object(members) => {
                if let Some(Value::String(target)) = members.get("$ref") {
                    return self.reference(members, target, file, from, to);
                }
                let mut copied = Map::new();
                for (name, value) in members {
                    let (from, to) = (
                        format!("{from}/{}", escape(name)),
                        format!("{to}/{}", escape(name)),
                    );
                    copied.insert(name.clone(), self.copy(value, file, &from, &to)?);
                }
                Ok(Value::Object(copied))
            }
            Value::Array(items) => {
                let mut copied = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    copied.push(self.copy(
                        item,
                        file,
                        &format!("{from}/{index}"),
                        &format!("{to}/{index}"),
                    )?);
                }
                Ok(Value::Array(copied))
            }
            scalar => Ok(scalar.clone()),
        }
    }

    fn reference(
        &mut self,
        members: &Map<String, Value>,
        target: &str,
        file: &str,
        from: &str,
        to: &str,
    ) -> Result<Value, Finding> {
        let at = self.file(file)?.position(&format!("{from}/$ref"));
        let refused = |what: &str| {
            let what = format!("`$ref: {target}` {what}");
            at.finding(what, "refer to `<file>#/components/<kind>/<Name>`")
        };
        let (path, pointer) = target
            .split_once('#')
            .ok_or_else(|| refused("names no node"))?;
        let found_in = if path.is_empty() {
            file.to_owned()
        } else {
            join(file, path)
        };
        let node = self
            .node(&found_in, pointer)
            .map_err(|error| refused(&format!("leads nowhere ({error})")))?
            .ok_or_else(|| refused("leads nowhere"))?;
        let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
        match tokens[..] {
            ["paths", _] => self.copy(&node, &found_in, pointer, to),
            ["components", _, _] if to == pointer => self.copy(&node, &found_in, pointer, to),
            ["components", _, _] => {
                let origin = self.canonical((found_in, pointer.to_owned()))?;
                match self.origins.get(pointer) {
                    Some(known) if *known == origin => {}
                    Some((other, _)) => {
                        let what = format!(
                            "is not the component of that name in {other}, which is here too"
                        );
                        return Err(
                            at.finding(format!("`$ref: {target}` {what}"), "rename one of them")
                        );
                    }
                    None => {
                        self.origins.insert(pointer.to_owned(), origin);
                        self.pulled.push(pointer.to_owned());
                    }
                }
                let mut copied = members.clone();
                copied.insert("$ref".into(), Value::String(format!("#{pointer}")));
                Ok(Value::Object(copied))
            }
            _ => Err(refused("is not to a component")),
        }
    }
}

/// Resolves a path relative to the folder of `file`.
fn join(file: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in relative.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json;

    use super::super::Document;

    fn bundle(files: &[(&str, &str)]) -> Result<Document, String> {
        let root = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("it is made");
            fs::write(path, text).expect("it is written");
        }
        Document::bundle(root.path(), files[0].0).map_err(|finding| finding.to_string())
    }

    const SHARED: &str = "components:\n  schemas:\n    Money:\n      properties:\n        currency: {$ref: '#/components/schemas/Currency'}\n    Currency: {type: string}\n";

    #[test]
    fn shared_components_come_along_with_what_they_need_and_their_lines() {
        let contract =
            "paths:\n  /x: {schema: {$ref: '../shared/m.yaml#/components/schemas/Money'}}\n";
        let bundled = bundle(&[
            ("openapi/public/v1.yaml", contract),
            ("openapi/shared/m.yaml", SHARED),
        ])
        .expect("it bundles");
        assert_eq!(
            bundled.value,
            json!({
                "paths": {"/x": {"schema": {"$ref": "#/components/schemas/Money"}}},
                "components": {"schemas": {
                    "Money": {"properties": {"currency": {"$ref": "#/components/schemas/Currency"}}},
                    "Currency": {"type": "string"}
                }}
            })
        );
        let at = bundled.position("/components/schemas/Money/properties/currency");
        assert_eq!(at.to_string(), "openapi/shared/m.yaml:5");
    }

    #[test]
    fn a_component_that_points_at_the_shared_one_is_the_shared_one() {
        let contract = "a: {$ref: '#/components/schemas/Currency'}\nb: {$ref: '../shared/m.yaml#/components/schemas/Money'}\ncomponents:\n  schemas:\n    Currency: {$ref: '../shared/m.yaml#/components/schemas/Currency'}\n";
        let bundled = bundle(&[
            ("openapi/public/v1.yaml", contract),
            ("openapi/shared/m.yaml", SHARED),
        ])
        .expect("it bundles");
        assert_eq!(
            bundled.value["components"]["schemas"]["Currency"],
            json!({"type": "string"})
        );
    }

    #[test]
    fn conflicts_and_dangling_references_are_errors_with_their_line() {
        let conflict = "a: {$ref: '../shared/m.yaml#/components/schemas/Money'}\ncomponents:\n  schemas:\n    Currency: {type: integer}\n";
        let refused = bundle(&[
            ("openapi/public/v1.yaml", conflict),
            ("openapi/shared/m.yaml", SHARED),
        ]);
        let message = refused.expect_err("two currencies");
        assert!(
            message.starts_with("openapi/shared/m.yaml:5: `$ref: #/components/schemas/Currency`"),
            "{message}"
        );
        let refused = bundle(&[(
            "openapi/public/v1.yaml",
            "a:\n  $ref: '../shared/none.yaml#/components/schemas/X'\n",
        )]);
        let message = refused.expect_err("no such file");
        assert!(
            message.starts_with("openapi/public/v1.yaml:2: `$ref:"),
            "{message}"
        );
    }
}
