"""The journey of a developer: search, price, hold, pay, cancel."""

from __future__ import annotations

import secrets
import sys
from datetime import date
from itertools import islice

from expect import CUTTING_URL, KEY, URL, distinct, equal
from fareway_public_v2 import (
    ContactInput,
    Fareway,
    HoldOrderInput,
    InstantOrderInput,
    NotModified,
    Offer,
    OfferRequestInput,
    OrderCancellationInput,
    OrderPassengerInput,
    OrderPaymentInput,
    PassengerInput,
    PaymentDeclined,
    PaymentInput,
    SliceInput,
)

CONTACT = ContactInput(email="ada@example.com", phone="+442071234567")
VISA = PaymentInput(type="card", token="tok_visa")


def search(fareway: Fareway) -> Offer:
    """The cheapest offer that may be held and is refunded."""
    trip = OfferRequestInput(
        slices=[
            SliceInput(origin="LON", destination="NYC", departure_date=date(2027, 4, 12)),
            SliceInput(origin="NYC", destination="LON", departure_date=date(2027, 4, 19)),
        ],
        passengers=[PassengerInput(ptc="ADT")],
        cabin="economy",
        max_connections=0,
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
    offer = fareway.price_offer(search(fareway).id)
    equal("whether the price is guaranteed", offer.price_guaranteed_until is not None, True)
    order = fareway.create_order(
        HoldOrderInput(offer_id=offer.id, passengers=ada(offer), contact=CONTACT)
    )
    equal("the status of the order", (order.status, order.payment_status), ("held", "unpaid"))
    equal("what is due", order.amount_due, offer.price.total)
    paid = fareway.create_order_payment(order.id, OrderPaymentInput(payment=VISA), prefer="wait=25")
    equal("the status of the order", (paid.status, paid.payment_status), ("ticketed", "paid"))
    answer = fareway.answers.get_order(order.id)
    equal("the order that is read", answer.body, paid)
    try:
        fareway.get_order(order.id, if_none_match=answer.etag)
        sys.exit("an order that is current was sent again")
    except NotModified:
        pass
    quote = fareway.quote_order_cancellation(OrderCancellationInput(order_id=order.id))
    if quote.refund is None:
        sys.exit("a refundable order is cancelled without a refund")
    kept = quote.penalty.amount if quote.penalty else 0
    equal("refund and penalty", quote.refund.amount + kept, order.price.total.amount)
    confirmed = fareway.confirm_order_cancellation(quote.id, prefer="wait=25")
    equal(
        "the cancellation", (confirmed.status, confirmed.refund_status), ("confirmed", "succeeded")
    )
    cancelled = fareway.get_order(order.id)
    equal("the status of the order", cancelled.status, "cancelled")
    equal(
        "the refunds",
        [(refund.amount, refund.status) for refund in cancelled.refunds],
        [(quote.refund, "succeeded")],
    )
    money = f"{order.price.total.amount} {order.price.total.currency}"
    return f"{order.id} {paid.locator} ticketed for {money}, {quote.refund.amount} back"


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
        (place.code + place.type for place in islice(fareway.iter_places(limit=5), 23)),
        23,
    )
    listed = [place.code for place in fareway.list_places(limit=23).data]
    equal(
        "the places of one page",
        [place.code for place in islice(fareway.iter_places(limit=5), 23)],
        listed,
    )
    whole = distinct(
        "airports of London",
        (place.code + place.type for place in fareway.iter_places(query="london", limit=2)),
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
