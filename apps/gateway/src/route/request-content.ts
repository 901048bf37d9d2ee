import { startOfText } from '../body/byte-order-mark.ts';
import type { ByteRange } from '../body/byte-range.ts';
import { isForm } from '../body/form-field.ts';
import { JsonCursor } from '../body/json-cursor.ts';
import { parseJson } from '../body/parse-json.ts';
import { createPromptReader, type Prompt, type PromptReader } from '../prompt/read-prompt.ts';
import { formReferences } from './form-references.ts';
import { isStateful } from './operations.ts';
import { ReferenceCursor } from './reference-cursor.ts';
import { showsObjects } from './reference-words.ts';
import type { Reference } from './stored-objects.ts';

const QUOTE = 0x22;
const NONE: readonly Reference[] = [];

/** A model that a body names, and its position in bytes, including the quotes around the name. */
export interface NamedModel {
  readonly name: string;
  readonly range: ByteRange;
}

/**
 * The content of a request's JSON body; of a form, only the objects that it refers to. One walk over it collects
 * everything. It begins with the first question, and goes only as far as the answer; nothing is read twice. For a broken
 * body, or only the beginning of an upload, it returns what there is.
 */
export class RequestContent {
  readonly body: Buffer;
  readonly #operation: string;
  readonly #contentType: string | undefined;
  #inForm: readonly Reference[] | undefined;
  #cursor: JsonCursor | undefined;
  #finder: ReferenceCursor | undefined;
  #prompt: PromptReader | undefined;
  #showsObjects: boolean | undefined;
  #hasModel = false;
  #model: NamedModel | undefined;
  /** The number of keys that name a model, or that a reader may take for one. */
  #modelKeys = 0;
  #sessionKeys = 0;
  #isStored = true;
  #asksToBeStored = false;
  #isBackground = false;
  #stream: 'unsaid' | 'off' | 'unclear' = 'unsaid';
  #isOver = false;
  #isWhole = false;

  constructor(operation: string, body: Buffer, contentType?: string) {
    this.body = body;
    this.#operation = operation;
    this.#contentType = contentType;
  }

