import { isJsonType } from '../body/json-type.ts';
import { JsonStrings, type StringReader } from '../body/json-strings.ts';
import { isPathSafe, LONGEST_ID } from '../route/stored-objects.ts';

/** Paths of the files that an assistant's code has made, in messages and steps. */
const MADE_BY_CODE = [
  'content.image_file.file_id',
  'content.text.annotations.file_path.file_id',
  'step_details.tool_calls.code_interpreter.outputs.image.file_id',
];

/** Paths of an object's own id, or of the id of another object that must be at the same backend. */
const ID_PATHS = [
  'id',
  'output.id',
  'conversation',
  'conversation.id',
  'previous_response_id',
  'thread_id',
  'assistant_id',
  'vector_store_id',
  'file.id',
  'input_file_id',
  'output_file_id',
  'error_file_id',
  'training_file',
  'validation_file',
  'result_files',
  'generations.id',
  'tool_resources.file_search.vector_store_ids',
  ...MADE_BY_CODE,
];

/** The parts of an unstored answer that are kept anyway: audio, the containers that code ran in, and the files it made. */
const LASTING = [
  ...['output', 'response.output', 'item'].flatMap((item) =>
    ['container_id', 'content.annotations.file_id'].map((path) => `${item}.${path}`),
  ),
  'choices.message.audio.id',
  'choices.delta.audio.id',
  'container.id',
  'message.container.id',
  'delta.container.id',
  'content.content.content.file_id',
  'content_block.content.content.file_id',
];

/**
 * An object is the whole answer, an entry of a list, or inside an event of a response's stream; so are the items of a
 * response.
 */
const OBJECTS: readonly string[] = [
  ...['', 'data.', 'response.'].flatMap((prefix) => ID_PATHS.map((path) => prefix + path)),
  'item.id',
  ...LASTING,
];

/**
 * The ids wanted from an answer: of all its objects; their names as well; only of the parts that last when it is not
 * stored; or none.
 */
type Wanted = 'objects' | 'names' | 'lasting' | 'nothing';

const WANTED: Readonly<Record<Wanted, ReadonlySet<string>>> = {
  objects: new Set(OBJECTS),
  names: new Set([...OBJECTS, 'name', 'data.name']),
  lasting: new Set(LASTING),
  nothing: new Set(),
};

/** The paths of content that only the backend can read. */
const SEALED: ReadonlySet<string> = new Set([
  ...['', 'data.', 'response.'].flatMap((prefix) => sealedIn('', 'output.').map((path) => prefix + path)),
  ...sealedIn('item.'),
]);

/** Returns the paths of sealed content in an item: of the item as a whole, or of one of its parts. */
function sealedIn(...items: readonly string[]): string[] {
  return items.flatMap((item) =>
    ['', 'content.', 'output.'].map((part) => `${item}${part}encrypted_content`),
  );
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const DATA = Buffer.from('data:');

/** Finds the ids of stored objects in a passing answer. */
export interface AnswerIds {
  write(chunk: Buffer): void;
  /** Called when nothing more will come. */
  end?(): void;
}

/**
 * Creates the finder of ids, and of the names of sealed contents, for a content type; undefined for types without ids,
 * such as files.
 *
 * @param wanted which ids count, besides sealed contents
 */
export function createAnswerIds(
  contentType: string | undefined,
  onId: (id: string) => void,
  wanted: Wanted = 'objects',
): AnswerIds | undefined {
  if (contentType === undefined) return undefined;
  const strings = new JsonStrings(new IdReader(onId, WANTED[wanted]), LONGEST_ID);
  if (isJsonType(contentType)) return strings;
  return /^text\/event-stream\b/i.test(contentType) ? new EventData(strings) : undefined;
}

class IdReader implements StringReader {
  readonly #onId: (id: string) => void;
  readonly #wanted: ReadonlySet<string>;
  #last = '';

  constructor(onId: (id: string) => void, wanted: ReadonlySet<string>) {
    this.#onId = onId;
    this.#wanted = wanted;
  }

  wants(path: string): boolean {
    return this.#wanted.has(path);
  }

  isSealed(path: string): boolean {
    return SEALED.has(path);
  }

  onSeal(name: string): void {
    this.#onId(name);
  }

  /** Streams repeat the same id over and over. */
  onString(_path: string, text: string): void {
    if (text === this.#last || !isPathSafe(text)) return;
    this.#last = text;
    this.#onId(text);
  }
}

/** Reads the JSON in the `data:` lines of an event stream; each event is a text of its own. */
class EventData implements AnswerIds {
  readonly #strings: JsonStrings;
  /** The number of bytes of the line compared so far to tell its kind; `DATA.length` once it is data. */
  #matched = 0;
  #isOther = false;
  #isLineEmpty = true;

  constructor(strings: JsonStrings) {
    this.#strings = strings;
  }

  write(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      let end = chunk.indexOf(LINE_FEED, at);
      const isLineOver = end !== -1;
      if (!isLineOver) end = chunk.length;
      this.#readLine(chunk, at, end);
      if (isLineOver) this.#endLine();
      at = end + 1;
    }
  }

  #readLine(chunk: Buffer, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#isOther && this.#matched < DATA.length) {
      if (chunk[at] !== CARRIAGE_RETURN) this.#isLineEmpty = false;
      if (chunk[at] === DATA[this.#matched]) this.#matched++;
      else this.#isOther = true;
      at++;
    }
    if (!this.#isOther) this.#strings.write(chunk, at, to);
  }

  #endLine(): void {
    if (this.#isLineEmpty) this.#strings.reset();
    this.#matched = 0;
    this.#isOther = false;
    this.#isLineEmpty = true;
  }
}
