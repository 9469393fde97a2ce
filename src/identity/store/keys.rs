//! Keys and clients in SQLite, without their secrets.

use sqlx::{FromRow, SqliteExecutor};

use super::{Store, hash, is_taken};
use crate::identity::Error;
use crate::kernel::clock::MINUTE_US;
use crate::platform::db::Tx;

/// How a secret is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With each request.
    ApiKey,
    /// In exchange for tokens.
    Client,
}

impl Kind {
    fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Client => "client",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        [Self::ApiKey, Self::Client]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A key or client without its secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    pub id: String,
    pub kind: Kind,
    pub name: String,
    pub world: String,
    /// Empty for staff and services.
    pub account_id: String,
    pub audience: String,
    pub scopes: Vec<String>,
    pub roles: Vec<String>,
    pub digest: [u8; 32],
    pub last_four: String,
    pub created_at_us: i64,
    pub ends_at_us: Option<i64>,
    /// Empty unless it was rotated.
    pub replaced_by: String,
    /// How long it was to work beside what replaced it.
    pub overlap_minutes: u32,
}

impl Key {
    /// Whether it works no longer.
    pub fn is_over(&self, now_us: i64) -> bool {
        self.ends_at_us
            .is_some_and(|ends_at_us| ends_at_us <= now_us)
    }
}

/// What takes the place of a key.
pub struct Replacement {
    pub old_id: String,
    pub new_id: String,
    pub digest: [u8; 32],
    pub last_four: String,
    pub now_us: i64,
    /// How long the old one works from now.
    pub overlap_minutes: u32,
}

#[derive(FromRow)]
struct KeyRow {
    id: String,
    kind: String,
    name: String,
    world: String,
    account_id: Option<String>,
    audience: String,
    scopes: String,
    roles: String,
    digest: Vec<u8>,
    last_four: String,
    created_at_us: i64,
    ends_at_us: Option<i64>,
    replaced_by: Option<String>,
    overlap_minutes: u32,
}

impl Store {
    /// The key of a secret, by the secret's digest.
    pub async fn key_of(&self, digest: [u8; 32]) -> Result<Option<Key>, Error> {
        let row: Option<KeyRow> = sqlx::query_as("SELECT * FROM credential WHERE digest = ?")
            .bind(digest.as_slice())
            .fetch_optional(self.db.reader())
            .await?;
        Ok(row.map(key).transpose()?)
    }

    /// A key by its id.
    pub async fn key(&self, id: &str) -> Result<Option<Key>, Error> {
        Ok(find(self.db.reader(), id).await?)
    }

    /// The keys of a world (of all when it is empty) after `after`, in the order of their ids; of one account unless it is
    /// empty, of one kind unless it is `None`. After what is not there is nothing.
    pub async fn keys(
        &self,
        world: &str,
        account_id: &str,
        kind: Option<Kind>,
        after: &str,
        limit: u32,
    ) -> Result<Vec<Key>, Error> {
        let rows: Vec<KeyRow> = sqlx::query_as(
            "SELECT * FROM credential WHERE (?1 = '' OR world = ?1) AND (?2 = '' OR account_id = ?2)
                 AND (?3 = '' OR kind = ?3) AND (?4 = '' OR id >
                     (SELECT id FROM credential WHERE id = ?4 AND (?1 = '' OR world = ?1) AND (?3 = '' OR kind = ?3)))
             ORDER BY id LIMIT ?5",
        )
        .bind(world)
        .bind(account_id)
        .bind(kind.map_or("", Kind::as_str))
        .bind(after)
        .bind(limit)
        .fetch_all(self.db.reader())
        .await?;
        Ok(rows.into_iter().map(key).collect::<Result<_, _>>()?)
    }

