import { idOf, createdOf, type PageWanted } from './list-page.ts';
import type { CursorPlace, MergedPage } from './merge-pages.ts';

/** The place where a list continues. */
export interface Place {
  /** The last object given out of each backend. */
  readonly behind: MergedPage['places'];
  /** The cursor's place, in case its object is gone meanwhile. */
  readonly cursor: CursorPlace;
}

/** The number of remembered places; a list continues without one too, but has to be read again for it. */
const MAX_PLACES = 1000;

/** Remembers where lists continue after the pages that clients have received. */
export class ListPlaces {
  /** By list and cursor. */
  readonly #places = new Map<string, Place>();

  /** Returns where the requested page begins; undefined if that is not remembered. */
  of(operation: string, wanted: PageWanted): Place | undefined {
    return this.#places.get(keyOf(operation, wanted, wanted.cursor));
  }

  /**
   * Records where a list continues after a page.
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

/** The same object ends other pages in another order, or with other filters. */
function keyOf(
  operation: string,
  { query, order, bound, isBackward }: PageWanted,
  cursor: string | undefined,
): string {
  const filters = new URLSearchParams(query);
  filters.delete('limit');
  return JSON.stringify([operation, filters.toString(), order, bound, isBackward, cursor]);
}
