//! Whether each operation has its call: method, path, parameters, body, answer and credential.

use std::collections::BTreeSet;

use heck::{ToSnakeCase, ToUpperCamelCase};
use serde_json::Value;
use syn::ImplItemFn;

use super::Faults;
use super::document::{Document, Spelt, name};
use super::schemas::fits;
use super::source::{Source, arguments, calls, docs, literal, literals, text};

const KEY: &str = "Idempotency-Key";

/// Looks at every operation, and for calls of none.
pub fn look(document: Document, source: &Source, faults: &mut Faults) {
    let operations = document.operations();
    for operation in &operations {
        let method = ("Client".to_owned(), operation.id.to_snake_case());
        match source.rest.methods.get(&method) {
            Some(method) => Call::new(document, operation, source, method).look(faults),
            None => faults.add(operation.id, "the client has no method for it"),
        }
        credential(document, operation, source, faults);
    }
    let known: BTreeSet<String> = operations.iter().map(|it| it.id.to_snake_case()).collect();
    for ((owner, method), function) in &source.rest.methods {
        let is_call = owner == "Client" && text(&function.block).contains("Call::new(");
        if is_call && !known.contains(method) {
            faults.add(method, "no operation is called so");
        }
    }
}

/// A method of the client, and the operation that it should call.
struct Call<'a> {
    document: Document<'a>,
    operation: &'a Spelt<'a>,
    source: &'a Source,
    method: &'a ImplItemFn,
    /// What takes the options and is awaited.
    pending: String,
    /// The method's body.
    body: String,
}

