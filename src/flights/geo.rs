//! Distances on the globe and how long a flight over them is scheduled to take.
//!
//! The block time is a straight line fitted to the schedules of nycflights13, bent for long stages and for the wind that blows
//! from the west. Floats are fine here: no money depends on them but through whole kilometres.

/// Mean radius of the earth in kilometres.
const EARTH_KM: f64 = 6371.0;
/// Taxiing, climb and descent, in minutes.
const GROUND_MINUTES: f64 = 40.0;
/// Stages beyond this many kilometres are flown mostly at cruising speed.
const CRUISE_FROM_KM: f64 = 4000.0;
const MINUTES_PER_KM: f64 = 0.080;
const CRUISE_MINUTES_PER_KM: f64 = 0.066;
/// What the wind adds due west and takes due east.
const WIND: f64 = 0.06;
/// A propeller aircraft needs this much longer over the same distance.
const PROPELLER: f64 = 1.5;

/// A point in degrees × 10^6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Point {
    /// North is positive.
    pub latitude_e6: i32,
    /// East is positive.
    pub longitude_e6: i32,
}

impl Point {
    fn radians(self) -> (f64, f64) {
        let radians = |e6: i32| (f64::from(e6) / 1e6).to_radians();
        (radians(self.latitude_e6), radians(self.longitude_e6))
    }
}

/// Great-circle distance in whole kilometres.
pub fn distance_km(from: Point, to: Point) -> u16 {
    let ((lat1, lon1), (lat2, lon2)) = (from.radians(), to.radians());
    let half = ((lat2 - lat1) / 2.0).sin().powi(2)
        + lat1.cos() * lat2.cos() * ((lon2 - lon1) / 2.0).sin().powi(2);
    whole(2.0 * EARTH_KM * half.sqrt().min(1.0).asin())
}

/// Minutes from gate to gate, in steps of five.
pub fn block_minutes(from: Point, to: Point, propeller: bool) -> u16 {
    let km = f64::from(distance_km(from, to));
    let mut minutes = km.min(CRUISE_FROM_KM) * MINUTES_PER_KM
        + (km - CRUISE_FROM_KM).max(0.0) * CRUISE_MINUTES_PER_KM;
    minutes *= 1.0 - WIND * eastward(from, to);
    if propeller {
        minutes *= PROPELLER;
    }
    whole((GROUND_MINUTES + minutes) / 5.0) * 5
}

/// 1 for a flight due east, −1 for one due west, by the first course on the great circle.
fn eastward(from: Point, to: Point) -> f64 {
    let ((lat1, lon1), (lat2, lon2)) = (from.radians(), to.radians());
    let east = (lon2 - lon1).sin() * lat2.cos();
    let north = lat1.cos() * lat2.sin() - lat1.sin() * lat2.cos() * (lon2 - lon1).cos();
    let length = east.hypot(north);
    if length == 0.0 { 0.0 } else { east / length }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "half the globe is 20,015 km, and a day of flying 1,440 minutes"
)]
fn whole(value: f64) -> u16 {
    value.round() as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    const LHR: Point = Point {
        latitude_e6: 51_470_600,
        longitude_e6: -461_940,
    };
    const JFK: Point = Point {
        latitude_e6: 40_639_751,
        longitude_e6: -73_778_925,
    };
    const SIN: Point = Point {
        latitude_e6: 1_350_190,
        longitude_e6: 103_994_003,
    };

    #[test]
    fn distances_are_great_circles() {
        for (from, to, km) in [(LHR, JFK, 5540), (LHR, SIN, 10_880), (JFK, JFK, 0)] {
            assert!(
                distance_km(from, to).abs_diff(km) <= 10,
                "{}",
                distance_km(from, to)
            );
        }
    }

    #[test]
    fn the_wind_helps_eastward_flights() {
        for (from, to, low, high) in [
            (LHR, JFK, 480, 500),
            (JFK, LHR, 425, 445),
            (SIN, LHR, 820, 880),
        ] {
            let minutes = block_minutes(from, to, false);
            assert!((low..=high).contains(&minutes), "{minutes}");
        }
        assert!(block_minutes(LHR, JFK, true) > block_minutes(LHR, JFK, false));
    }

    #[test]
    fn block_times_are_near_those_of_real_schedules() {
        let stages = include_str!("../../data/departures.txt");
        for line in stages.lines() {
            let mut fields = line.split(' ').skip(1).map(|field| field.parse::<i32>());
            let (Some(Ok(km)), Some(Ok(real))) = (fields.next(), fields.next()) else {
                panic!("{line}");
            };
            // The flights of the source leave New York, so most of them fly west.
            let west = Point {
                longitude_e6: JFK.longitude_e6 - km * 11_850,
                ..JFK
            };
            let ours = i32::from(block_minutes(JFK, west, false));
            assert!(
                (ours - real).abs() * 100 <= real * 12,
                "{km} km: {ours} and {real} minutes"
            );
        }
    }
}
