//! Holds in SQLite. Each change loads what it concerns, lets the pure rules decide, and writes it back in one transaction of
//! the single writer, so that no two changes of a flight-date ever overlap.

use std::path::Path;

use futures_util::future::BoxFuture;
use prost::Message;
use sqlx::SqliteExecutor;
use sqlx::migrate::Migrator;

use super::records::{load, save};
use super::{Done, Error as StoreError};
use crate::flights::Error;
use crate::flights::classes::{self, ClassIndex};
use crate::flights::hold::{self, Command, Effect};
use crate::flights::world::Flight as Pattern;
use crate::platform::db::{self, Db, Readers, Script, Tx};
use crate::rpc::flights::v1::{FlightDate, Hold, HoldState};

static MIGRATIONS: Migrator = sqlx::migrate!("src/flights/store/migrations");

/// Holds that one transaction ends when many are due.
const DUE_BATCH: i64 = 256;

/// Seats that are wanted of a date of a flight of the timetable.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub flight: FlightDate,
    pub pattern: Pattern,
    pub class: ClassIndex,
    pub seats: u16,
}

/// account_id, state, expires_at_us, version, made
type HoldRow = (String, i32, i64, i64, Vec<u8>);

/// The database of flights.
#[derive(Clone)]
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

    /// Waits for what was accepted, and closes.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// How many changes wait for the commit before theirs.
    pub fn queued(&self) -> usize {
        self.db.queued()
    }

    pub(super) fn reader(&self) -> &Readers {
        self.db.reader()
    }

    pub(super) async fn write<T, F>(&self, job: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Tx) -> BoxFuture<'c, Result<T, Error>> + Send + 'static,
    {
        self.db.write(job).await
    }

    /// A hold.
    pub async fn hold(&self, world: &str, id: &str) -> Result<Option<Hold>, StoreError> {
        find_hold(self.reader(), world, id).await
    }

    /// Holds all that is wanted, or nothing. A hold of this id and these items is answered as it is.
    pub async fn hold_seats(
        &self,
        world: String,
        new: Hold,
        wanted: Vec<Wanted>,
    ) -> Result<Done<Hold>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                if let Some(known) = find_hold(&mut *tx, &world, &new.id).await? {
                    let same = known.account_id == new.account_id && known.items == new.items;
                    let known = Hold {
                        replayed: true,
                        ..known
                    };
                    return if same {
                        Ok(Done::unchanged(known))
                    } else {
                        Err(Error::KeyReused)
                    };
                }
                let mut changed = Vec::new();
                for wanted in &wanted {
                    let record = load(tx, &world, &wanted.flight, &mut changed).await?;
                    let cabins = record.plan.cabins(&wanted.pattern);
                    record
                        .for_sale()?
                        .hold(&cabins, wanted.class, wanted.seats)?;
                }
                let mut script = Script::default();
                save(&mut script, &world, &mut changed)?;
                insert_hold(&mut script, &world, &new);
                script.run(tx).await?;
                Ok(Done::changed(new, changed))
            })
        })
        .await
    }

    /// Keeps an ended hold without seats, so that none can be made under its id. One that was made meanwhile is not found.
    pub async fn forestall(&self, world: String, ended: Hold) -> Result<Done<Hold>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                if find_hold(&mut *tx, &world, &ended.id).await?.is_some() {
                    return Err(Error::NotFound);
                }
                let mut script = Script::default();
                insert_hold(&mut script, &world, &ended);
                script.run(tx).await?;
                Ok(Done::unchanged(ended))
            })
        })
        .await
    }

    /// Carries a command out on a hold of the account; the platform itself, which has no account, may act on any.
    pub async fn end(
        &self,
        world: String,
        account: String,
        id: String,
        command: Command,
        now_us: i64,
    ) -> Result<Done<Hold>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                let hold = find_hold(&mut *tx, &world, &id)
                    .await?
                    .filter(|hold| account.is_empty() || hold.account_id == account)
                    .ok_or(Error::NotFound)?;
                step(tx, &world, hold, command, now_us).await
            })
        })
        .await
    }

    /// Ends the holds of a world that are due, a batch of them; answers how many.
    pub async fn expire_due(&self, world: String, now_us: i64) -> Result<Done<u32>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                let rows: Vec<HoldRow> = sqlx::query_as(
                    "SELECT account_id, state, expires_at_us, version, made FROM holds WHERE world = ? AND state = 1 AND expires_at_us <= ?
                     ORDER BY expires_at_us, id LIMIT ?",
                )
                .bind(&world)
                .bind(now_us)
                .bind(DUE_BATCH)
                .fetch_all(&mut *tx)
                .await?;
                let (mut expired, mut changed) = (0, Vec::new());
                for row in rows {
                    let done = step(tx, &world, hold_of(row)?, Command::Expire, now_us).await?;
                    changed.extend(done.records);
                    expired += 1;
                }
                Ok(Done::changed(expired, changed))
            })
        })
        .await
    }
}

