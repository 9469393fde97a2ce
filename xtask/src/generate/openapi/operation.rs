//! The operations of a contract as the generator understands them.

use std::collections::BTreeMap;

use anyhow::Result;
use heck::ToSnakeCase;
use serde_json::Value;

use super::schema::{Node, Schemas, Shape, docs};
use crate::finding::Finding;
use crate::spec::{Document, escape};

/// Headers that the pipeline adds to every answer.
const OF_THE_PIPELINE: [&str; 3] = ["Request-Id", "RateLimit", "RateLimit-Policy"];

/// An operation.
#[derive(Debug)]
pub struct Operation {
    pub id: String,
    pub method: String,
    pub path: String,
    pub docs: String,
    pub tag: String,
    pub schemes: Vec<String>,
    pub scope: String,
    pub idempotency: String,
    pub policy: String,
    pub body_limit: u64,
    pub deadline_ms: u64,
    pub deprecation: Option<Deprecation>,
    pub parameters: Vec<Parameter>,
    pub body: Option<Body>,
    pub successes: Vec<Response>,
    pub failures: Vec<Response>,
    pub problems: Vec<String>,
}

/// When an operation was deprecated, when it ends, and what comes after it.
#[derive(Debug)]
pub struct Deprecation {
    pub since: String,
    pub sunset: String,
    pub successor: String,
}

/// A parameter.
#[derive(Debug)]
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

struct Reader<'a> {
    document: &'a Document,
    pointer: String,
    path: &'a str,
    method: &'a str,
}

