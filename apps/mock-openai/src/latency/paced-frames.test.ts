import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { pacedFrames } from './paced-frames.ts';

const frames = (count: number) => Array.from({ length: count }, (_, index) => `frame ${index}`);

test('the first three frames come at once, then each takes its time', () => {
  const rhythm = { nextTokenMs: () => 20, nextBlock: () => 1 };
  expect([...pacedFrames(frames(5), rhythm)]).toEqual([
    'frame 0',
    'frame 1',
    'frame 2',
    20,
    'frame 3',
    20,
    'frame 4',
  ]);
});

test('a block comes at once, after the time that all its tokens take', () => {
  const rhythm = { nextTokenMs: () => 20, nextBlock: () => 2 };
  expect([...pacedFrames(frames(6), rhythm)].slice(3)).toEqual([40, 'frame 3', 'frame 4', 20, 'frame 5']);
});

test('no frame is lost or moved, and the time is that of all tokens but the first, however large the blocks', () => {
  fc.assert(
    fc.property(
      fc.nat({ max: 200 }),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      (count, sizes) => {
        let drawn = 0;
        const nextBlock = () => sizes[drawn++ % sizes.length] ?? 1;
        const pieces = [...pacedFrames(frames(count), { nextTokenMs: () => 5, nextBlock })];
        expect(pieces.filter((piece) => typeof piece === 'string')).toEqual(frames(count));
        const times = pieces.filter((piece) => typeof piece === 'number');
        expect(times.reduce((sum, time) => sum + time, 0)).toBe(5 * Math.max(0, count - 3));
      },
    ),
  );
});
