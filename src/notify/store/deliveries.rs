//! Deliveries in SQLite, which are made with the event they bring (`append.rs`), in lanes. A lane is an object at an endpoint; in it, the first that is
//! pending is the only one that is sent.

use std::collections::HashMap;

use prost::Message;
use sqlx::FromRow;

use super::feed::aggregate;
use super::{Owner, Store};
use crate::kernel::id::WebhookDeliveryId;
use crate::notify::Error;
use crate::platform::db::Tx;
use crate::rpc::events::v1::Envelope;
use crate::rpc::notify::v1 as pb;

/// Deliveries that go one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromRow)]
pub struct Lane {
    pub world: String,
    pub endpoint_id: String,
    pub object_id: String,
}

/// A delivery whose next attempt is due.
pub struct Due {
    pub id: String,
    pub endpoint_id: String,
    pub url: String,
    pub format: String,
    pub salt: [u8; 16],
    /// Attempts since it was last asked for.
    pub tries: u32,
    /// With the sequence that the feed tells.
    pub event: Envelope,
    /// What was sent at the first attempt; `None` before it.
    pub payload: Option<Vec<u8>>,
}

/// An attempt that was made.
pub struct Made {
    pub delivery_id: String,
    pub endpoint_id: String,
    pub time_us: i64,
    pub http_status: u16,
    pub error: &'static str,
    pub payload: Vec<u8>,
    pub verdict: Verdict,
}

/// What follows from an attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The endpoint has it.
    Succeeded,
    /// It is tried again then.
    Again { at_us: i64 },
    /// It is given up.
    GivenUp,
    /// It is given up, and so is the endpoint.
    Gone,
}

#[derive(FromRow)]
struct DueRow {
    id: String,
    endpoint_id: String,
    url: String,
    format: String,
    salt: Vec<u8>,
    tries: u32,
    sequence: i64,
    envelope: Vec<u8>,
    payload: Option<Vec<u8>>,
    next_attempt_at_us: i64,
}

#[derive(FromRow)]
struct DeliveryRow {
    id: String,
    endpoint_id: String,
    event_id: String,
    event_type: String,
    status: String,
    next_attempt_at_us: Option<i64>,
    created_at_us: i64,
    object_id: String,
    sequence: i64,
}

impl Store {
    /// The worlds in which something is pending, and the latest time that is known of each.
    pub async fn pending_worlds(&self) -> Result<Vec<(String, i64)>, Error> {
        let worlds = sqlx::query_as(
            "SELECT world, max(created_at_us) FROM delivery WHERE status = 'pending' GROUP BY world",
        );
        Ok(worlds.fetch_all(self.db.reader()).await?)
    }

    /// The lanes of a world whose first pending delivery is due.
    pub async fn due_lanes(&self, world: &str, now_us: i64) -> Result<Vec<Lane>, Error> {
        let lanes = sqlx::query_as(
            "SELECT d.world, d.endpoint_id, d.object_id
             FROM delivery AS d JOIN endpoint AS e ON e.id = d.endpoint_id AND e.status = 'enabled'
             WHERE d.world = ? AND d.status = 'pending' AND d.next_attempt_at_us <= ? AND NOT EXISTS (
                 SELECT 1 FROM delivery AS before
                 WHERE before.endpoint_id = d.endpoint_id AND before.object_id = d.object_id
                     AND before.status = 'pending' AND before.sequence < d.sequence)
             ORDER BY d.next_attempt_at_us",
        )
        .bind(world)
        .bind(now_us);
        Ok(lanes.fetch_all(self.db.reader()).await?)
    }

