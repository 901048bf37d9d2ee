import { median, medianRatio, percentile } from '@spillway/simulation';
import type { Verdict } from '../../report/verdict.ts';
import { allOnName, baselineName, clientsName, gatewayNames, tokensName } from '../contestants/contestant.ts';
import type { MemoryFigures } from '../measure/measure-memory.ts';
import type { RequestFigures } from '../measure/measure-requests.ts';
import type { ScrapeFigures } from '../measure/measure-scrapes.ts';
import type { StartFigures } from '../measure/measure-start.ts';
import type { StreamFigures, StreamRound } from '../measure/measure-streams.ts';

/** The gateway's maximum costs, as multiples of the bare proxy unless stated otherwise. */
const targets = {
  requestCpu: 1.2,
  requestCpuAllOn: 1.35,
  /** Their budgets need the usage of each answer. */
  requestCpuClients: 1.3,
  /** The cost of a known token, relative to a key. */
  tokenMicros: 2,
  eventCpu: 1.25,
  streamMemory: 1.3,
  /** With all on: the last 8 KB of each stream are kept, where provisioned throughput needs its usage. */
  streamMemoryAllOn: 1.5,
  grownBytes: 8 * 1024 * 1024,
  stallMs: 1_000,
  startMs: 150,
  residentBytes: 130 * 1024 * 1024,
  /** Of a scrape, in processor time, and of what requests wait for it. */
  scrapeMs: 20,
  minSeries: 1_200,
} as const;

/** Judges the processor time per request, of each kind of request and each configuration of the gateway. */
export function judgeRequests(all: readonly RequestFigures[]): Verdict[] {
  const chats = [...new Set(all.map(({ chat }) => chat))];
  const failed = all.reduce((sum, figures) => sum + figures.failed, 0);
  return [
    ...chats.flatMap((chat) => [...judgeChat(all, chat), ...judgeTokens(all, chat)]),
    { claim: 'every request answered with 200', isMet: failed === 0, found: `${failed} failed` },
  ];
}

function judgeChat(all: readonly RequestFigures[], chat: string): Verdict[] {
  const { gateways, bare } = pickJudged(all.filter((figures) => figures.chat === chat));
  return gateways.map(({ name, cpuMicros }) =>
    atMost(`${name}: CPU per request of ${chat}`, cpuMicros, bare.cpuMicros, requestCpuOf(name)),
  );
}

function requestCpuOf(name: string): number {
  if (name === allOnName) return targets.requestCpuAllOn;
  return name === clientsName ? targets.requestCpuClients : targets.requestCpu;
}

/** Judges the cost of recognising a client by a token seen before, where that was measured. */
function judgeTokens(all: readonly RequestFigures[], chat: string): Verdict[] {
  const of = (name: string) => all.find((one) => one.name === name && one.chat === chat)?.cpuMicros;
  const [keys, tokens] = [of(clientsName), of(tokensName)];
  if (keys === undefined || tokens === undefined) return [];
  const more = median(tokens.map((micros, round) => micros - (keys[round] ?? Number.NaN)));
  return [
    {
      claim: `a token at most ${targets.tokenMicros} us more than a key, ${chat}`,
      isMet: more <= targets.tokenMicros,
      found: `${more.toFixed(1)} us`,
    },
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

/** Judges how soon the gateway answers after its start, and its memory after its first 100,000 requests. */
export function judgeStart(all: readonly StartFigures[]): Verdict[] {
  const gateway = all.find(({ name }) => name === 'gateway');
  if (gateway === undefined) throw new Error('The gateway is missing.');
  const startMs = median(gateway.elapsedMs);
  const failed = all.reduce((sum, figures) => sum + figures.failed, 0);
  return [
    {
      claim: `first answer at most ${targets.startMs} ms after the start`,
      isMet: startMs <= targets.startMs && failed === 0,
      found: `${startMs.toFixed(0)} ms, ${failed} requests failed`,
    },
    {
      claim: `at most ${megabytes(targets.residentBytes)} resident after 100,000 requests`,
      isMet: gateway.residentBytes <= targets.residentBytes,
      found: megabytes(gateway.residentBytes),
    },
  ];
}

/**
 * Judges the cost of the streams and whether any of them stalled. The cost is judged at the full and at half the rate:
 * a proxy with a busy core reads several events at once, which hides the cost of each.
 */
export function judgeStreams(all: readonly StreamFigures[]): Verdict[] {
  const { gateways, bare } = pickJudged(all);
  return gateways.flatMap((gateway) => judgeStreamsOf(gateway, bare));
}

function judgeStreamsOf(gateway: StreamFigures, bare: StreamFigures): Verdict[] {
  const { name, full, half, residentBytesPerStream } = gateway;
  const longestGapMs = median(full.map(({ gapMaxMs }) => gapMaxMs));
  const broken = full.reduce((sum, round) => sum + round.broken, 0);
  const memoryLimit = name === allOnName ? targets.streamMemoryAllOn : targets.streamMemory;
  return [
    atMost(`${name}: CPU per chunk`, cpuOf(full), cpuOf(bare.full), targets.eventCpu),
    atMost(`${name}: CPU per chunk at half the rate`, cpuOf(half), cpuOf(bare.half), targets.eventCpu),
    atMost(`${name}: memory per stream`, residentBytesPerStream, bare.residentBytesPerStream, memoryLimit),
    {
      claim: `${name}: no stall, no silence over ${targets.stallMs} ms`,
      isMet: longestGapMs <= targets.stallMs && broken === 0,
      found: `longest ${longestGapMs.toFixed(0)} ms, ${broken} streams broken`,
    },
  ];
}

/** Judges how long a scrape keeps the gateway busy, and how much longer requests take beside scrapes. */
export function judgeScrapes({ series, rounds }: ScrapeFigures): Verdict[] {
  const { scrapeMs: limitMs, minSeries } = targets;
  const scrapeMs = median(rounds.map(({ cpuMs }) => cpuMs));
  const waitMs = median(rounds.map(({ besideMs, calmMs }) => p99(besideMs) - p99(calmMs)));
  const failed = rounds.reduce((sum, round) => sum + round.failed, 0);
  return [
    {
      claim: `a scrape of at least ${minSeries} series: CPU at most ${limitMs} ms`,
      isMet: scrapeMs <= limitMs && series >= minSeries,
      found: `${scrapeMs.toFixed(1)} ms for ${series} series`,
    },
    {
      claim: `requests beside scrapes take at most ${limitMs} ms more (p99)`,
      isMet: waitMs <= limitMs && failed === 0,
      found: `${waitMs.toFixed(1)} ms, ${failed} requests failed`,
    },
  ];
}

function p99(durationsMs: readonly number[]): number {
  return percentile(durationsMs, 0.99);
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

function pickJudged<T extends { readonly name: string }>(all: readonly T[]): { gateways: T[]; bare: T } {
  const gateways = all.filter(({ name }) => gatewayNames.includes(name));
  const bare = all.find(({ name }) => name === baselineName);
  if (gateways.length === 0 || bare === undefined)
    throw new Error('The gateway or its yardstick is missing.');
  return { gateways, bare };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
