import type { Socket } from 'node:net';
import {
  isAnnouncement,
  readSessionClose,
  readSessionRefusal,
  type SessionRefusal,
  type StreamOpening,
} from '@spillway/core';
import type { WebSocketParts } from '../websocket/load-parts.ts';
import { type Message, MessageConnection, type MessageLimits } from '../websocket/message-connection.ts';

/** A session whose messages are read, as its client has opened it. */
export interface OpenedSession {
  readonly parts: WebSocketParts;
  readonly limits: MessageLimits;
}

/** What a session at a backend begins with. */
export interface SessionStart extends OpenedSession {
  /** The client's first message. */
  readonly message: Buffer;
  /** Puts the backend's name for a deployment into a message. */
  readonly rename: (message: Buffer) => Buffer;
}

/** Who waits for what comes of a session's beginning. */
interface OpeningListener {
  /** It has said something, so that it can be judged. */
  onOpen(): void;
  /** Its connection broke before it said anything. */
  onBroken(): void;
}

/** So much is kept of what a session says before it says something. */
const JUDGED_BYTES = 16_384;

/**
 * The session of a client at one backend. What it is asked for comes as a message, after its upgrade, so that only its first
 * messages tell whether the backend serves it.
 */
export class BackendSession {
  readonly messages: MessageConnection;
  readonly rename: SessionStart['rename'];
  /** What it has said first, once that is more than an announcement. */
  opening: StreamOpening | undefined;
  /** The refusal that it began with. */
  refusal: SessionRefusal | undefined;
  /** What it has said until it was judged. */
  readonly said: Message[] = [];
  /** Sees each message that the client gets. */
  watcher: ((message: Buffer) => void) | undefined;
  readonly #listener: OpeningListener;
  #saidBytes = 0;
  #isHeld = true;

  constructor(socket: Socket, { message, rename, parts, limits }: SessionStart, listener: OpeningListener) {
    this.rename = rename;
    this.#listener = listener;
    this.messages = new MessageConnection(socket, false, parts, limits);
    this.messages.send(rename(message));
    this.messages.readBy({
      onMessage: (data, isBinary) => {
        this.#note(data, isBinary);
        if (!this.#isHeld || this.opening !== undefined || this.#saidBytes > JUDGED_BYTES) this.#open();
      },
      onClose: (code) => {
        this.opening = { kind: 'cut-short' };
        if (this.isSilent) this.refusal = readSessionClose(code);
        this.#open();
      },
      onEnd: () => listener.onBroken(),
    });
  }

  /** Whether it has said nothing at all yet. */
  get isSilent(): boolean {
    return this.said.length === 0;
  }

  /** An announcement is held back no longer. */
  stopHolding(): void {
    this.#isHeld = false;
    if (!this.isSilent) this.#open();
  }

  /** What it says from now on is kept for its client. */
  stopReading(): void {
    this.messages.readBy(undefined);
  }

  /** Ends it in good order, as nobody needs it. */
  end(): void {
    this.messages.close();
  }

  #note(data: Buffer, isBinary: boolean): void {
    this.said.push([data, isBinary]);
    this.#saidBytes += data.length;
    if (isBinary) return;
    const event = { name: '', data: data.toString() };
    if (isAnnouncement(event)) return;
    this.opening = { kind: 'event', event };
    this.refusal = readSessionRefusal(event.data);
  }

  #open(): void {
    this.stopReading();
    this.#listener.onOpen();
  }
}
