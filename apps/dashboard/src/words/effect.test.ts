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

const out = makeSnapshot({
  backends: [
    { name: 'eastus' },
    { name: 'swedencentral', state: 'throttled' },
    { name: 'westeurope', priority: 2, state: 'cooling' },
  ],
});
const manyOut = makeSnapshot({
  backends: [
    { name: 'eastus' },
    ...['a', 'b', 'c', 'd'].map((name) => ({ name, priority: 2, state: 'throttled' as const })),
    { name: 'e', priority: 2 },
  ],
});
const reserve = makeSnapshot({
  backends: [
    { name: 'eastus' },
    { name: 'reserve', weight: 0 },
    { name: 'westeurope', priority: 2 },
    { name: 'japaneast', priority: 2 },
  ],
});
const onlyReserve = makeSnapshot({ backends: [{ name: 'eastus' }, { name: 'reserve', weight: 0 }] });

test.each([
  ['are out, and which', out, 'This leaves 2 backends; in priority 1: swedencentral (throttled).'],
  [
    'are out, and how many',
    manyOut,
    'This leaves 5 backends, none in priority 1: its requests spill to 5 backends, 4 of them throttled.',
  ],
  [
    'get requests only after others of any priority',
    reserve,
    'This leaves 2 backends, none in priority 1: its requests spill to westeurope and japaneast.',
  ],
  ['are of no weight', onlyReserve, 'This leaves 1 backend: reserve (weight 0).'],
])('the question before a drain says of the backends that are left whether they %s', (_, snapshot, left) => {
  const { effect } = questionOf('drain', { backend: 'eastus' }, snapshot);
  expect(effect).toBe(`It gets no new requests. ${left}`);
});

test('the question before a deployment is drained says which backends are not known to have it', () => {
  const snapshot = makeSnapshot({
    backends: [
      { name: 'eastus', deployments: [{ name: 'gpt-4o' }] },
      { name: 'swedencentral', deployments: [{ name: 'o3' }] },
      { name: 'uksouth', deployments: [{ name: 'GPT-4o' }] },
      { name: 'westeurope', deployments: [{ name: 'o3' }], deploymentsLeftOut: 3 },
    ],
  });
  const { effect } = questionOf('drain', { backend: 'eastus', deployment: 'gpt-4o' }, snapshot);
  expect(effect).toBe(
    'It gets no new requests. This leaves 3 backends; in priority 1: swedencentral (not known to have it), uksouth and westeurope.',
  );
});

const mapped = makeSnapshot({
  backends: [
    { name: 'eastus', deployments: [{ name: 'gpt-4o' }] },
    { name: 'uksouth', deployments: [{ name: 'gpt-4o-uk', requestedAs: ['GPT-4o'], state: 'throttled' }] },
    { name: 'westeurope', deployments: [{ name: 'only' }], servesAllAs: 'only' },
  ],
});

test.each([
  ['eastus', 'gpt-4o', 'uksouth (throttled) and westeurope'],
  ['uksouth', 'gpt-4o-uk', 'eastus and westeurope'],
  ['westeurope', 'only', 'eastus and uksouth (throttled)'],
])(
  'the question before a deployment of %s is drained knows by which names others serve the same requests',
  (backend, deployment, left) => {
    expect(questionOf('drain', { backend, deployment }, mapped).effect).toBe(
      `It gets no new requests. This leaves 2 backends; in priority 1: ${left}.`,
    );
  },
);

test('the question before a drain says which clients no other backend serves', () => {
  const snapshot = makeSnapshot({
    backends: [
      { name: 'eastus', tags: ['us'] },
      { name: 'uksouth', tags: ['uk', 'eu'] },
      { name: 'westeurope', tags: ['eu'] },
      { name: 'drained', tags: ['uk', 'eu', 'us'], state: 'draining' },
    ],
    clientTags: [['eu'], ['eu', 'uk'], ['us']],
  });
  const effectOf = (backend: string) => questionOf('drain', { backend }, snapshot).effect;
  expect(effectOf('uksouth')).toBe(
    'It gets no new requests. This leaves 2 backends; in priority 1: eastus and westeurope. Clients that are limited to eu and uk get a 503 until you undrain it.',
  );
  expect(effectOf('westeurope')).not.toContain('503');
  expect(effectOf('eastus')).toContain('Clients that are limited to us get a 503');
});

test('the question before a cooldown is cleared says whether a client may have to wait for it', () => {
  const snapshot = makeSnapshot({
    backends: [
      { name: 'eastus', state: 'throttled', why: '429' },
      { name: 'uksouth', state: 'cooling', why: 'no answer in time' },
    ],
  });
  const effectOf = (backend: string) => questionOf('clear-cooldown', { backend }, snapshot).effect;
  expect(effectOf('eastus')).toContain('the client does not notice, as long as another backend has room');
  expect(effectOf('uksouth')).toContain(
    'If it fails too, uksouth cools down again; its client waits for that',
  );
});

test('the question about a deployment names it and its backend', () => {
  const subject = { backend: 'eastus', deployment: 'gpt-4o' };
  expect(questionOf('clear-cooldown', subject, three).title).toBe('Clear the cooldown of gpt-4o at eastus?');
  expect(questionOf('undrain', subject, three).title).toBe('Let gpt-4o at eastus serve again?');
});
