import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { parseLine } from '../src/what-if/log/parse-line.ts';
import { LOG_START_MS, logLine } from './testing/log-line.ts';

const main = fileURLToPath(import.meta.resolve('../src/what-if/main.ts'));
const samples = fileURLToPath(import.meta.resolve('../samples'));
const folder = mkdtempSync(join(tmpdir(), 'spillway-what-if-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function whatIf(...args: readonly string[]): Promise<Ran> {
  const env = { ...process.env, INIT_CWD: folder };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as Ran;
    return { code, stdout, stderr };
  }
}

function write(name: string, text: string | Buffer): string {
  writeFileSync(join(folder, name), text);
  return name;
}

const at = (second: number, different = {}) => logLine({ time: LOG_START_MS + second * 1000, ...different });

const config = write(
  'spillway.yaml',
  `backends:
  - { name: east, url: 'https://east.example/secret-path', apiKey: '\${SECRET_KEY}', tpm: 250 }
  - { name: west, url: 'https://west.example', apiKey: secret-key, tpm: 250, priority: 2 }
`,
);
const more = write(
  'more.yaml',
  `backends: [{ name: east, url: 'https://east.example', apiKey: '\${SECRET_KEY}', tpm: 600 }]`,
);
const good = [0, 1, 2, 3, 4, 62].map((second) => at(second));

test('spillway-simulate says of each configuration what would have happened, side by side', async () => {
  const log = write('access.jsonl', `${good.join('\n')}\n`);
  const { code, stdout, stderr } = await whatIf('--log', log, '--config', config, '--config', more);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['spillway.yaml', 'more.yaml']);
  expect(rows).toContainEqual(['requests', '6', '6']);
  expect(rows).toContainEqual(['served', '83.3 %', '100 %']);
  expect(rows).toContainEqual(['429s to clients', '1', '0']);
  expect(rows).toContainEqual(['spilled', '40 %', '0 %']);
  expect(stdout).toContain('2026-09-21 14:13:19 to 14:14:19: 1 of 5 requests');
  expect(stdout).toContain('- spillway.yaml: east for gpt-4o: 250 tokens a minute, as the file says');
  expect(stdout).toContain('no client gets a 429');
});

test('wrong lines of a log are named by their numbers, and nothing else is lost', async () => {
  const lines = [at(0), 'SECRET prompt', at(1), '', '{"msg":"request"}', at(2), '{"cut":"of', at(3)];
  const log = write('wrong.jsonl', lines.join('\n'));
  const { code, stdout, stderr } = await whatIf('--log', log, '--config', config);
  expect(code).toBe(0);
  expect(stderr.trim().split('\n')).toEqual([
    `${join(folder, log)}:2: no JSON object; left out`,
    `${join(folder, log)}:5: \`time\` is no number of milliseconds since 1970, of this century; left out`,
    `${join(folder, log)}:7: no JSON object; left out`,
  ]);
  expect(stdout).toMatch(/^4 requests in 0.1 minutes/m);
});

test('logs of several replicas are taken together, packed ones too', async () => {
  const one = write('one.jsonl', `${good.slice(3).join('\n')}\n`);
  const other = write('other.jsonl.gz', gzipSync(`${good.slice(0, 3).join('\r\n')}\r\n`));
  const { stdout } = await whatIf('--log', one, '--log', other, '--config', config);
  expect(stdout).toMatch(/^6 requests in 1.0 minutes, from 2026-09-21T14:13:19.000Z/m);
});

test('no key, address, request id or line of the log is in what spillway-simulate prints or writes', async () => {
  const log = write('secret.jsonl', [...good, 'SECRET', '{"msg":"SECRET"}'].join('\n'));
  const { stdout, stderr } = await whatIf('--log', log, '--config', config, '--report', 'out');
  const written = ['index.html', 'report.json'].map((name) =>
    readFileSync(join(folder, 'out', name), 'utf8'),
  );
  const named = join(folder, log);
  for (const text of [stdout, stderr.replaceAll(named, ''), ...written])
    expect(text).not.toMatch(/secret|east\.example/i);
  expect(written[0]).toContain('expected “no client gets a 429”, found 1 of 6 requests did');
  expect(written[0]).not.toMatch(/https?:|<script/);
});

