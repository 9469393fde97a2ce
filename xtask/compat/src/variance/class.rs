//! Classes of schemas that say the same, whatever document they stand in and however their references run. Comparing two schemas of
//! one class is comparing two numbers, so what did not change costs nothing.
//!
//! Schemas are taken in the order of their strongly connected components (Tarjan 1972), so that the class of a schema outside of a
//! circle follows from those below it. Circles are coloured by content until the colours come to rest; a circle then has the classes
//! of another one only if each of its members says the same as the member of that class, which is checked.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::fast::{FixedState, RandomState};

use super::read::Space;
use super::schema::{Notes, Part, SchemaId};
use crate::document::Unusable;

/// The class of a schema.
pub type Class = u32;

/// Circles whose colours do not come to rest by then get classes of their own.
const ROUNDS_MAX: usize = 64;

type Content = (Vec<Part>, Notes);

#[derive(Default)]
pub struct Classes {
    classes: Vec<Option<Class>>,
    /// When a schema was first met, from 1 on; 0 for one that was not.
    met: Vec<u32>,
    last: u32,
    /// Schemas that were met and have no class yet, which are those of open components.
    open: Vec<SchemaId>,
    /// The class of content whose references are classes.
    known: HashMap<Content, Class, RandomState>,
    /// Classes of schemas on circles by colour.
    coloured: HashMap<u64, Class, RandomState>,
    contents: HashMap<Class, Content, RandomState>,
    next: Class,
}

impl Classes {
    /// The class of a schema; reads it and all that it refers to.
    ///
    /// # Errors
    ///
    /// When a reference leads nowhere.
    pub fn of(&mut self, space: &mut Space<'_>, id: SchemaId) -> Result<Class, Unusable> {
        if let Some(class) = self.get(id) {
            return Ok(class);
        }
        self.visit(space, id)?;
        Ok(self.get(id).expect("every visited schema gets a class"))
    }

    /// The class of a schema that has one.
    pub fn known(&self, id: SchemaId) -> Class {
        self.get(id).unwrap_or_default()
    }

    fn get(&self, id: SchemaId) -> Option<Class> {
        self.classes.get(id.0 as usize).copied().flatten()
    }

    fn set(&mut self, id: SchemaId, class: Class) {
        let at = id.0 as usize;
        if self.classes.len() <= at {
            self.classes.resize(at + 1, None);
        }
        self.classes[at] = Some(class);
    }

    fn visit(&mut self, space: &mut Space<'_>, id: SchemaId) -> Result<u32, Unusable> {
        let schema = space.read(id)?;
        if let Some(class) = space.first_alike(id).and_then(|first| self.get(first)) {
            self.set(id, class);
            return Ok(u32::MAX);
        }
        self.last += 1;
        let order = self.last;
        let at = id.0 as usize;
        if self.met.len() <= at {
            self.met.resize(at + 1, 0);
        }
        self.met[at] = order;
        self.open.push(id);
        let mut low = order;
        for child in children(&schema.parts, &schema.notes) {
            if self.get(child).is_some() {
                continue;
            }
            let below = match self.met.get(child.0 as usize) {
                None | Some(0) => {
                    stacker::maybe_grow(64 << 10, 1 << 20, || self.visit(space, child))?
                }
                Some(order) => *order,
            };
            low = low.min(below);
        }
        if low == order {
            let from = self.open.iter().rposition(|open| *open == id);
            let mut circle = self.open.split_off(from.unwrap_or_default());
            circle.reverse();
            self.classify(space, circle);
        }
        Ok(low)
    }

