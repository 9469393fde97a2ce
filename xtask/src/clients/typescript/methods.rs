//! Writes `client.ts`: a class with a method for each operation.

use std::collections::BTreeSet;

use anyhow::{Result, ensure};

use super::options;
use super::text::{GENERATED, argument, comment, import, literal, member, option};
use crate::clients::api::{Api, Operation};
use crate::generate::openapi::operation::Parameter;

/// The header that asks for an answer only when there is a new one.
const IF_NONE_MATCH: &str = "If-None-Match";

/// The file.
///
/// # Errors
///
/// When two arguments of a method would have one name.
pub fn file(api: &Api) -> Result<String> {
    let everywhere = everywhere(api);
    let mut methods = Vec::new();
    for operation in &api.operations {
        methods.push(method(api, operation, &everywhere)?);
    }
    let docs = format!(
        "Calls the {}, `{}`.\n\nWhatever is called may fail with {}.",
        api.title,
        api.contract(),
        codes(&everywhere)
    );
    let mut tags = Vec::new();
    if let Some(sunset) = &api.sunset {
        tags.push(format!(
            "@deprecated The contract is served until {sunset}."
        ));
    }
    Ok(format!(
        "{GENERATED}\n{imports}\n{docs}export class Fareway {{\n{constructor}\n{methods}}}\n",
        imports = imports(api),
        docs = comment("", &docs, &tags),
        constructor = CONSTRUCTOR,
        methods = methods.join("\n"),
    ))
}

const CONSTRUCTOR: &str = "  readonly #connection: Connection;

  /** Sends nothing yet. */
  constructor(options: FarewayOptions) {
    this.#connection = new Connection(options);
  }
";

fn imports(api: &Api) -> String {
    let (mut own, mut shared, mut types) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for operation in &api.operations {
        if options::has_own(operation) {
            own.insert(options::name(operation));
        } else {
            shared.insert(options::base(operation));
        }
        types.extend(operation.body.iter().chain(&operation.answer));
        types.extend(operation.page.iter().map(|page| &page.item));
    }
    let list = match api
        .operations
        .iter()
        .any(|operation| operation.page.is_some())
    {
        true => "import { type ListCall, list } from \"./list.js\";\n",
        false => "",
    };
    [
        import(["Call"], "call"),
        "import { Connection } from \"./connection.js\";\n".to_owned(),
        import(["FarewayOptions"], "credential"),
        list.to_owned(),
        import(own.iter().map(String::as_str), "options"),
        import(shared, "settings"),
        import(types.into_iter().map(String::as_str), "types"),
    ]
    .concat()
}

/// The codes of the problems that every operation may answer with.
fn everywhere(api: &Api) -> BTreeSet<String> {
    let is_everywhere = |code: &&String| {
        api.operations
            .iter()
            .all(|operation| operation.problems.contains(code))
    };
    api.codes.iter().filter(is_everywhere).cloned().collect()
}

fn codes<'a>(codes: impl IntoIterator<Item = &'a String>) -> String {
    let codes: Vec<String> = codes.into_iter().map(|code| format!("`{code}`")).collect();
    codes.join(", ")
}

fn method(api: &Api, operation: &Operation, everywhere: &BTreeSet<String>) -> Result<String> {
    let places = || {
        operation
            .demanded
            .iter()
            .filter(|parameter| parameter.place == "path")
    };
    let mut arguments: Vec<(String, String)> = places()
        .map(|parameter| (argument(&parameter.name), "string".to_owned()))
        .collect();
    let body = if operation.body_optional {
        "body?"
    } else {
        "body"
    };
    arguments.extend(
        operation
            .body
            .iter()
            .map(|kind| (body.to_owned(), kind.clone())),
    );
    let names: BTreeSet<&String> = arguments.iter().map(|(name, _)| name).collect();
    ensure!(
        names.len() == arguments.len(),
        "two arguments of {} would have one name",
        operation.id
    );
    let arguments: Vec<String> = (arguments.iter())
        .map(|(name, kind)| format!("{name}: {kind}, "))
        .collect();
    let signature = Signature {
        head: format!("  {}({}", operation.id, arguments.concat()),
        options: options::name(operation),
        demands: options::demands(operation),
        docs: docs(api, operation, everywhere),
    };
    let body = operation.answer.as_deref().unwrap_or("void");
    let generic = match &operation.page {
        Some(page) => format!("<{body}, {}>", page.item),
        None => format!("<{body}>"),
    };
    let whole = match &operation.page {
        Some(_) => format!("ListCall{generic}"),
        None => format!("Call{generic}"),
    };
    let may_be_current = operation
        .optional
        .iter()
        .any(|parameter| parameter.name == IF_NONE_MATCH);
    let (declared, generic) = if may_be_current {
        let generic = generic.replacen(
            body,
            &format!("{body} | null"),
            usize::from(operation.page.is_none()),
        );
        (signature.overloaded(&whole, body), generic)
    } else {
        (signature.plain(&whole), generic)
    };
    let call = match &operation.page {
        Some(_) => format!("list{generic}(this.#connection, "),
        None => format!("this.#connection.call{generic}("),
    };
    Ok(format!(
        "{declared} {{\n    return {call}{{\n{request}    }}, options);\n  }}\n",
        request = request(operation)
    ))
}

