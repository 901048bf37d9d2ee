import { execFileSync } from 'node:child_process';

/** Moves all threads of a process to one processor; where that cannot be done they stay where they are. */
export function pin(pid: number, processor: number): void {
  try {
    execFileSync('taskset', ['-acp', String(processor), String(pid)], { stdio: 'ignore' });
  } catch {
    // Only Linux has taskset.
  }
}
