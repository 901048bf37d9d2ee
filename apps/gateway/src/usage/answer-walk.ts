import { indexOfQuote } from '../body/json-strings.ts';
import { type OnUsage, ToldUsage } from './told-usage.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Values below this depth are skipped without reading their keys. */
const DEEPEST = 16;
/** Longer keys and ids are not read. */
const LONGEST_KEPT = 256;
/** A usage is a few hundred bytes. */
const LONGEST_USAGE = 16_384;

/** The places of a usage in an answer, in an event, or in the message that an event is about. */
const USAGE_PLACES: ReadonlySet<string> = new Set(
  'usage response.usage message.usage tool_usage response.tool_usage'.split(' '),
);
const KEPT_PLACES: ReadonlySet<string> = new Set(['id', 'status', 'type', 'response.id', 'response.status']);
/** The keys of a model's output. */
const TEXT_KEYS: ReadonlySet<string> = new Set(
  'content text arguments input delta refusal reasoning_content thinking partial_json transcript value'.split(
    ' ',
  ),
);
const IMAGE_KEYS: ReadonlySet<string> = new Set(['b64_json', 'url', 'image_base64']);
/** The places of images in events, unfinished ones included. */
const IMAGE_PLACES: ReadonlySet<string> = new Set(['b64_json', 'partial_image_b64', 'item.result']);
/** The relevant keys, by their length and first letter: any other key is not even decoded. */
const CANDIDATES: ReadonlySet<number> = new Set(
  [
    ...TEXT_KEYS,
    ...IMAGE_KEYS,
    ...'choices output item result partial_image_b64 usage tool_usage response message data id status type'.split(
      ' ',
    ),
  ].map((key) => key.length * 256 + key.charCodeAt(0)),
);

/** The members of an answer, or of an event, that hold a model's output. An event that repeats output uses others. */
const SAID_IN_ANSWER: ReadonlySet<string> = new Set(['choices', 'output', 'content', 'text']);
const SAID_IN_EVENT: ReadonlySet<string> = new Set(['choices', 'delta']);

/** The types of events that transcribe what a client says, while a session may answer. */
const HEARD = 'conversation.item.input_audio_transcription.';

/**
 * Walks over the JSON of an answer, or of its events, as it arrives, in chunks that may end anywhere. It finds the
 * reported usage, and counts the model's output. It stores nothing but the usage and some names, however long the
 * answer is.
 */
export class AnswerWalk {
  /** Bytes of the model's text output, in JSON: about four make a token. */
  textBytes = 0;
  /** The same of a session's transcriptions of what its client says. */
  heardBytes = 0;
  /** Characters of audio, in base64. */
  audioCharacters = 0;
  images = 0;
  /** Whether a session has begun to answer and has not yet reported the usage. */
  isAnswering = false;
  id: string | undefined;
  status: string | undefined;
  /** The type of the last finished event. */
  lastType = '';
  readonly #told: ToldUsage;
  readonly #said: ReadonlySet<string>;
  readonly #saysAll: boolean;
  readonly #isEvents: boolean;
  /** The key that leads to each depth; for a list that of the list itself. */
  readonly #keys: string[] = [];
  readonly #isObject: boolean[] = [];
  #depth = 0;
  #isKeyNext = false;
  #string: 'none' | 'key' | 'kept' | 'text' | 'audio' | 'image' | 'skipped' = 'none';
  #kept = '';
  #backslashes = 0;
  /** The bytes of the usage that is being read, and the depth at which it began. */
  #usage: string | undefined;
  #usageDepth = 0;
  #type = '';
  #eventBytes = 0;

  /** @param saysAll whether any text may be a model's output */
  constructor(isEvents: boolean, onUsage: OnUsage, saysAll: boolean) {
    this.#isEvents = isEvents;
    this.#saysAll = saysAll;
    this.#said = isEvents ? SAID_IN_EVENT : SAID_IN_ANSWER;
    this.#told = new ToldUsage(onUsage);
  }

