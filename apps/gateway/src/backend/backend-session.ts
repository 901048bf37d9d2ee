import type { Socket } from 'node:net';
import {
  isAnnouncement,
  readSessionClose,
  readSessionRefusal,
  type SessionRefusal,
  type StreamOpening,
} from '@spillway/core';
import type { WebSocketParts } from '../websocket/load-parts.ts';
import {
  type Message,
  MESSAGE_COST_BYTES,
  MessageConnection,
  type MessageLimits,
} from '../websocket/message-connection.ts';
import { HELD_BYTES } from './held-bytes.ts';

/** A session whose messages are read, as opened by its client. */
export interface OpenedSession {
  readonly parts: WebSocketParts;
  readonly limits: MessageLimits;
}

/** The beginning of a session at a backend. */
export interface SessionStart extends OpenedSession {
  /** The client's first message. */
  readonly message: Buffer;
  /** Puts the backend's name for a deployment into a message. */
  readonly rename: (message: Buffer) => Buffer;
}

/** The upgrade that an attempt asks for. */
export interface Upgrade {
  /** The `Sec-WebSocket-Key` of its handshake. */
  readonly key?: string | undefined;
  /** The beginning of a session whose messages are read. */
  readonly start?: SessionStart | undefined;
}

/** The listener for the result of a session's beginning. */
interface OpeningListener {
  /** The backend has said something, so that the session can be judged. */
  onOpen(): void;
  /** The connection broke before the backend said anything. */
  onBroken(): void;
}

/**
 * A client's session at one backend. The actual request comes as a message after the upgrade, so only the backend's
 * first messages tell whether it serves the session.
 */
export class BackendSession {
  readonly messages: MessageConnection;
  readonly rename: SessionStart['rename'];
  /** The first messages, once they are more than an announcement. */
  opening: StreamOpening | undefined;
  /** The refusal that the session began with. */
  refusal: SessionRefusal | undefined;
  /** All messages until the session was judged. */
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
        if (!this.#isHeld || this.opening !== undefined || this.#saidBytes > HELD_BYTES) this.#open();
      },
      onClose: (code) => {
        this.opening = { kind: 'cut-short' };
        if (this.isSilent) this.refusal = readSessionClose(code);
        this.#open();
      },
      onEnd: () => listener.onBroken(),
    });
  }

  /** Whether the backend has said nothing at all yet. */
  get isSilent(): boolean {
    return this.said.length === 0;
  }

  /** Holds back announcements no longer. */
  stopHolding(): void {
    this.#isHeld = false;
    if (!this.isSilent) this.#open();
  }

  /** Keeps the backend's messages for the client from now on. */
  stopReading(): void {
    this.messages.readBy(undefined);
  }

  /** Closes the session cleanly, as nobody needs it. */
  end(): void {
    this.messages.close();
  }

  #note(data: Buffer, isBinary: boolean): void {
    this.said.push([data, isBinary]);
    this.#saidBytes += data.length + MESSAGE_COST_BYTES;
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
