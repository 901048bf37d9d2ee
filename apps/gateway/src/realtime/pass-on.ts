import type { Duplex } from 'node:stream';
import { type KeptBytes, KeptShare } from '../overload/kept-bytes.ts';

/** So much is read ahead of the other side, to see a peer leave although the other does not read. */
const AHEAD_BYTES = 262_144;

/**
 * Passes on what one side of a session sends, a little ahead of what the other takes; on all sessions together no more
 * than `kept` allows.
 *
 * @param giveUp ends the session, as far too much is kept
 */
export function passOn(from: Duplex, to: Duplex, kept: KeptBytes, giveUp: () => void): void {
  const share = new KeptShare(kept);
  from.on('data', (chunk: Buffer) => {
    const isTaken = to.write(chunk);
    if (isTaken) return;
    share.set(to.writableLength);
    if (kept.isFarOverLimit) giveUp();
    else if (kept.isOverLimit || to.writableLength > AHEAD_BYTES) from.pause();
  });
  to.on('drain', () => {
    share.set(0);
    from.resume();
  });
  to.once('close', () => share.set(0));
  from.once('end', () => to.end());
  from.resume();
}
