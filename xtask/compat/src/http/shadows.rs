//! Requests that a template of the base served and that a more concrete path of the revision takes away. None becomes invalid,
//! and yet they are answered by something else.

use std::collections::{HashMap, HashSet};

use super::draft::{Draft, Show};
use super::operations::Operation;
use super::templates::Tree;
use super::{At, Comparison};
use crate::document::Unusable;
use crate::report::Direction;

/// Tells of every new path that takes requests which a template served.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    old: &[Operation<'f>],
    new: &[Operation<'f>],
) -> Result<(), Unusable> {
    let mut tree = Tree::default();
    let mut served: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, was) in old.iter().enumerate() {
        for path in was.paths() {
            tree.add(&path, at);
            served.entry(path).or_default().push(at);
        }
    }
    let methods: HashSet<(String, &str)> = new
        .iter()
        .flat_map(|is| {
            is.paths()
                .into_iter()
                .map(|path| (path, is.method.as_str()))
        })
        .collect();
    let mut told = HashSet::new();
    for is in new {
        for path in is.paths() {
            if served.contains_key(&path) || !told.insert(path.clone()) {
                continue;
            }
            let Some(template) = tree.find(&path).map(|at| &old[at]) else {
                continue;
            };
            let all = template
                .paths()
                .into_iter()
                .filter_map(|path| served.get(&path));
            for was in all.flatten().map(|at| &old[*at]) {
                let says = match methods.contains(&(path.clone(), was.method.as_str())) {
                    true => format!("was served by {}, is served by {}", was.path, is.path),
                    false => format!("was served by {}, is answered 405", was.path),
                };
                let at = At {
                    number: comparison.findings.operation(&was.name, false),
                    was: Some(was),
                    is: None,
                    sends: Direction::Request,
                    status: None,
                    via: None,
                };
                let draft = Draft::plain("path-shadowed")
                    .both(was.item, is.item)
                    .about(is.path)
                    .change(was.path, is.path)
                    .show(Show::Path(is.path.to_owned(), says));
                comparison.note(at, &draft)?;
            }
        }
    }
    Ok(())
}
