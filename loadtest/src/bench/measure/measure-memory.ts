import { median } from '@spillway/simulation';
import { readUsage } from '../../process/process-usage.ts';
import { showProgress } from '../../report/progress.ts';
import { chats } from '../backend/canned-messages.ts';
import type { Contestant } from '../contestants/contestant.ts';
import { connections } from './measure-requests.ts';
import { sendRequests } from './send-requests.ts';

/** The resident memory of one process while it proxied. */
export interface MemoryFigures {
  readonly requests: number;
  /** After every tenth of the requests. */
  readonly residentBytes: readonly number[];
  /** From the middle of the run to its end. */
  readonly grownBytes: number;
  readonly failed: number;
}

const steps = 10;
const requestsPerStep = 10_000;
/** V8 doubles its young generation a few times before its size settles; that is growth, but not a leak. */
const settlingRequests = 100_000;

/** Watches the memory of a proxy over 100,000 requests, after as many for warm-up. */
export async function measureMemory(contestant: Contestant): Promise<MemoryFigures> {
  const process = await contestant.start();
  const residentBytes: number[] = [];
  showProgress(`memory: ${settlingRequests} requests to settle`);
  let { failed } = await sendRequests(process.url, connections, settlingRequests, chats['200 B']);
  for (let step = 1; step <= steps; step += 1) {
    showProgress(`memory: ${step * requestsPerStep} requests`);
    failed += (await sendRequests(process.url, connections, requestsPerStep, chats['200 B'])).failed;
    residentBytes.push(readUsage(process.pid).residentBytes);
  }
  await process.stop();
  // Garbage collection comes at any time: the middle of three readings is steadier than a single one.
  const middle = median(residentBytes.slice(steps / 2 - 2, steps / 2 + 1));
  const grownBytes = median(residentBytes.slice(-3)) - middle;
  return { requests: steps * requestsPerStep, residentBytes, grownBytes, failed };
}
