import type { Socket } from 'node:net';
import { GatheredBytes } from '../overload/gathered-bytes.ts';
import { type KeptBytes, KeptShare } from '../overload/kept-bytes.ts';
import { resetConnection } from './break-off.ts';

type Reader = (chunk: Buffer) => void;

/** At most this much of later requests is read, to notice that the client leaves; the rest stays in the socket. */
const MAX_BYTES = 1_048_576;

/**
 * Stands between a socket and the HTTP server that reads from it, as soon as something has come out of turn. Bytes that
 * nobody wants yet are held here.
 */
export class ReadAhead {
  readonly #socket: Socket;
  readonly #wantsBytes: () => boolean;
  readonly #kept: KeptBytes;
  readonly #share: KeptShare;
  /** The server's own reader. */
  #server: Reader | undefined;
  readonly #held = new GatheredBytes();
  /** Whether to call the server again even without bytes: it then notices that a request is over. */
  #isCallDue = false;
  #state: 'off' | 'on' | 'dropping' = 'off';

  /**
   * @param wantsBytes whether the server may have more
   * @param kept the bytes held on all connections
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
    // Also makes Node emit as `data` the bytes that it otherwise reads natively.
    this.#socket.on('data', this.#read);
    this.#socket.on('resume', this.#readOn);
    if (server !== undefined) this.#socket.off('data', server);
  }

  /** Takes back bytes that the server was given and has not read. */
  putBack(unread: Buffer): void {
    this.start();
    this.#isCallDue = true;
    if (unread.length > 0) this.#hold(unread);
  }

  /** Called when the server may want the held bytes. */
  goOn(): void {
    if (this.#state !== 'on') return;
    this.#feed();
    if (this.isEmpty || !this.#isFull) this.#socket.resume();
  }

  /** Drops everything that still comes. */
  drop(): void {
    this.start();
    this.#state = 'dropping';
    this.#release();
    this.#socket.resume();
  }

  /** Leaves the reading to another reader. Returns the held bytes. */
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
   * An upload to a slow backend has paused the native reading behind the stream's back. In Node 20 the stream believes
   * that it is still reading.
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

  /** Waiting requests are given up first. Their bytes are freed at once, as the socket takes a while to close. */
  #giveUp(): void {
    this.#state = 'dropping';
    this.#release();
    resetConnection(this.#socket);
  }
}
