import { writeFileSync } from 'node:fs';
import { onTestFinished } from 'vitest';
import { readConfig } from '../../src/config/load.ts';
import type { ConfigInput } from '../../src/config/schema.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import type { ReloadReport } from '../../src/reload/reload-report.ts';
import { LogLines } from './log-lines.ts';
import { writeConfigFile } from './write-config-file.ts';

/** A gateway whose configuration is a file, until the test ends. */
export interface Reloadable {
  readonly url: string;
  readonly adminUrl: string;
  readonly gateway: Gateway;
  readonly log: LogLines;
  readonly file: string;
  /** How often a changed configuration has been parsed and checked. */
  readonly timesRead: () => number;
  /** Only writes the file. */
  write(config: Partial<ConfigInput> | string): void;
  /** Writes the file and reloads it. */
  reload(config: Partial<ConfigInput> | string): Promise<ReloadReport>;
}

/** Starts a gateway with a configuration in a file. JSON is YAML. */
export async function startReloadable(
  config: Partial<ConfigInput> | string,
  env: Readonly<Record<string, string>> = {},
): Promise<Reloadable> {
  const file = writeConfigFile(render(config));
  const ports = { PORT: '0', ADMIN_PORT: '0' };
  const loaded = readConfig({ SPILLWAY_CONFIG: file, ...ports, ...env });
  const log = new LogLines();
  const times = { read: 0 };
  const reread = (bytes: Buffer) => {
    times.read++;
    return readConfig({ SPILLWAY_CONFIG: file, ...ports, ...env }, bytes);
  };
  const source = loaded.source && { ...loaded.source, reread };
  const gateway = await startGateway(loaded.config, log, loaded.warnings, {}, source);
  onTestFinished(() => gateway.stop(0));
  const write = (next: Partial<ConfigInput> | string) => writeFileSync(file, render(next));
  const reload = (next: Partial<ConfigInput> | string) => {
    write(next);
    return gateway.reload('operator');
  };
  const timesRead = () => times.read;
  return { url: gateway.url, adminUrl: gateway.adminUrl ?? '', gateway, log, file, timesRead, write, reload };
}

function render(config: Partial<ConfigInput> | string): string {
  if (typeof config === 'string') return config;
  const timeouts = { lameDuckMs: 0, shutdownMs: 0, ...config.timeouts };
  return JSON.stringify({ ...config, timeouts });
}
