//! Exchanges: an order that was paid for owes something else from now on, because its journey was changed. Nobody is asked and no
//! money moves; what there is to collect or to give back is a payment or a refund of its own.

use super::events::CONSUMER;
use super::payment::{Refusal, Status};
use super::{BillingService, Error, ledger, store};
use crate::kernel::id::JournalId;
use crate::platform::db::Script;
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;
use crate::rpc::events::v1::envelope::Data;

impl BillingService {
    /// Writes an exchange down once, however often it is asked for.
    pub(super) async fn exchange(&self, asked: Envelope) -> Result<(), Error> {
        let chance = self.chance.clone();
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let new = outbox::accepted(tx, CONSUMER, &asked).await?;
                let Some(Data::ExchangeRequested(request)) = asked.data.as_ref().filter(|_| new)
                else {
                    return Ok(());
                };
                let payment = store::payment(&mut *tx, &request.payment_id)
                    .await?
                    .ok_or(Error::NotFound("payment"))?;
                if payment.status != Status::Captured || payment.order_id != request.order_id {
                    return Err(Refusal::WrongState.into());
                }
                let journal = ledger::exchange(&request.replaced, &request.lines)?;
                let id = &request.exchange_id;
                if store::insert_exchange(tx, id, &payment.id, &asked).await? {
                    let journal_id = JournalId::new(asked.time_us, &chance);
                    let (journal_id, at_us) = (journal_id.as_str(), asked.time_us);
                    let mut script = Script::default();
                    store::post(&mut script, journal_id, &journal, &payment, id, at_us);
                    script.run(tx).await?;
                }
                Ok(())
            })
        });
        write.await
    }
}
