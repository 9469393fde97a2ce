//! The outside view of the platform: the real server, raw HTTP, the contract as the judge.
//!
//! One binary with a list of tests instead of libtest, because a verdict comes after the last of them: whether every documented
//! answer of every operation was witnessed. It is given when all tests ran and passed, not with a filter.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

mod bounds;
mod connections;
mod crash;
mod examples;
mod fixtures;
mod hammer;
mod keys;
mod neighbours;
mod pages;
mod public_v2;
mod rates;
mod readme;
mod refusals;
mod support;

fn trials() -> Vec<Trial> {
    [
        bounds::trials(),
        connections::trials(),
        crash::trials(),
        examples::trials(),
        fixtures::trials(),
        hammer::trials(),
        keys::trials(),
        neighbours::trials(),
        pages::trials(),
        public_v2::trials(),
        rates::trials(),
        readme::trials(),
        refusals::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let partial = arguments.list
        || arguments.ignored
        || arguments.filter.is_some()
        || !arguments.skip.is_empty();
    let conclusion = libtest_mimic::run(&arguments, trials());
    support::block_on(support::app::App::stop_shared());
    if partial || conclusion.has_failed() {
        return conclusion.exit_code();
    }
    match support::coverage::verdict(&support::contract::PUBLIC_V2) {
        Ok(summary) => {
            println!("{summary}");
            ExitCode::SUCCESS
        }
        Err(faults) => {
            eprintln!("{faults}");
            ExitCode::FAILURE
        }
    }
}
