from datetime import date

from fareway_partner_v1 import Fareway

fareway = Fareway(
    "http://127.0.0.1:8080",
    client_id="cli_test_sandbox_agency",
    client_secret="cs_test_Fareway0Sandbox0Agency0Secret",
)
found = fareway.get_availability("LHR", "JFK", date(2027, 3, 16), cabin="economy")
for flight in found.flights:
    seats = {found.booking_class: found.seats for found in flight.classes}
    print(flight.carrier, flight.flight_number, seats)
