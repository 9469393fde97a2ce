//! Lists of every contract, page by page: nothing is left out or told twice, the link to the next page asks for the same list,
//! and a cursor that fits no page gives an empty one.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::app::{Account, App};
use crate::support::client::{Client, Reply};
use crate::support::contract::{Contract, Operation};
use crate::support::sample::Sample;
use crate::support::trials_of_each_contract;

trials_of_each_contract![
    pages_join_up_and_links_ask_for_the_same_list,
    cursors_that_fit_no_page_give_an_empty_one,
];

/// How often each example is sent first, so that there is something to list.
const ROUNDS: usize = 3;
/// Entries of a page; few, so that there are several.
const SMALL: usize = 2;
/// Most pages that are read of a list: reference data has hundreds.
const PAGES_MAX: usize = 8;
/// Most readings until a list stands still, for what was done before goes on behind it.
const READINGS_MAX: usize = 50;

/// What a list is paged by, in the contract's own words.
struct Paging {
    /// How many entries a page has.
    size: &'static str,
    /// Which page it is.
    place: &'static str,
}

const PAGINGS: [Paging; 2] = [
    Paging {
        size: "limit",
        place: "after",
    },
    Paging {
        size: "per_page",
        place: "page",
    },
];

/// The lists of a contract: their operations, and how they are paged.
fn lists(contract: &'static Contract) -> Vec<(&'static Operation, &'static Paging)> {
    let paged = |operation: &'static Operation| {
        let parameters = operation.parameters("query");
        let has = |name: &str| parameters.iter().any(|one| one.text("name") == name);
        let paging = PAGINGS
            .iter()
            .find(|paging| has(paging.size) && has(paging.place));
        paging.map(|paging| (operation, paging))
    };
    contract.operations.iter().filter_map(paged).collect()
}

/// The list as its example asks for it, and with nothing but what must be asked.
fn asked(operation: &'static Operation, paging: &Paging) -> [Sample; 2] {
    let mut whole = Sample::of(operation);
    whole
        .query
        .retain(|(name, _)| ![paging.size, paging.place].contains(name));
    let mut plain = whole.clone();
    let required = |name: &str| {
        let parameters = operation.parameters("query");
        let own = parameters.iter().find(|one| one.text("name") == name);
        own.is_some_and(|own| own.value["required"] == true)
    };
    plain.query.retain(|(name, _)| required(name));
    [whole, plain]
}

/// Sends every example a few times, each time anew, so that lists have something to tell.
async fn fill(contract: &'static Contract, account: &Account) {
    let making = contract
        .operations
        .iter()
        .filter(|one| one.method == "POST");
    for (at, sample) in making.flat_map(Sample::all_of).enumerate() {
        for round in 0..ROUNDS {
            let mut sample = sample.clone();
            if sample
                .headers
                .iter()
                .any(|(name, _)| *name == "Idempotency-Key")
            {
                sample.set_header("Idempotency-Key", &format!("fill-{at}-{round}"));
            }
            // Some can be done once only; the others are enough.
            sample.call(&account.client).await;
        }
    }
}

fn entries(reply: &Reply) -> Vec<Value> {
    let data = reply.body["data"].as_array().expect("a list has data");
    // An entry may go on changing while it is listed.
    let name = |entry: &Value| match &entry["id"] {
        Value::Null => entry.clone(),
        id => id.clone(),
    };
    data.iter().map(name).collect()
}

/// The target of the link to the next page.
fn next(reply: &Reply) -> Option<String> {
    let links = reply.headers.get_all("link").iter();
    let mut links = links.filter_map(|link| link.to_str().ok());
    let link = links.find(|link| link.ends_with("rel=\"next\""))?;
    let (target, _) = link.strip_prefix('<')?.split_once('>')?;
    Some(target.to_owned())
}

/// What a query asks for, in no order.
fn query(target: &str) -> BTreeSet<&str> {
    let (_, query) = target.split_once('?').unwrap_or((target, ""));
    query.split('&').filter(|pair| !pair.is_empty()).collect()
}

