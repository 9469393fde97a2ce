import { Call, type Reply } from "./call.js";
import { AGENT } from "./contract.js";
import { Credential, type FarewayOptions } from "./credential.js";
import { type Answer, type Message, type Patience, exchange } from "./exchange.js";
import { failure, reply } from "./reading.js";
import { type Request, target } from "./request.js";
import { persist } from "./retry.js";
import { type Signer, base, patience } from "./server.js";
import type { KeyedOptions } from "./settings.js";

/** A server, and who asks it. */
export class Connection {
  readonly #base: string;
  readonly #patience: Patience;
  readonly #signer: Signer;

  constructor(options: FarewayOptions) {
    this.#base = base(options);
    this.#patience = patience(options);
    this.#signer = new Credential(options);
  }

  /** Calls an operation whose success has the body `T`. */
  call<T>(request: Request, options: KeyedOptions): Call<T> {
    return new Call(this.ask(request, options));
  }

  /** What {@link call} promises. */
  async ask<T>(request: Request, options: KeyedOptions): Promise<Reply<T>> {
    const message = this.#message(request, options);
    const patience = {
      timeoutMs: options.timeoutMs ?? this.#patience.timeoutMs,
      retries: request.repeatable ? (options.retries ?? this.#patience.retries) : 0,
      signal: options.signal,
    };
    return persist(async () => {
      const answer = await this.#send(message, patience);
      const isCurrent = answer.status === 304 && message.headers.has("If-None-Match");
      if (isCurrent || (answer.status >= 200 && answer.status < 300)) {
        return reply<T>(answer, request.bare ?? false);
      }
      throw failure(answer);
    }, patience);
  }

  /** What goes out, the same at every attempt but for the credential. */
  #message(request: Request, options: KeyedOptions): Message {
    const headers = new Headers({ Accept: "application/json, application/problem+json", "User-Agent": AGENT });
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      if (value !== undefined) {
        headers.set(name, value);
      }
    }
    if (request.keyed) {
      headers.set("Idempotency-Key", options.idempotencyKey ?? randomKey());
    }
    if (request.body !== undefined) {
      headers.set("Content-Type", "application/json");
    }
    const body = request.body === undefined ? null : JSON.stringify(request.body);
    return { method: request.method, url: this.#base + target(request), headers, body };
  }

  /** Sends a message under the credential; once more under a new one when it was refused. */
  async #send(message: Message, patience: Patience): Promise<Answer> {
    await this.#signer.sign(message.headers, patience.signal);
    const answer = await exchange(message, patience);
    if (answer.status !== 401 || !this.#signer.renew(message.headers)) {
      return answer;
    }
    await this.#signer.sign(message.headers, patience.signal);
    return exchange(message, patience);
  }
}

/** 128 bits by chance. */
function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