  /** The first `model`, if it is a non-empty text; for an ephemeral key that of its session. */
  get model(): NamedModel | undefined {
    while (!this.#hasModel && this.#passMember());
    return this.#model;
  }

  /**
   * Whether a backend may read another model than the gateway: of duplicate keys, some readers take the first and some
   * the last, and some take `Model` for `model`.
   */
  get isAmbiguous(): boolean {
    this.#passAll();
    return this.#modelKeys > 1 || this.#sessionKeys > 1;
  }

  /** Whether it names a model that was not read here: in another letter case, or not as text. */
  get hasUnreadModel(): boolean {
    this.#passAll();
    return this.#modelKeys > 0 && this.#model === undefined;
  }

  /** Whether it is one complete JSON object, so that no part of it was left unread. */
  get isWhole(): boolean {
    this.#passAll();
    return this.#isWhole;
  }

  /** Whether a response leaves nothing behind: it is stored for 30 days unless the request has `store: false`. */
  get isUnstored(): boolean {
    this.#passAll();
    return !this.#isStored && !this.#isBackground;
  }

  /** Whether a chat completion is stored, which happens only on request. */
  get asksToBeStored(): boolean {
    this.#passAll();
    return this.#asksToBeStored;
  }

  /** Whether it may refer to stored objects, or its answer may, although the operation leaves none behind. */
  get showsObjects(): boolean {
    return (this.#showsObjects ??= showsObjects(this.#operation, this.body));
  }

  /** Whether a response is created in the background, after the request has been answered. */
  get isBackground(): boolean {
    this.#passAll();
    return this.#isBackground;
  }

  /** Whether it certainly asks for no stream: it says so once, or says nothing about it. */
  get asksForNoStream(): boolean {
    return this.isWhole && this.#stream !== 'unclear';
  }

  /** The prompt; undefined where nothing is charged by tokens, or the body is no JSON object. */
  get prompt(): Prompt | undefined {
    this.#passAll();
    return this.#prompt?.prompt;
  }

  /** The stored objects that the body refers to, in their order; empty where it concerns none. */
  get references(): readonly Reference[] {
    const type = this.#contentType;
    if (isForm(type)) return (this.#inForm ??= formReferences(this.#operation, this.body, type));
    this.#passAll();
    return this.#finder?.references ?? NONE;
  }

  #passAll(): void {
    while (this.#passMember());
  }

  /** Passes one key and its value; returns whether there was one. */
  #passMember(): boolean {
    const cursor = (this.#cursor ??= this.#begin());
    if (this.#isOver || !cursor.passKey()) this.#finish(cursor);
    else if (this.#noteModelKey(cursor)) this.#readModel(cursor);
    else if (cursor.isKey('session') && this.#isSecret) this.#readSession(cursor);
    else if (cursor.isKey('store')) this.#readStore(passLiteral(cursor));
    else if (cursor.isKey('background')) this.#isBackground = passLiteral(cursor) === 'true';
    else if (cursor.isKey('stream')) this.#readStream(passLiteral(cursor));
    else if (this.#prompt !== undefined) this.#prompt.readValue(cursor);
    else cursor.passValue();
    return !this.#isOver;
  }

  #readStore(literal: string | undefined): void {
    this.#isStored = literal !== 'false';
    this.#asksToBeStored = literal === 'true';
  }

  #readStream(literal: string | undefined): void {
    this.#stream = this.#stream === 'unsaid' && literal === 'false' ? 'off' : 'unclear';
  }

  #finish(cursor: JsonCursor): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isWhole = cursor.passLastBrace() && !cursor.isStrange;
  }

  /** Counts a key that may name the model; returns whether it is the first that does. */
  #noteModelKey(cursor: JsonCursor): boolean {
    const isModel = cursor.isKey('model');
    if (!isModel && !cursor.isKeyInAnyCase('model')) return false;
    this.#modelKeys++;
    return isModel && !this.#hasModel;
  }

  #begin(): JsonCursor {
    const { body } = this;
    if (isStateful(this.#operation) || this.showsObjects)
      this.#finder = new ReferenceCursor(body, this.#operation);
    const cursor = this.#finder ?? new JsonCursor(body);
    cursor.at = startOfText(body);
    if (cursor.passOpenBrace()) this.#prompt = createPromptReader(this.#operation, body);
    else this.#isOver = true;
    return cursor;
  }

  /** A session key is created for one model, which is named in the session's settings. */
  get #isSecret(): boolean {
    return /^realtime\/(?:translations\/)?client_secrets$/.test(this.#operation);
  }

  #readSession(cursor: JsonCursor): void {
    this.#sessionKeys++;
    if (!cursor.passOpenBrace()) return cursor.passValue();
    while (cursor.passKey()) {
      if (this.#noteModelKey(cursor)) this.#readModel(cursor);
      else cursor.passValue();
    }
    cursor.pass();
  }

  #readModel(cursor: JsonCursor): void {
    this.#hasModel = true;
    const { body } = this;
    const kind = cursor.passLeaf();
    if (kind === undefined) return cursor.passValue();
    if (kind !== 'string' || body[cursor.end] !== QUOTE) return;
    const range = { start: cursor.start - 1, end: cursor.end + 1 };
    const name = parseJson(body.toString('utf8', range.start, range.end)) as string | undefined;
    if (name) this.#model = { name, range };
  }
}

/** Passes a value of any kind, and returns it if it is `true` or `false` and more bytes follow. */
function passLiteral(cursor: JsonCursor): 'true' | 'false' | undefined {
  const kind = cursor.passLeaf();
  if (kind === undefined) cursor.passValue();
  if (kind !== 'literal' || cursor.end === cursor.body.length) return undefined;
  if (cursor.isWritten('true')) return 'true';
  return cursor.isWritten('false') ? 'false' : undefined;
}
