import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { closeSoon } from '../connection/close-soon.ts';
import { GatheredBytes } from '../overload/gathered-bytes.ts';

/** A client has nothing to send before its answer; one that sends more than this is cut off. */
const MAX_EARLY_BYTES = 65_536;
/** Detects a peer that is gone without notice. */
const KEEP_ALIVE_MS = 60_000;

/**
 * The connection of a client that wants a session. Until a backend accepts it, it is a request like any other, with a
 * response in which it can be refused.
 */
export class SessionConnection {
  readonly socket: Socket;
  /** For an answer other than a session; the connection ends with it. */
  readonly response: ServerResponse;
  readonly #early = new GatheredBytes();

  constructor(request: IncomingMessage, head: Buffer) {
    this.socket = request.socket;
    if (head.length > 0) this.#early.push(head);
    this.socket.setTimeout(0).setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS);
    // Node no longer reads from it, so a client that leaves would not be noticed.
    this.socket.on('data', this.#keep).on('end', this.#leave);

    this.response = new ServerResponse(request);
    this.response.shouldKeepAlive = false;
    this.response.assignSocket(this.socket);
    this.response.on('finish', () => closeSoon(this.socket));
  }

  /** Hands the socket over to a session: there will be no other answer. Returns the bytes read from it so far. */
  take(): Buffer {
    this.socket.off('data', this.#keep).off('end', this.#leave).pause();
    this.response.detachSocket(this.socket);
    return this.#early.take() ?? Buffer.alloc(0);
  }

  readonly #keep = (chunk: Buffer): void => {
    this.#early.push(chunk);
    if (this.#early.length > MAX_EARLY_BYTES) this.socket.destroy();
  };

  readonly #leave = (): void => {
    this.socket.destroy();
  };
}
