//! Which database is in trouble, and how.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What befalls a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// Nothing more fits on its disk.
    Full,
    /// Somebody else is writing, and does not come to an end.
    Locked,
    /// Who begins to write waits until the trouble is over.
    Slow,
}

#[derive(Default)]
struct Known {
    trouble: BTreeMap<PathBuf, Trouble>,
    /// Writers that wait, by database.
    held_up: BTreeMap<PathBuf, usize>,
}

static KNOWN: Mutex<Option<Known>> = Mutex::new(None);
static CHANGED: Condvar = Condvar::new();

fn known() -> MutexGuard<'static, Option<Known>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on this befalls the database at `path`, or nothing more.
pub fn befall(path: &Path, trouble: Option<Trouble>) {
    let mut known = known();
    let all = &mut known.get_or_insert_default().trouble;
    match trouble {
        Some(trouble) => all.insert(path.to_owned(), trouble),
        None => all.remove(path),
    };
    CHANGED.notify_all();
}

/// How many writers of the database at `path` wait because it is slow: at most one at a time.
pub fn held_up(path: &Path) -> usize {
    let known = known();
    let waiting = known.as_ref().and_then(|known| known.held_up.get(path));
    waiting.copied().unwrap_or(0)
}

/// What befalls the database at `path` at the moment.
pub fn trouble(path: &Path) -> Option<Trouble> {
    known()
        .as_ref()
        .and_then(|known| known.trouble.get(path))
        .copied()
}

/// Waits for as long as the database is slow.
pub(crate) fn wait_while_slow(path: &Path) {
    let count = |known: &mut MutexGuard<'_, Option<Known>>, by: fn(usize) -> usize| {
        let all = &mut known.get_or_insert_default().held_up;
        let waiting = all.entry(path.to_owned()).or_default();
        *waiting = by(*waiting);
        if *waiting == 0 {
            all.remove(path);
        }
    };
    let is_slow = |known: &mut Option<Known>| {
        let trouble = known.as_ref().and_then(|known| known.trouble.get(path));
        trouble == Some(&Trouble::Slow)
    };
    let mut known = known();
    if !is_slow(&mut known) {
        return;
    }
    count(&mut known, |waiting| waiting + 1);
    let mut known = CHANGED
        .wait_while(known, is_slow)
        .unwrap_or_else(PoisonError::into_inner);
    count(&mut known, |waiting| waiting.saturating_sub(1));
}
