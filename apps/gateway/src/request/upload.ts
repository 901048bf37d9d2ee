import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { GatewayError } from '../errors.ts';
import { GatheredBytes } from '../overload/gathered-bytes.ts';

/**
 * A client that has its answer may keep sending for this long: closing with unread bytes could cause a reset that
 * destroys the answer.
 */
const LINGER_MS = 30_000;
/** This much passes on at once. */
const PIECE_BYTES = 16_384;

/** The body of a request that is too large to be kept: after its beginning, it passes through to one backend. */
export class Upload {
  /** The length that the client declared; without one it sends chunks. */
  readonly declaredBytes: number | undefined;
  /** The number of bytes so far, including the kept beginning. */
  bytes: number;
  /** Whether a backend has been sent any of it: from then on no other can be tried. */
  hasBegun = false;
  /** The size up to which bodies are kept, and can be read whole. */
  readonly replayBytes: number;
  readonly #request: IncomingMessage;
  readonly #limitBytes: number;
  readonly #client: { refuse(error: GatewayError): void };
  #isDismissed = false;

  /** @param client the client whose request is refused when the body exceeds its limit */
  constructor(
    request: IncomingMessage,
    keptBytes: number,
    { bodyBytes, replayBytes }: { readonly bodyBytes: number; readonly replayBytes: number },
    client: { refuse(error: GatewayError): void },
  ) {
    const length = request.headers['content-length'];
    this.declaredBytes = length === undefined ? undefined : Number(length);
    this.bytes = keptBytes;
    this.#request = request;
    this.replayBytes = replayBytes;
    this.#limitBytes = bodyBytes;
    this.#client = client;
  }

  /** Whether its client has sent all of it. */
  get isWhole(): boolean {
    return this.#request.complete;
  }

  /** Returns the body as a stream: the given beginning, then the rest no faster than it is read. */
  open(beginning: Buffer): Readable {
    const stream: Readable = new Readable({
      read: () => {
        if (this.hasBegun) {
          this.#request.resume();
        } else {
          this.hasBegun = true;
          this.#pass(stream);
          stream.push(beginning);
        }
      },
      destroy: (error, done) => {
        if (this.hasBegun) this.dismiss();
        done(error);
      },
    });
    return stream;
  }

  /** Discards the rest, if there is any. */
  dismiss(): void {
    const request = this.#request;
    if (this.#isDismissed || request.complete || request.destroyed) return;
    this.#isDismissed = true;
    const cutOff = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
    request.once('close', () => clearTimeout(cutOff));
    request.resume();
  }

  #pass(stream: Readable): void {
    const request = this.#request;
    // A chunk of one byte costs as much as a long one, so that what comes in one turn passes on together.
    const gathered = new GatheredBytes();
    const passOn = () => {
      const bytes = this.#isDismissed ? undefined : gathered.take();
      if (bytes !== undefined && !stream.push(bytes)) request.pause();
    };
    request.on('data', (chunk: Buffer) => {
      this.bytes += chunk.length;
      if (this.#isDismissed) return;
      if (this.bytes > this.#limitBytes) return this.#refuse();
      if (gathered.length === 0 && chunk.length < PIECE_BYTES) setImmediate(passOn);
      gathered.push(chunk);
      if (gathered.length >= PIECE_BYTES) passOn();
    });
    request.on('end', () => {
      passOn();
      if (!this.#isDismissed) stream.push(null);
    });
  }

  #refuse(): void {
    this.#client.refuse(tooLarge(this.#limitBytes));
    this.dismiss();
  }
}

/** The error of a body that has to be read whole, but is too large to be kept. */
export function tooLargeToRead(what: string, { replayBytes }: Pick<Upload, 'replayBytes'>): GatewayError {
  return new GatewayError('body-too-large', `${what} of more than ${replayBytes} bytes cannot be checked.`);
}

/** The error of a body over the hard limit. */
export function tooLarge(limitBytes: number): GatewayError {
  const message = `The request body is larger than the ${limitBytes} bytes allowed.`;
  return new GatewayError('body-too-large', message, { connection: 'close' });
}
