import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { playPieces, withPauses } from './play-pieces.ts';
import type { Piece } from './play-pieces.ts';

/** Collects the writes, or accepts nothing more after the first one. */
function makeTarget(isRead: boolean): { readonly target: Writable; readonly writes: string[] } {
  const writes: string[] = [];
  const target = new Writable({
    write(chunk: Buffer, _encoding, taken) {
      writes.push(chunk.toString());
      if (isRead) taken();
    },
  });
  return { target, writes };
}

function play(target: Writable, pieces: Iterable<Piece>): Promise<void> {
  return new Promise((resolve) => playPieces(target, pieces, resolve));
}

test('texts are written together up to a pause, and bytes for themselves', async () => {
  const { target, writes } = makeTarget(true);
  await play(target, ['a', 'b', 5, 'c', Buffer.from('d'), Buffer.from('e'), 'f', 0, 'g']);
  expect(writes).toEqual(['ab', 'c', 'd', 'e', 'f', 'g']);
});

test('with a pause between all pieces each is written for itself', async () => {
  const { target, writes } = makeTarget(true);
  await play(target, withPauses(['a', 'b', 'c'], 1));
  expect(writes).toEqual(['a', 'b', 'c']);
});

test('for a client that does not read, no more is made than is written at once', () => {
  let made = 0;
  function* endless(): Generator<string> {
    for (;;) {
      made += 1;
      yield 'x'.repeat(1024);
    }
  }
  const { target, writes } = makeTarget(false);
  playPieces(target, endless(), () => {});
  expect(writes).toHaveLength(1);
  expect(made).toBeLessThan(target.writableHighWaterMark / 512);
});
