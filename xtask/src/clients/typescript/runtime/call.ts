/** A success: the body, and what else the answer said. */
export interface Reply<T> {
  /** The body. */
  readonly body: T;
  /** The HTTP status. */
  readonly status: number;
  /** The version of what was read or written, for `ifMatch` and `ifNoneMatch`. */
  readonly etag: string | undefined;
  /** The request, for questions to whoever runs the server. */
  readonly requestId: string | undefined;
  /** Whether this is the first answer to the same idempotency key once more. */
  readonly replayed: boolean;
  /** Every header. */
  readonly headers: Headers;
}

/** A call that is under way: a promise of the body, and by {@link reply} of everything that the answer said. */
export class Call<T> implements Promise<T> {
  readonly #reply: Promise<Reply<T>>;

  constructor(reply: Promise<Reply<T>>) {
    this.#reply = reply;
  }

  /** The body with the status and the headers of the answer. Sends nothing anew. */
  reply(): Promise<Reply<T>> {
    return this.#reply;
  }

  then<Fulfilled = T, Rejected = never>(
    onfulfilled?: ((body: T) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onrejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#reply.then((reply) => reply.body).then(onfulfilled, onrejected);
  }

  catch<Rejected = never>(
    onrejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<T | Rejected> {
    return this.then(undefined, onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onfinally);
  }

  get [Symbol.toStringTag](): string {
    return "Call";
  }
}
