//! What journeys run against: a server of their own in a fresh world, and a door before it that cuts connections.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use regex::Regex;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use super::api::{Api, Credential};
use super::cutter;
use crate::process::Server;
use crate::sandbox;

/// A start on a small machine.
const START_WITHIN: Duration = Duration::from_secs(60);
/// A journey takes seconds.
const JOURNEY_WITHIN: Duration = Duration::from_secs(120);

/// A running server, and the doors to it.
pub struct Stand {
    runtime: Runtime,
    server: Server,
    doors: [Door; 2],
    _data: TempDir,
}

/// A listener of the server, and the one before it that cuts.
struct Door {
    straight: SocketAddr,
    cutting: SocketAddr,
}

/// What a journey printed: a line for each of its parts.
pub struct Ran {
    pub said: String,
    /// Why it failed, when it did.
    pub error: Option<String>,
}

impl Ran {
    /// It failed when what it printed is not like this.
    pub fn expected(mut self, prints: &Regex) -> Ran {
        if self.error.is_none() && !prints.is_match(&self.said) {
            self.error = Some(format!("{:?} is not like {prints}", self.said));
        }
        self
    }

    /// Whether it ended well and had something to say.
    pub fn is_well(&self) -> bool {
        self.error.is_none() && !self.said.trim().is_empty()
    }
}

impl Stand {
    /// Builds the server and starts it.
    ///
    /// # Errors
    ///
    /// When it does not build or start.
    pub fn start(root: &Path) -> Result<Stand> {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "fareway"])
            .current_dir(root)
            .status()
            .context("cargo cannot be started")?;
        ensure!(
            built.success(),
            "the server does not build; run `cargo build` and mend what it shows"
        );
        let data = tempfile::tempdir()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let mut command = tokio::process::Command::new(root.join("target/debug/fareway"));
        command
            .current_dir(data.path())
            .env("FAREWAY_DATA_DIR", data.path())
            .env("FAREWAY_LOG", "error");
        let (server, doors) = runtime.block_on(async {
            let (server, listens) = Server::start_fareway(command, START_WITHIN).await?;
            let mut doors = Vec::new();
            for straight in [listens.public, listens.private] {
                let cutting = cutter::open(straight).await?;
                doors.push(Door { straight, cutting });
            }
            anyhow::Ok((server, doors))
        })?;
        let doors = doors.try_into().ok().context("two doors")?;
        Ok(Stand {
            runtime,
            server,
            doors,
            _data: data,
        })
    }

    /// Runs a journey of a client of `api`. It finds the server in its environment: `FAREWAY_URL`, and `FAREWAY_CUTTING_URL` where
    /// the first answer to each keyed request is lost; `FAREWAY_KEY`, or `FAREWAY_CLIENT_ID` and `FAREWAY_CLIENT_SECRET`.
    ///
    /// # Errors
    ///
    /// When it cannot be started or does not end.
    pub fn run(&self, journey: Command, api: &Api) -> Result<Ran> {
        let [public, private] = &self.doors;
        let door = if api.audience == "private" {
            private
        } else {
            public
        };
        let name = format!("{journey:?}");
        let mut journey = tokio::process::Command::from(journey);
        journey
            .env("FAREWAY_URL", format!("http://{}", door.straight))
            .env("FAREWAY_CUTTING_URL", format!("http://{}", door.cutting))
            .stdin(std::process::Stdio::null())
            .kill_on_drop(true);
        match api.credential {
            Credential::Key => {
                journey.env("FAREWAY_KEY", sandbox::KEY);
            }
            Credential::Client => {
                let (id, secret) = match api.audience.as_str() {
                    "private" => sandbox::STAFF,
                    _ => sandbox::AGENCY,
                };
                journey
                    .env("FAREWAY_CLIENT_ID", id)
                    .env("FAREWAY_CLIENT_SECRET", secret);
            }
        }
        let output = self
            .runtime
            .block_on(async { timeout(JOURNEY_WITHIN, journey.output()).await })
            .with_context(|| format!("{name} does not end within {JOURNEY_WITHIN:?}"))?
            .with_context(|| format!("{name} cannot be started"))?;
        let error = (!output.status.success()).then(|| {
            format!(
                "{name} ended with {}: {}",
                output.status,
                String::from_utf8_lossy(&output.stderr).trim()
            )
        });
        Ok(Ran {
            said: String::from_utf8_lossy(&output.stdout).into_owned(),
            error,
        })
    }

    /// Stops the server.
    ///
    /// # Errors
    ///
    /// When it does not end well.
    pub fn stop(self) -> Result<()> {
        self.runtime.block_on(self.server.stop())
    }
}
