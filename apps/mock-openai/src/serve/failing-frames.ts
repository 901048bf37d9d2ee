/** Answers the first `count` frames of a stream with the times before them, then an event that ends it. */
export function* failingFrames(
  frames: Iterable<string | number>,
  count: number,
  event: string,
): Generator<string | number> {
  let left = count;
  for (const frame of left > 0 ? frames : []) {
    yield frame;
    if (typeof frame !== 'number') left -= 1;
    if (left === 0) break;
  }
  yield event;
}
