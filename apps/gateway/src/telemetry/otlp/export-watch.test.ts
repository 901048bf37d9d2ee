import { expect, test } from 'vitest';
import type { Log } from '../log.ts';
import { ExportWatch } from './export-watch.ts';

const silent = { warn() {}, info() {} } as unknown as Log;
const makeWatch = () => new ExportWatch<string[]>('traces', silent, ({ length }) => length);

/** Sends a batch that the receiver takes, except for what it rejects. */
function send(watch: ExportWatch<string[]>, batch: string[], rejected = 0): void {
  const exporter = {
    export(_: string[], done: (result: { code: number }) => void) {
      if (rejected > 0) watch.noteRejected(rejected);
      done({ code: 0 });
    },
  };
  watch.watch(exporter).export(batch, () => {});
}

test('what is rejected of one signal is not counted for another whose result comes first', () => {
  const [one, other] = [makeWatch(), makeWatch()];
  one.noteRejected(2);
  send(other, ['a', 'b', 'c']);
  send(one, ['a', 'b', 'c']);
  expect([one.dropped, other.dropped]).toEqual([2, 0]);
});

test('what is rejected of a batch is counted once, and never more than was sent', () => {
  const watch = makeWatch();
  send(watch, ['a', 'b'], 5);
  send(watch, ['a']);
  expect(watch.dropped).toBe(2);
});
