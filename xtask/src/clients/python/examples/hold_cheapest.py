from datetime import date

from fareway_public_v2 import (
    ContactInput, Fareway, HoldOrderInput, OfferRequestInput, OrderPassengerInput,
    PassengerInput, SliceInput,
)

with Fareway("http://127.0.0.1:8080", key="sk_test_Fareway0Sandbox0Key00000kEVaV") as fareway:
    trip = OfferRequestInput(
        slices=[SliceInput(origin="LON", destination="NYC", departure_date=date(2027, 3, 15))],
        passengers=[PassengerInput(ptc="ADT")],
    )
    offers = fareway.iter_offers(fareway.create_offer_request(trip).id, sort="price")
    cheapest = next(offer for offer in offers if offer.hold_allowed)
    ada = OrderPassengerInput(
        id=cheapest.passengers[0].id,
        given_name="Ada", family_name="Lovelace", born_on=date(1990, 12, 10),
    )
    contact = ContactInput(email="ada@example.com")
    order = fareway.create_order(
        HoldOrderInput(offer_id=cheapest.id, passengers=[ada], contact=contact)
    )
    due = order.amount_due
    print(order.locator, due.amount, due.currency, order.payment_required_by)
