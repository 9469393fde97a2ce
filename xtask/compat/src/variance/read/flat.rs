//! Schemas without schemas inside, by what they say: texts of a length, numbers of a range, references. A document has thousands of
//! them and few that differ, so each content is read once.

use super::super::keywords::{Role, role};
use super::Space;
use crate::document::{Content, Name, Node, NodeId, Scalar};

/// What a schema says that holds no other: keywords that are more than words, with their values. Lists hold scalars.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Flat {
    is_old: bool,
    /// The root of the file, where a reference is written.
    home: Option<NodeId>,
    says: Vec<(Name, Scalar)>,
}

/// The roles of keywords by their number.
#[derive(Default)]
pub struct Roles(Vec<Option<Role>>);

impl Roles {
    pub fn of(&mut self, name: Name, keyword: &str) -> Role {
        let at = name.number();
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        *self.0[at].get_or_insert_with(|| role(keyword))
    }
}

/// More members or elements are not compared by what they say.
const SAYS_MAX: usize = 64;

/// The content of a flat schema.
pub fn read<'f>(space: &mut Space<'f>, node: Node<'f>) -> Option<Flat> {
    let mut says = Vec::new();
    let mut home = None;
    for (name, keyword, value) in node.members() {
        if space.roles.of(name, keyword) == Role::Words {
            continue;
        }
        if keyword == "$ref" {
            home = Some(node.root().id());
        }
        match (value.scalar(), value.content()) {
            (Some(scalar), _) => says.push((name, scalar)),
            (None, Content::Array) => {
                says.push((name, Scalar::List(value.items().count())));
                for item in value.items() {
                    says.push((name, item.scalar()?));
                }
            }
            (None, _) => return None,
        }
        if says.len() > SAYS_MAX {
            return None;
        }
    }
    let is_old = space.is_old(node);
    Some(Flat { is_old, home, says })
}
