// What the journeys share.
import assert from "node:assert/strict";
import process from "node:process";

/** What the environment says, which finds the server there. */
export function given(name: string): string {
  const value = process.env[name];
  assert(value, `${name} is not set`);
  return value;
}

/** Something that has to be there. */
export function some<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, `there is no ${what}`);
  return value;
}

/** What a failure is; nothing else will do. */
export async function failureOf(call: PromiseLike<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail("what had to fail succeeded");
}

/** A reference that no other journey has. */
export function reference(): string {
  return `typescript-${crypto.randomUUID()}`;
}

/** Money as people write it. */
export function written({ amount, currency, scale }: { amount: number; currency: string; scale: number }): string {
  return `${(amount / 10 ** scale).toFixed(scale)} ${currency}`;
}

/** Says what a part of the journey saw. */
export function show(part: "journey" | "failure" | "paging" | "retry", seen: string): void {
  console.log(`${part}: ${seen}`);
}
