import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

import com.fareway.publicv2.ApiClient;
import com.fareway.publicv2.ApiException;
import com.fareway.publicv2.api.*;
import com.fareway.publicv2.model.*;

/** Search, order, pay, cancel; a typed failure; pages; and an answer that is lost. */
public final class Journey {
    public static void main(String[] arguments) throws Exception {
        ApiClient straight = client(Check.env("FAREWAY_URL"));
        OffersApi offers = new OffersApi(straight);
        OrdersApi orders = new OrdersApi(straight);
        CancellationsApi cancellations = new CancellationsApi(straight);

        OfferRequest found = offers.createOfferRequest(
            new OfferRequestInput()
                .addSlicesItem(new SliceInput().origin("LON").destination("NYC").departureDate(LocalDate.of(2027, 4, 12)))
                .addPassengersItem(new PassengerInput().ptc(PassengerTypeInput.ADT)),
            1);
        Iterator<Offer> holdable = holdable(offers, found.getId()).iterator();
        Offer priced = offers.priceOffer(holdable.next().getId()/*since 2.1.0 , new OfferPriceInput().services(java.util.List.of())*/);
        Order held = orders.createOrder(Check.key(), hold(priced, Check.key()), null);
        Check.that("held".equals(held.getStatus()), "the order is held: " + held.getStatus());
        Order paid = orders.createOrderPayment(held.getId(), Check.key(), visa("tok_visa"), "wait=10");
        Check.that("ticketed".equals(paid.getStatus()), "the order is ticketed: " + paid.getStatus());
        OrderCancellation quote = cancellations.quoteOrderCancellation(new OrderCancellationInput().orderId(held.getId()));
        OrderCancellation done = cancellations.confirmOrderCancellation(quote.getId(), Check.key(), "wait=10");
        Order cancelled = orders.getOrder(held.getId(), null);
        Check.that("cancelled".equals(cancelled.getStatus()), "the order is cancelled: " + cancelled.getStatus());
        System.out.printf("journey: %s %s, refund %d %s%n", held.getId(), paid.getLocator(),
            done.getRefund().getAmount(), done.getRefund().getCurrency());

        Order unpaid = orders.createOrder(Check.key(), hold(offers.priceOffer(holdable.next().getId()/*since 2.1.0 , new OfferPriceInput().services(java.util.List.of())*/), Check.key()), null);
        try {
            orders.createOrderPayment(unpaid.getId(), Check.key(), visa("tok_declined"), null);
            Check.that(false, "a declined card is a failure");
        } catch (ApiException failure) {
            Problem problem = straight.getObjectMapper().readValue(failure.getResponseBody(), Problem.class);
            Check.that(failure.getCode() == 402 && "payment_declined".equals(problem.getCode()), "the card is declined: " + problem);
            System.out.println("failure: " + problem.getCode() + ", " + problem.getDetail());
        }

        ReferenceApi reference = new ReferenceApi(straight);
        Set<String> seen = new HashSet<>();
        String after = null;
        for (int page = 0; page < 3; page++) {
            PlaceList places = reference.listPlaces(null, after, 7, null);
            for (Place place : places.getData()) {
                Check.that(seen.add(place.getType() + place.getCode()), place.getCode() + " comes once");
            }
            after = places.getNextCursor();
        }
        Check.that(seen.size() == 21, "three pages of seven");
        System.out.println("paging: " + seen.size() + " places in 3 pages");

        OrdersApi cut = new OrdersApi(client(Check.env("FAREWAY_CUTTING_URL")));
        String key = Check.key();
        OrderInput input = hold(offers.priceOffer(holdable.next().getId()/*since 2.1.0 , new OfferPriceInput().services(java.util.List.of())*/), key);
        Order once = Check.twice(() -> cut.createOrder(key, input, null));
        List<Order> all = orders.listOrders(null, key, null, null).getData();
        Check.that(all.size() == 1 && all.get(0).getId().equals(once.getId()), "one order was made");
        System.out.println("retry: " + once.getId() + " once, though its first answer was lost");
    }

    /** Some offers that may be held and be given back, the cheapest first. */
    private static List<Offer> holdable(OffersApi offers, String request) throws ApiException {
        List<Offer> found = new ArrayList<>();
        String after = null;
        do {
            OfferList page = offers.listOffers(request, null/*since 2.1.0 , null, null*/, after, 50);
            for (Offer offer : page.getData()) {
                if (offer.getHoldAllowed() && offer.getConditions().getRefundBeforeDeparture().getAllowed()) {
                    found.add(offer);
                }
            }
            after = page.getNextCursor();
        } while (after != null && found.size() < 3);
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
