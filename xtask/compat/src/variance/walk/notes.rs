//! What schemas say to clients besides which values are taken.

use super::super::schema::{Kinds, Literal, SchemaId};
use super::super::summary::Summary;
use super::Look;

impl Look<'_, '_, '_> {
    /// What is said to clients besides which values are taken; told once, when the first is the base.
    pub(super) fn notes(&mut self, n: &Summary, m: &Summary) {
        if n.notes == m.notes {
            return;
        }
        let forest = self.mind.space.forest;
        let mut found: Vec<(&'static str, Option<String>, (String, String))> = Vec::new();
        if let (Some(own), Some(other)) = (&n.notes.known, &m.notes.known) {
            for word in own.iter().filter(|word| !other.contains(word)) {
                found.push((
                    "known",
                    Some(forest.text(*word).to_owned()),
                    ("known".to_owned(), "not listed".to_owned()),
                ));
            }
        }
        if let (Some((name, own)), Some((member, other))) = (&n.notes.words, &m.notes.words) {
            let class = |id: SchemaId| self.mind.class(id);
            for (word, target) in own.iter() {
                let known = other.iter().find(|(known, _)| known == word);
                if name == member
                    && known
                        .is_none_or(|(_, known)| class(*known) != class(*target) && known == target)
                {
                    found.push((
                        "mapping",
                        Some(forest.text(*word).to_owned()),
                        ("an alternative".to_owned(), "none".to_owned()),
                    ));
                }
            }
        }
        if n.notes.default != m.notes.default {
            let text = |value: &Option<Literal>| {
                value
                    .as_ref()
                    .map_or("none".to_owned(), |value| value.text.to_string())
            };
            found.push((
                "default",
                None,
                (text(&n.notes.default), text(&m.notes.default)),
            ));
        }
        if !n.notes.deprecated && m.notes.deprecated {
            found.push(("deprecated", None, (String::new(), String::new())));
        }
        let reads = n.draft.kinds.and(m.draft.kinds).meets(Kinds::STRING);
        for (name, other) in m.notes.content.iter().filter(|_| reads) {
            let own = n.notes.content.iter().find(|(own, _)| own == name);
            if own.is_none_or(|(_, own)| own != other) {
                let own = own.map_or("absent".to_owned(), |(_, own)| own.text.to_string());
                let name = forest.text(*name).to_owned();
                found.push(("keyword", Some(name), (own, other.text.to_string())));
            }
        }
        for (keyword, subject, says) in found {
            let head = m.head;
            self.suspect(keyword, n, head, says, None).subject = subject;
        }
    }
}
