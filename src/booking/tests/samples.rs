//! An offer and its passengers for the tests of this folder: Frankfurt to New York and back, an adult and a lap infant.

use crate::booking::order::Draft;
use crate::booking::schedule::flight_of;
use crate::rpc::billing::v1::PaymentMethod;
use crate::rpc::booking::v1::{Contact, OrderPassenger, OrderType, PaymentInstruction};
use crate::rpc::common::v1::Money;
use crate::rpc::flights::v1::{
    Cabin, CabinSeats, Charge, Condition, Conditions, Flight, FlightChange, FlightChangeKind,
    FlightStatus, IncludedBaggage, Offer, OfferService, Passenger, PlaceTime, Price, Ptc, Segment,
    Slice,
};

/// 2027-03-01T09:00:00Z.
pub const NOW: i64 = 1_803_891_600_000_000;

const DAY: i64 = 86_400_000_000;

pub fn eur(amount: i64) -> Money {
    Money {
        amount,
        currency: "EUR".to_owned(),
    }
}

fn flight(number: u32, day: i64, from: &str, to: &str, local: &str) -> Slice {
    let at = |airport: &str, utc_us| PlaceTime {
        airport: airport.to_owned(),
        local: local.to_owned(),
        utc_us,
        ..PlaceTime::default()
    };
    Slice {
        id: format!("sli_{number}"),
        origin: from.to_owned(),
        destination: to.to_owned(),
        duration_minutes: 480,
        segments: vec![Segment {
            id: format!("seg_{number}"),
            carrier: "LH".to_owned(),
            number,
            departure: Some(at(from, NOW + day * DAY)),
            arrival: Some(at(to, NOW + day * DAY + DAY / 3)),
            cabin: Cabin::Economy.into(),
            booking_class: "Y".to_owned(),
            ..Segment::default()
        }],
        ..Slice::default()
    }
}

/// 382.34 EUR, refundable for 100.00, may be held for two days.
pub fn offer() -> Offer {
    let charge = |code: &str, country: &str, amount| Charge {
        code: code.to_owned(),
        country: country.to_owned(),
        amount: Some(eur(amount)),
        ..Charge::default()
    };
    Offer {
        id: "off_sample".to_owned(),
        nonce: vec![7; 16],
        created_at_us: NOW,
        expires_at_us: NOW + DAY / 48,
        owner: "LH".to_owned(),
        owner_accounting_code: "220".to_owned(),
        slices: vec![
            flight(400, 40, "FRA", "JFK", "2027-04-10T10:00:00"),
            flight(401, 47, "JFK", "FRA", "2027-04-17T16:00:00"),
        ],
        passengers: vec![
            Passenger {
                id: "pas_adult".to_owned(),
                ptc: Ptc::Adt.into(),
                age: None,
            },
            Passenger {
                id: "pas_infant".to_owned(),
                ptc: Ptc::Inf.into(),
                age: None,
            },
        ],
        price: Some(Price {
            total: Some(eur(38_234)),
            base: Some(eur(30_000)),
            taxes: vec![charge("RA", "DE", 2_000), charge("US", "US", 1_234)],
            fees: vec![charge("YQ", "", 5_000)],
        }),
        conditions: Some(Conditions {
            refund_before_departure: Some(Condition {
                allowed: true,
                penalty: Some(eur(10_000)),
            }),
            change_before_departure: None,
        }),
        hold_allowed: true,
        payment_required_by_us: Some(NOW + 2 * DAY),
        ..Offer::default()
    }
}

/// The sample offer, which may be changed for 50.00.
pub fn changeable() -> Offer {
    let mut offer = offer();
    if let Some(conditions) = &mut offer.conditions {
        conditions.change_before_departure = Some(Condition {
            allowed: true,
            penalty: Some(eur(5_000)),
        });
    }
    offer
}

/// The offer with two bags at 30.00 each and a seat at 30.00 for the adult, priced: 90.00 more.
pub fn with_services(mut offer: Offer) -> Offer {
    let service = |id: &str, kind: &str, quantity| OfferService {
        id: id.to_owned(),
        r#type: kind.to_owned(),
        name: kind.to_owned(),
        passenger_id: "pas_adult".to_owned(),
        slice_id: "sli_400".to_owned(),
        amount: Some(eur(3_000)),
        quantity_max: 3,
        quantity,
    };
    offer.services = vec![
        service("srv_bag", "baggage", 2),
        service("srv_seat", "seat", 1),
        service("srv_other", "baggage", 0),
    ];
    offer.included_baggage = vec![IncludedBaggage::default()];
    if let Some(price) = &mut offer.price {
        for (code, amount) in [("BAG", 6_000), ("SEA", 3_000)] {
            price.fees.push(Charge {
                code: code.to_owned(),
                amount: Some(eur(amount)),
                ancillary: true,
                ..Charge::default()
            });
        }
        price.total = Some(eur(47_234));
    }
    offer
}

