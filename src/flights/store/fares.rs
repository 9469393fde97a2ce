//! Negotiated fares as rows.

use prost::Message;
use sqlx::SqliteExecutor;

use super::{Done, Error as StoreError, Store};
use crate::flights::Error;
use crate::flights::negotiated::{ACTIVE, DISCONTINUED};
use crate::rpc::flights::v1::Fare;

/// Which fares a list holds; empty words stand for any.
pub struct Selection<'a> {
    pub world: &'a str,
    /// Who asks: sees its own fares and those that are everybody's. The platform sees all.
    pub account_id: &'a str,
    pub carrier: &'a str,
    pub account_code: &'a str,
    /// The fare after which the page starts.
    pub after: &'a str,
    pub limit: u32,
}

impl Store {
    /// The fares of all worlds with which new offers are made.
    pub async fn active_fares(&self) -> Result<Vec<(String, Fare)>, StoreError> {
        let rows: Vec<(String, Vec<u8>)> = sqlx::query_as("SELECT world, fare FROM fares")
            .fetch_all(self.reader())
            .await?;
        let mut fares = Vec::new();
        for (world, row) in rows {
            let fare = read(&row)?;
            if fare.status == ACTIVE {
                fares.push((world, fare));
            }
        }
        Ok(fares)
    }

    /// A fare.
    pub async fn fare(&self, world: &str, id: &str) -> Result<Option<Fare>, StoreError> {
        find(self.reader(), world, id).await
    }

    /// The fares of a selection, oldest first.
    pub async fn fares(&self, wanted: &Selection<'_>) -> Result<Vec<Fare>, StoreError> {
        let rows: Vec<(Vec<u8>,)> = sqlx::query_as(
            "SELECT fare FROM fares
             WHERE world = ?1 AND (?2 = '' OR account_id IN ('', ?2)) AND (?3 = '' OR carrier = ?3)
               AND (?4 = '' OR account_code = ?4)
               AND (?5 = '' OR (created_at_us, id) > (SELECT created_at_us, id FROM fares WHERE world = ?1 AND id = ?5))
             ORDER BY created_at_us, id LIMIT ?6",
        )
        .bind(wanted.world)
        .bind(wanted.account_id)
        .bind(wanted.carrier)
        .bind(wanted.account_code)
        .bind(wanted.after)
        .bind(wanted.limit)
        .fetch_all(self.reader())
        .await?;
        rows.iter().map(|(fare,)| read(fare)).collect()
    }

    /// Keeps a fare. One of the same id that grants the same is answered as it is.
    pub async fn file_fare(&self, world: String, new: Fare) -> Result<Done<Fare>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                if let Some(known) = find(&mut *tx, &world, &new.id).await? {
                    let as_filed = Fare {
                        status: new.status.clone(),
                        created_at_us: new.created_at_us,
                        version: new.version,
                        ..known.clone()
                    };
                    if as_filed != new {
                        return Err(Error::KeyReused);
                    }
                    return Ok(Done::unchanged(Fare {
                        replayed: true,
                        ..known
                    }));
                }
                sqlx::query(
                    "INSERT INTO fares (world, id, carrier, account_code, account_id, created_at_us, fare) VALUES (?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(&world)
                .bind(&new.id)
                .bind(&new.carrier)
                .bind(&new.account_code)
                .bind(&new.account_id)
                .bind(new.created_at_us)
                .bind(new.encode_to_vec())
                .execute(tx)
                .await?;
                Ok(filed(new))
            })
        })
        .await
    }

    /// Ends the sale of a fare. One that is discontinued already is answered as it is.
    pub async fn discontinue_fare(&self, world: String, id: String) -> Result<Done<Fare>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                let known = find(&mut *tx, &world, &id).await?.ok_or(Error::NotFound)?;
                if known.status == DISCONTINUED {
                    return Ok(Done::unchanged(known));
                }
                let ended = Fare {
                    status: DISCONTINUED.to_owned(),
                    version: known.version + 1,
                    ..known
                };
                sqlx::query("UPDATE fares SET fare = ? WHERE world = ? AND id = ?")
                    .bind(ended.encode_to_vec())
                    .bind(&world)
                    .bind(&id)
                    .execute(tx)
                    .await?;
                Ok(filed(ended))
            })
        })
        .await
    }
}

fn filed(fare: Fare) -> Done<Fare> {
    Done {
        answer: Ok(fare.clone()),
        records: Vec::new(),
        fare: Some(fare),
    }
}

async fn find(
    on: impl SqliteExecutor<'_>,
    world: &str,
    id: &str,
) -> Result<Option<Fare>, StoreError> {
    let row: Option<(Vec<u8>,)> =
        sqlx::query_as("SELECT fare FROM fares WHERE world = ? AND id = ?")
            .bind(world)
            .bind(id)
            .fetch_optional(on)
            .await?;
    row.map(|(fare,)| read(&fare)).transpose()
}

fn read(row: &[u8]) -> Result<Fare, StoreError> {
    Fare::decode(row).map_err(|_| StoreError::Row("fares"))
}
