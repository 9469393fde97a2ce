import { Fareway, formatMoney } from "@fareway/public-v2";

const fareway = new Fareway({ url: "http://127.0.0.1:8080", key: "sk_test_Fareway0Sandbox0Key00000kEVaV" });
const search = await fareway.createOfferRequest({
  slices: [{ origin: "LON", destination: "NYC", departure_date: "2027-03-15" }],
  passengers: [{ ptc: "ADT" }],
});

// Every offer of the search, the cheapest first. Not every fare may be held.
for await (const offer of fareway.listOffers({ offerRequestId: search.id })) {
  if (offer.hold_allowed) {
    const ada = { given_name: "Ada", family_name: "Lovelace", born_on: "1990-12-10" };
    const order = await fareway.createOrder({
      type: "hold",
      offer_id: offer.id,
      passengers: offer.passengers.map(({ id }) => ({ id, ...ada })),
      contact: { email: "ada@example.com" },
    });
    console.log(`${order.locator}: ${formatMoney(order.amount_due)}, pay by ${order.payment_required_by}`);
    break;
  }
}
