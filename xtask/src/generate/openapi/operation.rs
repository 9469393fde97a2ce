//! The operations of a contract as the generator understands them.

use std::collections::BTreeMap;

use anyhow::Result;
use serde_json::Value;

use super::lifecycle;
use super::schema::Node;
use super::schemas::Schemas;
use crate::finding::Finding;
use crate::spec::{Document, escape};

/// The rate policies that `src/platform/limits.rs` knows.
const POLICIES: [&str; 4] = ["search", "book", "read", "token"];

/// Where clients get their tokens.
const TOKEN_PATH: &str = "/oauth/token";

/// An operation.
#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub docs: String,
    pub tag: String,
    /// `None`: it takes no credential.
    pub credential: Option<Credential>,
    pub scope: String,
    pub idempotency: String,
    pub policy: String,
    pub body_limit: u64,
    pub deadline_ms: u64,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    /// What the handler gives: successes, and failures that have a body of their own.
    pub answers: Vec<Response>,
    /// Failures that are problems.
    pub failures: Vec<Response>,
    pub problems: Vec<String>,
}

impl Operation {
    /// Whether it says in its own words that a request does not fit, so that it must be told.
    pub fn judges_misfits(&self) -> bool {
        self.body.is_some() && self.answers.iter().any(|answer| answer.status == 400)
    }
}

/// A credential: the name of its scheme in the contract, and its kind.
#[derive(Debug)]
pub struct Credential {
    pub scheme: String,
    pub kind: &'static str,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Parameter {
    pub name: String,
    pub place: String,
    pub required: bool,
    pub docs: String,
    pub node: Node,
}

/// A request body.
#[derive(Debug)]
pub struct Body {
    pub schema: String,
    pub required: bool,
    pub docs: String,
    pub media: String,
}

/// A response.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub docs: String,
    pub headers: Vec<Header>,
    /// Media type and name of the schema.
    pub content: Option<(String, String)>,
}

/// A response header.
#[derive(Debug)]
pub struct Header {
    pub name: String,
    pub docs: String,
    pub required: bool,
    pub node: Node,
    /// Every answer has it, so no handler gives it.
    pub of_the_pipeline: bool,
}

/// Reads all operations, in the order of the contract. `catalogue` maps problem codes to statuses.
pub fn read(
    document: &Document,
    schemas: &mut Schemas,
    catalogue: &BTreeMap<String, u16>,
) -> Result<Vec<Operation>> {
    let mut operations = Vec::new();
    for (path, item) in document.value["paths"].as_object().into_iter().flatten() {
        let at = format!("/paths/{}", escape(path));
        for (method, _) in item.as_object().into_iter().flatten() {
            let pointer = format!("{at}/{method}");
            if !["get", "post", "put", "patch", "delete"].contains(&method.as_str()) {
                let what = format!("`{method}` on a path is outside of the dialect");
                return Err(document
                    .finding(&pointer, what, "write it on each operation")
                    .into());
            }
            let reader = Reader {
                document,
                pointer,
                path,
                method,
            };
            operations.push(reader.operation(schemas, catalogue)?);
        }
    }
    Ok(operations)
}

pub(super) struct Reader<'a> {
    pub(super) document: &'a Document,
    pub(super) pointer: String,
    pub(super) path: &'a str,
    pub(super) method: &'a str,
}

