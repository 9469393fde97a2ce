//! `/public/v1/orders/{order_id}/cancel`: at once, and again with the same answer.

use super::{cancelling, ordered, read};
use crate::support::app::App;
use crate::support::trials;

trials![
    cancelling_again_answers_the_same_refund,
    a_held_order_gives_nothing_back,
    who_does_not_wait_is_told_later,
    what_has_ended_is_not_cancelled,
];

async fn cancelling_again_answers_the_same_refund() {
    let account = App::shared().await.account().await;
    let order = ordered(&account, Some("tok_visa")).await;
    let id = order.text("/id");
    let first = cancelling(&account, id).await.expect(200);
    assert_eq!(first.text("/refund_status"), "succeeded");
    assert_eq!(first.body["refund_currency"], order.body["total_currency"]);
    assert_ne!(first.text("/refund_amount"), "0.00");
    let again = cancelling(&account, id).await.expect(200);
    assert_eq!(again.body, first.body);
    let ended = read(&account, id).await;
    assert_eq!(ended.text("/status"), "cancelled");
    assert_eq!(ended.body["slices"][0]["changeable"], false);
}

async fn a_held_order_gives_nothing_back() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    let ended = cancelling(&account, held.text("/id")).await.expect(200);
    assert_eq!(ended.text("/refund_amount"), "0.00");
    assert_eq!(ended.text("/refund_status"), "none");
}

async fn who_does_not_wait_is_told_later() {
    let account = App::shared().await.account().await;
    let order = ordered(&account, Some("tok_visa")).await;
    let id = order.text("/id");
    let accepted = cancelling(&account, id).header("Prefer", "respond-async");
    let accepted = accepted.await.expect(202);
    assert_eq!(
        accepted.header("Location"),
        format!("{}/{id}", super::ORDERS)
    );
    crate::support::eventually("the refund", async || {
        let again = cancelling(&account, id).await;
        (again.status == 200).then_some(())
    })
    .await;
}

async fn what_has_ended_is_not_cancelled() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    account.advance(held.text("/payment_required_by")).await;
    let late = cancelling(&account, held.text("/id")).await;
    late.refused(409, "invalid_state");
}
