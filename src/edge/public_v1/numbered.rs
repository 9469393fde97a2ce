//! Pages by number, over services that page by cursor: they are walked from the start, as far as [`ENTRIES_MAX`], where every
//! list ends.

use crate::edge::page::{PAGE, numbered_link};
use crate::rpc::common::v1::Page;
use crate::wire::problem::Problem;

/// The last entry that a page can show.
const ENTRIES_MAX: usize = 1000;
/// Entries that a service is asked for at once.
const STRIDE: u32 = 100;

/// Which page is asked for.
#[derive(Clone, Copy)]
pub struct Numbered {
    page: u32,
    per_page: u32,
}

impl Numbered {
    /// The page that is asked for.
    pub fn asked(page: Option<i32>, per_page: Option<i32>) -> Self {
        let given = |number: Option<i32>, otherwise| {
            number
                .and_then(|number| u32::try_from(number).ok())
                .unwrap_or(otherwise)
        };
        Self {
            page: given(page, 1),
            per_page: given(per_page, PAGE),
        }
    }

    /// How many entries lie before the page.
    fn before(self) -> usize {
        let pages = usize::try_from(self.page.saturating_sub(1)).unwrap_or(usize::MAX);
        pages.saturating_mul(self.size())
    }

    /// How many entries of the list lie before the end of the page.
    fn reach(self) -> usize {
        self.before().saturating_add(self.size()).min(ENTRIES_MAX)
    }

    fn size(self) -> usize {
        usize::try_from(self.per_page).unwrap_or(usize::MAX)
    }

    /// The entries of the page, of a list that is there as a whole, and whether there are more.
    pub fn of<T>(self, all: Vec<T>) -> (Vec<T>, bool) {
        let reach = self.reach();
        let more = all.len().min(ENTRIES_MAX) > reach;
        let entries = all.into_iter().take(reach).skip(self.before());
        (entries.collect(), more)
    }

    /// The entries of the page, and whether there are more; `fetch` answers a page of a service and the cursor of the next.
    pub async fn walk<T, F>(
        self,
        fetch: impl Fn(Option<Page>) -> F,
    ) -> Result<(Vec<T>, bool), Problem>
    where
        F: Future<Output = Result<(Vec<T>, String), Problem>>,
    {
        let wanted = self.reach();
        if self.before() >= wanted {
            return Ok((Vec::new(), false));
        }
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let limit = u32::try_from(wanted - seen.len())
                .unwrap_or(STRIDE)
                .min(STRIDE);
            let (entries, next) = fetch(Some(Page { after, limit })).await?;
            seen.extend(entries);
            after = next;
            if after.is_empty() || seen.len() >= wanted {
                break;
            }
        }
        let more = !after.is_empty() && wanted < ENTRIES_MAX;
        let entries = seen.into_iter().take(wanted).skip(self.before());
        Ok((entries.collect(), more))
    }

    /// The `Link` header to the next page; `None` on the last.
    pub fn link(self, path: &str, filters: &[(&str, Option<&str>)], more: bool) -> Option<String> {
        more.then(|| numbered_link(path, filters, self.page + 1, self.per_page))
    }

    /// The number, as the page tells it.
    pub fn page(self) -> i32 {
        i32::try_from(self.page).unwrap_or(i32::MAX)
    }

    /// The size, as the page tells it.
    pub fn per_page(self) -> i32 {
        i32::try_from(self.per_page).unwrap_or(i32::MAX)
    }
}

/// A page as a list of this name: its entries, and whether there are more.
macro_rules! numbered {
    ($list:ident: $asked:expr, $entries:expr, $has_more:expr) => {
        types::$list {
            data: Vec::from_iter($entries),
            page: $asked.page(),
            per_page: $asked.per_page(),
            has_more: $has_more,
        }
    };
}
pub(super) use numbered;

#[cfg(test)]
mod tests {
    use super::*;

    /// A service with 250 entries that gives at most 40 at once, however many it is asked for.
    async fn service(page: Option<Page>) -> Result<(Vec<u32>, String), Problem> {
        let page = page.unwrap_or_default();
        let start: u32 = page.after.parse().unwrap_or(0);
        let end = (start + page.limit.min(40)).min(250);
        let next = if end < 250 {
            end.to_string()
        } else {
            String::new()
        };
        Ok(((start..end).collect(), next))
    }

    #[tokio::test]
    async fn a_page_is_where_its_number_says_however_the_service_pages() {
        for (page, per_page, entries, more) in [
            (1, 20, 0..20, true),
            (3, 50, 100..150, true),
            (5, 50, 200..250, false),
            (3, 100, 200..250, false),
            (6, 50, 0..0, false),
            (1000, 100, 0..0, false),
        ] {
            let asked = Numbered::asked(Some(page), Some(per_page));
            let found = asked.walk(service).await.expect("the service answers");
            assert_eq!(
                found,
                (entries.clone().collect(), more),
                "{page} × {per_page}"
            );
            assert_eq!(asked.of((0..250).collect()), found, "{page} × {per_page}");
        }
    }

    #[test]
    fn lists_end_at_the_reach() {
        for (page, entries, more) in [
            (49, 960..980, true),
            (50, 980..1000, false),
            (51, 0..0, false),
        ] {
            let asked = Numbered::asked(Some(page), Some(20));
            assert_eq!(
                asked.of((0..2500).collect()),
                (entries.collect(), more),
                "{page}"
            );
        }
    }
}
