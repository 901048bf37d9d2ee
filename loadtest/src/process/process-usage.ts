import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** The resources that a process has used so far. */
export interface ProcessUsage {
  /** User and system time of all its threads. */
  readonly cpuMs: number;
  readonly residentBytes: number;
}

const isLinux = process.platform === 'linux';
/** The length of the kernel's unit of processor time; `NaN` where there is no `/proc`. */
export const msPerTick = isLinux ? 1000 / Number(run('getconf', 'CLK_TCK')) : Number.NaN;

/** Reads the resources that a process has used, from `/proc` on Linux and from `ps` elsewhere. */
export function readUsage(pid: number): ProcessUsage {
  if (!isLinux) {
    const [time = '', kilobytes = ''] = run('ps', '-o', 'time=,rss=', '-p', String(pid)).trim().split(/\s+/);
    return { cpuMs: clockMs(time), residentBytes: Number(kilobytes) * 1024 };
  }
  const resident = /VmRSS:\s*(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
  const threads = readdirSync(`/proc/${pid}/task`);
  const cpuMs = threads.reduce((sum, thread) => sum + threadCpuMs(`/proc/${pid}/task/${thread}`), 0);
  return { cpuMs, residentBytes: Number(resident) * 1024 };
}

/** Accurate to the nanosecond, unlike `stat`: a tick is 10 ms. */
function threadCpuMs(folder: string): number {
  return Number(readFileSync(`${folder}/schedstat`, 'latin1').split(' ')[0]) / 1_000_000;
}

function clockMs(clock: string): number {
  const [days, time] = clock.includes('-') ? clock.split('-') : ['0', clock];
  const seconds = (time ?? '').split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return (Number(days) * 86_400 + seconds) * 1000;
}

function run(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8' });
}
