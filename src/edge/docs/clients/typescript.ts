import { Fareway, formatMoney } from "@fareway/public-v2";

const fareway = new Fareway({ url: "http://127.0.0.1:8080", key: "sk_test_Fareway0Sandbox0Key00000kEVaV" });
const search = await fareway.createOfferRequest({
  slices: [{ origin: "LON", destination: "NYC", departure_date: "2027-03-15" }],
  passengers: [{ ptc: "ADT" }],
});

// The answer has the cheapest offers, the cheapest first.
const [cheapest] = search.offers;
console.log(cheapest ? formatMoney(cheapest.price.total) : "no flight is for sale");
