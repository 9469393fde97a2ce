//! What the bundled document says, read without the model.

use serde_json::Value;

/// A bundled OpenAPI document of ours.
#[derive(Clone, Copy)]
pub struct Document<'a>(pub &'a Value);

/// An operation, as the document spells it.
pub struct Spelt<'a> {
    /// `get`.
    pub method: &'a str,
    pub path: &'a str,
    pub id: &'a str,
    /// Those of the path's item and its own.
    pub parameters: Vec<&'a Value>,
    pub spelt: &'a Value,
}

impl<'a> Document<'a> {
    /// What a node is, wherever it stands.
    pub fn resolved(self, node: &'a Value) -> &'a Value {
        let reference = node["$ref"].as_str();
        match reference.and_then(|it| self.0.pointer(it.trim_start_matches('#'))) {
            Some(target) => self.resolved(target),
            None => node,
        }
    }

    /// The operations that clients have: those that ask for a credential.
    pub fn operations(self) -> Vec<Spelt<'a>> {
        let mut operations = Vec::new();
        for (path, item) in self.0["paths"].as_object().into_iter().flatten() {
            for (method, spelt) in item.as_object().into_iter().flatten() {
                let Some(id) = spelt["operationId"].as_str() else {
                    continue;
                };
                let own = [item, spelt].map(|it| it["parameters"].as_array());
                let own = own.into_iter().flatten().flatten();
                let operation = Spelt {
                    method,
                    path,
                    id,
                    parameters: own.map(|it| self.resolved(it)).collect(),
                    spelt,
                };
                if self.scheme(&operation).is_some() {
                    operations.push(operation);
                }
            }
        }
        operations
    }

    /// The scheme of the credential that an operation asks for.
    pub fn scheme(self, operation: &Spelt) -> Option<&'a Value> {
        let own = [&operation.spelt["security"], &self.0["security"]];
        let security = own.into_iter().find(|it| it.is_array())?;
        let (name, _) = security[0].as_object()?.iter().next()?;
        Some(&self.0["components"]["securitySchemes"][name])
    }

    /// The schema of a request's body, or of what is posted to a webhook.
    pub fn body(self, spelt: &'a Value) -> Option<&'a Value> {
        schema(self.resolved(spelt.get("requestBody")?))
    }

    /// The schemas of the successes.
    pub fn successes(self, spelt: &'a Value) -> Vec<&'a Value> {
        let responses = spelt["responses"].as_object().into_iter().flatten();
        let successes = responses.filter(|(status, _)| status.starts_with('2'));
        successes
            .filter_map(|(_, response)| schema(self.resolved(response)))
            .collect()
    }

    /// The webhooks.
    pub fn webhooks(self) -> impl Iterator<Item = &'a Value> {
        let webhooks = self.0["webhooks"].as_object().into_iter().flatten();
        webhooks.map(|(_, item)| &item["post"])
    }
}

fn schema(carrier: &Value) -> Option<&Value> {
    let content = carrier["content"].as_object()?;
    content.values().next()?.get("schema")
}

/// The name of the component that a schema refers to.
pub fn name(schema: &Value) -> Option<&str> {
    schema["$ref"]
        .as_str()?
        .strip_prefix("#/components/schemas/")
}
