import { type ChildProcess, execFile } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { parseLine } from '../../src/what-if/log/parse-line.ts';
import { LOG_START_MS, logLine } from '../testing/log-line.ts';
import { chatPath, post } from '../testing/post.ts';
import { startScene } from '../testing/start-scene.ts';

const bundle = fileURLToPath(import.meta.resolve('../../dist/main.js'));
const samples = fileURLToPath(import.meta.resolve('../../../../loadtest/samples'));
/** It has only the bundle and the tests' files. */
const folder = mkdtempSync(join(tmpdir(), 'spillway-simulate-'));
copyFileSync(bundle, join(folder, 'spillway.mjs'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function simulate(...args: readonly string[]): Promise<Ran> & { readonly child: ChildProcess } {
  return simulateIn({}, ...args);
}

function simulateIn(
  env: NodeJS.ProcessEnv,
  ...args: readonly string[]
): Promise<Ran> & { readonly child: ChildProcess } {
  const running = promisify(execFile)(process.execPath, ['spillway.mjs', 'simulate', ...args], {
    cwd: folder,
    env,
  });
  const ran = running.then(
    ({ stdout, stderr }): Ran => ({ code: 0, stdout, stderr }),
    ({ code, stdout, stderr }: Ran): Ran => ({ code, stdout, stderr }),
  );
  return Object.assign(ran, { child: running.child });
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

test('spillway simulate says of each configuration what would have happened, side by side', async () => {
  const log = write('access.jsonl', `${good.join('\n')}\n`);
  const { code, stdout, stderr } = await simulate('--log', log, '--config', config, '--config', more);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^6 requests in 1\.0 minutes/);
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
  const { code, stdout, stderr } = await simulate('--log', log, '--config', config);
  expect(code).toBe(0);
  expect(stderr.trim().split('\n')).toEqual([
    `${join(folder, log)}:2: no JSON object; left out`,
    `${join(folder, log)}:5: \`time\` is no number of milliseconds since 1970, of this century; left out`,
    `${join(folder, log)}:7: no JSON object; left out`,
  ]);
  expect(stdout).toMatch(/^4 requests in 0.1 minutes/m);
});

test('a log of sampled successes is replayed with as many requests as there were', async () => {
  const lines = Array.from({ length: 11 }, (_, place) => at(place, { share: 0.1 }));
  const log = write('sampled.jsonl', lines.join('\n'));
  const { stdout } = await simulate('--log', log, '--config', config);
  expect(stdout).toMatch(/^101 requests in/);
  expect(stdout).toContain(
    '11 lines stand for those that `logSuccesses` has left out: 90 requests like them',
  );
  expect(stdout).toMatch(/429s to clients +9\d/);
});

test('a deployment whose requests a fallback served is the one that ran out of quota, not the fallback', async () => {
  const scene = await startScene([{ quota: 'gpt-4o=standard(tpm=60)' }], {
    fallbacks: [{ deployment: 'gpt-4o', whenSpent: 'mini' }],
    logSuccesses: 0.5,
  });
  for (let times = 0; times < 8; times++) expect((await post(scene)).status).toBe(200);
  await (await post(scene, chatPath.replace('gpt-4o', 'mini'))).text();
  await scene.gateway.stop();
  const fallen = scene.log.requests.filter(({ fallbackFrom }) => fallbackFrom === 'gpt-4o');
  const fallback = { deployment: 'mini', fallbackCause: 'quota' };
  expect(fallen).toMatchObject(fallen.map(() => fallback));
  // Whatever share of plain successes is logged, each of these is.
  const sent = scene.mocks[0]!.requests.filter(({ path }) => path.includes('/mini/')).length;
  expect(fallen).toHaveLength(sent - 1);
  const backends = [{ name: 'a', url: 'https://a.example', apiKey: 'secret-key' }];
  const file = write('fallen.yaml', JSON.stringify({ backends }));
  const { stdout } = await simulate('--log', write('fallen.jsonl', scene.log.text), '--config', file);
  expect(stdout).toMatch(/a for gpt-4o: \d+ tokens a minute, the most it served in any minute of the log/);
  expect(stdout).toContain('a for mini: no limit, as the log never shows it full');
  expect(stdout).toContain(
    `${fallen.length} requests that a fallback served: replayed for the deployment that served`,
  );
});

test('a log that has no plain success warns that it may have left them all out', async () => {
  const spilled = at(1, { spill: { from: 1, cause: 'throttled' } });
  const { stdout } = await simulate('--log', write('spilled.jsonl', spilled), '--config', config);
  expect(stdout).toContain('WARNING: the log has no plain success; if `logSuccesses` is 0');
});

test('of a packed log that is damaged what could be read counts, and it is named with the reason', async () => {
  const many = Array.from({ length: 2000 }, (_, place) => at(place / 10, { id: String(Math.sin(place)) }));
  const packed = gzipSync(many.join('\n'));
  const cut = write('cut.jsonl.gz', packed.subarray(0, packed.length / 2));
  const whole = write('whole.jsonl', at(300));
  const { code, stdout, stderr } = await simulate('--log', cut, '--log', whole, '--config', config);
  expect(code).toBe(0);
  expect(Number(/^([\d,]+) requests/.exec(stdout)?.[1]?.replace(',', ''))).toBeGreaterThan(100);
  expect(stderr).toMatch(
    /cut\.jsonl\.gz: cannot be unpacked to its end \(Z_BUF_ERROR\); [\d,]+ lines of it could be read\n/,
  );
});

test('a line of another time that makes a log too long is named by its file and number', async () => {
  const lines = [at(0), at(1), logLine({ time: Date.UTC(2004, 9, 1, 12) }), at(2)];
  const log = write('jump.jsonl', lines.join('\n'));
  const { code, stderr } = await simulate('--log', log, '--config', config);
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^--log: the log is of 8\d{3} days; allowed: at most 31\. Farthest from the others is /,
  );
  expect(stderr).toContain(`${join(folder, log)}:3, of 2004-10-01; half of them are before 2026-09-21`);
});

test.each([
  ['zstd', '28b52ffd04580900'],
  ['xz', 'fd377a585a000004'],
  ['bzip2', '425a683931415926'],
  ['zip', '504b030414000000'],
])(
  'a log that is packed by %s is named so, instead of each of its bytes that happens to end a line',
  async (packing, bytes) => {
    const log = write('other.packed', Buffer.concat([Buffer.from(bytes, 'hex'), Buffer.from('\n\n\n')]));
    const { code, stderr } = await simulate('--log', log, '--config', config);
    expect(code).toBe(1);
    expect(stderr).toContain(`other.packed" cannot be read (it is packed by ${packing}: unpack it first)\n`);
  },
);

test('logs of several replicas are taken together, packed ones too', async () => {
  const one = write('one.jsonl', `${good.slice(3).join('\n')}\n`);
  const other = write('other.jsonl.gz', gzipSync(`${good.slice(0, 3).join('\r\n')}\r\n`));
  const { stdout } = await simulate('--log', one, '--log', other, '--config', config);
  expect(stdout).toMatch(/^6 requests in 1.0 minutes, from 2026-09-21T14:13:19.000Z/m);
});

test('a log is read whatever its name says of it, and as PowerShell writes it', async () => {
  const [first, second, third] = good.map((line) => `${line}\n`);
  const packed = write('access.jsonl.1', gzipSync(first!));
  const plain = write('access.jsonl.2.gz', second!);
  const wide = write('wide.jsonl', Buffer.from(`\ufeff${third}`, 'utf16le'));
  const { stdout, stderr } = await simulate(
    '--log',
    packed,
    '--log',
    plain,
    '--log',
    wide,
    '--config',
    config,
  );
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^3 requests in/);
});

