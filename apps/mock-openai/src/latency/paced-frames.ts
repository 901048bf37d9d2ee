/** How the content filter lets a stream through: in blocks that it has read (`default`), or token by token. */
export const contentFilters = ['default', 'asynchronous'] as const;

/** How the content filter lets a stream through. */
export type ContentFilter = (typeof contentFilters)[number];

/** How fast a model writes. */
export interface Rhythm {
  /** Draws the time that the next token takes. */
  readonly nextTokenMs: () => number;
  /** Draws how many tokens the content filter lets through at once. */
  readonly nextBlock: () => number;
}

// The prompt's filter results, the role and the first token come together: their time is the time to the first token.
const openingFrames = 3;

/** Puts the model's pauses between the frames of a stream, each of which is one token. */
export function* pacedFrames(frames: Iterable<string | number>, rhythm: Rhythm): Generator<string | number> {
  let opening = openingFrames;
  let block: (string | number)[] = [];
  let blockMs = 0;
  let size = 0;
  for (const frame of frames) {
    if (opening > 0) {
      opening -= 1;
      yield frame;
      continue;
    }
    if (block.length === 0) size = rhythm.nextBlock();
    block.push(frame);
    blockMs += rhythm.nextTokenMs();
    if (block.length < size) continue;
    yield blockMs;
    yield* block;
    block = [];
    blockMs = 0;
  }
  if (block.length === 0) return;
  yield blockMs;
  yield* block;
}
