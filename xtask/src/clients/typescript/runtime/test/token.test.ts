import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../dist/connection.js";
import { FarewayOAuthError } from "../dist/credential.js";
import { isProblem } from "../dist/errors.js";
import type { Request } from "../dist/request.js";
import { type Asked, type Said, failureOf, open, problem } from "./door.js";

const READ: Request = { method: "GET", path: "/things", repeatable: true };
const CLIENT = { clientId: "cli_1", clientSecret: "cs/1 é" };

function token(name: string): Said {
  return { status: 200, body: { access_token: name, token_type: "Bearer", expires_in: 900, scope: "" } };
}

function asksToken(asked: Asked): boolean {
  return asked.url === "/oauth/token";
}

test("calls at the same time wait for one token, and later ones have it", async (test) => {
  const door = await open(test, (asked) => (asksToken(asked) ? token("fwt_1") : { status: 200, body: {} }));
  const connection = new Connection({ url: door.url, ...CLIENT });
  await Promise.all([1, 2, 3].map(() => connection.call(READ, {})));
  await connection.call(READ, {});
  const [first, ...others] = door.asked;
  assert(first);
  assert.equal(first.method, "POST");
  assert.equal(first.body, "grant_type=client_credentials");
  assert.equal(first.headers["content-type"], "application/x-www-form-urlencoded");
  assert.equal(first.headers.authorization, `Basic ${btoa("cli_1:cs%2F1+%C3%A9")}`);
  assert.deepEqual(others.map(({ headers }) => headers.authorization), Array(4).fill("Bearer fwt_1"));
});

test("a token is fetched anew half a minute before it ends", async (test) => {
  test.mock.timers.enable({ apis: ["Date"] });
  let given = 0;
  const door = await open(test, (asked) =>
    asksToken(asked) ? token(`fwt_${(given += 1)}`) : { status: 200, body: {} },
  );
  const connection = new Connection({ url: door.url, ...CLIENT });
  for (const [passed, expected] of [[0, "fwt_1"], [869_999, "fwt_1"], [1, "fwt_2"], [1, "fwt_2"]] as const) {
    test.mock.timers.tick(passed);
    await connection.call(READ, {});
    assert.equal(door.asked.at(-1)?.headers.authorization, `Bearer ${expected}`);
  }
});

test("a token that is refused is fetched anew, once", async (test) => {
  let given = 0;
  let isTaken = true;
  const door = await open(test, (asked) => {
    if (asksToken(asked)) {
      return token(`fwt_${(given += 1)}`);
    }
    const isNew = asked.headers.authorization === "Bearer fwt_2";
    return isTaken && isNew ? { status: 200, body: {} } : problem(401, "unauthenticated", false);
  });
  const connection = new Connection({ url: door.url, ...CLIENT });
  await connection.call({ ...READ, method: "POST" }, {});
  assert.equal(given, 2);
  isTaken = false;
  assert(isProblem(await failureOf(connection.call(READ, {})), "unauthenticated"));
  assert.equal(given, 3);
});

test("why no token is given is told", async (test) => {
  const body = { error: "invalid_client", error_description: "unknown" };
  const door = await open(test, () => ({ status: 401, body }));
  const connection = new Connection({ url: door.url, ...CLIENT });
  const error = await failureOf(connection.call(READ, {}));
  assert(error instanceof FarewayOAuthError, String(error));
  assert.equal(error.code, "invalid_client");
  assert.equal(error.status, 401);
  assert.equal(door.asked.length, 1);
});

test("a token is asked for again, whatever the call", async (test) => {
  let nth = 0;
  const door = await open(test, (asked) => {
    nth += 1;
    if (asksToken(asked)) {
      return nth === 1 ? null : token("fwt_1");
    }
    return { status: 200, body: {} };
  });
  await new Connection({ url: door.url, ...CLIENT }).call({ ...READ, method: "POST" }, {});
  assert.equal(door.asked.length, 3);
});

test("a call that is aborted does not take the token from the others", async (test) => {
  const door = await open(test, (asked) => (asksToken(asked) ? token("fwt_1") : { status: 200, body: {} }));
  const connection = new Connection({ url: door.url, ...CLIENT });
  const controller = new AbortController();
  const aborted = failureOf(connection.call(READ, { signal: controller.signal }));
  const other = connection.call(READ, {});
  controller.abort("enough");
  assert.equal(await aborted, "enough");
  assert.deepEqual(await other, {});
  assert.equal(door.asked.length, 2);
});

test("a call that is aborted while no token comes fails at once", async (test) => {
  const controller = new AbortController();
  const door = await open(test, () => {
    controller.abort("enough");
    return "never";
  });
  const connection = new Connection({ url: door.url, ...CLIENT, timeoutMs: 20_000, retries: 0 });
  const begun = performance.now();
  assert.equal(await failureOf(connection.call(READ, { signal: controller.signal })), "enough");
  assert(performance.now() - begun < 20_000, "it waited for the token");
});
