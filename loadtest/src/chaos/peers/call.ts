import type { Socket } from 'node:net';
import type { BodyReader } from '../http/body-reader.ts';
import type { Head } from '../http/head.ts';

/** The facts about a request when its head has come. */
interface Beginning {
  readonly backend: string;
  readonly socket: Socket;
  readonly head: Head;
  readonly text: string;
  readonly marker: string | undefined;
  /** How often it has come to this backend, this time included. */
  readonly attempt: number;
}

/** A request at a backend. */
export class Call {
  readonly backend: string;
  readonly socket: Socket;
  readonly head: Head;
  /** The bytes of its head. */
  readonly text: string;
  readonly marker: string | undefined;
  readonly attempt: number;
  /** Set before it is complete if the backend does not act on it. */
  isRefused = false;
  /** Whether it is complete, and its answer has been sent. */
  isOver = false;
  /** Receives the bytes after a 101. */
  onTunnel: ((bytes: Buffer) => void) | undefined;
  /** Called when the gateway has ended its half, after a 101. */
  onEnd: (() => void) | undefined;
  /** The behaviour's decision. */
  decision: string | undefined;
  #body: BodyReader | undefined;
  #hasAnswered = false;

  constructor({ backend, socket, head, text, marker, attempt }: Beginning) {
    this.backend = backend;
    this.socket = socket;
    this.head = head;
    this.text = text;
    this.marker = marker;
    this.attempt = attempt;
  }

  get method(): string {
    return this.text.slice(0, this.text.indexOf(' '));
  }

  /** The beginning of its body; empty until it is complete. */
  get bodyStart(): string {
    return this.#body?.start.toString('latin1') ?? '';
  }

  get wantsStream(): boolean {
    return this.bodyStart.includes('"stream":true');
  }

  get isUpgrade(): boolean {
    return this.head.headers.get('upgrade') !== undefined;
  }

  /** The whole body has come. */
  receive(body: BodyReader): void {
    this.#body = body;
    this.isOver = this.#hasAnswered;
  }

  /** Writes a part of the answer. */
  write(bytes: Buffer | string): void {
    if (!this.socket.destroyed && !this.socket.writableEnded) this.socket.write(bytes, 'latin1');
  }

  /** All of the answer has been written. */
  finish(): void {
    this.#hasAnswered = true;
    this.isOver = this.#body !== undefined;
  }

  /** Ends the connection, after the written bytes. */
  close(): void {
    this.socket.end();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }
}
