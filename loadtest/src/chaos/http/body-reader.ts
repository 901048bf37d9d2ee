import type { Head } from './head.ts';

/** How the end of a body is marked. */
export type Framing =
  | { readonly kind: 'length'; readonly bytes: number }
  | { readonly kind: 'chunked' }
  /** By the end of the connection. */
  | { readonly kind: 'close' };

/** An invalid body. */
export const NO_BODY: Framing = { kind: 'length', bytes: 0 };

/**
 * Returns how the end of a body is marked; `usual` where its head does not say.
 *
 * @throws Error when the head contradicts itself
 */
export function framingOf({ headers }: Head, usual: Framing): Framing {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined && length !== undefined)
    throw new Error('both Content-Length and Transfer-Encoding');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw new Error(`the transfer encoding is ${coding}`);
    return { kind: 'chunked' };
  }
  if (length === undefined) return usual;
  if (!/^\d{1,15}$/.test(length)) throw new Error(`the length is ${length}`);
  return { kind: 'length', bytes: Number(length) };
}

/** The length kept of the beginning and of the end of a body. */
const KEPT_BYTES = 512;
const LONGEST_LINE = 20_000;

/** Follows a body to its end. */
export class BodyReader {
  readonly framing: Framing;
  bytes = 0;
  /** Whether its end has come, according to its framing. */
  isDone: boolean;
  #start: Buffer = Buffer.alloc(0);
  #tail: Buffer = Buffer.alloc(0);
  /** The remaining part of the length, or of the chunk. */
  #left: number;
  #state: 'size' | 'data' | 'data-end' | 'trailer';
  #line = '';

  constructor(framing: Framing) {
    this.framing = framing;
    this.#left = framing.kind === 'length' ? framing.bytes : 0;
    this.isDone = framing.kind === 'length' && framing.bytes === 0;
    this.#state = framing.kind === 'chunked' ? 'size' : 'data';
  }

  get start(): Buffer {
    return this.#start;
  }

  get tail(): Buffer {
    return this.#tail;
  }

  /**
   * Takes bytes, and returns how many of them belong to the body.
   *
   * @throws Error when its chunks cannot be read
   */
  push(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length && !this.isDone) {
      at += this.#state === 'data' ? this.#takeData(bytes.subarray(at)) : this.#takeLine(bytes.subarray(at));
    }
    return at;
  }

  #takeData(bytes: Buffer): number {
    const taken = this.framing.kind === 'close' ? bytes : bytes.subarray(0, this.#left);
    this.bytes += taken.length;
    if (this.#start.length < KEPT_BYTES)
      this.#start = Buffer.concat([this.#start, taken.subarray(0, KEPT_BYTES - this.#start.length)]);
    this.#tail = Buffer.concat([this.#tail, taken.subarray(-KEPT_BYTES)]).subarray(-KEPT_BYTES);
    if (this.framing.kind === 'close') return taken.length;
    this.#left -= taken.length;
    if (this.#left === 0 && this.framing.kind === 'length') this.isDone = true;
    else if (this.#left === 0) this.#state = 'data-end';
    return taken.length;
  }

  #takeLine(bytes: Buffer): number {
    const end = bytes.indexOf(10);
    const taken = end === -1 ? bytes.length : end + 1;
    this.#line += bytes.toString('latin1', 0, taken);
    if (this.#line.length > LONGEST_LINE) throw new Error('a line between chunks does not end');
    if (end === -1) return taken;
    if (!this.#line.endsWith('\r\n'))
      throw new Error(`a line between chunks is ${JSON.stringify(this.#line)}`);
    const line = this.#line.slice(0, -2);
    this.#line = '';
    this.#endLine(line);
    return taken;
  }

  #endLine(line: string): void {
    if (this.#state === 'data-end') {
      if (line !== '') throw new Error(`a chunk is followed by ${JSON.stringify(line)}`);
      this.#state = 'size';
    } else if (this.#state === 'trailer') {
      if (line === '') this.isDone = true;
    } else {
      const size = /^([0-9a-f]{1,12})(?:[ \t]*;.*)?$/i.exec(line)?.[1];
      if (size === undefined) throw new Error(`the size of a chunk is ${JSON.stringify(line)}`);
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailer' : 'data';
    }
  }
}
