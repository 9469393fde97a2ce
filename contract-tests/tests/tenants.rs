//! No account sees or touches another's: every example names things of the sandbox, and others send it too, from within the
//! sandbox's world and from another. What is not theirs is not there, no list of theirs holds it, and after all their tries the
//! sandbox's own requests still succeed.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::app::{Account, App};
use crate::support::contract::{Contract, Scheme};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![nobody_sees_or_touches_anothers];

async fn nobody_sees_or_touches_anothers(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let owner = app.sandbox_at(contract).await;
    let mut others = vec![("from another world", app.party(contract).await)];
    // The staff of a world is one tenant.
    if contract.audience != "private" {
        others.push((
            "from the same world",
            app.party_in(contract, &owner.world).await,
        ));
    }
    let mut faults = Vec::new();
    for (who, other) in &others {
        for sample in requests(contract) {
            if let Some(fault) = crossed(&sample, other, &owner).await {
                faults.push(format!(
                    "{} {} {who}: {fault}",
                    sample.operation.id, sample.name
                ));
            }
        }
    }
    let mut seen = BTreeSet::new();
    for sample in requests(contract) {
        let reply = sample.call(&owner.client).await;
        if reply.status != sample.success() {
            faults.push(format!(
                "{} {}: after the tries of others its owner gets {} {:#}",
                sample.operation.id, sample.name, reply.status, reply.body
            ));
        }
        ids(&reply.body, &mut seen);
    }
    let mut asked = BTreeSet::new();
    for sample in requests(contract).filter(|_| contract.audience == "private") {
        let path = sample
            .path
            .iter()
            .map(|(_, value)| Value::from(value.as_str()));
        path.chain(sample.body)
            .for_each(|part| ids(&part, &mut asked));
    }
    for (who, other) in &others {
        // An audit log repeats what its own staff have named.
        let reads = |sample: &Sample| {
            sample.operation.method == "GET" && sample.operation.scope() != "audit:read"
        };
        for sample in requests(contract).filter(reads) {
            if is_common(&sample, other, &owner) {
                continue;
            }
            let reply = sample.call(&other.client).await;
            let mut told = BTreeSet::new();
            ids(&reply.body, &mut told);
            let foreign: Vec<&String> = told
                .intersection(&seen)
                .filter(|id| !asked.contains(*id))
                .collect();
            // What somebody has asked for themselves may come back, above all from the audit log.
            if !foreign.is_empty() {
                faults.push(format!(
                    "{} {who} tells of {foreign:?}",
                    sample.operation.id
                ));
            }
        }
    }
    app.stop().await;
    assert!(seen.len() > 3, "the sandbox's own answers name nothing");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every example of every operation that asks who one is.
fn requests(contract: &'static Contract) -> impl Iterator<Item = Sample> {
    let asking = contract.operations.iter();
    asking
        .filter(|operation| operation.scheme() != Scheme::None)
        .flat_map(Sample::all_of)
}

/// Whether a request names only what is everybody's: flights, which belong to the timetable of every world; a clock, and the
/// searches that the sandbox has names for, which belong to all who live in its world.
fn is_common(sample: &Sample, other: &Account, owner: &Account) -> bool {
    let neighbour = other.world == owner.world;
    let named = |text: &str| text.contains("off_sandbox-") || text.contains("orq_sandbox-");
    let mut parameters = sample.path.iter().chain(&sample.query);
    parameters.any(|(name, value)| {
        *name == "flight_id" || (neighbour && (*name == "test_clock_id" || named(value)))
    }) || (neighbour
        && sample
            .body
            .as_ref()
            .is_some_and(|body| named(&body.to_string())))
}

/// What is wrong when somebody else sends a request that names the owner's things.
async fn crossed(sample: &Sample, other: &Account, owner: &Account) -> Option<String> {
    if is_common(sample, other, owner) || !sample.operation.problems().contains(&"not_found") {
        return None;
    }
    // An example that names nothing of the owner's makes something of one's own.
    let names_something = |body: &Value| {
        let text = body.to_string();
        text.contains("_0000000000") || text.contains("_sandbox")
    };
    if sample.path.is_empty() && !sample.body.as_ref().is_some_and(names_something) {
        return None;
    }
    let reply = sample.call(&other.client).await;
    ((reply.status, reply.code()) != (404, "not_found"))
        .then(|| format!("{} {:#}", reply.status, reply.body))
}

/// All ids in an answer.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            let body = text.split_once('_').map_or("", |(_, body)| body);
            let kind = text.len() == 30 && body.len() == 26;
            if kind
                && body.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && !text.starts_with("req_")
            {
                found.insert(text.clone());
            }
        }
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(members) => members.values().for_each(|member| ids(member, found)),
        _ => {}
    }
}
