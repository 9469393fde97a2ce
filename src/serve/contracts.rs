//! The contracts that this program keeps: one row each, for the pages, the listeners, the webhooks and the command line.
//! Each is read once in the life of the program, and shared.

use std::sync::{Arc, LazyLock};

use utoipa::openapi::OpenApi;

use crate::api::{partner_v1, private_v1, public_v1, public_v2};
use crate::edge::Door;
use crate::edge::docs::Summary;
use crate::wire::contract::Contract;

/// What the generated module of a contract says of it.
macro_rules! kept {
    ($module:ident) => {
        Kept {
            name: $module::NAME,
            json: $module::CONTRACT,
            yaml: $module::CONTRACT_YAML,
            reported: $module::routes::document::<Door>,
            compiled: LazyLock::new(|| Arc::new(Contract::new($module::NAME, $module::CONTRACT))),
            summary: LazyLock::new(|| Summary::of($module::CONTRACT)),
        }
    };
}

/// A contract that is kept.
pub struct Kept {
    /// Audience and major version, as in the paths.
    pub name: &'static str,
    /// The bundled document, as JSON.
    pub json: &'static str,
    /// The same, as YAML.
    pub yaml: &'static str,
    /// What the mounted routes say of themselves.
    pub reported: fn() -> OpenApi,
    compiled: LazyLock<Arc<Contract>>,
    summary: LazyLock<Summary>,
}

/// Version 2 of the public contract.
pub static PUBLIC_V2: Kept = kept!(public_v2);
/// Version 1 of the public contract.
pub static PUBLIC_V1: Kept = kept!(public_v1);
/// Version 1 of the contract for agencies.
pub static PARTNER_V1: Kept = kept!(partner_v1);
/// Version 1 of the contract for staff and services.
pub static PRIVATE_V1: Kept = kept!(private_v1);

/// Every contract, newest major of an audience first.
pub static CONTRACTS: [&Kept; 4] = [&PUBLIC_V2, &PUBLIC_V1, &PARTNER_V1, &PRIVATE_V1];

impl Kept {
    /// Whose credentials it takes: `public`, `partner` or `private`.
    pub fn audience(&self) -> &'static str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The contract with its validators.
    pub fn compiled(&self) -> Arc<Contract> {
        Arc::clone(&self.compiled)
    }

    /// What a reader wants to know before opening it.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The major version.
    pub fn major(&self) -> u32 {
        let (_, major) = self.name.rsplit_once("/v").unwrap_or_default();
        major.parse().unwrap_or_default()
    }
}
