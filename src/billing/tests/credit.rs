//! Payments on what an agency may owe: never past its limit, in step with the ledger, and seen by nobody else.

use std::collections::BTreeMap;

use tonic::Request;

use super::harness::*;
use crate::billing::store;
use crate::rpc::billing::v1::credit_server::Credit;
use crate::rpc::billing::v1::ledger_server::Ledger;
use crate::rpc::billing::v1::{
    CreditAccount, GetCreditRequest, ListJournalsRequest, PaymentMethod,
};
use crate::rpc::common::v1::{Context, Money};
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{
    CaptureRequested, CreditChanged, PaymentRequested, RefundRequested, VoidRequested,
};

fn limit(amount: i64) -> Data {
    Data::Credit(CreditChanged {
        account_id: ACCOUNT.to_owned(),
        limit: eur(amount),
    })
}

fn owe(payment_id: &str, amount: Option<Money>) -> Data {
    Data::PaymentRequested(PaymentRequested {
        payment_id: payment_id.to_owned(),
        order_id: "ord_1".to_owned(),
        amount,
        method_token: String::new(),
        method: PaymentMethod::AgencyCredit.into(),
    })
}

async fn credit(
    harness: &Harness,
    context: Option<Context>,
    account_id: &str,
) -> Result<CreditAccount, tonic::Code> {
    let request = GetCreditRequest {
        context,
        account_id: account_id.to_owned(),
    };
    let told = harness.billing.get_credit(Request::new(request)).await;
    told.map(tonic::Response::into_inner)
        .map_err(|status| status.code())
}

/// Limit, posted, pending and available.
async fn told(harness: &Harness) -> [i64; 4] {
    let credit = credit(harness, context(ACCOUNT), "").await.expect("told");
    let [posted, pending] = [&credit.posted, &credit.pending].map(amount);
    for (name, sum) in [("", posted), (":pending", pending)] {
        let ledger_account = format!("agency_receivable:{ACCOUNT}{name}");
        assert_eq!(harness.balance(&ledger_account).await, sum);
    }
    [
        amount(&credit.limit),
        posted,
        pending,
        amount(&credit.available),
    ]
}

fn amount(money: &Option<Money>) -> i64 {
    money.as_ref().expect("an amount").amount
}

#[tokio::test]
async fn credit_is_promised_owed_and_given_back_in_step_with_the_ledger() {
    let harness = Harness::new().await;
    assert_eq!(
        harness.say("evt_0", owe("pay_0", eur(1))).await,
        ["payment.declined 1"]
    );
    assert_eq!(harness.payment("pay_0").await.decline_code, "no_credit");
    harness.say("evt_limit", limit(150)).await;
    assert_eq!(
        harness.say("evt_1", owe("pay_1", eur(100))).await,
        ["payment.authorized 1"]
    );
    assert_eq!(
        harness.say("evt_1", owe("pay_1", eur(100))).await,
        [] as [&str; 0],
        "delivered again"
    );
    assert_eq!(told(&harness).await, [150, 0, 100, 50]);
    for (event, payment_id, amount, code) in [
        ("evt_2", "pay_2", eur(51), "credit_limit_exceeded"),
        (
            "evt_3",
            "pay_3",
            Some(Money {
                amount: 1,
                currency: "USD".to_owned(),
            }),
            "currency_not_supported",
        ),
    ] {
        assert_eq!(
            harness.say(event, owe(payment_id, amount)).await,
            ["payment.declined 1"]
        );
        assert_eq!(harness.payment(payment_id).await.decline_code, code);
    }
    assert_eq!(harness.say("evt_4", whole()).await, ["payment.captured 2"]);
    assert_eq!(told(&harness).await, [150, 100, 0, 50]);
    let back = Data::RefundRequested(RefundRequested {
        refund_id: "rfd_1".to_owned(),
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(70),
        lines: vec![line("fare", "LH", 50), line("tax", "DE", 20)],
        retained: vec![line("penalty", "LH", 30)],
    });
    assert_eq!(harness.say("evt_5", back).await, ["refund.succeeded 1"]);
    assert_eq!(told(&harness).await, [150, 30, 0, 120]);

    let harness = harness.restart().await;
    assert_eq!(
        harness.say("evt_6", owe("pay_4", eur(120))).await,
        ["payment.authorized 1"]
    );
    harness.say("evt_lower", limit(100)).await;
    assert_eq!(told(&harness).await, [100, 30, 120, 0], "promised is kept");
    let release = Data::VoidRequested(VoidRequested {
        payment_id: "pay_4".to_owned(),
        order_id: "ord_1".to_owned(),
    });
    assert_eq!(harness.say("evt_7", release).await, ["payment.voided 2"]);
    assert_eq!(told(&harness).await, [100, 30, 0, 70]);

    assert_eq!(
        harness.payment("pay_1").await.method(),
        PaymentMethod::AgencyCredit
    );
    assert_eq!(
        harness.journals("").await,
        [
            "authorize",
            "capture",
            "refund",
            "refund_paid",
            "authorize",
            "void"
        ]
    );
    assert_eq!(harness.balance("psp_clearing").await, 0);
    for payment_id in ["pay_1", "pay_4"] {
        let asked = store::provider::of_payment(harness.billing.db.reader(), payment_id).await;
        assert!(asked.expect("reads").is_empty(), "no provider is asked");
    }
}

