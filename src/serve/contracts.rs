//! The contracts that this program keeps: one row each, for the pages, the listeners and the command line.

use utoipa::openapi::OpenApi;

use crate::api::{partner_v1, private_v1, public_v1, public_v2};
use crate::edge::Door;

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
}

/// Every contract, newest major of an audience first.
pub const CONTRACTS: &[Kept] = &[
    Kept {
        name: public_v2::NAME,
        json: public_v2::CONTRACT,
        yaml: public_v2::CONTRACT_YAML,
        reported: public_v2::routes::document::<Door>,
    },
    Kept {
        name: public_v1::NAME,
        json: public_v1::CONTRACT,
        yaml: public_v1::CONTRACT_YAML,
        reported: public_v1::routes::document::<Door>,
    },
    Kept {
        name: partner_v1::NAME,
        json: partner_v1::CONTRACT,
        yaml: partner_v1::CONTRACT_YAML,
        reported: partner_v1::routes::document::<Door>,
    },
    Kept {
        name: private_v1::NAME,
        json: private_v1::CONTRACT,
        yaml: private_v1::CONTRACT_YAML,
        reported: private_v1::routes::document::<Door>,
    },
];

impl Kept {
    /// Whose credentials it takes: `public`, `partner` or `private`.
    pub fn audience(&self) -> &'static str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The major version.
    pub fn major(&self) -> u32 {
        let (_, major) = self.name.rsplit_once("/v").unwrap_or_default();
        major.parse().unwrap_or_default()
    }
}
