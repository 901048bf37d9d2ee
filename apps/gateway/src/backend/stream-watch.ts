import {
  ChoiceWatch,
  type HeaderLookup,
  isAnnouncement,
  isCutShort,
  isEventStream,
  isKeepalive,
  isLastWord,
  type StreamEvent,
  type StreamOpening,
  type StreamTail,
} from '@spillway/core';
import { EventReader } from './event-reader.ts';
import { HELD_BYTES, HELD_PACKED_BYTES } from './held-bytes.ts';
import { isPacked, PackedOpening } from './packed-opening.ts';
import { PackedStream } from './packed-stream.ts';

/**
 * At least this much of a stream's end is kept, in the original chunks: usage and filter results may follow its end.
 */
const TAIL_BYTES = 4096;
/** At least this many of its chunks are kept too, as the events after the finish may be long, such as citations. */
const TAIL_CHUNKS = 4;
/** But no more than this in all, unless the last chunk is longer, or too short alone. */
const MAX_TAIL_BYTES = 32_768;
/** A field's name, a comment or a line end, after an optional byte order mark. */
const BEGINS_LIKE_EVENTS = /^(?:\xef\xbb\xbf)?(?:[\r\n:]|data:|event:|id:|retry:)/;
const FIELDS = ['data:', 'event:', 'id:', 'retry:'].flatMap((field) => [field, `\xef\xbb\xbf${field}`]);
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const OBJECT = 0x7b; // {
const LIST = 0x5b; // [
const BLANK_LINE = Buffer.from('\n\n');

/** Returns the watcher of an answer that, by its headers, is or may be a stream. */
export function watchStream(operation: string | undefined, header: HeaderLookup): StreamWatch {
  const isDeclared = isEventStream(header('content-type'));
  return new StreamWatch(operation, { encoding: header('content-encoding'), isDeclared });
}

interface Choices {
  readonly reader: EventReader;
  readonly watch: ChoiceWatch;
}

/**
 * Watches an event stream as it passes: its beginning until it says something, and its end. Chunks in between are not
 * parsed, unless there is a second choice: the last ones are only kept.
 */
export class StreamWatch {
  /** The beginning of the stream, once it is known. */
  opening: StreamOpening | undefined;
  /** Whether it has turned out not to be an event stream. */
  isNone = false;
  readonly #operation: string | undefined;
  /** Unpacks the bytes so far; undefined for a stream that is not packed. */
  readonly #packed: PackedOpening | undefined;
  /** All of its bytes, where it is packed. */
  readonly #whole: PackedStream | undefined;
  /** Whether it is still unknown if this is an event stream at all. */
  #isInDoubt = true;
  /** Whether its content type says that it is one. */
  readonly #isDeclared: boolean;
  /** Whether an answer was announced. */
  #isAnnounced = false;
  /** The bytes so far, as long as the beginning is unknown. */
  #beginning = '';
  #reader: EventReader | undefined = new EventReader();
  readonly #tail: Buffer[] = [];
  #tailBytes = 0;
  #isAllKept = true;
  /** The choices of a stream that has several. */
  #choices: Choices | undefined;
  readonly #mayHaveChoices: boolean;
  /** The unfinished event at the end of the last chunk, as long as there is no second choice. */
  #unfinished: Buffer | undefined;

  constructor(
    operation: string | undefined,
    { encoding, isDeclared = true }: { encoding?: string | undefined; isDeclared?: boolean } = {},
  ) {
    this.#operation = operation;
    this.#mayHaveChoices = operation?.endsWith('completions') === true;
    this.#packed = isPacked(encoding) ? new PackedOpening(encoding) : undefined;
    this.#whole = this.#packed && new PackedStream(encoding);
    this.#isDeclared = isDeclared;
  }

  /** How much of it may be held back. */
  get heldBytes(): number {
    return this.#packed === undefined ? HELD_BYTES : HELD_PACKED_BYTES;
  }

  /** Whether the beginning is known, or known to be unreadable. */
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
    const events = this.#reader?.read(plain) ?? [];
    const at = events.findIndex((one) => !isAnnouncement(one));
    const event = events[at];
    this.#isAnnounced ||= (at === -1 ? events : events.slice(0, at)).some(hasBegun);
    if (event === undefined) return;
    // The announced answer has not come, or that of a completion, which needs no announcement.
    const isEmpty = isLastWord(event) && (this.#isAnnounced || this.#mayHaveChoices);
    this.opening = isEmpty ? { kind: 'cut-short' } : { kind: 'event', event };
    this.#reader = undefined;
  }

  /** No field of an event begins like JSON. A stream that was not declared as one has to begin with a field. */
  #settleDoubt(plain: Buffer): void {
    if (this.#isDeclared) {
      const first = plain.find((byte) => byte > SPACE);
      this.#isInDoubt = first === undefined;
      this.isNone = first === OBJECT || first === LIST;
      return;
    }
    this.#beginning += plain.toString('latin1', 0, 16);
    // The bytes so far may end within a field's name.
    if (FIELDS.some((field) => field.startsWith(this.#beginning))) return;
    this.#isInDoubt = false;
    this.isNone = !beginsLikeEvents(this.#beginning);
  }

  /** Nobody waits for the stream to say something any longer. */
  stopReading(): void {
    this.#reader = undefined;
  }

  /** Returns whether the stream, now at its end, was only the beginning of one. */
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
    for (let [first] = this.#tail; first !== undefined && this.#canDrop(first); [first] = this.#tail) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#isAllKept = false;
    }
  }

  #canDrop(first: Buffer): boolean {
    const isMuch = this.#tail.length > TAIL_CHUNKS || this.#tailBytes > MAX_TAIL_BYTES;
    return isMuch && this.#tailBytes - first.length >= TAIL_BYTES;
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

  /** The last line may lack its line end, which makes no difference to a client that knows its content. */
  #readTail(): StreamTail {
    const end = Buffer.concat([...this.#tail, BLANK_LINE]);
    // What a skipped event says of its choices is not known.
    const hasOpenChoice =
      this.#choices?.reader.hasSkipped === false ? this.#choices.watch.hasOpenChoice : undefined;
    if (this.#isAllKept) return { events: new EventReader().read(end), hasOpenChoice };
    const at = /[\r\n]/.exec(end.toString('latin1'))?.index ?? end.length;
    const fragment = end.toString('utf8', 0, at);
    return { events: new EventReader().read(end.subarray(at)), fragment, hasOpenChoice };
  }
}

/** Returns whether a body begins like an event stream, whatever its content type says. */
export function beginsLikeEvents(beginning: string): boolean {
  return BEGINS_LIKE_EVENTS.test(beginning);
}

/** Returns whether an announcement is of an answer; keep-alive events and events without data announce nothing. */
function hasBegun(event: StreamEvent): boolean {
  return event.data.length > 2 && !isKeepalive(event);
}

/** Returns whether there is the index of a second choice, or of a second tool call, which only costs a closer look. */
function hasSecondIndex(text: Buffer): boolean {
  return text.includes('"index":1') || text.includes('"index": 1');
}
