//! Identity's tables in SQLite. Each write is one transaction that either finds what it asks for already there, makes it, or
//! refuses; deciding what a request means is the service's matter.

use std::path::Path;

use sqlx::SqliteConnection;
use sqlx::migrate::Migrator;

use super::{Account, Clock, Key};
use crate::identity::Error;
use crate::platform::db::{self, Db};

static MIGRATIONS: Migrator = sqlx::migrate!("src/identity/store/migrations");

type KeyRow = (String, String, String, String, Vec<u8>, String, i64);

/// Identity's database.
pub struct Store {
    db: Db,
}

impl Store {
    /// Opens or makes the file.
    pub async fn open(path: &Path) -> Result<Self, db::Error> {
        Ok(Self {
            db: Db::open(path, &MIGRATIONS).await?,
        })
    }

    /// Every simulated clock.
    pub async fn clocks(&self) -> Result<Vec<Clock>, Error> {
        let rows: Vec<(String, String, i64)> =
            sqlx::query_as("SELECT clock_id, id, now_us FROM world WHERE clock_id IS NOT NULL")
                .fetch_all(self.db.reader())
                .await?;
        Ok(rows
            .into_iter()
            .map(|(id, world, now_us)| Clock { id, world, now_us })
            .collect())
    }

    /// An account by its id.
    pub async fn account(&self, id: &str) -> Result<Option<Account>, Error> {
        let mut connection = self.db.reader().acquire().await?;
        Ok(find_account(&mut connection, id).await?)
    }

    /// The oldest account of a world.
    pub async fn first_account(&self, world: &str) -> Result<Option<String>, Error> {
        let id = sqlx::query_scalar("SELECT id FROM account WHERE world = ? ORDER BY id LIMIT 1")
            .bind(world)
            .fetch_optional(self.db.reader())
            .await?;
        Ok(id)
    }

    /// The key of a secret, by the secret's digest.
    pub async fn key(&self, digest: [u8; 32]) -> Result<Option<Key>, Error> {
        let row: Option<KeyRow> = sqlx::query_as(
            "SELECT id, account_id, audience, scopes, digest, last_four, created_at_us FROM api_key WHERE digest = ?",
        )
        .bind(digest.as_slice())
        .fetch_optional(self.db.reader())
        .await?;
        Ok(row.map(key).transpose()?)
    }

    /// Makes an account, and its world when `clock` starts one that is not there. An account of this id that says the same
    /// is left as it is.
    pub async fn create_account(
        &self,
        account: Account,
        clock: Option<Clock>,
    ) -> Result<(), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                if let Some(found) = find_account(tx, &account.id).await? {
                    return if found == account {
                        Ok(())
                    } else {
                        Err(Error::Taken("account id"))
                    };
                }
                if let Some(clock) = clock {
                    make_world(tx, clock).await?;
                }
                sqlx::query("INSERT INTO account (id, name, world) VALUES (?, ?, ?)")
                    .bind(account.id)
                    .bind(account.name)
                    .bind(account.world)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        });
        write.await
    }

    /// Makes a key; false when it was there, under another secret if `same_secret` is false.
    pub async fn create_key(&self, new: Key, same_secret: bool) -> Result<bool, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let found: Option<KeyRow> = sqlx::query_as(
                    "SELECT id, account_id, audience, scopes, digest, last_four, created_at_us FROM api_key WHERE id = ?",
                )
                .bind(&new.id)
                .fetch_optional(&mut *tx)
                .await?;
                if let Some(found) = found.map(key).transpose()? {
                    let same = found.account_id == new.account_id
                        && found.audience == new.audience
                        && found.scopes == new.scopes
                        && (!same_secret || found.digest == new.digest);
                    return if same { Ok(false) } else { Err(Error::Taken("key id")) };
                }
                sqlx::query(
                    "INSERT INTO api_key (id, account_id, audience, scopes, digest, last_four, created_at_us)
                     VALUES (?, ?, ?, ?, ?, ?, ?)",
                )
                .bind(new.id)
                .bind(new.account_id)
                .bind(new.audience)
                .bind(new.scopes.join(" "))
                .bind(new.digest.to_vec())
                .bind(new.last_four)
                .bind(new.created_at_us)
                .execute(tx)
                .await
                .map_err(|error| match error.as_database_error() {
                    Some(cause) if cause.is_unique_violation() => Error::Taken("secret"),
                    _ => error.into(),
                })?;
                Ok(true)
            })
        });
        write.await
    }

    /// Moves a clock forward.
    pub async fn advance_clock(&self, clock_id: String, to_us: i64) -> Result<(), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let now_us: Option<i64> =
                    sqlx::query_scalar("SELECT now_us FROM world WHERE clock_id = ?")
                        .bind(&clock_id)
                        .fetch_optional(&mut *tx)
                        .await?;
                let now_us = now_us.ok_or(Error::NotFound("clock"))?;
                if to_us < now_us {
                    return Err(Error::ClockMovesForward { now_us });
                }
                sqlx::query("UPDATE world SET now_us = ? WHERE clock_id = ?")
                    .bind(to_us)
                    .bind(clock_id)
                    .execute(tx)
                    .await?;
                Ok(())
            })
        });
        write.await
    }

    /// Commits what was accepted and closes the file.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

async fn find_account(tx: &mut SqliteConnection, id: &str) -> Result<Option<Account>, sqlx::Error> {
    let row: Option<(String, String, String)> =
        sqlx::query_as("SELECT id, name, world FROM account WHERE id = ?")
            .bind(id)
            .fetch_optional(tx)
            .await?;
    Ok(row.map(|(id, name, world)| Account { id, name, world }))
}

async fn make_world(tx: &mut SqliteConnection, clock: Clock) -> Result<(), Error> {
    let made = sqlx::query(
        "INSERT INTO world (id, clock_id, now_us) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING",
    )
    .bind(clock.world)
    .bind(clock.id)
    .bind(clock.now_us)
    .execute(tx)
    .await;
    match made {
        Ok(_) => Ok(()),
        Err(error)
            if error
                .as_database_error()
                .is_some_and(|cause| cause.is_unique_violation()) =>
        {
            Err(Error::Taken("clock id"))
        }
        Err(error) => Err(error.into()),
    }
}

fn key(
    (id, account_id, audience, scopes, digest, last_four, created_at_us): KeyRow,
) -> Result<Key, sqlx::Error> {
    let digest = digest
        .try_into()
        .map_err(|_| sqlx::Error::Decode("a digest has 32 bytes".into()))?;
    let scopes = scopes.split_whitespace().map(str::to_owned).collect();
    Ok(Key {
        id,
        account_id,
        audience,
        scopes,
        digest,
        last_four,
        created_at_us,
    })
}
