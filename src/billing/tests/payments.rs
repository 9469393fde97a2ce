//! Payments by the sandbox's provider, from authorization to refund.

use super::harness::*;
use crate::billing::store;
use crate::rpc::events::v1::envelope::Data;

#[tokio::test]
async fn money_is_authorized_captured_and_given_back_once_however_often_it_is_asked() {
    let harness = Harness::new().await;
    assert_eq!(
        harness.say("evt_1", pay(100, "tok_visa")).await,
        ["payment.authorized 1"]
    );
    assert_eq!(harness.balance("customer_funds:pending").await, -100);
    assert_eq!(
        harness.say("evt_1", pay(100, "tok_visa")).await,
        [] as [&str; 0],
        "delivered again"
    );
    assert_eq!(
        harness.say("evt_2", pay(100, "tok_visa")).await,
        ["payment.authorized 2"],
        "asked again"
    );
    assert_eq!(harness.say("evt_3", whole()).await, ["payment.captured 3"]);
    assert_eq!(harness.say("evt_4", whole()).await, ["payment.captured 4"]);
    assert_eq!(
        harness.say("evt_5", void()).await,
        ["payment.captured 5"],
        "too late, and told so"
    );

    let back = || {
        refund(
            "rfd_1",
            50,
            vec![line("fare", "LH", 30), line("tax", "DE", 20)],
            vec![line("penalty", "LH", 50)],
        )
    };
    assert_eq!(harness.say("evt_6", back()).await, ["refund.succeeded 1"]);
    assert_eq!(harness.say("evt_6", back()).await, [] as [&str; 0]);
    assert_eq!(harness.say("evt_7", back()).await, ["refund.succeeded 2"]);
    let excess = refund("rfd_2", 51, vec![line("fare", "LH", 51)], Vec::new());
    assert_eq!(harness.say("evt_8", excess).await, ["refund.failed 1"]);
    let uneven = refund("rfd_3", 10, vec![line("fare", "LH", 9)], Vec::new());
    assert_eq!(harness.say("evt_9", uneven).await, ["refund.failed 1"]);

    let payment = harness.payment("pay_1").await;
    assert_eq!(
        (payment.status.as_str(), payment.captured, payment.refunded),
        ("captured", eur(100), eur(50))
    );
    assert_eq!(
        harness.journals("").await,
        ["authorize", "capture", "refund", "refund_paid"]
    );
    for (ledger_account, balance) in [
        ("psp_clearing", 50),
        ("psp_clearing:pending", 0),
        ("customer_funds:pending", 0),
        ("air_traffic_liability:LH", 0),
        ("tax_payable:DE:", 0),
        ("revenue:penalty", -50),
        ("refunds_payable", 0),
    ] {
        assert_eq!(
            harness.balance(ledger_account).await,
            balance,
            "{ledger_account}"
        );
    }
}

#[tokio::test]
async fn declined_and_senseless_payments_move_no_money() {
    for (token, amount, code) in [
        ("tok_declined", 100, "card_declined"),
        ("tok_insufficient_funds", 100, "insufficient_funds"),
        ("tok_visa", 0, "invalid_amount"),
    ] {
        let harness = Harness::new().await;
        harness
            .bus
            .publish(&event("evt_1", pay(amount, token)))
            .await
            .expect("billing takes it");
        harness.billing.drain().await;
        let answer = harness
            .answers
            .lock()
            .expect("no panic")
            .pop()
            .and_then(|answer| answer.data);
        assert!(
            matches!(answer, Some(Data::Payment(told)) if told.outcome == "declined" && told.decline_code == code)
        );
        assert_eq!(harness.journals("").await, [] as [&str; 0]);
        assert_eq!(harness.heard().await, [] as [&str; 0]);
    }
}

#[tokio::test]
async fn capture_whose_parts_are_not_the_whole_lets_the_money_go() {
    let harness = Harness::new().await;
    harness.say("evt_1", pay(100, "tok_visa")).await;
    assert_eq!(
        harness
            .say("evt_2", capture(100, vec![line("fare", "LH", 99)]))
            .await,
        ["payment.declined 2"]
    );
    assert_eq!(harness.journals("").await, ["authorize", "void"]);
    assert_eq!(harness.balance("psp_clearing").await, 0);
}

#[tokio::test]
async fn voided_authorization_leaves_nothing_pending() {
    let harness = Harness::new().await;
    harness.say("evt_1", pay(100, "tok_visa")).await;
    assert_eq!(harness.say("evt_2", void()).await, ["payment.voided 2"]);
    assert_eq!(harness.say("evt_3", whole()).await, ["payment.voided 3"]);
    assert_eq!(harness.balance("customer_funds:pending").await, 0);
    assert_eq!(harness.journals("").await, ["authorize", "void"]);
}

#[tokio::test]
async fn unknown_capture_is_asked_about_and_never_repeated() {
    let harness = Harness::new().await;
    assert_eq!(
        harness.say("evt_1", pay(100, "tok_unknown")).await,
        ["payment.authorized 1"]
    );
    assert_eq!(harness.say("evt_2", whole()).await, ["payment.unknown 2"]);
    assert_eq!(harness.payment("pay_1").await.status, "unknown");
    let harness = harness.restart().await;
    assert_eq!(
        harness.payment("pay_1").await.status,
        "unknown",
        "a restart guesses nothing"
    );
    assert_eq!(harness.reconcile("acc_2").await, 0);
    assert_eq!(harness.reconcile(ACCOUNT).await, 1);
    assert_eq!(harness.heard().await, ["payment.captured 3"]);
    assert_eq!(harness.reconcile(ACCOUNT).await, 0);
    assert_eq!(harness.journals("").await, ["authorize", "capture"]);
}

#[tokio::test]
async fn who_asks_again_for_what_nobody_knows_is_told_what_the_provider_did() {
    let harness = Harness::new().await;
    harness.say("evt_1", pay(100, "tok_unknown")).await;
    assert_eq!(harness.say("evt_2", whole()).await, ["payment.unknown 2"]);
    assert_eq!(
        harness.say("evt_2", whole()).await,
        [] as [&str; 0],
        "its own delivery, again"
    );
    assert_eq!(harness.say("evt_3", whole()).await, ["payment.captured 3"]);
    assert_eq!(harness.say("evt_4", whole()).await, ["payment.captured 4"]);
    assert_eq!(harness.journals("").await, ["authorize", "capture"]);
}

#[tokio::test]
async fn crash_before_or_after_the_provider_was_asked_ends_in_one_authorization() {
    for asked in [false, true] {
        let harness = Harness::new().await;
        harness
            .billing
            .crash_while_authorizing(event("evt_1", pay(100, "tok_visa")), asked)
            .await;
        assert_eq!(harness.payment("pay_1").await.status, "requested");
        let harness = harness.restart().await;
        assert_eq!(harness.heard().await, ["payment.authorized 1"]);
        assert_eq!(
            harness.say("evt_1", pay(100, "tok_visa")).await,
            [] as [&str; 0],
            "its own delivery, again"
        );
        assert_eq!(harness.journals("").await, ["authorize"]);
        let done = store::provider::of_payment(harness.billing.db.reader(), "pay_1")
            .await
            .expect("reads");
        assert_eq!(done.len(), 1);
    }
}

#[tokio::test]
async fn failed_delivery_is_taken_up_by_the_next_one() {
    let harness = Harness::new().await;
    harness
        .billing
        .crash_while_authorizing(event("evt_1", pay(100, "tok_visa")), true)
        .await;
    assert_eq!(
        harness.say("evt_1", pay(100, "tok_visa")).await,
        ["payment.authorized 1"]
    );
}