/// Another journey for the same kinds of passengers, two days later, at this fare; else it costs the same.
pub fn other(fare: i64) -> Offer {
    let mut offer = Offer {
        id: "off_other".to_owned(),
        nonce: vec![9; 16],
        slices: vec![
            flight(410, 42, "FRA", "JFK", "2027-04-12T10:00:00"),
            flight(411, 49, "JFK", "FRA", "2027-04-19T16:00:00"),
        ],
        ..changeable()
    };
    offer.passengers.reverse();
    for passenger in &mut offer.passengers {
        passenger.id = passenger.id.replace("pas_", "pas_other_");
    }
    if let Some(price) = &mut offer.price {
        price.base = Some(eur(fare));
        price.total = Some(eur(fare + 8_234));
    }
    offer
}

pub fn passengers() -> Vec<OrderPassenger> {
    let passenger = |id: &str, given: &str, born_on: &str| OrderPassenger {
        id: id.to_owned(),
        given_name: given.to_owned(),
        family_name: "Earhart".to_owned(),
        born_on: born_on.to_owned(),
        ..OrderPassenger::default()
    };
    vec![
        passenger("pas_adult", "Amelia", "1990-07-24"),
        passenger("pas_infant", "Grace", "2026-12-01"),
    ]
}

pub fn contact() -> Contact {
    Contact {
        email: "amelia@example.com".to_owned(),
        phone: "+4930123456".to_owned(),
    }
}

/// A change of the sample offer's flight of this number: cancelled, or this much later.
pub fn change(position: u64, number: u32, status: FlightStatus, shift_us: i64) -> FlightChange {
    let offer = offer();
    let segments = offer.slices.iter().flat_map(|slice| &slice.segments);
    let mut found = segments.filter(|segment| segment.number == number);
    let segment = found.next().expect("a flight of the sample");
    let planned = |status: FlightStatus, shift_us| {
        let moved = |time: &Option<PlaceTime>| {
            time.clone().map(|time| PlaceTime {
                utc_us: time.utc_us + shift_us,
                ..time
            })
        };
        Some(Flight {
            flight: Some(flight_of(segment)),
            status: status.into(),
            departure: moved(&segment.departure),
            arrival: moved(&segment.arrival),
            version: position + 1,
            ..Flight::default()
        })
    };
    FlightChange {
        position,
        world: "wld_test".to_owned(),
        made_at_us: NOW,
        before: planned(FlightStatus::Scheduled, 0),
        after: planned(status, shift_us),
        request_id: format!("req_change_{position}"),
        kind: FlightChangeKind::Unspecified.into(),
    }
}

/// Another aircraft for the sample offer's flight of this number, with this cabin alone.
pub fn refit(position: u64, number: u32, cabin: Cabin) -> FlightChange {
    let told = change(position, number, FlightStatus::Scheduled, 0);
    let after = told.after.map(|after| Flight {
        equipment: "788".to_owned(),
        equipment_name: "Boeing 787-8".to_owned(),
        cabins: vec![CabinSeats {
            cabin: cabin.into(),
            seats: 204,
        }],
        ..after
    });
    FlightChange {
        after,
        kind: FlightChangeKind::EquipmentChanged.into(),
        ..told
    }
}

/// An instant order of the sample offer, paid by card.
pub fn draft() -> Draft {
    Draft {
        world: "wld_test".to_owned(),
        request_id: "req_1".to_owned(),
        account_id: "acc_1".to_owned(),
        id: "ord_1".to_owned(),
        r#type: OrderType::Instant,
        offer: offer(),
        hold_id: String::new(),
        passengers: passengers(),
        contact: Some(contact()),
        payment: Some(PaymentInstruction {
            payment_id: "pay_1".to_owned(),
            method_token: "tok_visa".to_owned(),
            amount: None,
            method: PaymentMethod::Card.into(),
        }),
        client_reference: String::new(),
        metadata: Vec::new(),
    }
}
