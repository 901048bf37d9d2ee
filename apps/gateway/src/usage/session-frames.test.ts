import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SessionFrames } from './session-frames.ts';

function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.from([first, length]), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

/** Reads bytes in chunks that end at the given places. */
function read(bytes: Buffer, cuts: readonly number[] = []) {
  const texts: string[] = [];
  let text = '';
  const frames = new SessionFrames({
    write: (chunk, from, to) => void (text += chunk.toString('latin1', from, to)),
    endMessage: () => {
      texts.push(text);
      text = '';
    },
  });
  let start = 0;
  for (const cut of [...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b)) {
    frames.write(bytes.subarray(start, cut));
    start = cut;
  }
  return { texts, isUnreadable: frames.isUnreadable };
}

test('the texts of a session are read wherever its bytes are cut', () => {
  const texts = ['{}', '', 'x'.repeat(125), 'x'.repeat(126), 'x'.repeat(70_000), 'ab'];
  const bytes = Buffer.concat([
    frame(0x81, Buffer.from('{}')),
    frame(0x81, Buffer.alloc(0)),
    frame(0x82, Buffer.from('binary')),
    ...texts.slice(2, 5).map((text) => frame(0x81, Buffer.from(text))),
    frame(0x01, Buffer.from('a')),
    frame(0x89, Buffer.from('ping')),
    frame(0x80, Buffer.from('b')),
    frame(0x88, Buffer.from([3, 232])),
  ]);
  fc.assert(
    fc.property(fc.array(fc.nat(), { maxLength: 30 }), (cuts) => {
      expect(read(bytes, cuts)).toEqual({ texts, isUnreadable: false });
    }),
  );
});

test.each([
  ['packed', frame(0xc1, Buffer.from('x'))],
  ['masked', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0])],
])('what is %s is not read', (_, bytes) => {
  expect(read(bytes)).toEqual({ texts: [], isUnreadable: true });
});
