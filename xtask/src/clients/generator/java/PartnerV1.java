import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;

import com.fareway.partnerv1.ApiClient;
import com.fareway.partnerv1.ApiException;
import com.fareway.partnerv1.api.*;
import com.fareway.partnerv1.model.*;

/** An agency: availability, hold, order, tickets on credit, void; a typed failure; pages; and an answer that is lost. */
public final class Journey {
    private static final LocalDate DAY = LocalDate.of(2027, 4, 14);

    public static void main(String[] arguments) throws Exception {
        String token = Check.token();
        ApiClient straight = client(Check.env("FAREWAY_URL"), token);
        HoldsApi holds = new HoldsApi(straight);
        OrdersApi orders = new OrdersApi(straight);
        TicketingApi ticketing = new TicketingApi(straight);

        Availability availability = new AvailabilityApi(straight).getAvailability("LHR", "JFK", DAY, CabinInput.ECONOMY);
        FlightAvailability flight = availability.getFlights().stream()
            .filter(one -> one.getClasses().stream().anyMatch(open -> "M".equals(open.getBookingClass()) && open.getSeats() > 1))
            .findFirst().orElseThrow();
        Hold hold = holds.createHold(Check.key(), seat(flight));
        OrderInput input = new OrderInput(new HeldOrderInput()
            .source(HeldOrderInput.SourceEnum.HOLD)
            .holdId(hold.getId())
            .addPassengersItem(new HoldPassengerInput()
                .ptc(PassengerTypeInput.ADT).givenName("Ada").familyName("Lovelace").bornOn(LocalDate.of(1990, 12, 10)))
            .contact(new ContactInput().email("ada@example.com"))
            .payment(new OrderPaymentInput(new LaterPaymentInput().type(LaterPaymentInput.TypeEnum.LATER))));
        Order order = orders.createOrder(Check.key(), input, null);
        Order ticketed = ticketing.issueTickets(order.getId(), Check.key(), new TicketInput().payment(
            new TicketPaymentInput(new TicketCreditPaymentInput().type(TicketCreditPaymentInput.TypeEnum.AGENCY_CREDIT))), "wait=10");
        Check.that("ticketed".equals(ticketed.getStatus()), "the order is ticketed: " + ticketed.getStatus());
        Order found = orders.listOrders(ticketed.getLocator(), "LOVELACE", null, null, null).getData().get(0);
        Check.that(found.getId().equals(order.getId()), "the order is found by locator and surname");
        ticketing.voidOrder(order.getId(), Check.key(), "wait=10");
        Order done = orders.getOrder(order.getId(), null);
        Check.that("cancelled".equals(done.getStatus()), "the order is cancelled: " + done.getStatus());
        System.out.printf("journey: %s %s, void%n", order.getId(), ticketed.getLocator());

        try {
            ticketing.voidOrder(order.getId(), Check.key(), null);
            Check.that(false, "an order is voided once");
        } catch (ApiException failure) {
            Problem problem = straight.getObjectMapper().readValue(failure.getResponseBody(), Problem.class);
            Check.that(failure.getCode() == 409 && "invalid_state".equals(problem.getCode()), "the state forbids it: " + problem);
            System.out.println("failure: " + problem.getCode() + ", " + problem.getDetail());
        }

        EventsApi events = new EventsApi(straight);
        Set<String> seen = new HashSet<>();
        String after = null;
        for (int page = 0; page < 3; page++) {
            EventList list = events.listEvents(null, after, 2);
            for (Event event : list.getData()) {
                Check.that(seen.add(event.getId()), event.getId() + " comes once");
            }
            after = list.getNextCursor();
        }
        Check.that(seen.size() == 6, "three pages of two");
        System.out.println("paging: " + seen.size() + " events in 3 pages");

        HoldsApi cut = new HoldsApi(client(Check.env("FAREWAY_CUTTING_URL"), token));
        String key = Check.key();
        Hold once = Check.twice(() -> cut.createHold(key, seat(flight)));
        String kept = new IdempotencyApi(straight).getIdempotencyKey(key, IdempotentOperation.CREATE_HOLD).getResource().getId();
        Check.that(kept.equals(once.getId()), "one hold was made");
        holds.releaseHold(once.getId());
        System.out.println("retry: " + once.getId() + " once, though its first answer was lost");
    }

    private static ApiClient client(String url, String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(url);
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        return client;
    }

    private static HoldInput seat(FlightAvailability flight) {
        return new HoldInput().ttlMinutes(30).addItemsItem(new HoldItemInput()
            .carrier(flight.getCarrier()).flightNumber(flight.getFlightNumber()).departureDate(DAY)
            .origin("LHR").destination("JFK").bookingClass("M").seats(1));
    }
}
