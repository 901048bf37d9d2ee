import type { Verdict } from '../verdict.ts';
import { baselineName } from './contestant.ts';
import type { MemoryFigures } from './measure-memory.ts';
import type { RequestFigures } from './measure-requests.ts';
import type { StreamFigures, StreamRound } from './measure-streams.ts';
import { median, medianRatio } from '../statistics.ts';

/** What the gateway may cost, as multiples of the bare proxy where nothing else is said. */
const targets = {
  requestCpu: 1.3,
  eventCpu: 1.3,
  streamMemory: 1.3,
  grownBytes: 8 * 1024 * 1024,
  stallMs: 1_000,
} as const;

/** Judges the processor time per request. */
export function judgeRequests(all: readonly RequestFigures[]): Verdict[] {
  const { gateway, bare } = pickPair(all);
  const failed = all.reduce((sum, figures) => sum + figures.failed, 0);
  return [
    atMost('CPU per request', gateway.cpuMicros, bare.cpuMicros, targets.requestCpu),
    { claim: 'every request answered with 200', isMet: failed === 0, found: `${failed} failed` },
  ];
}

/** Judges the memory over many requests: flat means that it does not grow once the process is warm. */
export function judgeMemory({ grownBytes, failed }: MemoryFigures): Verdict[] {
  const limit = megabytes(targets.grownBytes);
  return [
    {
      claim: `memory flat, at most ${limit} more in the second half`,
      isMet: grownBytes <= targets.grownBytes && failed === 0,
      found: `${grownBytes < 0 ? '' : '+'}${megabytes(grownBytes)}, ${failed} requests failed`,
    },
  ];
}

/**
 * Judges what the streams cost and whether any of them stood still. The cost is judged at the full and at half the
 * rate: a proxy whose core is full reads several events at once, which hides what each of them costs.
 */
export function judgeStreams(all: readonly StreamFigures[]): Verdict[] {
  const { gateway, bare } = pickPair(all);
  const longestGapMs = median(gateway.full.map(({ gapMaxMs }) => gapMaxMs));
  const broken = gateway.full.reduce((sum, round) => sum + round.broken, 0);
  return [
    atMost('CPU per chunk', cpuOf(gateway.full), cpuOf(bare.full), targets.eventCpu),
    atMost('CPU per chunk at half the rate', cpuOf(gateway.half), cpuOf(bare.half), targets.eventCpu),
    atMost(
      'memory per stream',
      gateway.residentBytesPerStream,
      bare.residentBytesPerStream,
      targets.streamMemory,
    ),
    {
      claim: `no stall, no silence over ${targets.stallMs} ms`,
      isMet: longestGapMs <= targets.stallMs && broken === 0,
      found: `longest ${longestGapMs.toFixed(0)} ms, ${broken} streams broken`,
    },
  ];
}

function atMost(
  what: string,
  values: readonly number[],
  baseline: readonly number[],
  limit: number,
): Verdict {
  const ratio = medianRatio(values, baseline);
  return { claim: `${what} at most ${limit} x bare`, isMet: ratio <= limit, found: ratio.toFixed(2) };
}

function cpuOf(rounds: readonly StreamRound[]): number[] {
  return rounds.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent);
}

function pickPair<T extends { readonly name: string }>(all: readonly T[]): { gateway: T; bare: T } {
  const gateway = all.find(({ name }) => name === 'gateway');
  const bare = all.find(({ name }) => name === baselineName);
  if (gateway === undefined || bare === undefined)
    throw new Error('The gateway or its yardstick is missing.');
  return { gateway, bare };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
