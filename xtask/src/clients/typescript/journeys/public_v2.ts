// A developer searches, holds, pays and cancels; is declined; reads a list; and loses an answer.
import assert from "node:assert/strict";

import { Fareway, type HoldOrderInput, type InstantOrderInput, type Offer, type OrderPassengerInput, isProblem } from "@fareway/public-v2";

import { failureOf, given, reference, show, some, written } from "./show.js";

const key = given("FAREWAY_KEY");
const fareway = new Fareway({ url: given("FAREWAY_URL"), key });
const contact = { email: "ada@example.com", phone: "+442071234567" };

await journey();
await failure();
await paging();
await retry();

/** An offer that may be held and given back, and who travels on it. */
async function search(): Promise<{ offer: Offer; passengers: OrderPassengerInput[] }> {
  const slices = [
    { origin: "LON", destination: "NYC", departure_date: "2027-04-12" },
    { origin: "NYC", destination: "LON", departure_date: "2027-04-19" },
  ];
  const found = await fareway.createOfferRequest({ slices, passengers: [{ ptc: "ADT" }], max_connections: 0 });
  assert.deepEqual(found.warnings, []);
  const names = { given_name: "Ada", family_name: "Lovelace", born_on: "1990-12-10" };
  for await (const offer of fareway.listOffers({ offerRequestId: found.id, sort: "price", limit: 100 })) {
    if (offer.hold_allowed && offer.conditions.refund_before_departure.allowed) {
      return { offer, passengers: offer.passengers.map(({ id }) => ({ id, ...names })) };
    }
  }
  assert.fail("no offer may be held and given back");
}

async function held(client_reference: string): Promise<HoldOrderInput> {
  const { offer, passengers } = await search();
  return { type: "hold", offer_id: offer.id, passengers, contact, client_reference };
}

async function journey(): Promise<void> {
  const { offer, passengers } = await search();
  const priced = await fareway.priceOffer(offer.id);
  some(priced.price_guaranteed_until, "time until which the price is bound");
  assert.deepEqual(priced.price.total, offer.price.total);

  const order = await fareway.createOrder({
    type: "hold",
    offer_id: priced.id,
    passengers,
    contact,
    metadata: { made_with: "typescript" },
  });
  assert.equal(order.status, "held");
  assert.equal(order.payment_status, "unpaid");
  assert.deepEqual(order.amount_due, priced.price.total);

  const { amount, currency } = order.amount_due;
  const payment = { type: "card", token: "tok_visa", amount: { amount, currency } } as const;
  const paid = await fareway.createOrderPayment(order.id, { payment }, { prefer: "wait=20" }).reply();
  assert.equal(paid.status, 201);
  assert.equal(paid.replayed, false);
  assert.equal(paid.body.status, "ticketed");

  const read = await fareway.getOrder(order.id).reply();
  assert.equal(read.body.payment_status, "paid");
  assert.equal(read.body.tickets.length, 1);
  assert.deepEqual(read.body.metadata, { made_with: "typescript" });
  assert.match(some(read.requestId, "request id"), /^\S+$/);
  const etag = some(read.etag, "version of the order");
  assert.equal(await fareway.getOrder(order.id, { ifNoneMatch: etag }), null);

  const quote = await fareway.quoteOrderCancellation({ order_id: order.id });
  const refund = some(quote.refund, "refund");
  assert.equal(refund.amount + (quote.penalty?.amount ?? 0), read.body.price.total.amount);
  const confirmed = await fareway.confirmOrderCancellation(quote.id, { prefer: "wait=20" });
  assert.equal(confirmed.refund_status, "succeeded");

  const cancelled = some(await fareway.getOrder(order.id, { ifNoneMatch: etag }), "newer version of the order");
  assert.equal(cancelled.status, "cancelled");
  assert.deepEqual(cancelled.refunds.map((each) => each.amount), [refund]);
  const ticket = some(cancelled.tickets[0], "ticket");
  assert.equal(ticket.status, "refunded");
  show("journey", `${order.id} ${some(cancelled.locator, "locator")} paid ${written(priced.price.total)}, refunded ${written(refund)}`);
}

async function failure(): Promise<void> {
  const { type: _, ...order } = await held(reference());
  const declined: InstantOrderInput = { type: "instant", ...order, payment: { type: "card", token: "tok_declined" } };
  const error = await failureOf(fareway.createOrder(declined, { prefer: "wait=20" }));
  assert(isProblem(error, "payment_declined"), String(error));
  assert.equal(error.status, 402);
  assert.equal(error.retryable, false);

  const misfit = await failureOf(fareway.listOrders({ limit: 0 }));
  assert(isProblem(misfit, "invalid_parameter"), String(misfit));
  assert.deepEqual(misfit.errors.map((each) => each.parameter), ["limit"]);
  show("failure", `${error.code} (${error.detail}), ${misfit.code} in ${misfit.errors[0]?.parameter}`);
}

async function paging(): Promise<void> {
  const limit = 40;
  const first = await fareway.listPlaces({ limit });
  assert.equal(first.data.length, limit);
  const seen = new Set<string>();
  let count = 0;
  for await (const place of fareway.listPlaces({ limit })) {
    seen.add(`${place.type} ${place.code}`);
    count += 1;
    if (count > 2 * limit + 1) {
      break;
    }
  }
  assert.equal(seen.size, count, "a place came twice");
  assert(count > 2 * limit, `only ${count} places in pages of ${limit}`);

  const inPages: string[] = [];
  for await (const { code } of fareway.listPlaces({ query: "london", limit: 2 })) {
    inPages.push(code);
  }
  const atOnce = await fareway.listPlaces({ query: "london", limit: 100 });
  assert.equal(atOnce.next_cursor, null);
  assert.deepEqual(inPages, atOnce.data.map(({ code }) => code));
  show("paging", `${count} places in 3 pages; ${inPages.join(" ")} in pages of 2`);
}

async function retry(): Promise<void> {
  const lossy = new Fareway({ url: given("FAREWAY_CUTTING_URL"), key });
  const client_reference = reference();
  const { body: order, replayed } = await lossy.createOrder(await held(client_reference)).reply();
  assert(replayed, "the first answer was not lost");
  const found: string[] = [];
  for await (const each of fareway.listOrders({ clientReference: client_reference })) {
    found.push(each.id);
  }
  assert.deepEqual(found, [order.id]);
  show("retry", `the answer was lost once, and there is one order, ${order.id}`);
}
