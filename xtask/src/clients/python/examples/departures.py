from datetime import date

from fareway_private_v1 import Fareway

fareway = Fareway(
    "http://127.0.0.1:8081",
    client_id="cli_test_sandbox_staff",
    client_secret="cs_test_Fareway0Sandbox0Staff00Secret",
)
for flight in fareway.iter_flights("BA", date(2027, 3, 17), origin="LHR"):
    print(flight.id, flight.status, flight.departure.local)
