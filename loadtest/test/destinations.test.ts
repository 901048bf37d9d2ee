import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { makeFile, makeFolder } from '../src/report/destinations.ts';

const folder = mkdtempSync(join(tmpdir(), 'spillway-destinations-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'file');
writeFileSync(file, 'kept');

test('a folder for a report is made, with those above it', () => {
  makeFolder('--report', join(folder, 'made', 'for it'));
  expect(existsSync(join(folder, 'made', 'for it'))).toBe(true);
  makeFolder('--report', join(folder, 'made', 'for it'));
});

test('a file that is there is left as it is', () => {
  makeFile('--svg', file);
  expect(readFileSync(file, 'utf8')).toBe('kept');
});

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

test.each<[string, string, string]>([
  ['normal', '--report', file],
  ['normal', '--report', join(file, 'below')],
  ['harvest', '--report', file],
  ['harvest', '--svg', join(folder, 'none', 'plots.svg')],
  ['harvest', '--svg', folder],
  ['harvest', '--log', join(folder, 'none', 'access.jsonl')],
])(
  '%s: what %s names, %s, cannot be written, which is said before anything runs',
  async (name, option, path) => {
    const child = spawn(process.execPath, [main, name, option, path], {
      cwd: folder,
      // Not INIT_CWD, which would be where the tests were started.
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close');
    onTestFinished(() => void child.kill());
    expect(await text(child.stderr)).toMatch(`${option}: "${path}" cannot be written (E`);
    expect(await ended).toEqual([2, null]);
  },
);

test.each(['normal', 'harvest'])(
  '%s does not write into the current folder if no folder is named',
  async (name) => {
    const child = spawn(process.execPath, [main, name, '--report', ''], {
      cwd: folder,
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const ended = once(child, 'close');
    onTestFinished(() => void child.kill());
    expect(await text(child.stderr)).toMatch(/^--report is empty; say a folder\n/);
    expect(await ended).toEqual([2, null]);
  },
);
