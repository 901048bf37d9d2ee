import type { ServerResponse } from 'node:http';

/** Writes the pieces of a body one after the other, `delayMs` apart, no faster than the client reads; then calls `done`. */
export function playPieces(
  response: ServerResponse,
  pieces: Iterable<string | Uint8Array>,
  delayMs: number,
  done: () => void,
): void {
  const iterator = pieces[Symbol.iterator]();
  let timer: NodeJS.Timeout | undefined;
  if (delayMs > 0) response.once('close', () => clearTimeout(timer));

  const playOn = () => {
    if (response.destroyed) return;
    response.cork();
    let isWaiting = false;
    while (!isWaiting) {
      const next = iterator.next();
      if (next.done === true) {
        response.uncork();
        done();
        return;
      }
      const hasRoom = response.write(next.value);
      isWaiting = delayMs > 0 || !hasRoom;
      if (!hasRoom) response.once('drain', playOn);
      else if (delayMs > 0) timer = setTimeout(playOn, delayMs);
    }
    response.uncork();
  };
  playOn();
}
