//! Reads schemas of OpenAPI 3.0, 3.1 and 3.2 into their normal form, as one side of the wire sees them.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::schema::{Kinds, Notes, Part, Schema, SchemaId};
use crate::document::{Content, Forest, Node, NodeId, Unusable};
use crate::report::Direction;

mod cases;
mod dialect;
mod evaluated;
mod flat;

use dialect::Reader;
use flat::{Flat, Roles};

/// Schemas that the engine cares about, by number.
pub struct Space<'f> {
    pub forest: &'f Forest,
    pub direction: Direction,
    schemas: Vec<Option<Rc<Schema>>>,
    by_node: HashMap<NodeId, SchemaId, RandomState>,
    nodes: Vec<Option<NodeId>>,
    made: HashMap<(Option<NodeId>, Vec<Part>), SchemaId, RandomState>,
    roles: Roles,
    /// The first schema of each flat content.
    flat: HashMap<Flat, SchemaId, RandomState>,
    /// Of a schema the first one that says the same in the same words.
    alike: HashMap<SchemaId, SchemaId, RandomState>,
    /// Of a file by its root, whether it is of the older dialect.
    old: HashMap<NodeId, bool, RandomState>,
}

/// The schema that takes anything.
pub const ANYTHING: SchemaId = SchemaId(0);
/// The schema that takes nothing.
pub const NOTHING: SchemaId = SchemaId(1);

impl<'f> Space<'f> {
    pub fn new(forest: &'f Forest, direction: Direction) -> Space<'f> {
        let mut space = Space {
            forest,
            direction,
            schemas: Vec::new(),
            by_node: HashMap::default(),
            nodes: Vec::new(),
            made: HashMap::default(),
            roles: Roles::default(),
            flat: HashMap::default(),
            alike: HashMap::default(),
            old: HashMap::default(),
        };
        assert_eq!(space.make(Vec::new()), ANYTHING);
        assert_eq!(space.make(vec![Part::Kinds(Kinds::NONE)]), NOTHING);
        space
    }

    /// The number of the schema at a node; it is read when it is asked for.
    pub fn at(&mut self, node: Node<'f>) -> SchemaId {
        match (node.content(), self.by_node.get(&node.id())) {
            (Content::Bool(true), _) => ANYTHING,
            (Content::Bool(false), _) => NOTHING,
            (_, Some(id)) => *id,
            (_, None) => {
                let id = self.fresh(None);
                self.nodes[id.0 as usize] = Some(node.id());
                self.by_node.insert(node.id(), id);
                id
            }
        }
    }

    fn fresh(&mut self, schema: Option<Rc<Schema>>) -> SchemaId {
        let id = SchemaId(u32::try_from(self.schemas.len()).expect("as many as nodes"));
        self.schemas.push(schema);
        self.nodes.push(None);
        id
    }

    /// A schema made of parts; the same parts make the same schema.
    pub fn make(&mut self, parts: Vec<Part>) -> SchemaId {
        self.derive(None, parts)
    }

    /// As [`Space::make`], for something that was written at a node.
    pub fn derive(&mut self, node: Option<NodeId>, parts: Vec<Part>) -> SchemaId {
        let key = (node, parts);
        if let Some(known) = self.made.get(&key) {
            return *known;
        }
        let id = self.fresh(Some(Rc::new(Schema {
            parts: key.1.clone(),
            notes: Notes::default(),
        })));
        self.nodes[id.0 as usize] = node;
        self.made.insert(key, id);
        id
    }

    /// Where a schema was written.
    pub fn node(&self, id: SchemaId) -> Option<NodeId> {
        self.nodes[id.0 as usize]
    }

    /// The name under which a schema, or what it refers to, is a component.
    pub fn target_name(&self, id: SchemaId) -> Option<String> {
        let node = self.forest.node(self.node(id)?);
        let node = node.target().ok().flatten().unwrap_or(node);
        let pointer = node.pointer();
        let (above, name) = pointer.rsplit_once('/')?;
        (above.ends_with("/schemas")
            || above.ends_with("/$defs")
            || above.ends_with("/definitions"))
        .then(|| name.to_owned())
    }

    /// The schema.
    ///
    /// # Errors
    ///
    /// When a reference in it leads nowhere.
    pub fn read(&mut self, id: SchemaId) -> Result<Rc<Schema>, Unusable> {
        if let Some(schema) = &self.schemas[id.0 as usize] {
            return Ok(Rc::clone(schema));
        }
        let node = self.nodes[id.0 as usize].expect("what is not read yet has a node");
        let node = self.forest.node(node);
        let flat = flat::read(self, node);
        if let Some(first) = flat.as_ref().and_then(|flat| self.flat.get(flat)) {
            self.alike.insert(id, *first);
            let schema = self.get(*first);
            self.schemas[id.0 as usize] = Some(Rc::clone(&schema));
            return Ok(schema);
        }
        let schema = Rc::new(Reader { space: self, node }.schema()?);
        self.schemas[id.0 as usize] = Some(Rc::clone(&schema));
        if let Some(flat) = flat {
            self.flat.insert(flat, id);
        }
        Ok(schema)
    }

    /// The first schema that was read to say the same in the same words.
    pub fn first_alike(&self, id: SchemaId) -> Option<SchemaId> {
        self.alike.get(&id).copied()
    }

    fn is_old(&mut self, node: Node<'f>) -> bool {
        let root = node.root();
        *self
            .old
            .entry(root.id())
            .or_insert_with(|| dialect::is_old(root))
    }

    /// A schema that has been read, as all are that were compared.
    pub fn get(&self, id: SchemaId) -> Rc<Schema> {
        self.schemas[id.0 as usize].clone().unwrap_or_default()
    }
}
