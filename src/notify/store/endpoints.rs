//! Endpoints in SQLite. A deleted one stays as a name, so that the request that made it is not carried out again; what was on
//! its way to it is gone.

use sqlx::{FromRow, SqliteExecutor};

use super::Store;
use crate::notify::Error;

/// Whose an endpoint is, and which contract wrote it.
#[derive(Clone, Debug, PartialEq)]
pub struct Owner {
    pub world: String,
    pub account_id: String,
    pub format: String,
}

/// Where an account wants to be told.
#[derive(Clone, Debug, PartialEq)]
pub struct Endpoint {
    pub id: String,
    pub owner: Owner,
    pub url: String,
    /// Empty for all.
    pub events: Vec<String>,
    pub description: String,
    pub enabled: bool,
    pub disabled_reason: String,
    pub salt: [u8; 16],
    pub created_at_us: i64,
    pub updated_at_us: i64,
    pub version: u64,
}

/// An endpoint and the request that makes it.
pub struct NewEndpoint {
    pub endpoint: Endpoint,
    pub idempotency_key: String,
    pub fingerprint: Vec<u8>,
}

/// What is to be changed of an endpoint.
pub struct Change {
    pub id: String,
    pub owner: Owner,
    /// The version that the caller has seen; 0 stands for any.
    pub expected_version: u64,
    pub url: Option<String>,
    pub events: Option<Vec<String>>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    pub now_us: i64,
}

#[derive(FromRow)]
pub(super) struct EndpointRow {
    id: String,
    world: String,
    account_id: String,
    format: String,
    url: String,
    events: String,
    description: String,
    status: String,
    disabled_reason: String,
    salt: Vec<u8>,
    created_at_us: i64,
    updated_at_us: i64,
    version: i64,
}

