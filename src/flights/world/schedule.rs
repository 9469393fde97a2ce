//! Turns monthly frequencies into weekly flight patterns: days of the week, local departure, block time, aircraft, number.
//!
//! Deterministic: every draw depends on the route alone. Real: how often, how many seats, when flights leave in the mean.
//! Synthetic: which flight leaves when, and its number.

use super::super::{draw, equipment, geo};
use super::tables::{Row, Stage};
use super::{Airline, AirlineIndex, Airport, AirportIndex, Error, Flight};

/// Hundredths of days in a mean month.
const MONTH: u64 = 3044;
const EVERY_DAY: u8 = 0x7f;
const HIGHEST_NUMBER: u16 = 9999;

/// The patterns of one airline.
pub fn patterns(
    carrier: AirlineIndex,
    rows: &[Row],
    airlines: &[Airline],
    airports: &[Airport],
    stages: &[Stage],
    flights: &mut Vec<Flight>,
) -> Result<(), Error> {
    let code = airlines[usize::from(carrier)].code;
    let mut number = 1_u16;
    for (out, back) in pairs(rows, airports) {
        let (km, ends) = ends(out, airports);
        let stage = stages
            .iter()
            .find(|stage| u32::from(km) < stage.end_km)
            .expect("the last stage length is open");
        let pair = [
            ends[0].code.min(ends[1].code),
            ends[0].code.max(ends[1].code),
        ];
        let directions = [Some(out), back];
        let step = if back.is_some() { 2 } else { 1 };
        let mut most = 0;
        for (first, row) in (number..).zip(directions.into_iter().flatten()) {
            let masks = masks(
                weekly(code, pair, row.frequency),
                draw::draw(&[
                    b"days",
                    code.as_bytes(),
                    pair[0].as_bytes(),
                    pair[1].as_bytes(),
                ]),
            );
            let count = u16::try_from(masks.len()).map_err(|_| Error::Numbers(code))?;
            most = most.max(count);
            let from = &airports[usize::from(row.origin)];
            let to = &airports[usize::from(row.destination)];
            let aircraft = equipment::nearest(row.seats, km);
            let block = geo::block_minutes(from.point, to.point, equipment::propeller(aircraft));
            for (index, days) in (0_u16..).zip(masks) {
                flights.push(Flight {
                    carrier,
                    number: first
                        .checked_add(index * step)
                        .filter(|&number| number <= HIGHEST_NUMBER)
                        .ok_or(Error::Numbers(code))?,
                    origin: row.origin,
                    destination: row.destination,
                    departure: departure(stage, index, count, code, from.code, to.code),
                    block,
                    distance_km: km,
                    seats: row.seats,
                    days,
                    equipment: aircraft,
                });
            }
        }
        number = number.saturating_add(most * step);
    }
    Ok(())
}

/// Out and back between the same airports go together. Out leaves from where the airline is busier; longest pairs come first,
/// because that is where airlines use their lowest numbers.
fn pairs<'a>(rows: &'a [Row], airports: &[Airport]) -> Vec<(&'a Row, Option<&'a Row>)> {
    let mut busy = vec![0_u64; airports.len()];
    for row in rows {
        busy[usize::from(row.origin)] += row.frequency;
    }
    let find = |origin: AirportIndex, destination: AirportIndex| {
        rows.binary_search_by_key(&(origin, destination), |row| (row.origin, row.destination))
            .ok()
            .map(|index| &rows[index])
    };
    let mut pairs: Vec<_> = rows
        .iter()
        .filter_map(|row| {
            let back = find(row.destination, row.origin);
            let rank = |row: &Row| (busy[usize::from(row.origin)], row.origin);
            match back {
                Some(back) if rank(back) > rank(row) => None,
                back => Some((row, back)),
            }
        })
        .collect();
    pairs.sort_by_key(|(row, _)| {
        (
            std::cmp::Reverse(ends(row, airports).0),
            row.origin,
            row.destination,
        )
    });
    pairs
}

fn ends<'a>(row: &Row, airports: &'a [Airport]) -> (u16, [&'a Airport; 2]) {
    let ends = [
        &airports[usize::from(row.origin)],
        &airports[usize::from(row.destination)],
    ];
    (geo::distance_km(ends[0].point, ends[1].point), ends)
}

/// Flights a week. What is left over a whole number is drawn, alike in both directions, so that totals stay true.
fn weekly(airline: &str, pair: [&str; 2], frequency: u64) -> u64 {
    let sevenths = frequency * 7;
    let name = [
        b"week".as_slice(),
        airline.as_bytes(),
        pair[0].as_bytes(),
        pair[1].as_bytes(),
    ];
    sevenths / MONTH + u64::from(draw::below(&name, MONTH) < sevenths % MONTH)
}

/// Daily patterns, and one with the days that remain, spread over the week.
fn masks(weekly: u64, drawn: u64) -> Vec<u8> {
    let rest = weekly % 7;
    let mut masks = vec![EVERY_DAY; usize::try_from(weekly / 7).expect("flights a week are few")];
    if rest > 0 {
        masks.push((0..rest).fold(0, |mask, n| mask | 1 << ((n * 7 / rest + drawn) % 7)));
    }
    masks
}

/// The n-th of `count` flights leaves in the n-th part of the day, each part with as many real departures.
fn departure(
    stage: &Stage,
    index: u16,
    count: u16,
    airline: &str,
    origin: &str,
    destination: &str,
) -> u16 {
    let total = stage.cumulative.last().map_or(0, |last| last.1);
    let name = [
        b"hour".as_slice(),
        airline.as_bytes(),
        origin.as_bytes(),
        destination.as_bytes(),
        &index.to_be_bytes(),
    ];
    let within = draw::below(&name, total.max(1));
    let rank = (u64::from(index) * total + within) / u64::from(count.max(1));
    let slot = stage
        .cumulative
        .partition_point(|&(_, cumulative)| cumulative <= rank);
    stage
        .cumulative
        .get(slot)
        .map_or(12 * 60, |&(minute, _)| minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_keep_the_frequency() {
        let mut total = 0;
        for n in 0..2000_u32 {
            let name = n.to_string();
            total += weekly("ZZ", ["AAA", &name], 1304);
        }
        // 13.04 flights a month are 3.0 a week.
        assert!((5900..6100).contains(&total), "{total}");
        for (weekly, days) in [(0, 0), (1, 1), (3, 3), (7, 7), (17, 17)] {
            let masks = masks(weekly, 5);
            assert_eq!(
                masks.iter().map(|mask| mask.count_ones()).sum::<u32>(),
                days
            );
        }
    }

    #[test]
    fn departures_follow_the_real_day() {
        let stage = Stage {
            end_km: 1,
            cumulative: vec![(360, 50), (720, 60), (1080, 100)],
        };
        let minutes: Vec<_> = (0..10)
            .map(|n| departure(&stage, n, 10, "ZZ", "AAA", "BBB"))
            .collect();
        assert_eq!(
            minutes,
            [360, 360, 360, 360, 360, 720, 1080, 1080, 1080, 1080]
        );
    }
}
