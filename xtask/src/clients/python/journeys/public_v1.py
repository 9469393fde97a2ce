"""The journey of a developer by the older contract: search, hold, pay, cancel at once."""

from __future__ import annotations

import secrets
import sys
from datetime import date
from decimal import Decimal
from itertools import islice

from expect import CUTTING_URL, KEY, URL, distinct, equal
from fareway_public_v1 import (
    ContactInput,
    Fareway,
    HoldOrderInput,
    InstantOrderInput,
    Offer,
    OfferRequestInput,
    OrderPassengerInput,
    OrderPaymentInput,
    PassengerInput,
    PaymentDeclined,
    PaymentInput,
    SliceInput,
)

CONTACT = ContactInput(email="ada@example.com", phone="+442071234567")


def search(fareway: Fareway) -> Offer:
    """The cheapest offer that may be held and is refunded."""
    trip = OfferRequestInput(
        slices=[SliceInput(origin="LON", destination="NYC", departure_date=date(2027, 4, 13))],
        passengers=[PassengerInput(type="adult")],
    )
    for offer in fareway.iter_offers(fareway.create_offer_request(trip).id):
        if offer.hold_allowed and offer.conditions.refund_before_departure.allowed:
            return offer
    sys.exit("no offer from London to New York may be held and is refunded")


def ada(offer: Offer) -> list[OrderPassengerInput]:
    born_on = date(1990, 12, 10)
    return [
        OrderPassengerInput(
            id=offer.passengers[0].id, given_name="Ada", family_name="Lovelace", born_on=born_on
        )
    ]


def journey(fareway: Fareway) -> str:
    offer = search(fareway)
    order = fareway.create_order(
        HoldOrderInput(offer_id=offer.id, passengers=ada(offer), contact=CONTACT)
    )
    equal("the status of the order", order.status, "held")
    equal(
        "what is due",
        (order.due_amount, order.due_currency),
        (offer.total_amount, offer.total_currency),
    )
    due = PaymentInput(
        type="card", token="tok_visa", amount=order.due_amount, currency=order.due_currency
    )
    paid = fareway.create_order_payment(order.id, OrderPaymentInput(payment=due), prefer="wait=25")
    equal("the status of the order", paid.status, "confirmed")
    [payment] = [fareway.get_payment(payment_id) for payment_id in paid.payment_ids]
    equal("the payment", (payment.amount, payment.status), (offer.total_amount, "captured"))
    [ticket] = fareway.get_order_documents(order.id).data
    equal("the ticket", (ticket.type, ticket.status), ("e_ticket", "open"))
    cancelled = fareway.cancel_order(order.id, prefer="wait=25")
    equal(
        "the cancellation", (cancelled.status, cancelled.refund_status), ("cancelled", "succeeded")
    )
    refund, kept = (
        Decimal(cancelled.refund_amount),
        offer.conditions.refund_before_departure.penalty_amount,
    )
    equal("the refund", refund + Decimal(kept or 0), Decimal(offer.total_amount))
    equal("the status of the order", fareway.get_order(order.id).status, "cancelled")
    money = f"{offer.total_amount} {offer.total_currency}"
    return f"{order.id} {ticket.number} for {money}, {cancelled.refund_amount} back"


def failure(fareway: Fareway) -> str:
    offer = search(fareway)
    declined = PaymentInput(type="card", token="tok_declined")
    try:
        fareway.create_order(
            InstantOrderInput(
                offer_id=offer.id, passengers=ada(offer), contact=CONTACT, payment=declined
            ),
            prefer="wait=25",
        )
    except PaymentDeclined as problem:
        equal("whether it may succeed later", (problem.status, problem.retryable), (402, False))
        return f"{problem.code} in {problem.request_id}"
    sys.exit("a declined card paid an order")


def paging(fareway: Fareway) -> str:
    count = distinct(
        "places",
        (place.code + place.type for place in islice(fareway.iter_places(per_page=5), 23)),
        23,
    )
    whole = distinct(
        "airports of London",
        (place.code + place.type for place in fareway.iter_places(query="london", per_page=2)),
        5,
    )
    return f"{count} places by 5, {whole} of London by 2"


def retry(fareway: Fareway) -> str:
    offer, reference = search(fareway), f"python-{secrets.token_hex(8)}"
    order = HoldOrderInput(
        offer_id=offer.id, passengers=ada(offer), contact=CONTACT, client_reference=reference
    )
    with Fareway(CUTTING_URL, key=KEY) as cutting:
        answer = cutting.answers.create_order(order)
    equal("whether the answer was given before", answer.replayed, True)
    made = [order.id for order in fareway.iter_orders(client_reference=reference)]
    equal("the orders that were made", made, [answer.body.id])
    return f"{answer.body.id} made once, its answer lost once"


with Fareway(URL, key=KEY) as fareway:
    for part in (journey, failure, paging, retry):
        print(f"{part.__name__}: {part(fareway)}")
