//! Paths are taken as they are written: nothing that a proxy or a library might make of another spelling is an operation, and
//! what is percent-encoded in an id stays within it.

use crate::support::app::App;
use crate::support::client::Client;
use crate::support::contract::Contract;
use crate::support::raw::{Answer, answers, credential};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    other_spellings_are_other_paths,
    what_is_encoded_in_an_id_stays_in_it,
];

/// Sends a target as it is; the library of the other tests would put it in order first.
async fn send(contract: &Contract, client: &Client, method: &str, target: &str) -> Answer {
    let asked = format!(
        "{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n{}\r\n",
        credential(contract, client)
    );
    answers(client.base(), asked.as_bytes()).await.remove(0)
}

async fn other_spellings_are_other_paths(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        let target = sample.target();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        // What stands in the contract as it is, behind audience and version.
        let words: Vec<&str> = sample.operation.path.split('/').collect();
        let fixed = words.iter().rfind(|word| !word.starts_with('{'));
        let fixed = *fixed.expect("a path has a word of its own");
        let code = format!("%{:02x}{}", fixed.as_bytes()[0], &fixed[1..]);
        let capital = format!("{}{}", fixed[..1].to_uppercase(), &fixed[1..]);
        let (before, after) = path.rsplit_once(fixed).expect("it is the operation's path");
        for other in [
            format!("{before}{code}{after}"),
            format!("{before}{capital}{after}"),
            format!("{before}{fixed};v=1{after}"),
            format!("{before}./{fixed}{after}"),
            format!("{before}x/../{fixed}{after}"),
            format!("{before}x/%2e%2e/{fixed}{after}"),
            format!("{before}/{fixed}{after}"),
            format!("{before}%2f{fixed}{after}"),
            format!("/{path}"),
            format!("/.{path}"),
            format!("{path}/"),
            format!("{path}/."),
            format!("{path}//"),
        ] {
            // What follows a list may be taken for an id, which it is not.
            let is_id = contract
                .operations
                .iter()
                .any(|one| contract.operation_at(&one.method, &other).is_some());
            let expected: &[(u16, &str)] = match is_id {
                true => &[(400, "invalid_parameter"), (405, "method_not_allowed")],
                false => &[(404, "not_found")],
            };
            let asked = if query.is_empty() {
                other
            } else {
                format!("{other}?{query}")
            };
            let method = &sample.operation.method;
            let answer = send(contract, &account.client, method, &asked).await;
            let told = answer.told();
            assert!(expected.contains(&told), "{method} {asked}: {told:?}");
        }
    }
}

async fn what_is_encoded_in_an_id_stays_in_it(contract: &'static Contract) {
    let app = App::shared().await;
    let account = app.party(contract).await;
    for sample in Sample::each_of(contract, &account) {
        for (name, value) in &sample.path {
            let target = sample.target();
            let (before, after) = target.split_once(value.as_str()).expect("it stands there");
            for more in [
                "%2Fpayments",
                "%2f..",
                "/%2e%2e",
                "%2e%2e%2f",
                "%00",
                "%0d%0aX-Injected:%201",
                "%25%30%30",
                "%",
                "%zz",
                "%ff",
                "+",
                "%c0%af",
            ] {
                let asked = format!("{before}{value}{more}{after}");
                let method = &sample.operation.method;
                let answer = send(contract, &account.client, method, &asked).await;
                let told = answer.told();
                // A key may hold anything; nobody has used these.
                let fits = match told {
                    (400, "invalid_parameter") => more.starts_with('%') || more == "+",
                    (404, "not_found") => name == &"key" || more.starts_with('/'),
                    _ => false,
                };
                assert!(fits, "{method} {asked}: {told:?}");
                assert!(answer.headers.get("x-injected").is_none(), "{asked}");
            }
        }
    }
}
