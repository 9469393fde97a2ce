//! Changes of journeys through the whole service: to the end after a crash at any step, or undone; seats, documents, money and
//! the places where an order is found.

use std::sync::atomic::Ordering;

use super::neighbours::{Cut, NEVER};
use super::samples::{self, NOW};
use super::scene::*;
use crate::api::problem::Code;
use crate::kernel::clock::HOUR_US;
use crate::platform::status::code_of;
use crate::rpc::booking::v1::orders_server::Orders;
use crate::rpc::booking::v1::*;
use crate::rpc::common::v1::Context;
use crate::rpc::events::v1::envelope::Data;
use crate::rpc::flights::v1::{FlightDate, FlightStatus, HoldState, Offer};

/// A ticketed order of an offer that may be changed, and another journey on sale as `off_9` at this fare.
async fn ticketed(seats: i64, fare: i64) -> Scene {
    let scene = Scene::new(seats).await;
    {
        let mut offers = scene.flights.offers.lock().expect("no panic");
        for number in [1, 2] {
            let offer = offers.get_mut(&format!("off_{number}")).expect("on sale");
            offer.conditions = samples::changeable().conditions;
        }
        let other = Offer {
            id: "off_9".to_owned(),
            ..samples::other(fare)
        };
        offers.insert("off_9".to_owned(), other);
    }
    scene
        .create(instant(1, "tok_visa"))
        .await
        .expect("there are seats");
    scene
}

fn confirming(id: &str, payment: Option<PaymentInstruction>) -> ConfirmOrderChangeRequest {
    ConfirmOrderChangeRequest {
        context: at(NOW),
        idempotency: keyed(id),
        order_change_id: id.to_owned(),
        payment,
        wait_ms: WAIT,
    }
}

fn new_hold() -> String {
    crate::booking::exchange::hold_id(&OrderChange {
        id: "och_2".to_owned(),
        ..OrderChange::default()
    })
}

fn added(token: &str) -> Option<PaymentInstruction> {
    Some(PaymentInstruction {
        amount: Some(samples::eur(16_000)),
        ..by("pay_added", token)
    })
}

