//! The load generator: keep-alive connections that each send the next request as soon as the last is answered.
//!
//! Raw HTTP/1.1 over prepared bytes, so that it costs less than the servers it drives. It reads answers with a Content-Length,
//! and takes any status but 201 for a failure of the run.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Serialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::machine;

/// Clients at once.
pub const CONNECTIONS: usize = 64;
/// Caches and branch predictors are warm after this.
const WARM_UP: Duration = Duration::from_millis(500);

/// What a window of load showed.
#[derive(Clone, Copy, Serialize)]
pub struct Load {
    pub requests: usize,
    pub per_second: f64,
    /// CPU time of the server's process a request, user and system, in microseconds.
    pub cpu_us: f64,
    /// Part of the window that the server spent on a CPU; 1 is one core.
    pub cpu_share: f64,
    pub p50_us: u32,
    pub p99_us: u32,
    /// Mean size of a body.
    pub body_bytes: usize,
}

/// A connection and what it has read beyond the last answer.
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

struct Shared {
    requests: Vec<Vec<u8>>,
    next: AtomicUsize,
    phase: AtomicU8,
}

const WARMING: u8 = 0;
const COUNTING: u8 = 1;
const OVER: u8 = 2;

/// What one connection saw while it counted.
#[derive(Default)]
struct Tally {
    latencies_us: Vec<u32>,
    bytes: usize,
}

/// Loads the server `pid` at `address` for `window` after a warm-up, taking the requests in turn.
pub async fn run(
    pid: u32,
    address: SocketAddr,
    requests: &[Vec<u8>],
    window: Duration,
) -> Result<Load> {
    let shared = Arc::new(Shared {
        requests: requests.to_vec(),
        next: AtomicUsize::new(0),
        phase: AtomicU8::new(WARMING),
    });
    let mut connections = JoinSet::new();
    for _ in 0..CONNECTIONS {
        connections.spawn(drive(address, Arc::clone(&shared)));
    }
    tokio::time::sleep(WARM_UP).await;
    let (cpu, begun) = (machine::cpu_time(pid)?, Instant::now());
    shared.phase.store(COUNTING, Ordering::Relaxed);
    tokio::time::sleep(window).await;
    shared.phase.store(OVER, Ordering::Relaxed);
    let elapsed = begun.elapsed().as_secs_f64();
    let cpu = (machine::cpu_time(pid)?.saturating_sub(cpu)).as_secs_f64();

    let mut all = Tally::default();
    while let Some(tally) = connections.join_next().await {
        all.add(tally??);
    }
    ensure!(
        !all.latencies_us.is_empty(),
        "{address} answered nothing within {window:?}"
    );
    Ok(all.load(elapsed, cpu))
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.latencies_us.extend(other.latencies_us);
        self.bytes += other.bytes;
    }

    /// What it comes to, for so many seconds and so many seconds of CPU time.
    fn load(mut self, elapsed: f64, cpu: f64) -> Load {
        self.latencies_us.sort_unstable();
        let requests = self.latencies_us.len();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a window holds fewer than 2^52 requests"
        )]
        let count = requests as f64;
        Load {
            requests,
            per_second: count / elapsed,
            cpu_us: cpu * 1e6 / count,
            cpu_share: cpu / elapsed,
            p50_us: self.latencies_us[requests / 2],
            p99_us: self.latencies_us[requests * 99 / 100],
            body_bytes: self.bytes / requests,
        }
    }
}

