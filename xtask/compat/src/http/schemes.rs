//! Security schemes: what of them is on the wire. A scheme of another name that is sent alike is the same.

use indexmap::IndexMap;

use super::draft::{Draft, Show, replaced};
use super::operations::deprecation;
use super::security::Token;
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

/// The schemes of a document by name.
pub type Schemes<'f> = IndexMap<&'f str, Scheme<'f>>;

/// A scheme.
#[derive(Clone)]
pub struct Scheme<'f> {
    pub name: &'f str,
    pub node: Node<'f>,
    /// Equal for schemes that are sent alike.
    pub wire: String,
}

/// Addresses of a flow.
const ADDRESSES: [&str; 4] = [
    "authorizationUrl",
    "deviceAuthorizationUrl",
    "tokenUrl",
    "refreshUrl",
];

pub fn read(document: Node<'_>) -> Result<Schemes<'_>, Unusable> {
    let schemes = document
        .get("components")
        .and_then(|all| all.get("securitySchemes"));
    let mut found = Schemes::default();
    for (_, name, node) in schemes.into_iter().flat_map(Node::members) {
        let node = node.follow()?;
        let wire = wire(name, node);
        found.insert(name, Scheme { name, node, wire });
    }
    Ok(found)
}

fn kind<'f>(scheme: Node<'f>) -> &'f str {
    scheme.word("type").unwrap_or_default()
}

/// The name of the header, parameter or cookie: the case of header names does not count.
fn sent_name(scheme: Node<'_>) -> String {
    let name = scheme.word("name").unwrap_or_default();
    match scheme.word("in") {
        Some("header") => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

fn flows<'f>(scheme: Node<'f>) -> impl Iterator<Item = (&'f str, Node<'f>)> {
    let flows = scheme.get("flows").into_iter().flat_map(Node::members);
    flows
        .filter(|(_, name, _)| !name.starts_with("x-"))
        .map(|(_, name, flow)| (name, flow))
}

fn wire(name: &str, scheme: Node<'_>) -> String {
    let word = |member| scheme.word(member).unwrap_or_default();
    match kind(scheme) {
        "apiKey" => format!("apiKey {} {}", word("in"), sent_name(scheme)),
        "http" => format!("http {}", word("scheme").to_lowercase()),
        "openIdConnect" => format!("openIdConnect {}", word("openIdConnectUrl")),
        "mutualTLS" => "mutualTLS".to_owned(),
        "oauth2" => {
            let flow = |(name, flow): (&str, Node<'_>)| {
                let addresses = ADDRESSES.map(|address| flow.word(address).unwrap_or_default());
                format!("{name} {}", addresses.join(" "))
            };
            let mut all: Vec<String> = flows(scheme).map(flow).collect();
            all.sort();
            format!("oauth2 {}", all.join("; "))
        }
        _ => format!("unknown {name}"),
    }
}

impl Scheme<'_> {
    /// What a client sends for it; nothing for a certificate.
    pub fn token(&self) -> Option<Token> {
        let word = |member| self.node.word(member).unwrap_or_default();
        let bearer = |value: &str| Token {
            place: "header".to_owned(),
            name: "Authorization".to_owned(),
            value: value.to_owned(),
        };
        match kind(self.node) {
            "apiKey" => Some(Token {
                place: word("in").to_owned(),
                name: word("name").to_owned(),
                value: "<key>".to_owned(),
            }),
            "http" => Some(match word("scheme").to_lowercase().as_str() {
                "bearer" => bearer("Bearer <token>"),
                "basic" => bearer("Basic <credentials>"),
                _ => bearer(&format!("{} <credentials>", word("scheme"))),
            }),
            "oauth2" | "openIdConnect" => Some(bearer("Bearer <token>")),
            _ => None,
        }
    }
}

/// How a scheme that both documents name alike is sent otherwise.
pub fn changed(was: &Scheme<'_>, is: &Scheme<'_>, direction: Direction) -> Vec<Draft> {
    let mut drafts = Vec::new();
    deprecation(&mut drafts, was.node, is.node);
    if was.wire == is.wire {
        return drafts;
    }
    let says = || "right under the base, answered 401 by the revision".to_owned();
    let held = || Show::Held(was.token().into_iter().collect(), says());
    let differs = |what: &str, before: &str, after: &str| {
        Draft::wire("credential-changed", direction, replaced(direction))
            .both(was.node, is.node)
            .about(format!("`{what}` of the credential `{}`", was.name))
            .change(before, after)
            .show(held())
    };
    let mut compare = |what: &str, before: Option<&str>, after: Option<&str>| {
        if before != after {
            let (before, after) = (before.unwrap_or("none"), after.unwrap_or("none"));
            drafts.push(differs(what, before, after));
        }
    };
    if kind(was.node) != kind(is.node) {
        compare("type", Some(kind(was.node)), Some(kind(is.node)));
        return drafts;
    }
    let words = |member: &str| (was.node.word(member), is.node.word(member));
    match kind(was.node) {
        "apiKey" => {
            let (before, after) = words("in");
            compare("in", before, after);
            if sent_name(was.node) != sent_name(is.node) {
                let (before, after) = words("name");
                compare("name", before, after);
            }
        }
        "http" => {
            let (before, after) = words("scheme");
            compare("scheme", before, after);
        }
        "openIdConnect" => {
            let (before, after) = words("openIdConnectUrl");
            compare("openIdConnectUrl", before, after);
        }
        _ => drafts.extend(flow_changes(was, is, direction, &differs, &held)),
    }
    drafts
}

/// Each flow is a way to a token; one more is no loss, one less is.
fn flow_changes(
    was: &Scheme<'_>,
    is: &Scheme<'_>,
    direction: Direction,
    differs: &dyn Fn(&str, &str, &str) -> Draft,
    held: &dyn Fn() -> Show,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let find = |scheme: &Scheme<'_>, name: &str| flows(scheme.node).any(|(own, _)| own == name);
    let flow = |rule: &'static str, effect, name: &str| {
        Draft::wire(rule, direction, effect)
            .both(was.node, is.node)
            .about(format!("`{name}` of the credential `{}`", was.name))
            .show(held())
    };
    for (name, before) in flows(was.node) {
        let Some((_, after)) = flows(is.node).find(|(own, _)| *own == name) else {
            drafts.push(flow("credential-flow-removed", Effect::Narrows, name));
            continue;
        };
        for address in ADDRESSES {
            // An address that was not told is used by nobody.
            if let Some(old) = before.word(address)
                && after.word(address) != Some(old)
            {
                let new = after.word(address).unwrap_or("none");
                drafts.push(differs(&format!("{name} {address}"), old, new));
            }
        }
    }
    for (name, _) in flows(is.node) {
        if !find(was, name) {
            drafts.push(flow("credential-flow-added", Effect::Widens, name));
        }
    }
    drafts
}
