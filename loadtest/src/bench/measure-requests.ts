import type { RunningProcess } from '../process/start-process.ts';
import { showProgress } from '../progress.ts';
import type { BenchSetup } from './bench-setup.ts';
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

const warmUpRequests = 10_000;
const rounds = 12;
/** Rounds are short and many, so that all contestants see the same moods of a shared machine. */
const requestsPerRound = 7_000;

/** Measures the processor time per proxied request of every contestant, in rounds that take turns. */
export async function measureRequests(setup: BenchSetup, count: RoundCount): Promise<RequestFigures[]> {
  const proxies: { process: RunningProcess; figures: RequestFigures }[] = [];
  for (const { name, start } of setup.contestants) {
    showProgress(`requests: warming up ${name}`);
    const process = await start();
    const { failed } = await sendRequests(process.url, connections, warmUpRequests);
    proxies.push({ process, figures: { name, cpuMicros: [], requestsPerSecond: [], failed } });
  }
  for (let round = 0; round < rounds; round += 1) {
    showProgress(`requests: round ${round + 1} of ${rounds}`);
    const first = round % proxies.length;
    for (const { process, figures } of [...proxies.slice(first), ...proxies.slice(0, first)]) {
      const measured = await takeSteadyRound(setup, process.pid, count, () => measureRound(process));
      figures.cpuMicros.push(measured.cpuMicros);
      figures.requestsPerSecond.push(measured.requestsPerSecond);
      figures.failed += measured.failed;
    }
  }
  await Promise.all(proxies.map(({ process }) => process.stop()));
  return proxies.map(({ figures }) => figures);
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