    fn classify(&mut self, space: &Space<'_>, circle: Vec<SchemaId>) {
        if let [alone] = circle[..] {
            let schema = space.get(alone);
            // What does nothing but refer to another says what that one says.
            if let [Part::All(only)] = schema.parts[..]
                && schema.notes == Notes::default()
                && let Some(class) = self.get(only)
            {
                self.set(alone, class);
                return;
            }
            if !children(&schema.parts, &schema.notes).contains(&alone) {
                let content = self.content(space, alone, &|id| self.get(id).unwrap_or_default());
                let next = &mut self.next;
                let class = *self.known.entry(content).or_insert_with(|| {
                    *next += 1;
                    *next
                });
                self.set(alone, class);
                return;
            }
        }
        let at_rest = self.coloured(space, &circle);
        let taken: Option<Vec<Class>> = at_rest.as_ref().and_then(|colours| {
            let known = circle
                .iter()
                .map(|id| self.coloured.get(&colours[id]).copied());
            known.collect()
        });
        if let Some(classes) = taken {
            let by_id: HashMap<SchemaId, Class, RandomState> =
                circle.iter().copied().zip(classes).collect();
            let map = |id: SchemaId| {
                by_id
                    .get(&id)
                    .copied()
                    .or_else(|| self.get(id))
                    .unwrap_or_default()
            };
            let is_same = circle
                .iter()
                .all(|id| self.contents.get(&by_id[id]) == Some(&self.content(space, *id, &map)));
            if is_same {
                by_id
                    .into_iter()
                    .for_each(|(id, class)| self.set(id, class));
                return;
            }
        }
        let mut fresh: HashMap<u64, Class> = HashMap::new();
        for id in &circle {
            let colour = at_rest
                .as_ref()
                .map_or(u64::from(id.0), |colours| colours[id]);
            let class = *fresh.entry(colour).or_insert_with(|| {
                self.next += 1;
                self.next
            });
            self.set(*id, class);
        }
        for id in &circle {
            let class = self.get(*id).expect("just set");
            let content = self.content(space, *id, &|id| self.get(id).unwrap_or_default());
            self.contents.insert(class, content);
        }
        if at_rest.is_some() {
            self.coloured.extend(fresh);
        }
    }

    /// Colours of a circle's members that no further look tells apart; None when that takes too long.
    fn coloured(
        &self,
        space: &Space<'_>,
        circle: &[SchemaId],
    ) -> Option<HashMap<SchemaId, u64, RandomState>> {
        let hash = FixedState::with_seed(7);
        let place: HashMap<SchemaId, usize, RandomState> = circle
            .iter()
            .enumerate()
            .map(|(at, id)| (*id, at))
            .collect();
        // What each says without its references, and for each reference a member of the circle or the class of another.
        let own: Vec<(u64, Vec<Result<usize, Class>>)> = circle
            .iter()
            .map(|id| {
                let schema = space.get(*id);
                let mut blank = |_| SchemaId(0);
                let parts: Vec<Part> = schema
                    .parts
                    .iter()
                    .map(|part| part.mapped(&mut blank))
                    .collect();
                let notes = &schema.notes;
                let says = (parts, notes.deprecated, &notes.default, &notes.known);
                let seen = children(&schema.parts, notes)
                    .into_iter()
                    .map(|child| place.get(&child).copied().ok_or_else(|| self.known(child)));
                (hash.hash_one(says), seen.collect())
            })
            .collect();
        let mut colours = vec![0; circle.len()];
        let mut count = 1;
        for _ in 0..ROUNDS_MAX {
            let next: Vec<u64> = own
                .iter()
                .map(|(says, seen)| {
                    let mut state = hash.build_hasher();
                    says.hash(&mut state);
                    for child in seen {
                        let colour = child.map_or_else(u64::from, |at| colours[at]);
                        colour.hash(&mut state);
                    }
                    state.finish()
                })
                .collect();
            let distinct: HashSet<u64> = next.iter().copied().collect();
            let is_at_rest = distinct.len() == count;
            count = distinct.len();
            colours = next;
            if is_at_rest {
                return Some(circle.iter().copied().zip(colours).collect());
            }
        }
        None
    }

    /// What a schema says, with classes in the place of schemas.
    fn content(
        &self,
        space: &Space<'_>,
        id: SchemaId,
        class: &dyn Fn(SchemaId) -> Class,
    ) -> Content {
        let schema = space.get(id);
        let mut map = |id| SchemaId(class(id));
        let mut parts: Vec<Part> = schema
            .parts
            .iter()
            .map(|part| part.mapped(&mut map))
            .collect();
        parts.sort_unstable();
        parts.dedup();
        let mut notes = schema.notes.clone();
        if let Some((_, words)) = &mut notes.words {
            words
                .iter_mut()
                .for_each(|(_, target)| *target = map(*target));
        }
        (parts, notes)
    }
}

fn children(parts: &[Part], notes: &Notes) -> Vec<SchemaId> {
    let words = notes
        .words
        .iter()
        .flat_map(|(_, words)| words.iter().map(|(_, target)| *target));
    parts.iter().flat_map(Part::children).chain(words).collect()
}
