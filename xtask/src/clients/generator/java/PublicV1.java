import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

import com.fareway.publicv1.ApiClient;
import com.fareway.publicv1.ApiException;
import com.fareway.publicv1.api.*;
import com.fareway.publicv1.model.*;

/** The journey of an old client: search, order, pay, cancel at once; a typed failure; numbered pages; and an answer that is lost. */
public final class Journey {
    public static void main(String[] arguments) throws Exception {
        ApiClient straight = client(Check.env("FAREWAY_URL"));
        OffersApi offers = new OffersApi(straight);
        OrdersApi orders = new OrdersApi(straight);

        OfferRequest found = offers.createOfferRequest(
            new OfferRequestInput()
                .addSlicesItem(new SliceInput().origin("LON").destination("NYC").departureDate(LocalDate.of(2027, 4, 13)))
                .addPassengersItem(new PassengerInput().type(PassengerKindInput.ADULT)),
            1);
        Iterator<Offer> holdable = holdable(offers, found.getId()).iterator();
        Order held = orders.createOrder(hold(holdable.next(), Check.key()), Check.key(), null);
        Order paid = orders.createOrderPayment(held.getId(), visa("tok_visa"), Check.key(), "wait=10");
        Check.that(paid.getPaymentIds().size() == 1, "the order is paid once: " + paid.getPaymentIds());
        OrderCancellation done = orders.cancelOrder(held.getId(), "wait=10");
        Check.that(new BigDecimal(done.getRefundAmount()).signum() > 0, "money comes back: " + done.getRefundAmount());
        System.out.printf("journey: %s %s, refund %s %s%n", held.getId(), paid.getLocator(),
            done.getRefundAmount(), done.getRefundCurrency());

        Order unpaid = orders.createOrder(hold(holdable.next(), Check.key()), Check.key(), null);
        try {
            orders.createOrderPayment(unpaid.getId(), visa("tok_declined"), Check.key(), null);
            Check.that(false, "a declined card is a failure");
        } catch (ApiException failure) {
            Problem problem = straight.getObjectMapper().readValue(failure.getResponseBody(), Problem.class);
            Check.that(failure.getCode() == 402 && "payment_declined".equals(problem.getCode()), "the card is declined: " + problem);
            System.out.println("failure: " + problem.getCode() + ", " + problem.getDetail());
        }

        ReferenceApi reference = new ReferenceApi(straight);
        Set<String> seen = new HashSet<>();
        for (int page = 1; page <= 3; page++) {
            PlaceList places = reference.listPlaces(null, page, 7, null);
            Check.that(places.getHasMore(), "there is a page after page " + page);
            for (Place place : places.getData()) {
                Check.that(seen.add(place.getType() + place.getCode()), place.getCode() + " comes once");
            }
        }
        Check.that(seen.size() == 21, "three pages of seven");
        System.out.println("paging: " + seen.size() + " places in 3 pages");

        OrdersApi cut = new OrdersApi(client(Check.env("FAREWAY_CUTTING_URL")));
        String key = Check.key();
        OrderInput input = hold(holdable.next(), key);
        Order once = Check.twice(() -> cut.createOrder(input, key, null));
        List<Order> all = orders.listOrders(null, key, null, null).getData();
        Check.that(all.size() == 1 && all.get(0).getId().equals(once.getId()), "one order was made");
        System.out.println("retry: " + once.getId() + " once, though its first answer was lost");
    }

    /** Some offers that may be held and be given back, the cheapest first. */
    private static List<Offer> holdable(OffersApi offers, String request) throws ApiException {
        List<Offer> found = new ArrayList<>();
        OfferList page;
        int number = 1;
        do {
            page = offers.listOffers(request, null, number++, 50);
            for (Offer offer : page.getData()) {
                if (offer.getHoldAllowed() && offer.getConditions().getRefundBeforeDeparture().getAllowed()) {
                    found.add(offer);
                }
            }
        } while (page.getHasMore() && found.size() < 3);
        return found;
    }

    private static ApiClient client(String url) {
        ApiClient client = new ApiClient();
        client.updateBaseUri(url);
        client.setRequestInterceptor(request -> request.header("Api-Key", Check.env("FAREWAY_KEY")));
        return client;
    }

    private static OrderInput hold(Offer offer, String reference) {
        OrderPassengerInput passenger = new OrderPassengerInput()
            .id(offer.getPassengers().get(0).getId())
            .givenName("Ada").familyName("Lovelace").bornOn(LocalDate.of(1990, 12, 10));
        return new OrderInput(new HoldOrderInput()
            .type(HoldOrderInput.TypeEnum.HOLD)
            .offerId(offer.getId())
            .addPassengersItem(passenger)
            .contact(new ContactInput().email("ada@example.com"))
            .clientReference(reference));
    }

    private static OrderPaymentInput visa(String token) {
        return new OrderPaymentInput().payment(new PaymentInput().type(PaymentTypeInput.CARD).token(token));
    }
}
