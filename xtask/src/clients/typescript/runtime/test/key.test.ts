import assert from "node:assert/strict";
import { test } from "node:test";

import { Connection } from "../dist/connection.js";
import { isProblem } from "../dist/errors.js";
import { failureOf, open, problem } from "./door.js";

test("the key is sent, and a request that it is refused for is not sent again", async (test) => {
  const door = await open(test, () => problem(401, "unauthenticated", false));
  const connection = new Connection({ url: door.url, key: "sk_test_1" });
  const error = await failureOf(connection.call({ method: "GET", path: "/things", repeatable: true }, {}));
  assert(isProblem(error, "unauthenticated"), String(error));
  assert.deepEqual(door.asked.map(({ headers }) => headers["api-key"]), ["sk_test_1"]);
});
