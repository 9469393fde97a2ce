//! Agency credit: what an account may owe, and whether one more payment fits into it.
//!
//! What is owed and what is promised are sums of the ledger. A payment is judged and written by one transaction, of which
//! there is one at a time, so no two payments fit into the same credit. Collecting what is owed is not done here.

use super::payment::Outcome;
use super::{BillingService, Error, events, from_wire, store};
use crate::kernel::money::Money;
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;
use crate::rpc::events::v1::envelope::Data;

/// What an account may owe and owes.
#[derive(Clone, Debug, PartialEq)]
pub struct Credit {
    pub limit: Money,
    /// Minor units captured and not given back.
    pub posted: i64,
    /// Minor units promised and not captured yet.
    pub pending: i64,
}

impl Credit {
    /// Minor units that may still be promised; never below 0, even when the limit was lowered to less than is owed.
    pub fn available(&self) -> i64 {
        let used = self.posted.saturating_add(self.pending);
        self.limit.amount.saturating_sub(used).max(0)
    }

    /// Whether a payment fits into what an account may owe; why not is the decline code.
    pub fn judge(credit: Option<&Self>, amount: Money) -> Outcome {
        let declined = |code: &str| Outcome::Declined(code.to_owned());
        match credit {
            None => declined("no_credit"),
            Some(credit) if credit.limit.currency != amount.currency => {
                declined("currency_not_supported")
            }
            Some(credit) if credit.available() < amount.amount => declined("credit_limit_exceeded"),
            Some(_) => Outcome::Done,
        }
    }
}

impl BillingService {
    /// Notes what an account may owe from now on.
    pub(super) async fn set_credit(&self, event: Envelope) -> Result<(), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                if !outbox::accepted(tx, events::CONSUMER, &event).await? {
                    return Ok(());
                }
                let changed = match &event.data {
                    Some(Data::Credit(changed)) => Some(changed),
                    _ => None,
                };
                let limit = changed
                    .and_then(|changed| from_wire(changed.limit.as_ref()))
                    .filter(|limit| limit.amount >= 0);
                let (Some(changed), Some(limit)) = (changed, limit) else {
                    tracing::error!(event = %event.id, "a credit without a limit that can be read");
                    return Ok(());
                };
                Ok::<_, Error>(
                    store::set_credit(tx, &event.world, &changed.account_id, limit).await?,
                )
            })
        });
        write.await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::money::Currency;

    fn money(amount: i64, currency: &str) -> Money {
        Money::new(amount, Currency::parse(currency).expect("three letters"))
    }

    #[test]
    fn payments_fit_into_what_is_neither_owed_nor_promised() {
        for (limit, posted, pending, amount, expected) in [
            (100, 0, 0, 100, Outcome::Done),
            (100, 60, 30, 10, Outcome::Done),
            (
                100,
                60,
                30,
                11,
                Outcome::Declined("credit_limit_exceeded".to_owned()),
            ),
            // The limit was lowered below what is owed.
            (
                50,
                60,
                0,
                1,
                Outcome::Declined("credit_limit_exceeded".to_owned()),
            ),
        ] {
            let credit = Credit {
                limit: money(limit, "EUR"),
                posted,
                pending,
            };
            assert_eq!(
                Credit::judge(Some(&credit), money(amount, "EUR")),
                expected,
                "{credit:?}"
            );
            assert!(credit.available() >= 0);
            assert_eq!(
                Credit::judge(Some(&credit), money(1, "USD")),
                Outcome::Declined("currency_not_supported".to_owned())
            );
        }
        assert_eq!(
            Credit::judge(None, money(1, "EUR")),
            Outcome::Declined("no_credit".to_owned())
        );
    }
}
