//! Pages of a service's lists: what was asked for, and whether there is more.

use crate::rpc::common::v1::Page;

const DEFAULT: u32 = 50;
const MAX: u32 = 1000;

/// After what a page starts, and how long it is.
pub fn of(page: Option<Page>) -> (String, u32) {
    let page = page.unwrap_or_default();
    let limit = if page.limit == 0 {
        DEFAULT
    } else {
        page.limit.min(MAX)
    };
    (page.after, limit)
}

/// Cuts what was read with one more than `limit` to the page, and returns the cursor of the next; empty on the last.
pub fn cut<T>(items: &mut Vec<T>, limit: u32, cursor: impl Fn(&T) -> String) -> String {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = items.len() > limit;
    items.truncate(limit);
    let last = items.last().filter(|_| more);
    last.map_or_else(String::new, cursor)
}
