import { JsonCursor } from '../body/json-cursor.ts';
import { sealOf } from '../body/seal-hash.ts';
import {
  bodyOf,
  ELSEWHERE,
  ITEM_ID,
  ITEM_TYPE,
  ITEMS,
  NAMES_BY_LENGTH,
  type Place,
  SEALED,
} from './reference-places.ts';
import { isObjectId, isPathSafe, LONGEST_ID, type Reference } from './stored-objects.ts';

/** Input items that are only the id of an item of an earlier response, or useless without it. */
const ITEMS_BY_ID: ReadonlySet<string | undefined> = new Set([
  'item_reference',
  'reasoning',
  'compaction',
  'image_generation_call',
  undefined,
]);

/** Ids beyond this number are not read: they are all at the same backend, or the request makes no sense. */
export const MAX_REFERENCES = 100;

/** Of all sealed contents of a conversation the latest ones are enough. */
const MAX_SEALED = 8;

/** Values below this depth have no ids. */
const MAX_DEPTH = 10;

/** A cursor that finds the ids of stored objects in the values that it passes, for whichever purpose. */
export class ReferenceCursor extends JsonCursor {
  /** For each depth, the place of the values that come next there. */
  readonly #places: Place[];
  readonly #references: Reference[] = [];
  /** The positions of the latest sealed contents. */
  readonly #sealed: { readonly start: number; readonly end: number }[] = [];
  readonly #isInList: boolean[] = [false];
  #itemType: string | undefined;
  #itemId: string | undefined;

  constructor(body: Buffer, operation: string) {
    super(body);
    this.#places = [bodyOf(operation)];
  }

  /**
   * The sealed contents, the latest first, as they show best where a request belongs; then the objects, in their order.
   */
  get references(): readonly Reference[] {
    if (this.#sealed.length === 0) return this.#references;
    const seals = this.#sealed.map((range) => sealOf(this.body, range)).toReversed();
    return [...seals.map((id) => ({ id, collection: undefined })), ...this.#references];
  }

  override pass(): ReturnType<JsonCursor['pass']> {
    const token = super.pass();
    if (this.depth > MAX_DEPTH) return token;
    switch (token) {
      case 'key':
        this.#places[this.depth] = this.#placeOfKey();
        break;
      case 'string':
        // In an object it would be half a key, where the body is cut off.
        if (this.#isInList[this.depth]) this.#readString();
        break;
      case 'object':
      case 'list':
        this.#isInList[this.depth] = token === 'list';
        this.#places[this.depth] = token === 'list' ? this.#placeAt(this.depth - 1) : ELSEWHERE;
        break;
      case 'close':
        if (this.#placeAt(this.depth) === ITEMS) this.#endItem();
    }
    return token;
  }

  override passLeaf(): ReturnType<JsonCursor['passLeaf']> {
    const kind = super.passLeaf();
    if (kind === 'string' && this.depth <= MAX_DEPTH) this.#readString();
    return kind;
  }

  protected override passNested(): void {
    // A value that cannot contain an id is skipped.
    if (!mayHold(this.#placeAt(this.depth))) return super.passNested();
    const { depth } = this;
    for (let token = this.pass(); token !== 'end' && this.depth > depth; token = this.pass())
      if (token === 'key') this.passLeaf();
  }

  #placeAt(depth: number): Place {
    return this.#places[depth] ?? ELSEWHERE;
  }

  #placeOfKey(): Place {
    const { below, belowAny } = this.#placeAt(this.depth - 1);
    if (below === undefined) return belowAny ?? ELSEWHERE;
    const name = NAMES_BY_LENGTH[this.end - this.start]?.find((one) => this.isWritten(one));
    return (name === undefined ? undefined : below[name]) ?? ELSEWHERE;
  }

  #readString(): void {
    const place = this.#placeAt(this.depth);
    if (place === ITEM_TYPE) this.#itemType = this.#text() ?? this.#itemType;
    else if (place === ITEM_ID) this.#itemId = this.#text() ?? this.#itemId;
    else if (place === SEALED) this.#addSealed();
    else if (place.collection !== undefined) this.#add(this.#text(), place);
  }

  /** An item's type may come after its id. */
  #endItem(): void {
    if (this.#itemId !== undefined && ITEMS_BY_ID.has(this.#itemType)) this.#add(this.#itemId, ITEM_ID);
    this.#itemType = undefined;
    this.#itemId = undefined;
  }

  #add(id: string | undefined, { collection, isName }: Place): void {
    const isOne = id !== undefined && (isName ? isPathSafe(id) : isObjectId(id));
    if (!isOne || this.#references.length >= MAX_REFERENCES) return;
    this.#references.push({ id, collection });
  }

  #addSealed(): void {
    const { body, start, end } = this;
    if (end === start || end === body.length) return;
    if (this.#sealed.length === MAX_SEALED) this.#sealed.shift();
    this.#sealed.push({ start, end });
  }

  /** Returns the last passed string as written; undefined if it is too long for an id, or cut off. */
  #text(): string | undefined {
    const { body, start, end } = this;
    const isWhole = end < body.length;
    return isWhole && end - start <= LONGEST_ID ? body.toString('latin1', start, end) : undefined;
  }
}

function mayHold({ below, belowAny, collection }: Place): boolean {
  return below !== undefined || belowAny !== undefined || collection !== undefined;
}
