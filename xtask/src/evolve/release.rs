//! `cargo xtask release`: freezes a revision. It bundles the working contract, writes the copy that nobody may edit, its digest
//! and its entry in the changelog, and refuses whatever the gates would refuse afterwards.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use jiff::civil::Date;

use super::contracts::{Contract, find};
use super::index::Index;
use super::{Version, changelog, compatible, frozen, lifecycle, proto, today};
use crate::finding::Finding;
use crate::{generate, lint};

/// Freeze a revision of a contract: `public 2.1.0`, or of the internal contracts: `proto 1.1.0`
///
/// Writes openapi/released/<audience>-<version>.json (or proto/released/<version>/), its digest in openapi/released/index.toml, the
/// day in openapi/CHANGELOG.md, and the table that the server serves released revisions from. Nothing of it may be edited later.
#[derive(clap::Args)]
pub struct Args {
    /// `public`, `partner`, `private` or `proto`
    audience: String,
    /// What `info.version` of the contract says, as in `2.1.0`
    version: Version,
    /// Freeze the fixtures recorded since in contract-tests/released/<audience>-<version>/ for a revision that is released
    #[arg(long)]
    fixtures: bool,
}

/// Runs the verb.
///
/// # Errors
///
/// When the revision may not be released: the message says what is in the way and what to do.
pub fn run(root: &Path, args: &Args) -> Result<()> {
    let files = match args.fixtures {
        true => fixtures(
            root,
            &format!("{}-{}", args.audience, args.version),
            today(),
        )?,
        false => release(root, &args.audience, args.version, today())?,
    };
    for file in files {
        println!("released {file}");
    }
    generate::run(root, &generate::Args::default())
}

/// Freezes a revision, and the fixtures that are there for it; gives the new files.
///
/// # Errors
///
/// As [`run`].
pub fn release(root: &Path, audience: &str, version: Version, today: Date) -> Result<Vec<String>> {
    let revision = format!("{audience}-{version}");
    // Fixtures that were recorded before the release are frozen by it.
    let recorded = Path::new(frozen::FIXTURES).join(&revision);
    let mut changed = frozen::gate(root)?;
    changed.retain(|finding| !finding.path.starts_with(&recorded));
    clear("frozen", changed)?;
    let mut files = match audience {
        "proto" => freeze_proto(root, version, today)?,
        audience => vec![freeze(root, audience, version, today)?],
    };
    let mut index = Index::read(root)?;
    for file in &files {
        index.add(root, file, today)?;
    }
    files.extend(fixtures(root, &revision, today)?);
    Ok(files)
}

fn freeze(root: &Path, audience: &str, version: Version, today: Date) -> Result<String> {
    let contract = find(root, audience, version)?;
    let at = contract.position("/info/version");
    let file = format!("openapi/released/{audience}-{version}.json");
    ensure!(
        !root.join(&file).exists()
            && contract
                .released
                .iter()
                .all(|released| released.version != version),
        "{file} is released already and is never written again; raise `info.version` at {at} and release that"
    );
    ensure!(
        contract.version == version,
        "{at}: `info.version` is {}, and you asked to release {version}; release {audience} {}, or write `version: {version}`",
        contract.version,
        contract.version
    );
    clear("lint", lint::gate(root)?)?;
    let breaks = compatible::breaks(&contract, today)?;
    clear(
        "compat",
        breaks.iter().map(compatible::Break::finding).collect(),
    )?;
    clear("lifecycle", lifecycle::check(&contract, today)?)?;
    clear(
        "version",
        compatible::misnumbered(&contract, today)?
            .into_iter()
            .collect(),
    )?;
    let heading = changelog::heading(audience, version.major);
    changelog::write(root, today, Some((&heading, version)))?;
    write(root, &file, &contract)?;
    Ok(file)
}

fn write(root: &Path, file: &str, contract: &Contract) -> Result<()> {
    let text = serde_json::to_string_pretty(&contract.document.value)? + "\n";
    let path = root.join(file);
    fs::create_dir_all(path.parent().context("a released file has a folder")?)?;
    fs::write(path, text).with_context(|| format!("cannot write {file}"))
}

fn freeze_proto(root: &Path, version: Version, today: Date) -> Result<Vec<String>> {
    let wanted = match proto::released(root)?.last() {
        None => Version {
            major: 1,
            minor: 0,
            patch: 0,
        },
        Some(newest) => {
            clear("compat", proto::breaks(root)?)?;
            let changes = proto::changes_since(root, *newest)?;
            match proto::step(&changes) {
                Some(compatible::Step::None) | None => {
                    bail!("nothing changed in proto/ since {newest}; there is nothing to release")
                }
                Some(step) => newest.after(step),
            }
        }
    };
    ensure!(
        version == wanted,
        "the next version of proto is {wanted}: run `cargo xtask release proto {wanted}`"
    );
    changelog::write(root, today, Some((changelog::PROTO, version)))?;
    proto::freeze(root, version)
}

/// Adds the digests of recorded fixtures that have none yet; gives the files.
///
/// # Errors
///
/// When the revision is not released, or the index cannot be written.
pub fn fixtures(root: &Path, revision: &str, today: Date) -> Result<Vec<String>> {
    let mut index = Index::read(root)?;
    let is_released = index.released.iter().any(|entry| {
        entry.file == format!("openapi/released/{revision}.json")
            || entry.file.starts_with(&format!(
                "{}/",
                revision.replacen("proto-", "proto/released/", 1)
            ))
    });
    ensure!(
        is_released,
        "{revision} is not released; its fixtures are frozen with it or after it"
    );
    let folder = format!("{}/{revision}/", frozen::FIXTURES);
    let mut files = frozen::files(root)?;
    files.retain(|file| {
        file.starts_with(&folder) && index.released.iter().all(|entry| entry.file != *file)
    });
    for file in &files {
        index.add(root, file, today)?;
    }
    Ok(files)
}

/// Nothing that a gate would find stands in the way.
fn clear(gate: &str, findings: Vec<Finding>) -> Result<()> {
    let findings: Vec<String> = findings
        .iter()
        .filter(|finding| !finding.note)
        .map(ToString::to_string)
        .collect();
    ensure!(
        findings.is_empty(),
        "nothing is released while the gate {gate} finds something:\n{}",
        findings.join("\n")
    );
    Ok(())
}
