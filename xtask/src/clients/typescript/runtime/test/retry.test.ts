import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { type TestContext, test } from "node:test";

import { FarewayAnswerError, FarewayTimeoutError, FarewayTransportError } from "../dist/errors.js";
import { persist } from "../dist/retry.js";

/** After how many milliseconds each attempt is made when all fail. */
async function attempts(test: TestContext, error: Error, retries: number): Promise<number[]> {
  test.mock.timers.enable({ apis: ["setTimeout"] });
  let now = 0;
  const made: number[] = [];
  const attempt = async (): Promise<never> => {
    made.push(now);
    throw error;
  };
  let isOver = false;
  const over = persist(attempt, { timeoutMs: 1, retries }).catch(() => {
    isOver = true;
  });
  for (await setImmediate(); !isOver; await setImmediate()) {
    now += 50;
    test.mock.timers.tick(50);
  }
  await over;
  return made;
}

test("pauses are by chance, below times that double", async (test) => {
  const chance = test.mock.method(Math, "random", () => 0.5);
  for (const error of [new FarewayTransportError("lost"), new FarewayTimeoutError("late")]) {
    await test.test(error.name, async (test) => {
      assert.deepEqual(await attempts(test, error, 4), [0, 100, 300, 700, 1500]);
    });
  }
  assert.equal(chance.mock.callCount(), 8);
});

test("the server says how long a pause is, up to half a minute", async (test) => {
  for (const [asked, waited] of [[0, 50], [2_000, 2_000], [30_000, 30_000], [3_600_000, 30_000]] as const) {
    await test.test(`${asked} ms`, async (test) => {
      const busy = new FarewayAnswerError("busy", 503, "", asked);
      assert.deepEqual(await attempts(test, busy, 1), [0, waited]);
    });
  }
});

test("a pause has an end", async (test) => {
  test.mock.method(Math, "random", () => 1);
  const made = await attempts(test, new FarewayTransportError("lost"), 10);
  assert.equal(made[10]! - made[9]!, 30_000);
});
