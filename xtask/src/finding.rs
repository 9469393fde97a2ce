//! What a gate has to say: one finding a fact, each with its place and what to do about it.
//!
//! Every gate is a `fn(root: &Path) -> anyhow::Result<Vec<Finding>>`. An `Err` means that the gate
//! could not do its work; it is never a verdict about the tree. Printing lies in `check`.

use std::fmt;
use std::path::{Path, PathBuf};

/// A fact about the tree that somebody should act on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Relative to the root of the repository.
    pub path: PathBuf,
    /// Counted from 1; 0 speaks of the file as a whole.
    pub line: usize,
    /// What is so, in lower case without a full stop.
    pub what: String,
    /// What to do, as an order: "move it to …".
    pub fix: String,
    /// A note is printed and fails nothing.
    pub note: bool,
}

impl Finding {
    /// A finding that fails the gate.
    pub fn new(
        path: impl AsRef<Path>,
        line: usize,
        what: impl Into<String>,
        fix: impl Into<String>,
    ) -> Finding {
        Finding {
            path: path.as_ref().to_owned(),
            line,
            what: what.into(),
            fix: fix.into(),
            note: false,
        }
    }

    /// The same finding, but one that fails nothing.
    pub fn noted(self) -> Finding {
        Finding { note: true, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if self.line > 0 {
            write!(f, "{}:", self.line)?;
        }
        write!(f, " {}; {}", self.what, self.fix)
    }
}

impl std::error::Error for Finding {}