#[tokio::test]
async fn payments_at_once_never_pass_the_limit() {
    let harness = Harness::new().await;
    harness.say("evt_limit", limit(550)).await;
    let events: Vec<_> = (0..40)
        .map(|n| event(&format!("evt_{n}"), owe(&format!("pay_{n}"), eur(100))))
        .collect();
    let published = events.iter().map(|event| harness.bus.publish(event));
    for taken in futures_util::future::join_all(published).await {
        taken.expect("billing takes it");
    }
    let mut outcomes = BTreeMap::new();
    for answer in harness.heard().await {
        *outcomes.entry(answer).or_insert(0) += 1;
    }
    let expected = [("payment.authorized 1", 5), ("payment.declined 1", 35)];
    assert_eq!(
        outcomes,
        expected
            .map(|(kind, count)| (kind.to_owned(), count))
            .into()
    );
    assert_eq!(told(&harness).await, [550, 0, 500, 50]);
}

#[tokio::test]
async fn capture_that_cannot_be_written_down_frees_the_credit() {
    let harness = Harness::new().await;
    harness.say("evt_limit", limit(100)).await;
    harness.say("evt_1", owe("pay_1", eur(100))).await;
    let short = Data::CaptureRequested(CaptureRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(100),
        lines: vec![line("fare", "LH", 99)],
    });
    assert_eq!(harness.say("evt_2", short).await, ["payment.declined 2"]);
    assert_eq!(told(&harness).await, [100, 0, 0, 100]);
}

#[tokio::test]
async fn credit_is_told_to_its_account_and_to_the_platform() {
    let harness = Harness::new().await;
    harness.say("evt_limit", limit(100)).await;
    for (context, account_id, seen) in [
        (context(ACCOUNT), "", true),
        (context(ACCOUNT), ACCOUNT, true),
        (context(""), ACCOUNT, true),
        (context(""), "", false),
        (context("acc_2"), "", false),
        (context("acc_2"), ACCOUNT, false),
        (
            Some(Context {
                world: "wld_other".to_owned(),
                ..context("").expect("some")
            }),
            ACCOUNT,
            false,
        ),
    ] {
        let told = credit(&harness, context, account_id).await;
        assert_eq!(told.is_ok(), seen, "{told:?}");
        assert!(told.is_ok() || told == Err(tonic::Code::NotFound));
    }
}

#[tokio::test]
async fn journals_are_found_by_the_ledger_account_they_move() {
    let harness = Harness::new().await;
    harness.say("evt_limit", limit(100)).await;
    harness.say("evt_1", pay(10, "tok_visa")).await;
    harness.say("evt_2", owe("pay_2", eur(20))).await;
    for (ledger_account, payments) in [
        ("psp_clearing:pending", vec!["pay_1"]),
        ("agency_receivable:acc_1:pending", vec!["pay_2"]),
        ("customer_funds:pending", vec!["pay_1", "pay_2"]),
        ("revenue:penalty", vec![]),
    ] {
        let request = ListJournalsRequest {
            context: context(""),
            ledger_account: ledger_account.to_owned(),
            ..ListJournalsRequest::default()
        };
        let listed = harness.billing.list_journals(Request::new(request)).await;
        let journals = listed.expect("reads").into_inner().journals;
        let found: Vec<&str> = journals.iter().map(|j| j.payment_id.as_str()).collect();
        assert_eq!(found, payments, "{ledger_account}");
    }
}
