//! The data folder: who may keep what in it.
//!
//! One process keeps the stores of a service, for as long as it runs: the events of a store travel on a bus inside that process, and
//! flights answers searches from a copy of its store in memory. A second one over the same store would say everything twice and
//! sell from a copy that is out of date. So a start claims what it opens, and the machine takes the claim back when the process ends,
//! however it ends.

use std::collections::BTreeSet;
use std::fs::{File, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

use crate::config::Service;

/// Services of a data folder that are this process's own until it is dropped.
pub struct Claim {
    _locks: Vec<File>,
}

/// Makes the folder when it is missing, and claims the stores of these services in it.
///
/// # Errors
/// The folder cannot be made or written, or another process runs one of them over it.
pub fn claim(dir: &Path, services: &BTreeSet<Service>) -> anyhow::Result<Claim> {
    std::fs::create_dir_all(dir).with_context(|| {
        format!(
            "the data folder {} cannot be made; choose another with --data-dir",
            dir.display()
        )
    })?;
    let mut locks = Vec::new();
    for service in services {
        let path = dir.join(format!("{}.lock", service.as_str()));
        let unusable = || {
            format!(
                "{} cannot be locked; choose another folder with --data-dir",
                path.display()
            )
        };
        let mut options = File::options();
        let lock = options.create(true).truncate(false).write(true).open(&path);
        let lock = lock.with_context(unusable)?;
        match lock.try_lock() {
            Ok(()) => locks.push(lock),
            Err(TryLockError::WouldBlock) => bail!(
                "{} runs over the data folder {} in another process; stop that one, or choose another folder with --data-dir",
                service.as_str(),
                dir.display()
            ),
            Err(TryLockError::Error(error)) => return Err(error).with_context(unusable),
        }
    }
    Ok(Claim { _locks: locks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_claimed_is_nobody_elses_until_it_is_dropped() {
        let dir = tempfile::tempdir().expect("a directory");
        let flights = BTreeSet::from([Service::Flights]);
        let core: BTreeSet<_> = Service::all().difference(&flights).copied().collect();
        let first = claim(dir.path(), &flights).expect("nobody else is there");
        let refused = claim(dir.path(), &Service::all())
            .err()
            .expect("flights runs");
        let told = refused.to_string();
        assert!(
            told.starts_with("flights runs over the data folder"),
            "{told}"
        );
        assert!(told.contains("--data-dir"), "{told}");
        let beside = claim(dir.path(), &core);
        drop(beside.expect("it keeps other stores, and the refused one has let go"));
        drop(first);
        claim(dir.path(), &Service::all()).expect("all have let go");
    }
}
