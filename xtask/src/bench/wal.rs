//! How many commits SQLite has made durable, read from its write-ahead logs (<https://www.sqlite.org/fileformat2.html#walformat>).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

const HEAD: usize = 32;
const FRAME_HEAD: usize = 24;
/// How long nothing has to be written for things to have come to rest.
const QUIET: Duration = Duration::from_millis(500);

/// The logs of a folder's databases: the salt of each, which changes when it begins anew, and its commits.
#[derive(Debug, PartialEq)]
pub struct Logs(BTreeMap<String, (u64, u32)>);

impl Logs {
    fn read(folder: &Path) -> Result<Logs> {
        let mut logs = BTreeMap::new();
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.ends_with("-wal") {
                logs.insert(name.into_owned(), commits(&std::fs::read(&path)?));
            }
        }
        Ok(Logs(logs))
    }

    /// The commits since an earlier look; `None` when a log began anew meanwhile.
    pub fn since(&self, before: &Logs) -> Option<u32> {
        let of = |(name, (salt, commits)): (&String, &(u64, u32))| {
            let (old, known) = before.0.get(name).copied().unwrap_or((*salt, 0));
            (old == *salt || known == 0).then(|| commits - known)
        };
        self.0.iter().map(of).sum()
    }
}

/// Looks at the databases of a folder once nothing writes to them any more.
///
/// # Errors
///
/// When they cannot be read.
pub async fn settled(folder: &Path) -> Result<Logs> {
    let mut last = Logs::read(folder).context("no logs")?;
    loop {
        tokio::time::sleep(QUIET).await;
        let now = Logs::read(folder)?;
        if now == last {
            return Ok(now);
        }
        last = now;
    }
}

/// Salt and commits of a log: frames of this salt that tell the size of the database after them end a commit.
fn commits(log: &[u8]) -> (u64, u32) {
    let word = |at: usize| {
        let bytes = log.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    let long = |at: usize| Some(u64::from(word(at)?) << 32 | u64::from(word(at + 4)?));
    let (Some(page), Some(salt)) = (word(8), long(16)) else {
        return (0, 0);
    };
    let frame = FRAME_HEAD + page as usize;
    let frames = (HEAD..).step_by(frame);
    let ends = frames
        .map_while(|at| Some((word(at + 4)?, long(at + 8)?)))
        .take_while(|(_, of)| *of == salt)
        .filter(|(size, _)| *size > 0);
    (salt, u32::try_from(ends.count()).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A log of 8-byte pages with these frames: salt, and size after the commit.
    fn log(frames: &[(u64, u32)]) -> Vec<u8> {
        let mut log = vec![0; HEAD];
        log[8..12].copy_from_slice(&8u32.to_be_bytes());
        log[16..24].copy_from_slice(&7u64.to_be_bytes());
        for (salt, size) in frames {
            log.extend([0; 4]);
            log.extend(size.to_be_bytes());
            log.extend(salt.to_be_bytes());
            log.extend([0; 16]);
        }
        log
    }

    #[test]
    fn commits_are_the_last_frames_of_transactions_since_the_log_began() {
        assert_eq!(commits(&log(&[])), (7, 0));
        assert_eq!(commits(&log(&[(7, 0), (7, 3), (7, 4)])), (7, 2));
        // What stands behind is of an earlier log.
        assert_eq!(commits(&log(&[(7, 3), (6, 4)])), (7, 1));
        assert_eq!(commits(b""), (0, 0));
        let logs = |salt, commits| Logs(BTreeMap::from([("a.db-wal".to_owned(), (salt, commits))]));
        assert_eq!(logs(7, 9).since(&logs(7, 4)), Some(5));
        assert_eq!(logs(8, 2).since(&logs(7, 4)), None);
    }
}