  /** Walks over the next bytes. */
  write(chunk: Buffer, from = 0, to = chunk.length): void {
    let usageFrom = from;
    let at = from;
    while (at < to) {
      if (this.#string !== 'none') {
        at = this.#readString(chunk, at, to);
        continue;
      }
      const wasReading = this.#usage !== undefined;
      at = this.#walk(chunk, at, to);
      if (!wasReading && this.#usage !== undefined) usageFrom = at - 1;
      else if (wasReading && this.#depth < this.#usageDepth)
        this.#endUsage(chunk.toString('latin1', usageFrom, at));
    }
    if (this.#usage !== undefined) this.#keepUsage(chunk.toString('latin1', usageFrom, to));
  }

  /** Ends an event: the next bytes are another. */
  endEvent(): void {
    if (this.#told.depth > 0) this.#told.end();
    if (this.#type === 'response.created') this.isAnswering = true;
    const isAudio = this.#type.includes('audio') && !this.#type.includes('transcript');
    if (isAudio) this.audioCharacters += this.#eventBytes;
    else if (this.#type.startsWith(HEARD)) this.heardBytes += this.#eventBytes;
    else this.textBytes += this.#eventBytes;
    this.#eventBytes = 0;
    this.lastType = this.#type;
    this.#type = '';
    this.#depth = 0;
    this.#isKeyNext = false;
    this.#string = 'none';
    this.#usage = undefined;
  }

  /** Walks to the next string or to the beginning or end of a usage; returns where it stopped. */
  #walk(chunk: Buffer, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      switch (chunk[at]) {
        case QUOTE:
          this.#beginString();
          return at + 1;
        case 0x7b: // {
          if (this.#enter(true)) return at + 1;
          break;
        case 0x5b: // [
          this.#enter(false);
          break;
        case 0x7d: // }
        case 0x5d: // ]
          this.#isKeyNext = false;
          if (this.#depth > 0) this.#depth--;
          if (this.#depth < this.#told.depth) this.#told.end();
          if (this.#usage !== undefined && this.#depth < this.#usageDepth) return at + 1;
          break;
        case 0x2c: // ,
          this.#isKeyNext = this.#depth <= DEEPEST && this.#isObject[this.#depth] === true;
          break;
      }
    }
    return to;
  }

  /** Returns whether a usage begins here. */
  #enter(isObject: boolean): boolean {
    const depth = ++this.#depth;
    if (depth > DEEPEST) {
      this.#isKeyNext = false;
      return false;
    }
    this.#isObject[depth] = isObject;
    this.#keys[depth] = depth === 1 ? '' : (this.#keys[depth - 1] ?? '');
    this.#isKeyNext = isObject;
    if (!isObject || this.#usage !== undefined || !USAGE_PLACES.has(this.#placeOf(depth - 1))) return false;
    this.#usage = '';
    this.#usageDepth = depth;
    return true;
  }

  /** The keys that lead to a value at a depth, but only for shallow ones. */
  #placeOf(depth: number): string {
    if (depth === 1) return this.#isObject[1] === true ? (this.#keys[1] ?? '') : '';
    const isPlain = depth === 2 && this.#isObject[1] === true && this.#isObject[2] === true;
    return isPlain ? `${this.#keys[1]}.${this.#keys[2]}` : '';
  }

  #beginString(): void {
    this.#kept = '';
    this.#backslashes = 0;
    if (this.#isKeyNext) this.#string = 'key';
    else if (this.#usage !== undefined || this.#depth > DEEPEST) this.#string = 'skipped';
    else this.#string = this.#kindOf(this.#keys[this.#depth] ?? '');
  }

  #kindOf(key: string): 'kept' | 'text' | 'audio' | 'image' | 'skipped' {
    const place = this.#depth <= 2 ? this.#placeOf(this.#depth) : '';
    if (KEPT_PLACES.has(place)) return 'kept';
    if (IMAGE_KEYS.has(key) && (this.#saysAll || this.#keys[1] === 'data')) return 'image';
    if (this.#isEvents && IMAGE_PLACES.has(place)) return 'image';
    if (key === 'data' && this.#keys[1] === 'choices') return 'audio';
    return this.#saysAll || (TEXT_KEYS.has(key) && this.#said.has(this.#keys[1] ?? '')) ? 'text' : 'skipped';
  }

  #readString(chunk: Buffer, from: number, to: number): number {
    const end = indexOfQuote(chunk, from, to);
    if (this.#string === 'text') this.#eventBytes += end - from;
    else if (this.#string === 'audio') this.audioCharacters += end - from;
    else if (this.#string === 'key' && end < to && this.#kept === '' && isNoCandidate(chunk, from, end)) {
      this.#isKeyNext = false;
      this.#keys[this.#depth] = '';
      this.#string = 'none';
      return end + 1;
    }
    if ((this.#string === 'key' || this.#string === 'kept') && this.#kept.length <= LONGEST_KEPT)
      this.#kept += chunk.toString('latin1', from, Math.min(end, from + LONGEST_KEPT + 1));
    let start = end;
    while (start > from && chunk[start - 1] === BACKSLASH) start--;
    this.#backslashes = end - start + (start === from ? this.#backslashes : 0);
    if (end === to) return to;
    if (this.#backslashes % 2 === 0) this.#endString();
    else this.#backslashes = 0;
    return end + 1;
  }

  #endString(): void {
    const string = this.#string;
    this.#string = 'none';
    if (string === 'key') {
      this.#isKeyNext = false;
      this.#keys[this.#depth] = this.#kept;
    } else if (string === 'image') this.images++;
    else if (string === 'kept') this.#keep(this.#placeOf(this.#depth));
  }

  #keep(place: string): void {
    if (place === 'type') this.#type = this.#kept;
    else if (place.endsWith('id')) this.id = this.#kept;
    else this.status = this.#kept;
  }

  #keepUsage(bytes: string): void {
    this.#usage = this.#usage === undefined ? undefined : this.#usage + bytes;
    if ((this.#usage?.length ?? 0) > LONGEST_USAGE) this.#usage = undefined;
  }

  #endUsage(bytes: string): void {
    const text = (this.#usage ?? '') + bytes;
    this.#usage = undefined;
    const depth = this.#usageDepth - 1;
    this.#told.read(this.#keys[depth], text, depth);
  }
}

/** Text before a backslash may go on after an escaped quote, so it is read like a key. */
function isNoCandidate(chunk: Buffer, from: number, end: number): boolean {
  return chunk[end - 1] !== BACKSLASH && !CANDIDATES.has((end - from) * 256 + (chunk[from] ?? 0));
}
