import java.time.LocalDate;
import java.util.HashSet;
import java.util.Set;

import com.fareway.privatev1.ApiClient;
import com.fareway.privatev1.ApiException;
import com.fareway.privatev1.api.*;
import com.fareway.privatev1.model.*;

/** Staff: inventory, explanation, limits under If-Match, audit; a typed failure; pages; and an answer that is lost. */
public final class Journey {
    public static void main(String[] arguments) throws Exception {
        String token = Check.token();
        ApiClient straight = client(Check.env("FAREWAY_URL"), token);
        InventoryApi inventories = new InventoryApi(straight);

        String flight = new FlightsApi(straight)
            .listFlights("BA", LocalDate.of(2027, 4, 15), null, "LHR", "JFK", null, 1)
            .getData().get(0).getId();
        Inventory before = inventories.getInventory(flight, null);
        CabinInventory economy = before.getCabins().stream()
            .filter(cabin -> "economy".equals(cabin.getCabin())).findFirst().orElseThrow();
        ClassInventory lowest = economy.getClasses().get(economy.getClasses().size() - 1);
        Inventory closed = inventories.setLimits(flight, limit(lowest, 0), "\"" + before.getVersion() + "\"");
        Explanation why = inventories.explainAvailability(flight, lowest.getBookingClass(), 1);
        Check.that(!why.getAvailable(), "a class without a limit is closed: " + why.getSummary());
        inventories.setLimits(flight, limit(lowest, lowest.getLimit()), "\"" + closed.getVersion() + "\"");
        AuditVerification audit = new AuditApi(straight).verifyAuditEvents();
        Check.that(audit.getValid(), "the audit holds");
        System.out.printf("journey: %s %s closed and opened, %d audit events hold%n", flight, lowest.getBookingClass(), audit.getEvents());

        try {
            inventories.setLimits(flight, limit(lowest, 0), "\"" + before.getVersion() + "\"");
            Check.that(false, "an old version is refused");
        } catch (ApiException failure) {
            Problem problem = straight.getObjectMapper().readValue(failure.getResponseBody(), Problem.class);
            Check.that(failure.getCode() == 412 && "precondition_failed".equals(problem.getCode()), "the version is old: " + problem);
            System.out.println("failure: " + problem.getCode() + ", " + problem.getDetail());
        }

        FlightsApi flights = new FlightsApi(straight);
        Set<String> seen = new HashSet<>();
        String after = null;
        for (int page = 0; page < 3; page++) {
            FlightList list = flights.listFlights("BA", LocalDate.of(2027, 4, 15), null, null, null, after, 2);
            for (Flight one : list.getData()) {
                Check.that(seen.add(one.getId()), one.getId() + " comes once");
            }
            after = list.getNextCursor();
        }
        Check.that(seen.size() == 6, "three pages of two");
        System.out.println("paging: " + seen.size() + " flights in 3 pages");

        AccountsApi cut = new AccountsApi(client(Check.env("FAREWAY_CUTTING_URL"), token));
        AccountsApi accounts = new AccountsApi(straight);
        String key = Check.key();
        AccountInput input = new AccountInput(new DeveloperAccountInput()
            .kind(DeveloperAccountInput.KindEnum.DEVELOPER).name(key));
        Account once = Check.twice(() -> cut.createAccount(key, input));
        int made = 0;
        String next = null;
        do {
            AccountList list = accounts.listAccounts(next, 100);
            for (Account account : list.getData()) {
                made += account.getName().equals(key) ? 1 : 0;
            }
            next = list.getNextCursor();
        } while (next != null);
        Check.that(made == 1, "one account was made, not " + made);
        System.out.println("retry: " + once.getId() + " once, though its first answer was lost");
    }

    private static ApiClient client(String url, String token) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(url);
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + token));
        return client;
    }

    private static LimitsInput limit(ClassInventory open, int limit) {
        return new LimitsInput().cabin(CabinInput.ECONOMY)
            .addLimitsItem(new ClassLimitInput().bookingClass(open.getBookingClass()).limit(limit));
    }
}
