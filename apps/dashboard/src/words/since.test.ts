import { expect, test } from 'vitest';
import { makeSnapshot } from '../testing/make-snapshot.ts';
import { sinceText } from './since.ts';

const MINUTE_MS = 60_000;
const [opened, watched] = [
  { forMs: 5000, fromBeginning: false },
  { forMs: 5000, fromBeginning: true },
];

test.each([
  [
    'refuses, whenever the page was opened',
    'refusing',
    { hurtForMs: 90 * MINUTE_MS },
    opened,
    'for 1 h 30 min',
  ],
  ['spills, whenever the page was opened', 'spilling', { spillingForMs: 3 * MINUTE_MS }, opened, 'for 3 min'],
  ['refused until now', 'refusing', { hurtForMs: 20_000, hurtAgoMs: 5000 }, opened, 'for 15 s'],
  ['takes nothing, and nobody asks', 'refusing', {}, opened, 'for at least 5 s'],
  ['spills although it refused before', 'spilling', { hurtForMs: MINUTE_MS }, watched, 'for 5 s'],
  ['has just begun to spill', 'spilling', { spillingForMs: 300 }, watched, ''],
  ['served before the page was opened', 'serving', {}, opened, 'for at least 5 s'],
  ['serves again since the page has seen it', 'serving', {}, watched, 'for 5 s'],
  ['serves', 'serving', {}, { forMs: 300, fromBeginning: true }, ''],
] as const)('the page tells since when a gateway %s', (_, tone, totals, seen, text) => {
  expect(sinceText(tone, makeSnapshot({ totals }), seen)).toBe(text);
});
