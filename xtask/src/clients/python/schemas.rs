//! The types of a contract as Python: dataclasses of what is sent and what is answered.

use std::collections::BTreeMap;

use super::text::{HEADER, annotation, docstring, enclosed, known, literal, name};
use crate::clients::api::Api;
use crate::clients::money;
use crate::generate::openapi::schema::{Field, Struct, Type};

/// What an amount of money is as text.
const MONEY: &str = r#"
    def __str__(self) -> str:
        """In major units: `498.10 GBP`."""
        return f"{Decimal(self.amount).scaleb(-self.scale):f} {self.currency}"
"#;

/// The text of `schemas.py`.
pub fn module(api: &Api) -> String {
    let mut tags = BTreeMap::new();
    let (mut words, mut classes, mut unions) = (String::new(), String::new(), String::new());
    for (alias, kind) in &api.types {
        match kind {
            Type::Words { docs, words: of } => {
                let of: Vec<String> = of.iter().map(|word| literal(word)).collect();
                let head = format!("{alias}: TypeAlias = Literal[");
                words += &format!("\n{}\n{}", enclosed(&head, &of, "]", 0), docstring(docs, 0));
            }
            Type::Union {
                docs,
                tag,
                variants,
            } => {
                let classes: Vec<&str> = variants.iter().map(|(_, class)| class.as_str()).collect();
                unions += &format!(
                    "\n{alias}: TypeAlias = {}\n{}",
                    classes.join(" | "),
                    docstring(docs, 0)
                );
                tags.extend(variants.iter().map(|(word, class)| (class, (tag, word))));
            }
            Type::Struct(_) => {}
        }
    }
    for (class, kind) in &api.types {
        if let Type::Struct(structure) = kind {
            let tag = tags
                .get(class)
                .map(|(tag, word)| (tag.as_str(), literal(word)));
            classes += &dataclass(class, structure, tag);
            if money::is_money(kind) {
                classes += MONEY;
            }
        }
    }
    // An alias is evaluated where it stands, so that the classes stand before the unions of them.
    let body = [words, classes, unions].concat();
    let docs = docstring(
        &format!("What the operations of the {} take and give.", api.title),
        0,
    );
    format!(
        "{HEADER}{docs}\nfrom __future__ import annotations\n\n{}{body}",
        imports(&body)
    )
}

fn dataclass(class: &str, structure: &Struct, tag: Option<(&str, String)>) -> String {
    let mut text = format!(
        "\n\n@dataclass(frozen=True, slots=True, kw_only=True)\nclass {class}:\n{}",
        docstring(&structure.docs, 4)
    );
    if let Some((tag, word)) = tag {
        text += &member(tag, &format!("Literal[{word}]"), Some(&word));
    }
    for field in &structure.fields {
        let (kind, default) = presence(field);
        text += &member(&field.name, &kind, default);
        let deprecated = field.deprecated.then(|| "Deprecated.".to_owned());
        let docs = [deprecated, Some(field.docs.clone()), known(&field.node)];
        let docs: Vec<String> = docs
            .into_iter()
            .flatten()
            .filter(|docs| !docs.is_empty())
            .collect();
        if !docs.is_empty() {
            text += &docstring(&docs.join(" "), 4);
        }
    }
    text
}

/// The annotation of a member, and what it is when it is left out.
fn presence(field: &Field) -> (String, Option<&'static str>) {
    let kind = annotation(&field.node);
    match (field.required, field.node.nullable) {
        (true, _) => (kind, None),
        (false, true) => (kind + " | Unset", Some("UNSET")),
        (false, false) => (kind + " | None", Some("None")),
    }
}

fn member(wire: &str, kind: &str, default: Option<&str>) -> String {
    let name = name(wire);
    let renamed = (name != wire).then(|| format!("metadata={{\"name\": {}}}", literal(wire)));
    let value = match (default, renamed) {
        (None, None) => String::new(),
        (Some(default), None) => format!(" = {default}"),
        (None, Some(renamed)) => format!(" = field({renamed})"),
        (Some(default), Some(renamed)) => format!(" = field(default={default}, {renamed})"),
    };
    format!("\n    {name}: {kind}{value}\n")
}

/// The imports that a text needs.
fn imports(body: &str) -> String {
    let import = |from: &str, names: &[(&str, &'static str)]| {
        let used = names.iter().filter(|(as_in, _)| body.contains(as_in));
        let used: Vec<&str> = used.map(|(_, name)| *name).collect();
        match used.is_empty() {
            true => String::new(),
            false => format!("from {from} import {}\n", used.join(", ")),
        }
    };
    let dates = if body.contains("dt.date") {
        "import datetime as dt\n"
    } else {
        ""
    };
    let unset = if body.contains("UNSET") {
        "\nfrom ._unset import UNSET, Unset\n"
    } else {
        ""
    };
    [
        dates,
        &import(
            "collections.abc",
            &[("Mapping[", "Mapping"), ("Sequence[", "Sequence")],
        ),
        &import(
            "dataclasses",
            &[("@dataclass", "dataclass"), ("= field(", "field")],
        ),
        &import("decimal", &[("Decimal(", "Decimal")]),
        &import(
            "typing",
            &[("Literal[", "Literal"), (": TypeAlias", "TypeAlias")],
        ),
        unset,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::openapi::schema::{Node, Shape, Text};

    fn field(name: &str, required: bool, nullable: bool) -> Field {
        let text = Text {
            format: Some("date-time".to_owned()),
            ..Text::default()
        };
        let shape = Shape::Text(text);
        Field {
            name: name.to_owned(),
            docs: String::new(),
            required,
            deprecated: false,
            node: Node { shape, nullable },
        }
    }

    #[test]
    fn left_out_and_null_are_two_things() {
        let mut known = field("shade", true, false);
        known.docs = "How dark.".to_owned();
        known.deprecated = true;
        known.node.shape = Shape::Text(Text {
            known: vec!["light".to_owned(), "dark".to_owned()],
            ..Text::default()
        });
        let structure = Struct {
            docs: "A thing.".to_owned(),
            closed: true,
            fields: vec![
                field("at", true, false),
                field("until", true, true),
                field("since", false, false),
                field("from", false, true),
                known,
            ],
            members_min: None,
            members_max: None,
        };
        let text = dataclass("Thing", &structure, Some(("kind", literal("small"))));
        insta::assert_snapshot!(text.trim(), @r#"
        @dataclass(frozen=True, slots=True, kw_only=True)
        class Thing:
            """A thing."""

            kind: Literal["small"] = "small"

            at: dt.datetime

            until: dt.datetime | None

            since: dt.datetime | None = None

            from_: dt.datetime | None | Unset = field(default=UNSET, metadata={"name": "from"})

            shade: str
            """Deprecated. How dark. Known: `light`, `dark`; there may be more."""
        "#);
    }
}
