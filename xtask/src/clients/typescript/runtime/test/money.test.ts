import assert from "node:assert/strict";
import { test } from "node:test";

import { formatMoney } from "../dist/money.js";

test("amounts are read in major units", () => {
  for (const [amount, currency, scale, text] of [
    [49_810, "GBP", 2, "498.10 GBP"],
    [49_810, "JPY", 0, "49810 JPY"],
    [5, "KWD", 3, "0.005 KWD"],
    [0, "GBP", 2, "0.00 GBP"],
    [-5, "GBP", 2, "-0.05 GBP"],
    [Number.MAX_SAFE_INTEGER, "GBP", 2, "90071992547409.91 GBP"],
  ] as const) {
    assert.equal(formatMoney({ amount, currency, scale }), text);
  }
});
