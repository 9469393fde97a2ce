//! Changes of the plan: the record of the flight, the entry of the log and the answer to repeats, in one transaction.

use prost::Message;

use super::records::{load, save};
use super::{Done, Error as StoreError, Store};
use crate::flights::Error;
use crate::flights::plan::Plan;
use crate::platform::db::{Script, Tx};
use crate::rpc::common::v1::{Context, Idempotency};
use crate::rpc::flights::v1::{Flight, FlightChange, FlightChangeKind, FlightDate, FlightStatus};

/// A change of a flight's plan that is asked for.
pub struct Replan {
    pub context: Context,
    /// Its operationId; keys belong to one operation.
    pub operation: &'static str,
    pub flight: FlightDate,
    /// The version that the caller has seen; 0 stands for any.
    pub expected_version: u64,
    /// Without a key nothing is kept for repeats.
    pub idempotency: Idempotency,
}

/// What a change makes of a flight.
pub struct Turn {
    pub plan: Plan,
    pub before: Flight,
    pub after: Flight,
}

impl Store {
    /// Changes the plan of a flight as `turn` decides. A repeat under the same key gets the first answer.
    pub async fn replan(
        &self,
        asked: Replan,
        turn: impl FnOnce(Plan) -> Result<Turn, Error> + Send + 'static,
    ) -> Result<Done<Flight>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                if let Some(answer) = answered(tx, &asked).await? {
                    return Ok(Done::unchanged(answer));
                }
                let mut records = Vec::new();
                let record = load(tx, &asked.context.world, &asked.flight, &mut records).await?;
                asked.expects(record.plan)?;
                let turn = turn(record.plan)?;
                if turn.plan == record.plan {
                    records.clear();
                } else {
                    record.plan = turn.plan;
                    let mut script = Script::default();
                    save(&mut script, &asked.context.world, &mut records)?;
                    script.run(tx).await?;
                    log(tx, &asked.context, turn.before, turn.after.clone()).await?;
                }
                remember(tx, &asked, &turn.after).await?;
                Ok(Done::changed(turn.after, records))
            })
        })
        .await
    }

    /// The changes after a position, of all worlds or of one, in their order.
    pub async fn flight_changes(
        &self,
        world: &str,
        after: u64,
        limit: u32,
    ) -> Result<Vec<FlightChange>, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = sqlx::query_as(
            "SELECT position, change FROM flight_changes WHERE position > ?1 AND (?2 = '' OR world = ?2)
             ORDER BY position LIMIT ?3",
        )
        .bind(i64::try_from(after).unwrap_or(i64::MAX))
        .bind(world)
        .bind(limit)
        .fetch_all(self.reader())
        .await?;
        rows.into_iter()
            .map(|(position, change)| {
                let unreadable = StoreError::Row("flight_changes");
                let (Ok(position), Ok(change)) = (
                    u64::try_from(position),
                    FlightChange::decode(change.as_slice()),
                ) else {
                    return Err(unreadable);
                };
                Ok(FlightChange { position, ..change })
            })
            .collect()
    }
}

impl Replan {
    /// Whether the caller has seen the plan as it is.
    pub fn expects(&self, plan: Plan) -> Result<(), Error> {
        match self.expected_version {
            0 => Ok(()),
            version if version == plan.version() => Ok(()),
            _ => Err(Error::Changed),
        }
    }
}

/// The answer that was given under the key before.
async fn answered(tx: &mut Tx, asked: &Replan) -> Result<Option<Flight>, Error> {
    let row: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT fingerprint, answer FROM idempotency_keys
         WHERE world = ? AND account_id = ? AND operation = ? AND key = ?",
    )
    .bind(&asked.context.world)
    .bind(&asked.context.account_id)
    .bind(asked.operation)
    .bind(&asked.idempotency.key)
    .fetch_optional(tx)
    .await?;
    let Some((fingerprint, answer)) = row else {
        return Ok(None);
    };
    if fingerprint != asked.idempotency.fingerprint {
        return Err(Error::KeyReused);
    }
    let answer =
        Flight::decode(answer.as_slice()).map_err(|_| StoreError::Row("idempotency_keys"))?;
    Ok(Some(Flight {
        replayed: true,
        ..answer
    }))
}

async fn remember(tx: &mut Tx, asked: &Replan, answer: &Flight) -> Result<(), StoreError> {
    if asked.idempotency.key.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "INSERT INTO idempotency_keys (world, account_id, operation, key, fingerprint, answer) VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(&asked.context.world)
    .bind(&asked.context.account_id)
    .bind(asked.operation)
    .bind(&asked.idempotency.key)
    .bind(&asked.idempotency.fingerprint)
    .bind(answer.encode_to_vec())
    .execute(tx)
    .await?;
    Ok(())
}

/// Appends to the log. The single writer is why positions have no gaps and appear in their order.
async fn log(
    tx: &mut Tx,
    context: &Context,
    before: Flight,
    after: Flight,
) -> Result<(), StoreError> {
    let kind = match &after {
        after if after.status() == FlightStatus::Cancelled => FlightChangeKind::Cancelled,
        after if after.equipment != before.equipment => FlightChangeKind::EquipmentChanged,
        _ => FlightChangeKind::Retimed,
    };
    let change = FlightChange {
        kind: kind.into(),
        position: 0,
        world: context.world.clone(),
        made_at_us: context.now_us,
        before: Some(before),
        after: Some(after),
        request_id: context.request_id.clone(),
    };
    sqlx::query(
        "INSERT INTO flight_changes (position, world, change)
         SELECT coalesce(max(position), 0) + 1, ?, ? FROM flight_changes",
    )
    .bind(&context.world)
    .bind(change.encode_to_vec())
    .execute(tx)
    .await?;
    Ok(())
}
