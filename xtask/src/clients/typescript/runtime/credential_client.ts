import { AGENT } from "./contract.js";
import { FarewayError } from "./errors.js";
import { type Answer, type Patience, exchange } from "./exchange.js";
import { failure, parsed } from "./reading.js";
import { persist, unlessAborted } from "./retry.js";
import { type Signer, base, patience } from "./server.js";
import type { ConnectionOptions } from "./settings.js";

/** What a client is made of. */
export interface FarewayOptions extends ConnectionOptions {
  /** The id of your client, which gets tokens at `/oauth/token` (RFC 6749 §4.4). */
  clientId: string;
  /** The secret of your client. */
  clientSecret: string;
}

/** Why no token is given (RFC 6749 §5.2). */
export type OAuthCode = (typeof OAUTH_CODES)[number];

const OAUTH_CODES = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "unsupported_grant_type",
  "invalid_scope",
] as const;

/** The server gave no token. */
export class FarewayOAuthError extends FarewayError {
  override readonly name = "FarewayOAuthError";
  /** Why; `unknown` when it is no code of RFC 6749. */
  readonly code: OAuthCode | "unknown";
  /** The HTTP status. */
  readonly status: number;
  /** Why, for people. */
  readonly description: string | null;

  constructor(code: string, status: number, description: string | null) {
    super(`${code}: ${description ?? "no token was given"}`);
    this.code = OAUTH_CODES.find((known) => known === code) ?? "unknown";
    this.status = status;
    this.description = description;
  }
}

/** A token is fetched anew so long before it ends, because a request takes its time too. */
const MARGIN_MS = 30_000;

interface Token {
  readonly authorization: string;
  readonly goodUntil: number;
}

/** A client, and the token that it has. */
export class Credential implements Signer {
  readonly #basic: string;
  readonly #url: string;
  readonly #patience: Patience;
  #token: Token | undefined;
  #coming: Promise<Token> | undefined;

  constructor(options: FarewayOptions) {
    this.#basic = `Basic ${btoa(`${form(options.clientId)}:${form(options.clientSecret)}`)}`;
    this.#url = `${base(options)}/oauth/token`;
    this.#patience = patience(options);
  }

  /** Requests that need a token at the same time wait for the same one. */
  async sign(headers: Headers, signal: AbortSignal | undefined): Promise<void> {
    if (this.#token === undefined || this.#token.goodUntil <= Date.now()) {
      this.#coming ??= this.#fetch().finally(() => {
        this.#coming = undefined;
      });
      this.#token = await unlessAborted(this.#coming, signal);
    }
    headers.set("Authorization", this.#token.authorization);
  }

  renew(refused: Headers): boolean {
    if (this.#token?.authorization === refused.get("Authorization")) {
      this.#token = undefined;
    }
    return true;
  }

  /** No call's own signal ends this, for others may wait for it too. */
  #fetch(): Promise<Token> {
    const message = {
      method: "POST",
      url: this.#url,
      headers: new Headers({
        Accept: "application/json, application/problem+json",
        Authorization: this.#basic,
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": AGENT,
      }),
      body: "grant_type=client_credentials",
    };
    return persist(async () => token(await exchange(message, this.#patience)), this.#patience);
  }
}

/** Id and secret stand form-encoded in the header (RFC 6749 §2.3.1). */
function form(text: string): string {
  return new URLSearchParams({ "": text }).toString().slice("=".length);
}

function token(answer: Answer): Token {
  const body = parsed(answer);
  if (answer.status === 200 && typeof body?.["access_token"] === "string") {
    const lifetimeMs = Number(body["expires_in"] ?? 0) * 1000;
    return { authorization: `Bearer ${body["access_token"]}`, goodUntil: Date.now() + lifetimeMs - MARGIN_MS };
  }
  if (typeof body?.["error"] === "string") {
    const description = body["error_description"];
    throw new FarewayOAuthError(body["error"], answer.status, typeof description === "string" ? description : null);
  }
  throw failure(answer);
}
