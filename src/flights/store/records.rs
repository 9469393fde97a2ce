//! The records of touched flight-dates as rows, and the setting of limits, which concerns nothing else.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use sqlx::SqliteExecutor;

use super::{Done, Error as StoreError, Store};
use crate::flights::Error;
use crate::flights::classes::{self, ClassIndex};
use crate::flights::equipment;
use crate::flights::inventory::Counters;
use crate::flights::overlay::Record;
use crate::flights::plan::Plan;
use crate::flights::world::Flight as Pattern;
use crate::platform::db::{Script, Tx};
use crate::rpc::flights::v1::FlightDate;

const UNREADABLE: StoreError = StoreError::Row("flight_dates");

/// version, seats, limits, cancelled, shift_minutes, plan_changes, equipment, equipment_seats
type Row = (i64, String, String, bool, i64, i64, String, u16);
type DatedRow = (
    String,
    String,
    u32,
    String,
    String,
    String,
    i64,
    String,
    String,
    bool,
    i64,
    i64,
    String,
    u16,
);

impl Store {
    /// Every touched flight-date of all worlds, or of one.
    pub async fn touched(
        &self,
        world: Option<&str>,
    ) -> Result<Vec<(String, FlightDate, Record)>, StoreError> {
        let rows: Vec<DatedRow> = sqlx::query_as(
            "SELECT world, carrier, number, date, origin, destination,
                    version, seats, limits, cancelled, shift_minutes, plan_changes, equipment, equipment_seats
             FROM flight_dates WHERE ?1 IS NULL OR world = ?1",
        )
        .bind(world)
        .fetch_all(self.reader())
        .await?;
        rows.into_iter()
            .map(|row| {
                let flight = FlightDate {
                    carrier: row.1,
                    number: row.2,
                    date: row.3,
                    origin: row.4,
                    destination: row.5,
                };
                let record = record((row.6, row.7, row.8, row.9, row.10, row.11, row.12, row.13))?;
                Ok((row.0, flight, record))
            })
            .collect()
    }

    /// The record of one flight-date.
    pub async fn record(&self, world: &str, flight: &FlightDate) -> Result<Record, StoreError> {
        find(self.reader(), world, flight).await
    }

    /// Sets limits of classes of a cabin, if the record still has the expected version; 0 stands for any.
    pub async fn set_limits(
        &self,
        world: String,
        flight: FlightDate,
        pattern: Pattern,
        cabin: usize,
        limits: Vec<(ClassIndex, u16)>,
        expected_version: u64,
    ) -> Result<Done<Record>, Error> {
        self.write(move |tx| {
            Box::pin(async move {
                let mut records = Vec::new();
                let record = load(tx, &world, &flight, &mut records).await?;
                if expected_version != 0 && expected_version != record.version() {
                    return Err(Error::Changed);
                }
                if record.plan.cancelled {
                    return Err(Error::Cancelled);
                }
                let before = *record;
                let cabins = record.plan.cabins(&pattern);
                record.counters.set_limits(&cabins, cabin, &limits)?;
                if *record == before {
                    return Ok(Done::unchanged(before));
                }
                let mut script = Script::default();
                save(&mut script, &world, &mut records)?;
                script.run(tx).await?;
                let record = records.first().map_or(before, |(_, record)| *record);
                Ok(Done::changed(record, records))
            })
        })
        .await
    }
}

/// The record of a flight-date, among those that this transaction changes.
pub(super) async fn load<'a>(
    tx: &mut Tx,
    world: &str,
    flight: &FlightDate,
    changed: &'a mut Vec<(FlightDate, Record)>,
) -> Result<&'a mut Record, StoreError> {
    let index = match changed.iter().position(|(known, _)| known == flight) {
        Some(index) => index,
        None => {
            changed.push((flight.clone(), find(&mut *tx, world, flight).await?));
            changed.len() - 1
        }
    };
    Ok(&mut changed[index].1)
}

