//! Two schemas without alternatives, keyword by keyword.

use std::collections::BTreeSet;

use serde_json::Value;

use super::escape::{Escape, Judge, escape, once};
use super::schema::{All, Bound, KINDS, Node, compare};
use super::{admit, sample};

impl<'a> Judge<'a> {
    /// Every cause why a value of `n` is none of `m`.
    pub fn plain(
        &mut self,
        sub: &All<'a>,
        n: &Node<'a>,
        sup: &All<'a>,
        m: &Node<'a>,
    ) -> Vec<Escape> {
        let mut found = self.mapping(n, m);
        found.extend(self.known(n, m));
        if let Some(values) = &n.values {
            let same_formats = m.formats.is_subset(&n.formats);
            let refused =
                values
                    .iter()
                    .filter(|value| match admit::admits(&self.sup, sup, value) {
                        Some(admitted) => !admitted,
                        None => !same_formats || !m.opaque.is_empty(),
                    });
            found.extend(refused.map(|value| {
                let says = (text(&n.values), text(&m.values));
                let found = escape("enum", n, m, says, Some((*value).clone()));
                found.about(value.to_string())
            }));
            return found;
        }
        let lost: Vec<_> = KINDS
            .into_iter()
            .filter(|kind| n.kinds.contains(kind) && !m.kinds.contains(kind))
            .collect();
        if !lost.is_empty() {
            let witness = lost
                .iter()
                .find_map(|kind| sample::of_kind(&self.sub, sub, kind));
            let says = (kinds(&n.kinds), kinds(&m.kinds));
            found.push(escape("type", n, m, says, witness));
        }
        let common = |kind: &str| n.kinds.contains(kind) && m.kinds.contains(kind);
        if m.values.is_some() && KINDS.into_iter().any(common) {
            found.push(self.unlisted(sub, n, sup, m));
            return found;
        }
        if common("integer") || common("fraction") {
            numbers(n, m, &mut found);
        }
        if common("string") {
            self.sizes("Length", sub, n, m, &mut found);
            self.strings(n, m, &mut found);
        }
        if common("array") {
            self.sizes("Items", sub, n, m, &mut found);
            self.arrays(n, m, sub, &mut found);
        }
        if common("object") {
            self.sizes("Properties", sub, n, m, &mut found);
            self.objects(n, m, sub, &mut found);
        }
        for (keyword, value) in &m.opaque {
            if n.opaque.get(keyword) != Some(value) {
                let before = n.opaque.get(keyword);
                let says = (
                    before.map_or("absent".to_owned(), Value::to_string),
                    value.to_string(),
                );
                let found_here = escape("keyword", n, m, says, sample::sample(&self.sub, sub));
                found.push(Escape {
                    decided: false,
                    ..found_here.about((*keyword).to_owned())
                });
            }
        }
        once(found)
    }

    /// Words that the second schema does not know of a set that may grow.
    fn known(&self, n: &Node<'a>, m: &Node<'a>) -> Vec<Escape> {
        let (Some(sub), Some(sup)) = (&n.known, &m.known) else {
            return Vec::new();
        };
        sub.difference(sup)
            .map(|word| {
                let witness = Some(Value::String((*word).to_owned()));
                let says = ("known", "not listed");
                escape("known", n, m, says, witness).about((*word).to_owned())
            })
            .collect()
    }

    /// The second schema lists its values, the first does not.
    fn unlisted(&self, sub: &All<'a>, n: &Node<'a>, sup: &All<'a>, m: &Node<'a>) -> Escape {
        let strings = sample::odd_strings(n).into_iter().map(Value::String);
        let samples = n
            .kinds
            .iter()
            .filter_map(|kind| sample::of_kind(&self.sub, sub, kind));
        let mut candidates = samples.chain(strings);
        let witness = candidates.find(|value| {
            admit::admits(&self.sup, sup, value) == Some(false)
                && admit::admits(&self.sub, sub, value) != Some(false)
        });
        escape("enum", n, m, ("any value", text(&m.values)), witness)
    }

    fn sizes(
        &self,
        size: &'static str,
        sub: &All<'a>,
        n: &Node<'a>,
        m: &Node<'a>,
        found: &mut Vec<Escape>,
    ) {
        let (lower, upper, kind) = match size {
            "Length" => ("minLength", "maxLength", "string"),
            "Items" => ("minItems", "maxItems", "array"),
            _ => ("minProperties", "maxProperties", "object"),
        };
        let mut least = n.min.get(size).copied().unwrap_or(0);
        if size == "Properties" {
            least = least.max(n.required.len() as u64);
        }
        let says = |n: Option<&u64>| n.map_or("no bound".to_owned(), u64::to_string);
        if let Some(min) = m.min.get(size)
            && least < *min
        {
            let says = (least.to_string(), min.to_string());
            let witness = self.sized(sub, n, kind, least);
            found.push(escape(lower, n, m, says, witness));
        }
        if let Some(max) = m.max.get(size)
            && n.max.get(size).is_none_or(|most| most > max)
        {
            let says = (says(n.max.get(size)), max.to_string());
            let witness = self.sized(sub, n, kind, max + 1);
            found.push(escape(upper, n, m, says, witness));
        }
    }

