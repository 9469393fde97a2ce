import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";

import { Call } from "../dist/call.js";
import { Connection } from "../dist/connection.js";
import { AGENT } from "../dist/contract.js";
import {
  FarewayAnswerError,
  FarewayProblem,
  FarewayTimeoutError,
  FarewayTransportError,
  isProblem,
} from "../dist/errors.js";
import type { Request } from "../dist/request.js";
import { type Asked, type Door, type Said, failureOf, open, problem } from "./door.js";
import { options, tokens } from "./credential.js";

const READ: Request = { method: "GET", path: "/things", repeatable: true };
const MAKE: Request = { method: "POST", path: "/things", body: { name: "a" } };
const KEYED: Request = { ...MAKE, keyed: true, repeatable: true };
const THING: Said = { status: 200, body: { name: "a" } };

/** A server that gives tokens where a client needs them, and else answers as it is told. */
async function served(
  test: TestContext,
  answer: (nth: number, asked: Asked) => Said | null | "never",
): Promise<{ connection: Connection; asked: () => Asked[] }> {
  let nth = 0;
  const door: Door = await open(test, (asked) => tokens(asked) ?? answer((nth += 1), asked));
  const connection = new Connection({ ...options, url: `${door.url}/` });
  return { connection, asked: () => door.asked.filter(({ url }) => url !== "/oauth/token") };
}

test("a request has its path, query, headers and body", async (test) => {
  const { connection, asked } = await served(test, () => THING);
  const request: Request = {
    method: "PATCH",
    path: "/things/{thing_id}",
    places: { thing_id: "a/b ?#é" },
    query: { after: "x&y=z", limit: 20, full: false, sort: undefined },
    headers: { "If-Match": '"3"', Prefer: undefined },
    body: { name: "é" },
  };
  await connection.call(request, {});
  const [seen] = asked();
  assert.equal(seen?.method, "PATCH");
  assert.equal(seen?.url, "/things/a%2Fb%20%3F%23%C3%A9?after=x%26y%3Dz&limit=20&full=false");
  assert.equal(seen?.body, '{"name":"é"}');
  assert.equal(seen?.headers["content-type"], "application/json");
  assert.equal(seen?.headers["if-match"], '"3"');
  assert.equal(seen?.headers["user-agent"], AGENT);
  assert.equal(seen?.headers["prefer"], undefined);
  assert.equal(seen?.headers["idempotency-key"], undefined);
});

test("an id that would lead elsewhere is not sent", async (test) => {
  const { connection, asked } = await served(test, () => THING);
  for (const id of ["", ".", ".."]) {
    const call = connection.call({ method: "GET", path: "/things/{thing_id}", places: { thing_id: id } }, {});
    assert((await failureOf(call)) instanceof TypeError);
  }
  assert.equal(asked().length, 0);
});

test("a reply has the body and what the headers say", async (test) => {
  const headers = { ETag: '"7"', "Request-Id": "req_9", "Idempotency-Replayed": "true" };
  const { connection, asked } = await served(test, () => ({ ...THING, status: 201, headers }));
  const call = connection.call<{ name: string }>(KEYED, { idempotencyKey: "mine" });
  assert(call instanceof Call);
  assert.deepEqual(await call, { name: "a" });
  const { body, status, etag, requestId, replayed } = await call.reply();
  assert.deepEqual({ body, status, etag, requestId, replayed }, {
    body: { name: "a" },
    status: 201,
    etag: '"7"',
    requestId: "req_9",
    replayed: true,
  });
  assert.equal(asked().length, 1);
  assert.equal(asked()[0]?.headers["idempotency-key"], "mine");
});

test("what is current has no body, but only when that was asked", async (test) => {
  const { connection } = await served(test, () => ({ status: 304 }));
  const asked = await connection.call({ ...READ, headers: { "If-None-Match": '"7"' } }, {}).reply();
  assert.equal(asked.body, null);
  assert.equal(asked.status, 304);
  assert((await failureOf(connection.call(READ, {}))) instanceof FarewayAnswerError);
});

test("a success without a body is undefined", async (test) => {
  const { connection } = await served(test, () => ({ status: 204 }));
  assert.equal(await connection.call({ method: "DELETE", path: "/things", bare: true }, {}), undefined);
});

