//! What a command or an answer makes of an order: its next state, and what is to be said of it once that is durable.
//!
//! Only builds; which change follows from what is decided in `order.rs`, `saga.rs` and `cancellation.rs`.

use super::order::{Order, Step};
use crate::rpc::booking::v1 as pb;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::events::v1::{OrderChanged, PaymentRequested};

/// Something to be said, once the state that it tells of is durable.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// `aggregate.past_verb`.
    pub kind: &'static str,
    /// The aggregate: the order, or the payment that something is asked about.
    pub subject: String,
    pub data: Data,
}

/// What a command or an answer makes of an order.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub order: Order,
    pub events: Vec<Event>,
}

impl Change {
    /// The order as it is, one version on.
    pub(super) fn of(order: &Order, now_us: i64) -> Self {
        let mut change = Self {
            order: order.clone(),
            events: Vec::new(),
        };
        change.touch(now_us);
        change
    }

    /// The order where only its saga moves on, which its owner does not see.
    pub(super) fn unseen(order: &Order, step: Step) -> Self {
        Self {
            order: Order {
                step,
                ..order.clone()
            },
            events: Vec::new(),
        }
    }

    pub(super) fn touch(&mut self, now_us: i64) {
        self.order.state.version += 1;
        self.order.state.updated_at_us = now_us;
    }

    /// Tells of the order as it now is, and as its owner sees it.
    pub(super) fn say(&mut self, kind: &'static str) {
        let state = &self.order.state;
        let told = OrderChanged {
            order_id: state.id.clone(),
            version: state.version,
            status: word(state.status().as_str_name(), "ORDER_STATUS_"),
            payment_status: word(state.payment_status().as_str_name(), "PAYMENT_STATUS_"),
            locator: state.locator.clone(),
            order: Some(self.order.as_of(state.updated_at_us)),
        };
        self.events.push(Event {
            kind,
            subject: state.id.clone(),
            data: Data::Order(told),
        });
    }

    pub(super) fn ask_payment(&mut self, payment: pb::OrderPayment, method_token: String) {
        let asked = PaymentRequested {
            payment_id: payment.id.clone(),
            order_id: self.order.state.id.clone(),
            amount: payment.amount,
            method: payment.method,
            method_token,
        };
        self.ask(
            "payment.requested",
            payment.id,
            Data::PaymentRequested(asked),
        );
    }

    /// Asks billing for something about a payment.
    pub(super) fn ask(&mut self, kind: &'static str, payment_id: String, data: Data) {
        self.events.push(Event {
            kind,
            subject: payment_id,
            data,
        });
    }
}

fn word(name: &str, prefix: &str) -> String {
    name.strip_prefix(prefix)
        .unwrap_or(name)
        .to_ascii_lowercase()
}