    /// Makes a key and returns it with true, or what is there under its id with false. With `chosen`, its secret was chosen
    /// by the caller, and what is there is brought up to date; under another secret than before it works again.
    pub async fn create_key(&self, new: Key, chosen: bool) -> Result<(Key, bool), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let Some(found) = find(&mut *tx, &new.id).await? else {
                    insert(tx, &new).await?;
                    return Ok((new, true));
                };
                let same_holder = found.kind == new.kind
                    && found.world == new.world
                    && found.account_id == new.account_id
                    && found.audience == new.audience;
                let same_content = found.name == new.name
                    && found.scopes == new.scopes
                    && found.roles == new.roles;
                if !same_holder || !(chosen || same_content) {
                    return Err(Error::Taken("key id"));
                }
                if !chosen || (same_content && found.digest == new.digest) {
                    return Ok((found, false));
                }
                let ends_at_us = found.ends_at_us.filter(|_| found.digest == new.digest);
                sqlx::query(
                    "UPDATE credential SET name = ?, scopes = ?, roles = ?, digest = ?, last_four = ?, ends_at_us = ?
                     WHERE id = ?",
                )
                .bind(&new.name)
                .bind(new.scopes.join(" "))
                .bind(new.roles.join(" "))
                .bind(new.digest.to_vec())
                .bind(&new.last_four)
                .bind(ends_at_us)
                .bind(&new.id)
                .execute(tx)
                .await
                .map_err(taken_secret)?;
                let updated = Key {
                    created_at_us: found.created_at_us,
                    replaced_by: found.replaced_by,
                    overlap_minutes: found.overlap_minutes,
                    ends_at_us,
                    ..new
                };
                Ok((updated, false))
            })
        });
        write.await
    }

    /// Puts a key in the place of another and returns it with true, or with false when it was there already.
    pub async fn replace_key(&self, by: Replacement) -> Result<(Key, bool), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let old = find(&mut *tx, &by.old_id).await?.ok_or(Error::NotFound("key"))?;
                if let Some(found) = find(&mut *tx, &by.new_id).await? {
                    let same = (&old.replaced_by, old.overlap_minutes)
                        == (&found.id, by.overlap_minutes);
                    return if same {
                        Ok((found, false))
                    } else {
                        Err(Error::Taken("key id"))
                    };
                }
                if old.ends_at_us.is_some() {
                    return Err(Error::State("the key was replaced or revoked before"));
                }
                let new = Key {
                    id: by.new_id,
                    digest: by.digest,
                    last_four: by.last_four,
                    created_at_us: by.now_us,
                    ..old
                };
                insert(tx, &new).await?;
                sqlx::query(
                    "UPDATE credential SET ends_at_us = ?, replaced_by = ?, overlap_minutes = ? WHERE id = ?",
                )
                .bind(by.now_us + i64::from(by.overlap_minutes) * MINUTE_US)
                .bind(&new.id)
                .bind(by.overlap_minutes)
                .bind(by.old_id)
                .execute(tx)
                .await?;
                Ok((new, true))
            })
        });
        write.await
    }

    /// Ends a key now, unless it is over already.
    pub async fn end_key(&self, id: String, now_us: i64) -> Result<Key, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                sqlx::query(
                    "UPDATE credential SET ends_at_us = min(coalesce(ends_at_us, ?1), ?1) WHERE id = ?2",
                )
                .bind(now_us)
                .bind(&id)
                .execute(&mut *tx)
                .await?;
                find(&mut *tx, &id).await?.ok_or(Error::NotFound("key"))
            })
        });
        write.await
    }
}

async fn insert(tx: &mut Tx, new: &Key) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO credential
             (id, kind, name, world, account_id, audience, scopes, roles, digest, last_four, created_at_us)
         VALUES (?, ?, ?, ?, nullif(?, ''), ?, ?, ?, ?, ?, ?)",
    )
    .bind(&new.id)
    .bind(new.kind.as_str())
    .bind(&new.name)
    .bind(&new.world)
    .bind(&new.account_id)
    .bind(&new.audience)
    .bind(new.scopes.join(" "))
    .bind(new.roles.join(" "))
    .bind(new.digest.to_vec())
    .bind(&new.last_four)
    .bind(new.created_at_us)
    .execute(tx)
    .await
    .map_err(taken_secret)?;
    Ok(())
}

/// The ids were looked up before, so what is not unique is the secret.
fn taken_secret(error: sqlx::Error) -> Error {
    if is_taken(&error) {
        Error::Taken("secret")
    } else {
        error.into()
    }
}

async fn find(on: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Key>, sqlx::Error> {
    let row: Option<KeyRow> = sqlx::query_as("SELECT * FROM credential WHERE id = ?")
        .bind(id)
        .fetch_optional(on)
        .await?;
    row.map(key).transpose()
}

fn key(row: KeyRow) -> Result<Key, sqlx::Error> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect();
    let kind = Kind::parse(&row.kind)
        .ok_or_else(|| sqlx::Error::Decode("a key is an API key or a client".into()))?;
    Ok(Key {
        kind,
        scopes: words(&row.scopes),
        roles: words(&row.roles),
        digest: hash(row.digest)?,
        id: row.id,
        name: row.name,
        world: row.world,
        account_id: row.account_id.unwrap_or_default(),
        audience: row.audience,
        last_four: row.last_four,
        created_at_us: row.created_at_us,
        ends_at_us: row.ends_at_us,
        replaced_by: row.replaced_by.unwrap_or_default(),
        overlap_minutes: row.overlap_minutes,
    })
}
