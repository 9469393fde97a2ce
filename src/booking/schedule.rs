//! What the airline changes of an order's flights after the sale, and when they are flown since.
//!
//! A change ends no order: it tells the owner, and opens the way out without a penalty. The owner may accept new times instead,
//! which are the order's from then on. A later change of the same flight takes the place of an earlier one of its kind that is
//! open, and a cancellation that of all.
//!
//! Another aircraft alone is no reason to leave, for it takes the passengers where and when they booked. Where it does not have
//! the cabin of the order, though, the flight is to this order what a cancelled one is: there is nothing to accept.

use super::change::Change;
use super::order::{Order, Refusal};
use crate::kernel::clock::MINUTE_US;
use crate::kernel::id::ScheduleChangeId;
use crate::rpc::booking::v1::{OrderStatus, ScheduleChange, ScheduleChangeKind};
use crate::rpc::flights::v1::{
    FlightChange, FlightChangeKind, FlightDate, FlightStatus, PlaceTime, Segment, Slice,
};

/// A change that its owner may still answer, by accepting it or by cancelling.
const OPEN: &str = "open";
/// A change that its owner has agreed to.
pub const ACCEPTED: &str = "accepted";
/// A change that no longer matters.
const RESOLVED: &str = "resolved";

/// What its owner may do with an order that has new times to agree to.
pub const ACCEPT: &str = "accept_schedule_change";

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

/// Ends what is open of segments that an order no longer has.
pub fn resolve_gone(order: &mut Order) {
    let kept: Vec<String> = order.segments().map(|segment| segment.id.clone()).collect();
    let changes = order.state.schedule_changes.iter_mut();
    for change in
        changes.filter(|change| change.status == OPEN && !kept.contains(&change.segment_id))
    {
        change.status = RESOLVED.to_owned();
    }
}

/// Tells an order of a change to one of its flights; `None` when it does not have that flight, or is over.
pub fn detect(order: &Order, told: &FlightChange, now_us: i64) -> Option<Change> {
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
    let kind = kind(told);
    let cancelled = kind == ScheduleChangeKind::Cancelled;
    let version = after.version.to_string();
    let named = |segment: &Segment| {
        ScheduleChangeId::named_at(now_us, &[&order.state.id, &segment.id, &version])
    };
    let flown = |time: &Option<PlaceTime>| time.clone().filter(|_| !cancelled);
    let flying = |text: &String| match cancelled {
        true => String::new(),
        false => text.clone(),
    };
    let has_cabin = |segment: &Segment| after.cabins.iter().any(|one| one.cabin == segment.cabin);
    // The flights that it is being changed to are its own, as soon as their seats are.
    let concerned = order
        .segments()
        .chain(order.coming_segments())
        .filter(|segment| Some(flight_of(segment)) == after.flight);
    let new: Vec<ScheduleChange> = concerned
        .map(|segment| ScheduleChange {
            id: named(segment).into(),
            segment_id: segment.id.clone(),
            kind: kind.into(),
            detected_at_us: now_us,
            departure_before: before.departure.clone(),
            arrival_before: before.arrival.clone(),
            departure_after: flown(&after.departure),
            arrival_after: flown(&after.arrival),
            status: OPEN.to_owned(),
            equipment_before: before.equipment.clone(),
            equipment_name_before: before.equipment_name.clone(),
            equipment_after: flying(&after.equipment),
            equipment_name_after: flying(&after.equipment_name),
            cabin_gone: kind == ScheduleChangeKind::EquipmentChanged && !has_cabin(segment),
        })
        .collect();
    if new.is_empty() {
        return None;
    }
    let mut change = Change::of(order, now_us);
    let known = &mut change.order.state.schedule_changes;
    let superseded = |known: &&mut ScheduleChange| {
        known.status == OPEN
            && (cancelled || known.kind() == kind)
            && new
                .iter()
                .any(|change| change.segment_id == known.segment_id)
    };
    for known in known.iter_mut().filter(superseded) {
        known.status = RESOLVED.to_owned();
    }
    known.extend(new);
    change.say("order.schedule_change_detected");
    Some(change)
}