/// Stores records, each with a new version.
pub(super) fn save(
    script: &mut Script,
    world: &str,
    changed: &mut [(FlightDate, Record)],
) -> Result<(), StoreError> {
    for (flight, record) in changed {
        record.counters.version += 1;
        let count = |count: u64| i64::try_from(count).map_err(|_| UNREADABLE);
        script
            .add(
                "INSERT INTO flight_dates (world, carrier, number, date, origin, destination,
                                           version, seats, limits, cancelled, shift_minutes, plan_changes,
                                           equipment, equipment_seats)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT DO UPDATE SET
                     version = excluded.version, seats = excluded.seats, limits = excluded.limits,
                     cancelled = excluded.cancelled, shift_minutes = excluded.shift_minutes, plan_changes = excluded.plan_changes,
                     equipment = excluded.equipment, equipment_seats = excluded.equipment_seats",
            )
            .bind(world)
            .bind(&flight.carrier)
            .bind(flight.number)
            .bind(&flight.date)
            .bind(&flight.origin)
            .bind(&flight.destination)
            .bind(count(record.counters.version)?)
            .bind(seats_text(&record.counters))
            .bind(limits_text(&record.counters))
            .bind(record.plan.cancelled)
            .bind(record.plan.shift)
            .bind(count(record.plan.changes)?)
            .bind(record.plan.equipment.map_or("", equipment::code))
            .bind(record.plan.equipment.map_or(0, equipment::seats));
    }
    Ok(())
}

async fn find(
    on: impl SqliteExecutor<'_>,
    world: &str,
    flight: &FlightDate,
) -> Result<Record, StoreError> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT version, seats, limits, cancelled, shift_minutes, plan_changes, equipment, equipment_seats FROM flight_dates
         WHERE world = ? AND carrier = ? AND number = ? AND date = ? AND origin = ? AND destination = ?",
    )
    .bind(world)
    .bind(&flight.carrier)
    .bind(flight.number)
    .bind(&flight.date)
    .bind(&flight.origin)
    .bind(&flight.destination)
    .fetch_optional(on)
    .await?;
    row.map_or(Ok(Record::default()), record)
}

fn record(row: Row) -> Result<Record, StoreError> {
    let (version, seats, limits, cancelled, shift, changes, equipment, equipment_seats) = row;
    let count = |count: i64| u64::try_from(count).map_err(|_| UNREADABLE);
    let mut record = Record {
        counters: Counters {
            version: count(version)?,
            ..Counters::default()
        },
        plan: Plan {
            cancelled,
            shift,
            equipment: match equipment.as_str() {
                "" => None,
                code => Some(equipment::of_type(code, equipment_seats, 0).ok_or(UNREADABLE)?),
            },
            changes: count(changes)?,
        },
    };
    let counters = &mut record.counters;
    for (class, (sold, held)) in by_class::<(u16, u16)>(&seats)? {
        (counters.sold[class], counters.held[class]) = (sold, held);
    }
    for (class, limit) in by_class(&limits)? {
        counters.limits[class] = Some(limit);
    }
    Ok(record)
}

/// What a column says of each class, by the class's place in the ladder.
fn by_class<T: DeserializeOwned>(text: &str) -> Result<Vec<(usize, T)>, StoreError> {
    let by_letter: BTreeMap<String, T> = serde_json::from_str(text).map_err(|_| UNREADABLE)?;
    by_letter
        .into_iter()
        .map(|(letter, value)| {
            let class = classes::by_letter(&letter).ok_or(UNREADABLE)?;
            Ok((usize::from(class), value))
        })
        .collect()
}

fn seats_text(counters: &Counters) -> String {
    let seats: BTreeMap<_, _> = (0..)
        .zip(counters.sold.iter().zip(&counters.held))
        .filter(|(_, (sold, held))| **sold + **held > 0)
        .map(|(class, seats)| (classes::letter(class), seats))
        .collect();
    serde_json::to_string(&seats).expect("letters and numbers are JSON")
}

fn limits_text(counters: &Counters) -> String {
    let limits: BTreeMap<_, _> = (0..)
        .zip(counters.limits)
        .filter_map(|(class, limit)| Some((classes::letter(class), limit?)))
        .collect();
    serde_json::to_string(&limits).expect("letters and numbers are JSON")
}
