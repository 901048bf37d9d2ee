import type { Socket } from 'node:net';

/**
 * Resets a connection: whatever its peer reads from it ends in an error. One that is being shut down cannot be reset any
 * more; Node would then drop the handle without closing it (`EINVAL`, and no `close` ever).
 */
export function resetConnection(socket: Socket): void {
  const isShuttingDown = socket.writableEnded && socket.writableLength === 0;
  if (isShuttingDown) socket.destroy();
  else socket.resetAndDestroy();
}
