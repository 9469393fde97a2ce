//! Lists, entry by entry.

use std::vec;

use crate::call::Call;
use crate::error::Result;

/// How a page is read: its entries, and the parameter that asks for the next page.
type Read<T> = fn(&[u8]) -> serde_json::Result<(Vec<T>, Option<(&'static str, String)>)>;

/// The entries of a list. Pages are fetched when they are needed.
#[derive(Clone, Debug)]
#[must_use = "nothing is fetched until `next` is awaited"]
pub struct Pager<T> {
    /// What asks for the next page; none after the last.
    call: Option<Call>,
    read: Read<T>,
    entries: vec::IntoIter<T>,
}

impl<T> Pager<T> {
    pub(crate) fn new(call: Call, read: Read<T>) -> Pager<T> {
        Pager {
            call: Some(call),
            read,
            entries: vec::IntoIter::default(),
        }
    }

    /// The next entry, as [`next`](Pager::next) gives it, for `while let Some(entry) = entries.try_next().await?`.
    ///
    /// # Errors
    ///
    /// When a page cannot be fetched.
    pub async fn try_next(&mut self) -> Result<Option<T>> {
        self.next().await.transpose()
    }

    /// The next entry; none after the last. After a failure it may be asked again, and goes on where it was.
    ///
    /// # Errors
    ///
    /// When a page cannot be fetched.
    pub async fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(entry) = self.entries.next() {
                return Some(Ok(entry));
            }
            let call = self.call.as_ref()?;
            let page = call.send().await.and_then(|page| page.read(self.read));
            let (entries, next) = match page {
                Ok(page) => page.body,
                Err(error) => return Some(Err(error)),
            };
            self.entries = entries.into_iter();
            let call = self.call.take();
            // A version that the caller has is of the first page.
            self.call = next.zip(call).map(|((name, value), call)| {
                call.without_header("If-None-Match").query(name, &value)
            });
        }
    }
}
