import { PROBLEM_CODES, type ProblemCode } from "./contract.js";

/** What every failure of a call is, but for its being aborted by you: then it fails with the reason of your signal. */
export abstract class FarewayError extends Error {
  override readonly name: string = "FarewayError";
}

/** The server could not be reached, or its answer was lost. Whether the request had an effect is not known. */
export class FarewayTransportError extends FarewayError {
  override readonly name = "FarewayTransportError";
}

/** No answer came in time. Whether the request had an effect is not known. */
export class FarewayTimeoutError extends FarewayError {
  override readonly name = "FarewayTimeoutError";
}

/** An answer that does not fit the contract, such as the page of a proxy. */
export class FarewayAnswerError extends FarewayError {
  override readonly name = "FarewayAnswerError";
  /** The HTTP status. */
  readonly status: number;
  /** The body, as it came. */
  readonly body: string;
  /** How long the server asks to wait, when it does. */
  readonly retryAfterMs: number | null;

  constructor(message: string, status: number, body: string, retryAfterMs: number | null) {
    super(message);
    this.status = status;
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }
}

/** One violation; exactly one of `pointer`, `parameter` and `header` says where. */
export interface ProblemError {
  /** JSON pointer into the body (RFC 6901). */
  pointer?: string;
  /** Name of a path or query parameter. */
  parameter?: string;
  /** Name of a header. */
  header?: string;
  /** The rule of the schema that is violated, for example `required` or `pattern`. */
  code: string;
  /** The violation in words, for people. */
  detail: string;
}

/** A problem as it is sent (RFC 9457). */
export interface Problem {
  /** A URI that ends with the code. */
  type: string;
  /** The code in words, the same every time. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What is wrong with this request, for people. */
  detail: string;
  /** The code, which may be younger than this package. */
  code: string;
  /** The request, for questions to whoever runs the server. */
  request_id: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** Every violation, when the request does not fit the contract. */
  errors?: ProblemError[];
}

/** The server said what went wrong. Decide by {@link code}, or by {@link isProblem}. */
export class FarewayProblem extends FarewayError {
  override readonly name = "FarewayProblem";
  /** What went wrong; `unknown` when the code is younger than this package, and then `problem.code` has it. */
  readonly code: ProblemCode | "unknown";
  /** The HTTP status. */
  readonly status: number;
  /** The code in words, the same every time. */
  readonly title: string;
  /** What is wrong with this request, for people. */
  readonly detail: string;
  /** The request, for questions to whoever runs the server. */
  readonly requestId: string;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  /** Every violation, when the request does not fit the contract. */
  readonly errors: readonly ProblemError[];
  /** How long the server asks to wait, when it does. */
  readonly retryAfterMs: number | null;
  /** All of it, as it was sent. */
  readonly problem: Problem;

  constructor(problem: Problem, retryAfterMs: number | null) {
    const places = (problem.errors ?? []).map(
      ({ pointer, parameter, header, detail }) => `; ${pointer ?? parameter ?? header ?? ""}: ${detail}`,
    );
    super(`${problem.code}: ${problem.detail} (request ${problem.request_id})${places.join("")}`);
    this.code = PROBLEM_CODES.find((code) => code === problem.code) ?? "unknown";
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.requestId = problem.request_id;
    this.retryable = problem.retryable;
    this.errors = problem.errors ?? [];
    this.retryAfterMs = retryAfterMs;
    this.problem = problem;
  }
}

/**
 * Whether a failure is a problem, and has one of some codes when codes are given.
 *
 * @example if (isProblem(error, "rate_limited", "dependency_unavailable")) comeBackLater();
 */
export function isProblem<Code extends ProblemCode | "unknown">(
  error: unknown,
  ...codes: Code[]
): error is FarewayProblem & { readonly code: Code } {
  return error instanceof FarewayProblem && (codes.length === 0 || codes.some((code) => code === error.code));
}
