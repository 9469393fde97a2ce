//! Documents as they were written: trees of JSON or YAML in which every node knows its file and line.
//!
//! A [`Forest`] holds both sides of a comparison, so that names and nodes of either can be told apart by number. It reads files
//! only through the [`Source`] that it is given, and refuses what it cannot understand with file and line.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use foldhash::fast::RandomState;
use indexmap::IndexSet;
use serde_json::Value;

mod json;
mod node;
mod reference;
mod yaml;

pub use node::{Content, Node, Scalar, escape};

/// How deep values may be nested in a file.
pub const DEPTH_MAX: usize = 256;

/// How large a file may be.
pub const BYTES_MAX: usize = 256 << 20;

/// A document that cannot be compared: where, why, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}; {fix}")]
pub struct Unusable {
    /// Where it was found.
    pub place: Place,
    /// What is wrong, in lower case without a full stop.
    pub what: String,
    /// What to do, as an order.
    pub fix: String,
    /// The root of the document that it is about, once both sides are loaded: they may have files of one name.
    pub of: Option<NodeId>,
}

/// A line of a file; 0 speaks of the file as a whole.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: String,
    pub line: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}

/// Gives the text of a file by its name. Relative references are joined to the name of the file that they stand in before they
/// are asked for, and never lead outside of its root; what is not given is not read.
pub trait Source {
    /// The text, or why there is none.
    ///
    /// # Errors
    ///
    /// A reason for people, in lower case.
    fn read(&self, name: &str) -> Result<String, String>;
}

impl<F: Fn(&str) -> Result<String, String>> Source for F {
    fn read(&self, name: &str) -> Result<String, String> {
        self(name)
    }
}

/// A name or a text, by number: equal texts of a forest have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(u32);

impl Name {
    /// The number, for tables.
    pub fn number(self) -> usize {
        self.0 as usize
    }
}

/// A node, by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

#[derive(Clone, Copy, Debug)]
enum Kind {
    Null,
    False,
    True,
    /// The text of the number as it was written.
    Number,
    Text,
    Array,
    Object,
}

/// A node of 20 bytes: documents of many megabytes are ordinary.
#[derive(Clone, Copy, Debug)]
struct Cell {
    kind: Kind,
    line: u32,
    parent: u32,
    /// The name of a scalar, or the first link of an array or object.
    at: u32,
    /// The number of links.
    len: u32,
}

/// A member or an element: its key, for an element no name, and its value.
#[derive(Clone, Copy, Debug)]
struct Link {
    key: Name,
    line: u32,
    value: NodeId,
}

#[derive(Debug)]
struct File {
    name: String,
    /// The document that it was read for, by number: both sides may have a file of one name.
    document: usize,
    first: NodeId,
    root: NodeId,
}

type Followed = HashMap<(usize, Name), Result<NodeId, String>, RandomState>;

/// Documents side by side.
#[derive(Debug, Default)]
pub struct Forest {
    names: IndexSet<Box<str>, RandomState>,
    cells: Vec<Cell>,
    links: Vec<Link>,
    files: Vec<File>,
    /// Members of large objects, which are looked up by name again and again.
    index: HashMap<(NodeId, Name), NodeId, RandomState>,
    /// References that were followed, by the file they stand in.
    followed: RefCell<Followed>,
}

impl Forest {
    /// Reads a document and every file that it refers to.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, is neither JSON nor YAML, is too large or too deep, or says a key twice.
    pub fn load(&mut self, source: &dyn Source, name: &str) -> Result<NodeId, Unusable> {
        let first = self.files.len();
        let root = self.file(source, name, first)?;
        let mut at = first;
        while at < self.files.len() {
            for (asked, wanted) in reference::files(self, at) {
                let known = self.files[first..].iter().any(|file| file.name == wanted);
                if !known {
                    let place = self.node(asked).place();
                    self.file(source, &wanted, first)
                        .map_err(|error| match error.place.line {
                            0 => Unusable {
                                place,
                                what: format!("{} {}", wanted, error.what),
                                ..error
                            },
                            _ => error,
                        })?;
                }
            }
            at += 1;
        }
        let document = self.node(root);
        if document.get("openapi").and_then(Node::text).is_none() {
            return Err(document.unusable(
                "is no OpenAPI document of version 3: it has no member `openapi`",
                "name an OpenAPI document",
            ));
        }
        Ok(root)
    }

    /// Takes a value for a document, as if it had been read from a file of this name.
    pub fn plant(&mut self, name: &str, value: &Value) -> Result<NodeId, Unusable> {
        let text = value.to_string();
        self.load(&|_: &str| Ok(text.clone()), name)
    }

