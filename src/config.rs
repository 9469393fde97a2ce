//! What can be set, by flag or by environment: the only reader of the environment.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Fareway: search, sell, pay for and look after flights, through contracts that do not break.
#[derive(Debug, Parser)]
#[command(version, about, long_about = None, after_help = "Without a verb, `fareway` serves everything in one process.")]
pub struct Cli {
    /// What to do; to serve everything when left out.
    #[command(subcommand)]
    pub verb: Option<Verb>,
    /// The flags of `serve`, for when the verb is left out.
    #[command(flatten)]
    pub serve: Serve,
}

/// What the program can be asked to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Run the platform: every service in this process, or those that are named.
    #[command(
        after_help = "Examples:\n  fareway serve\n  fareway serve flights --rpc-listen 127.0.0.1:9001\n  \
        fareway serve edge booking billing identity notify --flights-url http://127.0.0.1:9001"
    )]
    Serve(ServeSome),
    /// Print a contract, or what the compiled program reports of itself.
    Contract {
        /// Audience and major version, such as `public/v2`.
        name: String,
        /// The document collected from the mounted routes instead of the written contract.
        #[arg(long)]
        reported: bool,
    },
    /// Load the world's timetable and say what is in it.
    World {
        /// Also list a week's flights between two airports, such as `LHR JFK`.
        #[arg(num_args = 2, value_names = ["ORIGIN", "DESTINATION"])]
        pair: Vec<String>,
    },
}

/// `serve` with the services that shall run here.
#[derive(Debug, Args)]
pub struct ServeSome {
    /// Services to run in this process; all when none is named.
    #[arg(value_enum)]
    pub services: Vec<Service>,
    /// How to run them.
    #[command(flatten)]
    pub serve: Serve,
}

impl ServeSome {
    /// The services to run: those named, or all.
    pub fn services(&self) -> BTreeSet<Service> {
        if self.services.is_empty() {
            Service::all()
        } else {
            self.services.iter().copied().collect()
        }
    }
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Address of the public and the partner door; port 0 takes a free one.
    #[arg(long, env = "FAREWAY_LISTEN", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Address of the private door, for staff and services; port 0 takes a free one. Keep it to the machine or to a network of
    /// your own.
    #[arg(long, env = "FAREWAY_PRIVATE_LISTEN", default_value = "127.0.0.1:8081")]
    pub private_listen: SocketAddr,
    /// File with the secret of the live world's administrator, `cli_admin`, who is made at the first start with it and has every
    /// role at the private door.
    #[arg(long, env = "FAREWAY_ADMIN_SECRET_FILE")]
    pub admin_secret_file: Option<PathBuf>,
    /// Address where the services of this process answer gRPC; not opened when left out. Whoever reaches it is believed: keep
    /// it to the machine or to a network of your own.
    #[arg(long, env = "FAREWAY_RPC_LISTEN")]
    pub rpc_listen: Option<SocketAddr>,
    /// Where the flights service answers gRPC, when it does not run here.
    #[arg(long, env = "FAREWAY_FLIGHTS_URL")]
    pub flights_url: Option<String>,
    /// Folder of the databases and keys, each service's for one process at a time; made when missing. Without its keys, tokens, webhook
    /// secrets and the audit cannot be checked.
    #[arg(long, env = "FAREWAY_DATA_DIR", default_value = ".fareway")]
    pub data_dir: PathBuf,
    /// Do not open the sandbox: its published key is refused.
    #[arg(long, env = "FAREWAY_NO_SANDBOX")]
    pub no_sandbox: bool,
    /// Send webhooks to this machine and its private networks as well, and without TLS. For trying them out; never where others
    /// have accounts.
    #[arg(long, env = "FAREWAY_LOCAL_WEBHOOKS")]
    pub local_webhooks: bool,
    /// Requests a minute that one key may make, for each of search, book and read.
    #[arg(long, env = "FAREWAY_RATE_PER_MINUTE", default_value_t = 6000)]
    pub rate_per_minute: u32,
    /// What to log, as for `tracing`: `info`, `fareway=debug`, ...
    #[arg(long, env = "FAREWAY_LOG", default_value = "info")]
    pub log: String,
}

/// A service of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Service {
    /// The doors: REST, documentation, authentication.
    Edge,
    /// Timetable, offers, prices, seats.
    Flights,
    /// Orders and tickets.
    Booking,
    /// Payments, refunds and the ledger.
    Billing,
    /// Accounts, keys and the clocks of worlds.
    Identity,
    /// The event feed.
    Notify,
}

impl Service {
    /// Every service.
    pub fn all() -> BTreeSet<Self> {
        Self::value_variants().iter().copied().collect()
    }

    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Flights => "flights",
            Self::Booking => "booking",
            Self::Billing => "billing",
            Self::Identity => "identity",
            Self::Notify => "notify",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_service_named_means_all() {
        let cli = Cli::parse_from(["fareway", "serve"]);
        let Some(Verb::Serve(some)) = cli.verb else {
            panic!("{cli:?} is not to serve")
        };
        assert_eq!(some.services(), Service::all());
    }
}
