//! What lies inside arrays and objects: elements and members, and which of them must or may be there.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::escape::{Escape, Judge, escape};
use super::schema::{All, Node};
use super::{admit, sample};

impl<'a> Judge<'a> {
    /// Elements, one by one and then the rest.
    pub fn arrays(&mut self, n: &Node<'a>, m: &Node<'a>, sub: &All<'a>, found: &mut Vec<Escape>) {
        if m.unique && !n.unique && n.max.get("Items").is_none_or(|max| *max > 1) {
            let item = sample::sample(&self.sub, &n.element(0));
            let witness = item.map(|item| Value::Array(vec![item.clone(), item]));
            found.push(escape("uniqueItems", n, m, ("twice", "once"), witness));
        }
        let described = n.first().max(m.first());
        for at in 0..=described {
            let inner = self.escapes(&n.element(at), &m.element(at));
            if inner.is_empty() {
                continue;
            }
            let start = sample::of_kind(&self.sub, sub, "array");
            let step = if at == described {
                "*".to_owned()
            } else {
                at.to_string()
            };
            found.extend(inner.iter().map(|inner| {
                inner.inside(&step, |value| {
                    let mut items = start.as_ref()?.as_array()?.clone();
                    for before in items.len()..at {
                        items.push(sample::sample(&self.sub, &n.element(before))?);
                    }
                    items.truncate(items.len().max(at));
                    match items.get_mut(at) {
                        Some(item) => *item = value,
                        None => items.push(value),
                    }
                    Some(Value::Array(items))
                })
            }));
        }
    }

    /// Members, described or not.
    pub fn objects(&mut self, n: &Node<'a>, m: &Node<'a>, sub: &All<'a>, found: &mut Vec<Escape>) {
        let start = sample::of_kind(&self.sub, sub, "object");
        let start = start.and_then(|value| value.as_object().cloned());
        let with = |name: &str, value: Value| -> Option<Value> {
            let mut members = start.clone()?;
            members.insert(name.to_owned(), value);
            Some(Value::Object(members))
        };
        let without = |name: &str| -> Option<Value> {
            let mut members: Map<String, Value> = start.clone()?;
            members.remove(name);
            Some(Value::Object(members))
        };
        let (ours, theirs) = (n.described(), m.described());
        let required: BTreeSet<&str> = m.required.difference(&n.required).copied().collect();
        for name in &required {
            let new = !ours.contains(name) && !n.hidden.contains(name);
            let keyword = if new { "member" } else { "required" };
            let cause = escape(keyword, n, m, ("may be missing", "required"), without(name));
            found.push(Escape {
                required: true,
                ..cause.about((*name).to_owned())
            });
        }
        for name in ours.union(&theirs) {
            if n.hidden.contains(name) || m.hidden.contains(name) {
                continue;
            }
            let (own, other) = (n.member(name), m.member(name));
            let is_new = !ours.contains(name);
            let (own_node, other_node) = (self.sub.node(&own), self.sup.node(&other));
            if own_node.is_empty() {
                continue;
            }
            if other_node.is_empty() {
                let witness = sample::sample(&self.sub, &own).and_then(|value| with(name, value));
                let says = ("described", "refused");
                let cause = escape("refused", n, m, says, witness).about((*name).to_owned());
                found.push(cause);
            } else if is_new && own.is_empty() {
                if other_node.is_anything() && !n.required.contains(name) || required.contains(name)
                {
                    continue;
                }
                let odd = [Value::Bool(true), Value::from("x"), Value::from(7)];
                let mut odd = odd.into_iter();
                let witness =
                    odd.find(|value| admit::admits(&self.sup, &other, value) == Some(false));
                let witness = witness.and_then(|value| with(name, value));
                let cause = escape("member", n, m, ("not described", "described"), witness);
                found.push(cause.about((*name).to_owned()));
            } else {
                let inner = self.escapes(&own, &other);
                let step = super::escape(name);
                found.extend(
                    inner
                        .iter()
                        .map(|inner| inner.inside(&step, |value| with(name, value))),
                );
            }
        }
        self.other_members(n, m, &with, found);
        if !m.names.is_empty() {
            let inner = self.escapes(&n.names, &m.names);
            found.extend(inner.iter().map(|inner| Escape {
                decided: false,
                ..inner.inside("propertyNames", |name| with(name.as_str()?, Value::Null))
            }));
        }
    }

    /// Members that neither schema describes by name.
    fn other_members(
        &mut self,
        n: &Node<'a>,
        m: &Node<'a>,
        with: &impl Fn(&str, Value) -> Option<Value>,
        found: &mut Vec<Escape>,
    ) {
        let patterns = |node: &Node<'a>| -> BTreeSet<&'a str> {
            let patterns = node
                .members
                .iter()
                .flat_map(|members| members.patterns.keys());
            patterns.copied().collect()
        };
        let named = |pattern: &str| {
            let hir = Node {
                patterns: [pattern].into(),
                ..Node::default()
            };
            sample::string(&hir, 1)
        };
        let patterns: Vec<&str> = patterns(n).union(&patterns(m)).copied().collect();
        for pattern in patterns {
            let Some(name) = named(pattern) else {
                let cause = escape("patternProperties", n, m, ("unknown", pattern), None);
                found.push(Escape {
                    decided: false,
                    ..cause
                });
                continue;
            };
            self.one_member(n, m, &name, &n.member(&name), &m.member(&name), with, found);
        }
        self.one_member(n, m, "another", &n.other(), &m.other(), with, found);
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "two nodes, the member in both, and where to put what is found"
    )]
    fn one_member(
        &mut self,
        n: &Node<'a>,
        m: &Node<'a>,
        name: &str,
        own: &All<'a>,
        other: &All<'a>,
        with: &impl Fn(&str, Value) -> Option<Value>,
        found: &mut Vec<Escape>,
    ) {
        if self.sub.node(own).is_empty() {
            return;
        }
        if self.sup.node(other).is_empty() {
            let witness = sample::sample(&self.sub, own).and_then(|value| with(name, value));
            let says = ("other members", "none");
            found.push(escape("closed", n, m, says, witness));
            return;
        }
        let inner = self.escapes(own, other);
        found.extend(
            inner
                .iter()
                .map(|inner| inner.inside("*", |value| with(name, value))),
        );
    }
}
