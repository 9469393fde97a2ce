//! The same law for descriptors of Protocol Buffers: what old and new programs send each other must keep its number, its name
//! and its type. Fields, values and methods are matched by number or by name, never by their order.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// A stable name of the kind of change, such as `proto-field-renumbered`.
    pub rule: String,
    /// Old and new programs no longer understand each other.
    pub breaking: bool,
    /// The file in the include path, and the line in the revision; 0 for what is gone.
    pub file: String,
    pub line: usize,
    /// What changed, in lower case without a full stop.
    pub what: String,
    /// What to do instead, as an order.
    pub fix: String,
}

/// A field, a value, a method, or a type as a whole.
#[derive(Debug)]
struct Item {
    kind: &'static str,
    name: String,
    /// The message, enum or service around it.
    owner: String,
    file: String,
    line: usize,
    deprecated: bool,
    /// What must stay as it is, by what it is called.
    facts: BTreeMap<&'static str, String>,
}

#[derive(Debug, Default)]
struct Items {
    by_key: BTreeMap<String, Item>,
    /// Numbers and names that may not be used again, by message or enum.
    reserved: BTreeMap<String, BTreeSet<String>>,
}

/// Every change from `base` to `revision`, in the order of their names.
pub fn compare(base: &FileDescriptorSet, revision: &FileDescriptorSet) -> Vec<Difference> {
    let (old, new) = (Items::read(base), Items::read(revision));
    let mut found = Vec::new();
    for (key, was) in &old.by_key {
        match new.by_key.get(key) {
            Some(is) => changed(was, is, &mut found),
            None => found.extend(removed(was, key, &old, &new)),
        }
    }
    for (key, is) in &new.by_key {
        let is_new = !old.by_key.contains_key(key);
        // A type that is new as a whole is one change.
        let with_owner = is.owner.is_empty() || old.by_key.contains_key(&is.owner);
        if is_new && with_owner {
            found.push(Difference {
                rule: format!("proto-{}-added", is.kind),
                breaking: false,
                file: is.file.clone(),
                line: is.line,
                what: format!("{} is new", is.called()),
                fix: "raise the minor version".to_owned(),
            });
        }
    }
    found
}

fn changed(was: &Item, is: &Item, found: &mut Vec<Difference>) {
    for (fact, before) in &was.facts {
        let after = &is.facts[fact];
        if before != after {
            found.push(Difference {
                rule: format!("proto-{}-{fact}", was.kind),
                breaking: true,
                file: is.file.clone(),
                line: is.line,
                what: format!(
                    "the {fact} of {} changes from {before} to {after}",
                    was.called()
                ),
                fix: match was.kind {
                    "method" => "undo it, and add a method of another name".to_owned(),
                    kind => format!("undo it, and add a {kind} of another name and number"),
                },
            });
        }
    }
}

fn removed(was: &Item, key: &str, old: &Items, new: &Items) -> Option<Difference> {
    let difference = |verb: &str, breaking, line, what: String, fix: String| Difference {
        rule: format!("proto-{}-{verb}", was.kind),
        breaking,
        file: was.file.clone(),
        line,
        what,
        fix,
    };
    // What goes with its type is one change.
    if !was.owner.is_empty() && !new.by_key.contains_key(&was.owner) {
        return None;
    }
    let mut others = new.by_key.iter();
    let moved = others.find(|(other, item)| {
        item.kind == was.kind
            && item.owner == was.owner
            && item.name == was.name
            && !old.by_key.contains_key(*other)
    });
    let number = key.rsplit('/').next().unwrap_or_default();
    if let Some((other, item)) = moved {
        let to = other.rsplit('/').next().unwrap_or_default();
        let what = format!(
            "the number of {} changes from {number} to {to}",
            was.called()
        );
        let fix =
            format!("give it back the number {number}: it is what travels instead of the name");
        return Some(difference("renumbered", true, item.line, what, fix));
    }
    let reserved = new.reserved.get(&was.owner);
    let kept_free =
        reserved.is_some_and(|reserved| reserved.contains(number) && reserved.contains(&was.name));
    let numbered = ["field", "value"].contains(&was.kind);
    let line = new.by_key.get(&was.owner).map_or(0, |owner| owner.line);
    let (breaking, fix) = match (was.deprecated, numbered && !kept_free) {
        (false, _) => (
            true,
            "keep it, mark it `deprecated = true`, release that, and remove it afterwards"
                .to_owned(),
        ),
        (true, true) => (
            true,
            format!(
                "write `reserved {number}; reserved \"{}\";` in its place",
                was.name
            ),
        ),
        (true, false) => (false, "raise the minor version".to_owned()),
    };
    let what = format!("{} is removed", was.called());
    Some(difference("removed", breaking, line, what, fix))
}

impl Item {
    fn called(&self) -> String {
        match self.owner.as_str() {
            "" => format!("{} {}", self.kind, self.name),
            owner => format!("{} {}.{}", self.kind, owner, self.name),
        }
    }
}

