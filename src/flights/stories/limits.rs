//! Limits: set by staff, kept by every sale, and explained.
//!
//! What nesting means is told in a table beside the counters.

use super::*;

fn limits(limits: &[(&str, u32)]) -> Vec<rpc::ClassLimit> {
    let limit = |&(class, limit): &(&str, u32)| rpc::ClassLimit {
        booking_class: class.to_owned(),
        limit,
    };
    limits.iter().map(limit).collect()
}

async fn set(
    service: &FlightsService,
    flight: &rpc::FlightDate,
    wanted: &[(&str, u32)],
    expected_version: u64,
) -> Result<rpc::FlightInventory, Code> {
    let request = rpc::SetLimitsRequest {
        context: here(NOW),
        flight: Some(flight.clone()),
        cabin: rpc::Cabin::Economy.into(),
        limits: limits(wanted),
        expected_version,
    };
    told(service.set_limits(Request::new(request)).await)
}

async fn explain(
    service: &FlightsService,
    context: Option<Context>,
    flight: &rpc::FlightDate,
    class: &str,
    seats: u32,
) -> Result<rpc::Explanation, Code> {
    let request = rpc::ExplainAvailabilityRequest {
        context,
        flight: Some(flight.clone()),
        booking_class: class.to_owned(),
        seats,
    };
    told(service.explain_availability(Request::new(request)).await)
}

#[tokio::test]
async fn a_lowered_limit_is_kept_by_every_sale_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let item = items(&offer, 1).swap_remove(0);
    let flight = item.flight.clone().expect("given");
    // 14 days before, V is no longer sold.
    assert_eq!(item.booking_class, "L");
    let seats = |world: &'static str| {
        let (service, flight) = (&service, &flight);
        async move { for_sale(service, context(world, "acc_a", NOW), flight, "L").await }
    };
    assert_eq!(seats("wld_a").await, Some(9));
    assert_eq!(
        hold(&service, here(NOW), "hld_1", items(&offer, 3)).await,
        Ok(HoldState::Active)
    );
    let set_to = [("L", 5), ("V", 0)];
    let after = set(&service, &flight, &set_to, 2).await.expect("nested");
    assert_eq!(after.version, 3);
    assert_eq!(seats("wld_a").await, Some(2));
    assert_eq!(
        seats("wld_b").await,
        Some(9),
        "another world has its own limits"
    );
    let seen = read(&service, here(NOW), &offer.id).await.expect("there");
    assert_eq!(seen.slices[0].segments[0].seats_left, 2);
    assert_eq!(
        hold(&service, here(NOW), "hld_2", items(&offer, 3)).await,
        Err(Code::SeatsUnavailable)
    );
    // Below what is held: closed, and nobody loses a seat.
    let after = set(&service, &flight, &[("L", 1)], 3)
        .await
        .expect("nested");
    assert_eq!(seats("wld_a").await, Some(0));
    assert!(
        one_way(&service)
            .await
            .offers
            .iter()
            .all(|other| items(other, 1)[0] != item)
    );
    assert_eq!(
        end(&service, "confirm", here(NOW), "hld_1").await,
        Ok(HoldState::Consumed)
    );
    let class = class(&service, &item).await;
    assert_eq!((class.limit, class.sold, class.available), (1, 3, 0));
    // The same again is no change.
    let again = set(&service, &flight, &[("L", 1)], 0)
        .await
        .expect("nested");
    assert_eq!(
        again.version,
        after.version + 1,
        "the sale moved it, the repeat did not"
    );
    let before = one_way(&service).await.offers.len();
    service.close().await;
    let service = open(folder.path()).await;
    assert_eq!(one_way(&service).await.offers.len(), before);
    assert_eq!(self::class(&service, &item).await, class);
}

#[tokio::test]
async fn limits_that_cannot_be_set_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let flight = items(&offer, 1)[0].flight.clone().expect("given");
    for (wanted, code) in [
        (&[("V", 400)][..], Code::LimitsNotNested),
        (&[("Y", 1)], Code::LimitsNotNested),
        (&[("Y", 70_000)], Code::LimitsNotNested),
        (&[("X", 1)], Code::NotFound),
        (&[("J", 1)], Code::NotFound),
        (&[("V", 1), ("V", 2)], Code::ValidationFailed),
        (&[], Code::ValidationFailed),
    ] {
        assert_eq!(
            set(&service, &flight, wanted, 0).await,
            Err(code),
            "{wanted:?}"
        );
    }
    assert_eq!(
        set(&service, &flight, &[("V", 1)], 2).await,
        Err(Code::PreconditionFailed)
    );
    let unknown = rpc::FlightDate {
        number: 9_999,
        ..flight.clone()
    };
    assert_eq!(
        set(&service, &unknown, &[("V", 1)], 0).await,
        Err(Code::NotFound)
    );
    let left = rpc::FlightDate {
        date: "2027-02-22".to_owned(),
        ..flight
    };
    assert_eq!(
        set(&service, &left, &[("V", 1)], 0).await,
        Err(Code::InvalidState)
    );
}

