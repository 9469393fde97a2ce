//! `/public/v2/places`.

use insta::assert_json_snapshot;
use serde_json::Value;

use crate::support::app::App;
use crate::support::trials;

trials![
    a_city_comes_with_its_airports,
    search_finds_code_name_and_city,
    pages_join_up,
    unchanged_reference_data_is_304
];

const PLACES: &str = "/public/v2/places";

fn codes(entries: &Value) -> Vec<&str> {
    entries
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|place| place["code"].as_str())
        .collect()
}

async fn a_city_comes_with_its_airports() {
    let account = App::shared().await.account().await;
    let reply = account
        .client
        .get(format!("{PLACES}?query=london&limit=2"))
        .await
        .expect(200);
    assert_json_snapshot!("places_london", reply.masked());
    assert!(
        reply
            .header("Cache-Control")
            .starts_with("public, max-age=")
    );
}

async fn search_finds_code_name_and_city() {
    let account = App::shared().await.account().await;
    for (query, code) in [
        ("jfk", "JFK"),
        ("JFK", "JFK"),
        ("nyc", "NYC"),
        ("heathrow", "LHR"),
        ("Charles%20de", "CDG"),
        ("m%C3%BCnchen", ""),
        ("zzzzzz", ""),
    ] {
        let reply = account
            .client
            .get(format!("{PLACES}?query={query}"))
            .await
            .expect(200);
        let found = codes(&reply.body["data"]);
        assert!(
            code.is_empty() || found.contains(&code),
            "{query}: {found:?}"
        );
        assert!(query != "zzzzzz" || found.is_empty(), "{query}: {found:?}");
    }
}

async fn pages_join_up() {
    let account = App::shared().await.account().await;
    let all = account.all(&format!("{PLACES}?query=san"), 100).await;
    let small = account.all(&format!("{PLACES}?query=san"), 7).await;
    assert_eq!(all, small);
    assert!(all.len() > 14, "only {} places", all.len());
    let first = account
        .client
        .get(format!("{PLACES}?query=san&limit=7"))
        .await
        .expect(200);
    let next = first
        .header("Link")
        .strip_prefix('<')
        .and_then(|link| link.split_once(">; rel=\"next\""))
        .expect("a link to the next page")
        .0;
    let second = account.client.get(next).await.expect(200);
    assert_eq!(
        second.body["data"].as_array().expect("a list")[..],
        all[7..14]
    );
    let nowhere = account
        .client
        .get(format!("{PLACES}?after=bm90aGluZw"))
        .await;
    assert!(
        [200, 404].contains(&nowhere.status)
            && nowhere.body["data"].as_array().is_none_or(Vec::is_empty),
        "{:#}",
        nowhere.body
    );
}

async fn unchanged_reference_data_is_304() {
    let account = App::shared().await.account().await;
    let reply = account
        .client
        .get(format!("{PLACES}?limit=1"))
        .await
        .expect(200);
    let tag = reply.header("ETag").to_owned();
    for known in [
        tag.clone(),
        format!("\"other\", {tag}"),
        format!("W/{tag}"),
        "*".to_owned(),
    ] {
        let again = account
            .client
            .get(format!("{PLACES}?limit=1"))
            .header("If-None-Match", &known)
            .await
            .expect(304);
        assert_eq!(again.header("ETag"), tag);
    }
    account
        .client
        .get(format!("{PLACES}?limit=1"))
        .header("If-None-Match", "\"other\"")
        .await
        .expect(200);
}
