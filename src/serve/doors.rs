//! The listeners: which contracts answer at which of them, with what they share. A listener names no contract of the other.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use axum::Router;

use crate::api::{partner_v1, private_v1, public_v1, public_v2, released};
use crate::edge::docs::{self, Pages};
use crate::edge::{self, Clients};
use crate::flights::world::World;
use crate::identity::sandbox;
use crate::platform::auth::Authenticator;
use crate::platform::limits::{self, Limits};
use crate::wire::contract::Contract;
use crate::wire::door::{Core, Door, with_fallbacks};

use super::Options;
use super::contracts::{self, CONTRACTS, Kept};

/// The listener that everybody may reach.
pub fn public(
    clients: &Clients,
    world: Option<&World>,
    options: &Options,
    address: SocketAddr,
) -> Router {
    let v2 = contracts::PUBLIC_V2.compiled();
    let v1 = contracts::PUBLIC_V1.compiled();
    let partner = contracts::PARTNER_V1.compiled();
    let contracts = vec![Arc::clone(&v2), Arc::clone(&v1), Arc::clone(&partner)];
    let core = core(clients, options, contracts);
    let at = |contract| {
        Door::new(
            Arc::clone(&core),
            contract,
            implementation(clients, options),
        )
    };
    let routes = public_v2::routes::router(at(v2))
        .merge(public_v1::routes::router(at(v1)))
        .merge(partner_v1::routes::router(at(partner)));
    let pages = Pages {
        contracts: kept(|contract| contract.audience() != "private"),
        released: released::OPEN,
        sandbox: options.sandbox.then_some(docs::Sandbox {
            key: Some(sandbox::KEY),
            client: (sandbox::AGENCY_CLIENT, sandbox::AGENCY_SECRET),
        }),
        lead: "Search the world's routes, take an offer, order it, pay it, cancel it.",
        tour: docs::TOUR,
        world: world.map(world_of),
        base_url: format!("http://{address}"),
    };
    with_fallbacks(routes.merge(docs::router(&pages, &core)), &core)
}

/// The listener for staff and services.
pub fn private(
    clients: &Clients,
    world: Option<&World>,
    options: &Options,
    address: SocketAddr,
) -> Router {
    let v1 = contracts::PRIVATE_V1.compiled();
    let core = core(clients, options, vec![Arc::clone(&v1)]);
    let door = Door::new(Arc::clone(&core), v1, implementation(clients, options));
    let routes = private_v1::routes::router(door);
    let pages = Pages {
        contracts: kept(|contract| contract.audience() == "private"),
        released: released::PRIVATE,
        sandbox: options.sandbox.then_some(docs::Sandbox {
            key: None,
            client: (sandbox::STAFF_CLIENT, sandbox::STAFF_SECRET),
        }),
        lead: "See what is for sale and why, set limits, change the plan, and read what was done.",
        tour: docs::STAFF_TOUR,
        world: world.map(world_of),
        base_url: format!("http://{address}"),
    };
    with_fallbacks(routes.merge(docs::router(&pages, &core)), &core)
}

/// What answers at every contract.
fn implementation(clients: &Clients, options: &Options) -> edge::Door {
    edge::Door {
        clients: clients.clone(),
        chance: options.chance.clone(),
    }
}

/// What the contracts of a listener share.
fn core(clients: &Clients, options: &Options, contracts: Vec<Arc<Contract>>) -> Arc<Core> {
    let a_minute = NonZeroU32::new(options.rate_per_minute).unwrap_or(NonZeroU32::MIN);
    Arc::new(Core {
        contracts,
        authenticator: Authenticator::new(
            clients.credentials.clone(),
            (!options.sandbox).then_some(sandbox::WORLD),
        ),
        limits: Arc::new(Limits::new(&limits::policies(a_minute))),
        clock: options.clock.clone(),
        chance: options.chance.clone(),
        undeclared_problem_panics: cfg!(debug_assertions),
    })
}

fn kept(shown: impl Fn(&Kept) -> bool) -> Vec<docs::Contract> {
    let shown = CONTRACTS.into_iter().filter(|contract| shown(contract));
    shown
        .map(|contract| docs::Contract {
            audience: contract.audience(),
            major: contract.major(),
            json: contract.json,
            yaml: contract.yaml,
            summary: contract.summary(),
        })
        .collect()
}

fn world_of(world: &World) -> docs::World {
    let summary = world.summary();
    docs::World {
        airlines: summary.airlines,
        airports: summary.airports,
        weekly_flights: summary.weekly_flights,
    }
}
