import { expect, test } from 'vitest';
import { writeConfigFile } from '../../test/testing/write-config-file.ts';
import { readConfig } from './load.ts';

const backends: object[] = [{ url: 'https://a' }];
const client = (letter: string, more: object) => ({
  name: letter,
  keys: [{ sha256: letter.repeat(64) }],
  ...more,
});
const limited = (...deployments: string[]) => ({ budgets: [{ deployments, tpm: 1000 }] });

function warningsOf(config: object) {
  const path = writeConfigFile(JSON.stringify({ backends, ...config }));
  return readConfig({ SPILLWAY_CONFIG: path }).warnings.map(
    ({ key, found }) => `${key.split(' ').at(-1)}: ${found}`,
  );
}

const ONLY = 'which only budgets name: if it is misspelt, they limit nothing';

test('a deployment that only a budget names is warned of where no backend lists any, as it may be misspelt', () => {
  const path = writeConfigFile(JSON.stringify({ backends, clients: [client('a', limited('gtp-4o'))] }));
  expect(readConfig({ SPILLWAY_CONFIG: path }).warnings).toEqual([
    {
      key: `${path}:1 clients[0].budgets[0].deployments[0]`,
      found: `"gtp-4o", ${ONLY}`,
      allowed: 'a deployment that `deployments` of a backend or of a client lists as well',
    },
  ]);
});

test.each<[string, object]>([
  ['another client', { clients: [client('b', { deployments: ['gpt-4o'] })] }],
  ['a fallback', { fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'o3' }] }],
  ['a fallback that serves instead', { fallbacks: [{ deployment: 'o3', whenTooLong: 'gpt-4o' }] }],
  ['a backend that has one for everything', { backends: [{ url: 'https://a', deployment: 'gpt-4o' }] }],
])(
  'the name of %s tells what a misspelt budget means',
  (_, { clients = [], ...more }: { clients?: object[] }) => {
    const misspelt = { ...more, clients: [client('a', limited('gtp-4o')), ...clients] };
    expect(warningsOf(misspelt)).toEqual([
      `clients[0].budgets[0].deployments[0]: "gtp-4o" (did you mean gpt-4o?), ${ONLY}`,
    ]);
    const right = { ...more, clients: [client('a', limited('GPT-4o')), ...clients] };
    expect(warningsOf(right)).toEqual([]);
  },
);

test('a name in many budgets is warned of once, whatever its letter case', () => {
  const clients = [
    client('a', limited('gpt-4o', 'o3')),
    client('b', limited('o3', 'GPT-4o')),
    client('c', { ...limited('dall-e-3'), deployments: ['dall-e-3'] }),
    client('d', { budgets: [{ rpm: 1 }] }),
  ];
  expect(warningsOf({ clients })).toEqual([
    `clients[0].budgets[0].deployments[0]: "gpt-4o", ${ONLY}`,
    `clients[0].budgets[0].deployments[1]: "o3", ${ONLY}`,
  ]);
});

test('a key that ended up among the names of a budget is not shown', () => {
  const warnings = warningsOf({ clients: [client('a', limited('spw_PLANTED'))] });
  expect(warnings).toEqual([expect.stringContaining('a text (not shown), which only budgets name')]);
});

test('nothing is warned of once a backend lists its deployments, as other names are refused then', () => {
  const listing = { url: 'https://b', deployments: { 'gpt-4o': 'gpt-4o' } };
  expect(warningsOf({ backends: [...backends, listing], clients: [client('a', limited('gpt-4o'))] })).toEqual(
    [],
  );
});
