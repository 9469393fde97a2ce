//! A node of a document, and what it can be asked.

use std::fmt;

use serde_json::{Map, Number, Value};

use super::{Cell, Forest, Kind, Link, Name, NodeId, Place, Unusable, reference};

/// A node of a forest.
#[derive(Clone, Copy)]
pub struct Node<'f> {
    pub(super) forest: &'f Forest,
    pub(super) id: NodeId,
}

/// What a node holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'f> {
    Null,
    Bool(bool),
    /// As it was written.
    Number(&'f str),
    Text(&'f str),
    Array,
    Object,
}

/// A value that holds no other, as it was written: equal ones are equal values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scalar {
    Null,
    Bool(bool),
    Number(Name),
    Text(Name),
    /// So many scalars follow.
    List(usize),
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.place(), self.pointer())
    }
}

impl<'f> Node<'f> {
    /// Its number.
    pub fn id(self) -> NodeId {
        self.id
    }

    /// The forest it stands in.
    pub fn forest(self) -> &'f Forest {
        self.forest
    }

    fn cell(self) -> &'f Cell {
        &self.forest.cells[self.id.0 as usize]
    }

    fn links(self) -> &'f [Link] {
        let cell = self.cell();
        match cell.kind {
            Kind::Array | Kind::Object => {
                &self.forest.links[cell.at as usize..][..cell.len as usize]
            }
            _ => &[],
        }
    }

    fn at(self, id: NodeId) -> Node<'f> {
        Node { id, ..self }
    }

    /// What it holds.
    pub fn content(self) -> Content<'f> {
        let cell = self.cell();
        let text = || self.forest.text(Name(cell.at));
        match cell.kind {
            Kind::Null => Content::Null,
            Kind::False => Content::Bool(false),
            Kind::True => Content::Bool(true),
            Kind::Number => Content::Number(text()),
            Kind::Text => Content::Text(text()),
            Kind::Array => Content::Array,
            Kind::Object => Content::Object,
        }
    }

    /// What it holds, if that is no list and no object.
    pub fn scalar(self) -> Option<Scalar> {
        let cell = self.cell();
        match cell.kind {
            Kind::Null => Some(Scalar::Null),
            Kind::False => Some(Scalar::Bool(false)),
            Kind::True => Some(Scalar::Bool(true)),
            Kind::Number => Some(Scalar::Number(Name(cell.at))),
            Kind::Text => Some(Scalar::Text(Name(cell.at))),
            Kind::Array | Kind::Object => None,
        }
    }

    /// The member of a name.
    pub fn get(self, name: &str) -> Option<Node<'f>> {
        self.member(self.forest.known(name)?)
    }

    /// The member of a name that is known by its number.
    pub fn member(self, name: Name) -> Option<Node<'f>> {
        let cell = self.cell();
        if !matches!(cell.kind, Kind::Object) {
            return None;
        }
        if cell.len as usize > super::INDEXED {
            return self
                .forest
                .index
                .get(&(self.id, name))
                .map(|id| self.at(*id));
        }
        let link = self.links().iter().find(|link| link.key == name)?;
        Some(self.at(link.value))
    }

    /// The members of an object with their names, in the order in which they were written; none when it is no object.
    pub fn members(self) -> impl Iterator<Item = (Name, &'f str, Node<'f>)> {
        let links = if matches!(self.cell().kind, Kind::Object) {
            self.links()
        } else {
            &[]
        };
        links
            .iter()
            .map(move |link| (link.key, self.forest.text(link.key), self.at(link.value)))
    }

    /// The elements of an array; none when it is no array.
    pub fn items(self) -> impl Iterator<Item = Node<'f>> {
        let links = if matches!(self.cell().kind, Kind::Array) {
            self.links()
        } else {
            &[]
        };
        links.iter().map(move |link| self.at(link.value))
    }

    /// The text of a string.
    pub fn text(self) -> Option<&'f str> {
        match self.content() {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number of a string's text.
    pub fn name(self) -> Option<Name> {
        let cell = self.cell();
        matches!(cell.kind, Kind::Text).then_some(Name(cell.at))
    }

    /// A boolean.
    pub fn flag(self) -> Option<bool> {
        match self.content() {
            Content::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// The member of a name is `true`.
    pub fn says(self, name: &str) -> bool {
        self.get(name).and_then(Node::flag) == Some(true)
    }

    /// The text of a member.
    pub fn word(self, name: &str) -> Option<&'f str> {
        self.get(name).and_then(Node::text)
    }

    /// It holds the same value as another node, whatever the order of members.
    pub fn equals(self, other: Node<'_>) -> bool {
        if self.id == other.id {
            return true;
        }
        match (self.content(), other.content()) {
            (Content::Array, Content::Array) => {
                self.links().len() == other.links().len()
                    && self
                        .items()
                        .zip(other.items())
                        .all(|(one, other)| one.equals(other))
            }
            (Content::Object, Content::Object) => {
                self.links().len() == other.links().len()
                    && self.members().all(|(name, _, value)| {
                        other.member(name).is_some_and(|other| value.equals(other))
                    })
            }
            (Content::Number(one), Content::Number(other)) => {
                one == other
                    || serde_json::from_str::<f64>(one).ok()
                        == serde_json::from_str::<f64>(other).ok()
            }
            (one, other) => one == other,
        }
    }

    /// The value; aliases are written out, so this is for small nodes.
    pub fn value(self) -> Value {
        match self.content() {
            Content::Null => Value::Null,
            Content::Bool(flag) => Value::Bool(flag),
            Content::Number(text) => {
                serde_json::from_str::<Number>(text).map_or(Value::Null, Value::Number)
            }
            Content::Text(text) => Value::String(text.to_owned()),
            Content::Array => self.items().map(Node::value).collect(),
            Content::Object => Value::Object(
                self.members()
                    .map(|(_, name, value)| (name.to_owned(), value.value()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }

    /// The node around it.
    pub fn parent(self) -> Option<Node<'f>> {
        let parent = self.cell().parent;
        (parent != u32::MAX).then(|| self.at(NodeId(parent)))
    }

    /// The JSON pointer (RFC 6901) in its file.
    pub fn pointer(self) -> String {
        let Some(parent) = self.parent() else {
            return String::new();
        };
        let links = parent.links();
        let at = links
            .iter()
            .position(|link| link.value == self.id)
            .unwrap_or(0);
        let step = match parent.cell().kind {
            Kind::Object => escape(self.forest.text(links[at].key)),
            _ => at.to_string(),
        };
        format!("{}/{step}", parent.pointer())
    }

    /// Where it was written: for a member, the line of its key.
    pub fn place(self) -> Place {
        let link = self
            .parent()
            .and_then(|parent| parent.links().iter().find(|link| link.value == self.id));
        let line = link.map_or(self.cell().line, |link| link.line);
        Place {
            file: self.forest.files[self.file()].name.clone(),
            line,
        }
    }

    /// The file it stands in, by number.
    pub(super) fn file(self) -> usize {
        self.forest
            .files
            .partition_point(|file| file.first <= self.id)
            .saturating_sub(1)
    }

    /// The root of its file.
    pub fn root(self) -> Node<'f> {
        self.at(self.forest.files[self.file()].root)
    }

    /// The root of the document that its file was read for.
    pub fn home(self) -> Node<'f> {
        let files = &self.forest.files;
        self.at(files[files[self.file()].document].root)
    }

    /// A complaint about it.
    pub fn unusable(self, what: impl Into<String>, fix: &str) -> Unusable {
        Unusable {
            place: self.place(),
            what: what.into(),
            fix: fix.to_owned(),
            of: Some(self.home().id()),
        }
    }

    /// The node that it stands for: itself, or what its `$ref` leads to in the end.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere, or in a circle.
    pub fn follow(self) -> Result<Node<'f>, Unusable> {
        reference::follow(self)
    }

    /// What its own `$ref` leads to, if it has one.
    ///
    /// # Errors
    ///
    /// When it leads nowhere.
    pub fn target(self) -> Result<Option<Node<'f>>, Unusable> {
        reference::target(self)
    }
}

/// Escapes a member name for a JSON pointer (RFC 6901).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