    fn file(
        &mut self,
        source: &dyn Source,
        name: &str,
        document: usize,
    ) -> Result<NodeId, Unusable> {
        let whole = |what: String, fix: &str| Unusable {
            place: Place {
                file: name.to_owned(),
                line: 0,
            },
            what,
            fix: fix.to_owned(),
            of: None,
        };
        let text = source
            .read(name)
            .map_err(|why| whole(format!("cannot be read: {why}"), "correct the path"))?;
        if text.len() > BYTES_MAX {
            return Err(whole("is larger than 256 MiB".to_owned(), "split it"));
        }
        let first = NodeId(self.next());
        let mut grower = Grower {
            forest: self,
            file: name,
            open: Vec::new(),
        };
        let is_json = text.trim_start().starts_with(['{', '['])
            && !name.ends_with(".yaml")
            && !name.ends_with(".yml");
        let root = if is_json {
            json::grow(&mut grower, &text)
        } else {
            yaml::grow(&mut grower, &text)
        };
        self.files.push(File {
            name: name.to_owned(),
            document,
            first,
            root: root?,
        });
        Ok(self.files.last().expect("just pushed").root)
    }

    fn next(&self) -> u32 {
        u32::try_from(self.cells.len()).expect("files are smaller than that")
    }

    /// The number of a text.
    pub fn name(&mut self, text: &str) -> Name {
        if let Some(at) = self.names.get_index_of(text) {
            return Name(u32::try_from(at).expect("as many as cells"));
        }
        let (at, _) = self.names.insert_full(text.into());
        Name(u32::try_from(at).expect("as many as cells"))
    }

    /// The number of a text that occurs somewhere.
    pub fn known(&self, text: &str) -> Option<Name> {
        let at = self.names.get_index_of(text)?;
        u32::try_from(at).ok().map(Name)
    }

    /// The text of a number.
    pub fn text(&self, name: Name) -> &str {
        self.names
            .get_index(name.0 as usize)
            .map_or("", |text| text)
    }

    /// A node, to be asked.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        Node { forest: self, id }
    }
}

/// Adds the nodes of one file, children before their parents are closed.
struct Grower<'f> {
    forest: &'f mut Forest,
    file: &'f str,
    /// Links of arrays and objects that are not closed yet.
    open: Vec<Link>,
}

/// Objects with more members get an index.
const INDEXED: usize = 16;

impl Grower<'_> {
    fn fail<T>(&self, line: u32, what: impl Into<String>, fix: &str) -> Result<T, Unusable> {
        let place = Place {
            file: self.file.to_owned(),
            line,
        };
        Err(Unusable {
            place,
            what: what.into(),
            fix: fix.to_owned(),
            of: None,
        })
    }

    fn leaf(&mut self, kind: Kind, text: &str, line: u32) -> NodeId {
        let at = match kind {
            Kind::Number | Kind::Text => self.forest.name(text).0,
            _ => 0,
        };
        self.cell(Cell {
            kind,
            line,
            parent: u32::MAX,
            at,
            len: 0,
        })
    }

    fn cell(&mut self, cell: Cell) -> NodeId {
        let id = NodeId(self.forest.next());
        self.forest.cells.push(cell);
        id
    }

    /// Closes an array or object whose links are those above `mark`.
    fn close(&mut self, kind: Kind, mark: usize, line: u32) -> Result<NodeId, Unusable> {
        let at = u32::try_from(self.forest.links.len()).expect("as many as cells");
        let len = self.open.len() - mark;
        let id = self.cell(Cell {
            kind,
            line,
            parent: u32::MAX,
            at,
            len: u32::try_from(len).expect("as many as cells"),
        });
        let is_large = matches!(kind, Kind::Object) && len > INDEXED;
        for position in mark..self.open.len() {
            let link = self.open[position];
            // An alias of YAML has more than one parent; the first is where it was written.
            let cell = &mut self.forest.cells[link.value.0 as usize];
            if cell.parent == u32::MAX {
                cell.parent = id.0;
            }
            let twice = match kind {
                Kind::Object if is_large => self
                    .forest
                    .index
                    .insert((id, link.key), link.value)
                    .is_some(),
                Kind::Object => self.open[mark..position]
                    .iter()
                    .any(|other| other.key == link.key),
                _ => false,
            };
            if twice {
                let key = self.forest.text(link.key).to_owned();
                return self.fail(
                    link.line,
                    format!("the key `{key}` is written twice"),
                    "keep one of them",
                );
            }
            self.forest.links.push(link);
        }
        self.open.truncate(mark);
        Ok(id)
    }
}
