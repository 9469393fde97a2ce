//! No audience's credential opens another's door, and no listener knows the contracts of the other: tried on every operation.

use crate::support::app::App;
use crate::support::contract::{Contract, Scheme, contracts};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    credentials_of_other_audiences_open_nothing,
    the_other_listener_has_none_of_it,
];

async fn credentials_of_other_audiences_open_nothing(contract: &'static Contract) {
    let app = App::shared().await;
    let own = app.party(contract).await;
    for other in contracts().filter(|other| other.audience != contract.audience) {
        let theirs = app.party_in(other, &own.world).await;
        let secret = theirs.client.secret().expect("a party has a credential");
        for sample in Sample::each_of(contract, &own) {
            if sample.operation.scheme() == Scheme::None {
                continue;
            }
            // The way this door asks for it, and the way its own does.
            for scheme in [Scheme::ApiKey, Scheme::Bearer] {
                let client = app.anonymous_at(contract).with(Some((scheme, secret)));
                sample.call(&client).await.refused(401, "unauthenticated");
            }
        }
    }
}

async fn the_other_listener_has_none_of_it(contract: &'static Contract) {
    let app = App::shared().await;
    let own = app.party(contract).await;
    let other = match contract.audience {
        "private" => app.public(),
        _ => app.private.clone(),
    };
    let both = |path: &str| {
        contracts()
            .filter(|contract| other.keeps(contract))
            .any(|contract| {
                contract
                    .operations
                    .iter()
                    .any(|operation| operation.path == path)
            })
    };
    for sample in Sample::each_of(contract, &own) {
        if !both(&sample.operation.path) {
            let reply = sample.call(&own.client.at_door(&other)).await;
            reply.refused(404, "not_found");
        }
    }
    for path in [
        format!("/openapi/{}.json", contract.name),
        format!("/openapi/{}.yaml", contract.name),
    ] {
        own.client
            .at_door(&other)
            .get(path)
            .await
            .refused(404, "not_found");
    }
}
