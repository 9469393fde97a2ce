//! Operations of two documents, matched by what they are on the wire: method and joined address, whatever the parameters of the
//! path are called.

use std::collections::HashMap;
use std::rc::Rc;

use foldhash::fast::RandomState;

use super::draft::{Draft, Part, Show};
use super::servers::Servers;
use super::templates::{Tree, nameless, turns};
use super::{
    At, Comparison, Side, answers, bodies, callbacks, extensions, fields, identities, parameters,
    security, servers, shadows,
};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

const METHODS: [&str; 9] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace", "query",
];

/// An operation where it stands.
pub struct Operation<'f> {
    pub node: Node<'f>,
    pub item: Node<'f>,
    /// In capitals.
    pub method: String,
    pub path: &'f str,
    /// Such as `POST /orders/{order_id}`.
    pub name: String,
    /// Names of the parameters of the path, in turn.
    pub turns: Vec<&'f str>,
    pub servers: Rc<Servers<'f>>,
}

impl<'f> Operation<'f> {
    /// An operation of a path, webhook or callback.
    pub fn new(
        side: &mut Side<'f>,
        (item, node): (Node<'f>, Node<'f>),
        method: &str,
        path: &'f str,
        name: String,
    ) -> Operation<'f> {
        Operation {
            node,
            item,
            method: method.to_uppercase(),
            path,
            name,
            turns: turns(path),
            servers: side.servers(node, item),
        }
    }

    /// The nameless paths by which it is reached, one for each prefix of its servers.
    pub fn paths(&self) -> Vec<String> {
        let path = nameless(self.path);
        let mut paths: Vec<String> = Vec::new();
        for server in &self.servers.list {
            let joined = format!("{}{path}", server.prefix);
            if !paths.contains(&joined) {
                paths.push(joined);
            }
        }
        paths
    }
}

/// The operations of a path item with their methods.
pub fn methods<'f>(item: Node<'f>) -> Vec<(&'f str, Node<'f>)> {
    let usual = item.members().filter(|(_, name, _)| METHODS.contains(name));
    let more = item.get("additionalOperations");
    let all = usual.chain(more.into_iter().flat_map(Node::members));
    let all = all.filter(|(_, _, node)| node.members().next().is_some());
    all.map(|(_, name, node)| (name, node)).collect()
}

fn read<'f>(side: &mut Side<'f>) -> Result<Vec<Operation<'f>>, Unusable> {
    let mut found = Vec::new();
    let paths = side.document.get("paths");
    for (_, path, item) in paths.into_iter().flat_map(Node::members) {
        if !path.starts_with('/') {
            continue;
        }
        let item = item.follow()?;
        for (method, node) in methods(item) {
            let name = format!("{} {path}", method.to_uppercase());
            found.push(Operation::new(side, (item, node), method, path, name));
        }
    }
    Ok(found)
}

/// Compares the operations of two documents, their webhooks, and what stands around them.
pub fn compare(comparison: &mut Comparison<'_>) -> Result<(), Unusable> {
    let old = read(&mut comparison.base)?;
    let new = read(&mut comparison.revision)?;
    let partners = matched(&old, &new);
    let mut tree = Tree::default();
    for (at, is) in new.iter().enumerate() {
        for path in is.paths() {
            tree.add(&path, at);
        }
    }
    let mut is_known = vec![false; new.len()];
    for (was, partner) in old.iter().zip(&partners) {
        match partner {
            Some(at) => {
                is_known[*at] = true;
                both(comparison, was, &new[*at], Direction::Request)?;
            }
            None => {
                let mut takers = was.paths().into_iter().filter_map(|path| tree.find(&path));
                let taker = takers.next().map(|at| new[at].path);
                removed(comparison, was, Direction::Request, taker)?;
            }
        }
    }
    for (is, _) in new.iter().zip(&is_known).filter(|(_, known)| !**known) {
        added(comparison, is, Direction::Request)?;
    }
    document(comparison)?;
    identities::compare(comparison, &old, &new, &partners)?;
    shadows::compare(comparison, &old, &new)?;
    callbacks::webhooks(comparison)
}

/// Compares what the documents say as such.
fn document(comparison: &mut Comparison<'_>) -> Result<(), Unusable> {
    let mut drafts = Vec::new();
    let pair = (comparison.base.document, comparison.revision.document);
    fields::written(
        &mut drafts,
        Direction::Request,
        &Part::Whole,
        "openapi",
        pair,
    );
    let at = At {
        number: comparison.findings.operation("", false),
        was: None,
        is: None,
        sends: Direction::Request,
        status: None,
        via: None,
    };
    comparison.note_all(at, &drafts)
}