test.each([
  ['as it is', (text: string) => text],
  ['packed', (text: string) => gzipSync(text)],
])('a log is read from stdin, %s', async (_, pack) => {
  const asked = simulate('--log', '-', '--config', config);
  asked.child.stdin?.end(pack(`${good.join('\n')}\n`));
  const { stdout, stderr } = await asked;
  expect(stderr).toBe('');
  expect(stdout).toMatch(/^6 requests in/);
});

test('nothing at all from a pipe is no answer, like an empty file', async () => {
  const asked = simulate('--log', '-', '--config', config);
  asked.child.stdin?.end();
  expect(await asked).toMatchObject({
    code: 1,
    stderr: '--log: there is no request in it that can be replayed\n',
  });
});

test('requests that logs have more than once are replayed once, and told', async () => {
  const lines = good.map((line, place) => line.replace('secret-id-1', `id-${place}`));
  const early = write('early.jsonl', lines.slice(0, 4).join('\n'));
  const late = write('late.jsonl', lines.slice(2).join('\n'));
  const named = ['--log', early, '--log', late, '--log', `./${late}`];
  const { stdout } = await simulate(...named, '--config', config);
  expect(stdout).toMatch(/^6 requests in/);
  expect(stdout).toContain('left out: 2 requests that the logs have more than once');
});

