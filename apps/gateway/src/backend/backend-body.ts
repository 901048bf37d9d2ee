import type { Dispatcher } from 'undici';
import { isPartOfMark, startOfText } from '../body/byte-order-mark.ts';
import { isSpace } from '../body/is-space.ts';
import { GatheredBytes } from '../overload/gathered-bytes.ts';
import { BodyTail } from '../usage/body-tail.ts';
import type { AnswerKind } from '../usage/read-usage.ts';
import type { BodyEnd } from './json-end.ts';

/** The reader of a backend's body. Calls come in order; nothing follows `end` or `fail`. */
export interface BodyReader {
  /** Returns whether it wants more at once; if not, it later calls `resume` on the body. */
  write(chunk: Buffer): boolean;
  /** Receives the last chunk too, where it is known to be the last, so that both can be written together. */
  end(lastChunk?: Buffer): void;
  /** The backend broke off. */
  fail(): void;
}

/** How much of an unwanted body is read anyway, to keep its connection for the next request. */
const DRAIN_LIMIT_BYTES = 65_536;
/** And for how long, as nothing counts it as under way any more. */
const DRAIN_LIMIT_MS = 2000;
const NOTHING: Buffer = Buffer.alloc(0);

/**
 * The body of a backend's answer. It may arrive before anyone has decided what to do with it: the part so far is kept.
 * A short answer arrives in one piece with its head, so its reader gets it whole, in one turn.
 */
export class BackendBody {
  #controller: Dispatcher.DispatchController | undefined;
  #state: 'open' | 'ended' | 'broken' = 'open';
  #reader: BodyReader | undefined;
  readonly #kept = new GatheredBytes();
  /** How many of the kept bytes are known to be white space before the text. */
  #blankBytes = 0;
  #tail: BodyTail | undefined;
  readonly #jsonEnd: BodyEnd | undefined;
  #maxKeptBytes = DRAIN_LIMIT_BYTES;

  /** @param jsonEnd finds the end of a body that has to be JSON */
  constructor(controller: Dispatcher.DispatchController, jsonEnd?: BodyEnd) {
    this.#controller = controller;
    this.#jsonEnd = jsonEnd;
  }

  /** Sets how much is kept before it has a reader, or sets that back; more is left in the connection. */
  keepUpTo(bytes = DRAIN_LIMIT_BYTES): void {
    this.#maxKeptBytes = bytes;
  }

  /** Whether its head says where it ends. */
  get hasKnownEnd(): boolean {
    return this.#jsonEnd?.isOnlySign !== true;
  }

  /** Whether the bytes so far are only the beginning, as far as that can be told. */
  get isCutShort(): boolean {
    return this.#jsonEnd?.isCutShort === true;
  }

  /** Whether no bytes have arrived that a reader could get at once. */
  get isEmpty(): boolean {
    return this.keptBytes === 0 && this.#state === 'open';
  }

  get keptBytes(): number {
    return this.#kept.length;
  }

  /** The bytes so far, if nobody reads the body yet. */
  get kept(): Buffer {
    return this.#kept.bytes ?? NOTHING;
  }

  /** The same without a byte order mark, or white space, before them, of which a slow backend may send much. */
  get keptText(): Buffer {
    const { kept } = this;
    if (isPartOfMark(kept)) return NOTHING;
    if (this.#blankBytes === 0) this.#blankBytes = startOfText(kept);
    while (isSpace(kept[this.#blankBytes])) this.#blankBytes++;
    return kept.subarray(this.#blankBytes);
  }

  /** Keeps the body's end for anyone who asks for it before the body is read. */
  keepTail(kind: AnswerKind): BodyTail {
    const tail = new BodyTail(kind);
    if (this.keptBytes > 0) tail.push(this.kept);
    tail.isWhole = this.#state === 'ended';
    if (this.#state === 'open') this.#tail = tail;
    return tail;
  }

  /** Hands the body to its reader: first the kept bytes in one piece, then each chunk as it arrives. */
  readBy(reader: BodyReader): void {
    const kept = this.#kept.take();
    if (this.#state === 'ended') return reader.end(kept);
    const wantsMore = kept === undefined || reader.write(kept);
    if (this.#state === 'broken') return reader.fail();
    this.#reader = reader;
    if (wantsMore) this.#controller?.resume();
    else this.#controller?.pause();
  }

  /** Reads the rest if it is short, and breaks off if it is not. */
  discard(): void {
    let bytes = 0;
    const timer = setTimeout(() => this.abort(), DRAIN_LIMIT_MS).unref();
    const stop = () => clearTimeout(timer);
    this.readBy({
      write: (chunk) => {
        bytes += chunk.length;
        if (bytes > DRAIN_LIMIT_BYTES) this.abort();
        return true;
      },
      end: stop,
      fail: stop,
    });
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** Ends the backend's request; the reader hears nothing more. */
  abort(): void {
    this.#reader = undefined;
    this.#controller?.abort(new Error('nobody reads this response any more'));
  }

  /** For the dispatch handler: a chunk has arrived. */
  push(chunk: Buffer): void {
    this.#tail?.push(chunk);
    this.#jsonEnd?.push(chunk);
    if (this.#reader === undefined) {
      this.#kept.push(chunk);
      if (this.keptBytes > this.#maxKeptBytes) this.#controller?.pause();
    } else if (!this.#reader.write(chunk)) {
      this.#controller?.pause();
    }
  }

  /**
   * For the dispatch handler: nothing more will come.
   *
   * @param isCutShort whether it is only the beginning of a stream
   */
  end(isCutShort = this.isCutShort): void {
    if (isCutShort) this.break();
    else this.#finish('ended')?.end();
  }

  /** For the dispatch handler: the backend broke off. */
  break(): void {
    this.#finish('broken')?.fail();
  }

  /**
   * Drops all references around it. Otherwise undici's remains of a finished request would carry the whole request into
   * V8's old generation, at twice the CPU time per request (measured).
   */
  #finish(state: 'ended' | 'broken'): BodyReader | undefined {
    const reader = this.#reader;
    this.#state = state;
    this.#reader = undefined;
    this.#controller = undefined;
    if (this.#tail !== undefined) this.#tail.isWhole = state === 'ended';
    this.#tail = undefined;
    return reader;
  }
}
