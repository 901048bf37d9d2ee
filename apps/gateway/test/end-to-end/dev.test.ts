import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const folder = fileURLToPath(new URL('../..', import.meta.url));

// Neither the tests' own loader nor the bundler reads a package's files as Node does.
test('the sources, as `pnpm dev` runs them, listen and answer', async () => {
  const { scripts } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as {
    scripts: { dev: string };
  };
  const args = scripts.dev.split(' ').filter((word) => word !== 'node' && word !== '--watch');
  const child = spawn(process.execPath, args, {
    cwd: folder,
    env: { PORT: '0', ADMIN_PORT: '0', LOG_LEVEL: 'info' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), ended.then(() => [''])])) as [string];
  expect(stderr).toBe('');
  const { msg, url } = JSON.parse(line) as { msg: string; url: string };
  expect(msg).toBe('listening');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
