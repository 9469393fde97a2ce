//! The published credentials of the sandbox, as the contracts tell them. They open nothing else.

/// The key of the public door.
pub const KEY: &str = "sk_test_Fareway0Sandbox0Key00000kEVaV";
/// Id and secret of the agency's client, for the partner door.
pub const AGENCY: (&str, &str) = (
    "cli_test_sandbox_agency",
    "cs_test_Fareway0Sandbox0Agency0Secret",
);
/// Id and secret of the staff's client, for the private door.
pub const STAFF: (&str, &str) = (
    "cli_test_sandbox_staff",
    "cs_test_Fareway0Sandbox0Staff00Secret",
);