/// Goes along the links; the entries, and how many links there were.
async fn walk(client: &Client, sample: &Sample, paging: &Paging) -> (Vec<Value>, usize) {
    let mut sample = sample.clone();
    sample.query.push((paging.size, SMALL.to_string()));
    let first = sample.target();
    let mut page = client.get(&first).await.expect(200);
    let mut all = entries(&page);
    for links in 0..PAGES_MAX {
        let link = next(&page);
        if paging.place == "after" {
            let cursor = page.body["next_cursor"].as_str();
            let told = link.as_deref().and_then(|link| {
                let mut pairs = query(link).into_iter();
                pairs.find_map(|pair| pair.strip_prefix("after="))
            });
            // A feed names a place to go on from on its last page too.
            assert!(
                told.is_none() || told == cursor,
                "{first}: {told:?} and {cursor:?}"
            );
        }
        let Some(link) = link else {
            assert!(
                page.body["data"]
                    .as_array()
                    .is_some_and(|all| all.len() <= SMALL)
            );
            return (all, links);
        };
        assert_eq!(
            entries(&page).len(),
            SMALL,
            "{first}: only the last page is shorter"
        );
        let mut same = query(&link);
        same.retain(|pair| !pair.starts_with(&format!("{}=", paging.place)));
        assert_eq!(same, query(&first), "{link}");
        page = client.get(&link).await.expect(200);
        all.extend(entries(&page));
    }
    (all, PAGES_MAX)
}

/// As much of a list as is read of it page by page, at once.
async fn whole(client: &Client, sample: &Sample, paging: &Paging) -> Vec<Value> {
    let mut sample = sample.clone();
    sample.query.push((paging.size, "100".to_owned()));
    let mut all = entries(&sample.call(client).await.expect(200));
    all.truncate(SMALL * (PAGES_MAX + 1));
    all
}

async fn pages_join_up_and_links_ask_for_the_same_list(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    fill(contract, &sandbox).await;
    let mut followed = 0;
    for (operation, paging) in lists(contract) {
        for sample in asked(operation, paging) {
            let mut read = None;
            for _ in 0..READINGS_MAX {
                let before = whole(&sandbox.client, &sample, paging).await;
                let (all, links) = walk(&sandbox.client, &sample, paging).await;
                // What reads staff's log is written into it.
                let still = before == whole(&sandbox.client, &sample, paging).await;
                read = Some((before, all, links));
                if still {
                    break;
                }
            }
            let (at_once, all, links) = read.expect("it was read");
            assert_eq!(all, at_once, "{}", sample.target());
            followed += links;
        }
    }
    app.stop().await;
    assert!(
        followed > PAGES_MAX,
        "{followed} links were there to follow"
    );
}

async fn cursors_that_fit_no_page_give_an_empty_one(contract: &'static Contract) {
    let app = App::start(|_| {}).await;
    let sandbox = app.sandbox_at(contract).await;
    fill(contract, &sandbox).await;
    let other = match contract.audience {
        // The staff of a world is one tenant.
        "private" => app.party(contract).await,
        _ => app.party_in(contract, &sandbox.world).await,
    };
    fill(contract, &other).await;
    let mut cursors = vec!["nothing".to_owned(), "=".to_owned(), "..".to_owned()];
    let mut faults = Vec::new();
    let by_cursor = || {
        lists(contract)
            .into_iter()
            .filter(|(_, paging)| paging.place == "after")
    };
    for (operation, paging) in by_cursor() {
        let [_, mut plain] = asked(operation, paging);
        plain.query.push((paging.size, "1".to_owned()));
        let page = plain.call(&sandbox.client).await.expect(200);
        let next = page.body["next_cursor"].as_str();
        // A plain number is a place in any list that counts.
        let named = next.filter(|next| next.parse::<u64>().is_err());
        cursors.extend(named.map(str::to_owned));
    }
    for (operation, paging) in by_cursor() {
        let [_, plain] = asked(operation, paging);
        let own = plain.call(&other.client).await;
        let theirs = plain.call(&sandbox.client).await.expect(200);
        // Reference data is everybody's, and so are its cursors.
        let common =
            own.status == 200 && !entries(&own).is_empty() && entries(&own) == entries(&theirs);
        for cursor in &cursors {
            let mut sample = plain.clone();
            sample.query.push((paging.place, cursor.clone()));
            let reply = sample.call(&other.client).await;
            if common || reply.status == 404 {
                continue;
            }
            let page = reply.expect(200);
            if !entries(&page).is_empty() || next(&page).is_some() {
                faults.push(format!("{}: {:?}", sample.target(), entries(&page)));
            }
        }
    }
    app.stop().await;
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
