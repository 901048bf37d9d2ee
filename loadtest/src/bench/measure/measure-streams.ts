import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile } from '@spillway/simulation';
import { readUsage } from '../../process/process-usage.ts';
import type { RunningProcess } from '../../process/start-process.ts';
import { showProgress } from '../../report/progress.ts';
import { eventsPerSecond, streamCount } from '../backend/stream-shape.ts';
import type { Contestant } from '../contestants/contestant.ts';
import type { BenchSetup } from './bench-setup.ts';
import { openStreams, type OpenStreams, type StreamWindow } from './open-streams.ts';
import { takeSteadyRound, type RoundCount } from './take-steady-round.ts';

/** One reading of a proxy while it relays the streams. */
export interface StreamRound {
  readonly cpuMicrosPerEvent: number;
  /** The share of its processor that it used. */
  readonly busy: number;
  readonly residentBytes: number;
  /** The share of the due events that arrived. */
  readonly delivered: number;
  readonly gapP99Ms: number;
  readonly gapMaxMs: number;
  readonly broken: number;
}

/** One contestant's cost of relaying the streams, round by round. */
export interface StreamFigures {
  readonly name: string;
  readonly full: StreamRound[];
  /** At half the rate, where a proxy that fills its core at the full rate has time to spare. */
  readonly half: StreamRound[];
  readonly residentBytesPerStream: number[];
}

const rounds = 3;
const settleMs = 1_500;
const fullWindowMs = 3_500;
const halfWindowMs = 2_500;
const readingMs = 500;

/** Measures every contestant while it relays all streams, in rounds that take turns, each with a fresh process. */
export async function measureStreams(setup: BenchSetup, count: RoundCount): Promise<StreamFigures[]> {
  const all = setup.contestants.map(({ name }): StreamFigures => ({
    name,
    full: [],
    half: [],
    residentBytesPerStream: [],
  }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, contestant] of setup.contestants.entries()) {
      showProgress(`streams: round ${round + 1} of ${rounds}, ${contestant.name}`);
      const figures = all[index];
      if (figures !== undefined) await measureContestant(setup, count, contestant, figures);
    }
  }
  return all;
}

async function measureContestant(
  setup: BenchSetup,
  count: RoundCount,
  contestant: Contestant,
  figures: StreamFigures,
): Promise<void> {
  const process = await contestant.start();
  const idleBytes = readUsage(process.pid).residentBytes;
  const streams = await openStreams(process.url, streamCount);
  const measure = async (every: number, windowMs: number): Promise<StreamRound> => {
    await fetch(`${setup.backend.url}/feed/${every}`);
    await sleep(settleMs);
    return takeSteadyRound(setup, [process.pid], count, () =>
      measureWindow(process, streams, every, windowMs),
    );
  };
  const full = await measure(1, fullWindowMs);
  figures.full.push(full);
  figures.residentBytesPerStream.push((full.residentBytes - idleBytes) / streamCount);
  figures.half.push(await measure(2, halfWindowMs));
  await fetch(`${setup.backend.url}/feed/0`);
  await streams.close();
  await process.stop();
}

async function measureWindow(
  { pid }: RunningProcess,
  streams: OpenStreams,
  every: number,
  windowMs: number,
): Promise<StreamRound> {
  const residentBytes: number[] = [];
  streams.startWindow();
  const before = readUsage(pid);
  for (let passedMs = 0; passedMs < windowMs; passedMs += readingMs) {
    await sleep(readingMs);
    residentBytes.push(readUsage(pid).residentBytes);
  }
  const window = streams.endWindow();
  const cpuMs = readUsage(pid).cpuMs - before.cpuMs;
  return {
    cpuMicrosPerEvent: (cpuMs * 1000) / window.events,
    busy: cpuMs / window.elapsedMs,
    residentBytes: median(residentBytes),
    delivered: window.events / eventsDue(window, every),
    gapP99Ms: percentile(window.longestGapsMs, 0.99),
    gapMaxMs: percentile(window.longestGapsMs, 1),
    broken: window.broken,
  };
}

function eventsDue({ elapsedMs }: StreamWindow, every: number): number {
  return (streamCount * (eventsPerSecond / every) * elapsedMs) / 1000;
}