impl Reader<'_> {
    pub(super) fn operation(
        &self,
        schemas: &mut Schemas,
        catalogue: &BTreeMap<String, u16>,
    ) -> Result<Operation, Finding> {
        const KNOWN: [&str; 20] = [
            "operationId",
            "tags",
            "summary",
            "description",
            "security",
            "parameters",
            "requestBody",
            "responses",
            "deprecated",
            "externalDocs",
            "x-scope",
            "x-idempotency",
            "x-rate-policy",
            "x-problems",
            "x-body-limit",
            "x-deadline-ms",
            "x-deprecated-since",
            "x-sunset",
            "x-successor",
            "x-codeSamples",
        ];
        self.only(&self.pointer, &KNOWN)?;
        lifecycle::operation(self.document, &self.pointer)?;
        let id = self.demanded("operationId")?;
        let summary = self.text("summary").unwrap_or_default();
        let description = self.text("description").unwrap_or_default();
        let mut operation = Operation {
            method: self.method.to_owned(),
            path: self.path.to_owned(),
            docs: format!("{}\n\n{}", sentence(&summary), description.trim())
                .trim()
                .to_owned(),
            tag: self
                .get("/tags/0")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned(),
            credential: self.credential()?,
            scope: self.text("x-scope").unwrap_or_default(),
            idempotency: self.demanded("x-idempotency")?,
            policy: self.demanded("x-rate-policy")?,
            body_limit: self.count("x-body-limit", 65_536)?,
            deadline_ms: self.count("x-deadline-ms", 10_000)?,
            parameters: Vec::new(),
            body: None,
            answers: Vec::new(),
            failures: Vec::new(),
            problems: Vec::new(),
            id,
        };
        if !["required", "optional", "natural"].contains(&operation.idempotency.as_str()) {
            return Err(self.refuse(
                "/x-idempotency",
                "an unknown kind of idempotency",
                "use required, optional or natural",
            ));
        }
        if !POLICIES.contains(&operation.policy.as_str()) {
            let what = format!("there is no rate policy `{}`", operation.policy);
            let todo = format!(
                "use one of {}, or add it to src/platform/limits.rs too",
                POLICIES.join(", ")
            );
            return Err(self.refuse("/x-rate-policy", what, todo));
        }
        let count = self
            .get("/parameters")
            .and_then(Value::as_array)
            .map_or(0, Vec::len);
        for index in 0..count {
            operation
                .parameters
                .push(self.parameter(schemas, &operation.id, index)?);
        }
        self.placeholders(&operation)?;
        operation.body = self.body(schemas)?;
        self.responses(schemas, &mut operation)?;
        self.problems(&mut operation, catalogue)?;
        if operation.judges_misfits() && !operation.parameters.is_empty() {
            return Err(self.refuse(
                "/parameters",
                "parameters of an operation that answers 400 with a body of its own",
                "take them in the body",
            ));
        }
        Ok(operation)
    }

    pub(super) fn credential(&self) -> Result<Option<Credential>, Finding> {
        let security = self
            .get("/security")
            .or_else(|| self.document.get("/security"))
            .and_then(Value::as_array);
        let requirement = match security.map(Vec::as_slice) {
            Some([]) => return Ok(None),
            Some([one]) => one.as_object(),
            _ => None,
        };
        let mut schemes = requirement.into_iter().flatten();
        let (Some((name, _)), None) = (schemes.next(), schemes.next()) else {
            return Err(self.refuse(
                "/security",
                "not exactly one security requirement",
                "demand exactly one scheme, or none with `security: []`",
            ));
        };
        let at = format!("/components/securitySchemes/{name}");
        let scheme = self.document.get(&at).cloned().unwrap_or_default();
        let kind = if scheme["type"] == "apiKey"
            && scheme["in"] == "header"
            && scheme["name"] == "Api-Key"
        {
            "ApiKey"
        } else if scheme["type"] == "oauth2"
            && scheme["flows"]["clientCredentials"]["tokenUrl"] == TOKEN_PATH
        {
            "Bearer"
        } else {
            let what = format!(
                "the security scheme `{name}` is neither the key in the header `Api-Key` nor an OAuth 2 client's token"
            );
            let todo = format!(
                "use `apiKey` in that header, or `oauth2` with `clientCredentials` and tokenUrl {TOKEN_PATH}"
            );
            return Err(self.document.finding(&at, what, todo));
        };
        Ok(Some(Credential {
            scheme: name.clone(),
            kind,
        }))
    }

    /// The codes exist, and the statuses of the codes are exactly the failures that are declared.
    pub(super) fn problems(
        &self,
        operation: &mut Operation,
        catalogue: &BTreeMap<String, u16>,
    ) -> Result<(), Finding> {
        let codes = self
            .get("/x-problems")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for (index, code) in codes.iter().enumerate() {
            let code = code.as_str().unwrap_or_default();
            let Some(status) = catalogue.get(code) else {
                let what = format!("`{code}` is not in openapi/shared/problems.yaml");
                return Err(self.refuse(
                    &format!("/x-problems/{index}"),
                    what,
                    "add it there, or correct it",
                ));
            };
            if !operation
                .failures
                .iter()
                .any(|failure| failure.status == *status)
            {
                let what = format!("`{code}` is answered with {status}, which is not declared");
                return Err(self.refuse(
                    "/responses",
                    what,
                    format!("declare {status}, or drop the code"),
                ));
            }
            operation.problems.push(code.to_owned());
        }
        for failure in &operation.failures {
            if !operation
                .problems
                .iter()
                .any(|code| catalogue[code] == failure.status)
            {
                let what = format!("no code of x-problems is answered with {}", failure.status);
                let at = format!("/responses/{}", failure.status);
                return Err(self.refuse(&at, what, "list its code, or drop the response"));
            }
        }
        Ok(())
    }

    pub(super) fn get(&self, below: &str) -> Option<&Value> {
        self.document.get(&format!("{}{below}", self.pointer))
    }

    pub(super) fn text(&self, member: &str) -> Option<String> {
        self.get(&format!("/{member}"))
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    }

    pub(super) fn demanded(&self, member: &str) -> Result<String, Finding> {
        self.text(member).ok_or_else(|| {
            self.refuse(
                "",
                format!("the operation has no `{member}`"),
                format!("add `{member}`"),
            )
        })
    }

    pub(super) fn count(&self, member: &str, otherwise: u64) -> Result<u64, Finding> {
        match self.get(&format!("/{member}")) {
            None => Ok(otherwise),
            Some(value) => value.as_u64().filter(|value| *value > 0).ok_or_else(|| {
                self.refuse(
                    &format!("/{member}"),
                    format!("`{member}` is not a count"),
                    "write a number",
                )
            }),
        }
    }

    pub(super) fn only(&self, pointer: &str, known: &[&str]) -> Result<(), Finding> {
        let node = self.document.get(pointer).and_then(Value::as_object);
        for (member, _) in node.into_iter().flatten() {
            if !known.contains(&member.as_str()) {
                let at = format!("{pointer}/{}", escape(member));
                let what = format!("`{member}` is outside of the dialect here");
                return Err(self.document.finding(
                    &at,
                    what,
                    "leave it out, or teach the generator",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn refuse(
        &self,
        below: &str,
        what: impl Into<String>,
        todo: impl Into<String>,
    ) -> Finding {
        self.document
            .finding(&format!("{}{below}", self.pointer), what, todo)
    }
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() || text.ends_with(['.', '?', '!']) {
        text.to_owned()
    } else {
        format!("{text}.")
    }
}
