/** What every call may be told. */
export interface CallOptions {
  /** Aborts the call; it then fails with the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** How long an attempt may take; what the client was told when absent. */
  timeoutMs?: number | undefined;
  /** How often it is tried again at most; what the client was told when absent. */
  retries?: number | undefined;
}

/** What a call that takes an idempotency key may be told. */
export interface KeyedOptions extends CallOptions {
  /**
   * Names what you want done: the same key never does it twice, and gets the first answer again. Choose one and keep it when you may
   * have to ask again after your program has ended; when absent, the client makes one for all attempts of this call.
   */
  idempotencyKey?: string | undefined;
}

/** Where the server is, and how patient the client is. */
export interface ConnectionOptions {
  /** The address of the server, such as `https://fareway.example`. */
  url: string;
  /** How long an attempt may take; 30 000 when absent. */
  timeoutMs?: number | undefined;
  /**
   * How often a call is tried again at most, 2 when absent. Only calls that have no second effect are: those that read, replace or
   * remove, and those with an idempotency key.
   */
  retries?: number | undefined;
}
