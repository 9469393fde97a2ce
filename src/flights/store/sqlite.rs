//! Holds and counters in SQLite. Each change loads what it concerns, lets the pure rules decide, and writes it back in one
//! transaction of the single writer, so that no two changes of a flight-date ever overlap.

use std::collections::BTreeMap;
use std::path::Path;

use prost::Message;
use sqlx::SqliteConnection;
use sqlx::migrate::Migrator;

use super::Error as StoreError;
use crate::flights::Error;
use crate::flights::classes::{self, ClassIndex};
use crate::flights::equipment::CABINS;
use crate::flights::hold::{self, Command, Effect};
use crate::flights::inventory::Counters;
use crate::platform::db::{self, Db};
use crate::rpc::flights::v1::{FlightDate, Hold, HoldState};

static MIGRATIONS: Migrator = sqlx::migrate!("src/flights/store/migrations");

/// Holds that one transaction ends when many are due.
const DUE_BATCH: i64 = 256;

/// Seats that are wanted of a flight-date whose cabins have these capacities.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub flight: FlightDate,
    pub cabins: [u16; CABINS],
    pub class: ClassIndex,
    pub seats: u16,
}

/// A hold after a change, and the counters that the change left behind.
#[derive(Debug)]
pub struct Ended {
    pub hold: Hold,
    pub changed: Vec<(FlightDate, Counters)>,
    /// What was refused although the change was made.
    pub refused: Option<Error>,
}

type HoldRow = (i32, Vec<u8>);
type CountersRow = (i64, String);
type FlightRow = (String, String, u32, String, String, String, i64, String);

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

    /// Every touched flight-date of all worlds, or of one.
    pub async fn touched(
        &self,
        world: Option<&str>,
    ) -> Result<Vec<(String, FlightDate, Counters)>, StoreError> {
        let rows: Vec<FlightRow> = sqlx::query_as(
            "SELECT world, carrier, number, date, origin, destination, version, seats FROM flight_dates
             WHERE ?1 IS NULL OR world = ?1",
        )
        .bind(world)
        .fetch_all(self.db.reader())
        .await?;
        rows.into_iter()
            .map(
                |(world, carrier, number, date, origin, destination, version, seats)| {
                    let flight = FlightDate {
                        carrier,
                        number,
                        date,
                        origin,
                        destination,
                    };
                    Ok((world, flight, counters((version, seats))?))
                },
            )
            .collect()
    }

    /// The counters of one flight-date.
    pub async fn counters(&self, world: &str, flight: &FlightDate) -> Result<Counters, StoreError> {
        let mut connection = self.db.reader().acquire().await?;
        find_counters(&mut connection, world, flight).await
    }

    /// A hold, with the account that made it.
    pub async fn hold(&self, world: &str, id: &str) -> Result<Option<(String, Hold)>, StoreError> {
        let mut connection = self.db.reader().acquire().await?;
        find_hold(&mut connection, world, id).await
    }

    /// Holds all that is wanted, or nothing. A hold of this id and these items is answered as it is.
    pub async fn hold_seats(
        &self,
        world: String,
        account: String,
        new: Hold,
        wanted: Vec<Wanted>,
    ) -> Result<Ended, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                if let Some((owner, hold)) = find_hold(tx, &world, &new.id).await? {
                    let same = owner == account && hold.items == new.items;
                    return if same {
                        Ok(Ended { hold, changed: Vec::new(), refused: None })
                    } else {
                        Err(Error::HoldReused)
                    };
                }
                let mut changed = Vec::new();
                for wanted in &wanted {
                    let counters = load(tx, &world, &wanted.flight, &mut changed).await?;
                    counters.hold(&wanted.cabins, wanted.class, wanted.seats)?;
                }
                save(tx, &world, &mut changed).await?;
                sqlx::query(
                    "INSERT INTO holds (world, id, account_id, state, expires_at_us, made) VALUES (?, ?, ?, ?, ?, ?)",
                )
                .bind(&world)
                .bind(&new.id)
                .bind(&account)
                .bind(new.state)
                .bind(new.expires_at_us)
                .bind(new.encode_to_vec())
                .execute(tx)
                .await?;
                Ok(Ended { hold: new, changed, refused: None })
            })
        });
        write.await
    }

    /// Carries a command out on a hold of the account; the platform itself, which has no account, may act on any.
    pub async fn end(
        &self,
        world: String,
        account: String,
        id: String,
        command: Command,
        now_us: i64,
    ) -> Result<Ended, Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let found = find_hold(tx, &world, &id).await?;
                let (_, hold) = found
                    .filter(|(owner, _)| account.is_empty() || *owner == account)
                    .ok_or(Error::NotFound)?;
                step(tx, &world, hold, command, now_us).await
            })
        });
        write.await
    }

    /// Ends the holds of a world that are due, a batch of them; answers how many.
    pub async fn expire_due(
        &self,
        world: String,
        now_us: i64,
    ) -> Result<(usize, Vec<Ended>), Error> {
        let write = self.db.write(move |tx| {
            Box::pin(async move {
                let rows: Vec<HoldRow> = sqlx::query_as(
                    "SELECT state, made FROM holds WHERE world = ? AND state = 1 AND expires_at_us <= ?
                     ORDER BY expires_at_us, id LIMIT ?",
                )
                .bind(&world)
                .bind(now_us)
                .bind(DUE_BATCH)
                .fetch_all(&mut *tx)
                .await?;
                let mut ended = Vec::with_capacity(rows.len());
                for row in rows {
                    ended.push(step(tx, &world, hold_of(row)?, Command::Expire, now_us).await?);
                }
                Ok::<_, Error>((ended.len(), ended))
            })
        });
        write.await
    }
}

