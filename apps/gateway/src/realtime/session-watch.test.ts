import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { endsWithCloseFrame } from './session-watch.ts';

const frame = (opcode: number, payload: Uint8Array) => Buffer.from([opcode, payload.length, ...payload]);
const payload = fc.uint8Array({ maxLength: 125 });

test('every close frame is known, whatever comes before it', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), payload, (before, payload) => {
      expect(endsWithCloseFrame(Buffer.concat([before, frame(0x88, payload)]))).toBe(true);
    }),
  );
});

test.each<[string, Buffer]>([
  ['nothing', Buffer.alloc(0)],
  ['a text', frame(0x81, Buffer.from('Hi'))],
  ['a ping', frame(0x89, Buffer.from('Hi'))],
  [
    'a close frame that something follows',
    Buffer.concat([frame(0x88, Buffer.from('Hi')), frame(0x81, Buffer.from('x'))]),
  ],
  ['half a close frame', frame(0x88, Buffer.from('Hi')).subarray(0, 3)],
  ['the first byte of one', Buffer.from([0x88])],
])('%s is none', (_, tail) => {
  expect(endsWithCloseFrame(tail)).toBe(false);
});
