//! The feeds as they are read.

use prost::Message;
use sqlx::FromRow;

use super::{Error, Store};
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

/// What a type of event is about.
pub(super) fn aggregate(r#type: &str) -> &str {
    r#type
        .split_once('.')
        .map_or("", |(aggregate, _)| aggregate)
}
