//! Sagas: list, read, take up again.

use crate::api::private_v1::{operations as op, types};
use crate::edge::call::{ANSWER_WITHIN, Call, filled, idempotency};
use crate::edge::order_parts::{payment_status_name, status_name};
use crate::edge::page::{self, listed};
use crate::kernel::clock::rfc3339;
use crate::rpc::booking::v1 as booking;
use crate::rpc::booking::v1::SagaState;
use crate::wire::problem::Problem;

const STATES: [(SagaState, &str); 3] = [
    (SagaState::Running, "running"),
    (SagaState::Stuck, "stuck"),
    (SagaState::Resting, "resting"),
];

pub async fn list(call: Call<'_>, request: op::ListSagasInput) -> Result<op::ListSagas, Problem> {
    let word = request.state.map(|state| state.as_str());
    let named = STATES.iter().find(|(_, name)| Some(*name) == word);
    let asked = booking::ListSagasRequest {
        context: call.context(),
        state: named
            .map_or(SagaState::Unspecified, |(state, _)| *state)
            .into(),
        page: page::asked(request.after, request.limit),
    };
    let found = call.clients.sagas.list_sagas(asked, ANSWER_WITHIN).await?;
    let path = call.path("sagas");
    let link = page::link(&path, &[("state", word)], request.limit, &found.next);
    let body = listed!(SagaList: found.sagas.into_iter().map(saga), found.next);
    Ok(op::ListSagas::Ok { link, body })
}

pub async fn get(call: Call<'_>, request: op::GetSagaInput) -> Result<op::GetSaga, Problem> {
    let asked = booking::GetSagaRequest {
        context: call.context(),
        saga_id: request.saga_id,
    };
    let found = call.clients.sagas.get_saga(asked, ANSWER_WITHIN).await?;
    Ok(op::GetSaga::Ok { body: saga(found) })
}

pub async fn resume(
    call: Call<'_>,
    request: op::ResumeSagaInput,
) -> Result<op::ResumeSaga, Problem> {
    let (key, saga_id) = (request.idempotency_key, request.saga_id);
    let asked = booking::ResumeSagaRequest {
        context: call.context(),
        idempotency: idempotency::<()>(&key, &saga_id, None),
        saga_id,
    };
    let reply = call.clients.sagas.resume_saga(asked, ANSWER_WITHIN).await?;
    Ok(op::ResumeSaga::Ok {
        idempotency_replayed: reply.replayed,
        body: saga(reply.saga.unwrap_or_default()),
    })
}

fn saga(saga: booking::Saga) -> types::Saga {
    let (status, payment_status) = (saga.order_status(), saga.payment_status());
    let state = STATES.iter().find(|(state, _)| *state == saga.state());
    types::Saga {
        id: saga.id,
        order_id: saga.order_id,
        account_id: saga.account_id,
        state: state.map_or("", |(_, name)| name).to_owned(),
        step: saga.step,
        since: rfc3339(saga.since_us),
        tries: saga.tries.into(),
        last_error: filled(saga.last_error),
        next_try_at: saga.next_try_at_us.map(rfc3339),
        order_status: status_name(status).to_owned(),
        payment_status: payment_status_name(payment_status).to_owned(),
    }
}
