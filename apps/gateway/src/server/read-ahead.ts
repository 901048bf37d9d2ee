import type { Socket } from 'node:net';
import type { KeptBytes } from '../overload/kept-bytes.ts';
import { resetConnection } from '../response/reset-connection.ts';

type Reader = (chunk: Buffer) => void;

/** So much of what waits for its turn is read, to see the client leave; the rest stays in the socket. */
const MAX_BYTES = 65_536;

/**
 * Stands between a socket and the HTTP server that reads from it, from the moment that something has come on it out of
 * turn. Bytes that nobody wants yet are held back here.
 */
export class ReadAhead {
  readonly #socket: Socket;
  readonly #wantsBytes: () => boolean;
  readonly #kept: KeptBytes;
  /** The server's own reader. */
  #server: Reader | undefined;
  #held: Buffer[] = [];
  #heldBytes = 0;
  #state: 'off' | 'on' | 'dropping' = 'off';

  /**
   * @param wantsBytes whether the server may have more
   * @param kept what is held on all connections
   */
  constructor(socket: Socket, wantsBytes: () => boolean, kept: KeptBytes) {
    this.#socket = socket;
    this.#wantsBytes = wantsBytes;
    this.#kept = kept;
  }

  get isEmpty(): boolean {
    return this.#heldBytes === 0;
  }

  /** Takes over the reading. Calling it again does nothing. */
  start(): void {
    if (this.#state !== 'off') return;
    this.#state = 'on';
    const [server] = this.#socket.listeners('data') as Reader[];
    this.#server = server;
    // Also has Node pass through `data` what it reads natively otherwise.
    this.#socket.on('data', this.#read);
    if (server !== undefined) this.#socket.off('data', server);
  }

  /** Takes back what the server was given and has not read. */
  putBack(unread: Buffer): void {
    this.start();
    this.#held.unshift(unread);
    this.#count(unread.length);
  }

  /** The server may want what is held. */
  goOn(): void {
    if (this.#state !== 'on') return;
    this.#feed();
    if (this.#heldBytes === 0 || !this.#isFull) this.#socket.resume();
  }

  /** Nobody gets anything any more: what still comes is dropped. */
  drop(): void {
    this.start();
    this.#state = 'dropping';
    this.#release();
    this.#socket.resume();
  }

  /** Leaves the reading to somebody else. Answers what is held. */
  stop(): Buffer {
    const held = Buffer.concat(this.#held);
    this.#socket.off('data', this.#read);
    this.#state = 'off';
    this.#release();
    return held;
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#state !== 'on') return;
    this.#held.push(chunk);
    this.#count(chunk.length);
    this.#feed();
    if (this.#heldBytes > 0 && this.#isFull) this.#socket.pause();
  };

  get #isFull(): boolean {
    return this.#heldBytes >= MAX_BYTES || this.#kept.isOverLimit;
  }

  /** A chunk may be empty: the server then finds that the request it has stopped in is over. */
  #feed(): void {
    while (this.#server !== undefined && this.#wantsBytes()) {
      const chunk = this.#held.shift();
      if (chunk === undefined) return;
      this.#count(-chunk.length);
      this.#server(chunk);
    }
  }

  #release(): void {
    this.#server = undefined;
    this.#held = [];
    this.#count(-this.#heldBytes);
  }

  #count(bytes: number): void {
    this.#heldBytes += bytes;
    this.#kept.add(bytes);
    if (bytes > 0 && this.#kept.isFarOverLimit) this.#giveUp();
  }

  /** What only waits is the first to go. Its bytes go at once: it takes a while until the socket is closed. */
  #giveUp(): void {
    this.#state = 'dropping';
    this.#release();
    resetConnection(this.#socket);
  }
}
