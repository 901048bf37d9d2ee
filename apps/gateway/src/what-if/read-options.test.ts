import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readOptions } from './read-options.ts';

const folder = resolve('/somewhere');
const needed = ['--log', 'a.jsonl', '--config', 'one/spillway.yaml'];

test('files are those of the folder that the command was called in, and configurations have their short names', () => {
  expect(
    readOptions([...needed, '--config', 'two.yaml', '--report', 'out', '--json', '/out.json'], folder),
  ).toEqual({
    logs: [resolve(folder, 'a.jsonl')],
    configs: [
      { name: 'spillway.yaml', file: resolve(folder, 'one/spillway.yaml') },
      { name: 'two.yaml', file: resolve(folder, 'two.yaml') },
    ],
    given: new Map(),
    jsonFile: resolve('/out.json'),
    reportFolder: resolve(folder, 'out'),
  });
});

test('configurations of one name are told apart by their paths', () => {
  const { configs } = readOptions([...needed, '--config', 'two/spillway.yaml'], folder);
  expect(configs.map(({ name }) => name)).toEqual(['one/spillway.yaml', 'two/spillway.yaml']);
});

test.each([
  ['east=30000', ['east', { tpm: 30_000, rpm: undefined }]],
  ['east=30000,180', ['east', { tpm: 30_000, rpm: 180 }]],
  ['east=none', ['east', { tpm: Infinity, rpm: undefined }]],
  ['a=b=7', ['a=b', { tpm: 7, rpm: undefined }]],
])('the quota %s is %j', (text, expected) => {
  expect([...readOptions([...needed, '--quota', text], folder).given]).toEqual([expected]);
});

test.each(['east', 'east=', '=5', 'east=0', 'east=5,0', 'east=-1', 'east=1e9', 'east=5,', 'east=5 000'])(
  'the quota %j is wrong, and it is said what is not',
  (text) => {
    expect(() => readOptions([...needed, '--quota', text], folder)).toThrow(
      `--quota: "${text}"; allowed: backend=tokens a minute, such as east=30000, east=30000,180 or east=none`,
    );
  },
);

test.each([
  [[], '--log is missing'],
  [[], '--config is missing'],
  [['--speed', '3'], "Unknown option '--speed'"],
  [['a.jsonl'], 'Unexpected argument'],
  [['--config', ''], '--config is empty'],
  [[...needed, '--json='], '--json is empty'],
])('the command line %j is wrong: %s', (args, problem) => {
  expect(() => readOptions(args, folder)).toThrow(problem);
});
