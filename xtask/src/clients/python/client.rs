//! The client of a contract as Python: the class `Fareway`, and the class `Answers` that it stands on.

use anyhow::{Context, Result, ensure};

use super::operations::{call, docs, gives, optional, plural, request, schemas, signature};
use super::text::{HEADER, docstring, entry, name};
use crate::clients::api::{Api, Credential, Operation, Paging};

/// What every client does with its requests.
const PROMISES: &str = "\
What fails raises a `FarewayError`: a `Problem` by its code when the server refuses, `TransportError` when the answer was lost, \
`TimedOut` when it did not come in time, and `ContractError` when it does not fit the contract.

Requests that only read, and those that have an idempotency key, are repeated when the answer was lost or says that the same request \
may succeed later.";

/// The text of `answers.py`.
pub fn answers(api: &Api) -> String {
    let mut body = String::new();
    for operation in &api.operations {
        let method = name(&operation.id);
        let answer = format!("Answer[{}]", gives(operation));
        body += &signature(operation, &method, &optional(operation, false), &answer);
        body += &docstring(&format!("As `Fareway.{method}`."), 8);
        body += &request(operation);
    }
    let helpers = ["content", "new_key", "segment"].into_iter();
    let helpers: String = helpers
        .filter(|name| body.contains(&format!("{name}(")))
        .map(|name| format!(", {name}"))
        .collect();
    format!(
        r#"{HEADER}"""The operations, each with its answer whole."""

from __future__ import annotations
{}
from ._answer import Answer
from ._connection import Connection
from ._request import Request{helpers}
{}

class Answers:
    """The operations of `Fareway`, each with its answer whole; its `body` is what `Fareway` gives."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
{body}"#,
        standard(&body),
        schemas(api, &body),
    )
}

/// The text of `client.py`.
///
/// # Errors
///
/// When two methods would have one name, or a list cannot be asked for its next page.
pub fn client(api: &Api) -> Result<String> {
    let mut body = String::new();
    let mut names = vec!["answers".to_owned(), "close".to_owned()];
    for operation in &api.operations {
        let method = name(&operation.id);
        let optional = optional(operation, false);
        body += &signature(operation, &method, &optional, gives(operation));
        body += &docs(api, operation, "", &optional);
        let (before, after) = match operation.answer {
            Some(_) => ("return ", ").body"),
            None => ("", ")"),
        };
        body += &call(
            operation,
            &format!("{before}self.answers.{method}"),
            &optional,
            after,
            8,
        );
        body += "\n";
        names.push(method);
        if operation.page.is_some() {
            body += &entries(api, operation)?;
            names.push(format!("iter_{}", plural(operation)));
        }
    }
    names.sort();
    let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
    ensure!(
        twice.is_none(),
        "{}: two methods are called {}",
        api.folder(),
        twice.map_or("", |pair| &pair[0])
    );
    Ok(format!(
        r#"{HEADER}"""The client of the {}."""

from __future__ import annotations
{}
import httpx

from ._connection import Connection
from ._credential import Credential
from ._session import Session
{}

{}{body}"#,
        api.title,
        standard(&body),
        schemas(api, &body),
        class(api),
    ))
}

/// The class up to its operations.
fn class(api: &Api) -> String {
    let (parameters, credential, entries) = match api.credential {
        Credential::Key => (
            "key: str,",
            "Credential(key)",
            entry("key", "Your key, sent in the header `Api-Key`.", 4),
        ),
        Credential::Client => (
            "client_id: str,\n        client_secret: str,",
            "Credential(client_id, client_secret)",
            entry(
                "client_id",
                "Your client. It gets tokens, each before the last one ends.",
                4,
            ) + &entry("client_secret", "Its secret.", 4),
        ),
    };
    let sunset = match &api.sunset {
        Some(day) => format!("\n\nThis version of the contract is served until {day}."),
        None => String::new(),
    };
    let docs = [
        format!(
            "Calls the {} of a server. Threads may share one.{sunset}\n\n{PROMISES}\n\nArgs:\n",
            api.title
        ),
        entry(
            "url",
            "Where the server is, such as `https://fareway.example`.",
            4,
        ),
        entries,
        entry("retries", "How often a request is repeated, at most.", 4),
        entry(
            "timeout",
            "Seconds that each attempt waits for the server.",
            4,
        ),
        entry(
            "transport",
            "How `httpx` reaches the server, when not in its usual way.",
            4,
        ),
    ];
    format!(
        r#"class Fareway(Session):
{}
    def __init__(
        self,
        url: str,
        *,
        {parameters}
        retries: int = 2,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        credential = {credential}
        connection = Connection(
            url, credential, retries=retries, timeout=timeout, transport=transport
        )
        super().__init__(connection)
"#,
        docstring(&docs.concat(), 4),
    )
}

/// The method that gives the entries of all pages.
fn entries(api: &Api, operation: &Operation) -> Result<String> {
    let page = operation.page.as_ref().context("a list")?;
    let optional = optional(operation, true);
    let (cursor, first, next) = match page.by {
        Paging::Cursor => (
            "after",
            "",
            "if found.next_cursor is None:\n                return\n            after = found.next_cursor",
        ),
        Paging::Number => (
            "page",
            "        page = 1 if page is None else page\n",
            "if not found.has_more:\n                return\n            page += 1",
        ),
    };
    ensure!(
        optional.iter().any(|parameter| parameter.name == cursor),
        "{}: {} gives pages and takes no `{cursor}`",
        api.folder(),
        operation.id
    );
    let method = format!("iter_{}", plural(operation));
    let mut text = signature(
        operation,
        &method,
        &optional,
        &format!("Iterator[{}]", page.item),
    );
    let list = name(&operation.id);
    let intro = format!(
        "Gives the entries of all pages of `{list}`; a page is fetched when it is needed.\n\n"
    );
    text += &docs(api, operation, &intro, &optional);
    let call = call(
        operation,
        &format!("found = self.{list}"),
        &optional,
        ")",
        12,
    );
    text += &format!(
        "{first}        while True:\n{call}\n            yield from found.data\n            {next}\n"
    );
    Ok(text)
}

/// The imports of the standard library that a text needs.
fn standard(body: &str) -> String {
    let imports = [
        ("dt.date", "import datetime as dt\n"),
        ("Iterator[", "from collections.abc import Iterator\n"),
    ];
    let needed = imports.into_iter().filter(|(used, _)| body.contains(used));
    let needed: String = needed.map(|(_, import)| import).collect();
    match needed.is_empty() {
        true => needed,
        false => format!("\n{needed}"),
    }
}