impl Scene {
    async fn quote_change(&self, id: &str, order_id: &str) -> Result<OrderChange, Code> {
        let request = QuoteOrderChangeRequest {
            context: at(NOW),
            order_change_id: id.to_owned(),
            order_id: order_id.to_owned(),
            offer_id: "off_9".to_owned(),
        };
        let quoted = Orders::quote_order_change(&self.booking, tonic::Request::new(request)).await;
        quoted
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    async fn change(&self, request: ConfirmOrderChangeRequest) -> Result<OrderChangeReply, Code> {
        let reply = Orders::confirm_order_change(&self.booking, tonic::Request::new(request)).await;
        reply
            .map(tonic::Response::into_inner)
            .map_err(|status| code_of(&status))
    }

    async fn on_flight(&self, number: u32, date: &str, cities: (&str, &str)) -> usize {
        let request = ListOrdersRequest {
            context: at(NOW),
            flight: Some(FlightDate {
                carrier: "LH".to_owned(),
                number,
                date: date.to_owned(),
                origin: cities.0.to_owned(),
                destination: cities.1.to_owned(),
            }),
            ..ListOrdersRequest::default()
        };
        let listed = self.booking.list_orders(request).await;
        listed.expect("a list").orders.len()
    }
}

#[tokio::test]
async fn a_changed_order_has_new_flights_documents_and_price() {
    let scene = ticketed(2, 41_000).await;
    let before = scene.order("ord_1", NOW).await;
    assert_eq!(
        before.available_actions,
        ["cancel", "update", "change", "void"]
    );
    let quote = scene.quote_change("och_2", "ord_1").await.expect("quoted");
    assert_eq!(quote.status(), OrderChangeStatus::Quoted);
    assert_eq!(quote.add_collect, Some(samples::eur(16_000)));
    assert_eq!((quote.refund.as_ref(), quote.involuntary), (None, false));
    assert_eq!(
        scene.quote_change("och_2", "ord_1").await,
        Ok(quote.clone())
    );
    assert_eq!(
        scene.change(confirming("och_2", None)).await,
        Err(Code::AmountMismatch)
    );

    let first = scene.change(confirming("och_2", added("tok_visa"))).await;
    let first = first.expect("there are seats");
    let done = first.order_change.clone().expect("a change");
    assert!(first.settled && !first.replayed);
    assert_eq!(
        (done.status(), done.refund_status.as_str()),
        (OrderChangeStatus::Confirmed, "none")
    );
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(
        (order.status(), order.payment_status()),
        (OrderStatus::Ticketed, PaymentStatus::Paid)
    );
    let offer = order.offer.as_ref().expect("sold");
    assert_eq!(offer.id, "off_9");
    let ids: Vec<_> = offer.passengers.iter().map(|p| p.id.as_str()).collect();
    assert_eq!(
        ids,
        ["pas_infant", "pas_adult"],
        "they stay who they are, in the order of the offer"
    );
    assert_eq!(order.passengers, before.passengers);
    let told: Vec<_> = order
        .tickets
        .iter()
        .map(|ticket| {
            (
                ticket.status.as_str(),
                ticket.coupons[0].segment_id.as_str(),
                ticket.coupons[0].status.as_str(),
            )
        })
        .collect();
    let (old, new) = (
        ("exchanged", "seg_400", "exchanged"),
        ("open", "seg_410", "open"),
    );
    assert_eq!(told, [old, old, new, new]);
    assert_eq!(scene.flights.hold("hld_1").state(), HoldState::Returned);
    assert_eq!(scene.flights.hold(&new_hold()).state(), HoldState::Consumed);
    assert_eq!(scene.flights.seats.load(Ordering::SeqCst), 1);

    // Found on the new flights, told of what the airline makes of them, and no longer of the old ones.
    let there = ("FRA", "JFK");
    assert_eq!(scene.on_flight(400, "2027-04-10", there).await, 0);
    assert_eq!(scene.on_flight(410, "2027-04-12", there).await, 1);
    scene.flights.change(400, FlightStatus::Retimed, HOUR_US);
    scene.tick(NOW).await;
    assert_eq!(scene.order("ord_1", NOW).await.schedule_changes, []);

    let again = scene.change(confirming("och_2", added("tok_visa"))).await;
    assert_eq!(
        again,
        Ok(OrderChangeReply {
            replayed: true,
            ..first
        })
    );
    let record = scene
        .key("confirmOrderChange", "och_2")
        .await
        .expect("kept");
    assert_eq!(
        (
            record.state.as_str(),
            record.resource_type.as_str(),
            record.resource_id.as_str()
        ),
        ("succeeded", "order_change", "och_2")
    );
    scene.quiet().await;
    assert_eq!(
        scene.billing.kinds("pay_added"),
        ["payment.requested", "payment.capture_requested"]
    );
    let heard = scene.billing.heard.lock().expect("no panic");
    let mut moved = heard.iter().filter_map(|event| match &event.data {
        Some(Data::ExchangeRequested(asked)) => Some(asked.clone()),
        _ => None,
    });
    let moved = moved.next().expect("asked");
    let sum = |lines: &[crate::rpc::events::v1::AmountLine]| {
        lines.iter().map(crate::booking::price::units).sum::<i64>()
    };
    assert_eq!((sum(&moved.replaced), sum(&moved.lines)), (38_234, 54_234));
    assert_eq!(
        (moved.exchange_id.as_str(), moved.payment_id.as_str()),
        ("och_2", "pay_1")
    );
}

#[tokio::test]
async fn a_crash_between_any_two_steps_changes_the_order_or_leaves_it() {
    use HoldState as H;
    // What it is paid by, the calls to flights, what becomes of the change and of both holds.
    for (token, calls, status, old, new) in [
        (
            "tok_visa",
            3,
            OrderChangeStatus::Confirmed,
            H::Returned,
            H::Consumed,
        ),
        (
            "tok_declined",
            2,
            OrderChangeStatus::Failed,
            H::Consumed,
            H::Released,
        ),
        (
            "tok_capture_fails",
            3,
            OrderChangeStatus::Failed,
            H::Consumed,
            H::Returned,
        ),
    ] {
        for (at_call, cut) in (0..calls).flat_map(|n| [(n, Cut::Before), (n, Cut::After)]) {
            let case = format!("{token}, cut {cut:?} call {at_call}");
            let mut scene = ticketed(2, 41_000).await;
            let before = scene.order("ord_1", NOW).await;
            scene.quote_change("och_2", "ord_1").await.expect("quoted");
            scene.flights.cut_after(at_call, cut);
            let request = ConfirmOrderChangeRequest {
                wait_ms: 0,
                ..confirming("och_2", added(token))
            };
            let reply = scene.change(request).await.expect("accepted");
            // How far it is by then is chance; it cannot be through.
            assert!(!reply.settled, "{case}");
            while scene.flights.calls_left.load(Ordering::SeqCst) >= 0 {
                tokio::task::yield_now().await;
            }
            scene.crash().await;
            scene.flights.cut_after(NEVER, Cut::Before);
            scene.booking.resume().await.expect("the store reads");
            scene.quiet().await;
            let request = GetOrderChangeRequest {
                context: at(NOW),
                order_change_id: "och_2".to_owned(),
            };
            let change = scene.booking.get_order_change(request).await;
            assert_eq!(change.expect("kept").status(), status, "{case}");
            let changed = status == OrderChangeStatus::Confirmed;
            let settled = scene.change(confirming("och_2", added(token))).await;
            assert_eq!(
                settled.map(|reply| reply.replayed),
                if changed {
                    Ok(true)
                } else {
                    Err(Code::PaymentDeclined)
                },
                "{case}"
            );
            assert_eq!(scene.flights.hold("hld_1").state(), old, "{case}");
            assert_eq!(scene.flights.hold(&new_hold()).state(), new, "{case}");
            assert_eq!(scene.flights.seats.load(Ordering::SeqCst), 1, "{case}");
            let order = scene.order("ord_1", NOW).await;
            assert_eq!(order.payment_status(), PaymentStatus::Paid, "{case}");
            assert_eq!(
                (order.offer == before.offer, order.tickets == before.tickets),
                (!changed, !changed),
                "{case}"
            );
            // What is under way no longer hinders anything.
            scene.quote("ocn_1", "ord_1").await.expect("quoted");
            scene.confirm("ocn_1").await.expect("cancelled");
            assert_eq!(scene.flights.seats.load(Ordering::SeqCst), 2, "{case}");
        }
    }
}

#[tokio::test]
async fn an_offer_is_taken_once_by_an_order_or_a_change() {
    let scene = ticketed(9, 25_000).await;
    scene
        .create(instant(2, "tok_visa"))
        .await
        .expect("there are seats");
    for (id, order_id) in [("och_3", "ord_1"), ("och_4", "ord_2")] {
        scene.quote_change(id, order_id).await.expect("quoted");
    }
    let (one, two) = tokio::join!(
        scene.change(confirming("och_3", None)),
        scene.change(confirming("och_4", None))
    );
    assert!(one.is_ok());
    assert_eq!(two, Err(Code::OfferAlreadyBooked));
    let request = CreateOrderRequest {
        passengers: samples::other(0)
            .passengers
            .iter()
            .rev()
            .zip(samples::passengers())
            .map(|(offered, passenger)| OrderPassenger {
                id: offered.id.clone(),
                ..passenger
            })
            .collect(),
        payment: Some(PaymentInstruction {
            amount: None,
            ..by("pay_9", "tok_visa")
        }),
        ..instant(9, "tok_visa")
    };
    assert_eq!(scene.create(request).await, Err(Code::OfferAlreadyBooked));
    assert_eq!(
        scene.quote_change("och_5", "ord_2").await,
        Err(Code::OfferAlreadyBooked)
    );
}

#[tokio::test]
async fn nobody_sees_or_takes_the_change_of_another() {
    let scene = ticketed(2, 25_000).await;
    scene.quote_change("och_2", "ord_1").await.expect("quoted");
    let stranger = || {
        at(NOW).map(|context| Context {
            account_id: "acc_2".to_owned(),
            ..context
        })
    };
    let read = GetOrderChangeRequest {
        context: stranger(),
        order_change_id: "och_2".to_owned(),
    };
    let read = Orders::get_order_change(&scene.booking, tonic::Request::new(read)).await;
    assert_eq!(code_of(&read.expect_err("not theirs")), Code::NotFound);
    let taken = ConfirmOrderChangeRequest {
        context: stranger(),
        ..confirming("och_2", None)
    };
    assert_eq!(scene.change(taken).await, Err(Code::NotFound));
    let quoted = QuoteOrderChangeRequest {
        context: stranger(),
        order_change_id: "och_7".to_owned(),
        order_id: "ord_1".to_owned(),
        offer_id: "off_9".to_owned(),
    };
    let quoted = Orders::quote_order_change(&scene.booking, tonic::Request::new(quoted)).await;
    assert_eq!(code_of(&quoted.expect_err("not theirs")), Code::NotFound);
}

#[tokio::test]
async fn a_journey_that_the_airline_changed_is_replaced_for_nothing() {
    let scene = ticketed(2, 99_000).await;
    scene.flights.change(401, FlightStatus::Cancelled, 0);
    scene.tick(NOW).await;
    let quote = scene.quote_change("och_2", "ord_1").await.expect("quoted");
    assert!(quote.involuntary);
    assert_eq!(quote.new_total, Some(samples::eur(38_234)));
    assert_eq!((&quote.add_collect, &quote.refund), (&None, &None));
    let done = scene.change(confirming("och_2", None)).await;
    assert!(done.expect("there are seats").settled);
    let order = scene.order("ord_1", NOW).await;
    assert_eq!(order.schedule_changes[0].status, "resolved");
    let offer = order.offer.expect("sold");
    assert_eq!(offer.slices[1].segments[0].number, 411);
    assert_eq!(
        offer.price.and_then(|price| price.total),
        Some(samples::eur(38_234))
    );
    scene.quiet().await;
    let exchanged = "exchange.requested".to_owned();
    assert!(!scene.billing.kinds("pay_1").contains(&exchanged));
    // The penalty of its own fare again, once it is settled.
    let quote = scene.quote("ocn_1", "ord_1").await.expect("quoted");
    assert_eq!(quote.penalty, Some(samples::eur(10_000)));
}
