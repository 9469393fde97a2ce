//! Billing on the bus, as its neighbours hear it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::booking::tests::samples;
use crate::platform::bus::Bus;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{Envelope, PaymentAnswered, RefundAnswered};

/// Billing on the bus. It says everything twice, as a bus may.
#[derive(Clone, Default)]
pub struct Billing {
    /// All that booking has said, in the order it came.
    pub heard: Arc<Mutex<Vec<Envelope>>>,
    /// The method of each payment.
    methods: Arc<Mutex<BTreeMap<String, String>>>,
}

/// Stands for a payment on credit that is more than the account may owe.
pub const OVER_LIMIT: &str = "over the limit";

const HEARD: &[&str] = &[
    "order.created",
    "order.held",
    "order.confirmed",
    "order.ticketed",
    "order.changed",
    "order.schedule_change_detected",
    "order.schedule_change_accepted",
    "order.voided",
    "order.cancelled",
    "order.expired",
    "order.failed",
    "payment.requested",
    "payment.capture_requested",
    "payment.void_requested",
    "refund.requested",
    "exchange.requested",
];

impl Billing {
    pub fn listen(&self, bus: &Bus) {
        let (billing, there) = (self.clone(), bus.clone());
        bus.subscribe("billing", HEARD, move |event| {
            let (billing, bus) = (billing.clone(), there.clone());
            Box::pin(async move {
                if let Some(answer) = billing.answer(&event) {
                    bus.publish(&answer).await?;
                    bus.publish(&answer).await?;
                }
                Ok(())
            })
        });
    }

    /// Kinds that were said of a subject.
    pub fn kinds(&self, subject: &str) -> Vec<String> {
        let mut kinds = Vec::new();
        for event in self
            .heard
            .lock()
            .expect("no panic")
            .iter()
            .filter(|e| e.subject == subject)
        {
            let known = u64::try_from(kinds.len()).expect("few");
            assert!(event.sequence <= known + 1, "a gap before {}", event.r#type);
            // A restart may say the last ones again.
            if event.sequence > known {
                kinds.push(event.r#type.clone());
            }
        }
        kinds
    }

    /// Whether nothing of this kind was said of the subject before, under another id.
    fn first_of(&self, event: &Envelope) -> bool {
        let heard = self.heard.lock().expect("no panic");
        let mut alike = heard
            .iter()
            .filter(|one| one.subject == event.subject && one.r#type == event.r#type);
        alike.all(|one| one.id == event.id)
    }

    fn answer(&self, event: &Envelope) -> Option<Envelope> {
        self.heard.lock().expect("no panic").push(event.clone());
        let mut methods = self.methods.lock().expect("no panic");
        let (payment_id, outcome) = match event.data.as_ref()? {
            Data::PaymentRequested(asked) => {
                methods.insert(asked.payment_id.clone(), asked.method_token.clone());
                (
                    &asked.payment_id,
                    match asked.method_token.as_str() {
                        "tok_declined" | OVER_LIMIT => "declined",
                        _ => "authorized",
                    },
                )
            }
            Data::CaptureRequested(asked) => {
                let sum: i64 = asked.lines.iter().map(crate::booking::price::units).sum();
                assert_eq!(
                    Some(samples::eur(sum)),
                    asked.amount,
                    "lines are the amount"
                );
                (
                    &asked.payment_id,
                    match methods[&asked.payment_id].as_str() {
                        "tok_unknown" if self.first_of(event) => "unknown",
                        "tok_capture_fails" => "declined",
                        _ => "captured",
                    },
                )
            }
            Data::VoidRequested(asked) => (&asked.payment_id, "voided"),
            Data::RefundRequested(asked) => {
                let refund = RefundAnswered {
                    refund_id: asked.refund_id.clone(),
                    payment_id: asked.payment_id.clone(),
                    order_id: asked.order_id.clone(),
                    amount: asked.amount.clone(),
                    outcome: "succeeded".to_owned(),
                };
                return Some(said(event, "refund.succeeded", Data::Refund(refund)));
            }
            Data::Order(_) | Data::Payment(_) | Data::Refund(_) | Data::Credit(_) => return None,
            Data::ExchangeRequested(_) => return None,
        };
        let order_id = match event.data.as_ref()? {
            Data::PaymentRequested(asked) => &asked.order_id,
            Data::CaptureRequested(asked) => &asked.order_id,
            Data::VoidRequested(asked) => &asked.order_id,
            _ => return None,
        };
        let mut answer = answered(event, payment_id, order_id, outcome);
        if let (Some(Data::Payment(told)), Some(OVER_LIMIT)) = (
            &mut answer.data,
            methods.get(payment_id).map(String::as_str),
        ) {
            told.decline_code = "credit_limit_exceeded".to_owned();
        }
        Some(answer)
    }
}

/// An answer of billing about a payment.
pub fn answered(cause: &Envelope, payment_id: &str, order_id: &str, outcome: &str) -> Envelope {
    let payment = PaymentAnswered {
        payment_id: payment_id.to_owned(),
        order_id: order_id.to_owned(),
        outcome: outcome.to_owned(),
        ..PaymentAnswered::default()
    };
    said(cause, &format!("payment.{outcome}"), Data::Payment(payment))
}

fn said(cause: &Envelope, kind: &str, data: Data) -> Envelope {
    Envelope {
        id: format!("evt_{kind}_{}", cause.id),
        r#type: kind.to_owned(),
        source: "billing".to_owned(),
        time_us: cause.time_us,
        world: cause.world.clone(),
        data: Some(data),
        ..Envelope::default()
    }
}
