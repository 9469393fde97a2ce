import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A request as it came. */
export interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** An answer; a body that is no text is JSON. None cuts the connection. */
export interface Said {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | object;
}

/** A server of a test: what was asked, and its address. */
export interface Door {
  readonly url: string;
  readonly asked: Asked[];
}

/** Opens a server that answers as it is told, until the test ends. */
export async function open(test: TestContext, answer: (asked: Asked, nth: number) => Said | null | "never"): Promise<Door> {
  const asked: Asked[] = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) {
      body += chunk as string;
    }
    asked.push({ method: request.method, url: request.url, headers: request.headers, body });
    const said = answer(asked.at(-1) as Asked, asked.length);
    if (said === null) {
      request.socket.destroy();
    } else if (said !== "never") {
      const text = typeof said.body === "object" ? JSON.stringify(said.body) : said.body;
      response.writeHead(said.status, { "Content-Type": "application/json", ...said.headers }).end(text);
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, asked };
}

/** A problem as the server says it. */
export function problem(status: number, code: string, retryable: boolean, headers: Record<string, string> = {}): Said {
  return {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
    body: { type: `/problems/${code}`, title: code, status, detail: "so it is", code, request_id: "req_1", retryable },
  };
}

/** What a promise fails with. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("what had to fail succeeded");
}
