// A developer of the deprecated contract: amounts are texts, pages have numbers, and a cancellation takes effect at once.
import assert from "node:assert/strict";

import { Fareway, type HoldOrderInput, type Offer, isProblem } from "@fareway/public-v1";

import { failureOf, given, reference, show, some } from "./show.js";

const key = given("FAREWAY_KEY");
const fareway = new Fareway({ url: given("FAREWAY_URL"), key });

await journey();
await failure();
await paging();
await retry();

/** An offer that may be held and given back, as an order that holds it. */
async function search(client_reference: string): Promise<{ offer: Offer; order: HoldOrderInput }> {
  const slices = [{ origin: "LON", destination: "NYC", departure_date: "2027-04-13" }];
  const found = await fareway.createOfferRequest({ slices, passengers: [{ type: "adult" }], max_connections: 0 });
  assert.deepEqual(found.warnings, []);
  const names = { given_name: "Grace", family_name: "Hopper", born_on: "1986-12-09" };
  const contact = { email: "grace@example.com" };
  for await (const offer of fareway.listOffers({ offerRequestId: found.id, sort: "price", perPage: 100 })) {
    if (offer.hold_allowed && offer.conditions.refund_before_departure.allowed) {
      const passengers = offer.passengers.map(({ id }) => ({ id, ...names }));
      return { offer, order: { type: "hold", offer_id: offer.id, passengers, contact, client_reference } };
    }
  }
  assert.fail("no offer may be held and given back");
}

async function journey(): Promise<void> {
  const { offer, order } = await search(reference());
  assert.match(offer.total_amount, /^\d+\.\d{2}$/);
  const held = await fareway.createOrder(order);
  assert.equal(held.status, "held");
  assert.equal(held.due_amount, offer.total_amount);

  const payment = { type: "card", token: "tok_visa", amount: held.due_amount, currency: held.due_currency } as const;
  const paid = await fareway.createOrderPayment(held.id, { payment }, { prefer: "wait=20" });
  assert.equal(paid.status, "confirmed");
  const { status, amount } = await fareway.getPayment(some(paid.payment_ids[0], "payment"));
  assert.equal(status, "captured");
  assert.equal(amount, offer.total_amount);
  const { data: documents } = await fareway.getOrderDocuments(held.id);
  const ticket = some(documents[0], "ticket");
  assert.equal(ticket.type, "e_ticket");

  const updated = await fareway.getOrder(held.id).reply();
  const ifMatch = some(updated.etag, "version of the order");
  const noted = await fareway.updateOrder(held.id, { metadata: { desk: "7" } }, { ifMatch });
  assert.deepEqual(noted.metadata, { desk: "7" });

  const cancelled = await fareway.cancelOrder(held.id, { prefer: "wait=20" });
  assert.equal(cancelled.refund_status, "succeeded");
  assert(Number(cancelled.refund_amount) > 0, "nothing is given back");
  assert.equal((await fareway.getOrder(held.id)).status, "cancelled");
  const money = `${offer.total_amount} ${offer.total_currency}, refunded ${cancelled.refund_amount}`;
  show("journey", `${held.id} ${some(paid.locator, "locator")} ticket ${ticket.number} paid ${money}`);
}

async function failure(): Promise<void> {
  const { order } = await search(reference());
  const held = await fareway.createOrder(order);
  const payment = { type: "card", token: "tok_insufficient_funds" } as const;
  const error = await failureOf(fareway.createOrderPayment(held.id, { payment }, { prefer: "wait=20" }));
  assert(isProblem(error, "payment_declined"), String(error));
  assert.equal(error.status, 402);
  await fareway.cancelOrder(held.id);
  show("failure", `${error.code} (${error.detail})`);
}

async function paging(): Promise<void> {
  const perPage = 30;
  const second = await fareway.listPlaces({ page: 2, perPage });
  assert.equal(second.page, 2);
  assert(second.has_more);
  const codes: string[] = [];
  for await (const place of fareway.listPlaces({ perPage })) {
    codes.push(`${place.type} ${place.code}`);
    if (codes.length > 2 * perPage) {
      break;
    }
  }
  assert.equal(new Set(codes).size, 2 * perPage + 1, "a place came twice, or not all came");
  assert.deepEqual(codes.slice(perPage, 2 * perPage), second.data.map((place) => `${place.type} ${place.code}`));
  const [first] = (await fareway.listPlaces({ query: "london" })).data;
  show("paging", `${codes.length} places in 3 pages, ${some(first, "place").code} first for london`);
}

async function retry(): Promise<void> {
  const lossy = new Fareway({ url: given("FAREWAY_CUTTING_URL"), key });
  const clientReference = reference();
  const { order } = await search(clientReference);
  const { body: held, replayed } = await lossy.createOrder(order).reply();
  assert(replayed, "the first answer was not lost");
  const found: string[] = [];
  for await (const each of fareway.listOrders({ clientReference })) {
    found.push(each.id);
  }
  assert.deepEqual(found, [held.id]);
  await fareway.cancelOrder(held.id);
  show("retry", `the answer was lost once, and there is one order, ${held.id}`);
}
