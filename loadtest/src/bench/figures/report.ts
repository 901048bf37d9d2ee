import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { median, medianRatio, percentile, renderTable } from '@spillway/simulation';
import type { Pinning } from '../../process/pin-processes.ts';
import { eventsPerSecond, streamCount } from '../backend/stream-shape.ts';
import { baselineName } from '../contestants/contestant.ts';
import { nginxVersion } from '../contestants/start-nginx.ts';
import type { MemoryFigures } from '../measure/measure-memory.ts';
import type { RequestFigures } from '../measure/measure-requests.ts';
import type { ScrapeFigures } from '../measure/measure-scrapes.ts';
import type { StartFigures } from '../measure/measure-start.ts';
import type { StreamFigures, StreamRound } from '../measure/measure-streams.ts';
import type { RoundCount } from '../measure/take-steady-round.ts';

/** Renders the conditions of the figures: versions, processor, pinning. */
export function renderSurroundings(pinning: Pinning): string {
  const require = createRequire(import.meta.url);
  const version = (name: string): string => (require(`${name}/package.json`) as { version: string }).version;
  const processors = cpus();
  return [
    `node ${process.versions.node} · undici ${version('undici')} · express ${version('express')}`,
    `nginx ${nginxVersion() ?? 'not found, left out'}`,
    `${processors.length} x ${processors[0]?.model.trim() ?? 'unknown processor'}`,
    pinning.proxy === undefined ? 'not pinned' : `proxy alone on core ${pinning.proxy}`,
  ].join(' · ');
}

/** Renders the processor time per request, of each kind of request. */
export function renderRequests(all: readonly RequestFigures[]): string {
  const rows = all.map((figures) => {
    const { name, chat, cpuMicros, requestsPerSecond, failed } = figures;
    const bare = all.find((one) => one.name === baselineName && one.chat === chat)?.cpuMicros ?? [];
    return [chat, name, ...withRatio(cpuMicros, bare), median(requestsPerSecond).toFixed(0), String(failed)];
  });
  return renderTable(['requests', 'proxy', 'CPU us/request', 'x bare', 'requests/s', 'failed'], rows);
}

/** Renders how long starts took, and the memory of the processes afterwards. */
export function renderStarts(all: readonly StartFigures[]): string {
  const rows = all.map(({ name, elapsedMs, cpuMs, residentBytes }) => [
    name,
    median(elapsedMs).toFixed(0),
    Math.min(...elapsedMs).toFixed(0),
    median(cpuMs).toFixed(0),
    (residentBytes / 1024 / 1024).toFixed(0),
  ]);
  return renderTable(['start', 'first answer ms', 'fastest', 'CPU ms', 'MB after 100k requests'], rows);
}

/** Renders the memory of the gateway along the run. */
export function renderMemory({ requests, residentBytes }: MemoryFigures): string {
  const step = requests / residentBytes.length / 1000;
  const header = residentBytes.map((_, index) => `${(index + 1) * step}k`);
  const row = residentBytes.map((bytes) => (bytes / 1024 / 1024).toFixed(0));
  return renderTable(['memory after', ...header], [['gateway, MB', ...row]]);
}

/** Renders the cost of the streams, and how many of the events arrived. */
export function renderStreams(all: readonly StreamFigures[]): string {
  const bare = all.find(({ name }) => name === baselineName);
  const rows = all.map(({ name, full, half, residentBytesPerStream }) => [
    name,
    ...withRatio(cpuOf(full), cpuOf(bare?.full)),
    ...withRatio(cpuOf(half), cpuOf(bare?.half)),
    (median(residentBytesPerStream) / 1024).toFixed(0),
    medianRatio(residentBytesPerStream, bare?.residentBytesPerStream ?? []).toFixed(2),
    percent(median(full.map(({ busy }) => busy))),
    percent(median(full.map(({ delivered }) => delivered))),
    median(full.map(({ gapP99Ms }) => gapP99Ms)).toFixed(0),
    median(full.map(({ gapMaxMs }) => gapMaxMs)).toFixed(0),
  ]);
  const header = ['streams', 'us/chunk', 'x bare', 'half rate', 'x bare', 'KB/stream', 'x bare'];
  const table = renderTable([...header, 'core busy', 'delivered', 'gap p99', 'gap max ms'], rows);
  return `${table}\n${explainDelivery(all)}`;
}

/** Renders the time of scrapes, and of the requests beside them and without them. */
export function renderScrapes({ series, rounds }: ScrapeFigures): string {
  const timed: readonly (readonly [string, readonly number[]])[] = [
    [`scrape of ${series} series, CPU`, rounds.map(({ cpuMs }) => cpuMs)],
    ['the same beside requests, elapsed', rounds.flatMap(({ scrapesMs }) => scrapesMs)],
    ['request beside scrapes', rounds.flatMap(({ besideMs }) => besideMs)],
    ['request without', rounds.flatMap(({ calmMs }) => calmMs)],
  ];
  const rows = timed.map(([name, allMs]) => [
    name,
    ...[median(allMs), percentile(allMs, 0.99), Math.max(...allMs)].map((ms) => ms.toFixed(1)),
    String(allMs.length),
  ]);
  return renderTable(['ms', 'median', 'p99', 'longest', 'count'], rows);
}

/** Says how many rounds are unreliable, if any. */
export function renderDisturbance({ rounds, disturbed }: RoundCount): string {
  if (disturbed === 0) return `${rounds} rounds, none of them disturbed by other programs`;
  return `${disturbed} of ${rounds} rounds stayed disturbed by other programs: a quieter machine gives better figures`;
}

function withRatio(values: readonly number[], baseline: readonly number[]): string[] {
  return [median(values).toFixed(1), medianRatio(values, baseline).toFixed(2)];
}

function cpuOf(rounds: readonly StreamRound[] = []): number[] {
  return rounds.map(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function explainDelivery(all: readonly StreamFigures[]): string {
  const offered = `${streamCount} streams x ${eventsPerSecond} chunks/s offered`;
  const short = all.filter(({ full }) => median(full.map(({ delivered }) => delivered)) < 0.98);
  if (short.length === 0) return `${offered} and delivered.`;
  const names = short.map(({ name }) => name).join(', ');
  return `${offered}; this machine did not carry all of it through ${names}: the figures are for what arrived.`;
}
