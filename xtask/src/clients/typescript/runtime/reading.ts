import type { Reply } from "./call.js";
import { FarewayAnswerError, FarewayProblem, type Problem } from "./errors.js";
import type { Answer } from "./exchange.js";

/** What a success says; `T` is the body that the contract promises. */
export function reply<T>(answer: Answer, isBare: boolean): Reply<T> {
  const body = isBare ? undefined : answer.status === 304 ? null : parsed(answer);
  if (body === null && answer.status !== 304) {
    throw failure(answer);
  }
  return {
    body: body as T,
    status: answer.status,
    etag: answer.headers.get("ETag") ?? undefined,
    requestId: answer.headers.get("Request-Id") ?? undefined,
    replayed: answer.headers.get("Idempotency-Replayed") === "true",
    headers: answer.headers,
  };
}

/** The JSON object that an answer holds; `null` when it holds something else. */
export function parsed(answer: Answer): Record<string, unknown> | null {
  if (!/^application\/([a-z.]+\+)?json\b/i.test(answer.headers.get("Content-Type") ?? "")) {
    return null;
  }
  try {
    const value: unknown = JSON.parse(answer.text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

/** What an answer says that is no success. */
export function failure(answer: Answer): FarewayProblem | FarewayAnswerError {
  const body = parsed(answer);
  const wait = retryAfterMs(answer.headers);
  if (isProblem(body)) {
    return new FarewayProblem(body, wait);
  }
  const message = `an answer with the status ${answer.status} does not fit the contract`;
  return new FarewayAnswerError(message, answer.status, answer.text, wait);
}

function isProblem(body: unknown): body is Problem {
  return (
    isObject(body) &&
    typeof body["status"] === "number" &&
    typeof body["retryable"] === "boolean" &&
    ["type", "title", "detail", "code", "request_id"].every((member) => typeof body[member] === "string")
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What `Retry-After` asks for: seconds, or a time of day (RFC 9110 §10.2.3). */
function retryAfterMs(headers: Headers): number | null {
  const asked = headers.get("Retry-After");
  if (asked === null) {
    return null;
  }
  const wait = /^\d+$/.test(asked) ? Number(asked) * 1000 : Date.parse(asked) - Date.now();
  return Number.isNaN(wait) ? null : Math.max(wait, 0);
}
