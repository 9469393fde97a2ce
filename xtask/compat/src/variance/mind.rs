//! What the engine knows of one side of the wire: the schemas of both documents, their classes, and what was found out about texts.

use super::accept::Judgement;
use super::class::{Class, Classes};
use super::read::Space;
use super::schema::SchemaId;
use super::summary::All;
use crate::document::{Forest, Unusable};
use crate::report::Direction;

pub struct Mind<'f> {
    pub space: Space<'f>,
    pub judgement: Judgement,
    classes: Classes,
}

impl<'f> Mind<'f> {
    pub fn new(forest: &'f Forest, direction: Direction) -> Mind<'f> {
        Mind {
            space: Space::new(forest, direction),
            judgement: Judgement::default(),
            classes: Classes::default(),
        }
    }

    /// Reads a schema and all that it refers to.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere.
    pub fn learn(&mut self, id: SchemaId) -> Result<Class, Unusable> {
        self.classes.of(&mut self.space, id)
    }

    /// The class of a schema that was learned.
    pub fn class(&self, id: SchemaId) -> Class {
        self.classes.known(id)
    }

    /// What tells a conjunction apart from others.
    pub fn key(&self, all: &All) -> Box<[Class]> {
        let mut key: Vec<Class> = all.iter().map(|id| self.class(*id)).collect();
        key.sort_unstable();
        key.dedup();
        key.into()
    }
}
