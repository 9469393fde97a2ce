import { FarewayAnswerError, FarewayProblem, FarewayTimeoutError, FarewayTransportError } from "./errors.js";
import type { Patience } from "./exchange.js";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;

/** Attempts something, and again while its failure may pass. */
export async function persist<T>(attempt: () => Promise<T>, patience: Patience): Promise<T> {
  for (let retry = 0; ; retry += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (retry >= patience.retries || !mayPass(error)) {
        throw error;
      }
      const pause = Math.min(asked(error) ?? Math.random() * FIRST_PAUSE_MS * 2 ** retry, LONGEST_PAUSE_MS);
      await unlessAborted(new Promise((resume) => setTimeout(resume, pause)), patience.signal);
    }
  }
}

/** Whether the same request may succeed when it is sent again. */
function mayPass(error: unknown): boolean {
  if (error instanceof FarewayProblem || error instanceof FarewayAnswerError) {
    const isBusy = error.status === 429 || error.status === 503;
    return isBusy || (error instanceof FarewayProblem && error.retryable);
  }
  return error instanceof FarewayTransportError || error instanceof FarewayTimeoutError;
}

function asked(error: unknown): number | null {
  return error instanceof FarewayProblem || error instanceof FarewayAnswerError ? error.retryAfterMs : null;
}

/** What was promised, unless the signal aborts before; then its reason. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) {
    return promise;
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    void promise.then(resolve, reject).then(() => signal.removeEventListener("abort", abort));
    if (signal.aborted) {
      abort();
    }
  });
}
