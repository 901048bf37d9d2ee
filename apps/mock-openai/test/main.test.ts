import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { optionFields } from '../src/options/check-options.ts';
import { stepKinds } from '../src/script/step-fields.ts';
import { startMock } from '../src/start-mock.ts';
import { post } from './testing/post.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function run(...args: string[]) {
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  return { child, output, closed: once(child, 'close') as Promise<[number | null, string | null]> };
}

test.each(['SIGINT', 'SIGTERM'] as const)('on %s it leaves its requests and exits 0', async (signal) => {
  const { child, output, closed } = run('--port', '0', '--script', '1x ok, hang');
  while (!output.stdout.includes('\n')) await once(child.stdout, 'data');
  const url = /on (\S+), control on \S+\/_mock\n/.exec(output.stdout)?.[1] ?? '';
  expect((await post({ url })).status).toBe(200);
  const open = post({ url }).catch((error: unknown) => error);
  child.kill(signal);
  expect(await closed).toEqual([0, null]);
  expect(await open).toBeInstanceOf(TypeError);
  expect(output.stderr).toBe('');
});

test('a port in use is one clear line and exit code 1', async () => {
  const mock = await startMock();
  const { port } = new URL(mock.url);
  const { output, closed } = run('--port', port);
  expect(await closed).toEqual([1, null]);
  expect(output).toEqual({ stdout: '', stderr: `Port ${port} on 127.0.0.1 is in use.\n` });
  await mock.stop();
});

test('wrong options are all named, and exit code 1', async () => {
  const { output, closed } = run('--port', 'x', '--script', 'nap');
  expect(await closed).toEqual([1, null]);
  expect(output.stderr.trim().split('\n')).toHaveLength(2);
});

test('--help names every option and every behaviour', async () => {
  const { output, closed } = run('--help');
  expect(await closed).toEqual([0, null]);
  const options = Object.keys(optionFields).map(
    (name) => `--${name.replaceAll(/(?=[A-Z])/g, '-').toLowerCase()} `,
  );
  const more = ['--config', '--script-file', '--instances', '--quota', '--latency', '/_mock/reset'];
  for (const word of [...options, ...more, ...stepKinds.map((kind) => `\n  ${kind}`)]) {
    expect(output.stdout).toContain(word);
  }
});
