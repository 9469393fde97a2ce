import type { Money } from "./types.js";

/** Writes an amount in major units: `498.10 GBP`. */
export function formatMoney({ amount, currency, scale }: Money): string {
  const digits = String(Math.abs(amount)).padStart(scale + 1, "0");
  const point = digits.length - scale;
  const minor = scale > 0 ? `.${digits.slice(point)}` : "";
  return `${amount < 0 ? "-" : ""}${digits.slice(0, point)}${minor} ${currency}`;
}
