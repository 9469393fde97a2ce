//! What the operations of a contract have in common in Python: signatures, arguments, requests and docs.

use heck::ToSnakeCase;

use super::problems;
use super::text::{annotation, docstring, enclosed, entry, literal, name};
use crate::clients::api::{Api, Operation};
use crate::generate::openapi::operation::Parameter;
use crate::generate::openapi::schema::Type;

/// The name that a method has after `list_`, or all of it.
pub fn plural(operation: &Operation) -> String {
    let name = operation.id.to_snake_case();
    name.strip_prefix("list_").unwrap_or(&name).to_owned()
}

/// What an operation gives.
pub fn gives(operation: &Operation) -> &str {
    operation.answer.as_deref().unwrap_or("None")
}

/// The optional parameters of the operation itself, or of the entries of all its pages: those are never answered with 304.
pub fn optional(operation: &Operation, entries: bool) -> Vec<&Parameter> {
    let is_wanted = |parameter: &&Parameter| !entries || parameter.place == "query";
    operation.optional.iter().filter(is_wanted).collect()
}

/// The head of a method.
pub fn signature(
    operation: &Operation,
    method: &str,
    optional: &[&Parameter],
    gives: &str,
) -> String {
    let mut lines = vec!["self".to_owned()];
    for parameter in &operation.demanded {
        lines.push(format!(
            "{}: {}",
            name(&parameter.name),
            annotation(&parameter.node)
        ));
    }
    if let Some(body) = &operation.body {
        lines.push(format!("body: {body}"));
    }
    lines.push("*".to_owned());
    for parameter in optional {
        lines.push(format!(
            "{}: {} | None = None",
            name(&parameter.name),
            annotation(&parameter.node)
        ));
    }
    if operation.keyed {
        lines.push("idempotency_key: str | None = None".to_owned());
    }
    lines.push("timeout: float | None = None".to_owned());
    let lines: String = lines
        .iter()
        .map(|line| format!("        {line},\n"))
        .collect();
    format!("\n    def {method}(\n{lines}    ) -> {gives}:\n")
}

/// The call of a method at an indent, from a method with the same parameters.
pub fn call(
    operation: &Operation,
    method: &str,
    optional: &[&Parameter],
    tail: &str,
    indent: usize,
) -> String {
    let mut given: Vec<String> = operation
        .demanded
        .iter()
        .map(|parameter| name(&parameter.name))
        .collect();
    given.extend(operation.body.iter().map(|_| "body".to_owned()));
    let by_name = optional.iter().map(|parameter| name(&parameter.name));
    let key = operation.keyed.then(|| "idempotency_key".to_owned());
    let by_name = by_name.chain(key).chain(["timeout".to_owned()]);
    given.extend(by_name.map(|name| format!("{name}={name}")));
    enclosed(&format!("{method}("), &given, tail, indent)
}

/// The docstring of a method.
pub fn docs(api: &Api, operation: &Operation, first: &str, optional: &[&Parameter]) -> String {
    let mut entries = String::new();
    let mut say = |name: &str, docs: &str| entries.push_str(&entry(name, docs, 8));
    for parameter in &operation.demanded {
        say(&name(&parameter.name), &parameter.docs);
    }
    if let Some(body) = &operation.body {
        say("body", summary(&api.types[body]));
    }
    for parameter in optional {
        say(&name(&parameter.name), &parameter.docs);
    }
    if operation.keyed {
        say(
            "idempotency_key",
            "Names this attempt; one that nobody has used is made when none is given.",
        );
    }
    say(
        "timeout",
        "Seconds to wait for the server, instead of those of the client.",
    );
    let problems: Vec<String> = operation
        .problems
        .iter()
        .map(|code| format!("`{}`", problems::class(code)))
        .collect();
    let current = optional
        .iter()
        .any(|parameter| parameter.name == "If-None-Match");
    let current = if current {
        "\n\nRaises `NotModified` when `if_none_match` is current."
    } else {
        ""
    };
    let text = format!(
        "{first}{}{current}\n\nProblems: {}.\n\nArgs:\n{entries}",
        operation.docs,
        problems.join(", ")
    );
    docstring(&text, 8)
}

/// The body of a method that sends the request of an operation.
pub fn request(operation: &Operation) -> String {
    let of = |place: &str| -> Vec<&Parameter> {
        let all = operation.demanded.iter().chain(&operation.optional);
        all.filter(|parameter| parameter.place == place).collect()
    };
    let mut path = literal(&operation.path);
    for parameter in of("path") {
        let place = format!("{{{}}}", parameter.name);
        path = path.replace(&place, &format!("{{segment({})}}", name(&parameter.name)));
    }
    if path.contains('{') {
        path.insert(0, 'f');
    }
    let mut lines = vec![
        format!("method={}", literal(&operation.method.to_uppercase())),
        format!("path={path}"),
    ];
    let pairs = |parameters: Vec<&Parameter>| -> Vec<String> {
        let pair = |parameter: &Parameter| {
            format!("{}: {}", literal(&parameter.name), name(&parameter.name))
        };
        parameters.into_iter().map(pair).collect()
    };
    let query = pairs(of("query"));
    if !query.is_empty() {
        lines.push(enclosed("query={", &query, "}", 12));
    }
    let mut headers = pairs(of("header"));
    if operation.keyed {
        headers.push(
            "\"Idempotency-Key\": new_key() if idempotency_key is None else idempotency_key"
                .to_owned(),
        );
    }
    if !headers.is_empty() {
        lines.push(enclosed("headers={", &headers, "}", 12));
    }
    if operation.body.is_some() {
        lines.push("content=content(body)".to_owned());
    }
    if operation.repeatable {
        lines.push("repeatable=True".to_owned());
    }
    lines.push("timeout=timeout".to_owned());
    let lines: String = lines
        .iter()
        .map(|line| format!("            {line},\n"))
        .collect();
    let kind = operation.answer.as_deref().unwrap_or("type(None)");
    format!(
        "        request = Request(\n{lines}        )\n        return self._connection.call(request, {kind})\n"
    )
}

/// The import of the types that a text names.
pub fn schemas(api: &Api, text: &str) -> String {
    let used = |name: &&String| {
        let mut words = text.split(|c: char| !c.is_alphanumeric() && c != '_');
        words.any(|word| word == name.as_str())
    };
    let names: String = api
        .types
        .keys()
        .filter(used)
        .map(|name| format!("    {name},\n"))
        .collect();
    format!("from .schemas import (\n{names})\n")
}

fn summary(kind: &Type) -> &str {
    match kind {
        Type::Struct(structure) => &structure.docs,
        Type::Words { docs, .. } | Type::Union { docs, .. } => docs,
    }
}
