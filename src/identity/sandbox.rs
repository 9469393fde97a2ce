//! The names of the sandbox that every installation has: fixed and published, so that the examples of the contracts work
//! everywhere. They open no other world.

/// The sandbox's world.
pub const WORLD: &str = "wld_sandbox";
/// Its clock.
pub const CLOCK: &str = "clk_00000000000000000000000001";
/// Where its clock starts: 2027-03-01T09:00:00Z, in microseconds since the Unix epoch.
pub const CLOCK_STARTS_AT_US: i64 = 1_803_891_600_000_000;
/// The account that its examples belong to.
pub const ACCOUNT: &str = "acc_00000000000000000000000001";
/// The id of its published key.
pub const KEY_ID: &str = "key_00000000000000000000000001";
/// Its published key, of the public audience.
pub const KEY: &str = "sk_test_Fareway0Sandbox0Key00000kEVaV";
/// The agency that the examples of the partner contract belong to.
pub const AGENCY: &str = "acc_00000000000000000000000002";
/// Its published client.
pub const AGENCY_CLIENT: &str = "cli_test_sandbox_agency";
/// The secret of that client, which opens the partner door.
pub const AGENCY_SECRET: &str = "cs_test_Fareway0Sandbox0Agency0Secret";
/// The published client of the sandbox's staff.
pub const STAFF_CLIENT: &str = "cli_test_sandbox_staff";
/// The secret of that client, which opens the private door.
pub const STAFF_SECRET: &str = "cs_test_Fareway0Sandbox0Staff00Secret";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::secret::Secret;
    use crate::identity::store::Kind;
    use crate::kernel::clock::rfc3339;
    use crate::kernel::id::{AccountId, ClockId, KeyId};

    #[test]
    fn published_names_are_well_formed() {
        for (kind, secret) in [
            (Kind::ApiKey, KEY),
            (Kind::Client, AGENCY_SECRET),
            (Kind::Client, STAFF_SECRET),
        ] {
            let secret = Secret::parse(kind, secret);
            assert!(secret.is_some_and(|secret| !secret.is_live()));
        }
        assert!(AccountId::parse(ACCOUNT).is_some());
        assert!(AccountId::parse(AGENCY).is_some());
        assert!(ClockId::parse(CLOCK).is_some());
        assert!(KeyId::parse(KEY_ID).is_some());
        assert_eq!(rfc3339(CLOCK_STARTS_AT_US), "2027-03-01T09:00:00Z");
    }
}
