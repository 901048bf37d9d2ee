import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { LogLines } from './log-lines.ts';

const MAIN = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** The built gateway as a process of its own. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly log: LogLines;
  /** Resolves with its address when it listens; rejects if it ends before. */
  readonly url: Promise<string>;
  /** Resolves with the operators' address when it listens; rejects if it ends before. */
  readonly adminUrl: Promise<string>;
  /** Resolves when it has ended, with its exit code and its whole stderr. */
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/**
 * Runs a copy of the built gateway in a folder with nothing else, with only these variables, until the test ends.
 *
 * @param descriptors the limit on its descriptors; the test's own if left out
 */
export function spawnGateway(env: Readonly<Record<string, string>>, descriptors?: number): GatewayProcess {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-'));
  // Elsewhere it could find libraries that are missing in the bundle.
  const main = join(folder, 'main.mjs');
  copyFileSync(MAIN, main);
  const command = [process.execPath, main] as const;
  const [file, ...args] =
    descriptors === undefined
      ? command
      : (['/bin/sh', '-c', `ulimit -n ${descriptors} && exec "$0" "$1"`, ...command] as const);
  const child = spawn(file, args, {
    cwd: folder,
    env: { ADMIN_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const log = new LogLines();
  let stderr = '';
  let unfinished = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const end = (unfinished + text).lastIndexOf('\n') + 1;
    const whole = (unfinished + text).slice(0, end);
    unfinished = (unfinished + text).slice(end);
    log.write(whole);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true });
  });
  const listening = Promise.race([
    log.line('listening'),
    ended.then(({ code }) => Promise.reject(new Error(`it ended with ${code}: ${stderr}`))),
  ]);
  const url = listening.then((line) => String(line['url']));
  const adminUrl = listening.then((line) => String(line['admin']));
  // A test of a failing start does not use its address.
  for (const one of [url, adminUrl]) one.catch(() => {});
  return { child, log, url, adminUrl, ended };
}
