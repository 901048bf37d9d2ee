import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { startMocks } from '@spillway/mock-openai';
import { expect, onTestFinished, test } from 'vitest';
import { makeKey, sha256 } from '../../src/client/keys.ts';
import { askAdmin } from '../testing/ask-admin.ts';
import { chatBody, chatPath, post } from '../testing/post.ts';
import { type GatewayProcess, spawnGateway } from '../testing/spawn-gateway.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';
import { temporaryFolder } from './counted.ts';

const KEY = makeKey();
const headers = { headers: { 'api-key': KEY } };

/** A configuration with two mocks, one client, and a folder for the state. */
async function configure(ofClient = 'class: standard') {
  const mocks = await startMocks(['a', 'b'].map((name) => ({ name, apiKey: 'SECRET-of-a-backend' })));
  onTestFinished(async () => {
    await Promise.all(mocks.map((mock) => mock.stop()));
  });
  const folder = temporaryFolder();
  const file = writeConfigFile(`
host: 127.0.0.1
port: 0
timeouts: { lameDuckMs: 0 }
state: { path: ${folder} }
clients: [{ name: chat, keys: [{ sha256: ${sha256(KEY)} }], ${ofClient} }]
backends:
${mocks.map(({ url }) => `  - { url: ${url}, apiKey: SECRET-of-a-backend }`).join('\n')}
`);
  return { folder, spawn: () => spawnGateway({ SPILLWAY_CONFIG: file }) };
}

async function chat(gateway: GatewayProcess): Promise<boolean> {
  const url = await gateway.url;
  const response = await post({ url }, chatPath, chatBody, headers).catch(() => undefined);
  return response !== undefined && (await response.text().catch(() => '')) !== '' && response.status === 200;
}

async function countOf(gateway: GatewayProcess): Promise<number> {
  const { text } = await askAdmin({ adminUrl: await gateway.adminUrl }, '/admin/usage?client=chat');
  const { rows } = JSON.parse(text) as { readonly rows: readonly { readonly requests: number }[] };
  return rows.reduce((sum, { requests }) => sum + requests, 0);
}

/** Returns the number of requests that a folder's files have counted. */
function countIn(folder: string): number {
  const names = readdirSync(folder).filter((name) => /^usage-[\d-]+\.json$/.test(name));
  const days = names.map((name) => JSON.parse(readFileSync(`${folder}/${name}`, 'utf8').split('\n')[1]!)) as {
    readonly rows: readonly (readonly [string, string, string, readonly number[]])[];
  }[];
  return days
    .flatMap(({ rows }) => rows.map(([, , , [requests = 0]]) => requests))
    .reduce((a, b) => a + b, 0);
}

/** Returns the tokens of the month that a folder's files have counted. */
function spentIn(folder: string): number {
  if (!existsSync(`${folder}/budgets.json`)) return 0;
  return Number(/"month":\{[^}]*"used":(\d+)/.exec(readFileSync(`${folder}/budgets.json`, 'utf8'))?.[1] ?? 0);
}

async function stop(gateway: GatewayProcess, signal: NodeJS.Signals): Promise<number | null> {
  gateway.child.kill(signal);
  return (await gateway.ended).code;
}

test('a process that is killed under load has counted all but what came last, and never too much', async () => {
  const { folder, spawn } = await configure();
  const first = spawn();
  let served = 0;
  let sent = 0;
  const over = new AbortController();
  const worker = async () => {
    for (; !over.signal.aborted; sent++) served += Number(await chat(first));
  };
  const workers = Array.from({ length: 8 }, worker);
  await expect.poll(() => countIn(folder)).toBeGreaterThan(0);
  const settled = served;
  // Requests served before a write begins are in the next file but one, at the latest.
  await expect.poll(() => countIn(folder)).toBeGreaterThanOrEqual(settled);
  const kept = countIn(folder);
  await stop(first, 'SIGKILL');
  over.abort();
  await Promise.all(workers);

  const second = spawn();
  const restored = await countOf(second);
  expect(restored).toBeGreaterThanOrEqual(kept);
  expect(restored).toBeLessThanOrEqual(sent);
  for (let count = 0; count < 5; count++) expect(await chat(second)).toBe(true);
  await second.log.line('this process writes the state now');
  expect(await countOf(second)).toBe(restored + 5);
  expect(await stop(second, 'SIGTERM')).toBe(0);
  expect(countIn(folder)).toBe(restored + 5);
});

test('a process that is told to end loses nothing, even if it has just begun', async () => {
  const { folder, spawn } = await configure();
  const first = spawn();
  for (let count = 0; count < 3; count++) expect(await chat(first)).toBe(true);
  expect(await stop(first, 'SIGTERM')).toBe(0);
  expect(countIn(folder)).toBe(3);
  const second = spawn();
  expect(await countOf(second)).toBe(3);
  expect(await chat(second)).toBe(true);
  await stop(second, 'SIGKILL');
  const third = spawn();
  expect(await chat(third)).toBe(true);
  expect(await stop(third, 'SIGTERM')).toBe(0);
  expect(countIn(folder)).toBeGreaterThanOrEqual(4);
});