/// Decides, moves the seats and stores the state that the hold is left in.
async fn step(
    tx: &mut SqliteConnection,
    world: &str,
    mut hold: Hold,
    command: Command,
    now_us: i64,
) -> Result<Ended, Error> {
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
            let counters = load(tx, world, flight, &mut changed).await?;
            match effect {
                Effect::Sell => counters.sell(class, seats)?,
                Effect::Free => counters.release(class, seats)?,
                Effect::GiveBack => counters.give_back(class, seats)?,
            }
        }
        save(tx, world, &mut changed).await?;
        hold.set_state(state);
        sqlx::query("UPDATE holds SET state = ? WHERE world = ? AND id = ?")
            .bind(hold.state)
            .bind(world)
            .bind(&hold.id)
            .execute(tx)
            .await?;
    }
    Ok(Ended {
        hold,
        changed,
        refused,
    })
}

/// The counters of a flight-date, among those that this transaction changes.
async fn load<'a>(
    tx: &mut SqliteConnection,
    world: &str,
    flight: &FlightDate,
    changed: &'a mut Vec<(FlightDate, Counters)>,
) -> Result<&'a mut Counters, StoreError> {
    let index = match changed.iter().position(|(known, _)| known == flight) {
        Some(index) => index,
        None => {
            changed.push((flight.clone(), find_counters(tx, world, flight).await?));
            changed.len() - 1
        }
    };
    Ok(&mut changed[index].1)
}

async fn save(
    tx: &mut SqliteConnection,
    world: &str,
    changed: &mut [(FlightDate, Counters)],
) -> Result<(), StoreError> {
    for (flight, counters) in changed {
        counters.version += 1;
        let version =
            i64::try_from(counters.version).map_err(|_| StoreError::Row("flight_dates"))?;
        sqlx::query(
            "INSERT INTO flight_dates (world, carrier, number, date, origin, destination, version, seats)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET version = excluded.version, seats = excluded.seats",
        )
        .bind(world)
        .bind(&flight.carrier)
        .bind(flight.number)
        .bind(&flight.date)
        .bind(&flight.origin)
        .bind(&flight.destination)
        .bind(version)
        .bind(seats_text(counters))
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

async fn find_counters(
    connection: &mut SqliteConnection,
    world: &str,
    flight: &FlightDate,
) -> Result<Counters, StoreError> {
    let row: Option<CountersRow> = sqlx::query_as(
        "SELECT version, seats FROM flight_dates
         WHERE world = ? AND carrier = ? AND number = ? AND date = ? AND origin = ? AND destination = ?",
    )
    .bind(world)
    .bind(&flight.carrier)
    .bind(flight.number)
    .bind(&flight.date)
    .bind(&flight.origin)
    .bind(&flight.destination)
    .fetch_optional(connection)
    .await?;
    row.map_or(Ok(Counters::default()), counters)
}

async fn find_hold(
    connection: &mut SqliteConnection,
    world: &str,
    id: &str,
) -> Result<Option<(String, Hold)>, StoreError> {
    let row: Option<(String, i32, Vec<u8>)> =
        sqlx::query_as("SELECT account_id, state, made FROM holds WHERE world = ? AND id = ?")
            .bind(world)
            .bind(id)
            .fetch_optional(connection)
            .await?;
    row.map(|(account, state, made)| Ok((account, hold_of((state, made))?)))
        .transpose()
}

fn hold_of((state, made): HoldRow) -> Result<Hold, StoreError> {
    let unreadable = |_| StoreError::Row("holds");
    let mut hold = Hold::decode(made.as_slice()).map_err(|_| StoreError::Row("holds"))?;
    hold.set_state(HoldState::try_from(state).map_err(unreadable)?);
    Ok(hold)
}

fn counters((version, seats): CountersRow) -> Result<Counters, StoreError> {
    let unreadable = StoreError::Row("flight_dates");
    let (Ok(version), Ok(seats)) = (
        u64::try_from(version),
        serde_json::from_str::<BTreeMap<String, (u16, u16)>>(&seats),
    ) else {
        return Err(unreadable);
    };
    let mut counters = Counters {
        version,
        ..Counters::default()
    };
    for (letter, (sold, held)) in seats {
        let Some(class) = classes::by_letter(&letter).map(usize::from) else {
            return Err(unreadable);
        };
        (counters.sold[class], counters.held[class]) = (sold, held);
    }
    Ok(counters)
}

fn seats_text(counters: &Counters) -> String {
    let taken = counters
        .sold
        .iter()
        .zip(&counters.held)
        .zip(0..)
        .filter(|((sold, held), _)| **sold + **held > 0);
    let seats: BTreeMap<_, _> = taken
        .map(|((&sold, &held), class)| (classes::letter(class), (sold, held)))
        .collect();
    serde_json::to_string(&seats).expect("letters and numbers are JSON")
}
