import { isWritten, type Member, readMembers } from '../body/read-members.ts';

const RETURN = 0x0d;
const NEWLINE = 0x0a;
const COLON = 0x3a;
const SPACE = 0x20;
const COMMA = 0x2c;
const DATA = 'data:';
const USAGE = Buffer.from('"usage"');
const WANTED: ReadonlySet<string> = new Set(['choices', 'usage', 'prompt_filter_results']);
const NOTHING = Buffer.alloc(0);
/** No chunk of a stream is longer; a longer one passes as it comes. */
const LONGEST_EVENT = 1_048_576;

/**
 * Removes from a completion's stream the parts that are only there because its usage was requested: the last chunk,
 * which has nothing else, and the `"usage":null` of the others. An event is held back until it is complete. Nothing
 * else is changed, and only events are held back.
 */
export class UsageFilter {
  /** The bytes so far of an incomplete event. */
  #held = NOTHING;
  #heldBytes = 0;
  /** Where its incomplete line begins, and how far that has been read. */
  #lineAt = 0;
  #lookedAt = 0;
  /** The last received byte. */
  #last: number | undefined;
  /** The second half of a line end may follow whose first half was removed. */
  #isAfterTaken = false;
  #isTooLong = false;

  /** Returns the part of the stream that can pass with a chunk. */
  write(chunk: Buffer): Buffer {
    const bytes = this.#join(chunk);
    const passed = new Passed(bytes);
    let from = 0;
    const ends = new LineEnds(bytes, this.#lookedAt);
    for (let at = ends.next(this.#lookedAt); at < bytes.length; at = ends.next(at + 1)) {
      const previous = at === 0 ? this.#last : bytes[at - 1];
      if (bytes[at] === NEWLINE && previous === RETURN && at === this.#lineAt) {
        this.#lineAt = at + 1;
        if (at === from) {
          if (!this.#isAfterTaken) passed.add(from, at + 1);
          from++;
        }
        this.#isAfterTaken = false;
        continue;
      }
      const isBlank = at === this.#lineAt;
      const isComment = this.#lineAt === from && bytes[from] === COLON;
      this.#lineAt = at + 1;
      if (!isBlank && !isComment) continue;
      this.#isAfterTaken = false;
      if (isBlank && !this.#isTooLong) this.#judge(passed, from, at + 1);
      else passed.add(from, at + 1);
      if (isBlank) this.#isTooLong = false;
      from = at + 1;
    }
    this.#last = bytes.at(-1);
    this.#hold(bytes, from, passed);
    return passed.bytes;
  }

  /** Ends the stream: returns the held part of its last event. */
  end(): Buffer {
    const held = this.#takeHeld();
    const passed = new Passed(held);
    this.#judge(passed, 0, held.length);
    return passed.bytes;
  }

  /** Breaks the stream off: returns the held part, unless it may be the requested usage chunk. */
  fail(): Buffer {
    const held = this.#takeHeld();
    return /"choices"\s*:\s*\[\s*\]/.test(held.toString('latin1')) ? NOTHING : held;
  }

  #takeHeld(): Buffer {
    const held = this.#held.subarray(0, this.#heldBytes);
    this.#held = NOTHING;
    this.#heldBytes = 0;
    return held;
  }

  #join(chunk: Buffer): Buffer {
    if (this.#heldBytes === 0) return chunk;
    const bytes = this.#heldBytes + chunk.length;
    if (bytes > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(2 * bytes);
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    chunk.copy(this.#held, this.#heldBytes);
    return this.#held.subarray(0, bytes);
  }

  #hold(bytes: Buffer, from: number, passed: Passed): void {
    let start = from;
    if (this.#isTooLong || bytes.length - from > LONGEST_EVENT) {
      this.#isTooLong = true;
      passed.add(from, bytes.length);
      start = bytes.length;
    }
    this.#heldBytes = bytes.length - start;
    this.#lineAt -= start;
    this.#lookedAt = this.#heldBytes;
    // A copy, as the passed bytes are still to be written.
    if (start > 0 || this.#held.length === 0) this.#held = Buffer.from(bytes.subarray(start));
  }

  /** Passes the part of an event that the client would have received anyway. */
  #judge(passed: Passed, from: number, to: number): void {
    const event = passed.source.subarray(from, to);
    const judged = event.includes(USAGE) ? judge(event) : 'pass';
    if (judged === 'pass') return passed.add(from, to);
    if (judged === 'take') {
      this.#isAfterTaken = true;
      return;
    }
    passed.add(from, from + judged[0]);
    passed.add(from + judged[1], to);
  }
}

/** Finds the ends of lines. Those with a carriage return, which hardly any stream has, cost a closer look. */
class LineEnds {
  readonly #bytes: Buffer;
  readonly #hasReturns: boolean;

  constructor(bytes: Buffer, from: number) {
    this.#bytes = bytes;
    this.#hasReturns = bytes.includes(RETURN, from);
  }

  /** Returns where the next one is, or where the bytes end. */
  next(from: number): number {
    const newline = this.#bytes.indexOf(NEWLINE, from);
    const end = newline === -1 ? this.#bytes.length : newline;
    if (!this.#hasReturns) return end;
    const at = this.#bytes.subarray(from, end).indexOf(RETURN);
    return at === -1 ? end : from + at;
  }
}

/** The parts of some bytes that pass. */
class Passed {
  readonly source: Buffer;
  readonly #ranges: { readonly start: number; end: number }[] = [];

  constructor(source: Buffer) {
    this.source = source;
  }

  add(start: number, end: number): void {
    const last = this.#ranges.at(-1);
    if (last?.end === start) last.end = end;
    else if (end > start) this.#ranges.push({ start, end });
  }

  get bytes(): Buffer {
    const [first] = this.#ranges;
    if (first === undefined) return NOTHING;
    if (this.#ranges.length === 1) return this.source.subarray(first.start, first.end);
    return Buffer.concat(this.#ranges.map(({ start, end }) => this.source.subarray(start, end)));
  }
}

/** Returns `pass` or `take` for a whole event, or else the range of the part to remove. */
function judge(event: Buffer): 'pass' | 'take' | readonly [start: number, end: number] {
  const usual = findAtEnd(event);
  if (usual !== undefined) return usual;
  const { data, from } = dataOf(event);
  const members = readMembers(data, WANTED, from);
  const usage = members?.byKey.get('usage');
  if (members === undefined || usage === undefined || members.repeated.size > 0) return 'pass';
  const choices = members.byKey.get('choices');
  const isEmpty = choices !== undefined && isEmptyList(data, choices);
  const isNull = isWritten(data, usage, 'null');
  if (!isNull && !isEmpty) return 'pass';
  if (!isNull && !members.byKey.has('prompt_filter_results')) return 'take';
  return rangeWithComma(data, usage);
}

/** The end of nearly all events. Directly before the last brace in JSON it cannot be anything else. */
const AT_END = ',"usage":null}';

function findAtEnd(event: Buffer): readonly [start: number, end: number] | undefined {
  let end = event.length;
  while (event[end - 1] === NEWLINE || event[end - 1] === RETURN) end--;
  const start = end - AT_END.length;
  return start > 0 && event.toString('latin1', start, end) === AT_END ? [start, end - 1] : undefined;
}

/**
 * Returns an event's data at their original position: everything else is blanked, and the data may have several lines.
 */
function dataOf(event: Buffer): { readonly data: Buffer; readonly from: number } {
  const data = Buffer.alloc(event.length, SPACE);
  let at = 0;
  while (at < event.length) {
    let end = at;
    while (end < event.length && event[end] !== RETURN && event[end] !== NEWLINE) end++;
    if (event.toString('latin1', at, at + DATA.length) === DATA)
      event.copy(data, at + DATA.length, at + DATA.length, end);
    at = end + 1;
  }
  return { data, from: data.findIndex((byte) => byte !== SPACE) };
}

function isEmptyList(data: Buffer, { kind, range }: Member): boolean {
  return kind === 'list' && data.toString('latin1', range.start + 1, range.end - 1).trim() === '';
}

/** Returns the range of a member with the comma before it, or with the one after it if it is the first. */
function rangeWithComma(data: Buffer, { keyRange, range }: Member): readonly [start: number, end: number] {
  let start = keyRange.start;
  while (isSpace(data[start - 1])) start--;
  if (data[start - 1] === COMMA) return [start - 1, range.end];
  let { end } = range;
  while (isSpace(data[end])) end++;
  if (data[end] !== COMMA) return [keyRange.start, range.end];
  do end++;
  while (isSpace(data[end]));
  return [keyRange.start, end];
}

function isSpace(byte: number | undefined): boolean {
  return byte !== undefined && byte <= SPACE;
}
