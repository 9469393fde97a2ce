/** A page of a list. */
export interface Page<Entry> {
  data: readonly Entry[];
  next_cursor: string | null;
}

/** Where a page begins. */
export interface Position {
  readonly after: string;
}

/** Where the page that follows begins; `null` when it was the last one. */
export function next(page: Page<unknown>): Position | null {
  return page.next_cursor === null ? null : { after: page.next_cursor };
}
