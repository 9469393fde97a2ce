//! The contract as generators of clients want it: nothing that makes one of them write a wrong file.
//!
//! Links and webhooks are gone, for they are no calls; so is the way to get a token, which needs a form that generators write with a
//! library of its own; and the long description, which they copy into every file.

use serde_json::{Map, Value, json};

use super::api::Api;

/// The profile of a contract.
pub fn of(api: &Api) -> Value {
    let mut document = api.document.clone();
    if let Some(members) = document.as_object_mut() {
        members.shift_remove("webhooks");
    }
    if let Some(info) = document["info"].as_object_mut() {
        info.shift_remove("description");
    }
    if let Some(paths) = document["paths"].as_object_mut() {
        let called = |path: &String| {
            api.operations
                .iter()
                .any(|operation| operation.path == *path)
        };
        paths.retain(|path, _| called(path));
        for operations in paths.values_mut().filter_map(Value::as_object_mut) {
            for operation in operations.values_mut() {
                without_links(operation["responses"].as_object_mut());
            }
        }
    }
    if let Some(components) = document["components"].as_object_mut() {
        without_links(
            components
                .get_mut("responses")
                .and_then(Value::as_object_mut),
        );
        components.shift_remove("links");
    }
    document
}

/// Says that tokens are sent, and no more: generators would write how to get one with a library of its own.
pub fn with_bearer(mut document: Value) -> Value {
    let schemes = document["components"]["securitySchemes"].as_object_mut();
    for scheme in schemes.into_iter().flat_map(Map::values_mut) {
        if scheme["type"] == "oauth2" {
            *scheme = json!({"type": "http", "scheme": "bearer"});
        }
    }
    let security = document["security"].as_array_mut().into_iter().flatten();
    security
        .flat_map(|it| it.as_object_mut())
        .for_each(without_scopes);
    let items = document["paths"]
        .as_object_mut()
        .into_iter()
        .flat_map(Map::values_mut);
    let operations = items
        .flat_map(|it| it.as_object_mut())
        .flat_map(Map::values_mut);
    for operation in operations {
        let security = operation.get_mut("security").and_then(Value::as_array_mut);
        let security = security.into_iter().flatten();
        security
            .flat_map(|it| it.as_object_mut())
            .for_each(without_scopes);
    }
    document
}

fn without_scopes(requirement: &mut Map<String, Value>) {
    requirement
        .values_mut()
        .for_each(|scopes| *scopes = json!([]));
}

fn without_links(responses: Option<&mut Map<String, Value>>) {
    for response in responses.into_iter().flat_map(Map::values_mut) {
        if let Some(members) = response.as_object_mut() {
            members.shift_remove("links");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clients::api;

    #[test]
    fn calls_stay_and_nothing_else() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("a root");
        for api in api::all(root).expect("contracts") {
            assert!(
                !with_bearer(of(&api))
                    .to_string()
                    .contains("oauth2\",\"flows")
            );
            let profile = of(&api).to_string();
            for operation in &api.operations {
                assert!(profile.contains(&format!("\"operationId\":\"{}\"", operation.id)));
            }
            for gone in [
                "\"links\":",
                "\"webhooks\":",
                "/oauth/token\":{",
                "In five steps",
            ] {
                assert!(!profile.contains(gone), "{}: {gone}", api.folder());
            }
        }
    }
}
