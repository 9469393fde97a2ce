import { Fareway } from "@fareway/public-v2";

const fareway = new Fareway({ url: "http://127.0.0.1:8080", key: "sk_test_Fareway0Sandbox0Key00000kEVaV" });

const search = await fareway.createOfferRequest({
  slices: [{ origin: "LON", destination: "NYC", departure_date: "2027-03-15" }],
  passengers: [{ ptc: "ADT" }],
});
for await (const offer of fareway.listOffers({ offerRequestId: search.id, sort: "price" })) {
  if (offer.hold_allowed) {
    const ada = { given_name: "Ada", family_name: "Lovelace", born_on: "1990-12-10" };
    const order = await fareway.createOrder({
      type: "hold",
      offer_id: offer.id,
      passengers: offer.passengers.map(({ id }) => ({ id, ...ada })),
      contact: { email: "ada@example.com" },
    });
    const { amount, currency, scale } = order.amount_due;
    console.log(`${order.id}: ${amount / 10 ** scale} ${currency}, to pay by ${order.payment_required_by}`);
    break;
  }
}
