//! (to be written)

use std::process::Command;

use anyhow::{Result, bail};

use super::api::Api;
use super::{Files, Workshop};

/// The files of a package.
pub fn package(_api: &Api) -> Result<Files> {
    bail!("not written yet")
}

/// Type-checks and packs the packages.
pub fn compile(_workshop: &Workshop, _apis: &[Api]) -> Result<()> {
    bail!("not written yet")
}

/// The journey.
pub fn journey(_workshop: &Workshop, _api: &Api) -> Result<Command> {
    bail!("not written yet")
}