/// Sends each of the requests once, and waits for the last answer.
///
/// # Errors
///
/// When an answer is no 201.
pub async fn drain(pid: u32, address: SocketAddr, requests: Vec<Vec<u8>>) -> Result<Load> {
    let shared = Arc::new((requests, AtomicUsize::new(0)));
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        connections.push(Connection::open(address).await?);
    }
    let (cpu, begun) = (machine::cpu_time(pid)?, Instant::now());
    let mut clients = JoinSet::new();
    for mut connection in connections {
        let shared = Arc::clone(&shared);
        clients.spawn(async move {
            let mut tally = Tally::default();
            let (requests, next) = &*shared;
            while let Some(request) = requests.get(next.fetch_add(1, Ordering::Relaxed)) {
                let begun = Instant::now();
                tally.bytes += connection.ask(request).await?.len();
                let latency = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
                tally.latencies_us.push(latency);
            }
            anyhow::Ok(tally)
        });
    }
    let mut all = Tally::default();
    while let Some(tally) = clients.join_next().await {
        all.add(tally??);
    }
    let elapsed = begun.elapsed().as_secs_f64();
    let cpu = machine::cpu_time(pid)?.saturating_sub(cpu).as_secs_f64();
    Ok(all.load(elapsed, cpu))
}

async fn drive(address: SocketAddr, shared: Arc<Shared>) -> Result<Tally> {
    let mut connection = Connection::open(address).await?;
    let mut tally = Tally::default();
    loop {
        let at = shared.next.fetch_add(1, Ordering::Relaxed) % shared.requests.len();
        let begun = Instant::now();
        let bytes = connection.ask(&shared.requests[at]).await?.len();
        match shared.phase.load(Ordering::Relaxed) {
            WARMING => {}
            COUNTING => {
                let latency = u32::try_from(begun.elapsed().as_micros()).unwrap_or(u32::MAX);
                tally.latencies_us.push(latency);
                tally.bytes += bytes;
            }
            _ => return Ok(tally),
        }
    }
}

impl Connection {
    pub async fn open(address: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            buffer: Vec::with_capacity(64 * 1024),
        })
    }

    /// Sends a request and returns the body of its answer.
    ///
    /// # Errors
    ///
    /// When the connection ends, or the answer is no 201 with a Content-Length.
    pub async fn ask(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.buffer.clear();
        self.stream.write_all(request).await?;
        let (head, length) = loop {
            ensure!(
                self.stream.read_buf(&mut self.buffer).await? > 0,
                "the server hung up"
            );
            if let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                break (at + 4, content_length(&self.buffer[..at])?);
            }
        };
        while self.buffer.len() < head + length {
            ensure!(
                self.stream.read_buf(&mut self.buffer).await? > 0,
                "the server hung up"
            );
        }
        let body = &self.buffer[head..];
        if !self.buffer.starts_with(b"HTTP/1.1 201") {
            bail!(
                "an answer is no 201: {}",
                String::from_utf8_lossy(&self.buffer)
            );
        }
        Ok(body)
    }
}

fn content_length(head: &[u8]) -> Result<usize> {
    let head = std::str::from_utf8(head).context("a head is not text")?;
    let mut fields = head.lines().filter_map(|line| line.split_once(':'));
    let (_, length) = fields
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .with_context(|| format!("an answer without Content-Length: {head}"))?;
    Ok(length.trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::super::floor;
    use super::*;

    fn request(path: &str) -> Vec<u8> {
        format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{{}}")
            .into_bytes()
    }

    #[tokio::test]
    async fn a_connection_gets_the_floors_bytes_again_and_again_and_no_failure_passes_for_an_answer()
     {
        let large = "x".repeat(200_000);
        let answers = vec!["{}".into(), large.clone().into()];
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let server = tokio::spawn(async { axum::serve(listener, floor::router(answers)).await });
        let mut connection = Connection::open(address).await.expect("the floor listens");
        for (path, body) in [("/0", "{}"), ("/1", &large), ("/0", "{}")] {
            let answer = connection
                .ask(&request(path))
                .await
                .expect("the floor answers");
            assert_eq!(answer, body.as_bytes(), "{path}");
        }
        let missing = connection
            .ask(&request("/2"))
            .await
            .expect_err("there is no third answer");
        assert!(
            missing
                .to_string()
                .starts_with("an answer is no 201: HTTP/1.1 404"),
            "{missing}"
        );
        server.abort();
    }
}
