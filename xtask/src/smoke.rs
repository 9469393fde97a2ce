//! `cargo xtask smoke`: the commands of README.md as a newcomer would paste them.
//!
//! The fenced blocks opened with "```sh smoke" are run as they stand: the first starts the server, the others talk to it, each in
//! a shell that ends at the first command that fails. The tour, which is the second, must end with an order that is cancelled and
//! refunded. Only the folder of the databases differs from a paste.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;
use tokio::time::timeout;

use crate::finding::Finding;
use crate::process::Server;

const README: &str = "README.md";
const FENCE: &str = "```sh smoke";

/// Where `cargo run` listens when nothing is set.
const DOOR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
/// A first build on a small machine, and the start.
const START_WITHIN: Duration = Duration::from_secs(30 * 60);
/// The tour takes two minutes by hand.
const TOUR_WITHIN: Duration = Duration::from_secs(60);

/// Runs the README's blocks; what is wrong with them, if anything.
///
/// # Errors
///
/// When README.md lacks the blocks, the server does not start, or it does not end well.
#[tokio::main(flavor = "current_thread")]
pub async fn gate(root: &Path) -> Result<Vec<Finding>> {
    let text = std::fs::read_to_string(root.join(README)).context(README)?;
    let blocks = blocks(&text);
    let [(_, start), tour @ ..] = &blocks[..] else {
        anyhow::bail!("{README}: no block opens with {FENCE}");
    };
    ensure!(
        !tour.is_empty(),
        "{README}: only one block opens with {FENCE}; mark the tour, too"
    );

    let data = tempfile::tempdir()?;
    // `exec`, so that the pid is the server's and not the shell's.
    let mut command = Command::new("sh");
    command
        .args(["-c", &format!("exec {}", start.trim())])
        .current_dir(root)
        .env("FAREWAY_DATA_DIR", data.path());
    let server = Server::start(command, DOOR, START_WITHIN).await?;

    let mut findings = Vec::new();
    let mut outputs = Vec::new();
    for (line, block) in tour {
        let run = Command::new("sh")
            .args(["-euc", block])
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let done = timeout(TOUR_WITHIN, run).await.with_context(|| {
            format!("{README}:{line}: the block does not end within {TOUR_WITHIN:?}")
        })??;
        let output = String::from_utf8_lossy(&done.stdout).into_owned();
        anstream::print!("{output}");
        outputs.push(output);
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            findings.push(Finding::new(
                README,
                *line,
                format!("the block fails with {}: {}", done.status, said.trim()),
                "paste it yourself and mend what it shows",
            ));
        }
    }
    server.stop().await?;
    if findings.is_empty() && !is_cancelled_and_refunded(&outputs[0]) {
        findings.push(Finding::new(
            README,
            tour[0].0,
            "the tour does not end with an order that is cancelled and refunded",
            "paste it yourself and mend what its output shows",
        ));
    }
    Ok(findings)
}

/// The marked blocks, each with the line of its fence.
fn blocks(text: &str) -> Vec<(usize, String)> {
    let mut blocks: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            open = line.trim_end() == FENCE;
            if open {
                blocks.push((at + 1, String::new()));
            }
        } else if let (true, Some((_, block))) = (open, blocks.last_mut()) {
            block.push_str(line);
            block.push('\n');
        }
    }
    blocks
}

/// Whether the output ends with the states of such an order.
fn is_cancelled_and_refunded(output: &str) -> bool {
    let mut last = output.trim_end().lines().rev();
    let refunded = [
        r#""payment_status":"refunded""#,
        r#""payment_status":"partially_refunded""#,
    ];
    last.next().is_some_and(|line| refunded.contains(&line))
        && last.next() == Some(r#""status":"cancelled""#)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marked_blocks_are_run() {
        let text = "# A\n```sh smoke\ncargo run\n```\n```sh\nrm\n```\n```sh smoke\ncurl a\n\ncurl b\n```\n";
        assert_eq!(
            blocks(text),
            [
                (2, "cargo run\n".to_owned()),
                (8, "curl a\n\ncurl b\n".to_owned())
            ]
        );
    }

    #[test]
    fn the_last_lines_decide() {
        let cancelled = "\"status\":\"cancelled\"\n\"payment_status\":\"refunded\"\n";
        let ticketed = "\"status\":\"ticketed\"\n\"payment_status\":\"paid\"\n";
        for (output, well) in [
            (format!("{ticketed}{cancelled}"), true),
            (cancelled.replace("refunded", "partially_refunded"), true),
            (format!("{cancelled}{ticketed}"), false),
            (String::new(), false),
            ("curl: (7)".to_owned(), false),
        ] {
            assert_eq!(is_cancelled_and_refunded(&output), well, "{output}");
        }
    }
}
