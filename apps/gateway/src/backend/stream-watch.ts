import { isAnnouncement, isCutShort, type StreamEvent, type StreamOpening } from '@spillway/core';
import { EventReader } from './event-reader.ts';

/** At least so much of a stream's end is kept, in chunks as they came: more than its last line. */
const TAIL_BYTES = 256;
const NOTHING: Buffer = Buffer.alloc(0);
const BLANK_LINE = Buffer.from('\n\n');
/** What a stream without an event ends with. */
const NO_EVENT: StreamEvent = { name: '', data: '' };

/**
 * Watches an event stream as it passes: what it begins with, until it says something, and how it ends. Between the two
 * a chunk costs it no look, only the keeping of the last ones.
 */
export class StreamWatch {
  /** What the stream began with, once that is known. */
  opening: StreamOpening | undefined;
  readonly #operation: string | undefined;
  #reader: EventReader | undefined = new EventReader();
  #beforeLast = NOTHING;
  #last = NOTHING;
  #isAllKept = true;

  constructor(operation: string | undefined) {
    this.#operation = operation;
  }

  push(chunk: Buffer): void {
    if (this.#last.length < TAIL_BYTES) {
      this.#last = Buffer.concat([this.#last, chunk]);
    } else {
      this.#isAllKept = this.#beforeLast === NOTHING;
      this.#beforeLast = this.#last;
      this.#last = chunk;
    }
    const event = this.#reader?.read(chunk).find((one) => !isAnnouncement(one));
    if (event === undefined) return;
    this.opening = { kind: 'event', event };
    this.#reader = undefined;
  }

  /** Nobody waits any longer for the stream to say something. */
  stopReading(): void {
    this.#reader = undefined;
  }

  /** Answers whether the stream, which has come to its end, was only the beginning of one. */
  end(): boolean {
    const isCut = isCutShort(this.#operation, this.#lastEvent());
    if (isCut) this.opening ??= { kind: 'cut-short' };
    return isCut;
  }

  /** The last line may lack its end, which changes nothing for a client that knows what it says. */
  #lastEvent(): StreamEvent | undefined {
    const end = Buffer.concat([this.#beforeLast, this.#last, BLANK_LINE]);
    return new EventReader().read(end).at(-1) ?? (this.#isAllKept ? NO_EVENT : undefined);
  }
}
