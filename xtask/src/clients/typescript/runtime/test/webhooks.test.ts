import assert from "node:assert/strict";
import { test } from "node:test";

import { FarewayWebhookError, type WebhookHeaders, verifyWebhook } from "../dist/webhooks.js";
import { failureOf } from "./door.js";

// The example that the libraries of Standard Webhooks are tested with.
const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const BODY = '{"test": 2432232314}';
const HEADERS = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
};
const SIGNED = 1_614_265_330;

function at(seconds: number): { now: Date } {
  return { now: new Date(seconds * 1000) };
}

async function fault(secret: string, headers: WebhookHeaders, body: string, seconds = SIGNED): Promise<string> {
  const error = await failureOf(verifyWebhook(secret, headers, body, at(seconds)));
  assert(error instanceof FarewayWebhookError, String(error));
  return error.fault;
}

test("a webhook that was signed with the secret is read", async () => {
  const read: unknown = await verifyWebhook(SECRET, HEADERS, BODY, at(SIGNED));
  assert.deepEqual(read, { test: 2_432_232_314 });
});

test("headers may be those of fetch, of Node or of a framework, and the body bytes", async () => {
  const upper = Object.fromEntries(Object.entries(HEADERS).map(([name, value]) => [name.toUpperCase(), value]));
  for (const headers of [new Headers(HEADERS), upper]) {
    await verifyWebhook(SECRET, headers, new TextEncoder().encode(BODY), at(SIGNED));
  }
  assert.equal(await fault(SECRET, { ...HEADERS, "webhook-id": undefined }, BODY), "headers");
});

test("one of several signatures is enough", async () => {
  const other = `v1,${"A".repeat(43)}=`;
  const signatures = `v1a,${"B".repeat(88)} ${other} ${HEADERS["webhook-signature"]}`;
  await verifyWebhook(SECRET, { ...HEADERS, "webhook-signature": signatures }, BODY, at(SIGNED));
  assert.equal(await fault(SECRET, { ...HEADERS, "webhook-signature": other }, BODY), "signature");
});

test("whatever is changed, the signature is another", async () => {
  const another = `whsec_${btoa("another secret of an endpoint..")}`;
  assert.equal(await fault(another, HEADERS, BODY), "signature");
  assert.equal(await fault(SECRET, HEADERS, `${BODY} `), "signature");
  assert.equal(await fault(SECRET, { ...HEADERS, "webhook-id": "msg_1" }, BODY), "signature");
  assert.equal(await fault(SECRET, { ...HEADERS, "webhook-timestamp": String(SIGNED + 1) }, BODY), "signature");
  const bare = HEADERS["webhook-signature"].slice("v1,".length);
  assert.equal(await fault(SECRET, { ...HEADERS, "webhook-signature": bare }, BODY), "signature");
});

test("a webhook is believed for five minutes, before and after", async () => {
  for (const seconds of [-300, 300]) {
    await verifyWebhook(SECRET, HEADERS, BODY, at(SIGNED + seconds));
  }
  for (const seconds of [-301, 301]) {
    assert.equal(await fault(SECRET, HEADERS, BODY, SIGNED + seconds), "time");
  }
  assert.equal(await fault(SECRET, { ...HEADERS, "webhook-timestamp": "soon" }, BODY), "time");
  assert.equal(await failureOf(verifyWebhook(SECRET, HEADERS, BODY)).then((error) => (error as FarewayWebhookError).fault), "time");
});

test("a secret that is none is the caller's mistake", async () => {
  const error = await failureOf(verifyWebhook("sk_test", HEADERS, BODY, at(SIGNED)));
  assert(error instanceof TypeError);
});
