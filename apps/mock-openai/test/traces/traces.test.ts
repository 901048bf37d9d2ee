import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { clientTraces } from './client-traces.ts';
import { embeddingTraces } from './embedding-traces.ts';
import { errorTraces } from './error-traces.ts';
import { putTraces } from './render-traces.ts';
import { streamTraces } from './stream-traces.ts';
import { successTraces } from './success-traces.ts';
import { throttleHeaderTraces } from './throttle-header-traces.ts';
import { throttleTextTraces } from './throttle-text-traces.ts';
import { isSame } from './trace.ts';
import type { AskedTrace, Trace } from './trace.ts';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));

const sections: readonly (readonly [string, readonly Trace[]])[] = [
  ['Good answers', [...successTraces, ...embeddingTraces]],
  ['Streams', streamTraces],
  ['Errors', errorTraces],
  ['Texts of a 429', throttleTextTraces],
  ['Headers of a 429', throttleHeaderTraces],
  ['What the openai package makes of it', clientTraces],
];

const asked = new Map<Trace, AskedTrace>();
beforeAll(async () => {
  // One after the other: some count the seconds between two calls.
  for (const trace of sections.flatMap(([, traces]) => traces)) {
    asked.set(trace, { ...trace, mock: await trace.ask() });
  }
}, 60_000);

function find(trace: Trace): AskedTrace {
  const found = asked.get(trace);
  if (found === undefined) throw new Error(`${trace.what}: the mock was not asked.`);
  return found;
}

const all = sections.flatMap(([title, traces]) => traces.map((trace) => ({ title, trace, ...trace })));

test.each(all.filter(({ why }) => why === undefined))(
  '$title, $what: the mock does the same',
  ({ trace }) => {
    expect(find(trace).mock).toEqual(trace.wild);
  },
);

test.each(all.filter(({ why }) => why !== undefined))('$title, $what: differs, as it says', ({ trace }) => {
  expect(find(trace).mock.join('')).not.toBe('');
  expect(isSame(find(trace))).toBe(false);
});

test('the README shows what the mock does today', async () => {
  const shown = sections.map(([title, traces]) => [title, traces.map(find)] as const);
  const text = await readFile(readme, 'utf8');
  await expect(putTraces(text, shown)).toMatchFileSnapshot(readme);
});
