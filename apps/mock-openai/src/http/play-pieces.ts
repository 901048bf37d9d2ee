import type { Writable } from 'node:stream';

/** A part of an answer: bytes to write, or how many milliseconds to wait before the next ones. */
export type Piece = string | Uint8Array | number;

// At most this much is produced in vain for a client that does not read.
const longestText = 16 * 1024;

/** Writes the pieces of a body one after the other, no faster than the client reads; then calls `done`. */
export function playPieces(target: Writable, pieces: Iterable<Piece>, done: () => void): void {
  const iterator = joinTexts(pieces);
  let timer: NodeJS.Timeout | undefined;
  let dueMs: number | undefined;

  // Pauses add up from the first one: a late timer does not delay everything after it.
  const pause = (lengthMs: number): boolean => {
    const nowMs = performance.now();
    if (dueMs === undefined) target.once('close', () => clearTimeout(timer));
    dueMs = (dueMs ?? nowMs) + lengthMs;
    const leftMs = dueMs - nowMs;
    if (leftMs > 0) timer = setTimeout(playOn, leftMs);
    return leftMs > 0;
  };
  const playOn = () => {
    let isWaiting = target.destroyed;
    while (!isWaiting) {
      const next = iterator.next();
      if (next.done === true) {
        done();
        return;
      }
      if (typeof next.value === 'number') {
        isWaiting = pause(next.value);
      } else if (!target.write(next.value)) {
        isWaiting = true;
        target.once('drain', playOn);
      }
    }
  };
  playOn();
}

/** Joins the texts that have no pause between them: each write to a socket costs as much as twenty frames. */
function* joinTexts(pieces: Iterable<Piece>): Generator<Piece> {
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string' && text.length < longestText) {
      text += piece;
      continue;
    }
    if (text !== '') yield text;
    text = '';
    if (typeof piece === 'string') text = piece;
    else yield piece;
  }
  if (text !== '') yield text;
}

/** Puts the same pause between the pieces. */
export function* withPauses<P>(pieces: Iterable<P>, pauseMs: number): Generator<P | number> {
  let isFirst = true;
  for (const piece of pieces) {
    if (!isFirst) yield pauseMs;
    isFirst = false;
    yield piece;
  }
}