/// For each operation of the base, its like in the revision: where the joined address is one, else where the path is.
fn matched(old: &[Operation<'_>], new: &[Operation<'_>]) -> Vec<Option<usize>> {
    type Places<'n> = HashMap<(&'n str, String), Vec<usize>, RandomState>;
    let (mut joined, mut bare) = (Places::default(), Places::default());
    for (at, operation) in new.iter().enumerate() {
        let method = operation.method.as_str();
        for path in operation.paths() {
            joined.entry((method, path)).or_default().push(at);
        }
        let path = nameless(operation.path);
        bare.entry((method, path)).or_default().push(at);
    }
    let mut is_taken = vec![false; new.len()];
    let mut partners = vec![None; old.len()];
    for (at, operation) in old.iter().enumerate() {
        let paths = operation.paths().into_iter();
        let found = paths.filter_map(|path| joined.get(&(operation.method.as_str(), path)));
        // Two templates that differ in names only are one; then the first that is left, or the first.
        let mut found = found.flatten().copied();
        let first = found.next();
        let free = first.into_iter().chain(found).find(|at| !is_taken[*at]);
        partners[at] = free.or(first);
        if let Some(partner) = partners[at] {
            is_taken[partner] = true;
        }
    }
    for (at, operation) in old.iter().enumerate() {
        if partners[at].is_none() {
            let found = bare.get(&(operation.method.as_str(), nameless(operation.path)));
            let free = found.and_then(|all| all.iter().copied().find(|at| !is_taken[*at]));
            partners[at] = free;
            if let Some(partner) = free {
                is_taken[partner] = true;
            }
        }
    }
    partners
}

/// An operation that the revision does not have; a path of it may take the requests.
pub fn removed<'f>(
    comparison: &mut Comparison<'f>,
    was: &Operation<'f>,
    sends: Direction,
    taker: Option<&str>,
) -> Result<(), Unusable> {
    let number = comparison.findings.operation(&was.name, false);
    let at = At {
        number,
        was: Some(was),
        is: None,
        sends,
        status: None,
        via: None,
    };
    let day = extensions::announced(was.node)?;
    let says = match taker {
        Some(path) if path != was.path => {
            format!("right under the base, left to {path}, which is something else")
        }
        _ => "right under the base, answered 404 or 405 by the revision".to_owned(),
    };
    let draft = match sends {
        Direction::Request => {
            Draft::wire("operation-removed", sends, Effect::Narrows).show(Show::Plain(says))
        }
        Direction::Response => Draft::wire("message-removed", sends, Effect::Narrows)
            .show(Show::Plain("never sent any more".to_owned())),
    };
    comparison.note(
        at,
        &draft.base(was.node).about(was.name.as_str()).sunset(day),
    )
}

/// An operation that only the revision has.
pub fn added<'f>(
    comparison: &mut Comparison<'f>,
    is: &Operation<'f>,
    sends: Direction,
) -> Result<(), Unusable> {
    let number = comparison.findings.operation(&is.name, false);
    let at = At {
        number,
        was: None,
        is: Some(is),
        sends,
        status: None,
        via: None,
    };
    let rule = match sends {
        Direction::Request => "operation-added",
        Direction::Response => "message-added",
    };
    let draft = Draft::wire(rule, sends, Effect::Widens);
    comparison.note(at, &draft.revision(is.node).about(is.name.as_str()))
}

/// Compares an operation that both documents have.
pub fn both<'f>(
    comparison: &mut Comparison<'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
    sends: Direction,
) -> Result<(), Unusable> {
    let number = comparison.findings.operation(&is.name, true);
    let at = At {
        number,
        was: Some(was),
        is: Some(is),
        sends,
        status: None,
        via: None,
    };
    let mut drafts = Vec::new();
    deprecation(&mut drafts, was.node, is.node);
    if sends == Direction::Request {
        extensions::operation(&mut drafts, was.node, is.node);
    }
    comparison.note_all(at, &drafts)?;
    if sends == Direction::Request {
        let drafts = servers::compare(comparison, was, is)?;
        comparison.note_all(at, &drafts)?;
    }
    parameters::compare(comparison, at, was, is)?;
    bodies::compare(comparison, at, was, is)?;
    answers::compare(comparison, at, was, is)?;
    security::compare(comparison, at, was, is)?;
    callbacks::compare(comparison, was, is, sends)
}

/// Something is marked as going away, or is to go sooner.
pub fn deprecation(drafts: &mut Vec<Draft>, was: Node<'_>, is: Node<'_>) {
    if !is.says("deprecated") {
        return;
    }
    let (before, after) = (extensions::sunset(was), extensions::sunset(is));
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string());
    if !was.says("deprecated") {
        let rule = if after.is_some() {
            "deprecated-until"
        } else {
            "deprecated"
        };
        let mut draft = Draft::plain(rule).both(was, is);
        draft.after = day(after);
        drafts.push(draft);
    } else if let (Some(before), Some(after)) = (before, after)
        && after < before
    {
        let why = "a date in the document is on no wire".to_owned();
        let draft = Draft::plain("sunset-sooner").both(was, is);
        let draft = draft.change(before.to_string(), after.to_string());
        drafts.push(draft.show(Show::Argued(why)));
    }
}
