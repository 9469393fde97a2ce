// An agency holds seats before it has names, orders from the hold, issues tickets on its credit and voids them.
import assert from "node:assert/strict";

import { Fareway, FarewayOAuthError, type HoldInput, isProblem } from "@fareway/partner-v1";

import { failureOf, given, reference, show, some, written } from "./show.js";

const client = { clientId: given("FAREWAY_CLIENT_ID"), clientSecret: given("FAREWAY_CLIENT_SECRET") };
const fareway = new Fareway({ url: given("FAREWAY_URL"), ...client });
const date = "2027-04-14";

await journey();
await failure();
await paging();
await retry();

/** One seat in the class with the most seats left on that day. */
async function seat(): Promise<HoldInput> {
  const { flights } = await fareway.getAvailability({ origin: "LHR", destination: "JFK", date, cabin: "economy" });
  const seats = flights
    .filter(({ status }) => status === "scheduled")
    .flatMap(({ carrier, flight_number, classes }) => classes.map((each) => ({ carrier, flight_number, ...each })))
    .sort((one, other) => other.seats - one.seats);
  const { carrier, flight_number, booking_class } = some(seats[0], "seat");
  const item = { carrier, flight_number, booking_class, departure_date: date, origin: "LHR", destination: "JFK", seats: 1 };
  return { items: [item], ttl_minutes: 30 };
}

async function creditUsed(): Promise<number> {
  return (await fareway.getAgency()).credit_used.amount;
}

async function journey(): Promise<void> {
  const before = await creditUsed();
  const hold = await fareway.createHold(await seat());
  assert.equal(hold.status, "active");

  const order = await fareway.createOrder({
    source: "hold",
    hold_id: hold.id,
    passengers: [{ ptc: "ADT", given_name: "Amelia", family_name: "Earhart", born_on: "1987-07-24" }],
    contact: { email: "amelia@example.com" },
    payment: { type: "later" },
    client_reference: reference(),
  });
  assert.equal(order.status, "held");
  assert.equal(order.hold_id, hold.id);

  const ticketed = await fareway.issueTickets(order.id, { payment: { type: "agency_credit" } }, { prefer: "wait=20" });
  assert.equal(ticketed.status, "ticketed");
  assert.equal(ticketed.payment_status, "paid");
  assert.equal((await fareway.getHold(hold.id)).status, "ordered");
  assert.equal(await creditUsed(), before + ticketed.price.total.amount);

  const voided = await fareway.voidOrder(order.id, { prefer: "wait=20" });
  assert.equal(voided.status, "cancelled");
  assert.deepEqual(voided.tickets.map(({ status }) => status), ["void"]);
  assert.equal(await creditUsed(), before);
  const ticket = some(voided.tickets[0], "ticket").number;
  show("journey", `${hold.id} became ${order.id}, ticket ${ticket} for ${written(ticketed.price.total)}, void, and the credit is back`);
}

async function failure(): Promise<void> {
  const hold = await fareway.createHold(await seat());
  await fareway.releaseHold(hold.id);
  const ordered = fareway.createOrder({
    source: "hold",
    hold_id: hold.id,
    passengers: [{ ptc: "ADT", given_name: "Amelia", family_name: "Earhart", born_on: "1987-07-24" }],
    contact: { email: "amelia@example.com" },
    payment: { type: "agency_credit" },
  });
  const error = await failureOf(ordered);
  assert(isProblem(error, "invalid_state", "hold_expired"), String(error));

  const stranger = new Fareway({ url: given("FAREWAY_URL"), ...client, clientSecret: "cs_test_of_nobody" });
  const refused = await failureOf(stranger.getAgency());
  assert(refused instanceof FarewayOAuthError, String(refused));
  assert.equal(refused.code, "invalid_client");
  show("failure", `${error.code} (${error.detail}), ${refused.code} (${refused.description})`);
}

async function paging(): Promise<void> {
  const limit = 2;
  const ids: string[] = [];
  for await (const event of fareway.listEvents({ limit })) {
    ids.push(event.id);
    if (ids.length > 3 * limit) {
      break;
    }
  }
  assert(ids.length > 2 * limit, `only ${ids.length} events in pages of ${limit}`);
  assert.equal(new Set(ids).size, ids.length, "an event came twice");
  show("paging", `${ids.length} events in pages of ${limit}, from ${ids[0]}`);
}

async function retry(): Promise<void> {
  const lossy = new Fareway({ url: given("FAREWAY_CUTTING_URL"), ...client });
  const idempotencyKey = reference();
  const { body: hold, replayed } = await lossy.createHold(await seat(), { idempotencyKey }).reply();
  assert(replayed, "the first answer was not lost");
  const record = await fareway.getIdempotencyKey(idempotencyKey, { operation: "createHold" });
  assert.equal(record.state, "succeeded");
  assert.deepEqual(record.resource, { type: "hold", id: hold.id });
  await fareway.releaseHold(hold.id);
  show("retry", `the answer was lost once, and the key stands for one hold, ${hold.id}`);
}
