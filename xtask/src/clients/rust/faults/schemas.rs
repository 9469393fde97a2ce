//! Whether each schema has its type, and each property its member.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Faults;
use super::document::{Document, name};
use super::source::{Source, arguments, serde, text, wire};

/// Where a schema is seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Sent,
    Received,
}

/// Looks at every schema that operations and webhooks reach.
pub fn look(document: Document, source: &Source, faults: &mut Faults) {
    let mut reached = BTreeSet::new();
    for operation in document.operations() {
        for parameter in &operation.parameters {
            reach(document, &parameter["schema"], Way::Sent, &mut reached);
        }
        if let Some(body) = document.body(operation.spelt) {
            reach(document, body, Way::Sent, &mut reached);
        }
        for answer in document.successes(operation.spelt) {
            reach(document, answer, Way::Received, &mut reached);
        }
    }
    for webhook in document.webhooks() {
        if let Some(body) = document.body(webhook) {
            reach(document, body, Way::Received, &mut reached);
        }
    }
    let schemas = &document.0["components"]["schemas"];
    let tags: BTreeMap<&str, &str> = reached
        .iter()
        .flat_map(|(name, _)| variants(&schemas[*name]))
        .map(|(tag, variant)| (variant, tag))
        .collect();
    for (name, way) in reached {
        let schema = Schema {
            document,
            source,
            name,
            schema: &schemas[name],
            way,
        };
        match (schema.schema.get("discriminator"), words(schema.schema)) {
            (Some(_), _) => schema.union(faults),
            (None, Some(words)) => {
                let found = source.words(name);
                faults.unless(found.as_ref() == Some(&words), name, || {
                    format!("its words are {found:?}, not {words:?}")
                });
            }
            (None, None) if is_object(schema.schema) => {
                schema.members(tags.get(name).copied(), faults)
            }
            (None, None) => {}
        }
    }
}

/// A schema that has a name, in one of the ways in which it is seen.
struct Schema<'a> {
    document: Document<'a>,
    source: &'a Source,
    name: &'a str,
    schema: &'a Value,
    way: Way,
}

impl Schema<'_> {
    /// The members of an object; what tells it from the others of a union is written by the union.
    fn members(&self, tag: Option<&str>, faults: &mut Faults) {
        let Some(found) = self.source.types.structs.get(self.name) else {
            return faults.add(self.name, "the schema has no struct");
        };
        let derived = found
            .attrs
            .iter()
            .filter(|it| it.path().is_ident("derive"))
            .map(|it| text(&it.meta));
        let wanted = match self.way {
            Way::Sent => "Serialize",
            Way::Received => "Deserialize",
        };
        let is_derived = derived.collect::<String>().contains(&format!(",{wanted}"));
        faults.unless(is_derived, self.name, || {
            format!("it does not derive {wanted}")
        });
        let fields = found
            .fields
            .iter()
            .filter_map(|it| Some((wire(&it.attrs, it.ident.as_ref()?), text(&it.ty))));
        let mut fields: BTreeMap<String, String> = fields.collect();
        for (member, schema) in self.schema["properties"].as_object().into_iter().flatten() {
            if tag == Some(member) {
                continue;
            }
            let Some(kind) = fields.remove(member) else {
                faults.add(self.name, format!("the property `{member}` is no member"));
                continue;
            };
            let is_required = self.requires(member);
            let inner = match is_required {
                true => Some(kind.as_str()),
                false => inside(&kind, "Option"),
            };
            let fits = inner.is_some_and(|kind| fits(self.document, self.source, schema, kind));
            faults.unless(fits, self.name, || {
                format!("`{member}` is {kind}, which is not what its schema says")
            });
            if self.way == Way::Sent {
                self.is_said(member, is_required, faults);
            }
        }
        for invented in fields.keys() {
            faults.add(self.name, format!("the member `{invented}` is no property"));
        }
    }

    fn requires(&self, member: &str) -> bool {
        let required = self.schema["required"].as_array().into_iter().flatten();
        required.into_iter().any(|it| it == member)
    }

    /// What is sent can be said: by the constructor when it has to be, by a method of its own otherwise.
    fn is_said(&self, member: &str, is_required: bool, faults: &mut Faults) {
        let by = if is_required { "new" } else { member };
        let method = self
            .source
            .types
            .methods
            .get(&(self.name.to_owned(), by.to_owned()));
        let said = method.is_some_and(|it| arguments(it).contains_key(member));
        faults.unless(said, self.name, || format!("nothing sets `{member}`"));
    }

    /// The alternatives of a union, each under its word.
    fn union(&self, faults: &mut Faults) {
        let Some(found) = self.source.types.enums.get(self.name) else {
            return faults.add(self.name, "the union has no enum");
        };
        let tag = self.schema["discriminator"]["propertyName"].as_str();
        faults.unless(
            serde(&found.attrs, "tag").as_deref() == tag,
            self.name,
            || format!("its alternatives are not told apart by {tag:?}"),
        );
        let cases = found
            .variants
            .iter()
            .map(|it| (wire(&it.attrs, &it.ident), text(&it.fields)));
        let mut cases: BTreeMap<String, String> = cases.collect();
        for (property, variant) in variants(self.schema) {
            let word =
                &self.document.0["components"]["schemas"][variant]["properties"][property]["const"];
            let word = word.as_str().unwrap_or_default();
            let case = cases.remove(word);
            faults.unless(case == Some(format!("({variant})")), self.name, || {
                format!("`{word}` does not stand for {variant}")
            });
        }
        for word in cases.keys() {
            faults.add(self.name, format!("no alternative is told by `{word}`"));
        }
    }
}

