//! Members of objects, by name, by pattern, and all others.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::super::read::NOTHING;
use super::super::schema::{Beside, Part};
use super::super::summary::{All, Summary, tidy};
use super::{Look, Nest, same};
use crate::document::Name;

impl Look<'_, '_, '_> {
    pub(super) fn describes(&mut self, n: &Summary, name: Name) -> bool {
        n.draft.members.contains_key(&name) || !n.member(self.mind, name).is_empty()
    }

    pub(super) fn members(&mut self, n: &Summary, m: &Summary) {
        let names: BTreeSet<Name> = n
            .draft
            .members
            .keys()
            .chain(m.draft.members.keys())
            .copied()
            .collect();
        let order = |summary: &Summary| -> Vec<Name> {
            summary
                .parts
                .iter()
                .filter_map(|(part, _)| match part {
                    Part::Member(name, _) => Some(*name),
                    _ => None,
                })
                .collect()
        };
        let mut met = BTreeSet::new();
        for name in order(m)
            .into_iter()
            .chain(order(n))
            .filter(|name| names.contains(name))
        {
            if !met.insert(name) {
                continue;
            }
            let (own, other) = (n.member(self.mind, name), m.member(self.mind, name));
            if same(self.mind, &own, &other) || other.is_empty() || own == [NOTHING] {
                continue;
            }
            let text = self.mind.space.forest.text(name).to_owned();
            let owner = |summary: &Summary| {
                let mut parts = summary.parts.iter();
                parts
                    .find(|(part, _)| matches!(part, Part::Member(own, _) if *own == name))
                    .map(|(_, owner)| *owner)
            };
            if other == [NOTHING] {
                let broken = self.mind.space.make(vec![Part::Member(name, NOTHING)]);
                let at = self.node(owner(n));
                let suspect = self.suspect(
                    "refused",
                    n,
                    m.head,
                    (String::new(), String::new()),
                    Some(broken),
                );
                (suspect.subject, suspect.sub) = (Some(text), at);
                continue;
            }
            let is_described = n.draft.members.contains_key(&name) || !own.is_empty();
            if !is_described && m.draft.members.contains_key(&name) {
                // Required and not described is said once, by `required`.
                if m.draft.required.contains(&name) && !n.draft.required.contains(&name) {
                    continue;
                }
                let inner = self
                    .mind
                    .space
                    .make(other.iter().map(|id| Part::All(*id)).collect());
                let broken = self.mind.space.make(vec![Part::Member(name, inner)]);
                let suspect = self.suspect(
                    "member",
                    n,
                    owner(m),
                    (String::new(), String::new()),
                    Some(broken),
                );
                (suspect.subject, suspect.wild) = (Some(text), true);
                continue;
            }
            self.edge(Some(Nest::Member(name)), own, other, None, None);
        }
        self.matching(n, m);
        self.others(n, m);
    }

    pub(super) fn matching(&mut self, n: &Summary, m: &Summary) {
        for (pattern, literal) in &m.draft.matching {
            let own = n
                .draft
                .matching
                .iter()
                .filter(|(own, _)| own == pattern)
                .map(|(_, own)| own.id);
            let own: All = tidy(
                own.chain(if n.draft.matching.iter().any(|(own, _)| own == pattern) {
                    Vec::new()
                } else {
                    n.other()
                })
                .collect(),
            );
            if same(self.mind, &own, &vec![literal.id]) {
                continue;
            }
            if own.is_empty() {
                let broken = self
                    .mind
                    .space
                    .make(vec![Part::Matching(*pattern, literal.id)]);
                let text = self.mind.space.forest.text(*pattern).to_owned();
                let says = (
                    "any value".to_owned(),
                    format!("what `patternProperties` says of `{text}`"),
                );
                self.suspect("patternProperties", n, m.head, says, Some(broken))
                    .subject = Some(text);
            } else {
                self.edge(
                    Some(Nest::Matching(*pattern)),
                    own,
                    vec![literal.id],
                    None,
                    None,
                );
            }
        }
    }

    pub(super) fn others(&mut self, n: &Summary, m: &Summary) {
        let (own, other) = (n.other(), m.other());
        if other.is_empty() || own == [NOTHING] || same(self.mind, &own, &other) {
            return;
        }
        let mut named: Vec<Name> = n
            .draft
            .members
            .keys()
            .chain(m.draft.members.keys())
            .copied()
            .collect();
        named.extend(
            m.draft
                .others
                .iter()
                .chain(&n.draft.others)
                .flat_map(|(beside, _)| beside.named.iter().copied()),
        );
        let mut patterns: Vec<Name> = n
            .draft
            .matching
            .iter()
            .chain(&m.draft.matching)
            .map(|(pattern, _)| *pattern)
            .collect();
        named.sort_unstable();
        named.dedup();
        patterns.sort_unstable();
        patterns.dedup();
        let beside = Rc::new(Beside {
            named: named.into(),
            patterns: patterns.into(),
        });
        if other == [NOTHING] && own.is_empty() {
            let broken = self.mind.space.make(vec![Part::Others(beside, NOTHING)]);
            let owner = m
                .parts
                .iter()
                .find(|(part, _)| matches!(part, Part::Others(..)))
                .map(|(_, owner)| *owner);
            self.suspect(
                "closed",
                n,
                owner,
                ("other members".to_owned(), "none".to_owned()),
                Some(broken),
            );
            // Members that only a pattern of the first speaks of are others to the second.
            self.patterned(n, m);
            return;
        }
        self.patterned(n, m);
        self.edge(Some(Nest::Beside(beside)), own, other, None, None);
    }

    /// What the first says by pattern, the second may hold to be one of the others.
    pub(super) fn patterned(&mut self, n: &Summary, m: &Summary) {
        let other = m.other();
        for (pattern, literal) in &n.draft.matching {
            if !m.draft.matching.iter().any(|(known, _)| known == pattern) {
                self.edge(
                    Some(Nest::Matching(*pattern)),
                    vec![literal.id],
                    other.clone(),
                    None,
                    None,
                );
            }
        }
    }
}
