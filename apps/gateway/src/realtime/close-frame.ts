/** The longest close frame of a server, its head included (RFC 6455 §5.5: at most 125 bytes follow). */
export const LONGEST_CLOSE_FRAME = 127;

const FINAL_CLOSE = 0x88;

/**
 * Answers whether the last bytes of a server are a close frame, by which it ended its session in good order. Frames are
 * not followed for this: of other last bytes one in 500 looks like it, at random.
 */
export function endsWithCloseFrame(tail: Buffer): boolean {
  for (let start = Math.max(0, tail.length - LONGEST_CLOSE_FRAME); start + 2 <= tail.length; start++) {
    if (tail[start] === FINAL_CLOSE && tail[start + 1] === tail.length - start - 2) return true;
  }
  return false;
}
