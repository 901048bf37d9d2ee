import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, copyFileSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The program to run, and its processor. */
export interface ProcessOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Its whole environment; this process's own when absent. */
  readonly env?: NodeJS.ProcessEnv;
  /** The number of the processor to run on; any when absent. */
  readonly cpu?: number | undefined;
  /** Where the process will listen, when it does not print its own `"msg":"listening"` line. */
  readonly url?: string;
}

/** A process that was started here and is ready: it ends with this one at the latest. */
export interface RunningProcess {
  readonly pid: number;
  readonly url: string;
  /** Where operators reach it, if it says so. */
  readonly adminUrl: string | undefined;
  /** The file with its output, until it is stopped. */
  readonly logFile: string;
  /** Returns whether it has ended, for whatever reason. */
  readonly hasExited: () => boolean;
  /** Ends the process and waits until it is gone. Its output is kept only if a place for it is given. */
  readonly stop: (keptLogFile?: string) => Promise<void>;
}

const readyLimitMs = 15_000;
const stopLimitMs = 3_000;
const running = new Set<ChildProcess>();
let folder: string | undefined;
let isGuarded = false;

/** Returns the folder for logs and generated files; it is removed with the last process that was started. */
export function scratchFolder(): string {
  folder ??= makeScratchFolder();
  return folder;
}

/** Starts a process, its output in a file of the scratch folder, and waits until it listens. */
export async function startProcess(options: ProcessOptions): Promise<RunningProcess> {
  const logFile = join(scratchFolder(), `${options.name}-${performance.now().toFixed(3)}.log`);
  const log = openSync(logFile, 'w');
  const pinned = options.cpu === undefined ? [] : ['taskset', '-c', String(options.cpu)];
  const [command = '', ...args] = [...pinned, options.command, ...options.args];
  const child = spawn(command, args, { env: options.env ?? process.env, stdio: ['ignore', log, log] });
  closeSync(log);
  running.add(child);
  child.once('error', () => running.delete(child));
  child.once('exit', () => running.delete(child));
  const { url, admin: adminUrl } = await waitUntilReady(child, logFile, options);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${options.name} has no process id`);
  return {
    pid,
    url,
    adminUrl,
    logFile,
    hasExited: () => !running.has(child),
    stop: async (keptLogFile) => {
      await stopProcess(child);
      if (keptLogFile !== undefined) copyFileSync(logFile, keptLogFile);
      rmSync(logFile, { force: true });
      if (running.size === 0) removeScratchFolder();
    },
  };
}

async function waitUntilReady(
  child: ChildProcess,
  logFile: string,
  options: ProcessOptions,
): Promise<Announced> {
  const deadlineMs = performance.now() + readyLimitMs;
  while (running.has(child)) {
    const said = options.url === undefined ? announced(logFile) : await answering(options.url);
    if (said !== undefined) return said;
    if (performance.now() > deadlineMs) break;
    await sleep(2);
  }
  await stopProcess(child);
  throw new Error(`${options.name} did not start:\n${readFileSync(logFile, 'utf8').slice(0, 2_000)}`);
}

/** The output of a process when it listens. */
interface Announced {
  readonly url: string;
  readonly admin?: string;
}

function announced(logFile: string): Announced | undefined {
  const complete = readFileSync(logFile, 'utf8').split('\n').slice(0, -1);
  const line = complete.find((text) => text.includes('"msg":"listening"'));
  return line === undefined ? undefined : (JSON.parse(line) as Announced);
}

async function answering(url: string): Promise<Announced | undefined> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return { url };
  } catch {
    return undefined;
  }
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (!running.has(child)) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const hardStop = setTimeout(() => child.kill('SIGKILL'), stopLimitMs);
  await gone;
  clearTimeout(hardStop);
}

function makeScratchFolder(): string {
  if (!isGuarded) guardExit();
  isGuarded = true;
  return mkdtempSync(join(tmpdir(), 'spillway-'));
}

function removeScratchFolder(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** Leaves nothing behind: `exit` is the one event of every way out, including Ctrl-C. */
function guardExit(): void {
  process.once('exit', () => {
    for (const child of running) child.kill('SIGKILL');
    removeScratchFolder();
  });
  const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  for (const [signal, code] of Object.entries(exitCodes)) process.once(signal, () => process.exit(code));
}
