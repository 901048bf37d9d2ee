import { expect, test } from 'vitest';
import { inTurn } from './in-turn.ts';

test('files are read one after the other, also after one that cannot be, so that a share that hangs keeps one thread', async () => {
  const begun: number[] = [];
  const endings: (() => void)[] = [];
  const readings = [1, 2, 3].map((number) =>
    inTurn(() => {
      begun.push(number);
      return new Promise<number>((resolve, reject) =>
        endings.push(() => (number === 1 ? reject(new Error('EIO')) : resolve(number))),
      );
    }),
  );
  const settled = Promise.allSettled(readings);
  for (const count of [1, 2, 3]) {
    await expect.poll(() => begun.length).toBe(count);
    expect(begun).toEqual([1, 2, 3].slice(0, count));
    endings[count - 1]?.();
  }
  expect(await settled).toMatchObject([{ status: 'rejected' }, { value: 2 }, { value: 3 }]);
});
