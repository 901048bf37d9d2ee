import type { Socket } from 'node:net';
import { closeSoon } from '../connection/close-soon.ts';
import { type KeptBytes, KeptShare } from '../overload/kept-bytes.ts';
import { closeCodeOf, controlBytes, createFrameReader } from './frame-reader.ts';
import type { FrameReader, FrameWriter, WebSocketParts } from './load-parts.ts';

/** The receiver of a peer's messages. Nothing follows `onEnd`. */
export interface MessageReader {
  onMessage(data: Buffer, isBinary: boolean): void;
  /** The peer has sent a close frame, with a code and a reason; 1005 stands for no code. */
  onClose(code: number, reason: Buffer): void;
  /** The peer has sent a ping, which is answered already. */
  onPing?(data: Buffer): void;
  /** The connection is over. */
  onEnd(): void;
}

/** A message, and whether it is binary. */
export type Message = readonly [data: Buffer, isBinary: boolean];

/** The limits on the bytes kept for a connection. */
export interface MessageLimits {
  /** The longest accepted message, in bytes. */
  readonly maxMessageBytes: number;
  /** The bytes read on all sessions and not yet taken by the other side. */
  readonly kept: KeptBytes;
}

/** When this much of waiting messages is kept, the peer is no longer read from. */
const AHEAD_BYTES = 262_144;
/** What a message costs besides its bytes: even an empty one takes memory while it is kept. */
export const MESSAGE_COST_BYTES = 256;
/** After this many frames in one chunk, everybody else has a turn before the next chunk is read. */
const MANY_FRAMES = 256;
/** A peer that has this many bytes unread gets neither pings nor answers to its own. */
const MAX_PONG_BYTES = 65_536;
/** How long a peer may take to answer a close frame. */
const CLOSING_MS = 2000;

/** The code of a normal closure (RFC 6455 §7.4.1). */
const NORMAL = 1000;
const NO_STATUS = 1005;
const TRY_AGAIN_LATER = 1013;

/**
 * One end of a WebSocket (RFC 6455) whose messages are read one by one. Pings are answered here, and no extension is
 * used. Messages without a reader are kept, within limits.
 */
export class MessageConnection {
  readonly socket: Socket;
  /** The number of message bytes received. */
  bytesReceived = 0;
  readonly #isClient: boolean;
  readonly #frames: FrameReader;
  readonly #writer: FrameWriter;
  readonly #share: KeptShare;
  readonly #kept: KeptBytes;
  readonly #waiting: Message[] = [];
  #waitingBytes = 0;
  /** The bytes so far of the incomplete message. */
  #partBytes = 0;
  #reader: MessageReader | undefined;
  /** Called when the peer has sent a close frame, or has gone, while there is no reader. */
  onGone: (() => void) | undefined;
  #closedWith: readonly [code: number, reason: Buffer] | undefined;
  #hasClosed = false;
  #isOver = false;
  #isPaused = false;
  /** The number of frames in the present chunk. */
  #frameCount = 0;
  /** Whether it waits for its next turn. */
  #isWaiting = false;

