//! The contracts as files: one self-contained document each, as JSON and as YAML, every revision that was ever released, and a
//! list of them all.

use axum::Router;
use axum::routing::get;
use http::HeaderMap;
use serde_json::{Value, json};

use super::Document;
use crate::api::released::Revision;

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
    /// What a reader wants to know before opening it.
    pub summary: &'static Summary,
}

impl Contract {
    /// Where the document is served, without its extension.
    pub fn path(&self) -> String {
        format!("/openapi/{}/v{}", self.audience, self.major)
    }
}

/// What a reader wants to know before opening a contract.
pub struct Summary {
    /// `info.title`.
    pub title: String,
    /// `info.summary`.
    pub summary: String,
    /// `info.version`, the semantic version of the contract.
    pub revision: String,
    /// Lifecycle: `current`, `deprecated`.
    pub status: String,
    /// Since when it is deprecated, `YYYY-MM-DD`.
    pub deprecated: Option<String>,
    /// Until when it is served, `YYYY-MM-DD`.
    pub sunset: Option<String>,
    /// The path of what follows it.
    pub successor: Option<String>,
    /// Scopes of its OAuth scheme; none when keys are asked for.
    pub scopes: Vec<String>,
    /// How many operations it has.
    pub operations: usize,
}

impl Summary {
    /// Reads a bundled contract.
    ///
    /// # Panics
    /// When the text is not a contract that the generator wrote.
    pub fn of(json: &str) -> Summary {
        let document: Value = serde_json::from_str(json).expect("the bundled contract is JSON");
        let text = |pointer: &str| {
            document
                .pointer(pointer)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let operations = document
            .get("paths")
            .and_then(Value::as_object)
            .map_or(0, |paths| {
                let items = paths.values().filter_map(Value::as_object).flatten();
                items.filter(|(key, _)| is_method(key)).count()
            });
        Summary {
            title: text("/info/title").unwrap_or_default(),
            summary: text("/info/summary").unwrap_or_default(),
            revision: text("/info/version").unwrap_or_default(),
            status: text("/info/x-lifecycle/status").unwrap_or_default(),
            deprecated: text("/info/x-lifecycle/deprecated"),
            sunset: text("/info/x-lifecycle/sunset"),
            successor: text("/info/x-lifecycle/successor"),
            scopes: scopes(&document),
            operations,
        }
    }

    /// The status as a badge says it.
    pub fn badge(&self) -> String {
        match &self.sunset {
            Some(sunset) => format!("{} until {sunset}", self.status),
            None => self.status.clone(),
        }
    }

    /// How it is named in a list of contracts.
    pub fn entry(&self) -> String {
        format!("{} {} ({})", self.title, self.revision, self.badge())
    }
}

fn scopes(document: &Value) -> Vec<String> {
    let schemes = document
        .pointer("/components/securitySchemes")
        .and_then(Value::as_object);
    let flows = schemes.into_iter().flat_map(|schemes| schemes.values());
    flows
        .filter_map(|scheme| scheme.pointer("/flows/clientCredentials/scopes"))
        .filter_map(Value::as_object)
        .flat_map(|scopes| scopes.keys().cloned())
        .collect()
}

fn is_method(key: &str) -> bool {
    matches!(
        key,
        "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace"
    )
}

/// Where a released revision is served.
fn place(revision: &Revision) -> String {
    format!("/openapi/{}/{}.json", revision.audience, revision.version)
}

/// Routes to each contract, to each released revision and to the list.
pub fn router(contracts: &[Contract], released: &'static [Revision]) -> Router {
    let list: Vec<Value> = contracts
        .iter()
        .map(|contract| entry(contract, released))
        .collect();
    let list = Document::new("application/json", json!({ "contracts": list }).to_string());
    let mut router = serve(Router::new(), "/openapi", list);
    for contract in contracts {
        let path = contract.path();
        let json = Document::new("application/json", contract.json);
        router = serve(router, &format!("{path}.json"), json);
        let yaml = Document::new("application/yaml", contract.yaml);
        router = serve(router, &format!("{path}.yaml"), yaml);
    }
    for revision in released {
        let frozen = Document::frozen("application/json", revision.json, revision.sha256);
        router = serve(router, &place(revision), frozen);
    }
    router
}

/// A contract in the list, with its released revisions, the newest first.
fn entry(contract: &Contract, released: &[Revision]) -> Value {
    let summary = contract.summary;
    let of_major = |revision: &&Revision| {
        let major = revision
            .version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok());
        revision.audience == contract.audience && major == Some(contract.major)
    };
    let revisions: Vec<Value> = released
        .iter()
        .rev()
        .filter(of_major)
        .map(|revision| {
            json!({
                "version": revision.version,
                "released": revision.date,
                "sha256": revision.sha256,
                "json": place(revision),
            })
        })
        .collect();
    json!({
        "audience": contract.audience,
        "version": format!("v{}", contract.major),
        "title": summary.title,
        "revision": summary.revision,
        "status": summary.status,
        "deprecated": summary.deprecated,
        "sunset": summary.sunset,
        "successor": summary.successor,
        "json": format!("{}.json", contract.path()),
        "yaml": format!("{}.yaml", contract.path()),
        "revisions": revisions,
    })
}

fn serve(router: Router, path: &str, document: std::sync::Arc<Document>) -> Router {
    router.route(
        path,
        get(move |headers: HeaderMap| async move { document.answer(&headers) }),
    )
}
