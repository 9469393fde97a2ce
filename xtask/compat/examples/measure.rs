//! Compares two files once and prints, as JSON, the findings, the CPU time in milliseconds, how much of it reading took, and the largest
//! resident set in MiB; the latter from /proc, so Linux only.

use serde_json::json;

fn main() {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let read = |name: &str| std::fs::read_to_string(name).map_err(|error| error.to_string());
    let mut forest = compat::document::Forest::default();
    let load = |forest: &mut compat::document::Forest, name: &str| {
        forest
            .load(&read, name)
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let (base, revision) = (load(&mut forest, &names[0]), load(&mut forest, &names[1]));
    let read_ms = spent_ms();
    let report = compat::compare(&forest, base, revision).unwrap_or_else(|error| panic!("{error}"));
    let (findings, cpu_ms, peak_mib) = (report.findings.len(), spent_ms(), peak_mib());
    println!(
        "{}",
        json!({"findings": findings, "cpu_ms": cpu_ms, "read_ms": read_ms, "peak_mib": peak_mib})
    );
}

/// What the only thread has spent so far.
fn spent_ms() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split_whitespace().next();
    nanoseconds
        .and_then(|text| text.parse::<f64>().ok())
        .unwrap_or(0.0)
        / 1e6
}

fn peak_mib() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kib.unwrap_or(0.0) / 1024.0
}
