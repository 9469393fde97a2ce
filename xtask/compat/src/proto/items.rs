//! The parts of descriptors that have a number or a name, with what must stay as it is.

use std::collections::{BTreeMap, BTreeSet};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, ServiceDescriptorProto,
};

use super::usage::Usage;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Package,
    Message,
    Field,
    Enum,
    Value,
    Service,
    Method,
}

impl Kind {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Package => "package",
            Kind::Message => "message",
            Kind::Field => "field",
            Kind::Enum => "enum",
            Kind::Value => "value",
            Kind::Service => "service",
            Kind::Method => "method",
        }
    }
}

/// What must stay as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    Name,
    JsonName,
    Type,
    Label,
    Oneof,
    Request,
    Response,
    ClientStreaming,
    ServerStreaming,
}

impl Fact {
    /// As it is written, in rules and in texts.
    pub fn word(self) -> &'static str {
        match self {
            Fact::Name => "name",
            Fact::JsonName => "json-name",
            Fact::Type => "type",
            Fact::Label => "label",
            Fact::Oneof => "oneof",
            Fact::Request => "request",
            Fact::Response => "response",
            Fact::ClientStreaming => "client-streaming",
            Fact::ServerStreaming => "server-streaming",
        }
    }
}

/// A field, a value, a method, or a type as a whole.
#[derive(Clone, Debug)]
pub struct Item {
    pub kind: Kind,
    pub name: String,
    /// The package, message, enum or service around it; empty for a package.
    pub owner: String,
    pub file: String,
    pub line: usize,
    pub deprecated: bool,
    pub facts: BTreeMap<Fact, String>,
    /// The form of a field's values.
    pub form: Option<Type>,
}

/// Numbers and names that may not be used again.
#[derive(Debug, Default)]
pub struct Reserved {
    /// First and last.
    pub ranges: Vec<(i64, i64)>,
    pub names: BTreeSet<String>,
}

impl Reserved {
    /// It holds a number.
    pub fn holds(&self, number: i64) -> bool {
        self.covers(&(number, number))
    }

    /// It holds every number of a range, in however many pieces.
    pub fn covers(&self, (first, last): &(i64, i64)) -> bool {
        let mut next = *first;
        let mut ranges = self.ranges.clone();
        ranges.sort_unstable();
        for (from, to) in ranges {
            if from <= next && next <= to {
                next = to + 1;
            }
        }
        next > *last
    }
}

/// All parts of descriptors.
#[derive(Debug, Default)]
pub struct Items {
    pub by_key: BTreeMap<String, Item>,
    /// By message or enum.
    pub reserved: BTreeMap<String, Reserved>,
    pub usage: Usage,
}

impl Item {
    /// Its kind and its name.
    pub fn called(&self) -> String {
        let word = self.kind.word();
        match self.owner.as_str() {
            "" => format!("{word} {}", self.name),
            owner => format!("{word} {owner}.{}", self.name),
        }
    }

    /// The type of messages or values that it is, or that it belongs to.
    pub fn holder(&self) -> Option<String> {
        match self.kind {
            Kind::Message | Kind::Enum => Some(within(&self.owner, &self.name)),
            Kind::Field | Kind::Value => Some(self.owner.clone()),
            Kind::Package | Kind::Service | Kind::Method => None,
        }
    }
}

/// Where a part stands: its file and the path of numbers that leads to it.
#[derive(Clone, Copy)]
struct Place<'d> {
    file: &'d FileDescriptorProto,
    path: &'d [i32],
}

impl Place<'_> {
    fn line(self) -> usize {
        let mut places = self
            .file
            .source_code_info
            .iter()
            .flat_map(|info| &info.location);
        let place = places.find(|place| place.path == self.path);
        let line = place.and_then(|place| usize::try_from(*place.span.first()?).ok());
        line.map_or(0, |line| line + 1)
    }

    fn item(self, kind: Kind, name: &str, owner: &str, deprecated: bool) -> Item {
        Item {
            kind,
            name: name.to_owned(),
            owner: owner.to_owned(),
            file: self.file.name().to_owned(),
            line: self.line(),
            deprecated,
            facts: BTreeMap::new(),
            form: None,
        }
    }
}

fn below(path: &[i32], kind: i32, at: usize) -> Vec<i32> {
    [path, &[kind, i32::try_from(at).unwrap_or(i32::MAX)]].concat()
}

impl Items {
    /// Reads all files.
    pub fn read(set: &FileDescriptorSet) -> Items {
        let mut items = Items::default();
        for file in &set.file {
            let package = file.package();
            if !package.is_empty() {
                let deprecated = file
                    .options
                    .as_ref()
                    .is_some_and(|options| options.deprecated());
                let item = Place { file, path: &[2] }.item(Kind::Package, package, "", deprecated);
                // A package goes only when all of its files may.
                let known = items.by_key.entry(package.to_owned()).or_insert(item);
                known.deprecated &= deprecated;
            }
            for (at, message) in file.message_type.iter().enumerate() {
                let path = below(&[], 4, at);
                items.message(Place { file, path: &path }, message, package);
            }
            for (at, values) in file.enum_type.iter().enumerate() {
                let path = below(&[], 5, at);
                items.values(Place { file, path: &path }, values, package);
            }
            for (at, service) in file.service.iter().enumerate() {
                let path = below(&[], 6, at);
                items.service(Place { file, path: &path }, service, package);
            }
        }
        items.usage.settle();
        items
    }

