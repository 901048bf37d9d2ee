import { setTimeout as sleep } from 'node:timers/promises';
import { holdStreams } from './hold-streams.ts';
import { startServer } from './start-server.ts';
import type { StreamRound } from './hold-streams.ts';
import type { MockOptions } from '@spillway/mock-openai';
import type { Server } from './start-server.ts';

/** The cost of streams that are open at the same time. */
export interface StreamFigures extends StreamRound {
  readonly streams: number;
  /** The share of a processor. */
  readonly busy: number;
  readonly kilobytesEach: number;
}

const streams = 5000;
const windowMs = 6000;

/** Holds streams of a mock with these options open, and measures it once all have begun. */
export async function measureStreams(
  processor: number | undefined,
  options: MockOptions,
): Promise<StreamFigures> {
  const server = await startServer(JSON.stringify(options), processor);
  const idle = await server.usage();
  const begun = Promise.withResolvers<void>();
  const [round, window] = await Promise.all([
    holdStreams(server.url, streams, begun.resolve),
    begun.promise.then(() => measureWindow(server)),
  ]);
  await server.stop();
  const kilobytesEach = (window.residentBytes - idle.residentBytes) / 1024 / streams;
  return { ...round, streams, busy: window.busy, kilobytesEach };
}

async function measureWindow({ usage }: Server): Promise<{ busy: number; residentBytes: number }> {
  const startedMs = performance.now();
  const before = await usage();
  await sleep(windowMs);
  const after = await usage();
  const elapsedMs = performance.now() - startedMs;
  const busy = (after.cpuMicros - before.cpuMicros) / 1000 / elapsedMs;
  return { busy, residentBytes: after.residentBytes };
}
