//! Partner v1, file by file as its paths are.

use libtest_mimic::Trial;

mod access;
mod agency;
pub mod agent;
mod availability;
mod credit;
mod holds;
mod idempotency_keys;
mod last_seat;
mod offers;
mod order_cancellations;
mod orders;
mod ticketing;
mod webhook_endpoints;

/// The tests of all files.
pub fn trials() -> Vec<Trial> {
    [
        access::trials(),
        agency::trials(),
        availability::trials(),
        credit::trials(),
        holds::trials(),
        idempotency_keys::trials(),
        last_seat::trials(),
        offers::trials(),
        order_cancellations::trials(),
        orders::trials(),
        ticketing::trials(),
        webhook_endpoints::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
