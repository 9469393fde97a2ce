//! What the operations of a contract have in common in Python: signatures, arguments, requests and docs.

use std::collections::BTreeSet;

use heck::ToSnakeCase;

use super::problems;
use super::text::{annotation, docstring, enclosed, entry, import, literal, name};
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
        lines.push(match operation.body_optional {
            true => format!("body: {body} | None = None"),
            false => format!("body: {body}"),
        });
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
    let mut entries = |head: &str, pairs: &[String]| {
        if !pairs.is_empty() {
            lines.push(enclosed(head, pairs, "}", 12).trim_start().to_owned());
        }
    };
    entries("query={", &pairs(of("query")));
    let mut headers = pairs(of("header"));
    if operation.keyed {
        headers.push(
            "\"Idempotency-Key\": new_key() if idempotency_key is None else idempotency_key"
                .to_owned(),
        );
    }
    entries("headers={", &headers);
    if operation.body.is_some() {
        lines.push(match operation.body_optional {
            true => "content=None if body is None else content(body)".to_owned(),
            false => "content=content(body)".to_owned(),
        });
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
    let words: BTreeSet<&str> = text
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .collect();
    let used = api
        .types
        .keys()
        .filter(|name| words.contains(name.as_str()));
    import("schemas", &used.cloned().collect::<Vec<_>>())
}

fn summary(kind: &Type) -> &str {
    match kind {
        Type::Struct(structure) => &structure.docs,
        Type::Words { docs, .. } | Type::Union { docs, .. } => docs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::openapi::schema::{Node, Shape, Text};

    fn parameter(name: &str, place: &str) -> Parameter {
        Parameter {
            name: name.to_owned(),
            place: place.to_owned(),
            required: place == "path",
            docs: String::new(),
            node: Node {
                shape: Shape::Text(Text::default()),
                nullable: false,
            },
        }
    }

    #[test]
    fn everything_of_an_operation_is_sent() {
        let operation = Operation {
            id: "changeThing".to_owned(),
            method: "post".to_owned(),
            path: "/public/v9/things/{thing_id}/change".to_owned(),
            docs: String::new(),
            demanded: vec![parameter("thing_id", "path")],
            optional: vec![parameter("from", "query"), parameter("If-Match", "header")],
            body: Some("ThingInput".to_owned()),
            body_optional: false,
            answer: None,
            keyed: true,
            repeatable: true,
            page: None,
            problems: Vec::new(),
        };
        let optional = optional(&operation, false);
        let head = signature(&operation, "change_thing", &optional, "Answer[None]");
        insta::assert_snapshot!(head + &request(&operation), @r#"
        def change_thing(
            self,
            thing_id: str,
            body: ThingInput,
            *,
            from_: str | None = None,
            if_match: str | None = None,
            idempotency_key: str | None = None,
            timeout: float | None = None,
        ) -> Answer[None]:
            request = Request(
                method="POST",
                path=f"/public/v9/things/{segment(thing_id)}/change",
                query={"from": from_},
                headers={
                    "If-Match": if_match,
                    "Idempotency-Key": new_key() if idempotency_key is None else idempotency_key,
                },
                content=content(body),
                repeatable=True,
                timeout=timeout,
            )
            return self._connection.call(request, type(None))
        "#);
        assert_eq!(
            call(&operation, "self.change_thing", &optional, ")", 0),
            "self.change_thing(\n    thing_id,\n    body,\n    from_=from_,\n    if_match=if_match,\n    \
             idempotency_key=idempotency_key,\n    timeout=timeout,\n)"
        );
    }
}