test('of two processes with one folder one writes, and the other goes on with both counts', async () => {
  const { folder, spawn } = await configure();
  const first = spawn();
  expect(await chat(first)).toBe(true);
  const second = spawn();
  await second.log.line('another process writes the state; this one only reads it');
  for (let count = 0; count < 2; count++) expect(await chat(first)).toBe(true);
  for (let count = 0; count < 4; count++) expect(await chat(second)).toBe(true);
  expect(await stop(first, 'SIGTERM')).toBe(0);
  await second.log.line('this process writes the state now');
  await expect.poll(() => countIn(folder)).toBe(7);
  expect(await stop(second, 'SIGTERM')).toBe(0);
  expect(countIn(folder)).toBe(7);
});

test.each<[string, (file: string) => void]>([
  ['full of zeros', (file) => writeFileSync(file, Buffer.alloc(200))],
  ['cut off', (file) => truncateSync(file, 90)],
])('a gateway starts with files that are %s, and says which', async (_, spoil) => {
  const { folder, spawn } = await configure();
  const first = spawn();
  expect(await chat(first)).toBe(true);
  await stop(first, 'SIGTERM');
  const [name = ''] = readdirSync(folder).filter((one) => /^usage-[\d-]+\.json$/.test(one));
  spoil(`${folder}/${name}`);
  const second = spawn();
  expect(await second.log.line('a file of the state is damaged')).toMatchObject({
    file: `${folder}/${name}`,
  });
  expect(await chat(second)).toBe(true);
});

test('stored objects are known after a restart, and no key or content is in any file', async () => {
  const { folder, spawn } = await configure();
  const first = spawn();
  const body = { model: 'gpt-4o', input: 'SECRET-prompt' };
  const made = await post({ url: await first.url }, '/openai/v1/responses', body, headers);
  const { id } = (await made.json()) as { readonly id: string };
  const owner = made.headers.get('x-spillway-backend');
  await stop(first, 'SIGTERM');
  const texts = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
  expect(texts.join('\n')).toContain(id);
  expect(texts.join('\n')).not.toMatch(new RegExp(`SECRET|${KEY}|${sha256(KEY)}`));
  const second = spawn();
  const found = await fetch(`${await second.url}/openai/v1/responses/${id}`, headers);
  expect([found.status, found.headers.get('x-spillway-backend')]).toEqual([200, owner]);
  expect(await second.log.request()).toMatchObject({ attempts: [{ backend: owner }] });
});

test('a folder that cannot be written is told to operators, until it can be', async () => {
  const { folder, spawn } = await configure();
  const gateway = spawn();
  const at = { adminUrl: await gateway.adminUrl };
  const isKept = async () => /^spillway_state_kept (\d)$/m.exec((await askAdmin(at, '/metrics')).text)?.[1];
  expect(await isKept()).toBe('1');
  rmSync(folder, { recursive: true });
  writeFileSync(folder, 'in the way');
  await gateway.log.line('the state cannot be kept; serving goes on');
  expect(await isKept()).toBe('0');
  expect(await chat(gateway)).toBe(true);
  rmSync(folder);
  await gateway.log.line('the state is kept again');
  expect(await isKept()).toBe('1');
});

test('the budget of a month that is spent is spent after a restart', async () => {
  const { spawn } = await configure('budgets: [{ tokensPerMonth: 60 }]');
  const first = spawn();
  while (await chat(first));
  await stop(first, 'SIGTERM');
  const second = spawn();
  const response = await post({ url: await second.url }, chatPath, chatBody, headers);
  expect(response.status).toBe(403);
});

/** Sends up to this many chats, until one is refused; returns the tokens that the answers report. */
async function spend(gateway: GatewayProcess, chats = Infinity): Promise<number> {
  const url = await gateway.url;
  let tokens = 0;
  for (let count = 0; count < chats; count++) {
    const response = await post({ url }, chatPath, chatBody, headers);
    const { usage } = (await response.json()) as { readonly usage?: { readonly total_tokens: number } };
    if (response.status === 403) break;
    tokens += usage?.total_tokens ?? 0;
  }
  return tokens;
}

test('after a crash a client may spend the rest of its month, and at most what was not yet written beyond it', async () => {
  const limit = 1000;
  const { folder, spawn } = await configure(`budgets: [{ tokensPerMonth: ${limit} }]`);
  const first = spawn();
  const one = await spend(first, 1);
  const written = one + (await spend(first, 19));
  await expect.poll(() => spentIn(folder)).toBe(written);
  const last = await spend(first, 10);
  await stop(first, 'SIGKILL');
  const kept = spentIn(folder);
  expect(kept).toBeGreaterThanOrEqual(written);
  expect(kept).toBeLessThanOrEqual(written + last);

  const second = spawn();
  const rest = await spend(second);
  // A budget is spent by the request that reaches its limit.
  expect(kept + rest).toBeGreaterThanOrEqual(limit);
  expect(kept + rest).toBeLessThan(limit + one);
  expect(written + last + rest).toBeLessThan(limit + last + one);
  await expect.poll(() => spentIn(folder)).toBe(kept + rest);
  await stop(second, 'SIGKILL');

  expect(await spend(spawn())).toBe(0);
});
