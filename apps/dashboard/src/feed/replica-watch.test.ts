import { expect, test } from 'vitest';
import { makeSnapshot } from '../testing/make-snapshot.ts';
import { ReplicaWatch } from './replica-watch.ts';

const START_MS = 1_790_000_000_000;

/** Notes a snapshot of a process each second, by when each was started. */
function watch(startedS: readonly number[]): { readonly seen: ReplicaWatch; readonly nowMs: number } {
  const seen = new ReplicaWatch();
  for (const [second, started] of startedS.entries()) {
    const atMs = START_MS + second * 1000;
    const uptimeMs = (second - started) * 1000;
    seen.note(makeSnapshot({ atMs, process: { uptimeMs } }), atMs);
  }
  return { seen, nowMs: START_MS + startedS.length * 1000 };
}

test.each([
  ['one process', [-500, -500, -500], false],
  ['one whose clock is a little off', [-500, -499, -501], false],
  ['one that was started anew', [-500, -500, 2, 2], false],
  ['one that was started anew twice', [-500, 1, 1, 3, 3], false],
  ['two in turn', [-500, -90, -500], true],
  ['three in turn', [-500, -90, -70, -90], true],
])('of %s the page knows how many there are', (_, startedS, expected) => {
  const { seen, nowMs } = watch(startedS);
  expect(seen.areSeveral(nowMs)).toBe(expected);
  expect(seen.areSeveral(nowMs + 70_000)).toBe(false);
});
