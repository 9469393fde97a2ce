//! A billing of its own for each test: a real database, the bus, and somebody who hears its answers.

use std::sync::{Arc, Mutex};

use tonic::Request;

use crate::billing::{BillingService, subscribe};
use crate::kernel::chance::Chance;
use crate::platform::bus::Bus;
use crate::rpc::billing::v1::PaymentMethod;
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

pub const WORLD: &str = "wld_test";
pub const ACCOUNT: &str = "acc_1";
const ANSWERS: &[&str] = &[
    "payment.authorized",
    "payment.captured",
    "payment.declined",
    "payment.voided",
    "payment.unknown",
    "refund.succeeded",
    "refund.failed",
];

pub struct Harness {
    dir: tempfile::TempDir,
    pub bus: Bus,
    pub billing: Arc<BillingService>,
    pub answers: Arc<Mutex<Vec<Envelope>>>,
}

impl Harness {
    pub async fn new() -> Self {
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
    pub async fn restart(self) -> Self {
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
    pub async fn say(&self, id: &str, data: Data) -> Vec<String> {
        self.bus
            .publish(&event(id, data))
            .await
            .expect("billing takes it");
        self.heard().await
    }

    pub async fn heard(&self) -> Vec<String> {
        self.billing.drain().await;
        let mut answers = self.answers.lock().expect("no panic");
        answers
            .drain(..)
            .map(|answer| format!("{} {}", answer.r#type, answer.sequence))
            .collect()
    }

    pub async fn payment(&self, id: &str) -> Payment {
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

    pub async fn balance(&self, ledger_account: &str) -> i64 {
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

    pub async fn journals(&self, account_id: &str) -> Vec<String> {
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

    pub async fn reconcile(&self, account_id: &str) -> u32 {
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

pub fn context(account_id: &str) -> Option<Context> {
    Some(Context {
        world: WORLD.to_owned(),
        account_id: account_id.to_owned(),
        now_us: 9,
        ..Context::default()
    })
}

pub fn event(id: &str, data: Data) -> Envelope {
    let r#type = match &data {
        Data::PaymentRequested(_) => "payment.requested",
        Data::CaptureRequested(_) => "payment.capture_requested",
        Data::VoidRequested(_) => "payment.void_requested",
        Data::Credit(_) => "credit.changed",
        Data::ExchangeRequested(_) => "exchange.requested",
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

pub fn eur(amount: i64) -> Option<Money> {
    Some(Money {
        amount,
        currency: "EUR".to_owned(),
    })
}

pub fn line(kind: &str, owner: &str, amount: i64) -> AmountLine {
    AmountLine {
        kind: kind.to_owned(),
        code: String::new(),
        owner: owner.to_owned(),
        amount: eur(amount),
    }
}

pub fn pay(amount: i64, token: &str) -> Data {
    Data::PaymentRequested(PaymentRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(amount),
        method_token: token.to_owned(),
        method: PaymentMethod::Card.into(),
    })
}

pub fn capture(amount: i64, lines: Vec<AmountLine>) -> Data {
    Data::CaptureRequested(CaptureRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(amount),
        lines,
    })
}

pub fn whole() -> Data {
    capture(100, vec![line("fare", "LH", 80), line("tax", "DE", 20)])
}

pub fn void() -> Data {
    Data::VoidRequested(VoidRequested {
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
    })
}

pub fn refund(id: &str, amount: i64, lines: Vec<AmountLine>, retained: Vec<AmountLine>) -> Data {
    Data::RefundRequested(RefundRequested {
        refund_id: id.to_owned(),
        payment_id: "pay_1".to_owned(),
        order_id: "ord_1".to_owned(),
        amount: eur(amount),
        lines,
        retained,
    })
}