impl Items {
    fn read(set: &FileDescriptorSet) -> Items {
        let mut items = Items::default();
        for file in &set.file {
            let package = file.package();
            for (at, message) in file.message_type.iter().enumerate() {
                items.message(file, message, package, &[4, index(at)]);
            }
            for (at, values) in file.enum_type.iter().enumerate() {
                items.values(file, values, package, &[5, index(at)]);
            }
            for (at, service) in file.service.iter().enumerate() {
                let owner = format!("{package}.{}", service.name());
                let path = [6, index(at)];
                items.add(
                    file,
                    "service",
                    &owner,
                    "",
                    owner.clone(),
                    &path,
                    false,
                    BTreeMap::new(),
                );
                for (at, method) in service.method.iter().enumerate() {
                    let facts = BTreeMap::from([
                        ("request", method.input_type().to_owned()),
                        ("response", method.output_type().to_owned()),
                        ("client-streaming", method.client_streaming().to_string()),
                        ("server-streaming", method.server_streaming().to_string()),
                    ]);
                    let deprecated = method
                        .options
                        .as_ref()
                        .is_some_and(|options| options.deprecated());
                    let key = format!("{owner}/{}", method.name());
                    let path = [&path[..], &[2, index(at)]].concat();
                    items.add(
                        file,
                        "method",
                        method.name(),
                        &owner,
                        key,
                        &path,
                        deprecated,
                        facts,
                    );
                }
            }
        }
        items
    }

    fn message(
        &mut self,
        file: &FileDescriptorProto,
        message: &DescriptorProto,
        around: &str,
        path: &[i32],
    ) {
        let owner = format!("{around}.{}", message.name());
        let deprecated = message
            .options
            .as_ref()
            .is_some_and(|options| options.deprecated());
        self.add(
            file,
            "message",
            &owner,
            "",
            owner.clone(),
            path,
            deprecated,
            BTreeMap::new(),
        );
        let reserved = self.reserved.entry(owner.clone()).or_default();
        reserved.extend(message.reserved_name.iter().cloned());
        for range in &message.reserved_range {
            reserved.extend(
                (range.start()..range.end())
                    .take(NUMBERS_MAX)
                    .map(|n| n.to_string()),
            );
        }
        for (at, field) in message.field.iter().enumerate() {
            let deprecated = field
                .options
                .as_ref()
                .is_some_and(|options| options.deprecated());
            let oneof = field.oneof_index.filter(|_| !field.proto3_optional());
            let oneof = oneof.and_then(|at| message.oneof_decl.get(usize::try_from(at).ok()?));
            let facts = BTreeMap::from([
                ("name", field.name().to_owned()),
                ("type", type_of(field)),
                ("label", label_of(field)),
                (
                    "oneof",
                    oneof.map_or("none".to_owned(), |oneof| oneof.name().to_owned()),
                ),
            ]);
            let key = format!("{owner}/{}", field.number());
            let path = [path, &[2, index(at)]].concat();
            self.add(
                file,
                "field",
                field.name(),
                &owner,
                key,
                &path,
                deprecated,
                facts,
            );
        }
        for (at, nested) in message.nested_type.iter().enumerate() {
            self.message(file, nested, &owner, &[path, &[3, index(at)]].concat());
        }
        for (at, values) in message.enum_type.iter().enumerate() {
            self.values(file, values, &owner, &[path, &[4, index(at)]].concat());
        }
    }

    fn values(
        &mut self,
        file: &FileDescriptorProto,
        values: &EnumDescriptorProto,
        around: &str,
        path: &[i32],
    ) {
        let owner = format!("{around}.{}", values.name());
        self.add(
            file,
            "enum",
            &owner,
            "",
            owner.clone(),
            path,
            false,
            BTreeMap::new(),
        );
        let reserved = self.reserved.entry(owner.clone()).or_default();
        reserved.extend(values.reserved_name.iter().cloned());
        for range in &values.reserved_range {
            reserved.extend(
                (range.start()..=range.end())
                    .take(NUMBERS_MAX)
                    .map(|n| n.to_string()),
            );
        }
        for (at, value) in values.value.iter().enumerate() {
            let deprecated = value
                .options
                .as_ref()
                .is_some_and(|options| options.deprecated());
            let facts = BTreeMap::from([("name", value.name().to_owned())]);
            let key = format!("{owner}/{}", value.number());
            let path = [path, &[2, index(at)]].concat();
            self.add(
                file,
                "value",
                value.name(),
                &owner,
                key,
                &path,
                deprecated,
                facts,
            );
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "an item has so many parts, and each caller knows them all"
    )]
    fn add(
        &mut self,
        file: &FileDescriptorProto,
        kind: &'static str,
        name: &str,
        owner: &str,
        key: String,
        path: &[i32],
        deprecated: bool,
        facts: BTreeMap<&'static str, String>,
    ) {
        let item = Item {
            kind,
            name: name.to_owned(),
            owner: owner.to_owned(),
            file: file.name().to_owned(),
            line: line(file, path),
            deprecated,
            facts,
        };
        self.by_key.insert(key, item);
    }
}

/// Of a reserved range that runs to the end of all numbers only so many are listed.
const NUMBERS_MAX: usize = 10_000;

fn index(at: usize) -> i32 {
    i32::try_from(at).unwrap_or(i32::MAX)
}

fn line(file: &FileDescriptorProto, path: &[i32]) -> usize {
    let mut places = file.source_code_info.iter().flat_map(|info| &info.location);
    let place = places.find(|place| place.path == path);
    let line = place.and_then(|place| usize::try_from(*place.span.first()?).ok());
    line.map_or(0, |line| line + 1)
}

fn type_of(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum | Type::Group => {
            field.type_name().trim_start_matches('.').to_owned()
        }
        scalar => scalar
            .as_str_name()
            .trim_start_matches("TYPE_")
            .to_lowercase(),
    }
}

fn label_of(field: &FieldDescriptorProto) -> String {
    match field.label() {
        Label::Repeated => "repeated",
        _ if field.proto3_optional() => "optional",
        _ => "singular",
    }
    .to_owned()
}
