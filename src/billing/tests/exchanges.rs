//! Exchanges: what is owed is replaced once, and the money that differs comes or goes by payments of its own.

use super::harness::*;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{AmountLine, CaptureRequested, ExchangeRequested, PaymentRequested};

fn exchange(payment_id: &str, replaced: Vec<AmountLine>, lines: Vec<AmountLine>) -> Data {
    Data::ExchangeRequested(ExchangeRequested {
        exchange_id: "och_1".to_owned(),
        payment_id: payment_id.to_owned(),
        order_id: "ord_1".to_owned(),
        replaced,
        lines,
    })
}

fn price() -> Vec<AmountLine> {
    vec![line("fare", "LH", 80), line("tax", "DE", 20)]
}

async fn paid() -> Harness {
    let harness = Harness::new().await;
    harness.say("evt_1", pay(100, "tok_visa")).await;
    harness.say("evt_2", whole()).await;
    harness
}

#[tokio::test]
async fn what_an_exchange_adds_is_captured_and_given_back_by_both_payments() {
    let harness = paid().await;
    let lines = || {
        vec![
            line("fare", "AF", 110),
            line("tax", "FR", 30),
            line("penalty", "AF", 5),
        ]
    };
    // In whatever order the two come.
    assert_eq!(
        harness
            .say("evt_3", exchange("pay_1", price(), lines()))
            .await,
        [] as [&str; 0]
    );
    assert_eq!(harness.balance("exchange_clearing").await, 45);
    let (mut added, mut taken) = (PaymentRequested::default(), CaptureRequested::default());
    if let (Data::PaymentRequested(asked), Data::CaptureRequested(all)) = (
        pay(45, "tok_visa"),
        capture(45, vec![line("exchange", "LH", 45)]),
    ) {
        (added, taken) = (asked, all);
    }
    added.payment_id = "pay_2".to_owned();
    taken.payment_id = "pay_2".to_owned();
    harness.say("evt_4", Data::PaymentRequested(added)).await;
    harness.say("evt_5", Data::CaptureRequested(taken)).await;
    for (id, delivery) in [("evt_3", "delivered"), ("evt_6", "asked")] {
        harness.say(id, exchange("pay_1", price(), lines())).await;
        assert_eq!(
            harness.journals("").await,
            ["authorize", "capture", "exchange", "authorize", "capture"],
            "{delivery} again"
        );
    }
    for (ledger_account, balance) in [
        ("psp_clearing", 145),
        ("exchange_clearing", 0),
        ("air_traffic_liability:LH", 0),
        ("tax_payable:DE:", 0),
        ("air_traffic_liability:AF", -110),
        ("tax_payable:FR:", -30),
        ("revenue:penalty", -5),
    ] {
        assert_eq!(
            harness.balance(ledger_account).await,
            balance,
            "{ledger_account}"
        );
    }

    // All of the new price comes back: what the first payment brought by it, the rest by the second.
    let first = vec![line("fare", "AF", 100)];
    assert_eq!(
        harness
            .say("evt_7", refund("rfd_1", 100, first, Vec::new()))
            .await,
        ["refund.succeeded 1"]
    );
    let more = refund("rfd_2", 1, vec![line("fare", "AF", 1)], Vec::new());
    assert_eq!(harness.say("evt_8", more).await, ["refund.failed 1"]);
    let Data::RefundRequested(mut rest) = refund(
        "rfd_3",
        40,
        vec![line("fare", "AF", 10), line("tax", "FR", 30)],
        Vec::new(),
    ) else {
        unreachable!("a refund");
    };
    rest.payment_id = "pay_2".to_owned();
    assert_eq!(
        harness.say("evt_9", Data::RefundRequested(rest)).await,
        ["refund.succeeded 1"]
    );
    assert_eq!(harness.balance("air_traffic_liability:AF").await, 0);
    assert_eq!(harness.balance("psp_clearing").await, 5);
    assert_eq!(harness.balance("revenue:penalty").await, -5);
}

#[tokio::test]
async fn what_an_exchange_leaves_is_refunded_and_an_even_one_moves_nothing() {
    for (fare, difference) in [(40, 40), (80, 0)] {
        let harness = paid().await;
        let lines = vec![line("fare", "LH", fare), line("tax", "DE", 20)];
        harness
            .say("evt_3", exchange("pay_1", price(), lines))
            .await;
        assert_eq!(harness.balance("exchange_clearing").await, -difference);
        if difference > 0 {
            let back = vec![line("exchange", "LH", difference)];
            let back = refund("rfd_1", difference, back, Vec::new());
            assert_eq!(harness.say("evt_4", back).await, ["refund.succeeded 1"]);
        }
        assert_eq!(harness.balance("exchange_clearing").await, 0);
        assert_eq!(harness.balance("air_traffic_liability:LH").await, -fare);
        assert_eq!(harness.balance("psp_clearing").await, 100 - difference);
    }
}

#[tokio::test]
async fn nothing_is_exchanged_of_what_was_not_paid() {
    let harness = Harness::new().await;
    harness.say("evt_1", pay(100, "tok_visa")).await;
    for (id, payment) in [("evt_2", "pay_1"), ("evt_3", "pay_9")] {
        let asked = event(id, exchange(payment, price(), price()));
        assert!(harness.bus.publish(&asked).await.is_err(), "{payment}");
    }
    assert_eq!(harness.journals("").await, ["authorize"]);
    // It is taken once it may be.
    harness.say("evt_4", whole()).await;
    harness
        .say("evt_2", exchange("pay_1", price(), price()))
        .await;
    assert_eq!(
        harness.journals("").await,
        ["authorize", "capture", "exchange"]
    );
}

#[tokio::test]
async fn a_penalty_that_comes_without_a_refund_is_earned_once() {
    let harness = Harness::new().await;
    harness.say("evt_1", pay(100, "tok_visa")).await;
    let fare = || vec![line("fare", "LH", 100)];
    harness.say("evt_2", capture(100, fare())).await;
    assert_eq!(harness.balance("air_traffic_liability:LH").await, -100);
    // As it is delivered, delivered again, and asked again.
    for id in ["evt_3", "evt_3", "evt_4"] {
        let kept = exchange("pay_1", fare(), vec![line("penalty", "LH", 100)]);
        assert_eq!(harness.say(id, kept).await, [] as [&str; 0]);
        for (account, balance) in [
            ("air_traffic_liability:LH", 0),
            ("revenue:penalty", -100),
            ("exchange_clearing", 0),
            ("psp_clearing", 100),
        ] {
            assert_eq!(harness.balance(account).await, balance, "{id} {account}");
        }
    }
}