impl Reader<'_> {
    fn operation(
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
            schemes: self.schemes()?,
            scope: self.text("x-scope").unwrap_or_default(),
            idempotency: self.demanded("x-idempotency")?,
            policy: self.demanded("x-rate-policy")?,
            body_limit: self.count("x-body-limit", 65_536)?,
            deadline_ms: self.count("x-deadline-ms", 10_000)?,
            deprecation: self.deprecation()?,
            parameters: Vec::new(),
            body: None,
            successes: Vec::new(),
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
        Ok(operation)
    }

    fn schemes(&self) -> Result<Vec<String>, Finding> {
        let security = self
            .get("/security")
            .or_else(|| self.document.get("/security"))
            .and_then(Value::as_array);
        match security.map(Vec::as_slice) {
            Some([one]) => {
                let schemes = one
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone());
                let schemes: Vec<String> = schemes.collect();
                for name in &schemes {
                    let at = format!("/components/securitySchemes/{name}");
                    let scheme = self.document.get(&at).cloned().unwrap_or_default();
                    let known = scheme["type"] == "apiKey"
                        && scheme["in"] == "header"
                        && scheme["name"] == "Api-Key";
                    if !known {
                        let what = format!(
                            "the security scheme `{name}` is not the key in the header `Api-Key`"
                        );
                        return Err(self.document.finding(
                            &at,
                            what,
                            "use that scheme, or teach src/wire another",
                        ));
                    }
                }
                Ok(schemes)
            }
            _ => Err(self.refuse(
                "/security",
                "not exactly one security requirement",
                "demand exactly one scheme",
            )),
        }
    }

    fn deprecation(&self) -> Result<Option<Deprecation>, Finding> {
        if self.get("/deprecated") != Some(&Value::Bool(true)) {
            return Ok(None);
        }
        let day = |member: &str| -> Result<jiff::Zoned, Finding> {
            let text = self.demanded(member)?;
            let day = text
                .parse::<jiff::civil::Date>()
                .ok()
                .and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
            day.ok_or_else(|| {
                self.refuse(
                    &format!("/{member}"),
                    format!("`{text}` is not a date"),
                    "write YYYY-MM-DD",
                )
            })
        };
        let sunset = match self.text("x-sunset") {
            Some(_) => day("x-sunset")?
                .strftime("%a, %d %b %Y %H:%M:%S GMT")
                .to_string(),
            None => String::new(),
        };
        Ok(Some(Deprecation {
            since: format!("@{}", day("x-deprecated-since")?.timestamp().as_second()),
            sunset,
            successor: self.text("x-successor").unwrap_or_default(),
        }))
    }

    fn parameter(
        &self,
        schemas: &mut Schemas,
        id: &str,
        index: usize,
    ) -> Result<Parameter, Finding> {
        let at = self
            .document
            .resolve(&format!("{}/parameters/{index}", self.pointer))?;
        self.only(
            &at,
            &[
                "name",
                "in",
                "required",
                "description",
                "schema",
                "example",
                "examples",
                "deprecated",
            ],
        )?;
        let parameter = self.document.get(&at).cloned().unwrap_or_default();
        let name = parameter["name"].as_str().unwrap_or_default().to_owned();
        let place = parameter["in"].as_str().unwrap_or_default().to_owned();
        if !["path", "query", "header"].contains(&place.as_str()) || name.is_empty() {
            return Err(self.document.finding(
                &at,
                "a parameter without name or place",
                "put it in path, query or header",
            ));
        }
        // A shared parameter names its pattern and its words, or else the operation does.
        let context = match at.strip_prefix("/components/parameters/") {
            Some(component) => component.to_snake_case(),
            None => format!("{}_{}", id.to_snake_case(), name.to_snake_case()),
        };
        let node = schemas.node(&format!("{at}/schema"), &context)?;
        match &node.shape {
            Shape::Text(text) => {
                if let Some(pattern) = &text.pattern {
                    schemas.need(pattern);
                }
                if text.format.as_deref() == Some("uri") {
                    return Err(self.document.finding(
                        &at,
                        "a URI as a parameter",
                        "use a pattern",
                    ));
                }
            }
            Shape::Word(_) | Shape::Integer { .. } | Shape::Boolean => {}
            _ => {
                return Err(self.document.finding(
                    &at,
                    "a parameter that is not a scalar",
                    "use a scalar or an enum",
                ));
            }
        }
        if node.nullable {
            return Err(self.document.finding(
                &at,
                "a parameter that may be null",
                "make it not required instead",
            ));
        }
        let own = docs(&parameter);
        Ok(Parameter {
            docs: if own.is_empty() {
                schemas.docs_of(&parameter["schema"])
            } else {
                own
            },
            required: parameter["required"] == true,
            name,
            place,
            node,
        })
    }

    /// The names in the path template and the path parameters are the same.
    fn placeholders(&self, operation: &Operation) -> Result<(), Finding> {
        let written = self
            .path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
        let mut written: Vec<&str> = written.collect();
        let path = operation
            .parameters
            .iter()
            .filter(|parameter| parameter.place == "path");
        let mut declared: Vec<&str> = path
            .clone()
            .map(|parameter| parameter.name.as_str())
            .collect();
        written.sort_unstable();
        declared.sort_unstable();
        if written != declared || path.clone().any(|parameter| !parameter.required) {
            return Err(self.refuse(
                "/parameters",
                "path parameters differ from the path",
                "declare each, `required: true`",
            ));
        }
        Ok(())
    }

    fn body(&self, schemas: &mut Schemas) -> Result<Option<Body>, Finding> {
        let Some(_) = self.get("/requestBody") else {
            return Ok(None);
        };
        let at = self
            .document
            .resolve(&format!("{}/requestBody", self.pointer))?;
        self.only(&at, &["description", "required", "content"])?;
        let body = self.document.get(&at).cloned().unwrap_or_default();
        let (media, name) = self.content(schemas, &at)?.unwrap_or_default();
        if media != "application/json" {
            return Err(self.document.finding(
                &at,
                "a body that is not JSON",
                "use application/json alone",
            ));
        }
        schemas.reach_from_request(&Node {
            shape: Shape::Named(name.clone()),
            nullable: false,
        })?;
        Ok(Some(Body {
            schema: name,
            required: body["required"] == true,
            docs: docs(&body),
        }))
    }

    fn content(
        &self,
        schemas: &mut Schemas,
        at: &str,
    ) -> Result<Option<(String, String)>, Finding> {
        let Some(content) = self
            .document
            .get(&format!("{at}/content"))
            .and_then(Value::as_object)
        else {
            return Ok(None);
        };
        let mut media = content.keys();
        let (Some(one), None) = (media.next(), media.next()) else {
            return Err(self.document.finding(
                &format!("{at}/content"),
                "several media types",
                "keep one",
            ));
        };
        let at = format!("{at}/content/{}", escape(one));
        self.only(&at, &["schema", "example", "examples"])?;
        let node = schemas.node(&format!("{at}/schema"), "")?;
        match node {
            Node {
                shape: Shape::Named(name),
                nullable: false,
            } => Ok(Some((one.clone(), name))),
            _ => {
                let pointer = format!("{at}/schema");
                Err(self.document.finding(
                    &pointer,
                    "a body that is not a named object",
                    "refer to one under components/schemas",
                ))
            }
        }
    }

    fn responses(&self, schemas: &mut Schemas, operation: &mut Operation) -> Result<(), Finding> {
        let statuses: Vec<String> = self
            .get("/responses")
            .and_then(Value::as_object)
            .map(|responses| responses.keys().cloned().collect())
            .unwrap_or_default();
        for status in statuses {
            let own = format!("{}/responses/{status}", self.pointer);
            let at = self.document.resolve(&own)?;
            self.only(&at, &["description", "headers", "content", "links"])?;
            let number = status
                .parse::<u16>()
                .ok()
                .filter(|number| (200..600).contains(number));
            let Some(number) = number else {
                return Err(self.document.finding(
                    &own,
                    format!("`{status}` is not a status"),
                    "list each status",
                ));
            };
            let response = Response {
                status: number,
                docs: docs(self.document.get(&at).unwrap_or(&Value::Null)),
                headers: self.headers(schemas, &at)?,
                content: self.content(schemas, &at)?,
            };
            let media = response.content.as_ref().map(|(media, _)| media.as_str());
            let fits = match number {
                204 | 304 => media.is_none(),
                200..400 => media == Some("application/json"),
                _ => {
                    response.content
                        == Some(("application/problem+json".to_owned(), "Problem".to_owned()))
                }
            };
            if !fits {
                let todo = "answer successes as application/json, failures as application/problem+json with Problem";
                return Err(self.document.finding(
                    &own,
                    format!("the body of {number} is outside of the dialect"),
                    todo,
                ));
            }
            match number {
                200..400 => operation.successes.push(response),
                _ => operation.failures.push(response),
            }
        }
        if operation.successes.is_empty() {
            return Err(self.refuse("/responses", "no success", "declare one"));
        }
        Ok(())
    }

    fn headers(&self, schemas: &mut Schemas, response: &str) -> Result<Vec<Header>, Finding> {
        let names: Vec<String> = self
            .document
            .get(&format!("{response}/headers"))
            .and_then(Value::as_object)
            .map(|headers| headers.keys().cloned().collect())
            .unwrap_or_default();
        let mut headers = Vec::new();
        for name in names {
            let at = self
                .document
                .resolve(&format!("{response}/headers/{}", escape(&name)))?;
            self.only(
                &at,
                &[
                    "description",
                    "required",
                    "schema",
                    "example",
                    "examples",
                    "deprecated",
                ],
            )?;
            let header = self.document.get(&at).cloned().unwrap_or_default();
            let node = schemas.node(&format!("{at}/schema"), &name)?;
            if !matches!(
                node.shape,
                Shape::Text(_) | Shape::Integer { .. } | Shape::Boolean
            ) || node.nullable
            {
                return Err(self.document.finding(
                    &at,
                    "a header that is not text, integer or boolean",
                    "use one of these",
                ));
            }
            headers.push(Header {
                of_the_pipeline: OF_THE_PIPELINE
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(&name)),
                docs: docs(&header),
                required: header["required"] == true,
                name,
                node,
            });
        }
        Ok(headers)
    }

    /// The codes exist, and the statuses of the codes are exactly the failures that are declared.
    fn problems(
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

    fn get(&self, below: &str) -> Option<&Value> {
        self.document.get(&format!("{}{below}", self.pointer))
    }

    fn text(&self, member: &str) -> Option<String> {
        self.get(&format!("/{member}"))
            .and_then(Value::as_str)
            .map(ToOwned::to_owned)
    }

    fn demanded(&self, member: &str) -> Result<String, Finding> {
        self.text(member).ok_or_else(|| {
            self.refuse(
                "",
                format!("the operation has no `{member}`"),
                format!("add `{member}`"),
            )
        })
    }

    fn count(&self, member: &str, otherwise: u64) -> Result<u64, Finding> {
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

    fn only(&self, pointer: &str, known: &[&str]) -> Result<(), Finding> {
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

    fn refuse(&self, below: &str, what: impl Into<String>, todo: impl Into<String>) -> Finding {
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
