import { JsonCursor } from '../body/json-cursor.ts';
import { isObjectId, LONGEST_ID, type Reference } from './stored-objects.ts';

/** Where a value stands in a body, as far as it matters to an id. Lists add nothing: their values stand where they do. */
interface Place {
  /** Of what the texts here are ids. */
  readonly collection?: string;
  /** What stands below keys. */
  readonly below?: Readonly<Record<string, Place>>;
}

const ELSEWHERE: Place = {};
/** What clients write for themselves. */
const METADATA: Place = {};
const ITEM_TYPE: Place = {};
const ITEM_ID: Place = {};
const ITEMS: Place = { below: { type: ITEM_TYPE, id: ITEM_ID } };

/** Keys that have an id wherever they stand. */
const ANYWHERE: Readonly<Record<string, Place>> = {
  previous_response_id: { collection: 'responses' },
  input_file_id: { collection: 'files' },
  training_file: { collection: 'files' },
  validation_file: { collection: 'files' },
  file_id: { collection: 'files' },
  file_ids: { collection: 'files' },
  vector_store_id: { collection: 'vector_stores' },
  vector_store_ids: { collection: 'vector_stores' },
  assistant_id: { collection: 'assistants' },
  thread_id: { collection: 'threads' },
};

/** Keys that mean something in one place only. */
const BODY: Place = {
  below: {
    input: ITEMS,
    metadata: METADATA,
    conversation: { collection: 'conversations', below: { id: { collection: 'conversations' } } },
    tools: { below: { container: { collection: 'containers' } } },
    data_source: { below: { source: { below: { id: { collection: 'files' } } } } },
  },
};

/** All keys that mean something, by their length, so that hardly any other is compared with one. */
const NAMES_BY_LENGTH: string[][] = [];
for (const name of [...namesIn({ below: ANYWHERE }), ...namesIn(BODY)])
  (NAMES_BY_LENGTH[name.length] ??= []).push(name);

/** Input items that are the id of an item of an earlier response, or are nothing without it. */
const ITEMS_BY_ID: ReadonlySet<string | undefined> = new Set(['item_reference', 'reasoning', undefined]);

/** More ids than this are not looked at: they are all at the same backend, or the request makes no sense. */
const MAX_REFERENCES = 100;

/** Deeper values have no ids. */
const MAX_DEPTH = 10;

/** A cursor that finds the ids of stored objects in what it passes, however that is read. */
export class ReferenceCursor extends JsonCursor {
  /** The objects that were found, in their order. */
  readonly references: Reference[] = [];
  /** By depth: where the values stand that come next there. */
  readonly #places: Place[] = [BODY];
  readonly #isInList: boolean[] = [false];
  #itemType: string | undefined;
  #itemId: string | undefined;

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
    const { depth } = this;
    for (let token = this.pass(); token !== 'end' && this.depth > depth; token = this.pass())
      if (token === 'key') this.passLeaf();
  }

  #placeAt(depth: number): Place {
    return this.#places[depth] ?? ELSEWHERE;
  }

  #placeOfKey(): Place {
    const outer = this.#placeAt(this.depth - 1);
    if (outer === METADATA) return METADATA;
    const name = NAMES_BY_LENGTH[this.end - this.start]?.find((one) => this.isWritten(one));
    return name === undefined ? ELSEWHERE : (outer.below?.[name] ?? ANYWHERE[name] ?? ELSEWHERE);
  }

  #readString(): void {
    const place = this.#placeAt(this.depth);
    if (place === ITEM_TYPE) this.#itemType = this.#text() ?? this.#itemType;
    else if (place === ITEM_ID) this.#itemId = this.#text() ?? this.#itemId;
    else if (place.collection !== undefined) this.#add(this.#text(), place.collection);
  }

  /** An item's type may come after its id. */
  #endItem(): void {
    if (this.#itemId !== undefined && ITEMS_BY_ID.has(this.#itemType)) this.#add(this.#itemId, undefined);
    this.#itemType = undefined;
    this.#itemId = undefined;
  }

  #add(id: string | undefined, collection: string | undefined): void {
    if (id === undefined || !isObjectId(id) || this.references.length >= MAX_REFERENCES) return;
    this.references.push({ id, collection });
  }

  /** The string that was passed last, as it is written; nothing of one that is too long for an id, or cut off. */
  #text(): string | undefined {
    const { body, start, end } = this;
    const isWhole = end < body.length;
    return isWhole && end - start <= LONGEST_ID ? body.toString('latin1', start, end) : undefined;
  }
}

function namesIn({ below = {} }: Place): string[] {
  return Object.entries(below).flatMap(([name, place]) => [name, ...namesIn(place)]);
}