test('no key, address, request id or line of the log is in what spillway simulate prints or writes', async () => {
  const log = write('secret.jsonl', [...good, 'SECRET', '{"msg":"SECRET"}'].join('\n'));
  const { stdout, stderr } = await simulate('--log', log, '--config', config, '--json', 'out.json');
  const named = join(folder, log);
  for (const text of [stdout, stderr.replaceAll(named, ''), readFileSync(join(folder, 'out.json'), 'utf8')])
    expect(text).not.toMatch(/secret|east\.example/i);
});

test('--json writes what is printed, for programs', async () => {
  const log = write('access.jsonl', `${good.join('\n')}\n`);
  const { code } = await simulate('--log', log, '--config', config, '--json', 'answer.json');
  const written = JSON.parse(readFileSync(join(folder, 'answer.json'), 'utf8')) as unknown;
  expect(code).toBe(0);
  expect(written).toMatchObject({
    version: 1,
    from: '2026-09-21T14:13:19.000Z',
    to: '2026-09-21T14:14:21.000Z',
    requests: 6,
    configurations: [
      {
        name: 'spillway.yaml',
        figures: expect.arrayContaining([
          { name: 'served', value: 83.33, unit: '%', better: 'higher' },
          { name: '429s to clients', value: 1, unit: '', better: 'lower' },
        ]),
        shortages: [
          { from: '2026-09-21T14:13:19.000Z', to: '2026-09-21T14:14:19.000Z', requests: 5, refused: 1 },
        ],
        backends: [
          { name: 'east', priority: 1, served: 3, servedTokens: 300, refused: 0 },
          { name: 'west', priority: 2, served: 2, servedTokens: 200, refused: 0 },
        ],
        quotas: [
          { name: 'east for gpt-4o', tokensPerMinute: 250, requestsPerMinute: null, isProvisioned: false },
          { name: 'west for gpt-4o', tokensPerMinute: 250, requestsPerMinute: null, isProvisioned: false },
        ],
        classes: [],
        unknownDeployments: [],
      },
    ],
  });
});

test('a configuration can be tried where neither its variables nor its files of keys are', async () => {
  const log = write('access.jsonl', `${good.join('\n')}\n`);
  const elsewhere = write(
    'elsewhere.yaml',
    `backends:
  - { name: east, url: 'https://e.example', apiKeyFile: /nowhere/key, tpm: 600 }
port: \${PORT}
admin: { token: '\${ADMIN_TOKEN}' }
clients: [{ name: chat, keys: [{ sha256: '\${OLD}' }, { sha256: '\${NEW}' }] }]
state: { path: /nowhere/state }
`,
  );
  const { code, stdout, stderr } = await simulate('--log', log, '--config', elsewhere);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain('no client gets a 429');
  const open = write('open.yaml', "backends: [{ url: '${EAST_URL}', apiKey: x, tpm: '${TPM}' }]\n");
  const refused = await simulate('--log', log, '--config', open);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('Not set here, and replaced by unset-variable-…: EAST_URL, TPM');
});

test.each([
  [1, ['--log', 'none.jsonl', '--config', config], 'none.jsonl" cannot be read (ENOENT)'],
  [1, ['--log', '.', '--config', config], 'cannot be read (EISDIR)'],
  [
    1,
    ['--log', 'torn.jsonl.gz', '--config', config],
    'torn.jsonl.gz: cannot be unpacked to its end (Z_BUF_ERROR)',
  ],
  [
    1,
    ['--log', 'access.jsonl', '--config', 'none.yaml'],
    'none.yaml" (ENOENT); allowed: a file that can be read',
  ],
  [
    1,
    ['--log', 'access.jsonl', '--config', 'wrong.yaml'],
    'wrong.yaml:2 strategy: found "luck"; allowed: one of',
  ],
  [1, ['--log', config, '--config', config], '--log: there is no request in it that can be replayed'],
  [1, ['--log', 'long.jsonl', '--config', config], 'the log is of 40 days; allowed: at most 31'],
  [
    1,
    ['--log', 'access.jsonl', '--config', config, '--json', 'no/such/folder.json'],
    'cannot be written (ENOENT)',
  ],
  [2, ['--log', 'access.jsonl'], '--config is missing'],
  [2, ['--log', 'access.jsonl', '--config', config, '--speed', '2'], "Unknown option '--speed'"],
  [2, ['--log', 'access.jsonl', '--config', config, '--report', 'out'], 'by `pnpm spillway-simulate`'],
  [
    2,
    ['--log', 'access.jsonl', '--config', config, '--quota', 'north=5'],
    '--quota: there is no backend north; there are east, west',
  ],
])('it exits with %i for %j, and says what is wrong', async (expected, args, problem) => {
  write('access.jsonl', `${good.join('\n')}\n`);
  write('long.jsonl', `${at(0)}\n${at(40 * 86_400)}\n`);
  write('torn.jsonl.gz', gzipSync(good.join('\n')).subarray(0, 40));
  write('wrong.yaml', 'backends: [{ url: "https://a", apiKey: x }]\nstrategy: luck\n');
  const { code, stderr } = await simulate(...args);
  expect(stderr).toContain(problem);
  expect(stderr).not.toContain('at file:');
  expect(code).toBe(expected);
});

