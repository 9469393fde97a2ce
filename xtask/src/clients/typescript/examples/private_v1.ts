import { Fareway } from "@fareway/private-v1";

const fareway = new Fareway({
  url: "http://127.0.0.1:8081",
  clientId: "cli_test_sandbox_staff",
  clientSecret: "cs_test_Fareway0Sandbox0Staff00Secret",
});
const flights = await fareway.listFlights({ carrier: "BA", date: "2027-03-16" });
console.log(flights.data.map((flight) => [flight.id, flight.status]));
