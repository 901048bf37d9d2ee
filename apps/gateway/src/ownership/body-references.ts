import { JsonStrings, type StringReader } from '../body/json-strings.ts';
import { isObjectId, LONGEST_ID } from './object-id.ts';
import type { Reference } from './references.ts';

/** Keys that have an id wherever they stand, and the collection that it is of. */
const KEYS: ReadonlyMap<string, string> = new Map([
  ['previous_response_id', 'responses'],
  ['input_file_id', 'files'],
  ['training_file', 'files'],
  ['validation_file', 'files'],
  ['file_id', 'files'],
  ['file_ids', 'files'],
  ['vector_store_id', 'vector_stores'],
  ['vector_store_ids', 'vector_stores'],
  ['assistant_id', 'assistants'],
  ['thread_id', 'threads'],
]);

/** Keys that have an id in one place only. */
const PATHS: ReadonlyMap<string, string> = new Map([
  ['conversation', 'conversations'],
  ['conversation.id', 'conversations'],
  ['tools.container', 'containers'],
  ['data_source.source.id', 'files'],
]);

/** Input items that are the id of an item of an earlier response, or are nothing without it. */
const ITEMS_BY_ID: ReadonlySet<string | undefined> = new Set(['item_reference', 'reasoning', undefined]);

/** More ids than this are not looked at: they are all at the same backend, or the request makes no sense. */
const MOST = 100;

const OPEN_BRACE = 0x7b;

/** Finds the ids of stored objects in a JSON body without parsing it. What clients write for themselves has none. */
export function referencesInBody(body: Buffer): readonly Reference[] {
  if (body[firstMark(body)] !== OPEN_BRACE) return [];
  const reader = new ReferenceReader();
  new JsonStrings(reader, LONGEST_ID).write(body);
  return reader.found;
}

class ReferenceReader implements StringReader {
  readonly found: Reference[] = [];
  #itemType: string | undefined;
  #itemId: string | undefined;

  wants(path: string): boolean {
    if (this.found.length >= MOST || path.startsWith('metadata.')) return false;
    return collectionAt(path) !== undefined || path === 'input.type' || path === 'input.id';
  }

  onString(path: string, text: string): void {
    if (path === 'input.type') this.#itemType = text;
    else if (path === 'input.id') this.#itemId = text;
    else this.#add(text, collectionAt(path));
  }

  /** An item's type may come after its id. */
  onClose(path: string): void {
    if (path !== 'input') return;
    if (this.#itemId !== undefined && ITEMS_BY_ID.has(this.#itemType)) this.#add(this.#itemId, undefined);
    this.#itemType = undefined;
    this.#itemId = undefined;
  }

  #add(id: string, collection: string | undefined): void {
    if (isObjectId(id)) this.found.push({ id, collection });
  }
}

function collectionAt(path: string): string | undefined {
  return PATHS.get(path) ?? KEYS.get(path.slice(path.lastIndexOf('.') + 1));
}

function firstMark(body: Buffer): number {
  let at = 0;
  while (at < body.length && (body[at] ?? 0) <= 0x20) at++;
  return at;
}