test.each([
  [['--log', 'none.jsonl', '--config', config], 'cannot be read (ENOENT)'],
  [
    ['--log', 'access.jsonl', '--config', 'none.yaml'],
    'none.yaml" (ENOENT); allowed: a file that can be read',
  ],
  [['--log', config, '--config', config], '--log: there is no request in it that could be asked again'],
  [['--log', 'long.jsonl', '--config', config], 'the log is of 40 days; allowed: at most 31'],
  [
    ['--log', 'access.jsonl', '--config', config, '--quota', 'north=5'],
    '--quota: there is no backend north; there are east, west',
  ],
])('spillway-simulate %j says what is wrong', async (args, problem) => {
  write('access.jsonl', `${good.join('\n')}\n`);
  write('long.jsonl', `${at(0)}\n${at(40 * 86_400)}\n`);
  const { code, stderr } = await whatIf(...args);
  expect(code).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).not.toContain('at file:');
});

test('a quota that neither the file nor the log tells is asked for, and can be given', async () => {
  const log = write('access.jsonl', `${good.join('\n')}\n`);
  const silent = write('silent.yaml', `backends: [{ name: north, url: 'https://n.example', apiKey: x }]`);
  const asked = await whatIf('--log', log, '--config', silent);
  expect(asked.stderr).toContain('the quota is not known of north for gpt-4o');
  const given = await whatIf('--log', log, '--config', silent, '--quota', 'north=250');
  expect(given.stdout).toContain('north for gpt-4o: 250 tokens a minute, as --quota says');
});

test('the sample log, replayed before the backends it was made with, comes to what happened then', async () => {
  const lines = readFileSync(join(samples, 'access.jsonl'), 'utf8').trim().split('\n').map(parseLine);
  expect(lines.filter(({ kind }) => kind === 'wrong')).toEqual([]);
  const requests = lines.flatMap((line) => (line.kind === 'request' ? [line.request] : []));
  const served = requests.filter(({ attempts }) => attempts.at(-1)?.isServed === true).length;
  const [log, own, other] = ['access.jsonl', 'spillway.yaml', 'more.yaml'].map((name) => join(samples, name));
  const args = ['--log', log!, '--config', own!, '--config', other!, '--report', 'sample'];
  expect((await whatIf(...args)).code).toBe(0);
  const { runs } = JSON.parse(readFileSync(join(folder, 'sample', 'report.json'), 'utf8')) as {
    runs: { figures: { name: string; value: number }[] }[];
  };
  const shares = runs.map(({ figures }) => figures.find(({ name }) => name === 'served')?.value ?? 0);
  expect(requests.length).toBeGreaterThan(400);
  expect(served).toBeLessThan(requests.length);
  expect(Math.abs(shares[0]! - (100 * served) / requests.length)).toBeLessThan(3);
  expect(shares[1]).toBeGreaterThan(shares[0]! + 5);
});

test('what no backend of a configuration is known to have is said with how many ask for it', async () => {
  const asked = ['gpt-5', 'gpt-5', 'o9'].map((deployment, second) =>
    at(second, { deployment, attempts: [{ backend: 'old', outcome: 'succeeded', status: 200, ms: 9 }] }),
  );
  const log = write('strange.jsonl', `${[...good, ...asked].join('\n')}\n`);
  const named = write(
    'named.yaml',
    `backends: [{ name: east, url: 'https://east.example', apiKey: x, tpm: 9000, deployments: { gpt-5: five, o9: nine } }]`,
  );
  const { code, stdout } = await whatIf(
    '--log',
    log,
    '--config',
    more,
    '--config',
    named,
    '--report',
    folder,
  );
  expect(code).toBe(0);
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['for unknown deployments', '3']);
  const [, ofMore, ofNamed] = stdout.split('\n== ');
  expect(ofMore).toContain(
    'WARNING: 3 of 9 requests (33.3 %) are for deployments that no backend here is known to have:\n  "gpt-5": 2 requests\n  "o9": 1 request\n',
  );
  expect(ofNamed).not.toContain('WARNING');
  const report = readFileSync(join(folder, 'report.json'), 'utf8');
  expect(report).toContain('3 of 9 requests are for others');
});
