//! Where operations are served. What counts is the joined address: a step that moves from the server to the paths, or the other
//! way, changes nothing.

use std::rc::Rc;

use super::draft::{Draft, Part, Show};
use super::operations::Operation;
use super::templates::{nameless, takes};
use super::{Comparison, Kind, Side};
use crate::document::{Node, Unusable};
use crate::report::{Direction, Effect};

/// The servers of an operation.
pub struct Servers<'f> {
    /// The list that names them; the document where none does.
    pub node: Node<'f>,
    /// The document says nothing of servers.
    pub is_silent: bool,
    pub list: Vec<Server>,
}

/// One address, variables with a list of values written out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// As it is written, defaults put in.
    pub shown: String,
    /// Scheme and host; empty for an address that is relative to the document.
    origin: String,
    /// The path without a slash at the end, variables without names.
    pub prefix: String,
}

/// How many addresses the variables of one server may come to.
const SERVERS_MAX: usize = 64;

impl<'f> Side<'f> {
    /// The servers of an operation.
    pub fn servers(&mut self, operation: Node<'f>, item: Node<'f>) -> Rc<Servers<'f>> {
        let own = [operation, item, self.document]
            .into_iter()
            .find_map(|holder| {
                let list = holder.get("servers")?;
                list.items().next().map(|_| list)
            });
        let node = own.unwrap_or(self.document);
        let known = self.servers.entry(node.id());
        Rc::clone(known.or_insert_with(|| Rc::new(read(own, node))))
    }
}

fn read<'f>(list: Option<Node<'f>>, node: Node<'f>) -> Servers<'f> {
    let urls = list.into_iter().flat_map(Node::items);
    let mut list: Vec<Server> = Vec::new();
    for server in urls.flat_map(expanded) {
        if !list.contains(&server) {
            list.push(server);
        }
    }
    let is_silent = list.is_empty();
    if is_silent {
        list.push(address("/", "/".to_owned()));
    }
    Servers {
        node,
        is_silent,
        list,
    }
}

/// The addresses of a server: one for each choice of values that its variables list.
fn expanded(server: Node<'_>) -> Vec<Server> {
    let Some(url) = server.word("url") else {
        return Vec::new();
    };
    let mut found = vec![(url.to_owned(), url.to_owned())];
    let variables = server.get("variables");
    for (_, name, variable) in variables.into_iter().flat_map(Node::members) {
        let slot = format!("{{{name}}}");
        let values: Vec<&str> = variable
            .get("enum")
            .into_iter()
            .flat_map(Node::items)
            .filter_map(Node::text)
            .collect();
        let default = variable.word("default").unwrap_or(name);
        if values.is_empty() || values.len() * found.len() > SERVERS_MAX {
            for (_, shown) in &mut found {
                *shown = shown.replace(&slot, default);
            }
            continue;
        }
        let choices = found.iter().flat_map(|(url, shown)| {
            let put = |value: &&str| (url.replace(&slot, value), shown.replace(&slot, value));
            values.iter().map(put).collect::<Vec<_>>()
        });
        found = choices.collect();
    }
    found
        .into_iter()
        .map(|(url, shown)| address(&url, shown))
        .collect()
}

fn address(url: &str, shown: String) -> Server {
    let url = nameless(url);
    let (origin, path) = match url.find("//") {
        Some(at) if at == 0 || url[..at].ends_with(':') => {
            let host = at + 2;
            let end = url[host..]
                .find('/')
                .map_or(url.len(), |slash| host + slash);
            (url[..end].to_lowercase(), &url[end..])
        }
        _ => (String::new(), url.as_str()),
    };
    let origin = match origin.split_once("://") {
        Some(("https", host)) => origin_of("https", host, ":443"),
        Some(("http", host)) => origin_of("http", host, ":80"),
        _ => origin,
    };
    let path = path.trim_end_matches('/').trim_start_matches("./");
    let prefix = match path {
        "" | "." => String::new(),
        path if path.starts_with('/') => path.to_owned(),
        path => format!("/{path}"),
    };
    Server {
        shown,
        origin,
        prefix,
    }
}

fn origin_of(scheme: &str, host: &str, usual: &str) -> String {
    format!("{scheme}://{}", host.strip_suffix(usual).unwrap_or(host))
}

impl Server {
    /// A request to a path of this server reaches another path at the other server.
    fn reaches(&self, path: &str, other: &Server, other_path: &str) -> bool {
        // Who is told only a path knows the host from elsewhere.
        let host = self.origin.is_empty() || takes(&other.origin, &self.origin);
        let (here, there) = (&self.prefix, &other.prefix);
        host && (here == there && path == other_path
            || takes(&format!("{there}{other_path}"), &format!("{here}{path}")))
    }
}

/// Compares where an operation is served.
pub fn compare<'f>(
    comparison: &mut Comparison<'f>,
    was: &Operation<'f>,
    is: &Operation<'f>,
) -> Result<super::draft::Drafts, Unusable> {
    let (old, new) = (Rc::clone(&was.servers), Rc::clone(&is.servers));
    let (path, other) = (nameless(was.path), nameless(is.path));
    let same = path == other;
    let find = |drafts: &mut Vec<Draft>| {
        if old.node.id() == new.node.id() && same {
            return;
        }
        for server in &old.list {
            let mut served = new.list.iter();
            if served.any(|other_server| server.reaches(&path, other_server, &other)) {
                continue;
            }
            let says = "answered at this address, which the revision does not name".to_owned();
            drafts.push(
                Draft::wire("server-removed", Direction::Request, Effect::Narrows)
                    .both(old.node, new.node)
                    .about(server.shown.as_str())
                    .part(Part::Servers)
                    .show(Show::Server(server.shown.clone(), says)),
            );
        }
        for server in &new.list {
            let mut served = old.list.iter();
            let known = served.any(|other_server| {
                other_server.reaches(&path, server, &other)
                    || server.reaches(&other, other_server, &path)
            });
            if !known && !new.is_silent {
                drafts.push(
                    Draft::wire("server-added", Direction::Request, Effect::Widens)
                        .both(old.node, new.node)
                        .about(server.shown.as_str())
                        .part(Part::Servers),
                );
            }
        }
    };
    if same {
        return comparison.once(
            Kind::Servers,
            Direction::Request,
            (old.node, new.node),
            |_, drafts| {
                find(drafts);
                Ok(())
            },
        );
    }
    let mut drafts = Vec::new();
    find(&mut drafts);
    Ok(drafts.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Server {
        address(url, url.to_owned())
    }

    #[test]
    fn an_address_is_host_and_prefix() {
        assert_eq!(at("HTTPS://A.example:443/v1/").origin, "https://a.example");
        assert_eq!(at("https://a.example/v1/").prefix, "/v1");
        assert_eq!(at("/").prefix, "");
        assert_eq!(at("v1").prefix, "/v1");
    }

    #[test]
    fn the_joined_address_counts() {
        assert!(at("https://a/v1").reaches("/x", &at("https://a"), "/v1/x"));
        assert!(!at("https://a/v1").reaches("/x", &at("https://a/v2"), "/x"));
        assert!(at("/v1").reaches("/x", &at("https://a/v1"), "/x"));
        assert!(!at("https://a").reaches("/x", &at("https://b"), "/x"));
        assert!(at("https://eu.a").reaches("/x", &at("https://{}.a"), "/x"));
    }
}
