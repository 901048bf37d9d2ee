import { expect, test } from 'vitest';
import { CLOSE_FRAME, Pattern, PatternReader } from './pattern.ts';

/** Returns whether a reader of `marker` accepts these bytes, and how many it has read. */
function read(marker: string, ...chunks: readonly Buffer[]) {
  const reader = new PatternReader(marker, 'backend');
  for (const chunk of chunks) reader.push(chunk);
  return [reader.isRight, reader.bytes, reader.frameBytes];
}

const sent = (marker: string, count: number) => new Pattern(marker, 'backend').next(count);

test('the bytes of a session are right in whatever pieces they come, the close frame at their end too', () => {
  const bytes = Buffer.concat([sent('m1', 5000), CLOSE_FRAME]);
  expect(read('m1', bytes)).toEqual([true, 5000, 4]);
  expect(read('m1', ...Array.from(bytes, (byte) => Buffer.from([byte])))).toEqual([true, 5000, 4]);
});

test('bytes that are missing, doubled, of another session or behind the close frame are wrong', () => {
  const bytes = sent('m1', 5000);
  expect(read('m1', bytes.subarray(1))[0]).toBe(false);
  expect(read('m1', bytes.subarray(0, 100), bytes.subarray(101))[0]).toBe(false);
  expect(read('m1', bytes.subarray(0, 100), bytes.subarray(99))[0]).toBe(false);
  expect(read('m2', bytes)[0]).toBe(false);
  expect(read('m1', bytes, CLOSE_FRAME, Buffer.from([1]))[0]).toBe(false);
});
