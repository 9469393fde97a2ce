//! A server as a child process: started, awaited until it answers, and stopped by its pid whatever happens.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

/// How often to see whether the server answers.
const POLL: Duration = Duration::from_millis(5);
/// What a server may take to finish what is in flight.
const DRAIN: Duration = Duration::from_secs(20);

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pid: u32,
    name: String,
}

/// Where a server listens.
#[derive(Clone, Copy)]
pub struct Doors {
    /// For developers and agencies.
    pub public: SocketAddr,
    /// For staff and services.
    pub private: SocketAddr,
}

impl Server {
    /// Starts `command` and waits until it answers HTTP at `address`, whatever it says.
    ///
    /// # Errors
    ///
    /// When the address is taken already, the process ends, or `within` passes.
    pub async fn start(
        mut command: Command,
        address: SocketAddr,
        within: Duration,
    ) -> Result<Server> {
        ensure!(
            TcpStream::connect(address).await.is_err(),
            "{address} is taken; stop what listens there"
        );
        let mut server = Server::spawn(&mut command)?;
        let end = Instant::now() + within;
        // A connection alone proves nothing: the kernel takes it before the server is ready.
        while !matches!(timeout(within, answers(address)).await, Ok(Ok(_))) {
            if let Some(status) = server.child.try_wait()? {
                bail!("{} ended with {status} before it answered", server.name);
            }
            ensure!(
                Instant::now() < end,
                "{} does not answer at {address}",
                server.name
            );
            sleep(POLL).await;
        }
        Ok(server)
    }

    /// Starts `fareway` on ports that it finds itself, and waits until it says where its doors are. `command` is to name the
    /// data folder and whatever else is special.
    ///
    /// # Errors
    ///
    /// When the process ends instead, or `within` passes.
    pub async fn start_fareway(mut command: Command, within: Duration) -> Result<(Server, Doors)> {
        command
            .env("FAREWAY_LISTEN", "127.0.0.1:0")
            .env("FAREWAY_PRIVATE_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped());
        let mut server = Server::spawn(&mut command)?;
        let mut told = BufReader::new(server.child.stdout.take().context("it is piped")?).lines();
        let doors = async {
            let (mut public, mut private) = (None, None);
            while let Some(line) = told.next_line().await? {
                let mut words = line.split_whitespace();
                match (words.next(), words.next()) {
                    (Some("Page"), Some(url)) => public = address_in(url),
                    (Some("Private"), Some(url)) => private = address_in(url),
                    (Some("Ctrl-C"), _) => break,
                    _ => {}
                }
            }
            anyhow::Ok(public.zip(private))
        };
        let Ok(doors) = timeout(within, doors).await else {
            bail!(
                "{} does not say within {within:?} where it listens",
                server.name
            );
        };
        let Some((public, private)) = doors? else {
            bail!("{} ended before it said where it listens", server.name);
        };
        // Nobody else reads it, and it must never be full.
        tokio::spawn(async move { while let Ok(Some(_)) = told.next_line().await {} });
        Ok((server, Doors { public, private }))
    }

    fn spawn(command: &mut Command) -> Result<Server> {
        let name = format!("{:?}", command.as_std());
        let child = command
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("{name} does not start"))?;
        let pid = child
            .id()
            .context("a child has a pid until it is awaited")?;
        Ok(Server { child, pid, name })
    }

    /// The process to look at under /proc.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Asks the server to end as Ctrl-C does, and waits until it has.
    ///
    /// # Errors
    ///
    /// When it does not end in time, or ends with a failure.
    pub async fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill")
            .args(["-INT", &self.pid.to_string()])
            .status()
            .await?;
        ensure!(asked.success(), "{} is gone already", self.name);
        let Ok(status) = timeout(DRAIN, self.child.wait()).await else {
            bail!("{} did not end within {DRAIN:?} of Ctrl-C", self.name);
        };
        let status = status?;
        ensure!(
            status.success(),
            "{} ended with {status} on Ctrl-C",
            self.name
        );
        Ok(())
    }
}

/// The address in `http://address/`.
fn address_in(url: &str) -> Option<SocketAddr> {
    let address = url.strip_prefix("http://")?.trim_end_matches('/');
    address.parse().ok()
}

/// Waits for the first byte of an answer.
async fn answers(address: SocketAddr) -> std::io::Result<u8> {
    let mut stream = TcpStream::connect(address).await?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .await?;
    stream.read_u8().await
}