test("a lost answer is asked for again, under the same key", async (test) => {
  const { connection, asked } = await served(test, (nth) => (nth < 3 ? null : THING));
  await connection.call(KEYED, {});
  const keys = asked().map(({ headers }) => headers["idempotency-key"]);
  assert.equal(keys.length, 3);
  assert.match(String(keys[0]), /^[0-9a-f]{32}$/);
  assert.equal(new Set(keys).size, 1);
  await connection.call(KEYED, {});
  assert.notEqual(asked()[3]?.headers["idempotency-key"], keys[0]);
});

test("what may have a second effect is asked once", async (test) => {
  const { connection, asked } = await served(test, (nth) => (nth === 1 ? null : problem(503, "internal", true)));
  assert((await failureOf(connection.call(MAKE, {}))) instanceof FarewayTransportError);
  assert((await failureOf(connection.call(MAKE, {}))) instanceof FarewayProblem);
  assert.equal(asked().length, 2);
});

test("attempts end", async (test) => {
  const { connection, asked } = await served(test, () => problem(429, "rate_limited", true, { "Retry-After": "0" }));
  const error = await failureOf(connection.call(READ, {}));
  assert(isProblem(error, "rate_limited"), String(error));
  assert.equal(error.retryAfterMs, 0);
  assert.equal(asked().length, 3);
  await failureOf(connection.call(READ, { retries: 0 }));
  assert.equal(asked().length, 4);
});

test("only what may pass is asked again", async (test) => {
  const page = { headers: { "Content-Type": "text/html" }, body: "<p>a proxy</p>" };
  const answers: [Said, number][] = [
    [problem(500, "internal", true), 2],
    [problem(500, "internal", false), 1],
    [problem(404, "not_found", false), 1],
    [{ status: 503, ...page }, 2],
    [{ status: 502, ...page }, 1],
    [{ status: 200, ...page }, 1],
    [{ status: 200, body: "{" }, 1],
    [{ status: 302, headers: { Location: "/elsewhere" } }, 1],
  ];
  for (const [said, attempts] of answers) {
    await test.test(`${said.status} ${JSON.stringify(said.body)}`, async (test) => {
      const { connection, asked } = await served(test, () => said);
      const error = await failureOf(connection.call(READ, { retries: 1 }));
      const isJudged = error instanceof FarewayProblem || error instanceof FarewayAnswerError;
      assert(isJudged && error.status === said.status, String(error));
      assert.equal(asked().length, attempts);
    });
  }
});

test("a code that is not known yet is told apart", async (test) => {
  const { connection } = await served(test, () => problem(409, "of_tomorrow", false));
  const error = await failureOf(connection.call(READ, {}));
  assert(isProblem(error, "unknown"), String(error));
  assert(!isProblem(error, "rate_limited") && isProblem(error));
  assert.equal(error.problem.code, "of_tomorrow");
  // @ts-expect-error The contract has no such code.
  assert.equal(isProblem(error, "of_tomorrow"), false);
  assert.equal(error.requestId, "req_1");
});

test("an answer that does not come is waited for half a minute, or as long as the call says", async (test) => {
  for (const timeoutMs of [undefined, 2_000]) {
    await test.test(String(timeoutMs), async (test) => {
      const { timers } = test.mock;
      timers.enable({ apis: ["setTimeout"] });
      const { connection } = await served(test, () => {
        timers.tick(timeoutMs ?? 30_000);
        return "never";
      });
      const error = await failureOf(connection.call(READ, { timeoutMs, retries: 0 }));
      assert(error instanceof FarewayTimeoutError, String(error));
      assert.match(error.message, new RegExp(` ${timeoutMs ?? 30_000} ms$`));
    });
  }
});

test("a call that is aborted fails at once with the reason, and is not asked again", async (test) => {
  const controller = new AbortController();
  const { connection, asked } = await served(test, () => {
    controller.abort("enough");
    return "never";
  });
  const begun = performance.now();
  for (const _ of [1, 2]) {
    const call = connection.call(READ, { signal: controller.signal, timeoutMs: 20_000 });
    assert.equal(await failureOf(call), "enough");
  }
  assert(performance.now() - begun < 20_000, "it waited for the answer");
  assert.equal(asked().length, 1);
});

test("an address that is none is refused", () => {
  for (const url of ["", "localhost:8080", "ftp://fareway.example"]) {
    assert.throws(() => new Connection({ ...options, url }), TypeError);
  }
});
