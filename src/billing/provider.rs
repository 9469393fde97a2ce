//! The payment provider of the sandbox: decides by the token of the payment method, and remembers what it did under the ids
//! that its client made, as a real provider does. So a repeat does nothing twice, and a question after a lost answer has one.
//! It moves no money and knows no order.

use std::collections::BTreeMap;

use super::payment::{Operation, Outcome};
use super::{Error, store};
use crate::platform::db::Db;

/// Its money is taken, but the answer to the capture is lost.
const LOSES_ITS_ANSWER: &str = "tok_unknown";

/// What the provider is asked; `id` is made by the client, once.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub id: String,
    pub payment_id: String,
    pub operation: Operation,
    /// Minor units.
    pub amount: i64,
    pub currency: String,
    pub method_token: String,
}

/// What the provider has done.
#[derive(Clone, Debug, PartialEq)]
pub struct Done {
    pub request: Request,
    /// Never `Unknown`: the provider knows what it did.
    pub outcome: Outcome,
}

/// The sandbox's provider, with a durable record of its own.
pub struct SandboxProvider {
    db: Db,
}

impl SandboxProvider {
    /// Keeps its record in `db`, in a table of its own and in transactions of its own.
    pub fn new(db: Db) -> Self {
        Self { db }
    }

    /// Does what is asked, or says again what came of it; `Unknown` when its answer is lost on the way.
    pub async fn perform(&self, request: Request) -> Result<Outcome, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let history = store::provider::of_payment(&mut *tx, &request.payment_id).await?;
                let done = history.iter().find(|done| done.request.id == request.id);
                if let Some(done) = done {
                    return Ok(done.outcome.clone());
                }
                let outcome = decide(&history, &request);
                let lost = request.operation == Operation::Capture
                    && request.method_token == LOSES_ITS_ANSWER;
                let answer = if lost {
                    Outcome::Unknown
                } else {
                    outcome.clone()
                };
                store::provider::insert(tx, &Done { request, outcome }).await?;
                Ok::<_, Error>(answer)
            })
        });
        write.await
    }

    /// Minor units that it has taken and given back for each payment, by its own record.
    pub async fn moved(&self) -> Result<BTreeMap<String, (i64, i64)>, Error> {
        let mut moved: BTreeMap<String, (i64, i64)> = BTreeMap::new();
        for Done { request, outcome } in store::provider::all(self.db.reader()).await? {
            let (taken, given_back) = moved.entry(request.payment_id).or_default();
            match (request.operation, outcome) {
                (Operation::Capture, Outcome::Done) => *taken += request.amount,
                (Operation::Refund, Outcome::Done) => *given_back += request.amount,
                _ => {}
            }
        }
        Ok(moved)
    }

    /// What came of a request; `None` when it was never received.
    pub async fn query(&self, id: &str) -> Result<Option<Outcome>, Error> {
        Ok(store::provider::find(self.db.reader(), id)
            .await?
            .map(|done| done.outcome))
    }
}

/// What becomes of a request, given all that was done for the payment.
fn decide(history: &[Done], request: &Request) -> Outcome {
    let done = |operation: Operation| {
        let amounts = history
            .iter()
            .filter(|done| done.request.operation == operation && done.outcome == Outcome::Done)
            .map(|done| done.request.amount);
        amounts.fold(0_i64, i64::saturating_add)
    };
    let (authorized, captured) = (done(Operation::Authorize), done(Operation::Capture));
    let closed = captured > 0 || done(Operation::Void) > 0;
    let decline = |code: &str| Outcome::Declined(code.to_owned());
    match request.operation {
        Operation::Authorize => match request.method_token.as_str() {
            "tok_visa" | LOSES_ITS_ANSWER if authorized == 0 && request.amount > 0 => Outcome::Done,
            "tok_insufficient_funds" => decline("insufficient_funds"),
            _ => decline("card_declined"),
        },
        Operation::Capture if closed || request.amount > authorized => decline("not_authorized"),
        Operation::Void if closed || authorized == 0 => decline("not_authorized"),
        Operation::Refund if request.amount > captured.saturating_sub(done(Operation::Refund)) => {
            decline("not_captured")
        }
        Operation::Capture | Operation::Void | Operation::Refund => Outcome::Done,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_and_history_decide() {
        use Operation::{Authorize, Capture, Refund, Void};
        let mut history = Vec::new();
        for (payment_id, operation, amount, token, expected) in [
            ("a", Authorize, 100, "tok_declined", "card_declined"),
            (
                "a",
                Authorize,
                100,
                "tok_insufficient_funds",
                "insufficient_funds",
            ),
            ("a", Authorize, 100, "tok_made_up", "card_declined"),
            ("a", Capture, 100, "tok_visa", "not_authorized"),
            ("a", Authorize, 100, "tok_visa", "done"),
            ("a", Capture, 101, "tok_visa", "not_authorized"),
            ("a", Refund, 1, "tok_visa", "not_captured"),
            ("a", Capture, 100, "tok_visa", "done"),
            ("a", Capture, 100, "tok_visa", "not_authorized"),
            ("a", Void, 100, "tok_visa", "not_authorized"),
            ("a", Refund, 70, "tok_visa", "done"),
            ("a", Refund, 31, "tok_visa", "not_captured"),
            ("a", Refund, 30, "tok_visa", "done"),
            ("b", Void, 100, "tok_unknown", "not_authorized"),
            ("b", Authorize, 100, "tok_unknown", "done"),
            ("b", Void, 100, "tok_unknown", "done"),
            ("b", Capture, 100, "tok_unknown", "not_authorized"),
        ] {
            let request = Request {
                id: String::new(),
                payment_id: payment_id.to_owned(),
                operation,
                amount,
                currency: "EUR".to_owned(),
                method_token: token.to_owned(),
            };
            let own: Vec<Done> = history
                .iter()
                .filter(|done: &&Done| done.request.payment_id == payment_id)
                .cloned()
                .collect();
            let outcome = decide(&own, &request);
            let told = match &outcome {
                Outcome::Done => "done",
                Outcome::Declined(code) => code,
                Outcome::Unknown => "unknown",
            };
            assert_eq!(
                told, expected,
                "{payment_id} {operation:?} {amount} {token}"
            );
            history.push(Done { request, outcome });
        }
    }
}
