//! `/public/v1/orders/{order_id}/payments`: without a key the balance protects.

use serde_json::json;

use super::{ordered, paying, read};
use crate::support::app::App;
use crate::support::trials;

trials![
    what_is_paid_is_not_paid_again_without_a_key,
    a_payment_may_say_what_is_due,
    an_unknown_outcome_is_not_paid_again,
    after_its_time_an_order_is_not_paid,
];

async fn what_is_paid_is_not_paid_again_without_a_key() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    assert_eq!(held.text("/status"), "held");
    let id = held.text("/id");
    let card = json!({"type": "card", "token": "tok_visa"});
    let declined = json!({"type": "card", "token": "tok_declined"});
    let refused = paying(&account, id, &declined).await;
    refused.refused(402, "payment_declined");
    let paid = paying(&account, id, &card).await.expect(201);
    assert_eq!(paid.text("/status"), "confirmed");
    assert_eq!(paid.text("/due_amount"), "0.00");
    let again = paying(&account, id, &card).await;
    again.refused(409, "invalid_state");
    let payments = read(&account, id).await.body["payment_ids"].clone();
    assert_eq!(
        payments.as_array().map(Vec::len),
        Some(2),
        "one was declined"
    );
}

async fn a_payment_may_say_what_is_due() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    let (id, due) = (held.text("/id"), held.text("/due_amount"));
    let pay = |amount: &str, currency: Option<&str>| {
        let mut payment = json!({"type": "card", "token": "tok_visa", "amount": amount});
        if let Some(currency) = currency {
            payment["currency"] = json!(currency);
        }
        paying(&account, id, &payment)
    };
    for (amount, currency) in [
        ("1.00", Some("GBP")),
        (due, Some("EUR")),
        (due, None),
        (&format!("{due}0"), Some("GBP")),
    ] {
        let refused = pay(amount, currency).await;
        refused.refused(409, "amount_mismatch");
    }
    pay(due, Some("GBP")).key("right").await.expect(201);
    let again = pay(due, Some("GBP")).key("right").await.expect(201);
    assert_eq!(again.header("Idempotency-Replayed"), "true");
}

async fn an_unknown_outcome_is_not_paid_again() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    let id = held.text("/id");
    let unknown = json!({"type": "card", "token": "tok_unknown"});
    let pending = paying(&account, id, &unknown).header("Prefer", "wait=1");
    pending.await.expect(202);
    let card = json!({"type": "card", "token": "tok_visa"});
    let again = paying(&account, id, &card).await;
    again.refused(409, "invalid_state");
}

async fn after_its_time_an_order_is_not_paid() {
    let account = App::shared().await.account().await;
    let held = ordered(&account, None).await;
    account.advance(held.text("/payment_required_by")).await;
    assert_eq!(
        read(&account, held.text("/id")).await.text("/status"),
        "expired"
    );
    let card = json!({"type": "card", "token": "tok_visa"});
    let late = paying(&account, held.text("/id"), &card).await.expect(410);
    assert!(["time_limit_passed", "hold_expired"].contains(&late.text("/code")));
}
