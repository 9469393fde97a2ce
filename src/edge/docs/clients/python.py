from datetime import date

from fareway_public_v2 import Fareway, OfferRequestInput, PassengerInput, SliceInput

fareway = Fareway("http://127.0.0.1:8080", key="sk_test_Fareway0Sandbox0Key00000kEVaV")
search = fareway.create_offer_request(OfferRequestInput(
    slices=[SliceInput(origin="LON", destination="NYC", departure_date=date(2027, 3, 15))],
    passengers=[PassengerInput(ptc="ADT")],
))

# The answer has the cheapest offers, the cheapest first.
print(search.offers[0].price.total if search.offers else "no flight is for sale")
