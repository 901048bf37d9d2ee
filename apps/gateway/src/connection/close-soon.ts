import type { Duplex } from 'node:stream';

/**
 * How long the other side may keep sending before it is cut off: without a pause, and in all. nginx calls these
 * `lingering_timeout` and `lingering_time`, with 5 and 30 s.
 */
const QUIET_MS = 1000;
const LINGER_MS = 30_000;

/**
 * Ends a connection, after these last bytes if there are any. Later input is read and dropped, as closing with unread
 * input causes a reset that destroys bytes the other side has not read yet.
 */
export function closeSoon(socket: Duplex, lastBytes?: string): void {
  if (socket.destroyed) return;
  socket.resume();
  socket.end(lastBytes, () => linger(socket));
}

function linger(socket: Duplex): void {
  const destroy = () => socket.destroy();
  const quiet = setTimeout(destroy, QUIET_MS).unref();
  const longest = setTimeout(destroy, LINGER_MS).unref();
  socket.on('data', () => quiet.refresh());
  socket.once('end', destroy);
  socket.once('close', () => {
    clearTimeout(quiet);
    clearTimeout(longest);
  });
}