/// The alternatives of a union: what tells them apart, and the schema; nothing when it is none.
fn variants(schema: &Value) -> impl Iterator<Item = (&str, &str)> {
    let tag = schema["discriminator"]["propertyName"].as_str();
    let all = schema["oneOf"].as_array().into_iter().flatten();
    all.filter_map(move |it| Some((tag?, name(it)?)))
}

/// Adds the names that a schema refers to, however deep.
fn reach<'a>(
    document: Document<'a>,
    schema: &'a Value,
    way: Way,
    reached: &mut BTreeSet<(&'a str, Way)>,
) {
    if let Some(name) = name(schema) {
        if reached.insert((name, way)) {
            reach(
                document,
                &document.0["components"]["schemas"][name],
                way,
                reached,
            );
        }
        return;
    }
    let nested = ["items", "additionalProperties"]
        .into_iter()
        .filter_map(|it| schema.get(it));
    let members = schema["properties"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(_, it)| it);
    let alternatives = schema["oneOf"].as_array().into_iter().flatten();
    for schema in nested.chain(members).chain(alternatives) {
        reach(document, schema, way, reached);
    }
}

/// Whether a type, without spaces, is the one that a schema calls for.
pub fn fits(document: Document, source: &Source, schema: &Value, kind: &str) -> bool {
    let again = |schema: &Value, kind: &str| fits(document, source, schema, kind);
    if let Some(name) = name(schema) {
        let target = document.resolved(schema);
        let is_type = is_object(target) || target.get("discriminator").is_some();
        return match is_type {
            true => kind == name,
            false => again(target, kind),
        };
    }
    let mut kinds: Vec<&str> = match &schema["type"] {
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let mut schema = schema;
    let mut is_nullable = false;
    if let Some([one, null]) = schema["oneOf"].as_array().map(Vec::as_slice) {
        is_nullable = null["type"] == "null";
        schema = one;
    }
    kinds.retain(|it| {
        is_nullable |= *it == "null";
        *it != "null"
    });
    if is_nullable {
        let Some(kind) = inside(kind, "Option") else {
            return false;
        };
        if kinds.is_empty() {
            return again(schema, kind);
        }
        let mut schema = schema.clone();
        schema["type"] = kinds[0].into();
        return again(&schema, kind);
    }
    let format = schema["format"].as_str();
    match (kinds.first().copied(), format, words(schema)) {
        (Some("string"), _, Some(words)) => source.words(kind) == Some(words),
        (Some("string"), _, None) => kind == "String",
        (Some("integer"), Some("int32"), _) => kind == "i32",
        (Some("integer"), _, _) => kind == "i64",
        (Some("boolean"), _, _) => kind == "bool",
        (Some("array"), _, _) => inside(kind, "Vec").is_some_and(|it| again(&schema["items"], it)),
        (Some("object"), _, _) => {
            let values = inside(kind, "std::collections::BTreeMap")
                .and_then(|it| it.strip_prefix("String,"));
            values.is_some_and(|it| again(&schema["additionalProperties"], it))
        }
        _ => false,
    }
}

/// The closed list of words that a schema is.
fn words(schema: &Value) -> Option<Vec<String>> {
    if let Some(word) = schema["const"].as_str() {
        return Some(vec![word.to_owned()]);
    }
    let words = schema["enum"].as_array()?.iter().filter_map(Value::as_str);
    Some(words.map(ToOwned::to_owned).collect())
}

fn is_object(schema: &Value) -> bool {
    schema["type"] == "object" && !schema["additionalProperties"].is_object()
}

/// What a type holds: `String` of `Option<String>`.
fn inside<'a>(kind: &'a str, outer: &str) -> Option<&'a str> {
    kind.strip_prefix(outer)?
        .strip_prefix('<')?
        .strip_suffix('>')
}
