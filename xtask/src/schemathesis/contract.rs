//! A contract as Schemathesis gets it: one document, and the operations in it.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use crate::spec::Document;

const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

/// A contract that is to be tried.
pub struct Contract {
    /// Such as `public/v2`.
    pub name: String,
    /// As Schemathesis gets it.
    pub document: Value,
}

/// An operation of a contract.
pub struct Operation<'c> {
    /// In lower case.
    method: &'static str,
    /// With the names of its parameters in braces.
    pub path: &'c str,
    pub node: &'c Value,
}

impl Contract {
    /// Reads a contract file, such as `openapi/public/v2.yaml`.
    ///
    /// # Errors
    ///
    /// When it does not stand alone.
    pub fn read(root: &Path, file: &str) -> Result<Contract> {
        let mut document = Document::bundle(root, file)?.value;
        name_bearer_tokens(&mut document);
        Ok(Contract {
            name: name_of(file).to_owned(),
            document,
        })
    }

    /// Its name as that of a file, such as `public-v2`.
    pub fn stem(&self) -> String {
        self.name.replace('/', "-")
    }

    /// Whether staff and services keep to it, behind a door of their own.
    pub fn is_private(&self) -> bool {
        self.name.starts_with("private/")
    }

    /// Whether its credential is a key in `Api-Key`; a bearer token otherwise.
    pub fn asks_for_keys(&self) -> bool {
        let schemes = self.document["components"]["securitySchemes"].as_object();
        let mut schemes = schemes.into_iter().flatten();
        schemes.any(|(_, scheme)| scheme["type"] == "apiKey")
    }

    pub fn operations(&self) -> impl Iterator<Item = Operation<'_>> {
        let paths = self.document["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                let node = item.get(method)?;
                Some(Operation { method, path, node })
            })
        })
    }
}

impl Operation<'_> {
    /// Whether it takes this method, in any case.
    pub fn is(&self, method: &str) -> bool {
        self.method.eq_ignore_ascii_case(method)
    }

    /// As Schemathesis names it.
    pub fn label(&self) -> String {
        format!("{} {}", self.method.to_uppercase(), self.path)
    }

    /// Whether it asks who one is.
    pub fn is_guarded(&self) -> bool {
        let schemes = self.node["security"].as_array();
        schemes.is_some_and(|schemes| !schemes.is_empty())
    }

    /// Whether it may answer a problem with one of these codes.
    pub fn lists(&self, codes: &[&str]) -> bool {
        let listed = self.node["x-problems"].as_array().into_iter().flatten();
        listed
            .filter_map(Value::as_str)
            .any(|code| codes.contains(&code))
    }
}

/// Such as `public/v2` of `openapi/public/v2.yaml`.
pub fn name_of(file: &str) -> &str {
    let name = file.strip_prefix("openapi/").unwrap_or(file);
    name.strip_suffix(".yaml").unwrap_or(name)
}

/// Says of OAuth's tokens what goes over the wire, a bearer token: Schemathesis leaves `ignored_auth` out for `oauth2`.
fn name_bearer_tokens(document: &mut Value) {
    let schemes = document.pointer_mut("/components/securitySchemes");
    for (_, scheme) in schemes.and_then(Value::as_object_mut).into_iter().flatten() {
        if scheme["type"] == "oauth2" {
            *scheme = json!({"type": "http", "scheme": "bearer"});
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_asking_for_a_token_is_guarded() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (name, open) in [
            ("public/v2", &[][..]),
            ("private/v1", &["POST /oauth/token"]),
        ] {
            let contract =
                Contract::read(&root, &format!("openapi/{name}.yaml")).expect("it bundles");
            let found: Vec<String> = contract
                .operations()
                .filter(|operation| !operation.is_guarded())
                .map(|operation| operation.label())
                .collect();
            assert_eq!(found, open, "{name}");
            let schemes = contract.document["components"]["securitySchemes"].to_string();
            assert!(!schemes.contains("\"flows\""), "{schemes}");
        }
    }
}
