//! Which members and elements are evaluated (JSON Schema 2020-12, core, 11): it depends on which branches of a schema a value
//! keeps, so the choices are taken apart into cases, each with its conditions.

use super::super::schema::{Beside, Kinds, Part, SchemaId};
use super::Space;
use crate::document::{Name, Node, Unusable};

/// More cases are not taken apart.
const CASES_MAX: usize = 32;

/// How deep branches are followed.
const DEPTH_MAX: usize = 16;

/// Names and patterns of members.
#[derive(Clone, Debug, Default)]
pub struct Members {
    named: Vec<Name>,
    patterns: Vec<Name>,
}

impl Members {
    pub fn beside(mut self) -> Beside {
        for names in [&mut self.named, &mut self.patterns] {
            names.sort_unstable();
            names.dedup();
        }
        Beside {
            named: self.named.into(),
            patterns: self.patterns.into(),
        }
    }
}

/// What is evaluated under conditions.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// What a value keeps in this case.
    pub when: Vec<Part>,
    pub members: Members,
    /// So many elements are described one by one.
    pub elements: usize,
    /// An element that keeps one of these is evaluated by `contains`.
    pub contained: Vec<SchemaId>,
    /// All members, or all elements, whichever is asked for.
    pub is_all: bool,
}

impl Case {
    fn and(&self, other: &Case) -> Case {
        let mut both = self.clone();
        both.when.extend(other.when.iter().cloned());
        both.members.named.extend(&other.members.named);
        both.members.patterns.extend(&other.members.patterns);
        both.elements = both.elements.max(other.elements);
        both.contained.extend(&other.contained);
        both.is_all |= other.is_all;
        both
    }
}

type Cases = Option<Vec<Case>>;

/// The cases of a schema beside one of its `unevaluated` keywords; None where they cannot be told.
pub fn of<'f>(
    space: &mut Space<'f>,
    node: Node<'f>,
    keyword: &'static str,
) -> Result<Cases, Unusable> {
    Gather { space, keyword }.cases(node, 0)
}

/// What a schema says beside its own members and elements.
enum Choice<'f> {
    /// It is kept.
    Both(Node<'f>),
    /// It may be kept.
    Maybe(Node<'f>),
    /// Just one is kept.
    One(Vec<Node<'f>>),
    /// The branches of a schema by its test.
    If(Node<'f>, Node<'f>),
    /// It is kept when the member is there.
    With(Name, Node<'f>),
}

struct Gather<'s, 'f> {
    space: &'s mut Space<'f>,
    keyword: &'static str,
}

fn product(one: Cases, other: Cases) -> Cases {
    let (one, other) = (one?, other?);
    let both = one.len().saturating_mul(other.len());
    (both <= CASES_MAX).then(|| {
        let pairs = one
            .iter()
            .flat_map(|one| other.iter().map(move |other| one.and(other)));
        pairs.collect()
    })
}

fn either(one: Cases, other: Cases) -> Cases {
    let both = [one?, other?].concat();
    (both.len() <= CASES_MAX).then_some(both)
}

fn given(when: Part) -> Cases {
    Some(vec![Case {
        when: vec![when],
        ..Case::default()
    }])
}

impl<'f> Gather<'_, 'f> {
    fn cases(&mut self, node: Node<'f>, depth: usize) -> Result<Cases, Unusable> {
        if depth > DEPTH_MAX || node.get("$dynamicRef").is_some() {
            return Ok(None);
        }
        let mut more: Vec<Choice<'f>> = Vec::new();
        let target = node.target()?;
        let all = node.get("allOf").into_iter().flat_map(Node::items);
        more.extend(target.into_iter().chain(all).map(Choice::Both));
        for keyword in ["anyOf", "oneOf"] {
            let branches = node.get(keyword).into_iter().flat_map(Node::items);
            let branches: Vec<Node<'f>> = branches.collect();
            match keyword {
                "oneOf" if !branches.is_empty() => more.push(Choice::One(branches)),
                _ => more.extend(branches.into_iter().map(Choice::Maybe)),
            }
        }
        more.extend(node.get("if").map(|test| Choice::If(node, test)));
        let dependent = node
            .get("dependentSchemas")
            .into_iter()
            .flat_map(Node::members);
        more.extend(dependent.map(|(name, _, inner)| Choice::With(name, inner)));
        let mut cases = vec![self.own(node, depth)];
        for choice in more {
            let Some(next) = product(Some(cases), self.choice(choice, depth)?) else {
                return Ok(None);
            };
            cases = next;
        }
        Ok(Some(cases))
    }

    fn choice(&mut self, choice: Choice<'f>, depth: usize) -> Result<Cases, Unusable> {
        Ok(match choice {
            Choice::Both(node) => self.cases(node, depth + 1)?,
            // Whether enough of them are kept is said elsewhere.
            Choice::Maybe(node) => either(self.taken(node, depth)?, given(self.not(node))),
            Choice::One(nodes) => {
                let mut all = Some(Vec::new());
                for (at, node) in nodes.iter().enumerate() {
                    let mut one = self.taken(*node, depth)?;
                    for (_, other) in nodes.iter().enumerate().filter(|(other, _)| *other != at) {
                        one = product(one, given(self.not(*other)));
                    }
                    all = either(all, one);
                    if all.is_none() {
                        break;
                    }
                }
                all
            }
            Choice::If(node, test) => {
                let (then, other) = (node.get("then"), node.get("else"));
                let kept = product(self.taken(test, depth)?, self.branch(then, depth)?);
                let broken = product(given(self.not(test)), self.branch(other, depth)?);
                either(kept, broken)
            }
            Choice::With(name, node) => {
                let there = vec![Part::Required(name), Part::Kinds(Kinds::OBJECT)];
                let there = self.space.make(there);
                let with = product(given(Part::All(there)), self.cases(node, depth + 1)?);
                either(with, given(Part::Not(there)))
            }
        })
    }

    /// What the schema itself evaluates.
    fn own(&mut self, node: Node<'f>, depth: usize) -> Case {
        let names = |keyword: &str| -> Vec<Name> {
            let all = node.get(keyword).into_iter().flat_map(Node::members);
            all.map(|(name, ..)| name).collect()
        };
        let (of_all, has) = match self.keyword {
            "unevaluatedProperties" => ("additionalProperties", "properties"),
            _ => ("items", "prefixItems"),
        };
        let nested = depth > 0 && node.get(self.keyword).is_some();
        let mut case = Case {
            is_all: nested || node.get(of_all).is_some(),
            ..Case::default()
        };
        if has == "properties" {
            case.members.named = names("properties");
            case.members.patterns = names("patternProperties");
        } else {
            let fixed = node.get("prefixItems").into_iter().flat_map(Node::items);
            case.elements = fixed.count();
            let contained = node.get("contains").map(|inner| self.space.at(inner));
            case.contained.extend(contained);
        }
        case
    }

    fn branch(&mut self, node: Option<Node<'f>>, depth: usize) -> Result<Cases, Unusable> {
        match node {
            Some(node) => self.taken(node, depth),
            None => Ok(Some(vec![Case::default()])),
        }
    }

    /// The branch is kept.
    fn taken(&mut self, node: Node<'f>, depth: usize) -> Result<Cases, Unusable> {
        let kept = given(Part::All(self.space.at(node)));
        Ok(product(kept, self.cases(node, depth + 1)?))
    }

    fn not(&mut self, node: Node<'f>) -> Part {
        Part::Not(self.space.at(node))
    }
}
