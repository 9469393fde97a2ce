//! What billing hears and says on the bus: requests about payments in, what came of them out.

use std::sync::Arc;

use super::payment::{Method, Operation, Outcome, Payment, Refusal};
use super::store::Attempt;
use super::{BillingService, Error, from_wire, to_wire};
use crate::kernel::chance::Chance;
use crate::kernel::id::EventId;
use crate::kernel::money::Money;
use crate::platform::bus::{Bus, HandlerError};
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{AmountLine, Envelope, PaymentAnswered, RefundAnswered};

/// The name under which billing keeps its inbox.
pub(super) const CONSUMER: &str = "billing";

/// Lets billing hear what orders ask of it, and what accounts may owe.
pub fn subscribe(bus: &Bus, service: &Arc<BillingService>) {
    let types = &[
        "payment.requested",
        "payment.capture_requested",
        "payment.void_requested",
        "refund.requested",
    ];
    let asked = service.clone();
    bus.subscribe(CONSUMER, types, move |event| {
        let service = asked.clone();
        Box::pin(async move { service.take(event).await.map_err(refused) })
    });
    let replaced = service.clone();
    bus.subscribe(CONSUMER, &["exchange.requested"], move |event| {
        let service = replaced.clone();
        Box::pin(async move { Ok(service.exchange(event).await?) })
    });
    let told = service.clone();
    bus.subscribe(CONSUMER, &["credit.changed"], move |event| {
        let service = told.clone();
        Box::pin(async move { Ok(service.set_credit(event).await?) })
    });
}

/// An event that comes while another about the same payment is under way has to wait, which is not its fault.
fn refused(error: Error) -> HandlerError {
    match error {
        Error::Refused(Refusal::Busy) => HandlerError::later(error),
        error => error.into(),
    }
}

/// What an event asks.
pub(super) struct Asked<'a> {
    /// The id under which the provider is asked; the same for every repeat.
    pub attempt_id: String,
    pub payment_id: &'a str,
    pub order_id: &'a str,
    pub operation: Operation,
    /// `None` when the event carries none that can be read.
    pub amount: Option<Money>,
    /// Tells something only when authorization is asked, as does the token.
    pub method: Method,
    pub method_token: &'a str,
    /// What the amount consists of.
    pub lines: &'a [AmountLine],
    /// What is not given back of it.
    pub retained: &'a [AmountLine],
}

/// Reads what an event asks; `None` when it asks nothing of billing.
pub(super) fn read(event: &Envelope) -> Option<Asked<'_>> {
    let (operation, payment_id, order_id, amount) = match event.data.as_ref()? {
        Data::PaymentRequested(asked) => (
            Operation::Authorize,
            &asked.payment_id,
            &asked.order_id,
            from_wire(asked.amount.as_ref()),
        ),
        Data::CaptureRequested(asked) => (
            Operation::Capture,
            &asked.payment_id,
            &asked.order_id,
            from_wire(asked.amount.as_ref()),
        ),
        Data::VoidRequested(asked) => (Operation::Void, &asked.payment_id, &asked.order_id, None),
        Data::RefundRequested(asked) => (
            Operation::Refund,
            &asked.payment_id,
            &asked.order_id,
            from_wire(asked.amount.as_ref()),
        ),
        Data::Order(_)
        | Data::Payment(_)
        | Data::Refund(_)
        | Data::Credit(_)
        | Data::ExchangeRequested(_) => return None,
    };
    let mut read = Asked {
        attempt_id: format!("{payment_id}:{}", operation.as_str()),
        payment_id,
        order_id,
        operation,
        amount,
        method: Method::Card,
        method_token: "",
        lines: &[],
        retained: &[],
    };
    match event.data.as_ref()? {
        Data::PaymentRequested(asked) => {
            read.method = match asked.method() {
                PaymentMethod::AgencyCredit => Method::AgencyCredit,
                PaymentMethod::Unspecified | PaymentMethod::Card => Method::Card,
            };
            read.method_token = &asked.method_token;
        }
        Data::CaptureRequested(asked) => read.lines = &asked.lines,
        Data::RefundRequested(asked) => {
            read.attempt_id.clone_from(&asked.refund_id);
            (read.lines, read.retained) = (&asked.lines, &asked.retained);
        }
        Data::VoidRequested(_)
        | Data::Order(_)
        | Data::Payment(_)
        | Data::Refund(_)
        | Data::Credit(_)
        | Data::ExchangeRequested(_) => {}
    }
    Some(read)
}

/// Makes answers to one event, told at one time.
pub(super) struct Answer<'a> {
    pub asked: &'a Envelope,
    /// World's time, microseconds since the Unix epoch.
    pub now_us: i64,
    pub chance: &'a Chance,
}

impl Answer<'_> {
    /// What came of an attempt; nothing while a refund's outcome is unknown.
    pub fn of(&self, payment: &Payment, attempt: &Attempt, outcome: &Outcome) -> Option<Envelope> {
        match (attempt.operation, outcome) {
            (Operation::Refund, Outcome::Unknown) => None,
            (Operation::Refund, _) => {
                let amount = Money::new(attempt.amount, payment.amount.currency);
                Some(self.refund(
                    &attempt.id,
                    payment,
                    Some(amount),
                    *outcome == Outcome::Done,
                ))
            }
            (Operation::Authorize | Operation::Capture | Operation::Void, _) => {
                Some(self.payment(payment))
            }
        }
    }

    /// Where a payment stands.
    pub fn payment(&self, payment: &Payment) -> Envelope {
        let amount = match payment.captured {
            0 => payment.amount,
            captured => Money::new(captured, payment.amount.currency),
        };
        let data = Data::Payment(PaymentAnswered {
            payment_id: payment.id.clone(),
            order_id: payment.order_id.clone(),
            amount: Some(to_wire(amount)),
            outcome: payment.status.as_str().to_owned(),
            decline_code: payment.decline_code.clone(),
        });
        self.envelope(
            format!("payment.{}", payment.status.as_str()),
            &payment.id,
            data,
        )
    }

    /// Whether money went back.
    pub fn refund(
        &self,
        id: &str,
        payment: &Payment,
        amount: Option<Money>,
        succeeded: bool,
    ) -> Envelope {
        let outcome = if succeeded { "succeeded" } else { "failed" };
        let data = Data::Refund(RefundAnswered {
            refund_id: id.to_owned(),
            payment_id: payment.id.clone(),
            order_id: payment.order_id.clone(),
            amount: amount.map(to_wire),
            outcome: outcome.to_owned(),
        });
        self.envelope(format!("refund.{outcome}"), id, data)
    }

    /// Nothing could be asked of the provider, because the amount is none.
    pub fn no_amount(&self, request: &Asked<'_>) -> Envelope {
        let data = Data::Payment(PaymentAnswered {
            payment_id: request.payment_id.to_owned(),
            order_id: request.order_id.to_owned(),
            amount: None,
            outcome: "declined".to_owned(),
            decline_code: "invalid_amount".to_owned(),
        });
        self.envelope("payment.declined".to_owned(), request.payment_id, data)
    }

    fn envelope(&self, r#type: String, subject: &str, data: Data) -> Envelope {
        Envelope {
            id: EventId::new(self.now_us, self.chance).into(),
            r#type,
            source: "billing".to_owned(),
            time_us: self.now_us,
            subject: subject.to_owned(),
            // The outbox gives it.
            sequence: 0,
            world: self.asked.world.clone(),
            account_id: self.asked.account_id.clone(),
            causation_id: self.asked.id.clone(),
            correlation_id: self.asked.correlation_id.clone(),
            data: Some(data),
        }
    }
}
