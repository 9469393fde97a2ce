//! Path templates: which requests a path takes, whatever its parameters are called.

use std::collections::HashMap;

/// The names of the parameters of a template, in turn.
pub fn turns(path: &str) -> Vec<&str> {
    pieces(path)
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Parameter(name) => Some(name),
            Piece::Literal(_) => None,
        })
        .collect()
}

/// The template without the names of its parameters.
pub fn nameless(path: &str) -> String {
    let pieces = pieces(path).into_iter();
    pieces
        .map(|piece| match piece {
            Piece::Parameter(_) => "{}",
            Piece::Literal(text) => text,
        })
        .collect()
}

/// A stretch of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'p> {
    Literal(&'p str),
    Parameter(&'p str),
}

/// The template in stretches; a brace without its other is a letter.
pub fn pieces(path: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let Some(close) = rest[open..].find('}') else {
            break;
        };
        if open > 0 {
            pieces.push(Piece::Literal(&rest[..open]));
        }
        pieces.push(Piece::Parameter(&rest[open + 1..open + close]));
        rest = &rest[open + close + 1..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Literal(rest));
    }
    pieces
}

/// A pattern with `{}` takes a text; `{}` stands for anything but nothing and `/`.
pub fn takes(pattern: &str, text: &str) -> bool {
    let mut literals = pattern.split("{}");
    let Some(rest) = text.strip_prefix(literals.next().unwrap_or_default()) else {
        return false;
    };
    // Where in the rest the pattern may have come to.
    let mut ends = vec![false; rest.len() + 1];
    ends[0] = true;
    for literal in literals {
        let mut next = vec![false; rest.len() + 1];
        let mut is_open = false;
        for (at, letter) in rest.char_indices() {
            is_open = (is_open || ends[at]) && letter != '/';
            let end = at + letter.len_utf8();
            if is_open && rest[end..].starts_with(literal) {
                next[end + literal.len()] = true;
            }
        }
        ends = next;
    }
    ends[rest.len()]
}

/// Templates by their segments, to find the one that takes a path.
#[derive(Default)]
pub struct Tree {
    /// Segments that are literals.
    literal: HashMap<String, Tree>,
    /// Segments with parameters.
    open: Vec<(String, Tree)>,
    /// What ends here.
    end: Option<usize>,
}

impl Tree {
    /// Adds a nameless template.
    pub fn add(&mut self, path: &str, value: usize) {
        let mut tree = self;
        for segment in path.split('/') {
            if !segment.contains("{}") {
                tree = tree.literal.entry(segment.to_owned()).or_default();
                continue;
            }
            let known = tree.open.iter().position(|(own, _)| own == segment);
            let at = known.unwrap_or_else(|| {
                tree.open.push((segment.to_owned(), Tree::default()));
                tree.open.len() - 1
            });
            tree = &mut tree.open[at].1;
        }
        tree.end.get_or_insert(value);
    }

    /// The most concrete template that takes every request which another, nameless template takes.
    pub fn find(&self, path: &str) -> Option<usize> {
        let segments: Vec<&str> = path.split('/').collect();
        let mut ways = vec![(self, 0)];
        while let Some((tree, at)) = ways.pop() {
            let Some(segment) = segments.get(at) else {
                if tree.end.is_some() {
                    return tree.end;
                }
                continue;
            };
            let taking = tree.open.iter().filter(|(own, _)| takes(own, segment));
            ways.extend(taking.map(|(_, inner)| (inner, at + 1)));
            ways.extend(tree.literal.get(*segment).map(|inner| (inner, at + 1)));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_parameters_do_not_count() {
        assert_eq!(nameless("/a/{x}/b{y}.json"), "/a/{}/b{}.json");
        assert_eq!(turns("/a/{x}/b{y}.json"), ["x", "y"]);
        assert_eq!(nameless("/a/{x"), "/a/{x");
    }

    #[test]
    fn a_template_takes_whole_segments() {
        assert!(takes("/a/{}", "/a/me"));
        assert!(!takes("/a/{}", "/a/"));
        assert!(!takes("/a/{}", "/a/b/c"));
        assert!(takes("/{}.json", "/a.json"));
        assert!(!takes("/{}.json", "/a.xml"));
        assert!(takes("/{}-{}", "/a-b-c"));
        assert!(!takes("/{}-{}", "/a-"));
        assert!(!takes(&"{}".repeat(500), &"a".repeat(499)));
    }

    #[test]
    fn the_most_concrete_template_is_found() {
        let mut tree = Tree::default();
        tree.add("/a/{}", 1);
        tree.add("/{}/b", 2);
        assert_eq!(tree.find("/a/b"), Some(1));
        assert_eq!(tree.find("/c/b"), Some(2));
        assert_eq!(tree.find("/c/d"), None);
    }
}
