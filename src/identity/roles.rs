//! What staff and services may do, by their role. The doors say which scope an operation needs.
//!
//! `security` can make clients of any role, so it can give itself whatever it lacks; what it does is in the audit, which it
//! cannot change.

const ROLES: [(&str, &[&str]); 7] = [
    (
        "scheduler",
        &[
            "clocks:write",
            "flights:read",
            "flights:write",
            "inventory:read",
            "orders:read",
        ],
    ),
    (
        "inventory",
        &["flights:read", "inventory:read", "inventory:write"],
    ),
    (
        "pricing",
        &[
            "fares:read",
            "fares:write",
            "flights:read",
            "inventory:read",
        ],
    ),
    (
        "finance",
        &[
            "accounts:read",
            "accounts:write",
            "ledger:read",
            "orders:read",
        ],
    ),
    (
        "support",
        &[
            "accounts:read",
            "events:read",
            "events:write",
            "fares:read",
            "flights:read",
            "inventory:read",
            "orders:read",
            "sagas:read",
            "sagas:write",
        ],
    ),
    (
        "security",
        &["accounts:read", "audit:read", "clients:write", "keys:write"],
    ),
    (
        "auditor",
        &[
            "accounts:read",
            "audit:read",
            "events:read",
            "fares:read",
            "flights:read",
            "inventory:read",
            "ledger:read",
            "orders:read",
            "sagas:read",
        ],
    ),
];

/// Every role.
pub fn all() -> Vec<String> {
    ROLES.iter().map(|(role, _)| (*role).to_owned()).collect()
}

/// Whether there is a role of this name.
pub fn is_role(name: &str) -> bool {
    ROLES.iter().any(|(role, _)| *role == name)
}

/// What roles may do together, in order and without repeats.
pub fn scopes_of(roles: &[String]) -> Vec<String> {
    let mut scopes: Vec<String> = ROLES
        .iter()
        .filter(|(role, _)| roles.iter().any(|held| held == role))
        .flat_map(|(_, scopes)| scopes.iter().map(|&scope| scope.to_owned()))
        .collect();
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_add_up_and_auditors_only_read() {
        let of = |roles: &[&str]| {
            let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
            scopes_of(&roles)
        };
        assert_eq!(
            of(&["inventory", "security"]),
            [
                "accounts:read",
                "audit:read",
                "clients:write",
                "flights:read",
                "inventory:read",
                "inventory:write",
                "keys:write"
            ]
        );
        assert_eq!(of(&["nobody"]), [] as [&str; 0]);
        assert_eq!(scopes_of(&all()).len(), 18, "every scope is some role's");
        assert!(
            of(&["auditor"])
                .iter()
                .all(|scope| scope.ends_with(":read"))
        );
        assert!(is_role("finance") && !is_role("Finance"));
    }
}
