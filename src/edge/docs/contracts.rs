//! The contracts as files: one self-contained document each, as JSON and as YAML, and a list of them.

use axum::Router;
use axum::routing::get;
use http::HeaderMap;
use serde_json::{Value, json};

use super::Document;

/// A contract that this door keeps.
#[derive(Clone, Copy)]
pub struct Contract {
    /// `public`, `partner` or `private`.
    pub audience: &'static str,
    /// Major version, as in the paths.
    pub major: u32,
    /// The bundled document, as JSON.
    pub json: &'static str,
    /// The same, as YAML.
    pub yaml: &'static str,
}

impl Contract {
    /// Where the document is served, without its extension.
    pub fn path(&self) -> String {
        format!("/openapi/{}/v{}", self.audience, self.major)
    }

    /// Title, revision and status, for people.
    pub fn summary(&self) -> Summary {
        let document: Value =
            serde_json::from_str(self.json).expect("the bundled contract is JSON");
        let text = |pointer: &str| {
            document
                .pointer(pointer)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let status = text("/x-lifecycle/status");
        Summary {
            title: text("/info/title"),
            revision: text("/info/version"),
            status: if status.is_empty() {
                text("/info/x-lifecycle/status")
            } else {
                status
            },
            operations: document
                .get("paths")
                .and_then(Value::as_object)
                .map_or(0, |paths| {
                    paths
                        .values()
                        .filter_map(Value::as_object)
                        .flatten()
                        .filter(|(key, _)| is_method(key))
                        .count()
                }),
        }
    }
}

/// What a reader wants to know before opening a contract.
pub struct Summary {
    /// `info.title`.
    pub title: String,
    /// `info.version`, the semantic version of the contract.
    pub revision: String,
    /// Lifecycle: `current`, `deprecated`.
    pub status: String,
    /// How many operations it has.
    pub operations: usize,
}

fn is_method(key: &str) -> bool {
    matches!(
        key,
        "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace"
    )
}

/// Routes to each contract and to the list.
pub fn router(contracts: &[Contract]) -> Router {
    let list: Vec<Value> = contracts
        .iter()
        .map(|contract| {
            let summary = contract.summary();
            json!({
                "audience": contract.audience,
                "version": format!("v{}", contract.major),
                "title": summary.title,
                "revision": summary.revision,
                "status": summary.status,
                "json": format!("{}.json", contract.path()),
                "yaml": format!("{}.yaml", contract.path()),
            })
        })
        .collect();
    let mut router = serve(
        Router::new(),
        "/openapi",
        "application/json",
        json!({ "contracts": list }).to_string(),
    );
    for contract in contracts {
        router = serve(
            router,
            &format!("{}.json", contract.path()),
            "application/json",
            contract.json.to_owned(),
        );
        router = serve(
            router,
            &format!("{}.yaml", contract.path()),
            "application/yaml",
            contract.yaml.to_owned(),
        );
    }
    router
}

fn serve(router: Router, path: &str, content_type: &'static str, text: String) -> Router {
    let document = Document::new(content_type, text);
    router.route(
        path,
        get(move |headers: HeaderMap| async move { document.answer(&headers) }),
    )
}
