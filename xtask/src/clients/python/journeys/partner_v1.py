"""The journey of an agency: availability, hold, order, tickets on credit, void."""

from __future__ import annotations

import secrets
import sys
from datetime import date

from expect import CLIENT_ID, CLIENT_SECRET, CUTTING_URL, URL, distinct, equal
from fareway_partner_v1 import (
    ContactInput,
    Fareway,
    HeldOrderInput,
    Hold,
    HoldInput,
    HoldItemInput,
    HoldPassengerInput,
    InvalidState,
    LaterPaymentInput,
    TicketCreditPaymentInput,
    TicketInput,
)

DAY = date(2027, 4, 14)


def hold(fareway: Fareway) -> Hold:
    """One seat from London to New York, in the first class that has one."""
    for flight in fareway.get_availability("LHR", "JFK", DAY, cabin="economy").flights:
        for seats in flight.classes:
            if seats.seats > 0 and flight.status == "scheduled":
                item = HoldItemInput(
                    carrier=flight.carrier,
                    flight_number=flight.flight_number,
                    departure_date=DAY,
                    origin=flight.departure.airport,
                    destination=flight.arrival.airport,
                    booking_class=seats.booking_class,
                    seats=1,
                )
                return fareway.create_hold(HoldInput(items=[item], ttl_minutes=30))
    sys.exit("no flight from London to New York has a seat")


def order(held: Hold, reference: str | None = None) -> HeldOrderInput:
    return HeldOrderInput(
        hold_id=held.id,
        passengers=[
            HoldPassengerInput(
                ptc="ADT", given_name="Amelia", family_name="Earhart", born_on=date(1987, 7, 24)
            )
        ],
        contact=ContactInput(email="amelia@example.com"),
        payment=LaterPaymentInput(),
        client_reference=reference,
    )


def journey(fareway: Fareway) -> str:
    before = fareway.get_agency().credit_used
    held = hold(fareway)
    equal("the hold", held.status, "active")
    ordered = fareway.create_order(order(held))
    equal("the status of the order", (ordered.status, ordered.payment_status), ("held", "unpaid"))
    credit = TicketInput(payment=TicketCreditPaymentInput())
    ticketed = fareway.issue_tickets(ordered.id, credit, prefer="wait=25")
    equal(
        "the status of the order", (ticketed.status, ticketed.payment_status), ("ticketed", "paid")
    )
    used = fareway.get_agency().credit_used.amount - before.amount
    equal("the credit that was used", used, ordered.price.total.amount)
    void = fareway.void_order(ordered.id, prefer="wait=25")
    equal("the status of the order", void.status, "cancelled")
    equal("the tickets", {ticket.status for ticket in void.tickets}, {"void"})
    equal("the credit that is used", fareway.get_agency().credit_used, before)
    return f"{ordered.id} {ticketed.locator} ticketed for {used} {before.currency}, and void"


def failure(fareway: Fareway) -> str:
    held = hold(fareway)
    fareway.release_hold(held.id)
    try:
        fareway.create_order(order(held))
    except InvalidState as problem:
        return f"{problem.code}: {problem.detail}"
    sys.exit("a hold that was released became an order")


def paging(fareway: Fareway) -> str:
    events = distinct("events", (event.id for event in fareway.iter_events(limit=3)), 7)
    whole = [event.id for event in fareway.list_events(limit=100).data]
    equal("the first events", [event.id for event in fareway.iter_events(limit=3)][:100], whole)
    return f"{events} events by 3"


def retry(fareway: Fareway) -> str:
    held, reference = hold(fareway), f"python-{secrets.token_hex(8)}"
    with Fareway(CUTTING_URL, client_id=CLIENT_ID, client_secret=CLIENT_SECRET) as cutting:
        answer = cutting.answers.create_order(order(held, reference))
    equal("whether the answer was given before", answer.replayed, True)
    made = [
        ordered.id for ordered in fareway.iter_orders() if ordered.client_reference == reference
    ]
    equal("the orders that were made", made, [answer.body.id])
    return f"{answer.body.id} made once, its answer lost once"


with Fareway(URL, client_id=CLIENT_ID, client_secret=CLIENT_SECRET) as fareway:
    for part in (journey, failure, paging, retry):
        print(f"{part.__name__}: {part(fareway)}")
