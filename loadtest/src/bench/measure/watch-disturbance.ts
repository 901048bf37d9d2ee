import { readFileSync } from 'node:fs';
import type { Pinning } from '../../process/pin-processes.ts';
import { msPerTick, readUsage } from '../../process/process-usage.ts';

/** Above this share of one processor, taken by programs that are not part of the benchmark, a round is repeated. */
export const disturbedFrom = 0.1;

/**
 * Begins to watch the pinned processors. Returns a function that returns the share of one processor that other programs
 * have used since. A proxy that has to share its core reads later and more at once, and so looks cheaper than it is.
 * Always 0 where this cannot be known.
 */
export function watchDisturbance(pinning: Pinning, pids: readonly number[]): () => number {
  const cores = [...new Set([pinning.proxy, pinning.backend, pinning.load])];
  const foreignMs = (): number => {
    const ownMs = [...pids, process.pid].reduce((sum, pid) => sum + readUsage(pid).cpuMs, 0);
    return busyMs(cores) - ownMs;
  };
  if (process.platform !== 'linux' || pinning.proxy === undefined) return () => 0;
  const startedMs = performance.now();
  const before = foreignMs();
  return () => Math.max(0, (foreignMs() - before) / (performance.now() - startedMs));
}

function busyMs(cores: readonly (number | undefined)[]): number {
  let ticks = 0;
  for (const line of readFileSync('/proc/stat', 'latin1').split('\n')) {
    const [name = '', user, nice, system, _idle, _wait, interrupts, softInterrupts, stolen] = line.split(' ');
    if (!cores.some((core) => name === `cpu${core}`)) continue;
    for (const part of [user, nice, system, interrupts, softInterrupts, stolen]) ticks += Number(part);
  }
  return ticks * msPerTick;
}
