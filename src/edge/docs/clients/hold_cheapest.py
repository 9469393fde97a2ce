from datetime import date

from fareway_public_v2 import (
    ContactInput, Fareway, HoldOrderInput, OfferRequestInput, OrderPassengerInput,
    PassengerInput, SliceInput,
)

with Fareway("http://127.0.0.1:8080", key="sk_test_Fareway0Sandbox0Key00000kEVaV") as fareway:
    search = fareway.create_offer_request(OfferRequestInput(
        slices=[SliceInput(origin="LON", destination="NYC", departure_date=date(2027, 3, 15))],
        passengers=[PassengerInput(ptc="ADT")],
    ))

    # Every offer of the search, the cheapest first. Not every fare may be held.
    offer = next(offer for offer in fareway.iter_offers(search.id) if offer.hold_allowed)
    ada = OrderPassengerInput(
        id=offer.passengers[0].id, given_name="Ada", family_name="Lovelace", born_on=date(1990, 12, 10),
    )
    order = fareway.create_order(
        HoldOrderInput(offer_id=offer.id, passengers=[ada], contact=ContactInput(email="ada@example.com"))
    )
    print(f"{order.locator}: {order.amount_due}, pay by {order.payment_required_by}")
