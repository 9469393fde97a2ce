//! `/private/v1/ledger/journals`: the double-entry ledger.

use serde_json::Value;

use super::{staff, staff_and_traveller};
use crate::support::app::App;
use crate::support::{eventually, trials};

trials![journals_balance_and_are_found_by_order_and_account];

const JOURNALS: &str = "/private/v1/ledger/journals";

async fn journals_balance_and_are_found_by_order_and_account() {
    let app = App::shared().await;
    let staff_account = staff(&app).await;
    let traveller = app.account_in(&staff_account.world).await;
    let (first, second) = (traveller.ticketed("a").await, traveller.ticketed("b").await);
    let of_order = format!("{JOURNALS}?order_id={}", first.text("/id"));
    let journals = eventually("the capture", async || {
        let found = staff_account.all(&of_order, 1).await;
        found
            .iter()
            .any(|journal| journal["kind"] == "capture")
            .then_some(found)
    })
    .await;
    for journal in &journals {
        assert_eq!(journal["order_id"], first.body["id"]);
        assert_eq!(sum(journal, "debit"), sum(journal, "credit"), "{journal:#}");
        assert!(sum(journal, "debit") > 0, "{journal:#}");
    }
    assert_eq!(journals[0]["kind"], "authorize", "{journals:#?}");
    // What is owed to us is a debit.
    let promised = lines(&journals[0]).iter();
    let promised = promised.filter(|line| line["account"] == "psp_clearing:pending");
    assert!(promised.map(|line| &line["side"]).eq(["debit"]));
    let pending = format!("{of_order}&account=psp_clearing:pending");
    let touching = staff_account.all(&pending, 10).await;
    assert_eq!(
        touching.len(),
        journals
            .iter()
            .filter(|journal| accounts(journal).any(|account| account == "psp_clearing:pending"))
            .count()
    );
    let nothing = format!("{JOURNALS}?account=nothing");
    assert_eq!(staff_account.all(&nothing, 10).await, Vec::<Value>::new());
    let all = staff_account.all(JOURNALS, 3).await;
    let of = |order: &Value| {
        all.iter()
            .filter(|journal| journal["order_id"] == *order)
            .count()
    };
    assert!(of(&first.body["id"]) > 0 && of(&second.body["id"]) > 0);
    let (stranger, _) = staff_and_traveller(&app).await;
    let theirs = stranger.get(&of_order).await.expect(200);
    assert_eq!(theirs.body["data"], Value::from(Vec::<Value>::new()));
    // A cursor that fits no page gives an empty one.
    let nowhere = stranger.get(format!("{JOURNALS}?after=nothing"));
    nowhere.await.expect(200);
}

fn lines(journal: &Value) -> &[Value] {
    journal["lines"].as_array().map_or(&[], Vec::as_slice)
}

fn accounts(journal: &Value) -> impl Iterator<Item = &str> {
    lines(journal)
        .iter()
        .filter_map(|line| line["account"].as_str())
}

fn sum(journal: &Value, side: &str) -> i64 {
    lines(journal)
        .iter()
        .filter(|line| line["side"] == side)
        .filter_map(|line| line["amount"]["amount"].as_i64())
        .sum()
}
