from datetime import date

from fareway_public_v2 import Fareway, OfferRequestInput, PassengerInput, SliceInput

trip = OfferRequestInput(
    slices=[SliceInput(origin="LON", destination="NYC", departure_date=date(2027, 3, 15))],
    passengers=[PassengerInput(ptc="ADT")],
)

fareway = Fareway("http://127.0.0.1:8080", key="sk_test_Fareway0Sandbox0Key00000kEVaV")
found = fareway.create_offer_request(trip)
print(min(found.offers, key=lambda offer: offer.price.total.amount).price.total)
