//! Pages of lists: the request's cursor and limit, and the link to the next page (RFC 8288).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::rpc::common::v1::Page;

/// Entries of a page when the caller does not say.
pub const PAGE: u32 = 20;

/// What RFC 3986 lets stand in a query as it is.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The page that is asked for.
pub fn asked(after: Option<String>, limit: Option<i32>) -> Option<Page> {
    Some(Page {
        after: after.unwrap_or_default(),
        limit: limit
            .and_then(|limit| u32::try_from(limit).ok())
            .unwrap_or(PAGE),
    })
}

/// The `Link` header to the next page; `None` on the last.
pub fn link(
    path: &str,
    filters: &[(&str, Option<&str>)],
    limit: Option<i32>,
    next: &str,
) -> Option<String> {
    if next.is_empty() {
        return None;
    }
    let mut query = filled_in(filters);
    query.push(format!("after={}", utf8_percent_encode(next, QUERY)));
    query.extend(limit.map(|limit| format!("limit={limit}")));
    Some(next_link(path, &query))
}

/// The `Link` header to a page by its number.
pub fn numbered_link(
    path: &str,
    filters: &[(&str, Option<&str>)],
    page: u32,
    per_page: u32,
) -> String {
    let mut query = filled_in(filters);
    query.push(format!("page={page}"));
    query.push(format!("per_page={per_page}"));
    next_link(path, &query)
}

fn filled_in(filters: &[(&str, Option<&str>)]) -> Vec<String> {
    filters
        .iter()
        .filter_map(|(name, value)| {
            value.map(|value| format!("{name}={}", utf8_percent_encode(value, QUERY)))
        })
        .collect()
}

fn next_link(path: &str, query: &[String]) -> String {
    format!("<{path}?{}>; rel=\"next\"", query.join("&"))
}

/// A page as a contract's list of this name: its entries, and the cursor of the next.
macro_rules! listed {
    ($list:ident: $entries:expr, $next:expr) => {
        types::$list {
            data: Vec::from_iter($entries),
            next_cursor: $crate::edge::call::filled($next),
        }
    };
}
pub(super) use listed;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_repeats_the_filters_and_moves_the_cursor() {
        assert_eq!(link("/x", &[], None, ""), None);
        assert_eq!(
            link(
                "/x",
                &[("query", Some("são p")), ("type", None)],
                Some(5),
                "a=b"
            ),
            Some("</x?query=s%C3%A3o%20p&after=a%3Db&limit=5>; rel=\"next\"".to_owned())
        );
    }
}
