//! Everything of a contract but schemas: operations and where they are served, parameters and bodies as they are written on the
//! wire, answers, headers, credentials, webhooks and callbacks.
//!
//! Parts that operations share are compared once, as [`draft`]s; `findings` turns drafts into findings, one a cause, and counts
//! the operations that each reaches; `exchange` builds the exchange that shows a break.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

use crate::document::{Forest, Node, NodeId, Unusable};
use crate::report::{Direction, Report};
use crate::variance::Engine;
use draft::{Draft, Drafts, Show};
use findings::Findings;
use operations::Operation;
use schemes::Schemes;
use servers::Servers;

mod answers;
mod bodies;
mod callbacks;
mod content;
mod draft;
mod encoding;
mod exchange;
mod extensions;
mod fields;
mod findings;
mod form;
mod headers;
mod identities;
mod links;
mod media;
mod operations;
mod parameters;
mod schemas;
mod schemes;
mod security;
mod servers;
mod shadows;
mod shape;
mod templates;
mod texts;

#[cfg(test)]
mod tests;

/// Compares two documents of a forest.
///
/// # Errors
///
/// When something that matters is not to be understood, such as a reference that leads nowhere.
pub fn compare(forest: &Forest, base: NodeId, revision: NodeId) -> Result<Report, Unusable> {
    let mut comparison = Comparison {
        engine: Engine::new(forest),
        base: Side::new(forest.node(base))?,
        revision: Side::new(forest.node(revision))?,
        findings: Findings::default(),
        known: HashMap::default(),
        drafted: 0,
    };
    operations::compare(&mut comparison)?;
    extensions::catalogue(&mut comparison)?;
    extensions::lifecycle(&mut comparison)?;
    texts::compare(&mut comparison)?;
    Ok(comparison.findings.report())
}

/// A comparison under way.
struct Comparison<'f> {
    engine: Engine<'f>,
    base: Side<'f>,
    revision: Side<'f>,
    findings: Findings,
    /// What was found in parts that may be shared.
    known: HashMap<(Kind, Direction, NodeId, NodeId), Drafts, RandomState>,
    drafted: usize,
}

/// One of the documents.
struct Side<'f> {
    document: Node<'f>,
    servers: HashMap<NodeId, Rc<Servers<'f>>, RandomState>,
    schemes: Schemes<'f>,
}

/// Kinds of parts that are compared once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    Parameter,
    Body,
    Answer,
    Servers,
    Callback,
}

/// Where in the documents the comparison stands.
#[derive(Clone, Copy)]
struct At<'o, 'f> {
    /// The number of the operation among those that were compared.
    number: usize,
    was: Option<&'o Operation<'f>>,
    is: Option<&'o Operation<'f>>,
    /// The side of request bodies.
    sends: Direction,
    status: Option<&'o str>,
    /// The node of the revision by which the operation names the part.
    via: Option<Node<'f>>,
}

impl<'f> Side<'f> {
    fn new(document: Node<'f>) -> Result<Side<'f>, Unusable> {
        Ok(Side {
            document,
            servers: HashMap::default(),
            schemes: schemes::read(document)?,
        })
    }
}

impl<'f> Comparison<'f> {
    /// Compares a part once, however often it is used.
    fn once(
        &mut self,
        kind: Kind,
        direction: Direction,
        (was, is): (Node<'f>, Node<'f>),
        find: impl FnOnce(&mut Self, &mut Vec<Draft>) -> Result<(), Unusable>,
    ) -> Result<Drafts, Unusable> {
        let key = (kind, direction, was.id(), is.id());
        if let Some(drafts) = self.known.get(&key) {
            return Ok(Rc::clone(drafts));
        }
        let mut drafts = Vec::new();
        find(self, &mut drafts)?;
        for draft in &mut drafts {
            self.drafted += 1;
            draft.serial = self.drafted;
        }
        let drafts: Drafts = drafts.into();
        self.known.insert(key, Rc::clone(&drafts));
        Ok(drafts)
    }

    /// Records what was found in a part of an operation.
    fn note_all(&mut self, at: At<'_, 'f>, drafts: &[Draft]) -> Result<(), Unusable> {
        for draft in drafts {
            self.note(at, draft)?;
        }
        Ok(())
    }

    /// Records a draft for an operation.
    fn note(&mut self, at: At<'_, 'f>, draft: &Draft) -> Result<(), Unusable> {
        if let Show::Sampled(samples) = draft.show {
            self.findings.sampled(at.number, samples);
            return Ok(());
        }
        match self.findings.reaches(at.number, draft) {
            None => {
                let finding = findings::finding(self, at, draft)?;
                self.findings.add(at.number, draft, finding);
            }
            Some(known) if self.findings.is_settled_by(known, draft) => {
                let proof = findings::finding(self, at, draft)?.proof;
                self.findings.settle(known, proof);
            }
            Some(_) => {}
        }
        Ok(())
    }
}