#[tokio::test]
async fn a_class_is_open_or_closed_for_a_reason() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let offer = one_way(&service).await.offers.swap_remove(0);
    let flight = items(&offer, 1)[0].flight.clone().expect("given");
    let told = explain(&service, here(NOW), &flight, "K", 2)
        .await
        .expect("there");
    assert_eq!(
        (told.reason.as_str(), told.binding_class.as_str()),
        ("open", "K")
    );
    assert!(told.available && told.seats_available >= 2);
    let told: Vec<_> = told
        .limits
        .iter()
        .map(|one| one.booking_class.as_str())
        .collect();
    assert_eq!(told, ["Y", "B", "M", "H", "Q", "K"]);
    let many = explain(&service, here(NOW), &flight, "K", 999)
        .await
        .expect("there");
    assert_eq!((many.reason.as_str(), many.available), ("limit", false));
    // A limit above binds when it leaves less than that of the class itself.
    let limit = |class: &str| {
        let limit = many.limits.iter().find(|one| one.booking_class == class);
        limit.expect("told").limit
    };
    let mut high = items(&offer, limit("Y") - 3);
    high[0].booking_class = "Y".to_owned();
    assert_eq!(
        hold(&service, here(NOW), "hld_1", high).await,
        Ok(HoldState::Active)
    );
    let told = explain(&service, here(NOW), &flight, "K", 4)
        .await
        .expect("there");
    assert_eq!(
        (told.reason.as_str(), told.binding_class.as_str()),
        ("limit", "Y")
    );
    assert_eq!(told.seats_available, 3);
    let binds: Vec<_> = told
        .limits
        .iter()
        .filter(|one| one.binds)
        .map(|one| one.left)
        .collect();
    assert_eq!(binds, [3]);
    // 14 days before, the fare of V is no longer sold: nor are its seats.
    let told = explain(&service, here(NOW), &flight, "V", 1)
        .await
        .expect("there");
    assert_eq!(
        (told.reason.as_str(), told.seats_available),
        ("advance_purchase", 0)
    );
    assert_eq!(for_sale(&service, here(NOW), &flight, "V").await, Some(0));
    let mut low = items(&offer, 1);
    low[0].booking_class = "V".to_owned();
    assert_eq!(
        hold(&service, here(NOW), "hld_2", low).await,
        Err(Code::SeatsUnavailable)
    );
    let departed = here(NOW + 30 * 24 * 60 * MINUTE_US);
    let told = explain(&service, departed, &flight, "Y", 1)
        .await
        .expect("there");
    assert_eq!(
        (told.reason.as_str(), told.seats_available),
        ("departed", 0)
    );
    assert_eq!(
        explain(&service, here(NOW), &flight, "X", 1).await,
        Err(Code::NotFound)
    );
}

#[tokio::test]
async fn availability_tells_of_the_flights_of_a_day() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = open(folder.path()).await;
    let day = available(
        &service,
        here(NOW),
        ("LON", "NYC", "2027-03-15"),
        rpc::Cabin::Unspecified,
    );
    let day = day.await.expect("a day");
    assert!(day.flights.len() > 10 && day.warnings.is_empty());
    let departs = |one: &rpc::FlightAvailability| {
        let flight = one.flight.as_ref().expect("told");
        flight.departure.as_ref().expect("told").utc_us
    };
    assert!(day.flights.is_sorted_by_key(departs));
    for one in &day.flights {
        assert_eq!(one.version, 1);
        assert!(one.classes.iter().all(|class| class.seats <= 9));
        assert!(
            one.classes
                .iter()
                .any(|class| class.booking_class == "Y" && class.seats == 9)
        );
    }
    let business = available(
        &service,
        here(NOW),
        ("LHR", "JFK", "2027-03-15"),
        rpc::Cabin::Business,
    );
    let classes = business
        .await
        .expect("a day")
        .flights
        .swap_remove(0)
        .classes;
    let letters: Vec<_> = classes
        .iter()
        .map(|class| class.booking_class.as_str())
        .collect();
    assert_eq!(letters, ["J", "C", "D", "I"]);
    for (journey, warning) in [
        (("LHR", "JFK", "2027-02-01"), "past_date"),
        (("LHR", "XXX", "2027-03-15"), "unknown_place"),
        (("LHR", "LGW", "2027-03-15"), "no_flights"),
    ] {
        let none = available(&service, here(NOW), journey, rpc::Cabin::Unspecified);
        let none = none.await.expect("explained");
        let codes: Vec<_> = none.warnings.iter().map(|one| one.code.as_str()).collect();
        assert_eq!((none.flights.len(), codes), (0, vec![warning]));
    }
    for journey in [("lhr", "JFK", "2027-03-15"), ("LHR", "JFK", "tomorrow")] {
        let wrong = available(&service, here(NOW), journey, rpc::Cabin::Unspecified);
        assert_eq!(wrong.await, Err(Code::ValidationFailed));
    }
}
