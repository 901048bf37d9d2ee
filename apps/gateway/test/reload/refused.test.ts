import { mkdirSync, rmSync, symlinkSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { askAdmin, writeAdmin } from '../testing/ask-admin.ts';
import { firstCertificate, secondCertificate } from '../testing/certificates.ts';
import { post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { startGatewayFor } from '../testing/start-scene.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

/** Starts a gateway in front of a backend, and returns its configuration too. */
async function start(more: object = {}) {
  const recorder = await startRecorder();
  const config = { backends: [{ name: 'a', url: recorder.url, apiKey: 'secret-of-a' }], ...more };
  return { recorder, config, ...(await startReloadable(config)) };
}

const reportOf = async (gateway: { adminUrl: string }) =>
  JSON.parse((await askAdmin(gateway, '/admin/reload')).text) as Record<string, unknown>;

test('a wrong file changes nothing, and every problem is in the log, in the metrics and in the report, without secrets', async () => {
  const gateway = await start();
  const wrong = { backends: [{ url: 'nowhere', apiKey: 'secret of b' }], strategy: 'luck', portt: 1 };
  gateway.write(wrong as never);
  const { status, text } = await writeAdmin(gateway, '/admin/reload');
  expect(status).toBe(200);
  const report = JSON.parse(text) as { problems: { key: string }[] };
  expect(report).toMatchObject({ result: 'refused', trigger: 'operator', applied: 0, refused: 1 });
  const keys = report.problems.map(({ key }) => key.replace(/^.*:\d+ /, ''));
  expect(keys).toEqual(
    expect.arrayContaining(['backends[0].url', 'backends[0].apiKey', 'strategy', 'portt']),
  );
  const line = await gateway.log.line('the configuration is wrong; the previous one stays in effect');
  expect(line['problems']).toHaveLength(report.problems.length);
  const metrics = (await askAdmin(gateway, '/metrics')).text;
  expect(metrics).toMatch(/^spillway_config_reloads_total\{result="refused"\} 1$/m);
  expect(metrics).toMatch(/^spillway_config_last_reload_successful 0$/m);
  expect(text + gateway.log.text + metrics).not.toContain('secret');
  expect((await post(gateway)).status).toBe(200);
  expect(gateway.recorder.requests).toHaveLength(1);
  expect(await gateway.reload(gateway.config)).toMatchObject({ result: 'applied', problems: [] });
  expect((await askAdmin(gateway, '/metrics')).text).toMatch(/^spillway_config_last_reload_successful 1$/m);
});

test('keys that need a restart keep their values, and are named', async () => {
  const gateway = await start();
  const limits = { inFlight: 7, replayBytes: 1000 };
  const next = {
    ...gateway.config,
    port: 1,
    host: '127.0.0.2',
    limits,
    timeouts: { keepAliveMs: 1, overallMs: 9 },
  };
  const report = await gateway.reload(next);
  const keys = ['host', 'timeouts.keepAliveMs', 'limits.inFlight'];
  expect(report).toMatchObject({ result: 'applied', needsRestart: keys });
  for (const key of keys) await gateway.log.line(`needs a restart: ${key}`);
  const inEffect = JSON.parse((await askAdmin(gateway, '/admin/config')).text) as typeof next;
  expect(inEffect).toMatchObject({
    host: '127.0.0.1',
    port: 0,
    timeouts: { keepAliveMs: 75_000, overallMs: 9 },
  });
  expect(inEffect.limits).toMatchObject({ inFlight: 5000, replayBytes: 1000 });
  expect(await gateway.reload(gateway.config)).toMatchObject({ needsRestart: [] });
});

test('keys that variables overrule are named in the report and in the log, at the start and at each reload', async () => {
  const { url } = await startRecorder();
  const config = { backends: [{ name: 'a', url, apiKey: 'key' }], logLevel: 'debug' as const };
  const gateway = await startReloadable(config, { LOG_LEVEL: 'info', HTTP_TIMEOUT_SECONDS: '50' });
  const ofLevel = { key: `${gateway.file}:1 logLevel`, found: expect.stringContaining('LOG_LEVEL') };
  expect(await reportOf(gateway)).toMatchObject({ result: 'started', warnings: [ofLevel] });
  const report = await gateway.reload({ ...config, timeouts: { attemptMs: 7000 } });
  const ofTimeout = {
    key: `${gateway.file}:1 timeouts.attemptMs`,
    found: expect.stringContaining('HTTP_TIMEOUT_SECONDS'),
  };
  expect(report).toMatchObject({ result: 'applied', warnings: [ofLevel, ofTimeout] });
  const told = gateway.log.lines.map(({ msg }) => msg).filter((msg) => msg.includes('that has no effect'));
  expect(told.map((msg) => / (\S+): found/.exec(msg)?.[1])).toEqual([
    'logLevel',
    'logLevel',
    'timeouts.attemptMs',
  ]);
});

test('tokens of Microsoft Entra ID may be as long as after a restart once they are taken', async () => {
  const clients = [{ name: 'chat', keys: [{ sha256: 'a'.repeat(64) }] }];
  const gateway = await start({ clients });
  const headers = { authorization: `Bearer ${'x'.repeat(20_000)}` };
  const statusOf = async () =>
    (await askAdmin({ adminUrl: gateway.url }, '/openai/v1/models', { headers })).status;
  expect(await statusOf()).toBe(431);
  const entra = {
    tenants: ['00000000-0000-4000-8000-000000000000'],
    audiences: ['https://cognitiveservices.azure.com'],
  };
  await gateway.reload({ ...gateway.config, clients, auth: { mode: 'both', entra } });
  expect(await statusOf()).toBe(401);
});

test('a gateway that a reload opens to everybody warns of it, as at the start', async () => {
  const clients = [{ name: 'chat', keys: [{ sha256: 'a'.repeat(64) }] }];
  const gateway = await start({ host: '0.0.0.0', clients });
  const { backends } = gateway.config;
  await gateway.reload({ backends, host: '0.0.0.0', auth: { mode: 'open', allowOpen: true } });
  const line = await gateway.log.line(
    'clients need not authenticate: anyone who reaches the gateway can spend the quota',
  );
  expect(line).toMatchObject({ level: 40, host: '0.0.0.0' });
});

test('a gateway that others can reach is not opened to them, although the file says that only this machine shall', async () => {
  const clients = [{ name: 'chat', keys: [{ sha256: 'a'.repeat(64) }] }];
  const gateway = await start({ host: '0.0.0.0', clients });
  const report = await gateway.reload({ backends: gateway.config.backends, host: '127.0.0.1' });
  expect(report).toMatchObject({ result: 'refused' });
  expect(report.problems[0]).toMatchObject({ key: 'auth.allowOpen' });
  const { port } = new URL(gateway.url);
  expect((await post({ url: `http://127.0.0.1:${port}` })).status).toBe(401);
});

test('a gateway that asks clients who they are goes on asking, although half of its file is right by itself', async () => {
  const clients = [{ name: 'chat', keys: [{ sha256: 'a'.repeat(64) }] }];
  const gateway = await start({ clients });
  const { backends } = gateway.config;
  const report = await gateway.reload({ backends });
  expect(report).toMatchObject({ result: 'refused', problems: [{ key: 'clients' }] });
  expect((await post(gateway)).status).toBe(401);
  expect(await gateway.reload({ backends, auth: { mode: 'open' } })).toMatchObject({ result: 'applied' });
  expect((await post(gateway)).status).toBe(200);
});

test.each([
  ['a variable', { SPILLWAY_ALLOW_OPEN: 'true' }, {}],
  ['a key that is left of it', {}, { auth: { allowOpen: true } }],
])(
  'a file that has lost its clients opens nothing, although %s confirms that nobody has to be asked',
  async (_, env, left) => {
    const clients = [{ name: 'chat', keys: [{ sha256: 'a'.repeat(64) }] }];
    const backends = [{ name: 'a', url: (await startRecorder()).url, apiKey: 'key' }];
    const gateway = await startReloadable({ backends, clients, ...left }, env);
    const report = await gateway.reload({ backends, ...left });
    expect(report).toMatchObject({ result: 'refused', problems: [{ key: 'clients' }] });
    expect((await post(gateway)).status).toBe(401);
  },
);

test('what stays wrong beside what needs a restart is told once, however often it is looked at', async () => {
  const clients = [{ name: 'chat', keys: [{ sha256: 'a'.repeat(64) }] }];
  const key = writeConfigFile('key-1', 'key');
  const backends = [{ name: 'a', url: (await startRecorder()).url, apiKeyFile: key }];
  const gateway = await startReloadable({ backends, host: '0.0.0.0', clients });
  await gateway.reload({ backends, host: '127.0.0.1' });
  // Both files are checked equally often: by now the configuration has been seen several times.
  for (const [index, secret] of ['key-2', 'key-3', 'key-4'].entries()) {
    writeFileSync(key, secret);
    await gateway.log.line('a credential was renewed from its file', index + 1);
  }
  expect(await reportOf(gateway)).toMatchObject({ result: 'refused', refused: 1 });
  expect(await gateway.reload({ backends, host: '127.0.0.1', clients })).toMatchObject({ result: 'applied' });
});

test.each([
  ['its own text', { portt: 1 }, 1],
  ['the file of a key', { apiKeyFile: '/nowhere/key' }, 2],
])(
  'a configuration that is wrong by %s is not parsed every second until it is right, which takes long for a large one',
  async (_, { apiKeyFile, ...wrong }: { apiKeyFile?: string; portt?: number }, times) => {
    const { url } = await startRecorder();
    const key = writeConfigFile('key-1', 'key');
    const gateway = await startReloadable({ backends: [{ name: 'a', url, apiKeyFile: key }] });
    await gateway.reload({
      backends: [{ name: 'a', url, apiKeyFile: apiKeyFile ?? key }],
      ...wrong,
    } as never);
    // Both files are checked equally often: by now the configuration has been looked at several times.
    for (const [index, secret] of ['key-2', 'key-3', 'key-4'].entries()) {
      writeFileSync(key, secret);
      await gateway.log.line('a credential was renewed from its file', index + 1);
    }
    expect(gateway.timesRead()).toBe(times);
  },
);

test.each<[string, (file: string) => void, string]>([
  ['is removed', (file) => unlinkSync(file), 'ENOENT'],
  ['is empty', (file) => writeFileSync(file, ' \n'), 'an empty file'],
  ['is a folder', (file) => (unlinkSync(file), mkdirSync(file)), 'EISDIR'],
  ['leads to itself', (file) => (unlinkSync(file), symlinkSync(file, file)), 'ELOOP'],
  ['is hundreds of megabytes long', (file) => truncateSync(file, 600e6), 'more than 8 MB'],
  ['is no text', (file) => writeFileSync(file, Buffer.from([0xff, 0xfe, 0x61, 0])), 'UTF-16'],
])('a file that %s is refused, and nothing else happens until it is back', async (_, spoil, found) => {
  const gateway = await start();
  spoil(gateway.file);
  await gateway.log.line('the configuration is wrong; the previous one stays in effect');
  const report = await reportOf(gateway);
  expect(report).toMatchObject({ result: 'refused', trigger: 'change', refused: 1 });
  expect(JSON.stringify(report)).toContain(found);
  expect((await post(gateway)).status).toBe(200);
  rmSync(gateway.file, { recursive: true, force: true });
  gateway.write(gateway.config);
  await gateway.log.line('the configuration was read again, and is in effect');
  expect(await reportOf(gateway)).toMatchObject({ result: 'applied', problems: [], refused: 1 });
});

test('the file of a key that is named before it is there is used as soon as it is right', async () => {
  const gateway = await start();
  const key = join(writeConfigFile('', 'other'), '..', 'key');
  const backends = [{ name: 'a', url: gateway.recorder.url, apiKeyFile: key }];
  expect(await gateway.reload({ backends })).toMatchObject({ result: 'refused', refused: 1 });
  await expect.poll(gateway.timesRead, { timeout: 10_000 }).toBe(2);
  writeFileSync(key, 'two words');
  await expect.poll(gateway.timesRead, { timeout: 10_000 }).toBe(3);
  writeFileSync(key, 'key');
  await gateway.log.line('the configuration was read again, and is in effect');
  expect(await reportOf(gateway)).toMatchObject({ result: 'applied', trigger: 'change', refused: 1 });
});

test('a certificate that is named before it is there is used as soon as it is', async () => {
  const gateway = await start();
  const ca = join(writeConfigFile('', 'other'), '..', 'ca.pem');
  const backends = gateway.config.backends.map((backend) => ({ ...backend, tls: { ca } }));
  const report = await gateway.reload({ backends });
  expect(report).toMatchObject({ result: 'refused', problems: [{ found: `"${ca}" (ENOENT)` }] });
  writeFileSync(ca, firstCertificate.cert);
  await gateway.log.line('the configuration was read again, and is in effect');
  // And it is read again by itself when it changes.
  writeFileSync(ca, secondCertificate.cert);
  await gateway.log.line('the configuration was read again, and is in effect', 2);
  expect(await reportOf(gateway)).toMatchObject({ result: 'applied', trigger: 'change', refused: 1 });
});

test('without a file there is nothing to read again, which is said', async () => {
  const { url } = await startRecorder();
  const gateway = await startGatewayFor([{ url, apiKey: 'key' }]);
  expect(await gateway.gateway.reload('SIGHUP')).toMatchObject({ file: undefined, result: 'started' });
  await gateway.log.line(
    'there is no configuration file to read again: all settings come from the environment',
  );
  expect((await writeAdmin(gateway, '/admin/reload')).status).toBe(409);
});
