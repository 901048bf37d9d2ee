import { mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeProblem } from '../../src/config/config-error.ts';
import { readConfig } from '../../src/config/load.ts';
import { startGateway } from '../../src/gateway.ts';
import { LogLines } from '../testing/log-lines.ts';
import { post } from '../testing/post.ts';
import { startRecorder } from '../testing/start-backend.ts';
import { spawnGateway } from '../testing/spawn-gateway.ts';
import { startReloadable } from '../testing/start-reloadable.ts';
import { writeConfigFile } from '../testing/write-config-file.ts';

const APPLIED = 'the configuration was read again, and is in effect';
const yamlOf = (name: string, url: string) =>
  `# ${name}\nbackends:\n  - name: ${name}\n    url: ${url}\n    apiKey: key\n`;

test('a file that is saved is in effect within seconds, whether it is written, renamed or swapped by a link', async () => {
  const { url } = await startRecorder();
  const { file, gateway, log } = await startReloadable(yamlOf('first', url));
  const nameInEffect = () => gateway.snapshots()[0]?.backend.name;
  writeFileSync(file, yamlOf('written', url));
  await log.line(APPLIED);
  expect(nameInEffect()).toBe('written');
  writeFileSync(`${file}.new`, yamlOf('renamed', url));
  renameSync(`${file}.new`, file);
  await log.line(APPLIED, 2);
  expect(nameInEffect()).toBe('renamed');
  writeFileSync(`${file}.target`, yamlOf('linked', url));
  symlinkSync(`${file}.target`, `${file}.link`);
  renameSync(`${file}.link`, file);
  await log.line(APPLIED, 3);
  expect(nameInEffect()).toBe('linked');
});

test('a file that an editor has just removed when the gateway starts is read as soon as it is back', async () => {
  const { url } = await startRecorder();
  const file = writeConfigFile(yamlOf('first', url));
  const { config, source } = readConfig({ SPILLWAY_CONFIG: file, PORT: '0', ADMIN_PORT: '0' });
  unlinkSync(file);
  const log = new LogLines();
  const gateway = await startGateway(config, log, [], {}, source);
  onTestFinished(() => gateway.stop(0));
  writeFileSync(file, yamlOf('second', url));
  await log.line(APPLIED);
  expect(gateway.snapshots()[0]?.backend.name).toBe('second');
});

test('a ConfigMap that Kubernetes swaps is in effect within seconds', async () => {
  const { url } = await startRecorder();
  const volume = dirname(writeConfigFile('', 'x'));
  // As the kubelet does it: a folder for each version, and one link that is renamed over the old one.
  const publish = (version: string, name: string) => {
    mkdirSync(join(volume, version));
    writeFileSync(join(volume, version, 'spillway.yaml'), yamlOf(name, url));
    symlinkSync(version, join(volume, '..data_tmp'));
    renameSync(join(volume, '..data_tmp'), join(volume, '..data'));
  };
  publish('..2026_1', 'first');
  symlinkSync('..data/spillway.yaml', join(volume, 'spillway.yaml'));
  const gateway = spawnGateway({ SPILLWAY_CONFIG: join(volume, 'spillway.yaml'), PORT: '0' });
  const at = await gateway.adminUrl;
  publish('..2026_2', 'second');
  await gateway.log.line(APPLIED);
  expect(await backendsAt(at)).toEqual(['second']);
  publish('..2026_3', 'third');
  await gateway.log.line(APPLIED, 2);
  expect(await backendsAt(at)).toEqual(['third']);
});

const backendsAt = async (adminUrl: string) => {
  const page = await fetch(`${adminUrl}/admin/backends`);
  const { backends } = (await page.json()) as { backends: { name: string }[] };
  return backends.map(({ name }) => name);
};

test('a save that is cut off at any line on its way is never believed', async () => {
  const { url } = await startRecorder();
  const { file, log, gateway } = await startReloadable(yamlOf('first', url));
  const lines = `${yamlOf('second', url)}  - name: third\n    url: ${url}\n    apiKey: key\n`.split(
    /(?<=\n)/,
  );
  for (let cut = 0; cut < lines.length; cut++) {
    // Begins while the file is read twice, and is done before it is read the second time.
    const reload = gateway.reload('operator');
    writeFileSync(file, '');
    writeFileSync(file, lines.slice(0, cut).join(''));
    await new Promise((resolve) => setTimeout(resolve, 20));
    writeFileSync(file, lines.join(''));
    expect(await reload).toMatchObject({ result: 'applied', refused: 0 });
    expect(gateway.snapshots().map(({ backend }) => backend.name)).toEqual(['second', 'third']);
  }
  expect(log.lines.filter(({ msg }) => msg.startsWith('the configuration is wrong'))).toEqual([]);
});

test('a hundred SIGHUPs read the file again, and end nothing', async () => {
  const { url } = await startRecorder();
  const file = writeConfigFile(yamlOf('first', url));
  const gateway = spawnGateway({ SPILLWAY_CONFIG: file, PORT: '0' });
  const at = await gateway.url;
  writeFileSync(file, yamlOf('second', url));
  for (let time = 0; time < 100; time++) {
    gateway.child.kill('SIGHUP');
    expect((await post({ url: at })).status).toBe(200);
  }
  expect(await gateway.log.line(APPLIED)).toMatchObject({ trigger: 'SIGHUP', file });
  expect(await backendsAt(await gateway.adminUrl)).toEqual(['second']);
  expect(gateway.child.exitCode).toBeNull();
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toEqual({ code: 0, stderr: '' });
});

test('a SIGHUP while it is starting ends nothing either, and is obeyed once it runs', async () => {
  const { url } = await startRecorder();
  // Its first line is a warning, long before it listens.
  const file = writeConfigFile(
    `${yamlOf('first', url)}${yamlOf('twin', url).replace(/^[^]*?backends:\n/, '')}`,
  );
  const env = { SPILLWAY_CONFIG: file, PORT: '0' };
  const [warning] = readConfig(env).warnings.map(describeProblem);
  const gateway = spawnGateway(env);
  await gateway.log.line(`Probably a mistake in the configuration: ${warning}`);
  gateway.child.kill('SIGHUP');
  expect(await gateway.log.line(APPLIED)).toMatchObject({ trigger: 'SIGHUP' });
  expect(gateway.child.exitCode).toBeNull();
});

test('without a file a SIGHUP reads nothing, and says so', async () => {
  const { url } = await startRecorder();
  const gateway = spawnGateway({ BACKEND_1_URL: url, BACKEND_1_APIKEY: 'key', PORT: '0' });
  const at = await gateway.url;
  gateway.child.kill('SIGHUP');
  await gateway.log.line(
    'there is no configuration file to read again: all settings come from the environment',
  );
  expect((await post({ url: at })).status).toBe(200);
});