    /// The first pending delivery of a lane, when it is due.
    pub async fn due_in(&self, lane: &Lane, now_us: i64) -> Result<Option<Due>, Error> {
        let row: Option<DueRow> = sqlx::query_as(
            "SELECT d.id, d.endpoint_id, e.url, e.format, e.salt, d.tries, d.sequence, v.envelope, d.payload,
                 d.next_attempt_at_us
             FROM delivery AS d JOIN endpoint AS e ON e.id = d.endpoint_id AND e.status = 'enabled'
                 JOIN event AS v ON v.id = d.event_id
             WHERE d.endpoint_id = ? AND d.object_id = ? AND d.status = 'pending' ORDER BY d.sequence LIMIT 1",
        )
        .bind(&lane.endpoint_id)
        .bind(&lane.object_id)
        .fetch_optional(self.db.reader())
        .await?;
        let Some(row) = row.filter(|row| row.next_attempt_at_us <= now_us) else {
            return Ok(None);
        };
        let mut event = Envelope::decode(row.envelope.as_slice())
            .map_err(|error| Error::Store(error.into()))?;
        event.sequence = row.sequence.unsigned_abs();
        let salt = row.salt.try_into();
        Ok(Some(Due {
            salt: salt.map_err(|_| sqlx::Error::Decode("a salt has 16 bytes".into()))?,
            id: row.id,
            endpoint_id: row.endpoint_id,
            url: row.url,
            format: row.format,
            tries: row.tries,
            event,
            payload: row.payload,
        }))
    }

    /// Puts a delivery off without an attempt.
    pub async fn put_off(&self, delivery_id: String, until_us: i64) -> Result<(), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE delivery SET next_attempt_at_us = ? WHERE id = ? AND status = 'pending'",
                )
                .bind(until_us)
                .bind(delivery_id)
                .execute(tx)
                .await?;
                Ok(())
            })
        });
        write.await
    }

    /// Keeps an attempt and what follows from it. Of an endpoint that was deleted meanwhile nothing is kept.
    pub async fn note_attempt(&self, made: Made) -> Result<(), Error> {
        let write = self
            .db
            .write(move |tx| Box::pin(async move { note(tx, made).await }));
        write.await
    }

    /// Makes a delivery due now, whatever became of it before.
    pub async fn redeliver(
        &self,
        owner: Owner,
        endpoint_id: String,
        id: String,
        now_us: i64,
    ) -> Result<pb::Delivery, Error> {
        let endpoint = self.endpoint(&owner, &endpoint_id).await?;
        self.delivery(&endpoint.id, &id).await?;
        if !endpoint.enabled {
            return Err(Error::Disabled);
        }
        let asked = id.clone();
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE delivery SET status = 'pending', tries = 0, next_attempt_at_us = ? WHERE id = ?",
                )
                .bind(now_us)
                .bind(asked)
                .execute(tx)
                .await?;
                Ok::<_, Error>(())
            })
        });
        write.await?;
        self.delivery(&endpoint.id, &id).await
    }

    /// A delivery of an endpoint.
    async fn delivery(&self, endpoint_id: &str, id: &str) -> Result<pb::Delivery, Error> {
        let row: Option<DeliveryRow> = sqlx::query_as(
            "SELECT d.id, d.endpoint_id, d.event_id, v.type AS event_type, d.status, d.next_attempt_at_us,
                 d.created_at_us, d.object_id, d.sequence
             FROM delivery AS d JOIN event AS v ON v.id = d.event_id WHERE d.endpoint_id = ? AND d.id = ?",
        )
        .bind(endpoint_id)
        .bind(id)
        .fetch_optional(self.db.reader())
        .await?;
        let row = row.ok_or(Error::NotFound("webhook delivery"))?;
        let told = self.with_attempts(vec![row]).await?;
        told.into_iter()
            .next()
            .ok_or(Error::NotFound("webhook delivery"))
    }

    /// The deliveries of an endpoint before `after`, newest first.
    pub async fn deliveries(
        &self,
        endpoint_id: &str,
        after: &str,
        limit: u32,
    ) -> Result<Vec<pb::Delivery>, Error> {
        let rows: Vec<DeliveryRow> = sqlx::query_as(
            "SELECT d.id, d.endpoint_id, d.event_id, v.type AS event_type, d.status, d.next_attempt_at_us,
                 d.created_at_us, d.object_id, d.sequence
             FROM delivery AS d JOIN event AS v ON v.id = d.event_id
             WHERE d.endpoint_id = ?1 AND (?2 = '' OR d.position <
                 (SELECT position FROM delivery WHERE id = ?2 AND endpoint_id = ?1))
             ORDER BY d.position DESC LIMIT ?3",
        )
        .bind(endpoint_id)
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reader())
        .await?;
        self.with_attempts(rows).await
    }

    async fn with_attempts(&self, rows: Vec<DeliveryRow>) -> Result<Vec<pb::Delivery>, Error> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let made: Vec<(String, i64, u32, String)> = sqlx::query_as(
            "SELECT delivery_id, time_us, http_status, error FROM attempt
             WHERE delivery_id IN (SELECT value FROM json_each(?)) ORDER BY delivery_id, number",
        )
        .bind(serde_json::Value::from(ids).to_string())
        .fetch_all(self.db.reader())
        .await?;
        let mut attempts: HashMap<String, Vec<pb::Attempt>> = HashMap::new();
        for (delivery_id, time_us, http_status, error) in made {
            let attempt = pb::Attempt {
                time_us,
                http_status,
                error,
            };
            attempts.entry(delivery_id).or_default().push(attempt);
        }
        let told = rows.into_iter().map(|row| pb::Delivery {
            attempts: attempts.remove(&row.id).unwrap_or_default(),
            id: row.id,
            endpoint_id: row.endpoint_id,
            event_id: row.event_id,
            object_type: aggregate(&row.event_type).to_owned(),
            event_type: row.event_type,
            status: row.status,
            next_attempt_at_us: row.next_attempt_at_us,
            created_at_us: row.created_at_us,
            object_id: row.object_id,
            sequence: row.sequence.unsigned_abs(),
        });
        Ok(told.collect())
    }
}

