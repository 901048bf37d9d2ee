import type { RunningProcess } from '../process/start-process.ts';
import { showProgress } from '../progress.ts';
import type { BenchSetup } from './bench-setup.ts';
import type { Contestant } from './contestant.ts';
import { readUsage } from './process-usage.ts';
import { sendRequests } from './send-requests.ts';
import { takeSteadyRound, type RoundCount } from './take-steady-round.ts';

/** What one contestant needed per request, round by round. */
export interface RequestFigures {
  readonly name: string;
  readonly cpuMicros: number[];
  readonly requestsPerSecond: number[];
  failed: number;
}

/** How many requests wait for their answer at any time. */
export const connections = 32;

/** A gateway serves for days: what is measured is code that has been optimised and a heap that has settled. */
const warmUpRequests = 40_000;
/** The same program started again may be a tenth cheaper or dearer for all its life, so several starts are measured. */
const starts = 4;
const roundsPerStart = 3;
/** Rounds are short and many, so that all contestants see the same moods of a shared machine. */
const requestsPerRound = 5_000;

interface Measured {
  readonly contestant: Contestant;
  readonly figures: RequestFigures;
}

/** Measures the processor time per proxied request of every contestant, in rounds that take turns. */
export async function measureRequests(setup: BenchSetup, count: RoundCount): Promise<RequestFigures[]> {
  const all = setup.contestants.map((contestant) => ({
    contestant,
    figures: { name: contestant.name, cpuMicros: [], requestsPerSecond: [], failed: 0 },
  }));
  for (let start = 1; start <= starts; start += 1) {
    showProgress(`requests: start ${start} of ${starts}`);
    await measureStart(setup, count, all);
  }
  return all.map(({ figures }) => figures);
}

async function measureStart(setup: BenchSetup, count: RoundCount, all: readonly Measured[]): Promise<void> {
  const proxies: { process: RunningProcess; figures: RequestFigures }[] = [];
  for (const { contestant, figures } of all) {
    const process = await contestant.start();
    figures.failed += (await sendRequests(process.url, connections, warmUpRequests)).failed;
    proxies.push({ process, figures });
  }
  for (let round = 0; round < roundsPerStart; round += 1) {
    const first = round % proxies.length;
    for (const { process, figures } of [...proxies.slice(first), ...proxies.slice(0, first)]) {
      const measured = await takeSteadyRound(setup, process.pid, count, () => measureRound(process));
      figures.cpuMicros.push(measured.cpuMicros);
      figures.requestsPerSecond.push(measured.requestsPerSecond);
      figures.failed += measured.failed;
    }
  }
  await Promise.all(proxies.map(({ process }) => process.stop()));
}

interface RequestRound {
  readonly cpuMicros: number;
  readonly requestsPerSecond: number;
  readonly failed: number;
}

async function measureRound({ pid, url }: RunningProcess): Promise<RequestRound> {
  const before = readUsage(pid);
  const run = await sendRequests(url, connections, requestsPerRound);
  const after = readUsage(pid);
  return {
    cpuMicros: ((after.cpuMs - before.cpuMs) * 1000) / run.requests,
    requestsPerSecond: (run.requests * 1000) / run.elapsedMs,
    failed: run.failed,
  };
}
