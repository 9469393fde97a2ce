import { FarewayError } from "./errors.js";
import type { WebhookPayload } from "./types.js";

const TOLERANCE_SECONDS = 5 * 60;

/** Headers of a request: those of `fetch`, of Node or of a framework. */
export type WebhookHeaders =
  | { get(name: string): string | null }
  | Readonly<Record<string, string | readonly string[] | undefined>>;

/** Why a webhook is not to be believed. */
export type WebhookFault = "headers" | "time" | "signature" | "body";

/** A webhook that is not to be believed: answer 400, and do nothing else. */
export class FarewayWebhookError extends FarewayError {
  override readonly name = "FarewayWebhookError";
  /** What is wrong with it. */
  readonly fault: WebhookFault;

  constructor(fault: WebhookFault, message: string) {
    super(message);
    this.fault = fault;
  }
}

/**
 * Makes sure that a webhook was sent by the server, and not long ago (Standard Webhooks, version 1), and reads it.
 *
 * A webhook may come twice; the id of what it holds is the same each time.
 *
 * @param secret The secret of the endpoint, `whsec_…`.
 * @param headers The headers of the request.
 * @param body The body of the request as it came. JSON that was parsed and written again has another signature.
 * @param options The time against which the age is told; that of the machine when absent.
 * @throws {@link FarewayWebhookError} when it is not to be believed.
 */
export async function verifyWebhook(
  secret: string,
  headers: WebhookHeaders,
  body: string | Uint8Array,
  options: { now?: Date | undefined } = {},
): Promise<WebhookPayload> {
  const id = header(headers, "webhook-id");
  const timestamp = header(headers, "webhook-timestamp");
  const signatures = header(headers, "webhook-signature");
  const now = (options.now ?? new Date()).getTime() / 1000;
  // What is not a number is not near now either.
  if (!(Math.abs(now - Number(timestamp)) <= TOLERANCE_SECONDS)) {
    throw new FarewayWebhookError("time", "the webhook was not signed within five minutes of now");
  }
  const text = new TextEncoder();
  const bytes = typeof body === "string" ? text.encode(body) : body;
  const signed = joined(text.encode(`${id}.${timestamp}.`), bytes);
  if (!(await isSigned(await verificationKey(secret), signatures, signed))) {
    throw new FarewayWebhookError("signature", "no signature of the webhook is that of the secret");
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as WebhookPayload;
  } catch {
    throw new FarewayWebhookError("body", "the webhook is signed, and is no JSON");
  }
}

function header(headers: WebhookHeaders, name: string): string {
  let value: unknown;
  if (typeof headers.get === "function") {
    value = headers.get(name);
  } else {
    value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  }
  if (typeof value !== "string" || value === "") {
    throw new FarewayWebhookError("headers", `the webhook has no header ${name}`);
  }
  return value;
}

async function verificationKey(secret: string): Promise<CryptoKey> {
  const encoded = /^whsec_([A-Za-z0-9+/]+=*)$/.exec(secret)?.[1];
  if (encoded === undefined) {
    throw new TypeError("the secret of an endpoint is whsec_ and base64");
  }
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", decoded(encoded), algorithm, false, ["verify"]);
}

/** `subtle.verify` takes the same time wherever a signature differs. */
async function isSigned(key: CryptoKey, signatures: string, signed: Uint8Array<ArrayBuffer>): Promise<boolean> {
  for (const signature of signatures.split(" ")) {
    const encoded = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(signature)?.[1];
    if (encoded !== undefined && (await crypto.subtle.verify("HMAC", key, decoded(encoded), signed))) {
      return true;
    }
  }
  return false;
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
}

function joined(head: Uint8Array, tail: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(head.length + tail.length);
  whole.set(head);
  whole.set(tail, head.length);
  return whole;
}
