//! How long it takes to compare large contracts, and how much memory: generated pairs of three sizes, in which one schema changes that
//! every operation meets, and schemas refer to each other in a circle. Each pair is compared in a process of its own.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

const SIZES_MB: [u32; 3] = [1, 4, 16];
const FORMATS: [&str; 2] = ["json", "yaml"];
/// The least of these counts: others on the machine only ever add to it.
const RUNS: usize = 3;

/// What the example `measure` prints.
#[derive(Clone, Copy, Deserialize)]
struct Figures {
    findings: usize,
    cpu_ms: f64,
    read_ms: f64,
    peak_mib: f64,
}

/// Builds the examples of the engine, generates pairs, and prints a table.
///
/// # Errors
///
/// When something does not build, or a pair cannot be compared.
pub fn run(root: &Path, dry: bool) -> Result<()> {
    let mut what = vec!["--package", "compat", "--examples"];
    what.extend((!dry).then_some("--release"));
    super::build(root, &what)?;
    let profile = if dry { "debug" } else { "release" };
    let examples = root.join("target").join(profile).join("examples");
    let folder = tempfile::tempdir()?;
    let sizes = if dry { &SIZES_MB[..1] } else { &SIZES_MB[..] };
    let mut rows = Vec::new();
    for format in FORMATS {
        for size in sizes {
            let path = |side: &str| {
                let path = folder.path().join(format!("{side}-{size}.{format}"));
                path.display().to_string()
            };
            if !Path::new(&path("base")).exists() {
                let folder = folder.path().display().to_string();
                said(&examples.join("generate"), &[&size.to_string(), &folder])?;
            }
            let mut best: Option<Figures> = None;
            for _ in 0..RUNS {
                let text = said(
                    &examples.join("measure"),
                    &[&path("base"), &path("revision")],
                )?;
                let figures: Figures = serde_json::from_str(&text)?;
                best = best
                    .filter(|best| best.cpu_ms <= figures.cpu_ms)
                    .or(Some(figures));
            }
            rows.push((format, *size, best.context("there is a run")?));
        }
    }
    anstream::println!("{}", table(&rows));
    Ok(())
}

fn said(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.with_context(|| format!("{} cannot be run", program.display()))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(
        output.status.success(),
        "{} {} failed: {errors}",
        program.display(),
        arguments.join(" ")
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn table(rows: &[(&str, u32, Figures)]) -> String {
    let mut text = "| pair | CPU | of it to read | peak memory | findings | CPU against the size below, for so much more |\n|---|---|---|---|---|---|\n".to_owned();
    for (at, (format, size, figures)) in rows.iter().enumerate() {
        let below = at.checked_sub(1).map(|below| &rows[below]);
        let ratio = below
            .filter(|(other, ..)| other == format)
            .map(|(_, other, below)| {
                let more = f64::from(*size) / f64::from(*other);
                format!("{:.1} × for {more:.0} ×", figures.cpu_ms / below.cpu_ms)
            });
        text.push_str(&format!(
            "| {size} MB {format} | {:.2} s | {:.2} s | {:.0} MiB | {} | {} |\n",
            figures.cpu_ms / 1e3,
            figures.read_ms / 1e3,
            figures.peak_mib,
            figures.findings,
            ratio.unwrap_or_default()
        ));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_is_set_beside_the_one_below_of_its_format() {
        let figures = |cpu_ms: f64| Figures {
            findings: 2,
            cpu_ms,
            read_ms: 10.0,
            peak_mib: 28.4,
        };
        let rows = [
            ("json", 1, figures(50.0)),
            ("json", 4, figures(210.0)),
            ("yaml", 1, figures(90.0)),
        ];
        let table = table(&rows);
        let lines: Vec<&str> = table.lines().skip(2).collect();
        assert_eq!(lines[0], "| 1 MB json | 0.05 s | 0.01 s | 28 MiB | 2 |  |");
        assert!(lines[1].ends_with("| 2 | 4.2 × for 4 × |"), "{}", lines[1]);
        assert!(lines[2].ends_with("| 2 |  |"), "{}", lines[2]);
    }
}
