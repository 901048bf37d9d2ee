import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { readWhole } from './made-body.ts';

test('a body whose time was over before is broken off, and Node has nothing to warn of', async () => {
  const warnings: string[] = [];
  const note = ({ name }: Error) => void warnings.push(name);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const over = { aborted: 0 };
  const body = { readBy: () => {}, abort: () => over.aborted++ };
  expect(await readWhole(body as never, { maxMs: -5 })).toBeUndefined();
  await turn();
  expect([over.aborted, warnings]).toEqual([1, []]);
});
