import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { holdOrder, type Part } from './hold-order.ts';

const house: Part = {
  path: 'house',
  refused: [{ group: ['express'], message: 'express lives in attic/.', except: ['attic'] }],
  rooms: ['noun.ts', 'cellar', 'kitchen', 'attic', 'main.ts'],
  special: { attic: { knows: ['cellar'], rooms: ['box.ts', 'chest', 'lid'] } },
};

/** Returns whether lint refuses `from` in a file of the house. */
function isRefused(file: string, from: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'house-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `import type { Thing } from '${from}';\nexport type Other = Thing;\n`);
  const configuration = { categories: { correctness: 'off' }, overrides: holdOrder(house) };
  writeFileSync(join(folder, 'lint.json'), JSON.stringify(configuration));
  const oxlint = fileURLToPath(new URL('../node_modules/oxlint/bin/oxlint', import.meta.url));
  const args = [oxlint, '-c', 'lint.json', 'house'];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  expect(stdout).toContain('1 file');
  return stdout.includes('no-restricted-imports');
}

test.each([
  ['house/kitchen/stove.ts', '../cellar/wine.ts'],
  ['house/kitchen/oven/door.ts', '../../cellar/wine.ts'],
  ['house/kitchen/stove.ts', '../noun.ts'],
  ['house/kitchen/oven/door.ts', '../attic/door.ts'],
  ['house/main.ts', './attic/lid/hinge.ts'],
  ['house/attic/roof.ts', '../cellar/wine.ts'],
  ['house/attic/roof.ts', 'express'],
  ['house/attic/lid/hinge.ts', '../chest/lock.ts'],
])('%s may import %s, which is below it', (file, from) => {
  expect(isRefused(file, from)).toBe(false);
});

test.each([
  ['house/noun.ts', './cellar/wine.ts'],
  ['house/cellar/wine.ts', '../kitchen/stove.ts'],
  ['house/cellar/rack/bottle.ts', '../../kitchen/stove.ts'],
  ['house/cellar/rack/place/bottle.ts', '../../../kitchen/stove.ts'],
  ['house/kitchen/stove.ts', '../main.ts'],
  ['house/kitchen/stove.ts', 'express'],
  ['house/attic/roof.ts', '../kitchen/stove.ts'],
  ['house/attic/chest/lock.ts', '../lid/hinge.ts'],
  ['house/attic/chest/lock.ts', '../../kitchen/stove.ts'],
  ['house/attic/box.ts', './chest/lock.ts'],
])('%s may not import %s', (file, from) => {
  expect(isRefused(file, from)).toBe(true);
});
