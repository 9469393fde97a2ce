//! Billing as its neighbours see it: events in, events and reads out, over a real database, through crashes and repeats.

use std::sync::{Arc, Mutex};

use tonic::Request;

use super::{BillingService, store, subscribe};
use crate::kernel::chance::Chance;
use crate::platform::bus::Bus;
use crate::rpc::billing::v1::ledger_server::Ledger;
use crate::rpc::billing::v1::payments_server::Payments;
use crate::rpc::billing::v1::{
    GetBalanceRequest, GetPaymentRequest, ListJournalsRequest, Payment, ReconcileRequest,
};
use crate::rpc::common::v1::{Context, Money};
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{
    AmountLine, CaptureRequested, Envelope, PaymentRequested, RefundRequested, VoidRequested,
};

const WORLD: &str = "wld_test";
pub(super) const ACCOUNT: &str = "acc_1";
const ANSWERS: &[&str] = &[
    "payment.authorized",
    "payment.captured",
    "payment.declined",
    "payment.voided",
    "payment.unknown",
    "refund.succeeded",
    "refund.failed",
];

pub(super) struct Harness {
    dir: tempfile::TempDir,
    bus: Bus,
    pub(super) billing: Arc<BillingService>,
    answers: Arc<Mutex<Vec<Envelope>>>,
}

impl Harness {
    pub(super) async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let (bus, billing, answers) = start(&dir).await;
        Self {
            dir,
            bus,
            billing,
            answers,
        }
    }

    /// A new life over the same files.
    async fn restart(self) -> Self {
        self.billing.close().await;
        let (bus, billing, answers) = start(&self.dir).await;
        Self {
            dir: self.dir,
            bus,
            billing,
            answers,
        }
    }

    /// Publishes an event and tells what billing answers to it: type and sequence.
    pub(super) async fn say(&self, id: &str, data: Data) -> Vec<String> {
        self.bus
            .publish(&event(id, data))
            .await
            .expect("billing takes it");
        self.heard().await
    }

    async fn heard(&self) -> Vec<String> {
        self.billing.drain().await;
        let mut answers = self.answers.lock().expect("no panic");
        answers
            .drain(..)
            .map(|answer| format!("{} {}", answer.r#type, answer.sequence))
            .collect()
    }

    async fn payment(&self, id: &str) -> Payment {
        let request = GetPaymentRequest {
            context: context(ACCOUNT),
            payment_id: id.to_owned(),
        };
        self.billing
            .get_payment(Request::new(request))
            .await
            .expect("it is there")
            .into_inner()
    }

    async fn balance(&self, ledger_account: &str) -> i64 {
        let request = GetBalanceRequest {
            context: context(""),
            ledger_account: ledger_account.to_owned(),
            order_id: String::new(),
        };
        let balances = self
            .billing
            .get_balance(Request::new(request))
            .await
            .expect("reads")
            .into_inner();
        balances
            .balances
            .first()
            .map_or(0, |balance| balance.amount)
    }

    pub(super) async fn journals(&self, account_id: &str) -> Vec<String> {
        let request = ListJournalsRequest {
            context: context(account_id),
            ..ListJournalsRequest::default()
        };
        let listed = self
            .billing
            .list_journals(Request::new(request))
            .await
            .expect("reads")
            .into_inner();
        for journal in &listed.journals {
            let sum: i64 = journal
                .lines
                .iter()
                .filter_map(|line| line.amount.as_ref())
                .map(|a| a.amount)
                .sum();
            assert_eq!(sum, 0, "{journal:?}");
        }
        listed
            .journals
            .into_iter()
            .map(|journal| journal.kind)
            .collect()
    }

    async fn reconcile(&self, account_id: &str) -> u32 {
        let request = ReconcileRequest {
            context: context(account_id),
        };
        self.billing
            .reconcile(Request::new(request))
            .await
            .expect("reads")
            .into_inner()
            .resolved
    }
}

async fn start(dir: &tempfile::TempDir) -> (Bus, Arc<BillingService>, Arc<Mutex<Vec<Envelope>>>) {
    let bus = Bus::new();
    let billing = BillingService::open(&dir.path().join("billing.db"), &bus, Chance::from_os())
        .await
        .expect("the file opens");
    subscribe(&bus, &billing);
    let answers = Arc::new(Mutex::new(Vec::new()));
    let heard = answers.clone();
    bus.subscribe("listener", ANSWERS, move |answer| {
        heard.lock().expect("no panic").push(answer);
        Box::pin(async { Ok(()) })
    });
    bus.start();
    (bus, billing, answers)
}

pub(super) fn context(account_id: &str) -> Option<Context> {
    Some(Context {
        world: WORLD.to_owned(),
        account_id: account_id.to_owned(),
        now_us: 9,
        ..Context::default()
    })
}

fn event(id: &str, data: Data) -> Envelope {
    let r#type = match &data {
        Data::PaymentRequested(_) => "payment.requested",
        Data::CaptureRequested(_) => "payment.capture_requested",
        Data::VoidRequested(_) => "payment.void_requested",
        _ => "refund.requested",
    };
    Envelope {
        id: id.to_owned(),
        r#type: r#type.to_owned(),
        world: WORLD.to_owned(),
        account_id: ACCOUNT.to_owned(),
        time_us: 5,
        data: Some(data),
        ..Envelope::default()
    }
}

fn eur(amount: i64) -> Option<Money> {
    Some(Money {
        amount,
        currency: "EUR".to_owned(),
    })
}

fn line(kind: &str, owner: &str, amount: i64) -> AmountLine {
    AmountLine {
        kind: kind.to_owned(),
        code: String::new(),
        owner: owner.to_owned(),
        amount: eur(amount),
    }
}

pub(super) fn pay(amount: i64, token: &str) -> Data {
    Data::PaymentRequested(PaymentRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(amount),
        method_token: token.to_owned(),
    })
}

fn capture(amount: i64, lines: Vec<AmountLine>) -> Data {
    Data::CaptureRequested(CaptureRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(amount),
        lines,
    })
}

pub(super) fn whole() -> Data {
    capture(100, vec![line("fare", "LH", 80), line("tax", "DE", 20)])
}

fn void() -> Data {
    Data::VoidRequested(VoidRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
    })
}

fn refund(id: &str, amount: i64, lines: Vec<AmountLine>, retained: Vec<AmountLine>) -> Data {
    Data::RefundRequested(RefundRequested {
        refund_id: id.to_owned(),
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(amount),
        lines,
        retained,
    })
}

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
    assert_eq!(harness.say("evt_3", whole()).await, ["payment.unknown 3"]);
    let harness = harness.restart().await;
    assert_eq!(
        harness.payment("pay_1").await.status,
        "unknown",
        "a restart guesses nothing"
    );
    assert_eq!(harness.reconcile("acc_2").await, 0);
    assert_eq!(harness.reconcile(ACCOUNT).await, 1);
    assert_eq!(harness.heard().await, ["payment.captured 4"]);
    assert_eq!(harness.reconcile(ACCOUNT).await, 0);
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
        let mut reader = harness
            .billing
            .db
            .reader()
            .acquire()
            .await
            .expect("a connection");
        let done = store::provider::of_payment(&mut reader, "pay_1")
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