  /**
   * @param isClient whether the peer is the client, so that its frames are masked, and those to it are not
   * @param early the bytes already read from the socket
   */
  constructor(
    socket: Socket,
    isClient: boolean,
    { Receiver, Sender }: WebSocketParts,
    { maxMessageBytes, kept }: MessageLimits,
    early?: Buffer,
  ) {
    this.socket = socket;
    this.#isClient = isClient;
    this.#kept = kept;
    this.#share = new KeptShare(kept);
    this.#frames = createFrameReader(Receiver, isClient, maxMessageBytes);
    this.#writer = new Sender(socket);
    this.#frames.on('message', (data, isBinary) => this.#take(data, isBinary));
    this.#frames.on('conclude', (code, reason) => this.#concluded(code, reason));
    this.#frames.on('ping', (data) => this.#answerPing(data));
    this.#frames.on('pong', (data) => this.#noteControl(data));
    this.#frames.on('error', (error) => this.#giveUp(closeCodeOf(error)));
    this.#frames.on('drain', () => this.#readOn());
    if (early !== undefined && early.length > 0) this.#read(early);
    socket.on('data', this.#read);
    socket.on('error', () => {});
    socket.once('end', this.#end).once('close', this.#end);
    if (socket.destroyed) this.#end();
    else this.#readOn();
  }

  /** Whether the peer sends no more messages. */
  get isOver(): boolean {
    return this.#isOver || this.#closedWith !== undefined;
  }

  /** Whether it is being closed normally. */
  get isClosing(): boolean {
    return this.#hasClosed && this.#closedWith !== undefined;
  }

  /** Passes all messages to a reader, beginning with the kept ones; without a reader they are kept. */
  readBy(reader: MessageReader | undefined): void {
    this.#reader = reader;
    if (reader === undefined) return;
    while (this.#reader === reader && this.#waiting.length > 0) {
      const [data, isBinary] = this.#waiting.shift() as Message;
      this.#waitingBytes -= data.length + MESSAGE_COST_BYTES;
      reader.onMessage(data, isBinary);
    }
    this.#count();
    if (this.#reader !== reader) return;
    if (this.#closedWith !== undefined) reader.onClose(...this.#closedWith);
    if (this.#isOver) reader.onEnd();
    else this.#readOn();
  }

  /** Sends a message. Returns whether the peer takes it at once; if not, the socket's `drain` reports when it has. */
  send(data: Buffer, isBinary = false): boolean {
    if (!this.#hasClosed && this.socket.writable)
      this.#writer.send(data, { fin: true, binary: isBinary, mask: !this.#isClient, compress: false });
    return this.socket.writableLength < AHEAD_BYTES;
  }

  /** Sends a ping, which shows everything on the way that the connection is in use. */
  ping(data: Buffer): void {
    if (this.#takesControl) this.#writer.ping(data, !this.#isClient);
  }

  /** Sends a close frame, and ends the connection when the peer has sent one too, or after a while. */
  close(code = NORMAL, reason: Buffer | string = ''): void {
    if (this.#hasClosed) return;
    this.#hasClosed = true;
    if (!this.socket.writable) return;
    if (code === NO_STATUS) this.#writer.close(undefined, '', !this.#isClient);
    else this.#writer.close(code, reason, !this.#isClient);
    if (this.#closedWith !== undefined) return closeSoon(this.socket);
    this.resume();
    const late = setTimeout(() => this.socket.destroy(), CLOSING_MS);
    this.socket.once('close', () => clearTimeout(late));
  }

  /** Breaks it off. */
  destroy(): void {
    this.socket.destroy();
  }

  pause(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    this.#isPaused = false;
    this.#readOn();
  }

  #readOn(): void {
    if (!this.#isPaused && !this.#isWaiting && this.#waitingBytes < AHEAD_BYTES) this.socket.resume();
  }

  readonly #read = (chunk: Buffer): void => {
    if (this.#closedWith !== undefined || this.#frames.destroyed) return;
    this.#partBytes += chunk.length;
    this.#frameCount = 0;
    if (!this.#frames.write(chunk)) this.socket.pause();
    this.#count();
    if (this.#frameCount > MANY_FRAMES) this.#waitForTurn();
    if (this.#kept.isFarOverLimit) this.destroy();
    else if (this.#kept.isOverLimit && this.#partBytes > AHEAD_BYTES)
      this.#giveUp(TRY_AGAIN_LATER, 'too much is kept');
  };

  /** Otherwise Node would read megabytes of tiny frames before anyone else has a turn. */
  #waitForTurn(): void {
    this.#isWaiting = true;
    this.socket.pause();
    setImmediate(() => {
      this.#isWaiting = false;
      this.#readOn();
    });
  }

  #take(data: Buffer, isBinary: boolean): void {
    this.#frameCount++;
    this.#partBytes = 0;
    this.bytesReceived += data.length;
    if (this.#reader !== undefined) return this.#reader.onMessage(data, isBinary);
    this.#waiting.push([data, isBinary]);
    this.#waitingBytes += data.length + MESSAGE_COST_BYTES;
    if (this.#waitingBytes >= AHEAD_BYTES) this.socket.pause();
  }

  #count(): void {
    // After its end, waiting messages go to the reader, or are dropped.
    this.#share.set(this.#isOver ? 0 : this.#partBytes + this.#waitingBytes);
  }

  /** A ping or pong has come, of which nothing is kept. */
  #noteControl(data: Buffer): void {
    this.#frameCount++;
    this.#partBytes = Math.max(0, this.#partBytes - controlBytes(data, this.#isClient));
  }

  #answerPing(data: Buffer): void {
    this.#noteControl(data);
    if (this.#takesControl) this.#writer.pong(data, !this.#isClient);
    this.#reader?.onPing?.(data);
  }

  get #takesControl(): boolean {
    return this.socket.writableLength < MAX_PONG_BYTES && !this.#hasClosed && this.socket.writable;
  }

  #concluded(code: number, reason: Buffer): void {
    this.#closedWith = [code, reason];
    if (this.#hasClosed) closeSoon(this.socket);
    if (this.#reader !== undefined) this.#reader.onClose(code, reason);
    else this.onGone?.();
  }

  /** The peer is no longer read from. */
  #giveUp(code: number, reason?: string): void {
    this.close(code, reason);
    this.socket.off('data', this.#read);
    this.#frames.destroy();
    this.#end();
  }

  readonly #end = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#count();
    // Otherwise a client's connection stays half open.
    if (!this.socket.destroyed) closeSoon(this.socket);
    if (this.#reader !== undefined) this.#reader.onEnd();
    else this.onGone?.();
  };
}
