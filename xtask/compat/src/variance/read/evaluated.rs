//! Members that depend on more than one keyword: those that one side of the wire never carries, and those that nothing evaluates.

use std::rc::Rc;

use super::super::schema::{Part, Schema};
use super::cases;
use super::dialect::Reader;
use crate::document::{Name, Node, Unusable};
use crate::report::Direction;

impl<'f> Reader<'_, 'f> {
    /// What no other keyword evaluates, in each case that the choices beside it leave.
    pub(super) fn unevaluated(
        &mut self,
        schema: &mut Schema,
        keyword: &'static str,
        value: Node<'f>,
    ) -> Result<(), Unusable> {
        if value.flag() == Some(true) {
            return Ok(());
        }
        let rest = self.space.at(value);
        let Some(cases) = cases::of(self.space, self.node, keyword)? else {
            self.opaque(schema, keyword, value);
            return Ok(());
        };
        let is_members = keyword == "unevaluatedProperties";
        let mut branches = Vec::new();
        for case in cases {
            let mut parts = case.when;
            if !case.is_all {
                parts.push(match is_members {
                    true => Part::Others(Rc::new(case.members.beside()), rest),
                    false => {
                        let mut any = case.contained;
                        any.push(rest);
                        let rest = match any[..] {
                            [rest] => rest,
                            _ => self.space.make(vec![Part::Any(any.into())]),
                        };
                        Part::Rest(case.elements, rest)
                    }
                });
            }
            branches.push(parts);
        }
        match &mut branches[..] {
            [only] => schema.parts.append(only),
            _ => {
                let made = branches.into_iter().map(|parts| self.space.make(parts));
                schema.parts.push(Part::Any(made.collect()));
            }
        }
        Ok(())
    }

    fn opaque(&mut self, schema: &mut Schema, keyword: &str, value: Node<'f>) {
        let name = self.space.forest.known(keyword).expect("it stands here");
        let same = self.same(keyword, value);
        schema.parts.push(Part::Opaque(name, same));
    }

    /// Members that this side never carries: the server's own in a request, the client's own in a response.
    pub(super) fn hidden(&self, node: Node<'f>, depth: usize) -> Result<Vec<Name>, Unusable> {
        let mark = match self.space.direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
        };
        let mut hidden = Vec::new();
        if depth > 8 || self.space.forest.known(mark).is_none() {
            return Ok(hidden);
        }
        for (name, _, member) in node.get("properties").into_iter().flat_map(Node::members) {
            if marked(member, mark, 0)? {
                hidden.push(name);
            }
        }
        for branch in node.get("allOf").into_iter().flat_map(Node::items) {
            hidden.extend(self.hidden(branch.follow()?, depth + 1)?);
        }
        Ok(hidden)
    }
}

fn marked(member: Node<'_>, mark: &str, depth: usize) -> Result<bool, Unusable> {
    if member.says(mark) {
        return Ok(true);
    }
    let target = member.follow()?;
    if target.says(mark) {
        return Ok(true);
    }
    let mut branches = target.get("allOf").into_iter().flat_map(Node::items);
    Ok(depth < 8
        && branches.try_fold(false, |found, branch| {
            marked(branch, mark, depth + 1).map(|one| found || one)
        })?)
}
