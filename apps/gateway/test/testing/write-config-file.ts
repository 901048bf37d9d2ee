import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Writes a configuration file that exists until the test ends, and returns its path. */
export function writeConfigFile(text: string | Buffer, name = 'spillway.yaml'): string {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}
