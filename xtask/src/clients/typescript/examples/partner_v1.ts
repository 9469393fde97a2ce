import { Fareway } from "@fareway/partner-v1";

const fareway = new Fareway({
  url: "http://127.0.0.1:8080",
  clientId: "cli_test_sandbox_agency",
  clientSecret: "cs_test_Fareway0Sandbox0Agency0Secret",
});
const day = await fareway.getAvailability({ origin: "LHR", destination: "JFK", date: "2027-03-16" });
console.log(day.flights.map((flight) => [flight.carrier, flight.flight_number, flight.classes.length]));
