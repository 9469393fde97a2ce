//! The words that all services share: ids, money, time and chance.
//!
//! Imports nothing of ours and knows no service, no database and no protocol.
//!
//! One word a thing, everywhere: *order* (what a customer buys), *offer* and *offer request* (what is for sale), *hold* (seats
//! kept for a while), *slice* (one direction of a journey), *segment* (one flight of it), *passenger*, *fare*, *fare basis*,
//! *booking class*, *record locator*, *ticket*, *coupon*, *payment*, *refund*, *journal*, *world* (one inventory with its
//! orders, ledger and clock).

pub mod chance;
pub mod clock;
pub mod id;
pub mod money;