    /// A value of the first schema with a size.
    fn sized(&self, sub: &All<'a>, n: &Node<'a>, kind: &'static str, size: u64) -> Option<Value> {
        if size > 512 {
            return None;
        }
        let wanted = usize::try_from(size).ok()?;
        match sample::of_kind(&self.sub, sub, kind)? {
            Value::String(_) => sample::string(n, size).map(Value::String),
            Value::Array(mut items) => {
                for at in items.len()..wanted {
                    items.push(sample::sample(&self.sub, &n.element(at))?);
                }
                Some(Value::Array(items))
            }
            Value::Object(mut members) => {
                let described = n.described().into_iter().map(str::to_owned);
                let others = (0..wanted).map(|at| format!("x{at}"));
                for name in described.chain(others) {
                    if members.len() >= wanted {
                        break;
                    }
                    if let Some(value) = sample::sample(&self.sub, &n.member(&name)) {
                        members.insert(name, value);
                    }
                }
                Some(Value::Object(members))
            }
            _ => None,
        }
    }

    fn strings(&self, n: &Node<'a>, m: &Node<'a>, found: &mut Vec<Escape>) {
        for pattern in m.patterns.difference(&n.patterns) {
            let refuses =
                |text: &String| regex::Regex::new(pattern).is_ok_and(|p| !p.is_match(text));
            let own = |text: &String| {
                let matches = |own: &&str| regex::Regex::new(own).is_ok_and(|p| p.is_match(text));
                n.patterns.iter().all(matches)
            };
            let mut odd = sample::odd_strings(n).into_iter();
            let witness = odd.find(|text| refuses(text) && own(text));
            let before: Vec<String> = n.patterns.iter().map(|own| format!("`{own}`")).collect();
            let before = if before.is_empty() {
                "any".to_owned()
            } else {
                before.join(" and ")
            };
            let decided = witness.is_some();
            let says = (before, format!("`{pattern}`"));
            found.push(Escape {
                decided,
                ..escape("pattern", n, m, says, witness.map(Value::String))
            });
        }
        for format in m.formats.difference(&n.formats) {
            let before = n.formats.first().map_or("any", |format| format);
            let witness = sample::string(n, 1).map(Value::String);
            found.push(escape("format", n, m, (before, *format), witness));
        }
    }
}

fn numbers(n: &Node<'_>, m: &Node<'_>, found: &mut Vec<Escape>) {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let says = |bound: Option<&Bound>| match bound {
        None => "no bound".to_owned(),
        Some(bound) if bound.open => format!("{}, itself outside", bound.value),
        Some(bound) => bound.value.to_string(),
    };
    let mut bound = |keyword, own: Option<&Bound>, other: Option<&Bound>, outwards, step: i64| {
        let Some(other) = other else { return };
        let order = own.map(|own| (compare(&own.value, &other.value), own.open));
        let escapes = match order {
            None => true,
            Some((Equal, open)) => !open && other.open,
            Some((order, _)) => order == outwards,
        };
        if escapes {
            let beyond = if other.open {
                Some(other.value.clone())
            } else {
                sample::beyond(&other.value, step)
            };
            let beyond = beyond.filter(|number| admit::in_bounds(n, number));
            let inside = own.filter(|own| !own.open).map(|own| own.value.clone());
            let witness = beyond.or(inside).map(Value::Number);
            found.push(escape(
                keyword,
                n,
                m,
                (says(own), says(Some(other))),
                witness,
            ));
        }
    };
    bound("minimum", n.lower.as_ref(), m.lower.as_ref(), Less, -1);
    bound("maximum", n.upper.as_ref(), m.upper.as_ref(), Greater, 1);
    for of in &m.multiples {
        if !n.multiples.iter().any(|own| admit::is_multiple(own, of)) {
            let tries = (1..=50).flat_map(|k: i64| {
                let step = n
                    .multiples
                    .first()
                    .and_then(|own| own.as_i64())
                    .unwrap_or(1);
                k.checked_mul(step).map(serde_json::Number::from)
            });
            let mut outside =
                tries.filter(|k| admit::in_bounds(n, k) && !admit::is_multiple(k, of));
            let own = n
                .multiples
                .first()
                .map_or("any number".to_owned(), ToString::to_string);
            let witness = outside.next().map(Value::Number);
            found.push(escape("multipleOf", n, m, (own, of.to_string()), witness));
        }
    }
}

fn kinds(kinds: &BTreeSet<&'static str>) -> String {
    let number = kinds.contains("fraction") && kinds.contains("integer");
    let names = KINDS.into_iter().filter(|kind| kinds.contains(kind));
    let names = names.filter(|kind| !(number && *kind == "integer"));
    let names = names.map(|kind| if kind == "fraction" { "number" } else { kind });
    let names: Vec<&str> = names.collect();
    names.join(" or ")
}

fn text(values: &Option<Vec<&Value>>) -> String {
    match values {
        None => "any value".to_owned(),
        Some(values) => {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            values.join(", ")
        }
    }
}
