/** A request as the contract describes it, before it has an address and a credential. */
export interface Request {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** The path with its placeholders, as in `/orders/{order_id}`. */
  readonly path: string;
  /** What stands for the placeholders. */
  readonly places?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: object | undefined;
  /** Whether it takes an idempotency key. */
  readonly keyed?: true;
  /** Whether the same request has the same effect twice. */
  readonly repeatable?: true;
  /** Whether its success has no body. */
  readonly bare?: true;
}

/** Path and query of a request. */
export function target(request: Request): string {
  const path = request.path.replace(/\{(.+?)\}/g, (_, name: string) => segment(name, request.places?.[name]));
  const query = Object.entries(request.query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  return query.length === 0 ? path : `${path}?${query.join("&")}`;
}

/** A segment of a path. Dots would be taken for steps, even encoded, and lead elsewhere; so would nothing at all. */
function segment(name: string, value: string | undefined): string {
  if (value === undefined || ["", ".", ".."].includes(value)) {
    throw new TypeError(`${name} must be an id; it is ${JSON.stringify(value)}`);
  }
  return encodeURIComponent(value);
}
