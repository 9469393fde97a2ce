//! Public v2, file by file as its paths are.

use libtest_mimic::Trial;

mod airlines;
mod events;
mod fallbacks;
mod idempotency_keys;
mod offer_requests;
mod offers;
mod order_cancellations;
mod order_changes;
mod order_payments;
mod order_versions;
mod orders;
mod places;
mod schedule_changes;
mod services;
mod tenancy;
mod test_clocks;

/// The tests of all files.
pub fn trials() -> Vec<Trial> {
    [
        airlines::trials(),
        events::trials(),
        fallbacks::trials(),
        idempotency_keys::trials(),
        offer_requests::trials(),
        offers::trials(),
        order_cancellations::trials(),
        order_changes::trials(),
        order_payments::trials(),
        order_versions::trials(),
        orders::trials(),
        places::trials(),
        schedule_changes::trials(),
        services::trials(),
        tenancy::trials(),
        test_clocks::trials(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