    fn service(&mut self, place: Place<'_>, service: &ServiceDescriptorProto, package: &str) {
        let owner = within(package, service.name());
        let deprecated = service
            .options
            .as_ref()
            .is_some_and(|options| options.deprecated());
        let item = place.item(Kind::Service, service.name(), package, deprecated);
        self.by_key.insert(owner.clone(), item);
        for (at, method) in service.method.iter().enumerate() {
            let path = below(place.path, 2, at);
            let deprecated = method
                .options
                .as_ref()
                .is_some_and(|options| options.deprecated());
            let mut item = Place {
                path: &path,
                ..place
            }
            .item(Kind::Method, method.name(), &owner, deprecated);
            let (request, response) = (
                absolute(method.input_type()),
                absolute(method.output_type()),
            );
            self.usage.method(&request, &response);
            item.facts = BTreeMap::from([
                (Fact::Request, request),
                (Fact::Response, response),
                (Fact::ClientStreaming, method.client_streaming().to_string()),
                (Fact::ServerStreaming, method.server_streaming().to_string()),
            ]);
            self.by_key
                .insert(format!("{owner}/{}", method.name()), item);
        }
    }

    fn message(&mut self, place: Place<'_>, message: &DescriptorProto, around: &str) {
        let owner = within(around, message.name());
        let deprecated = message
            .options
            .as_ref()
            .is_some_and(|options| options.deprecated());
        let item = place.item(Kind::Message, message.name(), around, deprecated);
        self.by_key.insert(owner.clone(), item);
        let reserved = self.reserved.entry(owner.clone()).or_default();
        reserved.names.extend(message.reserved_name.iter().cloned());
        let ranges = message.reserved_range.iter();
        // The end of a range of a message is not in it.
        reserved
            .ranges
            .extend(ranges.map(|range| (i64::from(range.start()), i64::from(range.end()) - 1)));
        for (at, field) in message.field.iter().enumerate() {
            let path = below(place.path, 2, at);
            self.field(
                Place {
                    path: &path,
                    ..place
                },
                message,
                field,
                &owner,
            );
        }
        for (at, nested) in message.nested_type.iter().enumerate() {
            let path = below(place.path, 3, at);
            self.message(
                Place {
                    path: &path,
                    ..place
                },
                nested,
                &owner,
            );
        }
        for (at, values) in message.enum_type.iter().enumerate() {
            let path = below(place.path, 4, at);
            self.values(
                Place {
                    path: &path,
                    ..place
                },
                values,
                &owner,
            );
        }
    }

    fn field(
        &mut self,
        place: Place<'_>,
        message: &DescriptorProto,
        field: &FieldDescriptorProto,
        owner: &str,
    ) {
        let deprecated = field
            .options
            .as_ref()
            .is_some_and(|options| options.deprecated());
        let mut item = place.item(Kind::Field, field.name(), owner, deprecated);
        let oneof = field.oneof_index.filter(|_| !field.proto3_optional());
        let oneof = oneof.and_then(|at| message.oneof_decl.get(usize::try_from(at).ok()?));
        if !field.type_name().is_empty() {
            self.usage.field(owner, &absolute(field.type_name()));
        }
        item.form = Some(field.r#type());
        item.facts = BTreeMap::from([
            (Fact::Name, field.name().to_owned()),
            (Fact::JsonName, field.json_name().to_owned()),
            (Fact::Type, type_of(field)),
            (Fact::Label, label_of(field).to_owned()),
            (
                Fact::Oneof,
                oneof.map_or("none", |oneof| oneof.name()).to_owned(),
            ),
        ]);
        self.by_key
            .insert(format!("{owner}/{}", field.number()), item);
    }

    fn values(&mut self, place: Place<'_>, values: &EnumDescriptorProto, around: &str) {
        let owner = within(around, values.name());
        let deprecated = values
            .options
            .as_ref()
            .is_some_and(|options| options.deprecated());
        let item = place.item(Kind::Enum, values.name(), around, deprecated);
        self.by_key.insert(owner.clone(), item);
        let reserved = self.reserved.entry(owner.clone()).or_default();
        reserved.names.extend(values.reserved_name.iter().cloned());
        let ranges = values.reserved_range.iter();
        reserved
            .ranges
            .extend(ranges.map(|range| (range.start().into(), range.end().into())));
        for (at, value) in values.value.iter().enumerate() {
            let path = below(place.path, 2, at);
            let deprecated = value
                .options
                .as_ref()
                .is_some_and(|options| options.deprecated());
            let mut item = Place {
                path: &path,
                ..place
            }
            .item(Kind::Value, value.name(), &owner, deprecated);
            item.facts = BTreeMap::from([(Fact::Name, value.name().to_owned())]);
            let key = format!("{owner}/{}", value.number());
            // Of two names of one number the first is the one that is written.
            self.by_key.entry(key).or_insert(item);
        }
    }
}

fn within(around: &str, name: &str) -> String {
    match around {
        "" => name.to_owned(),
        around => format!("{around}.{name}"),
    }
}

fn absolute(name: &str) -> String {
    name.trim_start_matches('.').to_owned()
}

fn type_of(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum | Type::Group => absolute(field.type_name()),
        scalar => scalar
            .as_str_name()
            .trim_start_matches("TYPE_")
            .to_lowercase(),
    }
}

fn label_of(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        Label::Repeated => "repeated",
        Label::Required => "required",
        Label::Optional if field.proto3_optional() => "optional",
        Label::Optional => "singular",
    }
}