/// How a method is declared.
struct Signature {
    head: String,
    options: String,
    /// Whether the options hold what is demanded.
    demands: bool,
    docs: String,
}

impl Signature {
    fn plain(&self, answer: &str) -> String {
        let Signature {
            head,
            options,
            docs,
            ..
        } = self;
        let default = if self.demands { "" } else { " = {}" };
        format!("{docs}{head}options: {options}{default}): {answer}")
    }

    /// Without `ifNoneMatch` there is an answer; with it, perhaps not.
    fn overloaded(&self, answer: &str, body: &str) -> String {
        let Signature {
            head,
            options,
            docs,
            ..
        } = self;
        let again = comment(
            "  ",
            "The same; the body is `null` while what you have is current.",
            &[],
        );
        let absent = if self.demands { "" } else { "?" };
        let default = if self.demands { "" } else { " = {}" };
        format!(
            "{docs}{head}options{absent}: {options} & {{ ifNoneMatch?: undefined }}): {answer};\n\
             {again}{head}options: {options}): Call<{body} | null>;\n\
             {head}options: {options}{default}): Call<{body} | null>"
        )
    }
}

fn docs(api: &Api, operation: &Operation, everywhere: &BTreeSet<String>) -> String {
    let mut tags: Vec<String> = operation
        .demanded
        .iter()
        .filter(|parameter| parameter.place == "path" && !parameter.docs.is_empty())
        .map(|parameter| {
            let docs: Vec<&str> = parameter.docs.split_whitespace().collect();
            format!("@param {} {}", argument(&parameter.name), docs.join(" "))
        })
        .collect();
    let own: Vec<&String> = (operation.problems.iter())
        .filter(|code| !everywhere.contains(*code))
        .collect();
    let written = &api.document["paths"][&operation.path][&operation.method];
    if let Some(sunset) = written["x-sunset"].as_str() {
        tags.push(format!("@deprecated It is served until {sunset}."));
    }
    if !own.is_empty() {
        tags.push(format!("@throws FarewayProblem {}", codes(own)));
    }
    comment("  ", &operation.docs, &tags)
}

/// The members of the request that a method sends.
fn request(operation: &Operation) -> String {
    let parameters = || operation.demanded.iter().chain(&operation.optional);
    let of = |place: &str, from: &dyn Fn(&Parameter) -> String| {
        let values: Vec<String> = parameters()
            .filter(|parameter| parameter.place == place)
            .map(|parameter| format!("{}: {}", member(&parameter.name), from(parameter)))
            .collect();
        (!values.is_empty()).then(|| format!("{{ {} }}", values.join(", ")))
    };
    let given = |parameter: &Parameter| format!("options.{}", option(&parameter.name));
    let members = [
        ("method", Some(literal(&operation.method.to_uppercase()))),
        ("path", Some(literal(&operation.path))),
        ("places", of("path", &|parameter| argument(&parameter.name))),
        ("query", of("query", &given)),
        ("headers", of("header", &given)),
        ("body", operation.body.as_ref().map(|_| "body".to_owned())),
        ("keyed", operation.keyed.then(|| "true".to_owned())),
        (
            "repeatable",
            operation.repeatable.then(|| "true".to_owned()),
        ),
        (
            "bare",
            operation.answer.is_none().then(|| "true".to_owned()),
        ),
    ];
    let written = members.into_iter().filter_map(|(name, value)| {
        let value = value?;
        Some(if name == value {
            format!("      {name},\n")
        } else {
            format!("      {name}: {value},\n")
        })
    });
    written.collect()
}
