//! `cargo xtask compat BASE REVISION`: what a change of a contract means, for any two documents.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use super::documents::{Source, places};
use super::today;
use crate::compat::{self, render};

/// Say what a change of a contract means for clients, and prove each break
///
/// A document is a file, JSON or YAML, or `git-ref:path`. Exit 0: compatible; 1: it breaks a client; 2: it could not be judged.
#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask compat main:openapi/public/v2.yaml openapi/public/v2.yaml
  cargo xtask compat openapi/released/public-2.0.0.json openapi/public/v2.yaml")]
pub struct Args {
    /// What clients go by today.
    base: String,
    /// What they would meet.
    revision: String,
}

/// Runs the verb.
///
/// # Errors
///
/// When a document cannot be read.
pub fn run(root: &Path, args: &Args) -> Result<ExitCode> {
    let base = Source::open(root, &args.base)?;
    let revision = Source::open(root, &args.revision)?;
    let changes = compat::compare(&base.value, &revision.value);
    let locate = |change: &compat::Change| places(&base, &revision, change);
    render::text(&changes, locate, &mut anstream::stdout().lock())?;
    let breaks = changes.iter().any(|change| change.breaks(today()));
    Ok(ExitCode::from(u8::from(breaks)))
}