/// What the airline did.
fn kind(told: &FlightChange) -> ScheduleChangeKind {
    let after = told.after.as_ref();
    match told.kind() {
        FlightChangeKind::Cancelled => ScheduleChangeKind::Cancelled,
        FlightChangeKind::Retimed => ScheduleChangeKind::Retimed,
        FlightChangeKind::EquipmentChanged => ScheduleChangeKind::EquipmentChanged,
        FlightChangeKind::Unspecified => {
            match after.is_some_and(|after| after.status() == FlightStatus::Cancelled) {
                true => ScheduleChangeKind::Cancelled,
                false => ScheduleChangeKind::Retimed,
            }
        }
    }
}

/// Agrees to a change of an order's: its flight has the new times, or the new aircraft, from now on. `None` when that was done before.
pub fn accept(order: &Order, change_id: &str, now_us: i64) -> Result<Option<Change>, Refusal> {
    let known = &order.state.schedule_changes;
    let at = known.iter().position(|change| change.id == change_id);
    let at = at.ok_or(Refusal::ChangeClosed)?;
    let told = &known[at];
    if told.status == ACCEPTED {
        return Ok(None);
    }
    if told.status != OPEN {
        return Err(Refusal::ChangeClosed);
    }
    if !is_acceptable(told) {
        return Err(Refusal::NothingToAccept);
    }
    if !order.available_actions(now_us).contains(&ACCEPT) {
        return Err(Refusal::InvalidState);
    }
    let mut change = Change::of(order, now_us);
    let state = &mut change.order.state;
    state.schedule_changes[at].status = ACCEPTED.to_owned();
    let slices = state.offer.iter_mut().flat_map(|offer| &mut offer.slices);
    for slice in slices {
        match told.kind() {
            ScheduleChangeKind::EquipmentChanged => change_aircraft(slice, told),
            _ => move_flight(slice, told),
        }
    }
    change.say("order.schedule_change_accepted");
    Ok(Some(change))
}

/// Gives a flight of a slice its new times, and flight and slice the time that they take then.
fn move_flight(slice: &mut Slice, told: &ScheduleChange) {
    let minutes = |departure: &Option<PlaceTime>, arrival: &Option<PlaceTime>| {
        let taken = departure
            .as_ref()
            .zip(arrival.as_ref())
            .map(|(departure, arrival)| (arrival.utc_us - departure.utc_us) / MINUTE_US);
        taken.and_then(|minutes| u32::try_from(minutes).ok())
    };
    let moved = slice.segments.iter_mut();
    for segment in moved.filter(|segment| segment.id == told.segment_id) {
        segment.departure.clone_from(&told.departure_after);
        segment.arrival.clone_from(&told.arrival_after);
        let taken = minutes(&segment.departure, &segment.arrival);
        segment.duration_minutes = taken.unwrap_or(segment.duration_minutes);
    }
    if let (Some(first), Some(last)) = (slice.segments.first(), slice.segments.last()) {
        let taken = minutes(&first.departure, &last.arrival);
        slice.duration_minutes = taken.unwrap_or(slice.duration_minutes);
    }
}

/// Lets a flight of a slice be flown by its new aircraft.
fn change_aircraft(slice: &mut Slice, told: &ScheduleChange) {
    let flown = slice.segments.iter_mut();
    for segment in flown.filter(|segment| segment.id == told.segment_id) {
        segment.equipment.clone_from(&told.equipment_after);
        segment
            .equipment_name
            .clone_from(&told.equipment_name_after);
    }
}

/// Whether the flight still takes those who have booked it.
fn is_acceptable(told: &ScheduleChange) -> bool {
    told.kind() != ScheduleChangeKind::Cancelled && !told.cabin_gone
}

/// Whether it frees from the conditions of the fare.
fn sets_free(told: &ScheduleChange) -> bool {
    told.kind() != ScheduleChangeKind::EquipmentChanged || told.cabin_gone
}

impl Order {
    /// Whether the airline changed something that its owner has not answered and need not bear with.
    pub fn is_set_free(&self) -> bool {
        self.open_changes().any(sets_free)
    }

    /// Whether it has new times or another aircraft that its owner may accept, whatever its state.
    pub(super) fn has_acceptable_change(&self) -> bool {
        self.open_changes().any(is_acceptable)
    }

    fn open_changes(&self) -> impl Iterator<Item = &ScheduleChange> {
        let changes = self.state.schedule_changes.iter();
        changes.filter(|change| change.status == OPEN)
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
