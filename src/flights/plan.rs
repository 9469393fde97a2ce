//! How a flight on one date differs from the timetable: cancelled, moved by some minutes, or flown by another aircraft.
//!
//! Pure: what it is, what is asked and the time give what it becomes, or a refusal. The local date at the origin never moves,
//! because it is part of what a flight is called.

use jiff::tz::TimeZone;

use super::equipment::{self, CABINS};
use super::itinerary::Leg;
use super::times::{self, Moment};
use super::world::Flight;
use crate::rpc::flights::v1::FlightStatus;

/// What the airline changed of a flight on a date; nothing by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Whether it is not flown.
    pub cancelled: bool,
    /// Minutes later than in the timetable; negative is earlier.
    pub shift: Moment,
    /// The configuration that flies it instead of that of the timetable.
    pub equipment: Option<u8>,
    /// How often it was changed.
    pub changes: u64,
}

/// What is asked of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// Not to be flown.
    Cancel,
    /// To leave and land so many minutes later than in the timetable.
    Retime(Moment),
    /// To be flown by this configuration, or by that of the timetable.
    Equip(Option<u8>),
}

/// Why a flight was not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It has left, or would have left at the new time.
    #[error("the flight has left, or would have left at its new time")]
    Departed,
    /// It is not flown.
    #[error("the flight is cancelled")]
    Cancelled,
    /// It would leave on another local date.
    #[error("the flight would leave on another date")]
    OtherDate,
}

impl Plan {
    /// Decides. `leg` is the flight as the timetable has it, `zone` that of its origin.
    ///
    /// # Errors
    /// It has left, is cancelled, or would leave on another local date.
    pub fn decide(
        self,
        command: Command,
        leg: &Leg,
        zone: &TimeZone,
        now: Moment,
    ) -> Result<Self, Refusal> {
        let next = match command {
            Command::Cancel => Self {
                cancelled: true,
                ..self
            },
            Command::Retime(_) | Command::Equip(_) if self.cancelled => {
                return Err(Refusal::Cancelled);
            }
            Command::Retime(shift) => Self { shift, ..self },
            Command::Equip(equipment) => Self { equipment, ..self },
        };
        if next == self {
            return Ok(self);
        }
        let departs = next.of(*leg).departs;
        if self.of(*leg).departs <= now || departs <= now {
            return Err(Refusal::Departed);
        }
        if times::local_day(zone, departs) != leg.day {
            return Err(Refusal::OtherDate);
        }
        Ok(Self {
            changes: self.changes + 1,
            ..next
        })
    }

    /// A leg of the timetable, at the times that are planned for it now.
    pub fn of(self, leg: Leg) -> Leg {
        Leg {
            departs: leg.departs + self.shift,
            arrives: leg.arrives + self.shift,
            ..leg
        }
    }

    /// The configuration that flies it; `flight` is what the timetable has.
    pub fn configuration(self, flight: &Flight) -> u8 {
        self.equipment.unwrap_or(flight.equipment)
    }

    /// Seats of each cabin, economy first.
    pub fn cabins(self, flight: &Flight) -> [u16; CABINS] {
        match self.equipment {
            None => flight.cabins(),
            Some(one) => equipment::cabins(one, equipment::seats(one), flight.distance_km),
        }
    }

    /// What became of the flight.
    pub fn status(self) -> FlightStatus {
        match self {
            Self {
                cancelled: true, ..
            } => FlightStatus::Cancelled,
            Self { shift: 0, .. } => FlightStatus::Scheduled,
            Self { .. } => FlightStatus::Retimed,
        }
    }

    /// Moves with each change, from 1.
    pub fn version(self) -> u64 {
        self.changes + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A flight that leaves at 22:00 in New York, and what is asked of it so many hours before ⇒ what becomes of it.
    #[test]
    fn a_flight_keeps_its_date_and_is_not_moved_once_it_has_left() {
        let table = "
            9: cancel                      = CANCELLED 0 2
            9: cancel, cancel              = CANCELLED 0 2
            9: retime 60                   = RETIMED 60 2
            9: retime 60, retime 60        = RETIMED 60 2
            9: retime 60, retime 0         = SCHEDULED 0 3
            9: equip 7                     = SCHEDULED 0 2
            9: equip 7, equip 7, retime 60 = RETIMED 60 3
            9: cancel, equip 7             = Cancelled
            9: retime -60, cancel          = CANCELLED -60 3
            9: retime 0                    = SCHEDULED 0 1
            9: retime 119                  = RETIMED 119 2
            9: retime 120                  = OtherDate
            30: retime -1321               = OtherDate
            30: retime -1320               = RETIMED -1320 2
            9: retime -541                 = Departed
            9: cancel, retime 10           = Cancelled
            0: cancel                      = Departed
            0: retime 10                   = Departed
            0: equip 7                     = Departed";
        let zone = TimeZone::get("America/New_York").expect("a known zone");
        let day = times::parse_day("2027-03-15").expect("a day");
        let departs = times::LocalDay::new(&zone, day).moment(22 * 60);
        let leg = Leg {
            flight: 0,
            day,
            departs,
            arrives: departs + 400,
        };
        for line in table.lines().filter(|line| !line.trim().is_empty()) {
            let (question, answer) = line.split_once('=').expect("a row of the table");
            let (hours, commands) = question.split_once(':').expect("hours before");
            let now = departs - 60 * hours.trim().parse::<Moment>().expect("a number");
            let told = commands
                .split(',')
                .map(|command| match command.trim().split_once(' ') {
                    Some(("equip", one)) => Command::Equip(one.parse().ok()),
                    Some((_, shift)) => Command::Retime(shift.parse().expect("minutes")),
                    None => Command::Cancel,
                })
                .try_fold(Plan::default(), |plan, command| {
                    plan.decide(command, &leg, &zone, now)
                });
            let told = match told {
                Ok(plan) => {
                    let status = plan.status().as_str_name();
                    let status = status.trim_start_matches("FLIGHT_STATUS_");
                    assert_eq!(plan.of(leg).departs, departs + plan.shift);
                    format!("{status} {} {}", plan.shift, plan.version())
                }
                Err(refusal) => format!("{refusal:?}"),
            };
            assert_eq!(told, answer.trim(), "{line}");
        }
    }
}
