import { Call, type Reply } from "./call.js";
import type { Connection } from "./connection.js";
import { type Page, type Position, next } from "./paging.js";
import type { Request } from "./request.js";
import type { CallOptions } from "./settings.js";

/**
 * A call for a list: awaited, it is the page that was asked for; iterated, it is every entry from there on, and the pages that follow
 * are fetched as they are needed.
 */
export class ListCall<List extends Page<Entry>, Entry> extends Call<List> implements AsyncIterable<Entry> {
  readonly #ask: (position: Position) => Promise<Reply<List>>;

  constructor(ask: (position?: Position) => Promise<Reply<List>>) {
    super(ask());
    this.#ask = ask;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Entry, void, undefined> {
    let page: List = await this;
    for (;;) {
      yield* page.data;
      const position = next(page);
      if (position === null) {
        return;
      }
      page = (await this.#ask(position)).body;
    }
  }
}

/** Calls an operation whose success is a page of a list. */
export function list<List extends Page<Entry>, Entry>(
  connection: Connection,
  request: Request,
  options: CallOptions,
): ListCall<List, Entry> {
  return new ListCall((position) =>
    connection.ask({ ...request, query: { ...request.query, ...position } }, options),
  );
}
