//! Flights that are given another aircraft: their cabins, what is left of them, and what searches and the log make of it.

use super::*;

async fn equip(
    service: &FlightsService,
    flight: &rpc::FlightDate,
    equipment: &str,
    preview: bool,
) -> Result<rpc::Flight, Code> {
    let request = rpc::ChangeEquipmentRequest {
        context: here(NOW),
        flight: Some(flight.clone()),
        equipment: equipment.to_owned(),
        preview,
        ..rpc::ChangeEquipmentRequest::default()
    };
    told(service.change_equipment(Request::new(request)).await)
}

async fn with_four_cabins(service: &FlightsService) -> rpc::Offer {
    let mut offers = one_way(service).await.offers.into_iter();
    let found = offers.find(|offer| offer.slices[0].segments[0].equipment == "772");
    found.expect("a large aircraft")
}

fn seats(flight: &rpc::Flight, cabin: rpc::Cabin) -> u32 {
    let of = flight.cabins.iter().filter(|one| one.cabin() == cabin);
    of.map(|one| one.seats).sum()
}

#[tokio::test]
async fn a_smaller_aircraft_sells_less_and_takes_no_seat_from_anybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = with_four_cabins(&service).await;
    let planned = offer.slices[0].segments[0].equipment.clone();
    let mut item = items(&offer, 1);
    let flight = item[0].flight.clone().expect("given");
    let before = equip(&service, &flight, &planned, true)
        .await
        .expect("as it is");
    let economy = seats(&before, rpc::Cabin::Economy);
    assert_eq!((before.version, &before.equipment), (1, &planned));
    // All but one seat of economy, and one of business.
    item[0].booking_class = "Y".to_owned();
    item[0].seats = economy - 1;
    let mut business = item.clone();
    (business[0].booking_class, business[0].seats) = ("J".to_owned(), 1);
    for (id, items) in [("hld_1", item.clone()), ("hld_2", business.clone())] {
        assert_eq!(
            hold(&service, here(NOW), id, items).await,
            Ok(HoldState::Active)
        );
    }
    assert_eq!(
        end(&service, "confirm", here(NOW), "hld_1").await,
        Ok(HoldState::Consumed)
    );

    let look = equip(&service, &flight, "AT7", true).await;
    assert_eq!(look, Err(Code::AircraftUnsuitable), "it cannot fly so far");
    let smaller = equip(&service, &flight, "738", true)
        .await
        .expect("as it would be");
    let left = seats(&smaller, rpc::Cabin::Economy);
    assert!(left < economy, "{left} of {economy}");
    assert_eq!(class(&service, &item[0]).await.limit, economy);

    let done = equip(&service, &flight, "738", false).await.expect("done");
    assert_eq!((&done.cabins, done.version), (&smaller.cabins, 2));
    assert_eq!(done.status(), rpc::FlightStatus::Scheduled);
    assert_eq!(done.departure, before.departure);
    let shown = class(&service, &item[0]).await;
    assert_eq!(
        (shown.limit, shown.sold, shown.available),
        (left, economy - 1, 0)
    );
    item[0].seats = 1;
    assert_eq!(
        hold(&service, here(NOW), "hld_3", item.clone()).await,
        Err(Code::SeatsUnavailable)
    );
    let seen = read(&service, here(NOW), &offer.id).await.expect("there");
    let segment = &seen.slices[0].segments[0];
    assert_eq!((segment.seats_left, segment.equipment.as_str()), (0, "738"));

    // What was set before the start stands after it; the aircraft of the timetable takes its place again.
    service.close().await;
    let service = open(folder.path()).await;
    assert_eq!(for_sale(&service, here(NOW), &flight, "Y").await, Some(0));
    equip(&service, &flight, &planned, false)
        .await
        .expect("back");
    assert_eq!(for_sale(&service, here(NOW), &flight, "Y").await, Some(1));
    let request = rpc::ListChangesRequest {
        context: context("", "", NOW),
        ..rpc::ListChangesRequest::default()
    };
    let log = told(service.list_changes(Request::new(request)).await).expect("read");
    let entry = |change: &rpc::FlightChange| {
        let (before, after) = (change.before.as_ref(), change.after.as_ref());
        let flown = |one: Option<&rpc::Flight>| one.map(|one| one.equipment.clone());
        (change.kind(), flown(before), flown(after))
    };
    let (changed, small) = (rpc::FlightChangeKind::EquipmentChanged, "738".to_owned());
    assert_eq!(
        log.changes.iter().map(entry).collect::<Vec<_>>(),
        [
            (changed, Some(planned.clone()), Some(small.clone())),
            (changed, Some(small), Some(planned)),
        ]
    );
}

#[tokio::test]
async fn a_cabin_that_is_gone_is_shown_while_somebody_has_a_seat_in_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = with_four_cabins(&service).await;
    let mut first = items(&offer, 1);
    first[0].booking_class = "F".to_owned();
    let flight = first[0].flight.clone().expect("given");
    assert_eq!(
        hold(&service, here(NOW), "hld_1", first.clone()).await,
        Ok(HoldState::Active)
    );
    let done = equip(&service, &flight, "738", false).await.expect("done");
    assert_eq!(seats(&done, rpc::Cabin::First), 0);
    let shown = class(&service, &first[0]).await;
    assert_eq!((shown.limit, shown.held, shown.available), (0, 1, 0));
    assert_eq!(
        hold(&service, here(NOW), "hld_2", first.clone()).await,
        Err(Code::SeatsUnavailable)
    );
    assert_eq!(
        end(&service, "confirm", here(NOW), "hld_1").await,
        Ok(HoldState::Consumed),
        "what was held is still sold"
    );
}
