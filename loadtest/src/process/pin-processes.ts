import { execFileSync } from 'node:child_process';

/** The processor for each part of a benchmark; nothing where processes cannot be pinned. */
export interface Pinning {
  readonly proxy?: number;
  readonly backend?: number;
  /** Of this process, which generates the load. */
  readonly load?: number;
}

/** Gives the proxy a processor of its own and moves this process, the load generator, to another one. */
export function pinProcesses(): Pinning {
  const allowed = allowedProcessors();
  const [proxy, backend, load = backend] = allowed;
  if (proxy === undefined || backend === undefined || load === undefined) return {};
  pin(process.pid, load);
  return { proxy, backend, load };
}

const TRIES = 3;

/** Moves all threads of a process to one processor; if that is impossible they stay where they are. */
export function pin(pid: number, processor: number): void {
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      taskset('-acp', String(processor), String(pid));
      return;
    } catch {
      // Only Linux has taskset, which gives up if a thread ends while it goes over them.
    }
  }
}

function allowedProcessors(): number[] {
  try {
    const list = taskset('-cp', String(process.pid)).split(': ').at(-1)?.trim() ?? '';
    return list.split(',').flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, offset) => first + offset);
    });
  } catch {
    return [];
  }
}

function taskset(...args: string[]): string {
  return execFileSync('taskset', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}
