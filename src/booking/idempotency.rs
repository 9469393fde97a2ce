//! One effect a key: who asked for what under which key, and the first answer, which every repeat gets again.
//!
//! Keys belong to an account in a world and to one operation. A request that was refused before it was accepted leaves no
//! entry, so it may be put right and sent again under the same key.

use prost::Message;

use super::cancellation::Cancellation;
use super::order::Order;
use super::{exchange, saga};
use crate::api::problem::Code;
use crate::rpc::booking::v1 as pb;
use crate::rpc::common::v1::{Context, Idempotency};

/// The operations that take a key, by the operationId of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    CreateOrder,
    CreateOrderPayment,
    ConfirmOrderCancellation,
    ConfirmOrderChange,
    VoidOrder,
    ResumeSaga,
}

impl Operation {
    const ALL: [Self; 6] = [
        Self::CreateOrder,
        Self::CreateOrderPayment,
        Self::ConfirmOrderCancellation,
        Self::ConfirmOrderChange,
        Self::VoidOrder,
        Self::ResumeSaga,
    ];

    /// The operationId.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateOrder => "createOrder",
            Self::CreateOrderPayment => "createOrderPayment",
            Self::ConfirmOrderCancellation => "confirmOrderCancellation",
            Self::ConfirmOrderChange => "confirmOrderChange",
            Self::VoidOrder => "voidOrder",
            Self::ResumeSaga => "resumeSaga",
        }
    }

    /// The operation of this operationId.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.as_str() == text)
    }
}

/// Where a key is unique.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub world: String,
    pub account_id: String,
    pub operation: Operation,
    pub key: String,
}

impl Key {
    /// The key of a request. A request without one is repeated under the id that its caller made for it.
    pub fn of(context: &Context, operation: Operation, given: &Idempotency, made_id: &str) -> Self {
        let key = if given.key.is_empty() {
            made_id
        } else {
            &given.key
        };
        Self {
            world: context.world.clone(),
            account_id: context.account_id.clone(),
            operation,
            key: key.to_owned(),
        }
    }
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: Key,
    /// SHA-256 of the canonical request.
    pub fingerprint: Vec<u8>,
    pub order_id: String,
    /// The payment, cancellation or change it is about; empty when it is the order.
    pub part_id: String,
    pub created_at_us: i64,
    pub answer: Option<Answer>,
}

/// A first answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The encoded reply.
    Reply(Vec<u8>),
    /// The command was accepted and failed.
    Problem(Code),
}

/// A command that has its first answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Settled {
    pub key: Key,
    pub answer: Answer,
}

impl Entry {
    /// The answer that the order's state gives to the command; `None` while its saga is under way.
    pub fn answer_of(
        &self,
        order: &Order,
        cancellation: Option<&Cancellation>,
        now_us: i64,
    ) -> Option<Answer> {
        let payment_id = match self.key.operation {
            Operation::CreateOrder => order
                .state
                .payments
                .first()
                .map(|payment| payment.id.as_str()),
            Operation::CreateOrderPayment => Some(self.part_id.as_str()),
            Operation::ConfirmOrderCancellation | Operation::VoidOrder => None,
            Operation::ConfirmOrderChange => return self.answer_of_change(order, now_us),
            // Answered when it was accepted.
            Operation::ResumeSaga => return None,
        };
        Some(match (saga::settled(order, payment_id)?, cancellation) {
            (Err(code), _) => Answer::Problem(code),
            (Ok(()), None) => Answer::Reply(
                pb::OrderReply {
                    order: Some(order.as_of(now_us)),
                    replayed: false,
                    settled: true,
                }
                .encode_to_vec(),
            ),
            (Ok(()), Some(cancellation)) => Answer::Reply(
                pb::CancellationReply {
                    cancellation: Some(cancellation.as_of(order, now_us)),
                    replayed: false,
                    settled: true,
                }
                .encode_to_vec(),
            ),
        })
    }

    /// The answer to the change that was confirmed last.
    fn answer_of_change(&self, order: &Order, now_us: i64) -> Option<Answer> {
        let change = order.change.as_ref().filter(|_| order.rests())?;
        Some(match Code::parse(&change.failure_code) {
            Some(code) => Answer::Problem(code),
            None => Answer::Reply(
                pb::OrderChangeReply {
                    order_change: Some(exchange::as_of(change, &order.state, now_us)),
                    replayed: false,
                    settled: true,
                }
                .encode_to_vec(),
            ),
        })
    }

    /// What the contract tells of it.
    pub fn record(&self) -> pb::IdempotencyRecord {
        let (state, failure_code) = match &self.answer {
            None => ("in_progress", ""),
            Some(Answer::Reply(_)) => ("succeeded", ""),
            Some(Answer::Problem(code)) => ("failed", code.as_str()),
        };
        let (resource_type, resource_id) = match self.key.operation {
            Operation::CreateOrder | Operation::CreateOrderPayment | Operation::VoidOrder => {
                ("order", &self.order_id)
            }
            Operation::ConfirmOrderCancellation => ("order_cancellation", &self.part_id),
            Operation::ConfirmOrderChange => ("order_change", &self.part_id),
            Operation::ResumeSaga => ("saga", &self.part_id),
        };
        pb::IdempotencyRecord {
            key: self.key.key.clone(),
            operation: self.key.operation.as_str().to_owned(),
            state: state.to_owned(),
            resource_type: resource_type.to_owned(),
            resource_id: resource_id.clone(),
            failure_code: failure_code.to_owned(),
            created_at_us: self.created_at_us,
        }
    }
}
