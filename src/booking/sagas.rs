//! What whoever runs the platform sees of sagas, and taking one up again by hand.
//!
//! Nothing is done twice by that: a step is tried under the ids it was tried with before, and what waits for billing asks it
//! once more for the same, which billing answers again without doing it again.

use prost::Message;

use super::Error;
use super::idempotency::{Answer, Entry, Key, Operation, Settled};
use super::order::Refusal;
use super::service::BookingService;
use super::standing::{self, Standing};
use super::store::{self, Cause, entries, listing, sagas};
use crate::kernel::id::EventId;
use crate::platform::db::{Script, Tx};
use crate::platform::{outbox, page};
use crate::rpc::booking::v1 as pb;
use crate::rpc::booking::v1::SagaState;
use crate::rpc::events::v1::Envelope;

const WHAT: &str = "saga";

/// Most events of a payment that are looked through for what billing was asked; a payment has a handful.
const ASKED_MAX: u32 = 1000;

impl BookingService {
    /// Sagas, those of the newest orders first; the platform itself sees those of its whole world.
    pub(super) async fn list_sagas(
        &self,
        request: pb::ListSagasRequest,
    ) -> Result<pb::ListSagasResponse, Error> {
        let state = request.state();
        let context = self.platform_context(request.context)?;
        let (after, limit) = page::of(request.page);
        let reader = self.0.db.reader();
        let after = match after.as_str() {
            "" => Some(String::new()),
            after => standing::order_of(after),
        };
        let Some(after) = after else {
            return Ok(pb::ListSagasResponse::default());
        };
        let Some(after) = listing::position(reader, &context, &after).await? else {
            return Ok(pb::ListSagasResponse::default());
        };
        // One more tells whether there is a further page.
        let mut found = sagas::sagas(reader, &context, state, after, limit + 1).await?;
        let next = page::cut(&mut found, limit, |last| last.order.saga_id());
        let told = found.iter().map(|saga| saga.as_of(context.now_us));
        Ok(pb::ListSagasResponse {
            sagas: told.collect(),
            next,
        })
    }

    /// A saga of the context's account; of any for the platform itself.
    pub(super) async fn get_saga(&self, request: pb::GetSagaRequest) -> Result<pb::Saga, Error> {
        let context = self.platform_context(request.context)?;
        let order_id = standing::order_of(&request.saga_id).ok_or(Error::NotFound(WHAT))?;
        let found = sagas::own_saga(self.0.db.reader(), &context, &order_id).await?;
        let found = found.ok_or(Error::NotFound(WHAT))?;
        Ok(found.as_of(context.now_us))
    }

    /// Takes a saga up now, and answers how it stood; a repeat under the same key takes nothing up.
    pub(super) async fn resume_saga(
        &self,
        request: pb::ResumeSagaRequest,
    ) -> Result<pb::SagaReply, Error> {
        let context = self.platform_context(request.context)?;
        let order_id = standing::order_of(&request.saga_id).ok_or(Error::NotFound(WHAT))?;
        let given = request.idempotency.unwrap_or_default();
        let key = Key::of(&context, Operation::ResumeSaga, &given, &request.saga_id);
        let cause = self.cause(context.now_us, &context.request_id);
        let id = order_id.clone();
        let resumed = self.0.db.write(move |tx| {
            Box::pin(async move {
                let found = sagas::own_saga(&mut *tx, &context, &id).await?;
                let found = found.ok_or(Error::NotFound(WHAT))?;
                if let Some(entry) = entries::entry(&mut *tx, &key).await? {
                    return Ok((replayed(entry, &given.fingerprint)?, false));
                }
                if found.state(context.now_us) == SagaState::Resting {
                    return Err(Refusal::InvalidState.into());
                }
                let mut script = Script::default();
                ask_again(tx, &mut script, &found, &cause).await?;
                let reply = pb::SagaReply {
                    saga: Some(found.as_of(context.now_us)),
                    replayed: false,
                };
                let answer = Answer::Reply(reply.encode_to_vec());
                let entry = Entry {
                    key,
                    fingerprint: given.fingerprint,
                    order_id: id,
                    part_id: found.order.saga_id(),
                    created_at_us: context.now_us,
                    answer: None,
                };
                entries::insert_entry(&mut script, &entry);
                let key = entry.key;
                entries::answer(&mut script, &Settled { key, answer });
                script.run(tx).await.map_err(store::Error::from)?;
                Ok::<_, Error>((reply, true))
            })
        });
        let (reply, new) = resumed.await?;
        if new {
            self.spawn_drive(&order_id, None);
        }
        Ok(reply)
    }
}

fn replayed(entry: Entry, fingerprint: &[u8]) -> Result<pb::SagaReply, Error> {
    match entry.answer {
        Some(Answer::Reply(reply)) if entry.fingerprint == fingerprint => {
            let reply = pb::SagaReply::decode(reply.as_slice());
            Ok(pb::SagaReply {
                replayed: true,
                ..reply.map_err(store::Error::from)?
            })
        }
        _ => Err(Error::KeyReused),
    }
}

/// Says once more what billing was asked and has not answered, as another event about the same payment or refund. It comes after
/// the first one, so that billing knows by then what it is about.
async fn ask_again(
    tx: &mut Tx,
    script: &mut Script,
    found: &Standing,
    cause: &Cause,
) -> Result<(), store::Error> {
    let Some(kind) = found.order.stage().asked() else {
        return Ok(());
    };
    for payment in &found.order.state.payments {
        let said = outbox::said(&mut *tx, &payment.id, 0, ASKED_MAX).await?;
        let Some(asked) = said.into_iter().rfind(|event| event.r#type == kind) else {
            continue;
        };
        let again = Envelope {
            id: EventId::new(cause.now_us, &cause.chance).into(),
            time_us: cause.now_us,
            causation_id: cause.causation_id.clone(),
            ..asked
        };
        outbox::push(script, &again);
    }
    Ok(())
}
