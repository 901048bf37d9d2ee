import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.ts';
import { readConfiguration } from '../../src/what-if/read-configuration.ts';

/** Returns a configuration as if read from a file with these settings. */
export function parseConfig(settings: Readonly<Record<string, unknown>>): Config {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-config-'));
  try {
    const file = join(folder, 'spillway.yaml');
    writeFileSync(file, JSON.stringify(settings));
    return readConfiguration(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
