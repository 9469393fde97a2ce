//! What Linux says of a process and of itself, and on which core things run.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use anyhow::{Context, Result};
use serde::Serialize;
use tokio::process::Command;

const GENERATOR_CORE: &str = "0";
const SERVER_CORE: &str = "1";

/// On what the figures were measured.
#[derive(Serialize)]
pub struct Machine {
    pub cpu: String,
    pub cores: usize,
    pub kernel: String,
    pub rustc: String,
    pub commit: String,
    /// Whether the generator and the servers have a core each.
    pub pinned: bool,
    /// False when only the bench itself was tried.
    pub optimised: bool,
}

/// Moves this process to the generator's core; false when that cannot be done here.
pub fn pin_this() -> bool {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let pid = std::process::id().to_string();
    cores > 1 && said("taskset", &["-a", "-cp", GENERATOR_CORE, &pid]).is_some()
}

/// The command that runs `program`, on the servers' core when this process has one of its own.
pub fn command(program: &Path, pinned: bool) -> Command {
    if !pinned {
        return Command::new(program);
    }
    let mut command = Command::new("taskset");
    command.args(["-c", SERVER_CORE]).arg(program);
    command
}

/// User and system time of all threads of a process so far, to the tick of the kernel.
pub fn cpu_time(pid: u32) -> Result<Duration> {
    static TICKS_A_SECOND: LazyLock<u32> = LazyLock::new(|| {
        said("getconf", &["CLK_TCK"])
            .and_then(|text| text.parse().ok())
            .unwrap_or(100)
    });
    let path = format!("/proc/{pid}/stat");
    let stat = std::fs::read_to_string(&path).with_context(|| format!("{path}: needs Linux"))?;
    let ticks = ticks(&stat).with_context(|| format!("{path} is not understood"))?;
    Ok(Duration::from_secs(ticks) / *TICKS_A_SECOND)
}

/// Fields 14 and 15; the second field is a name in brackets that may hold anything.
fn ticks(stat: &str) -> Option<u64> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user + system)
}

/// Resident memory of a process, in MiB.
pub fn rss_mib(pid: u32) -> Result<f64> {
    let path = format!("/proc/{pid}/status");
    let status = std::fs::read_to_string(&path).with_context(|| format!("{path}: needs Linux"))?;
    let kib =
        field(&status, "VmRSS").and_then(|text| text.strip_suffix(" kB")?.parse::<u32>().ok());
    Ok(f64::from(kib.with_context(|| format!("{path} is not understood"))?) / 1024.0)
}

/// Describes the machine and what runs on it.
pub fn describe(root: &Path, pinned: bool, optimised: bool) -> Result<Machine> {
    let cpus = std::fs::read_to_string("/proc/cpuinfo")?;
    let root = root.to_string_lossy();
    let unknown = || "unknown".to_owned();
    Ok(Machine {
        cpu: field(&cpus, "model name").map_or_else(unknown, str::to_owned),
        cores: cpus
            .lines()
            .filter(|line| line.starts_with("processor"))
            .count(),
        kernel: said("uname", &["-r"]).unwrap_or_else(unknown),
        rustc: said("rustc", &["--version"]).unwrap_or_else(unknown),
        commit: said("git", &["-C", &root, "describe", "--always", "--dirty"])
            .unwrap_or_else(unknown),
        pinned,
        optimised,
    })
}

/// The value of the first `name : value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

/// What a program prints; `None` when it is not there or fails.
fn said(program: &str, args: &[&str]) -> Option<String> {
    let output = std::process::Command::new(program)
        .args(args)
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let stat = "7 (a) b (c)) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0";
        assert_eq!(ticks(stat), Some(300));
        assert_eq!(ticks("7 (a) S 1"), None);
    }

    #[test]
    fn fields_are_found_by_their_whole_name() {
        let status = "VmRSSX:\t1 kB\nVmRSS:\t  2048 kB\n";
        assert_eq!(field(status, "VmRSS"), Some("2048 kB"));
        assert_eq!(field(status, "Vm"), None);
    }
}
