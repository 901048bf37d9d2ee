import { expect } from 'vitest';
import type { WebSocket } from 'ws';

/** Far more than the sockets and the gateway between them may hold. */
const PLENTY_BYTES = 100 * 1024 * 1024;

/**
 * Writes at one end of a session while the other does not read, until no more is taken. Returns the number of bytes
 * taken.
 */
export async function writeUntilHeld(
  writer: WebSocket,
  reader: WebSocket,
  piece: Buffer | string,
): Promise<number> {
  reader.pause();
  let written = 0;
  // Each piece is written once the one before it has reached the kernel.
  const writeOn = () => {
    if (written >= PLENTY_BYTES) return;
    written += piece.length;
    writer.send(piece, writeOn);
  };
  writeOn();
  let last = -1;
  const isStill = () => {
    const isSame = written === last;
    last = written;
    return isSame;
  };
  await expect.poll(isStill, { interval: 150 }).toBe(true);
  return written;
}