impl<'a> Call<'a> {
    fn new(
        document: Document<'a>,
        operation: &'a Spelt<'a>,
        source: &'a Source,
        method: &'a ImplItemFn,
    ) -> Call<'a> {
        let pending = operation.id.to_upper_camel_case();
        let body = text(&method.block);
        Call {
            document,
            operation,
            source,
            method,
            pending,
            body,
        }
    }

    fn look(&self, faults: &mut Faults) {
        self.line(faults);
        self.parameters(faults);
        self.invented(faults);
        self.repetition(faults);
        self.body(faults);
        self.answer(faults);
        self.list(faults);
        let docs = docs(&self.method.attrs);
        for code in super::problems::codes(self.operation) {
            let known = docs.contains(&format!("`{code}`"));
            faults.unless(known, self.operation.id, || {
                format!("its method does not name the problem {code}")
            });
        }
    }

    /// The request line: the method, and the path with what stands in its braces.
    fn line(&self, faults: &mut Faults) {
        let Spelt {
            method, path, id, ..
        } = self.operation;
        let placed = path
            .split('/')
            .filter_map(|it| it.strip_prefix('{')?.strip_suffix('}'));
        let placed: Vec<String> = placed.map(ToSnakeCase::to_snake_case).collect();
        let verb = method.to_uppercase();
        let line = format!("{}(Call::new(self,Method::{verb},{path:?},[", self.pending);
        let values = self
            .body
            .split_once(&line)
            .and_then(|(_, rest)| rest.split_once(']'));
        let values = values.map(|(values, _)| {
            let values = values.split(',').filter(|it| !it.is_empty());
            values.map(argument).collect::<Vec<_>>()
        });
        faults.unless(values.as_ref() == Some(&placed), id, || {
            format!("its call is not {verb} {path} with the values of the path in their order")
        });
    }

    fn parameters(&self, faults: &mut Faults) {
        for parameter in &self.operation.parameters {
            let name = parameter["name"].as_str().unwrap_or_default();
            let place = parameter["in"].as_str().unwrap_or_default();
            let option = name.to_snake_case();
            let wanted = match (place, name) {
                ("path", _) => arguments(self.method).remove(&option),
                ("header", KEY) => match self.body.contains(".keyed()") {
                    true => self.option(place, name),
                    false => None,
                },
                _ if parameter["required"] == true => self.sends(self.method, place, name),
                _ => self.option(place, name),
            };
            let Some(kind) = wanted else {
                faults.add(
                    self.operation.id,
                    format!("it never sends the {place} parameter `{name}`"),
                );
                continue;
            };
            let schema = &parameter["schema"];
            let fits = match kind.strip_prefix("types::") {
                Some(kind) => fits(self.document, self.source, schema, kind),
                None if kind == "implAsRef<str>" => {
                    fits(self.document, self.source, schema, "String")
                }
                None => fits(self.document, self.source, schema, &kind),
            };
            faults.unless(fits, self.operation.id, || {
                format!("`{name}` is given as {kind}, which is not what its schema says")
            });
        }
    }

    /// The type of the argument of the option that sends a parameter.
    fn option(&self, place: &str, name: &str) -> Option<String> {
        let option = (self.pending.clone(), name.to_snake_case());
        self.sends(self.source.rest.methods.get(&option)?, place, name)
    }

    /// The type of the argument that a function sends under a name.
    fn sends(&self, function: &ImplItemFn, place: &str, name: &str) -> Option<String> {
        let wanted = name.to_snake_case();
        let sent = calls(function).into_iter().any(|call| {
            let mut values = call.args.iter();
            let is_name = values.next().and_then(literal).is_some_and(|it| it == name);
            let value = values.next().map(text).unwrap_or_default();
            call.method == place
                && is_name
                && [wanted.as_str(), "key"].contains(&argument(&value).as_str())
        });
        let mut given = arguments(function);
        let kind = given.remove(&wanted).or_else(|| given.remove("key"));
        kind.filter(|_| sent)
    }

    /// Parameters that the document does not have.
    fn invented(&self, faults: &mut Faults) {
        let own = self
            .source
            .rest
            .methods
            .iter()
            .filter(|((owner, _), _)| *owner == self.pending);
        for function in own.map(|(_, function)| function).chain([self.method]) {
            for call in calls(function) {
                let place = call.method.to_string();
                let Some(name) = call.args.first().and_then(literal) else {
                    continue;
                };
                let known =
                    self.has(&place, &name) || !["query", "header"].contains(&place.as_str());
                faults.unless(known, self.operation.id, || {
                    format!(
                        "it sends the {place} parameter `{name}`, which the contract does not have"
                    )
                });
            }
        }
    }

    fn has(&self, place: &str, name: &str) -> bool {
        let mut parameters = self.operation.parameters.iter();
        parameters.any(|it| it["in"] == place && it["name"] == name)
    }

    /// What is repeated has no second effect: it reads, replaces or removes, or carries a key.
    fn repetition(&self, faults: &mut Faults) {
        let keyed = self.has("header", KEY);
        faults.unless(
            keyed == self.body.contains(".keyed()"),
            self.operation.id,
            || "it makes an idempotency key where none is taken, or none where one is".to_owned(),
        );
        let is_safe = keyed || ["get", "put", "delete"].contains(&self.operation.method);
        let repeats = self.body.contains(".repeatable()") || self.body.contains(".keyed()");
        faults.unless(is_safe == repeats, self.operation.id, || {
            "it is repeated though that is not safe, or not though it is".to_owned()
        });
    }

    fn body(&self, faults: &mut Faults) {
        let wanted = self
            .document
            .body(self.operation.spelt)
            .map(|it| name(it).unwrap_or("a schema with a name"));
        // What may be left out is an option.
        let option = (self.pending.clone(), "body".to_owned());
        let spelt = &self.operation.spelt["requestBody"];
        let carrier = match spelt.is_object() && spelt["required"] != true {
            true => self.source.rest.methods.get(&option),
            false => Some(self.method),
        };
        let carrier = carrier.filter(|it| text(&it.block).contains(".body"));
        let given = carrier.and_then(|it| arguments(it).remove("body"));
        let given = given
            .as_deref()
            .map(|it| it.trim_start_matches("implInto<").trim_end_matches('>'));
        let is_right = given == wanted.map(|it| format!("types::{it}")).as_deref();
        faults.unless(is_right, self.operation.id, || {
            format!(
                "its body is {}, not {}",
                given.unwrap_or("none"),
                wanted.unwrap_or("none")
            )
        });
    }

    fn answer(&self, faults: &mut Faults) {
        let wanted = self.document.successes(self.operation.spelt).into_iter();
        let wanted: BTreeSet<String> = wanted
            .map(|it| format!("types::{}", name(it).unwrap_or_default()))
            .collect();
        let wanted = match wanted.len() {
            0 => "()".to_owned(),
            _ => wanted.into_iter().collect::<Vec<_>>().join(" or "),
        };
        let output = self.source.rest.outputs.get(&self.pending);
        let send = self
            .source
            .rest
            .methods
            .get(&(self.pending.clone(), "send".to_owned()));
        let send = send.map(|it| text(&it.sig.output));
        let is_right = output.is_some_and(|it| *it == format!("Result<{wanted}>"))
            && send.is_some_and(|it| it == format!("->Result<Reply<{wanted}>>"));
        faults.unless(is_right, self.operation.id, || {
            format!("it does not give {wanted}")
        });
    }

    /// Lists have entries, which ask for further pages by parameters that there are.
    fn list(&self, faults: &mut Faults) {
        let successes = self.document.successes(self.operation.spelt);
        let Some(list) = successes.first().map(|it| self.document.resolved(it)) else {
            return;
        };
        let members = &list["properties"];
        let goes_on = ["next_cursor", "has_more"]
            .iter()
            .any(|it| members.get(it).is_some());
        let Some(item) = name(&members["data"]["items"]).filter(|_| goes_on) else {
            return;
        };
        let entries = self
            .source
            .rest
            .methods
            .get(&(self.pending.clone(), "entries".to_owned()));
        let Some(entries) = entries else {
            return faults.add(self.operation.id, "its list has no entries");
        };
        let gives = text(&entries.sig.output);
        faults.unless(
            gives == format!("->crate::Pager<types::{item}>"),
            self.operation.id,
            || format!("its entries are no {item}"),
        );
        let asks = literals(entries);
        let known = !asks.is_empty() && asks.iter().all(|it| self.has("query", it));
        faults.unless(known, self.operation.id, || {
            format!("further pages are asked for by {asks:?}")
        });
    }
}

