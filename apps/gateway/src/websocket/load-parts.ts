import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Reads frames, and assembles messages: a class of `ws`, which exports it without its type. */
export interface FrameReader extends Pick<Writable, 'write' | 'destroy' | 'destroyed'> {
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'conclude', listener: (code: number, reason: Buffer) => void): unknown;
  on(event: 'ping' | 'pong', listener: (data: Buffer) => void): unknown;
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown;
  on(event: 'drain', listener: () => void): unknown;
}

/** Writes messages as frames, which must be masked when sent to a server (RFC 6455 §5.1). */
export interface FrameWriter {
  send(
    data: Buffer,
    options: {
      readonly fin: boolean;
      readonly binary: boolean;
      readonly mask: boolean;
      readonly compress: boolean;
    },
  ): void;
  ping(data: Buffer, mask: boolean): void;
  pong(data: Buffer, mask: boolean): void;
  close(code: number | undefined, reason: Buffer | string, mask: boolean): void;
}

/** The parts of a WebSocket implementation that work on an already upgraded connection. */
export interface WebSocketParts {
  readonly Receiver: new (options: {
    readonly isServer: boolean;
    readonly maxPayload: number;
    readonly maxFragments: number;
    readonly maxBufferedChunks: number;
  }) => FrameReader;
  readonly Sender: new (socket: Socket) => FrameWriter;
}

let parts: Promise<WebSocketParts> | undefined;

/** Loads them when the first session needs them. */
export function loadParts(): Promise<WebSocketParts> {
  parts ??= import('ws') as unknown as Promise<WebSocketParts>;
  return parts;
}
