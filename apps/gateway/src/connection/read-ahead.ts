import type { Socket } from 'node:net';
import { GatheredBytes } from '../overload/gathered-bytes.ts';
import { type KeptBytes, KeptShare } from '../overload/kept-bytes.ts';
import { resetConnection } from './break-off.ts';

type Reader = (chunk: Buffer) => void;

/** So much of what waits for its turn is read, to see the client leave; the rest stays in the socket. */
const MAX_BYTES = 1_048_576;

/**
 * Stands between a socket and the HTTP server that reads from it, from the moment that something has come on it out of
 * turn. Bytes that nobody wants yet are held back here.
 */
export class ReadAhead {
  readonly #socket: Socket;
  readonly #wantsBytes: () => boolean;
  readonly #kept: KeptBytes;
  readonly #share: KeptShare;
  /** The server's own reader. */
  #server: Reader | undefined;
  readonly #held = new GatheredBytes();
  /** Whether the server is to be called again though there may be nothing: it then finds that a request is over. */
  #isCallDue = false;
  #state: 'off' | 'on' | 'dropping' = 'off';

  /**
   * @param wantsBytes whether the server may have more
   * @param kept what is held on all connections
   */
  constructor(socket: Socket, wantsBytes: () => boolean, kept: KeptBytes) {
    this.#socket = socket;
    this.#wantsBytes = wantsBytes;
    this.#kept = kept;
    this.#share = new KeptShare(kept);
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  /** Takes over the reading. Calling it again does nothing. */
  start(): void {
    if (this.#state !== 'off') return;
    this.#state = 'on';
    const [server] = this.#socket.listeners('data') as Reader[];
    this.#server = server;
    // Also has Node pass through `data` what it reads natively otherwise.
    this.#socket.on('data', this.#read);
    this.#socket.on('resume', this.#readOn);
    if (server !== undefined) this.#socket.off('data', server);
  }

  /** Takes back what the server was given and has not read. */
  putBack(unread: Buffer): void {
    this.start();
    this.#isCallDue = true;
    if (unread.length > 0) this.#hold(unread);
  }

  /** The server may want what is held. */
  goOn(): void {
    if (this.#state !== 'on') return;
    this.#feed();
    if (this.isEmpty || !this.#isFull) this.#socket.resume();
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
    const held = this.#held.take() ?? Buffer.alloc(0);
    this.#socket.off('data', this.#read);
    this.#socket.off('resume', this.#readOn);
    this.#state = 'off';
    this.#release();
    return held;
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#state !== 'on') return;
    this.#hold(chunk);
    this.#feed();
    if (!this.isEmpty && this.#isFull) this.#socket.pause();
  };

  /**
   * An upload that its backend was slow to take has paused the native reading behind the stream's back. In Node 20 the
   * stream takes it to be going on.
   */
  readonly #readOn = (): void => this.#socket._read(0);

  get #isFull(): boolean {
    return this.#held.length >= MAX_BYTES || this.#kept.isOverLimit;
  }

  #hold(chunk: Buffer): void {
    this.#held.push(chunk);
    this.#share.set(this.#held.size);
    if (this.#kept.isFarOverLimit) this.#giveUp();
  }

  #feed(): void {
    while (this.#server !== undefined && this.#wantsBytes() && (this.#isCallDue || !this.isEmpty)) {
      const bytes = this.#held.take() ?? Buffer.alloc(0);
      this.#isCallDue = false;
      this.#share.set(this.#held.size);
      this.#server(bytes);
    }
  }

  #release(): void {
    this.#server = undefined;
    this.#held.take();
    this.#share.set(this.#held.size);
  }

  /** What only waits is the first to go. Its bytes go at once: it takes a while until the socket is closed. */
  #giveUp(): void {
    this.#state = 'dropping';
    this.#release();
    resetConnection(this.#socket);
  }
}
