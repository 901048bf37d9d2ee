import { BodyReader, framingOf, NO_BODY } from './body-reader.ts';
import { readHead, type Head } from './head.ts';

/** An answer as a client received it. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly bodyBytes: number;
  /** The first and the last part of its body, 512 bytes each at most. */
  readonly start: Buffer;
  readonly tail: Buffer;
  /** Whether it is complete, according to its own framing. */
  readonly isWhole: boolean;
}

/** A reader's knowledge of the requests, and its listener. */
export interface ResponseReaderOptions {
  /** Whether the answer with this number, from 0, is to a HEAD, and has no body. */
  readonly isToHead?: (index: number) => boolean;
  /** Receives the bytes after a 101. */
  readonly onTunnel?: (bytes: Buffer) => void;
}

const LONGEST_HEAD = 1_000_000;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: .*)?$/s;

/** Reads the answers on a connection, as strictly as a careful client does. */
export class ResponseReader {
  /** The final answers so far, and a 101. */
  readonly answers: Answer[] = [];
  /** How many 1xx answers there were before them. */
  interimCount = 0;
  readonly #options: ResponseReaderOptions;
  #pending: Buffer = Buffer.alloc(0);
  #current: { readonly status: number; readonly head: Head; readonly body: BodyReader } | undefined;
  #isTunnel = false;

  constructor(options: ResponseReaderOptions = {}) {
    this.#options = options;
  }

  /** Whether an answer has begun that is not complete. */
  get isWithinAnswer(): boolean {
    return this.#current !== undefined || this.#pending.length > 0;
  }

  /**
   * Reads bytes as they come.
   *
   * @throws Error when they are not HTTP
   */
  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#isTunnel) return this.#options.onTunnel?.(rest);
      if (this.#current === undefined) rest = this.#pushHead(rest);
      else rest = this.#pushBody(this.#current.body, rest);
    }
  }

  /** The connection has ended: an unfinished answer is complete only if this is how its end is marked. */
  end(how: 'fin' | 'reset'): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#finish(how === 'fin' && current.body.framing.kind === 'close');
  }

  #pushHead(bytes: Buffer): Buffer {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) {
      if (this.#pending.length > LONGEST_HEAD) throw new Error('the head of an answer does not end');
      return Buffer.alloc(0);
    }
    const head = readHead(this.#pending.toString('latin1', 0, end));
    const rest = this.#pending.subarray(end + 4);
    this.#pending = Buffer.alloc(0);
    const status = Number(STATUS_LINE.exec(head.startLine)?.[1]);
    if (Number.isNaN(status)) throw new Error(`the status line is ${JSON.stringify(head.startLine)}`);
    this.#begin(status, head);
    return rest;
  }

  #begin(status: number, head: Head): void {
    if (status < 200 && status !== 101) {
      this.interimCount += 1;
      return;
    }
    const isBodiless =
      status === 101 ||
      status === 204 ||
      status === 304 ||
      this.#options.isToHead?.(this.answers.length) === true;
    const framing = framingOf(head, { kind: 'close' });
    this.#current = { status, head, body: new BodyReader(isBodiless ? NO_BODY : framing) };
    if (this.#current.body.isDone) this.#finish(true);
    if (status === 101) this.#isTunnel = true;
  }

  #pushBody(body: BodyReader, bytes: Buffer): Buffer {
    const taken = body.push(bytes);
    if (body.isDone) this.#finish(true);
    return bytes.subarray(taken);
  }

  #finish(isWhole: boolean): void {
    if (this.#current === undefined) return;
    const { status, head, body } = this.#current;
    const { bytes: bodyBytes, start, tail } = body;
    this.answers.push({ status, headers: head.headers, bodyBytes, start, tail, isWhole });
    this.#current = undefined;
  }
}
