//! What the tests stand on: the server, clients that speak for one account, and the contract as the judge of every answer.

use std::future::Future;
use std::sync::LazyLock;

use contract::{Contract, contracts};
use libtest_mimic::Trial;
use tokio::runtime::{Builder, Runtime};

pub mod app;
pub mod audit;
pub mod client;
pub mod contract;
pub mod coverage;
pub mod judge;
pub mod mask;
pub mod process;
pub mod raw;
pub mod recording;
pub mod sample;
pub mod traveller;
pub mod variants;

/// One for all tests, since they share a server.
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime can be built")
});

/// Runs to the end on the runtime that all tests share.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    RUNTIME.block_on(future)
}

/// Most times that something is looked at until it is so. Each look is an exchange with the server, so this is no busy loop.
const LOOKS_MAX: usize = 2000;

/// What `look` sees once it sees anything: what happens after an answer (events, above all) is seen a little later.
pub async fn eventually<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    for _ in 0..LOOKS_MAX {
        if let Some(seen) = look().await {
            return seen;
        }
    }
    panic!("{what} did not happen")
}

/// A test, named by where it stands.
pub fn trial<F: Future<Output = ()> + 'static>(path: &str, test: fn() -> F) -> Trial {
    Trial::test(path.trim_start_matches("contract::"), move || {
        block_on(test());
        Ok(())
    })
}

/// A test of each contract, named by where it stands and by the contract.
pub fn trial_each<F: Future<Output = ()> + 'static>(
    path: &str,
    test: fn(&'static Contract) -> F,
) -> Vec<Trial> {
    let path = path.trim_start_matches("contract::");
    contracts()
        .map(|contract| {
            let name = format!("{path}::{}", contract.module());
            Trial::test(name, move || {
                block_on(test(contract));
                Ok(())
            })
        })
        .collect()
}

/// Lists the tests of a module. One that is left out is dead code, which the compiler tells.
macro_rules! trials {
    ($($test:ident),* $(,)?) => {
        /// The tests of this file.
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            vec![$($crate::support::trial(concat!(module_path!(), "::", stringify!($test)), $test)),*]
        }
    };
}
pub(crate) use trials;

/// Lists tests that hold for each contract.
macro_rules! trials_of_each_contract {
    ($($test:ident),* $(,)?) => {
        /// The tests of this file, for each contract.
        pub fn trials() -> Vec<libtest_mimic::Trial> {
            [$($crate::support::trial_each(concat!(module_path!(), "::", stringify!($test)), $test)),*]
                .into_iter()
                .flatten()
                .collect()
        }
    };
}
pub(crate) use trials_of_each_contract;
