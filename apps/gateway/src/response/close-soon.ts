import type { Duplex } from 'node:stream';

/** How long the other side has to read what was said last. Whoever keeps its half of the connection open is cut off then. */
const LINGER_MS = 1000;

/**
 * Ends a connection, after these last bytes if there are any. What still comes is read and dropped, as closing over
 * unread bytes would reset away what the other side has not read yet.
 */
export function closeSoon(socket: Duplex, lastBytes?: string): void {
  socket.resume();
  socket.end(lastBytes, () => setTimeout(() => socket.destroy(), LINGER_MS).unref());
}
