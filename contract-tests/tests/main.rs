//! The outside view of the platform: the real server, raw HTTP, the contract as the judge.
//!
//! One binary with a list of tests instead of libtest, because a verdict comes after the last of them: whether every documented
//! answer of every operation was witnessed. It is given when all tests ran and passed, not with a filter.

use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

mod at_once;
mod audiences;
mod bodies;
mod bounds;
mod candidates;
mod conditions;
mod connections;
mod crash;
mod crosswise;
mod deletions;
mod deliveries;
mod examples;
mod fixtures;
mod hammer;
mod integers;
mod keys;
mod locations;
mod methods;
mod neighbours;
mod one_key;
mod pages;
mod pages_of_lists;
mod partner_v1;
mod paths;
mod private_v1;
mod public_v1;
mod public_v2;
mod rates;
mod readme;
mod refusals;
mod released;
mod support;
mod tenants;
mod webhook_endpoints;

fn trials() -> Vec<Trial> {
    [
        at_once::trials(),
        audiences::trials(),
        bodies::trials(),
        bounds::trials(),
        candidates::trials(),
        conditions::trials(),
        connections::trials(),
        crash::trials(),
        crosswise::trials(),
        deletions::trials(),
        deliveries::trials(),
        examples::trials(),
        fixtures::trials(),
        hammer::trials(),
        integers::trials(),
        keys::trials(),
        locations::trials(),
        methods::trials(),
        neighbours::trials(),
        one_key::trials(),
        pages::trials(),
        pages_of_lists::trials(),
        partner_v1::trials(),
        paths::trials(),
        private_v1::trials(),
        public_v1::trials(),
        public_v2::trials(),
        rates::trials(),
        readme::trials(),
        refusals::trials(),
        released::trials(),
        tenants::trials(),
        webhook_endpoints::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let partial = arguments.list
        || arguments.ignored
        || arguments.filter.is_some()
        || !arguments.skip.is_empty();
    let mut trials = trials();
    // Several filters, of which one has to fit, stand in one argument.
    if let Some(filter) = arguments.filter.take_if(|filter| filter.contains('|')) {
        trials.retain(|trial| filter.split('|').any(|part| trial.name().contains(part)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    support::block_on(support::app::App::stop_shared());
    if partial || conclusion.has_failed() {
        return conclusion.exit_code();
    }
    match support::coverage::verdict() {
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
