//! Payments and the ledger: asks the payment provider on behalf of orders, and writes every movement of money as a balanced
//! journal. It is asked by events and answers by events; its contracts only read. It knows nothing of offers and seats.

use crate::kernel::money::{Currency, Money};
use crate::rpc::common::v1 as wire;

mod credit;
mod events;
mod exchange;
mod grpc;
mod ledger;
mod payment;
mod provider;
mod reads;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use events::subscribe;
pub use service::BillingService;

/// Why billing did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the caller may not know of it.
    #[error("{0} not found")]
    NotFound(&'static str),
    /// A field of the request is wrong.
    #[error("{0} is not valid")]
    Invalid(&'static str),
    /// The rules of a payment say no.
    #[error("the payment does not allow this")]
    Refused(#[from] payment::Refusal),
    /// A journal would not balance.
    #[error("the movement cannot be written as a journal")]
    Unbalanced(#[from] ledger::Unbalanced),
    /// The database failed.
    #[error("the billing store failed")]
    Store(#[from] store::Error),
}

fn to_wire(money: Money) -> wire::Money {
    wire::Money {
        amount: money.amount,
        currency: money.currency.code().to_owned(),
    }
}

fn from_wire(money: Option<&wire::Money>) -> Option<Money> {
    let money = money?;
    Some(Money::new(money.amount, Currency::parse(&money.currency)?))
}
