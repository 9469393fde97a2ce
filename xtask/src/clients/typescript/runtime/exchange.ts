import { FarewayTimeoutError, FarewayTransportError } from "./errors.js";

/** A request as it goes out. */
export interface Message {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string | null;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How long an attempt may take, and how many may follow the first. */
export interface Patience {
  readonly timeoutMs: number;
  readonly retries: number;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a message once and reads the answer to its end, whatever it says. */
export async function exchange(message: Message, { timeoutMs, signal }: Patience): Promise<Answer> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    abort();
  }, timeoutMs);
  signal?.addEventListener("abort", abort, { once: true });
  const { url, ...init } = message;
  try {
    // A redirect is no answer of a contract, and a credential must not follow one to another host.
    const response = await fetch(url, { ...init, redirect: "manual", signal: controller.signal });
    return { status: response.status, headers: response.headers, text: await response.text() };
  } catch (cause) {
    signal?.throwIfAborted();
    if (isLate) {
      throw new FarewayTimeoutError(`no answer from ${url} within ${timeoutMs} ms`, { cause });
    }
    throw new FarewayTransportError(`${url} cannot be reached, or its answer was lost`, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
