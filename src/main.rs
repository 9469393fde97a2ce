//! The command line, and nothing else.

use std::io;
use std::process::ExitCode;

use clap::Parser;
use fareway::config::{Cli, Service, Verb};
use fareway::serve;
use mimalloc::MiMalloc;

/// What one thread allocates here, another often frees: statements and rows go to and from the threads of the databases.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.verb {
        None => serve::run(Service::all(), cli.serve),
        Some(Verb::Serve(some)) => serve::run(some.services(), some.serve),
        Some(Verb::Contract { name, reported }) => serve::print_contract(&name, reported),
        Some(Verb::World { pair }) => serve::print_world(&pair),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads our output, such as `head`, has read enough.
        Err(error)
            if error
                .downcast_ref::<io::Error>()
                .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) =>
        {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("fareway: {error:#}");
            ExitCode::FAILURE
        }
    }
}
