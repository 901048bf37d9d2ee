import { setImmediate as endOfTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { sendTogether } from './send-together.ts';

test('the answers of one turn go out at its end, in their order', async () => {
  const sent: number[] = [];
  for (let i = 0; i < 3; i++) sendTogether({ endTurn: () => sent.push(i) });
  await Promise.resolve();
  expect(sent).toEqual([]);
  await endOfTurn();
  expect(sent).toEqual([0, 1, 2]);
});

test('no more than 64 answers wait for the end of a turn', async () => {
  const sent: number[] = [];
  for (let i = 0; i < 70; i++) sendTogether({ endTurn: () => sent.push(i) });
  expect(sent).toHaveLength(64);
  await endOfTurn();
  expect(sent).toEqual(Array.from({ length: 70 }, (_, i) => i));
});

test('an answer that becomes ready while others go out has a turn of its own', async () => {
  const sent: string[] = [];
  sendTogether({
    endTurn: () => {
      sent.push('first');
      sendTogether({ endTurn: () => sent.push('second') });
    },
  });
  await endOfTurn();
  expect(sent).toEqual(['first']);
  await endOfTurn();
  expect(sent).toEqual(['first', 'second']);
});
