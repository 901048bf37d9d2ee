import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { freePort } from './free-port.ts';

/** Returns whether a program exists on this machine. */
export const isThere = (program: string) => spawnSync(program, ['--version']).status === 0;

/** A series as a query returns it. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus that collects from one gateway again and again, until the test ends. */
export interface Prometheus {
  /** Returns the current series of a query; throws an Error if it is refused. */
  readonly query: (text: string) => Promise<readonly Sample[]>;
}

/**
 * Starts a Prometheus.
 *
 * @param rules the paths of files with rules
 * @param everySeconds how often it collects, and how long a collection may take
 */
export async function startPrometheus(
  target: { readonly adminUrl: string },
  token?: string,
  rules: readonly string[] = [],
  everySeconds = 1,
): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const port = await freePort();
  const file = join(folder, 'prometheus.yml');
  const job = {
    job_name: 'spillway',
    ...(token !== undefined && { authorization: { credentials: token } }),
    static_configs: [{ targets: [new URL(target.adminUrl).host] }],
  };
  // JSON is YAML.
  const config = {
    global: { scrape_interval: `${everySeconds}s`, evaluation_interval: '1s' },
    rule_files: rules,
    scrape_configs: [job],
  };
  writeFileSync(file, JSON.stringify(config));
  const options = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', options, { stdio: 'ignore' });
  const ended = new Promise((resolve) => child.once('exit', resolve));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  });
  return { query: (text) => query(`http://127.0.0.1:${port}`, text) };
}

async function query(url: string, text: string): Promise<readonly Sample[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: text }),
  });
  const { data, error } = (await response.json()) as {
    data?: { result: { metric: Record<string, string>; value: [number, string] }[] };
    error?: string;
  };
  if (data === undefined) throw new Error(`${error}: ${text}`);
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}