test('a quota that neither the file nor the log tells is asked for, and can be given', async () => {
  const log = write('access.jsonl', `${good.join('\n')}\n`);
  const silent = write('silent.yaml', `backends: [{ name: north, url: 'https://n.example', apiKey: x }]`);
  const asked = await simulate('--log', log, '--config', silent);
  expect(asked.stderr).toContain('the quota of north for gpt-4o is unknown');
  const given = await simulate('--log', log, '--config', silent, '--quota', 'north=250');
  expect(given.stdout).toContain('north for gpt-4o: 250 tokens a minute, as --quota says');
});

test('the sample log, replayed before the backends it was made with, comes to what happened then', async () => {
  const lines = readFileSync(join(samples, 'access.jsonl'), 'utf8').trim().split('\n').map(parseLine);
  expect(lines.filter(({ kind }) => kind === 'wrong')).toEqual([]);
  const requests = lines.flatMap((line) => (line.kind === 'request' ? [line.request] : []));
  const served = requests.filter(({ attempts }) => attempts.at(-1)?.isServed === true).length;
  const args = ['--log', 'access.jsonl', '--config', 'spillway.yaml', '--config', 'more.yaml'];
  const empty = mkdtempSync(join(folder, 'sample-'));
  for (const file of ['access.jsonl', 'spillway.yaml', 'more.yaml'])
    copyFileSync(join(samples, file), join(empty, file));
  copyFileSync(bundle, join(empty, 'main.js'));
  writeFileSync(join(empty, 'package.json'), '{ "type": "module" }');
  await promisify(execFile)(process.execPath, ['main.js', 'simulate', ...args, '--json', 'sample.json'], {
    cwd: empty,
    env: {},
  });
  const { configurations } = JSON.parse(readFileSync(join(empty, 'sample.json'), 'utf8')) as {
    configurations: { figures: { name: string; value: number }[] }[];
  };
  const shares = configurations.map(
    ({ figures }) => figures.find(({ name }) => name === 'served')?.value ?? 0,
  );
  expect(requests.length).toBeGreaterThan(400);
  expect(served).toBeLessThan(requests.length);
  expect(Math.abs(shares[0]! - (100 * served) / requests.length)).toBeLessThan(3);
  expect(shares[1]).toBeGreaterThan(shares[0]! + 5);
});

test('what no backend of a configuration is known to have is said with how many ask for it', async () => {
  const asked = ['gpt-5', 'gpt-5', 'o9'].map((deployment, second) =>
    at(second, {
      id: `strange-${second}`,
      deployment,
      attempts: [{ backend: 'old', outcome: 'succeeded', status: 200, ms: 9 }],
    }),
  );
  const log = write('strange.jsonl', `${[...good, ...asked].join('\n')}\n`);
  const named = write(
    'named.yaml',
    `backends: [{ name: east, url: 'https://east.example', apiKey: x, tpm: 9000, deployments: { gpt-5: five, o9: nine } }]`,
  );
  const { code, stdout } = await simulate('--log', log, '--config', more, '--config', named);
  expect(code).toBe(0);
  const rows = stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
  expect(rows).toContainEqual(['for unknown deployments', '3']);
  const [, ofMore, ofNamed] = stdout.split('\n== ');
  expect(ofMore).toContain(
    'WARNING: 3 of 9 requests (33.3 %) are for deployments that no backend here is known to have:\n  "gpt-5": 2 requests\n  "o9": 1 request\n',
  );
  expect(ofNamed).not.toContain('WARNING');
});

test('spillway simulate says that a log is too large for the memory, instead of dying of it', async () => {
  const log = write('large.jsonl.gz', gzipSync(`${at(0)}\n`.repeat(300_000)));
  const { code, stderr } = await simulateIn(
    { NODE_OPTIONS: '--max-old-space-size=100' },
    '--log',
    log,
    '--config',
    config,
  );
  expect(stderr).toMatch(
    /^--log: \d+0000 requests or more; allowed: at most \d+ with the \d+ MB of memory that Node takes here\. Take a part of the log, or set NODE_OPTIONS=--max-old-space-size= to more than \d+\n$/,
  );
  expect(code).toBe(1);
});