/// The id of the delivery of an event that is told as the `sequence`-th of its object. It follows from what it delivers, so that
/// those of the sandbox are the same everywhere.
pub(super) fn delivery_id(event: &Envelope, sequence: i64, endpoint_id: &str) -> String {
    let told = sequence.to_string();
    let words = [endpoint_id, event.subject.as_str(), &told];
    WebhookDeliveryId::named_at(event.time_us, &words).into()
}

async fn note(tx: &mut Tx, made: Made) -> Result<(), Error> {
    let (status, next_us) = match made.verdict {
        Verdict::Succeeded => ("succeeded", None),
        Verdict::Again { at_us } => ("pending", Some(at_us)),
        Verdict::GivenUp | Verdict::Gone => ("failed", None),
    };
    let created_at_us: Option<i64> = sqlx::query_scalar(
        "UPDATE delivery SET status = ?, next_attempt_at_us = ?, tries = tries + 1, payload = ? WHERE id = ?;
         INSERT INTO attempt (delivery_id, number, time_us, http_status, error)
         SELECT id, 1 + (SELECT count(*) FROM attempt WHERE delivery_id = id), ?, ?, ? FROM delivery WHERE id = ?;
         SELECT created_at_us FROM delivery WHERE id = ?",
    )
    .bind(status)
    .bind(next_us)
    .bind(&made.payload)
    .bind(&made.delivery_id)
    .bind(made.time_us)
    .bind(made.http_status)
    .bind(made.error)
    .bind(&made.delivery_id)
    .bind(&made.delivery_id)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(created_at_us) = created_at_us else {
        return Ok(());
    };
    match made.verdict {
        Verdict::Succeeded => {
            sqlx::query("UPDATE endpoint SET last_success_us = ? WHERE id = ?")
                .bind(made.time_us)
                .bind(&made.endpoint_id)
                .execute(tx)
                .await?;
        }
        Verdict::Again { .. } => {}
        Verdict::Gone => disable(tx, &made, "gone", i64::MAX).await?,
        // Nothing came through as long as this was tried.
        Verdict::GivenUp => disable(tx, &made, "failing", created_at_us).await?,
    }
    Ok(())
}

/// Disables an endpoint that had no success since then.
async fn disable(tx: &mut Tx, made: &Made, reason: &str, since_us: i64) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE endpoint SET status = 'disabled', disabled_reason = ?1, version = version + 1,
             updated_at_us = max(updated_at_us, ?2)
         WHERE id = ?3 AND status = 'enabled' AND coalesce(last_success_us < ?4, TRUE)",
    )
    .bind(reason)
    .bind(made.time_us)
    .bind(&made.endpoint_id)
    .bind(since_us)
    .execute(tx)
    .await?;
    Ok(())
}
