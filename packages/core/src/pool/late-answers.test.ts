import { expect, test } from 'vitest';
import { LateAnswers } from './late-answers.ts';

test.each([
  ['a stream', { 'content-type': 'text/event-stream; charset=utf-8' }, true],
  ['a session', { upgrade: 'websocket' }, true],
  ['a whole answer', { 'content-type': 'application/json' }, false],
  ['a whole answer that offers another protocol', { upgrade: 'h2,h2c' }, false],
])('what %s takes to begin is not taken for what others take', (_, headers: object, isStream) => {
  const late = new LateAnswers();
  const header = (name: string) => (headers as Record<string, string>)[name];
  for (let answer = 0; answer < 20; answer++) late.note('x', header, 100);
  expect(late.lateAfterMs('x', isStream)).toBeGreaterThan(0);
  expect(late.lateAfterMs('x', !isStream)).toBeUndefined();
});