impl Store {
    /// Makes an endpoint and returns it with true, or with false the one that the same request has made before.
    pub async fn create_endpoint(&self, new: NewEndpoint) -> Result<(Endpoint, bool), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let NewEndpoint {
                    endpoint: new,
                    idempotency_key,
                    fingerprint,
                } = new;
                let before: Option<(String, Vec<u8>)> = sqlx::query_as(
                    "SELECT id, fingerprint FROM endpoint
                     WHERE world = ? AND account_id = ? AND format = ? AND idempotency_key = ?",
                )
                .bind(&new.owner.world)
                .bind(&new.owner.account_id)
                .bind(&new.owner.format)
                .bind(&idempotency_key)
                .fetch_optional(&mut *tx)
                .await?;
                if let Some((id, known)) = before {
                    if known != fingerprint {
                        return Err(Error::KeyReused);
                    }
                    // The key of one that was deleted is used up.
                    let found = find(&mut *tx, &new.owner, &id).await.map_err(|error| match error {
                        Error::NotFound(_) => Error::KeyReused,
                        error => error,
                    })?;
                    return Ok((found, false));
                }
                sqlx::query(
                    "INSERT INTO endpoint (id, world, account_id, format, url, events, description, status, salt,
                         created_at_us, updated_at_us, idempotency_key, fingerprint)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'enabled', ?8, ?9, ?9, ?10, ?11)",
                )
                .bind(&new.id)
                .bind(&new.owner.world)
                .bind(&new.owner.account_id)
                .bind(&new.owner.format)
                .bind(&new.url)
                .bind(new.events.join(" "))
                .bind(&new.description)
                .bind(new.salt.to_vec())
                .bind(new.created_at_us)
                .bind(idempotency_key)
                .bind(fingerprint)
                .execute(tx)
                .await
                .map_err(|error| match error.as_database_error() {
                    Some(cause) if cause.is_unique_violation() => Error::KeyReused,
                    _ => error.into(),
                })?;
                Ok((new, true))
            })
        });
        write.await
    }

    /// An endpoint of its owner.
    pub async fn endpoint(&self, owner: &Owner, id: &str) -> Result<Endpoint, Error> {
        find(self.db.reader(), owner, id).await
    }

    /// The endpoints of an owner after `after`, in the order of their ids. One that was deleted still has its place; after what
    /// never was there is nothing.
    pub async fn endpoints(
        &self,
        owner: &Owner,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Endpoint>, Error> {
        let rows: Vec<EndpointRow> = sqlx::query_as(
            "SELECT * FROM endpoint WHERE world = ?1 AND account_id = ?2 AND format = ?3 AND status <> 'deleted'
                 AND (?4 = '' OR id >
                     (SELECT id FROM endpoint WHERE id = ?4 AND world = ?1 AND account_id = ?2 AND format = ?3))
             ORDER BY id LIMIT ?5",
        )
        .bind(&owner.world)
        .bind(&owner.account_id)
        .bind(&owner.format)
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reader())
        .await?;
        Ok(rows.into_iter().map(endpoint).collect::<Result<_, _>>()?)
    }

    /// Changes an endpoint and returns it.
    pub async fn change_endpoint(&self, change: Change) -> Result<Endpoint, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let mut changed = find(&mut *tx, &change.owner, &change.id).await?;
                if ![0, changed.version].contains(&change.expected_version) {
                    return Err(Error::VersionMismatch);
                }
                let before = changed.clone();
                changed.url = change.url.unwrap_or(changed.url);
                changed.events = change.events.unwrap_or(changed.events);
                changed.description = change.description.unwrap_or(changed.description);
                match change.enabled {
                    Some(true) => {
                        changed.enabled = true;
                        changed.disabled_reason.clear();
                    }
                    Some(false) if changed.enabled => {
                        changed.enabled = false;
                        changed.disabled_reason = "by_owner".to_owned();
                    }
                    Some(false) | None => {}
                }
                if changed == before {
                    return Ok(before);
                }
                changed.version += 1;
                changed.updated_at_us = change.now_us.max(changed.updated_at_us);
                sqlx::query(
                    "UPDATE endpoint SET url = ?, events = ?, description = ?, status = ?, disabled_reason = ?,
                         version = ?, updated_at_us = ?
                     WHERE id = ?",
                )
                .bind(&changed.url)
                .bind(changed.events.join(" "))
                .bind(&changed.description)
                .bind(if changed.enabled { "enabled" } else { "disabled" })
                .bind(&changed.disabled_reason)
                .bind(changed.version.cast_signed())
                .bind(changed.updated_at_us)
                .bind(&changed.id)
                .execute(tx)
                .await?;
                Ok(changed)
            })
        });
        write.await
    }

    /// Deletes an endpoint with all that is on its way to it; again, too.
    pub async fn delete_endpoint(&self, owner: Owner, id: String) -> Result<(), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let deleted = sqlx::query(
                    "UPDATE endpoint SET status = 'deleted' WHERE id = ? AND world = ? AND account_id = ? AND format = ?",
                )
                .bind(&id)
                .bind(&owner.world)
                .bind(&owner.account_id)
                .bind(&owner.format)
                .execute(&mut *tx)
                .await?;
                if deleted.rows_affected() == 0 {
                    return Err(Error::NotFound("webhook endpoint"));
                }
                sqlx::query("DELETE FROM delivery WHERE endpoint_id = ?")
                    .bind(&id)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        });
        write.await
    }
}

async fn find(on: impl SqliteExecutor<'_>, owner: &Owner, id: &str) -> Result<Endpoint, Error> {
    let row: Option<EndpointRow> = sqlx::query_as(
        "SELECT * FROM endpoint WHERE id = ? AND world = ? AND account_id = ? AND format = ? AND status <> 'deleted'",
    )
    .bind(id)
    .bind(&owner.world)
    .bind(&owner.account_id)
    .bind(&owner.format)
    .fetch_optional(on)
    .await?;
    let row = row.ok_or(Error::NotFound("webhook endpoint"))?;
    Ok(endpoint(row)?)
}

fn endpoint(row: EndpointRow) -> Result<Endpoint, sqlx::Error> {
    let salt = row.salt.try_into();
    Ok(Endpoint {
        salt: salt.map_err(|_| sqlx::Error::Decode("a salt has 16 bytes".into()))?,
        id: row.id,
        owner: Owner {
            world: row.world,
            account_id: row.account_id,
            format: row.format,
        },
        url: row.url,
        events: row.events.split_whitespace().map(str::to_owned).collect(),
        description: row.description,
        enabled: row.status == "enabled",
        disabled_reason: row.disabled_reason,
        created_at_us: row.created_at_us,
        updated_at_us: row.updated_at_us,
        version: row.version.unsigned_abs(),
    })
}
