//! What the airline changes of an order's flights after the sale, and when they are flown since.
//!
//! A change ends no order: it tells the owner, and opens the way out without a penalty. A later change of the same flight takes
//! the place of the earlier one.

use super::change::Change;
use super::order::Order;
use crate::rpc::booking::v1::{OrderStatus, ScheduleChange, ScheduleChangeKind};
use crate::rpc::flights::v1::{FlightChange, FlightDate, FlightStatus, PlaceTime, Segment};

/// A change that its owner may still answer by cancelling.
const OPEN: &str = "open";
/// A change that no longer matters.
const RESOLVED: &str = "resolved";

/// The flight and date that a segment is flown on.
pub fn flight_of(segment: &Segment) -> FlightDate {
    let airport = |time: &Option<PlaceTime>| {
        let airport = time.as_ref().map(|time| time.airport.clone());
        airport.unwrap_or_default()
    };
    let departure = segment.departure.as_ref();
    let date = departure.and_then(|time| time.local.get(..10));
    FlightDate {
        carrier: segment.carrier.clone(),
        number: segment.number,
        date: date.unwrap_or_default().to_owned(),
        origin: airport(&segment.departure),
        destination: airport(&segment.arrival),
    }
}

/// Ends what is open.
pub fn resolve(changes: &mut [ScheduleChange]) {
    for change in changes.iter_mut().filter(|change| change.status == OPEN) {
        change.status = RESOLVED.to_owned();
    }
}

/// Tells an order of a change to one of its flights; `None` when it does not have that flight, or is over. `new_id` makes the
/// ids of schedule changes.
pub fn detect(
    order: &Order,
    told: &FlightChange,
    new_id: impl Fn() -> String,
    now_us: i64,
) -> Option<Change> {
    let live = [
        OrderStatus::Pending,
        OrderStatus::Held,
        OrderStatus::Confirmed,
        OrderStatus::Ticketed,
    ];
    if !live.contains(&order.status(now_us)) {
        return None;
    }
    let (before, after) = (told.before.as_ref()?, told.after.as_ref()?);
    let cancelled = after.status() == FlightStatus::Cancelled;
    let kind = if cancelled {
        ScheduleChangeKind::Cancelled
    } else {
        ScheduleChangeKind::Retimed
    };
    let flown = |time: &Option<PlaceTime>| time.clone().filter(|_| !cancelled);
    let concerned = order
        .segments()
        .filter(|segment| Some(flight_of(segment)) == after.flight);
    let new: Vec<ScheduleChange> = concerned
        .map(|segment| ScheduleChange {
            id: new_id(),
            segment_id: segment.id.clone(),
            kind: kind.into(),
            detected_at_us: now_us,
            departure_before: before.departure.clone(),
            arrival_before: before.arrival.clone(),
            departure_after: flown(&after.departure),
            arrival_after: flown(&after.arrival),
            status: OPEN.to_owned(),
        })
        .collect();
    if new.is_empty() {
        return None;
    }
    let mut change = Change::of(order, now_us);
    let known = &mut change.order.state.schedule_changes;
    let superseded = |known: &&mut ScheduleChange| {
        new.iter()
            .any(|change| change.segment_id == known.segment_id)
    };
    for known in known.iter_mut().filter(superseded) {
        known.status = RESOLVED.to_owned();
    }
    known.extend(new);
    change.say("order.schedule_change_detected");
    Some(change)
}

impl Order {
    /// Whether the airline changed something that its owner has not answered.
    pub fn has_open_change(&self) -> bool {
        let changes = &self.state.schedule_changes;
        changes.iter().any(|change| change.status == OPEN)
    }

    /// Departure and arrival of each segment that is flown, as it is planned now.
    pub(super) fn planned(&self) -> impl Iterator<Item = (i64, i64)> {
        self.segments().filter_map(|segment| {
            let changes = &self.state.schedule_changes;
            let last = changes
                .iter()
                .rfind(|change| change.segment_id == segment.id);
            let (departure, arrival) = match last {
                Some(change) => (&change.departure_after, &change.arrival_after),
                None => (&segment.departure, &segment.arrival),
            };
            departure
                .as_ref()
                .zip(arrival.as_ref())
                .map(|(departure, arrival)| (departure.utc_us, arrival.utc_us))
        })
    }
}
