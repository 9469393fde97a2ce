import type { Patience } from "./exchange.js";
import type { ConnectionOptions } from "./settings.js";

const TIMEOUT_MS = 30_000;
const RETRIES = 2;

/** Signs requests. */
export interface Signer {
  /** Adds the credential to the headers of a request. */
  sign(headers: Headers, signal: AbortSignal | undefined): Promise<void>;
  /** Whether a request that was refused with these headers may be signed anew. */
  renew(refused: Headers): boolean;
}

/** The address of the server, without the slash at its end. */
export function base({ url }: ConnectionOptions): string {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new TypeError(`url must be the address of a server, such as https://fareway.example; it is ${url}`);
  }
  return url.replace(/\/+$/, "");
}

/** How patient the client is. */
export function patience(options: ConnectionOptions): Patience {
  return { timeoutMs: options.timeoutMs ?? TIMEOUT_MS, retries: options.retries ?? RETRIES };
}
