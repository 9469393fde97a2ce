// Staff look at a flight, close a class of it and open it again, and read the log.
import assert from "node:assert/strict";

import { Fareway, isProblem } from "@fareway/private-v1";

import { failureOf, given, reference, show, some } from "./show.js";

const client = { clientId: given("FAREWAY_CLIENT_ID"), clientSecret: given("FAREWAY_CLIENT_SECRET") };
const fareway = new Fareway({ url: given("FAREWAY_URL"), ...client });
const day = { carrier: "BA", date: "2027-04-15" };

const flight = some((await fareway.listFlights({ ...day, origin: "LHR", destination: "JFK" })).data[0], "flight");
await journey();
await failure();
await paging();
await retry();

async function journey(): Promise<void> {
  const { body: inventory, etag } = await fareway.getInventory(flight.id).reply();
  assert.equal(inventory.flight_id, flight.id);
  const economy = some(inventory.cabins.find(({ cabin }) => cabin === "economy"), "economy");
  // The last class is nested in all others, so that it may have any limit below them.
  const { booking_class, limit } = some(economy.classes.at(-1), "class");
  const limited = (limit: number) => ({ cabin: "economy", limits: [{ booking_class, limit }] }) as const;

  const closed = await fareway.setLimits(flight.id, limited(0), { ifMatch: some(etag, "version") }).reply();
  const explained = await fareway.explainAvailability(flight.id, { bookingClass: booking_class, seats: 1 });
  assert.equal(explained.available, false);
  assert.equal(explained.reason, "limit");
  assert.equal(explained.binding_class, booking_class);
  const reopened = await fareway.setLimits(flight.id, limited(limit), { ifMatch: some(closed.etag, "version") });
  const restored = some(reopened.cabins.find(({ cabin }) => cabin === "economy"), "economy");
  assert.equal(restored.classes.at(-1)?.limit, limit);

  const verification = await fareway.verifyAuditEvents();
  assert.equal(verification.valid, true);
  const actions: string[] = [];
  for await (const event of fareway.listAuditEvents({ limit: 100 })) {
    if (event.request_id === closed.requestId) {
      actions.push(event.action);
    }
  }
  assert.equal(actions.length, 1, "the log does not have it once");
  show("journey", `${flight.id}: ${explained.summary}; ${actions[0]} stands in a log of ${verification.events} events`);
}

async function failure(): Promise<void> {
  const { body: inventory, etag } = await fareway.getInventory(flight.id).reply();
  const economy = some(inventory.cabins.find(({ cabin }) => cabin === "economy"), "economy");
  const { booking_class, limit } = some(economy.classes.at(-1), "class");
  const limits = { cabin: "economy", limits: [{ booking_class, limit }] } as const;
  const stale = await failureOf(fareway.setLimits(flight.id, limits, { ifMatch: '"0"' }));
  assert(isProblem(stale, "precondition_failed"), String(stale));
  assert.equal(stale.status, 412);
  const blind = await failureOf(fareway.setLimits(flight.id, limits));
  assert(isProblem(blind, "precondition_required"), String(blind));
  assert.equal(await fareway.getInventory(flight.id, { ifNoneMatch: some(etag, "version") }), null);
  show("failure", `${stale.code} (${stale.detail}), ${blind.code} without a version`);
}

async function paging(): Promise<void> {
  const limit = 2;
  const ids: string[] = [];
  for await (const { id } of fareway.listFlights({ ...day, limit })) {
    ids.push(id);
    if (ids.length > 3 * limit) {
      break;
    }
  }
  assert(ids.length > 2 * limit, `only ${ids.length} flights in pages of ${limit}`);
  assert.equal(new Set(ids).size, ids.length, "a flight came twice");
  show("paging", `${ids.length} flights in pages of ${limit}, from ${ids[0]}`);
}

async function retry(): Promise<void> {
  const lossy = new Fareway({ url: given("FAREWAY_CUTTING_URL"), ...client });
  const name = reference();
  const { body: account, replayed } = await lossy.createAccount({ kind: "developer", name }).reply();
  assert(replayed, "the first answer was not lost");
  const found: string[] = [];
  for await (const each of fareway.listAccounts({ limit: 100 })) {
    if (each.name === name) {
      found.push(each.id);
    }
  }
  assert.deepEqual(found, [account.id]);
  show("retry", `the answer was lost once, and there is one account, ${account.id}`);
}