/// The argument that a value is made of: `limit` of `&limit.to_string()`.
fn argument(value: &str) -> String {
    let value = value.trim_start_matches('&').trim_start_matches("r#");
    value.split('.').next().unwrap_or_default().to_owned()
}

/// The credential goes where the document wants it.
fn credential(document: Document, operation: &Spelt, source: &Source, faults: &mut Faults) {
    let none = Value::Null;
    let scheme = document.scheme(operation).unwrap_or(&none);
    let sends = |part: &str| {
        source
            .rest
            .methods
            .iter()
            .any(|((owner, _), it)| owner == "Credential" && text(&it.block).contains(part))
    };
    let header = source
        .rest
        .constants
        .get("Credential::HEADER")
        .map(String::as_str);
    let token = scheme["flows"]["clientCredentials"]["tokenUrl"].as_str();
    let is_right = match (scheme["type"].as_str(), scheme["in"].as_str(), token) {
        (Some("apiKey"), Some("header"), _) => {
            let name = scheme["name"].as_str().unwrap_or_default().to_lowercase();
            header == Some(&format!("HeaderName::from_static({name:?})"))
        }
        (Some("oauth2"), _, Some(token)) => {
            let path: Vec<&str> = token.trim_start_matches('/').split('/').collect();
            header == Some("header::AUTHORIZATION")
                && sends("format!(\"Bearer{}\",")
                && sends(&format!(
                    "below(base,{})",
                    format!("{path:?}").replace(' ', "")
                ))
        }
        _ => false,
    };
    let goes = source
        .rest
        .methods
        .get(&("Client".to_owned(), "exchange".to_owned()));
    let goes =
        goes.is_some_and(|it| text(&it.block).contains(".insert(Credential::HEADER,credential)"));
    faults.unless(is_right && goes, operation.id, || {
        "the credential is not sent as the contract says".to_owned()
    });
}
