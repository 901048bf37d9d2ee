import { BodyReader, framingOf, NO_BODY } from './body-reader.ts';
import { readHead, type Head } from './head.ts';

/** Receives the requests on a connection. */
export interface RequestListener {
  onHead(head: Head, text: string): void;
  /** The body has come to its end. */
  onWhole(body: BodyReader): void;
}

const REQUEST_LINE = /^[A-Z]+ [^ ]+ HTTP\/1\.1$/;

/** Reads a backend's incoming requests, as strictly as a careful server does. */
export class RequestReader {
  readonly #listener: RequestListener;
  #pending: Buffer = Buffer.alloc(0);
  #body: BodyReader | undefined;
  #isStopped = false;

  constructor(listener: RequestListener) {
    this.#listener = listener;
  }

  /** Whether no request is incomplete. */
  get isBetweenRequests(): boolean {
    return this.#body === undefined && this.#pending.length === 0;
  }

  /** The body of the request under way, as far as it has come. */
  get body(): BodyReader | undefined {
    return this.#body;
  }

  /** Stops reading: the connection has another protocol now. */
  stop(): void {
    this.#isStopped = true;
  }

  /**
   * Reads bytes as they come.
   *
   * @throws Error when they are not HTTP
   */
  push(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#isStopped)
      rest = this.#body === undefined ? this.#pushHead(rest) : this.#pushBody(this.#body, rest);
  }

  #pushHead(bytes: Buffer): Buffer {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const end = this.#pending.indexOf('\r\n\r\n');
    if (end === -1) return Buffer.alloc(0);
    const text = this.#pending.toString('latin1', 0, end);
    const rest = this.#pending.subarray(end + 4);
    this.#pending = Buffer.alloc(0);
    const head = readHead(text);
    if (!REQUEST_LINE.test(head.startLine))
      throw new Error(`the request line is ${JSON.stringify(head.startLine)}`);
    const body = new BodyReader(framingOf(head, NO_BODY));
    this.#body = body;
    this.#listener.onHead(head, text);
    if (body.isDone) this.#finish(body);
    return rest;
  }

  #pushBody(body: BodyReader, bytes: Buffer): Buffer {
    const taken = body.push(bytes);
    if (body.isDone) this.#finish(body);
    return bytes.subarray(taken);
  }

  #finish(body: BodyReader): void {
    this.#body = undefined;
    this.#listener.onWhole(body);
  }
}
