import { WebSocket } from 'ws';
import type { ServerEvent } from './conversation.ts';

const mostBuffered = 1024 * 1024;

/** How a session's events are sent. */
export interface Pace {
  /** Writes an event as a frame. */
  readonly frameOf: (event: ServerEvent) => string;
  /** Returns how many milliseconds to wait after an event. */
  readonly pauseAfter: (type: string) => number;
  /** Called for each frame sent; returns false when it was the last. */
  readonly sent: (bytes: number) => boolean;
}

/** Sends events one after the other, no faster than the client reads, until the last or the end of the session. */
export function playEvents(socket: WebSocket, events: Iterable<ServerEvent>, pace: Pace): void {
  const iterator = events[Symbol.iterator]();
  let timer: NodeJS.Timeout | undefined;
  const stop = () => clearTimeout(timer);

  const playOn = () => {
    socket.off('close', stop);
    while (socket.readyState === WebSocket.OPEN) {
      const next = iterator.next();
      if (next.done === true) return;
      const frame = pace.frameOf(next.value);
      const pauseMs = pace.pauseAfter(next.value.type);
      const isFull = pauseMs === 0 && socket.bufferedAmount > mostBuffered;
      // The callback comes when the frame has left, or with an error when the session is over.
      socket.send(frame, isFull ? playOn : undefined);
      if (!pace.sent(Buffer.byteLength(frame)) || isFull) return;
      if (pauseMs === 0) continue;
      timer = setTimeout(playOn, pauseMs);
      socket.once('close', stop);
      return;
    }
  };
  playOn();
}
