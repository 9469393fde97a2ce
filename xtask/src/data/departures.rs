//! Counts when flights leave, by five minutes of the day and length of the stage, and how long they are scheduled to take.
//!
//! The flights are those that left New York in 2013: their local times are real, their number is not used.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result};
use jiff::tz::TimeZone;

use super::sources::{self, Airport};

/// Upper ends of the stage lengths, in kilometres; the last is open.
const STAGES_KM: [u64; 5] = [500, 1000, 1750, 3500, 99_999];
/// Five-minute slots of a day.
const SLOTS: usize = 288;
/// Kilometres in a thousand miles.
const KM_PER_1000_MILES: u64 = 1609;

struct Stage {
    slots: [u64; SLOTS],
    flights: u64,
    distance: u64,
    block: u64,
}

/// One line a stage: upper end in km, mean km, mean block minutes, and the count of each slot that has one as `slot:count`.
pub fn build(path: &Path, airports: &BTreeMap<String, Airport>) -> Result<(String, u64)> {
    let mut stages = STAGES_KM.map(|_| Stage {
        slots: [0; SLOTS],
        flights: 0,
        distance: 0,
        block: 0,
    });
    for row in sources::rows(path, b',')?.iter() {
        let km = row.get("distance_miles")?.parse::<u64>()? * KM_PER_1000_MILES / 1000;
        let flights: u64 = row.get("operated_2013")?.parse()?;
        let leaves = minute(row.get("sched_dep_local")?)?;
        let arrives = minute(row.get("sched_arr_local")?)?;
        let (Some(origin), Some(destination)) = (
            airports.get(row.get("origin")?),
            airports.get(row.get("dest")?),
        ) else {
            continue;
        };
        let ahead = offset_minutes(&destination.zone)? - offset_minutes(&origin.zone)?;
        let block = (arrives - leaves - ahead).rem_euclid(24 * 60);
        let stage = stages
            .iter_mut()
            .zip(STAGES_KM)
            .find_map(|(stage, end)| (km < end).then_some(stage))
            .context("the last stage is open")?;
        stage.slots[usize::try_from(leaves / 5)?] += flights;
        stage.flights += flights;
        stage.distance += km * flights;
        stage.block += u64::try_from(block)? * flights;
    }
    let mut text = String::new();
    for (stage, end) in stages.iter().zip(STAGES_KM) {
        let flights = stage.flights.max(1);
        write!(
            text,
            "{end} {} {}",
            stage.distance / flights,
            stage.block / flights
        )?;
        for (slot, count) in stage
            .slots
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            write!(text, " {slot}:{count}")?;
        }
        text.push('\n');
    }
    Ok((text, stages.iter().map(|stage| stage.flights).sum()))
}

/// Minutes after midnight of a time written `hhmm`.
fn minute(text: &str) -> Result<i64> {
    let number: i64 = text
        .parse()
        .with_context(|| format!("{text} is not a time"))?;
    Ok((number / 100 * 60 + number % 100) % (24 * 60))
}

/// Minutes ahead of UTC in the summer of the flights.
fn offset_minutes(zone: &str) -> Result<i64> {
    let noon = jiff::civil::date(2013, 7, 1).at(12, 0, 0, 0);
    let offset = TimeZone::get(zone)?.to_ambiguous_timestamp(noon).offset();
    let jiff::tz::AmbiguousOffset::Unambiguous { offset } = offset else {
        anyhow::bail!("{zone} changes its clocks on the day that was taken as an example");
    };
    Ok(i64::from(offset.seconds()) / 60)
}
