import type { Asked, Said } from "./door.js";

/** A client that needs no token. */
export const options = { key: "sk_test_1" };

/** What is asked for a token; nothing is. */
export function tokens(_: Asked): Said | null {
  return null;
}
