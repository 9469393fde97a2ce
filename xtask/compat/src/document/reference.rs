//! References between nodes and files. A reference is a relative path with a fragment that is a JSON pointer (RFC 6901) or the
//! name of an `$anchor`; other addresses are not read.

use super::{Forest, Name, Node, NodeId, Unusable};

/// How many references may follow one another.
const HOPS_MAX: usize = 64;

/// Keywords under which a member `$ref` is a value, not a reference.
const VALUES: [&str; 5] = ["example", "examples", "default", "enum", "const"];

/// The files that a file refers to, each with the node that asks for it first.
pub fn files(forest: &Forest, at: usize) -> Vec<(NodeId, String)> {
    let file = &forest.files[at];
    let Some(key) = forest.known("$ref") else {
        return Vec::new();
    };
    let mut found: Vec<(NodeId, String)> = Vec::new();
    for id in file.first.0..forest.next() {
        let node = forest.node(NodeId(id));
        if node.file() != at {
            break;
        }
        let Some(text) = node.member(key).and_then(Node::text) else {
            continue;
        };
        let wanted = joined(&file.name, text);
        if let Some(wanted) = wanted
            && wanted != file.name
            && !found.iter().any(|(_, known)| *known == wanted)
            && !is_value(node)
        {
            found.push((node.id, wanted));
        }
    }
    found
}

fn is_value(node: Node<'_>) -> bool {
    let mut inner = node;
    while let Some(outer) = inner.parent() {
        let held = outer.members().find(|(_, _, value)| value.id == inner.id);
        if held.is_some_and(|(_, name, _)| VALUES.contains(&name)) {
            return true;
        }
        inner = outer;
    }
    false
}

/// The name of the file that a reference leads to from another; None when it is an address elsewhere.
fn joined(from: &str, reference: &str) -> Option<String> {
    let path = reference.split('#').next().unwrap_or_default();
    if path.is_empty() {
        return Some(from.to_owned());
    }
    if path.contains("://") || path.starts_with("urn:") {
        return None;
    }
    let path = decoded(path);
    let mut steps: Vec<&str> = from.split('/').collect();
    steps.pop();
    if path.starts_with('/') {
        steps.clear();
    }
    for step in path.split('/') {
        match step {
            "." => {}
            ".." if steps.last().is_some_and(|last| *last != "..") => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    Some(steps.join("/"))
}

/// Undoes percent-encoding (RFC 3986).
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let code = (bytes[at] == b'%')
            .then(|| text.get(at + 1..at + 3))
            .flatten();
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The target of the node's own `$ref`.
pub fn target(node: Node<'_>) -> Result<Option<Node<'_>>, Unusable> {
    let Some(name) = node.get("$ref").and_then(Node::name) else {
        return Ok(None);
    };
    let (forest, file) = (node.forest, node.file());
    let known = forest.followed.borrow().get(&(file, name)).cloned();
    let found = known.unwrap_or_else(|| {
        let found = find(forest, file, name);
        forest
            .followed
            .borrow_mut()
            .insert((file, name), found.clone());
        found
    });
    found
        .map(|id| Some(forest.node(id)))
        .map_err(|what| node.unusable(what, "correct the reference"))
}

/// Follows references to their end.
pub fn follow(node: Node<'_>) -> Result<Node<'_>, Unusable> {
    let mut at = node;
    for _ in 0..HOPS_MAX {
        match target(at)? {
            None => return Ok(at),
            Some(next) => at = next,
        }
    }
    Err(node.unusable(
        "the references go in a circle",
        "refer to what is meant, not to a reference",
    ))
}

fn find(forest: &Forest, file: usize, name: Name) -> Result<NodeId, String> {
    let text = forest.text(name);
    let nowhere = || format!("`$ref: {text}` leads nowhere");
    let Some(wanted) = joined(&forest.files[file].name, text) else {
        return Err(format!(
            "`$ref: {text}` leads to another host, which is not read"
        ));
    };
    let document = forest.files[file].document;
    let Some(at) = forest
        .files
        .iter()
        .position(|file| file.document == document && file.name == wanted)
    else {
        return Err(nowhere());
    };
    let root = forest.node(forest.files[at].root);
    let fragment = decoded(text.split_once('#').map_or("", |(_, fragment)| fragment));
    if !fragment.is_empty() && !fragment.starts_with('/') {
        return anchored(forest, at, &fragment).ok_or_else(nowhere);
    }
    let mut node = root;
    for step in fragment.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        // A pointer may lead through a reference.
        node = follow(node).map_err(|_| nowhere())?;
        let inner = node
            .get(&step)
            .or_else(|| node.items().nth(step.parse().ok()?));
        node = inner.ok_or_else(nowhere)?;
    }
    Ok(node.id)
}

fn anchored(forest: &Forest, file: usize, anchor: &str) -> Option<NodeId> {
    let end = forest
        .files
        .get(file + 1)
        .map_or(forest.next(), |next| next.first.0);
    let key = forest.known("$anchor")?;
    let mut nodes = (forest.files[file].first.0..end).map(|id| forest.node(NodeId(id)));
    nodes
        .find(|node| node.member(key).and_then(Node::text) == Some(anchor))
        .map(Node::id)
}
