import {
  ChoiceWatch,
  type HeaderLookup,
  isAnnouncement,
  isCutShort,
  isEventStream,
  type StreamOpening,
  type StreamTail,
} from '@spillway/core';
import { EventReader } from './event-reader.ts';
import { isPacked, PackedOpening } from './packed-opening.ts';
import { PackedStream } from './packed-stream.ts';

/** At least so much of a stream's end is kept, in chunks as they came: usage and filter results may follow its end. */
const TAIL_BYTES = 4096;
/** A field's name, a comment or a line end, after a mark of the byte order. */
const BEGINS_LIKE_EVENTS = /^(?:\xef\xbb\xbf)?(?:[\r\n:]|data:|event:|id:|retry:)/;
const FIELDS = ['data:', 'event:', 'id:', 'retry:'].flatMap((field) => [field, `\xef\xbb\xbf${field}`]);
const LINE_FEED = 0x0a;
const BLANK_LINE = Buffer.from('\n\n');

/** Returns what watches the stream that an answer with these headers is, or may be. */
export function watchStream(operation: string | undefined, header: HeaderLookup): StreamWatch {
  const isDeclared = isEventStream(header('content-type'));
  return new StreamWatch(operation, { encoding: header('content-encoding'), isDeclared });
}

interface Choices {
  readonly reader: EventReader;
  readonly watch: ChoiceWatch;
}

/**
 * Watches an event stream as it passes: what it begins with, until it says something, and how it ends. Between the two
 * a chunk costs it no look but for a second choice, only the keeping of the last ones.
 */
export class StreamWatch {
  /** What the stream began with, once that is known. */
  opening: StreamOpening | undefined;
  /** Whether it has turned out not to be an event stream. */
  isNone = false;
  readonly #operation: string | undefined;
  /** Unpacks what has come so far; undefined for a stream that is not packed. */
  readonly #packed: PackedOpening | undefined;
  /** All of it, where it is packed. */
  readonly #whole: PackedStream | undefined;
  /** Whether it is still to be seen whether it is an event stream at all. */
  #isInDoubt: boolean;
  /** What it begins with, as long as that is not seen. */
  #beginning = '';
  #reader: EventReader | undefined = new EventReader();
  readonly #tail: Buffer[] = [];
  #tailBytes = 0;
  #isAllKept = true;
  /** Of a stream with several choices. */
  #choices: Choices | undefined;
  readonly #mayHaveChoices: boolean;
  /** The event that the last chunk ended within, as long as there is no second choice. */
  #unfinished: Buffer | undefined;

  constructor(
    operation: string | undefined,
    { encoding, isDeclared = true }: { encoding?: string | undefined; isDeclared?: boolean } = {},
  ) {
    this.#operation = operation;
    this.#mayHaveChoices = operation?.endsWith('completions') === true;
    this.#packed = isPacked(encoding) ? new PackedOpening(encoding) : undefined;
    this.#whole = this.#packed && new PackedStream(encoding);
    this.#isInDoubt = !isDeclared;
  }

  /** Whether it is known what it begins with, or that this cannot be told. */
  get isOpen(): boolean {
    return this.opening !== undefined || this.#packed?.isUnreadable === true;
  }

  push(chunk: Buffer): void {
    if (this.isNone) return;
    if (this.#whole === undefined) this.#keep(chunk);
    else this.#whole.push(chunk);
    if (this.#reader !== undefined) this.#readOpening(chunk);
    if (this.#packed === undefined && this.#mayHaveChoices) this.#watchChoices(chunk);
  }

  #readOpening(chunk: Buffer): void {
    const plain = this.#packed === undefined ? chunk : this.#packed.push(chunk);
    if (this.#isInDoubt) this.#settleDoubt(plain);
    if (!this.isNone) this.#open(plain);
  }

  #open(plain: Buffer): void {
    const event = this.#reader?.read(plain).find((one) => !isAnnouncement(one));
    if (event === undefined) return;
    this.opening = { kind: 'event', event };
    this.#reader = undefined;
  }

  /** What has come may end within a field's name. */
  #settleDoubt(plain: Buffer): void {
    this.#beginning += plain.toString('latin1', 0, 16);
    if (FIELDS.some((field) => field.startsWith(this.#beginning))) return;
    this.#isInDoubt = false;
    this.isNone = !BEGINS_LIKE_EVENTS.test(this.#beginning);
  }

  /** Nobody waits any longer for the stream to say something. */
  stopReading(): void {
    this.#reader = undefined;
  }

  /** Returns whether the stream, which has come to its end, was only the beginning of one. */
  end(): boolean {
    if (this.#isInDoubt && this.#beginning !== '') this.isNone = true;
    if (this.isNone) return false;
    const isCut = this.#whole?.isCutShort(this.#operation) ?? isCutShort(this.#operation, this.#readTail());
    if (isCut) this.opening ??= { kind: 'cut-short' };
    // The last event may lack its blank line.
    else this.#open(BLANK_LINE);
    return isCut;
  }

  #keep(chunk: Buffer): void {
    this.#tail.push(chunk);
    this.#tailBytes += chunk.length;
    for (
      let [first] = this.#tail;
      first !== undefined && this.#tailBytes - first.length >= TAIL_BYTES;
      [first] = this.#tail
    ) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#isAllKept = false;
    }
  }

  #watchChoices(chunk: Buffer): void {
    const text = this.#unfinished === undefined ? chunk : Buffer.concat([this.#unfinished, chunk]);
    if (this.#choices === undefined && !hasSecondIndex(text)) return this.#keepUnfinished(text);
    this.#unfinished = undefined;
    this.#choices ??= { reader: new EventReader(), watch: new ChoiceWatch() };
    for (const event of this.#choices.reader.read(text)) this.#choices.watch.note(event);
  }

  /** An index may be cut between two chunks. */
  #keepUnfinished(text: Buffer): void {
    this.#unfinished = text.at(-1) === LINE_FEED || text.length > TAIL_BYTES ? undefined : text;
  }

  /** The last line may lack its end, which changes nothing for a client that knows what it says. */
  #readTail(): StreamTail {
    const end = Buffer.concat([...this.#tail, BLANK_LINE]);
    const hasOpenChoice = this.#choices?.watch.hasOpenChoice;
    if (this.#isAllKept) return { events: new EventReader().read(end), hasOpenChoice };
    const at = /[\r\n]/.exec(end.toString('latin1'))?.index ?? end.length;
    const fragment = end.toString('utf8', 0, at);
    return { events: new EventReader().read(end.subarray(at)), fragment, hasOpenChoice };
  }
}

/** Of a second choice, or of a second tool call, which costs no more than a closer look. */
function hasSecondIndex(text: Buffer): boolean {
  return text.includes('"index":1') || text.includes('"index": 1');
}
