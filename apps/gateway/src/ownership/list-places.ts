import { idOf, createdOf, type PageWanted } from './list-page.ts';
import type { CursorPlace, MergedPage } from './merge-pages.ts';

/** Where a list goes on. */
export interface Place {
  /** Behind which object of each backend. */
  readonly behind: MergedPage['places'];
  /** Behind what, where that is gone meanwhile. */
  readonly cursor: CursorPlace;
}

/** As many places are remembered; a list is continued without, too, but has to be read anew for it. */
const MAX_PLACES = 1000;

/** Remembers where lists go on behind the pages that clients have got. */
export class ListPlaces {
  /** By list and cursor. */
  readonly #places = new Map<string, Place>();

  /** Returns where the page begins that is asked for; undefined if nobody remembers. */
  of(operation: string, wanted: PageWanted): Place | undefined {
    return this.#places.get(keyOf(operation, wanted, wanted.cursor));
  }

  /**
   * Takes note of where a list goes on behind a page.
   *
   * @param names of all backends, in the order of the list
   */
  remember(
    operation: string,
    wanted: PageWanted,
    { data, places }: MergedPage,
    names: readonly string[],
  ): void {
    const last = data.at(-1);
    const id = last && idOf(last.item);
    if (last === undefined || id === undefined) return;
    const cursor = { created: createdOf(last.item), index: names.indexOf(last.name) };
    this.#places.set(keyOf(operation, wanted, id), { behind: places, cursor });
    if (this.#places.size <= MAX_PLACES) return;
    const [oldest] = this.#places.keys();
    if (oldest !== undefined) this.#places.delete(oldest);
  }
}

/** The same object is at the end of other pages where a list is in another order, or of other objects. */
function keyOf(
  operation: string,
  { query, order, bound, isBackward }: PageWanted,
  cursor: string | undefined,
): string {
  const filters = new URLSearchParams(query);
  filters.delete('limit');
  return JSON.stringify([operation, filters.toString(), order, bound, isBackward, cursor]);
}
