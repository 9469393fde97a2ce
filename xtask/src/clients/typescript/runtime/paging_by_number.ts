/** A page of a list. */
export interface Page<Entry> {
  data: readonly Entry[];
  page: number;
  has_more: boolean;
}

/** Which page it is. */
export interface Position {
  readonly page: number;
}

/** The page that follows; `null` when it was the last one. */
export function next(page: Page<unknown>): Position | null {
  return page.has_more ? { page: page.page + 1 } : null;
}
