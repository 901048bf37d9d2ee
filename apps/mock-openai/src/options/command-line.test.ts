import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readCommandLine } from './command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'mock-openai-'));

afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

test('without options one mock starts on port 8081', () => {
  expect(readCommandLine([])).toEqual({ kind: 'start', mocks: [{ port: 8081 }] });
});

test.each(['--help', '-h'])('a command line with %s asks for help', (option) => {
  expect(readCommandLine([option])).toEqual({ kind: 'help' });
});

test('every option of a command line is read', () => {
  const line =
    '--port 0 --host ::1 --name a --api-key k --deployments x,y --script hang --control-port 9000 --latency 2s --time-scale 60 --content-filter asynchronous --seed 7 --completion-tokens 9 --prompt-cache false --record-limit 0 --record-bodies false';
  expect(readCommandLine([...line.split(' '), '--region', 'West Europe'])).toEqual({
    kind: 'start',
    mocks: [
      {
        port: 0,
        host: '::1',
        name: 'a',
        region: 'West Europe',
        apiKey: 'k',
        deployments: ['x', 'y'],
        script: 'hang',
        controlPort: 9000,
        timeScale: 60,
        latency: '2s',
        contentFilter: 'asynchronous',
        seed: 7,
        completionTokens: 9,
        promptCache: false,
        recordLimit: 0,
        recordBodies: false,
      },
    ],
  });
});

test('several instances have numbered names and ports that follow one another', () => {
  expect(
    readCommandLine(['--instances', '2', '--port', '9000', '--control-port', '9100', '--name', 'm']),
  ).toEqual({
    kind: 'start',
    mocks: [
      { name: 'm-1', port: 9000, controlPort: 9100 },
      { name: 'm-2', port: 9001, controlPort: 9101 },
    ],
  });
});

test('several instances need no control ports', () => {
  const mocks = [
    { name: 'mock-1', port: 0 },
    { name: 'mock-2', port: 0 },
  ];
  expect(readCommandLine(['--instances', '2', '--port', '0'])).toEqual({ kind: 'start', mocks });
});

test('a quota is taken as it is written, for every instance', () => {
  const quota = 'gpt-4o=standard(tpm=30000)';
  const mocks = [
    { name: 'mock-1', port: 1, quota },
    { name: 'mock-2', port: 2, quota },
  ];
  expect(readCommandLine(['--quota', quota, '--instances', '2', '--port', '1'])).toEqual({
    kind: 'start',
    mocks,
  });
});

test('a script may come from a file', () => {
  const path = file('script.txt', '# twice\n2x hang\n');
  expect(readCommandLine(['--script-file', path])).toMatchObject({
    mocks: [{ script: '# twice\n2x hang\n' }],
  });
});

test('a config file lists the mocks', () => {
  const mocks = [
    { name: 'a', port: 1, script: '1x hang' },
    { port: 2, script: [{ kind: 'ok' }] },
  ];
  expect(readCommandLine(['--config', file('mocks.json', mocks)])).toEqual({ kind: 'start', mocks });
});

test('a wrong config file has all its problems named, each with its place', () => {
  const path = file('wrong.json', [
    { port: 70_000, latencyMs: 1, script: '1x nap' },
    { quota: { 'gpt-4o': { kind: 'standard', tpm: 0, tmp: 5 }, x: 7 }, timeScale: 0 },
    { quota: 'standard(tpm=5, rpm=-1)' },
    { port: 8, controlPort: 8, script: [{ kind: 'status' }], recordBodies: 'yes' },
    7,
  ]);
  expect(readCommandLine(['--config', path, '--port', '1'])).toEqual({
    kind: 'wrong',
    problems: [
      '--port: cannot stand beside --config',
      `${path}[0].port: 70000 is not a whole number from 0 to 65535`,
      `${path}[0].latencyMs: no such option (there are name, region, host, port, controlPort, apiKey, deployments, timeScale, contentFilter, seed, completionTokens, promptCache, maxBodyBytes, recordLimit, recordBodies, script, quota, latency)`,
      `${path}[0].script: 1:4: "nap" is not one of ok, slow, throttle, status, redirect, error, block, refuse, hang, reset, truncate, garbage, drip, stale, huge-headers, gzip`,
      `${path}[1].quota["gpt-4o"].tpm: 0 is not a whole number of at least 1`,
      `${path}[1].quota["gpt-4o"].tmp: standard has no such field (it has tpm, rpm, family, requestsPerKTokens, window, requestWindowMs, reportedWindowMs, charge, maxTokensDefault, charactersPerToken, headers, hasRetryAfterMs, text)`,
      `${path}[1].quota["x"]: 7 is not a quota`,
      `${path}[1].timeScale: 0 is not a number above 0`,
      `${path}[2].quota: 1:17: "-1" is not a number above 0, or none (in JSON: false)`,
      `${path}[3].script[0].status: is missing`,
      `${path}[3].recordBodies: "yes" is not true or false`,
      `${path}[4]: 7 is not an object of options`,
      `${path}[3].controlPort: 8 is taken by ${path}[3].port`,
    ],
  });
});

const wrong: [string, string[], unknown[]][] = [
  ['an unknown option', ['--prot', '1'], [expect.stringMatching(/Unknown option '--prot'.*\(see --help\)/s)]],
  [
    'every bad value at once',
    ['--port', 'x', '--latency', '5', '--script', '1x nap', '--quota', 'ptu()', '--instances', '0'],
    [
      '--port: "x" is not a whole number from 0 to 65535',
      '--script: 1:4: "nap" is not one of ok, slow, throttle, status, redirect, error, block, refuse, hang, reset, truncate, garbage, drip, stale, huge-headers, gzip',
      '--quota["*"].units: is missing',
      '--latency: 1:1: "5" is not a time, custom, or one of gpt-4o, gpt-4o-mini, gpt-4.1, gpt-4.1-mini, gpt-4.1-nano, gpt-5, gpt-4-ptu, gpt-35-turbo, gpt-35-turbo-instruct, text-embedding, by-name',
      '--instances: "0" is not a whole number from 1 to 1000',
    ],
  ],
  [
    'a file that is not there',
    ['--script-file', '/nowhere/x'],
    [expect.stringMatching(/^--script-file: ENOENT/)],
  ],
  [
    'a config that is not there',
    ['--config', '/nowhere/x'],
    [expect.stringMatching(/^--config: \/nowhere\/x: ENOENT/)],
  ],
  [
    'ports that clash',
    ['--instances', '2', '--port', '80', '--control-port', '81'],
    [expect.stringMatching(/^instances\[1\].port: 81 is taken/)],
  ],
];

test.each(wrong)('a command line with %s is told its problem', (_, args, problems) => {
  expect(readCommandLine(args)).toEqual({ kind: 'wrong', problems });
});

test.each([
  ['no JSON', '[', /JSON/],
  ['no list', {}, /is not a list of mocks/],
  ['an empty list', [], /is not a list of mocks/],
])('a config file with %s is a problem', (_, content, problem) => {
  const problems: unknown[] = [expect.stringMatching(problem)];
  expect(readCommandLine(['--config', file('bad.json', content)])).toEqual({ kind: 'wrong', problems });
});
