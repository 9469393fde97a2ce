//! Reads what an operation is sent and what it answers: parameters, bodies, responses, headers.

use anyhow::Result;
use heck::ToSnakeCase;
use serde_json::Value;

use super::operation::{Body, Header, Operation, Parameter, Reader, Response};
use super::schema::{Node, Shape, docs};
use super::schemas::Schemas;
use crate::finding::Finding;
use crate::spec::escape;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// Headers that the pipeline adds to every answer.
const OF_THE_PIPELINE: [&str; 5] = [
    "Request-Id",
    "RateLimit",
    "RateLimit-Policy",
    "Deprecation",
    "Sunset",
];

impl Reader<'_> {
    pub(super) fn parameter(
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
                "x-sunset",
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
    pub(super) fn placeholders(&self, operation: &Operation) -> Result<(), Finding> {
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

    pub(super) fn body(&self, schemas: &mut Schemas) -> Result<Option<Body>, Finding> {
        let Some(_) = self.get("/requestBody") else {
            return Ok(None);
        };
        let at = self
            .document
            .resolve(&format!("{}/requestBody", self.pointer))?;
        self.only(&at, &["description", "required", "content"])?;
        let body = self.document.get(&at).cloned().unwrap_or_default();
        let (media, name) = self.content(schemas, &at)?.unwrap_or_default();
        match media.as_str() {
            JSON => schemas.reach_from_request(&Node {
                shape: Shape::Named(name.clone()),
                nullable: false,
            })?,
            FORM => schemas.reach_from_form(&name)?,
            _ => {
                let what = "a body that is neither JSON nor a form";
                return Err(self
                    .document
                    .finding(&at, what, format!("use {JSON} or {FORM}")));
            }
        }
        Ok(Some(Body {
            schema: name,
            required: body["required"] == true,
            docs: docs(&body),
            media,
        }))
    }

    pub(super) fn content(
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

    pub(super) fn responses(
        &self,
        schemas: &mut Schemas,
        operation: &mut Operation,
    ) -> Result<(), Finding> {
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
            let content = response.content.as_ref();
            let content = content.map(|(media, schema)| (media.as_str(), schema.as_str()));
            let is_problem = content == Some(("application/problem+json", "Problem"));
            let fits = match (number, content) {
                (204 | 304, content) => content.is_none(),
                (400.., _) if is_problem => true,
                (_, Some((JSON, _))) => number < 400 || operation.credential.is_none(),
                _ => false,
            };
            if !fits {
                let todo = "answer successes as application/json, failures as application/problem+json with Problem; only an \
                            operation without a credential may fail with an application/json body of its own";
                return Err(self.document.finding(
                    &own,
                    format!("the body of {number} is outside of the dialect"),
                    todo,
                ));
            }
            if is_problem {
                operation.failures.push(response);
            } else {
                operation.answers.push(response);
            }
        }
        if !operation.answers.iter().any(|answer| answer.status < 400) {
            return Err(self.refuse("/responses", "no success", "declare one"));
        }
        Ok(())
    }

    pub(super) fn headers(
        &self,
        schemas: &mut Schemas,
        response: &str,
    ) -> Result<Vec<Header>, Finding> {
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
}
