import { StringDecoder } from 'node:string_decoder';
import type { StreamEvent } from '@spillway/core';
import { HELD_BYTES } from './held-bytes.ts';

/** Takes the place of a line that is too long: it is ignored, but it is not blank. */
const COMMENT = ':';

/**
 * Reads the events of a `text/event-stream` (WHATWG HTML §9.2.6) out of chunks that may be cut anywhere. An event that
 * is longer than may be held back is skipped, and no more of it than that is kept.
 */
export class EventReader {
  /** Whether an event was too long. */
  hasSkipped = false;
  readonly #decoder = new StringDecoder('utf8');
  #isStart = true;
  #line = '';
  #endedInReturn = false;
  #name = '';
  #data: string | undefined;
  /** Whether the event so far is too long. */
  #isTooLong = false;

  /** Returns the events that are whole with this chunk. */
  read(chunk: Buffer): StreamEvent[] {
    let text = this.#decoder.write(chunk);
    if (text === '') return [];
    if (this.#isStart && text.startsWith('\uFEFF')) text = text.slice(1);
    this.#isStart = false;
    // The other half of a CRLF, whose first half ended the line.
    if (this.#endedInReturn && text.startsWith('\n')) text = text.slice(1);
    this.#endedInReturn = text.endsWith('\r');

    const lines = text.split(/\r\n|\n|\r/);
    lines[0] = this.#line + lines[0];
    this.#line = lines.pop() ?? '';
    if (this.#line.length > HELD_BYTES) {
      this.#line = COMMENT;
      this.#skip();
    }
    return lines.map((line) => this.#readLine(line)).filter((event) => event !== undefined);
  }

  #readLine(line: string): StreamEvent | undefined {
    if (line === '') return this.#endEvent();
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line) ?? [];
    if (field === 'event') this.#name = value;
    if (field === 'data' && !this.#isTooLong)
      this.#data = this.#data === undefined ? value : `${this.#data}\n${value}`;
    if ((this.#data?.length ?? 0) > HELD_BYTES) this.#skip();
    return undefined;
  }

  #skip(): void {
    this.#isTooLong = true;
    this.hasSkipped = true;
    this.#data = undefined;
  }

  #endEvent(): StreamEvent | undefined {
    const event = this.#data === undefined ? undefined : { name: this.#name, data: this.#data };
    this.#name = '';
    this.#data = undefined;
    this.#isTooLong = false;
    return event;
  }
}
