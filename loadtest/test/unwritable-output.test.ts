import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'spillway-unwritable-'));
afterAll(() => rmSync(folder, { recursive: true }));

const programOf = (name: string) => fileURLToPath(new URL(`../src/${name}`, import.meta.url));

test.each([
  ['main.ts', 'normal'],
  ['chaos/main.ts', '--only', 'requests'],
  ['simulation/main.ts', '--help'],
  ['what-if/main.ts', '--help'],
])('%s %s whose reader has left says so in a line, and that it has failed', async (name, ...args) => {
  // The program begins only when nobody can read its output any more.
  const whenTold = ['-c', 'read -r line; exec "$0" "$@"', process.execPath, programOf(name), ...args];
  const child = spawn('sh', whenTold, { cwd: folder, env: {}, stdio: 'pipe' });
  onTestFinished(() => void child.kill());
  const ended = once(child, 'close');
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end('begin\n');
  expect(await text(child.stderr)).toBe('The output could not be written (EPIPE).\n');
  expect(await ended).toEqual([1, null]);
});
