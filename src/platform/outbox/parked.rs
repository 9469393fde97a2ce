//! The statements about parked events and redeliveries, one function each.

use std::collections::{BTreeSet, HashMap};

use prost::Message;
use sqlx::{QueryBuilder, Sqlite, SqliteExecutor};

use super::Error;
use crate::platform::db::Tx;
use crate::rpc::events::v1::{Envelope, ParkedEvent, Redelivery};

/// An event that a consumer has not taken.
#[derive(Clone, Debug, PartialEq)]
pub struct Parked {
    pub consumer: String,
    /// 0 when it waits behind another.
    pub tries: u32,
    /// Empty when it waits.
    pub reason: String,
}

/// The place of a parked event among all: position in the outbox, and consumer.
pub type Place = (i64, String);

/// Parks an event for those that have not taken it, and notes that nobody else wants it.
pub async fn park(
    tx: &mut Tx,
    position: i64,
    event: &Envelope,
    parked: &[Parked],
) -> Result<(), Error> {
    for one in parked {
        sqlx::query(
            "INSERT INTO parked (position, consumer, world, event_id, subject, tries, reason)
             VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        )
        .bind(position)
        .bind(&one.consumer)
        .bind(&event.world)
        .bind(&event.id)
        .bind(&event.subject)
        .bind(one.tries)
        .bind(&one.reason)
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query("UPDATE outbox SET sent = 1 WHERE position = ?")
        .bind(position)
        .execute(tx)
        .await?;
    Ok(())
}

/// For whom events of which subjects are parked.
pub async fn held(
    on: impl SqliteExecutor<'_>,
) -> Result<HashMap<String, BTreeSet<String>>, sqlx::Error> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT DISTINCT subject, consumer FROM parked")
            .fetch_all(on)
            .await?;
    let mut held = HashMap::<_, BTreeSet<_>>::new();
    for (subject, consumer) in rows {
        held.entry(subject).or_default().insert(consumer);
    }
    Ok(held)
}

/// What is parked of a world after a place, in the order in which it was said; the publisher is left open.
pub async fn list(
    on: impl SqliteExecutor<'_>,
    world: &str,
    consumer: &str,
    after: &Place,
    limit: u32,
) -> Result<Vec<(Place, ParkedEvent)>, Error> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "SELECT position, consumer, outbox.sequence, envelope, tries, reason FROM parked JOIN outbox USING (position) WHERE world = ",
    );
    query.push_bind(world);
    if !consumer.is_empty() {
        query.push(" AND consumer = ").push_bind(consumer);
    }
    query
        .push(" AND (position, consumer) > (")
        .push_bind(after.0)
        .push(", ")
        .push_bind(&after.1)
        .push(") ORDER BY position, consumer LIMIT ")
        .push_bind(limit);
    let rows: Vec<(i64, String, i64, Vec<u8>, u32, String)> =
        query.build_query_as().fetch_all(on).await?;
    let read = |row: (_, String, _, Vec<u8>, _, String)| {
        let (position, consumer, sequence, envelope, tries, reason) = row;
        let told = ParkedEvent {
            event: Some(super::read(sequence, &envelope)?),
            publisher: String::new(),
            consumer: consumer.clone(),
            // What was refused has a reason.
            waiting: reason.is_empty(),
            tries,
            reason,
        };
        Ok(((position, consumer), told))
    };
    rows.into_iter().map(read).collect()
}

/// The subject of an event, if it is parked in this world.
pub async fn subject(
    on: impl SqliteExecutor<'_>,
    world: &str,
    event_id: &str,
) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT subject FROM parked WHERE world = ? AND event_id = ? LIMIT 1")
        .bind(world)
        .bind(event_id)
        .fetch_optional(on)
        .await
}

/// For whom an event is parked, and where it stands; whether it is the first of its subject there.
pub async fn consumers(
    on: impl SqliteExecutor<'_>,
    event_id: &str,
) -> Result<Vec<(String, i64, bool)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT consumer, position, NOT EXISTS (SELECT 1 FROM parked AS earlier WHERE earlier.subject = parked.subject
             AND earlier.consumer = parked.consumer AND earlier.position < parked.position)
         FROM parked WHERE event_id = ? ORDER BY consumer",
    )
    .bind(event_id)
    .fetch_all(on)
    .await
}

/// The first event of a subject that is parked for a consumer.
pub async fn first(
    on: impl SqliteExecutor<'_>,
    subject: &str,
    consumer: &str,
) -> Result<Option<(i64, Envelope)>, Error> {
    let row: Option<(i64, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT position, outbox.sequence, envelope FROM parked JOIN outbox USING (position)
         WHERE parked.subject = ? AND consumer = ? ORDER BY position LIMIT 1",
    )
    .bind(subject)
    .bind(consumer)
    .fetch_optional(on)
    .await?;
    let read = |(position, sequence, envelope): (_, _, Vec<u8>)| {
        Ok((position, super::read(sequence, &envelope)?))
    };
    row.map(read).transpose()
}

/// Forgets an event that a consumer has taken.
pub async fn release(tx: &mut Tx, position: i64, consumer: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM parked WHERE position = ? AND consumer = ?")
        .bind(position)
        .bind(consumer)
        .execute(tx)
        .await?;
    Ok(())
}

/// Notes that a consumer has refused an event once more.
pub async fn refuse(
    tx: &mut Tx,
    position: i64,
    consumer: &str,
    reason: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE parked SET tries = tries + 1, reason = ? WHERE position = ? AND consumer = ?",
    )
    .bind(reason)
    .bind(position)
    .bind(consumer)
    .execute(tx)
    .await?;
    Ok(())
}

/// What a key stands for: the digest of what was asked under it, and the answer if it is known.
pub async fn redelivery(
    on: impl SqliteExecutor<'_>,
    world: &str,
    key: &str,
) -> Result<Option<(Vec<u8>, Option<Redelivery>)>, Error> {
    let row: Option<(Vec<u8>, Option<Vec<u8>>)> =
        sqlx::query_as("SELECT fingerprint, reply FROM redelivery WHERE world = ? AND key = ?")
            .bind(world)
            .bind(key)
            .fetch_optional(on)
            .await?;
    let Some((fingerprint, reply)) = row else {
        return Ok(None);
    };
    let reply = reply.map(|reply| Redelivery::decode(&*reply)).transpose()?;
    Ok(Some((fingerprint, reply)))
}

/// Keeps a key for what is asked under it, or the answer to that.
pub async fn keep(
    tx: &mut Tx,
    (world, key): (&str, &str),
    fingerprint: &[u8],
    reply: Option<&Redelivery>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO redelivery (world, key, fingerprint, reply) VALUES (?, ?, ?, ?)
         ON CONFLICT (world, key) DO UPDATE SET reply = excluded.reply",
    )
    .bind(world)
    .bind(key)
    .bind(fingerprint)
    .bind(reply.map(Message::encode_to_vec))
    .execute(tx)
    .await?;
    Ok(())
}
