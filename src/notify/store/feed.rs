//! Feeds in SQLite. An event is added by the transaction that notes it in the inbox, and gets its positions and deliveries there.

use prost::Message;
use sqlx::FromRow;

use super::{Error, Lane, Store, deliveries};
use crate::notify::CONSUMER;
use crate::platform::db::Tx;
use crate::platform::outbox;
use crate::rpc::events::v1::Envelope;
use crate::rpc::notify::v1::FeedEvent;

/// Which events to list.
pub struct Query {
    pub world: String,
    pub account_id: String,
    /// The event before the first; empty to start at the beginning. One that is not in the feed gives no events.
    pub after: String,
    /// Empty for all.
    pub r#type: String,
    pub limit: u32,
}

#[derive(FromRow)]
struct EventRow {
    id: String,
    r#type: String,
    time_us: i64,
    object_type: String,
    object_id: String,
    sequence: i64,
    envelope: Option<Vec<u8>>,
}

impl Store {
    /// Adds an event at the end of its account's feed, once, with its deliveries; the lanes that these are in.
    pub async fn append(&self, event: Envelope) -> Result<Vec<Lane>, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                if !outbox::accept(tx, CONSUMER, &event).await? {
                    return Ok(Vec::new());
                }
                let sequence = append(tx, &event).await?;
                Ok(deliveries::make(tx, &event, sequence).await?)
            })
        });
        write.await
    }

    /// A page of a feed, oldest first.
    pub async fn events(&self, query: Query) -> Result<Vec<FeedEvent>, Error> {
        let rows: Vec<EventRow> = sqlx::query_as(
            "SELECT id, type, time_us, object_type, object_id, sequence, envelope FROM event
             WHERE world = ?1 AND account_id = ?2 AND (?4 = '' OR type = ?4)
                 AND position > CASE ?3 WHEN '' THEN 0 ELSE
                     (SELECT position FROM event WHERE id = ?3 AND world = ?1 AND account_id = ?2) END
             ORDER BY position LIMIT ?5",
        )
        .bind(query.world)
        .bind(query.account_id)
        .bind(query.after)
        .bind(query.r#type)
        .bind(query.limit)
        .fetch_all(self.db.reader())
        .await?;
        let told = rows.into_iter().map(|row| {
            let event = row.envelope.map(|bytes| Envelope::decode(bytes.as_slice()));
            Ok(FeedEvent {
                id: row.id,
                r#type: row.r#type,
                time_us: row.time_us,
                object_type: row.object_type,
                object_id: row.object_id,
                sequence: row.sequence.unsigned_abs(),
                event: event.transpose()?,
            })
        });
        told.collect()
    }
}

/// Returns the event's position among those of its object.
async fn append(tx: &mut Tx, event: &Envelope) -> Result<i64, sqlx::Error> {
    // One string of statements, for every event comes this way.
    sqlx::query_scalar(
        "INSERT INTO feed (world, account_id, last) VALUES (?, ?, 1)
         ON CONFLICT (world, account_id) DO UPDATE SET last = last + 1;
         INSERT INTO object (id, last) VALUES (?, 1) ON CONFLICT (id) DO UPDATE SET last = last + 1;
         INSERT INTO event (world, account_id, position, object_id, sequence, id, type, time_us, object_type, envelope)
         SELECT feed.world, feed.account_id, feed.last, object.id, object.last, ?, ?, ?, ?, ?
         FROM feed, object WHERE feed.world = ? AND feed.account_id = ? AND object.id = ? RETURNING sequence",
    )
    .bind(&event.world)
    .bind(&event.account_id)
    .bind(&event.subject)
    .bind(&event.id)
    .bind(&event.r#type)
    .bind(event.time_us)
    .bind(aggregate(&event.r#type))
    .bind(event.encode_to_vec())
    .bind(&event.world)
    .bind(&event.account_id)
    .bind(&event.subject)
    .fetch_one(tx)
    .await
}

/// What a type of event is about.
pub(super) fn aggregate(r#type: &str) -> &str {
    r#type
        .split_once('.')
        .map_or("", |(aggregate, _)| aggregate)
}