/// Decides, moves the seats and stores the state that the hold is left in.
async fn step(
    tx: &mut Tx,
    world: &str,
    mut hold: Hold,
    command: Command,
    now_us: i64,
) -> Result<Done<Hold>, Error> {
    let (step, refused) = match hold::decide(hold.state(), hold.expires_at_us, command, now_us) {
        Ok(step) => (step, None),
        Err(hold::Refusal::Expired(step)) => (step, Some(Error::HoldExpired)),
        Err(hold::Refusal::State) => return Err(Error::HoldState),
    };
    let mut changed = Vec::new();
    if let Some((state, effect)) = step {
        for item in &hold.items {
            let class = classes::by_letter(&item.booking_class).ok_or(StoreError::Row("holds"))?;
            let seats = u16::try_from(item.seats).map_err(|_| StoreError::Row("holds"))?;
            let flight = item.flight.as_ref().ok_or(StoreError::Row("holds"))?;
            let record = load(tx, world, flight, &mut changed).await?;
            match effect {
                Effect::Keep => {
                    record.for_sale()?;
                }
                Effect::Sell => record.for_sale()?.sell(class, seats)?,
                Effect::Free => record.counters.release(class, seats)?,
                Effect::GiveBack => record.counters.give_back(class, seats)?,
            }
        }
        if effect == Effect::Keep {
            changed.clear();
            if let Command::Extend(until_us) = command {
                hold.expires_at_us = until_us;
            }
        }
        let mut script = Script::default();
        save(&mut script, world, &mut changed)?;
        hold.set_state(state);
        hold.version += 1;
        let version = i64::try_from(hold.version).map_err(|_| StoreError::Row("holds"))?;
        script
            .add("UPDATE holds SET state = ?, expires_at_us = ?, version = ? WHERE world = ? AND id = ?")
            .bind(hold.state)
            .bind(hold.expires_at_us)
            .bind(version)
            .bind(world)
            .bind(&hold.id);
        script.run(tx).await?;
    }
    Ok(Done {
        answer: refused.map_or(Ok(hold), Err),
        records: changed,
        fare: None,
    })
}

fn insert_hold(script: &mut Script, world: &str, new: &Hold) {
    script
        .add("INSERT INTO holds (world, id, account_id, state, expires_at_us, made) VALUES (?, ?, ?, ?, ?, ?)")
        .bind(world)
        .bind(&new.id)
        .bind(&new.account_id)
        .bind(new.state)
        .bind(new.expires_at_us)
        .bind(new.encode_to_vec());
}

async fn find_hold(
    on: impl SqliteExecutor<'_>,
    world: &str,
    id: &str,
) -> Result<Option<Hold>, StoreError> {
    let row: Option<HoldRow> = sqlx::query_as(
        "SELECT account_id, state, expires_at_us, version, made FROM holds WHERE world = ? AND id = ?",
    )
    .bind(world)
    .bind(id)
    .fetch_optional(on)
    .await?;
    row.map(hold_of).transpose()
}

fn hold_of((account_id, state, expires_at_us, version, made): HoldRow) -> Result<Hold, StoreError> {
    let (Ok(made), Ok(state), Ok(version)) = (
        Hold::decode(made.as_slice()),
        HoldState::try_from(state),
        u64::try_from(version),
    ) else {
        return Err(StoreError::Row("holds"));
    };
    Ok(Hold {
        account_id,
        state: state.into(),
        expires_at_us,
        version,
        ..made
    })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    /// The form of the database before limits, plans and fares.
    static FIRST: LazyLock<Migrator> =
        LazyLock::new(|| Migrator::with_migrations(MIGRATIONS.iter().take(1).cloned().collect()));

    #[tokio::test]
    async fn a_database_of_the_first_form_keeps_its_holds_and_seats() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("flights.db");
        let old = Db::open(&path, &FIRST).await.expect("opens");
        let made = Hold {
            id: "hld_1".to_owned(),
            state: HoldState::Active.into(),
            expires_at_us: 7,
            ..Hold::default()
        };
        old.write(move |tx| {
            Box::pin(async move {
                sqlx::query("INSERT INTO holds VALUES ('wld_a', 'hld_1', 'acc_a', 2, 7, ?)")
                    .bind(made.encode_to_vec())
                    .execute(&mut *tx)
                    .await?;
                sqlx::query(
                    "INSERT INTO flight_dates VALUES ('wld_a', 'BA', 117, '2027-03-15', 'LHR', 'JFK', 4, '{\"K\":[2,1]}')",
                )
                .execute(tx)
                .await?;
                Ok::<_, Error>(())
            })
        })
        .await
        .expect("written");
        old.close().await;

        let store = Store::open(&path)
            .await
            .expect("is brought to the newest form");
        let hold = store.hold("wld_a", "hld_1").await.expect("read");
        let hold = hold.expect("kept");
        assert_eq!((hold.state(), hold.version), (HoldState::Consumed, 1));
        assert_eq!((hold.account_id.as_str(), hold.expires_at_us), ("acc_a", 7));
        let (_, _, record) = store.touched(None).await.expect("read").remove(0);
        let class = usize::from(classes::by_letter("K").expect("a class"));
        assert_eq!(
            (record.counters.sold[class], record.counters.held[class]),
            (2, 1)
        );
        assert_eq!(
            (record.counters.version, record.plan),
            (4, Default::default())
        );
        assert!(record.counters.limits.iter().all(Option::is_none));
    }
}
