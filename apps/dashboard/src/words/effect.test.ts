import { expect, test } from 'vitest';
import { makeSnapshot } from '../testing/make-snapshot.ts';
import { questionOf } from './effect.ts';

const three = makeSnapshot();
const two = makeSnapshot({ backends: [{ name: 'eastus' }, { name: 'westeurope', priority: 2 }] });
const one = makeSnapshot({ backends: [{ name: 'eastus' }, { name: 'westeurope', state: 'draining' }] });
const four = makeSnapshot({
  backends: [
    { name: 'eastus' },
    { name: 'westeurope', priority: 2 },
    { name: 'japaneast', priority: 2 },
    { name: 'uksouth', priority: 3 },
  ],
});

test.each([
  [
    'of two in its priority',
    three,
    'It gets no new requests. The 3 under way finish. This leaves 2 backends; in priority 1: swedencentral.',
  ],
  ['that leaves one', two, 'It gets no new requests. This leaves 1 backend: westeurope.'],
  [
    'that is the last',
    one,
    'It gets no new requests. This leaves no backend: clients get a 503 until you undrain it.',
  ],
  [
    'that is alone in its priority',
    four,
    'It gets no new requests. This leaves 3 backends, none in priority 1: its requests spill to westeurope, japaneast and uksouth.',
  ],
])('the question before a backend %s is drained names the effect', (_, snapshot, effect) => {
  expect(questionOf('drain', { backend: 'eastus' }, snapshot)).toEqual({
    title: 'Drain eastus?',
    effect,
    verb: 'Drain',
    isRisky: true,
  });
});

test('the question about a deployment names it and its backend', () => {
  const subject = { backend: 'eastus', deployment: 'gpt-4o' };
  expect(questionOf('clear-cooldown', subject, three).title).toBe('Clear the cooldown of gpt-4o at eastus?');
  expect(questionOf('undrain', subject, three).title).toBe('Let gpt-4o at eastus serve again?');
});
