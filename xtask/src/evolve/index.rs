//! `openapi/released/index.toml`: every frozen file with its SHA-256 and the day it was released. Entries are only ever added.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Version;

/// The file itself.
pub const INDEX: &str = "openapi/released/index.toml";

const HEADER: &str = "\
# Every released file and its digest. `cargo xtask release` adds entries; no entry and no file in it may ever change.
";

/// A frozen file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Relative to the root of the repository.
    pub file: String,
    /// In lower-case hexadecimal.
    pub sha256: String,
    /// The day of the release.
    pub date: Date,
}

/// All frozen files, in the order of their release.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// One entry a file.
    #[serde(default)]
    pub released: Vec<Entry>,
}

/// A released revision of a contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision<'a> {
    /// `public`, `partner` or `private`.
    pub audience: &'a str,
    /// Its version.
    pub version: Version,
    /// Its file, digest and day.
    pub entry: &'a Entry,
}

impl Index {
    /// Reads the index; an empty one when there is no file.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is not an index.
    pub fn read(root: &Path) -> Result<Index> {
        let path = root.join(INDEX);
        if !path.exists() {
            return Ok(Index::default());
        }
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {INDEX}"))?;
        Index::parse(&text)
    }

    /// Reads the text of an index.
    ///
    /// # Errors
    ///
    /// When it is not one.
    pub fn parse(text: &str) -> Result<Index> {
        toml::from_str(text).with_context(|| format!("{INDEX} is not understood"))
    }

    /// Adds a file as it stands on the disk and writes the index.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or the index cannot be written.
    pub fn add(&mut self, root: &Path, file: &str, date: Date) -> Result<()> {
        let bytes = fs::read(root.join(file)).with_context(|| format!("cannot read {file}"))?;
        self.released.push(Entry {
            file: file.to_owned(),
            sha256: digest(&bytes),
            date,
        });
        let text = format!("{HEADER}\n{}", toml::to_string(self)?);
        fs::write(root.join(INDEX), text).with_context(|| format!("cannot write {INDEX}"))
    }

    /// The released revisions of contracts, by audience and then by version.
    pub fn revisions(&self) -> Vec<Revision<'_>> {
        let mut revisions: Vec<Revision<'_>> = self
            .released
            .iter()
            .filter_map(|entry| {
                let name = entry.file.strip_prefix("openapi/released/")?;
                let (audience, version) = name.strip_suffix(".json")?.split_once('-')?;
                Some(Revision {
                    audience,
                    version: version.parse().ok()?,
                    entry,
                })
            })
            .collect();
        revisions.sort_by_key(|revision| (revision.audience, revision.version));
        revisions
    }
}

/// The SHA-256 of a file's content, in lower-case hexadecimal.
pub fn digest(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn what_is_added_is_read_back_in_order_of_version() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir_all(root.join("openapi/released")).expect("it is made");
        let mut index = Index::read(root).expect("no index is an empty one");
        for version in ["1.10.0", "1.9.0"] {
            let file = format!("openapi/released/public-{version}.json");
            fs::write(root.join(&file), "{}").expect("it is written");
            index
                .add(root, &file, date(2026, 11, 21))
                .expect("it is added");
        }
        let again = Index::read(root).expect("it is an index");
        assert_eq!(again, index);
        let revisions = again.revisions();
        let versions: Vec<String> = revisions
            .iter()
            .map(|one| one.version.to_string())
            .collect();
        assert_eq!(versions, ["1.9.0", "1.10.0"]);
        assert_eq!(
            revisions[0].entry.sha256,
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }
}
