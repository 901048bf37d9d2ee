import { expect, test } from 'vitest';
import { BodyTail } from './body-tail.ts';
import { watchUsage } from './usage-watch.ts';

const usage = { promptTokens: 100, outputTokens: 25, cachedTokens: 64, reasoningTokens: 16 };
const json =
  '{"usage":{"prompt_tokens":100,"completion_tokens":25,"prompt_tokens_details":{"cached_tokens":64},' +
  '"completion_tokens_details":{"reasoning_tokens":16}}}';

/** Watches an answer, and returns the watch's result and the usage reported to the quota. */
function watch({
  headers = { 'content-type': 'application/json' } as Record<string, string>,
  body = json,
  wantsUsage = false,
  isWanted = false,
}) {
  const finished: unknown[] = [];
  const lease = { wantsUsage, finish: (...told: unknown[]) => void finished.push(told) };
  const tail = new BodyTail('json');
  tail.isWhole = true;
  const answer = { header: (name: string) => headers[name], body: { body: { keepTail: () => tail } } };
  const watched = watchUsage({ kind: 'relay', lease, answer }, isWanted);
  tail.push(Buffer.from(body));
  return { isWatched: watched !== undefined, usage: watched?.end(7), finished };
}

test('an answer whose usage nobody wants is not watched', () => {
  expect(watch({})).toEqual({ isWatched: false, usage: undefined, finished: [] });
});

test('a quota that wants the usage of an answer is told it when the answer is over', () => {
  expect(watch({ wantsUsage: true })).toEqual({ isWatched: true, usage, finished: [[usage, 7]] });
});

test('usage that only others want corrects no quota', () => {
  expect(watch({ isWanted: true })).toEqual({ isWatched: true, usage, finished: [] });
});

test('usage is read once for the quota and for others', () => {
  expect(watch({ wantsUsage: true, isWanted: true })).toEqual({
    isWatched: true,
    usage,
    finished: [[usage, 7]],
  });
});

test('an answer without usage corrects no quota', () => {
  expect(watch({ wantsUsage: true, body: '{"usage":null}' })).toEqual({
    isWatched: true,
    usage: undefined,
    finished: [],
  });
});

test('no usage is looked for where no backend has served the request', () => {
  expect(watchUsage({ kind: 'exhausted' }, true)).toBeUndefined();
  expect(watchUsage({ kind: 'abandoned' }, true)).toBeUndefined();
});

test.each([
  [true, { 'content-type': 'application/json; charset=utf-8' }],
  [true, { 'content-type': 'text/event-stream' }],
  [true, { 'content-type': 'application/json', 'content-encoding': 'identity' }],
  [false, { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
  [false, { 'content-type': 'text/event-stream', 'content-encoding': 'br' }],
  [false, { 'content-type': 'application/octet-stream' }],
  [false, { 'content-type': 'audio/mpeg' }],
  [false, {}],
])('is it looked for usage (%s) in an answer with the headers %j', (isWatched, headers) => {
  expect(watch({ headers, isWanted: true }).isWatched).toBe(isWatched);
});
