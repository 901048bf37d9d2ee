import { join } from 'node:path';
import { readUsage } from '../../process/process-usage.ts';
import { scratchFolder } from '../../process/start-process.ts';
import { showProgress } from '../../report/progress.ts';
import { chats } from '../backend/canned-messages.ts';
import { baselineName, type Contestant } from '../contestants/contestant.ts';
import { connections } from './measure-requests.ts';
import { sendRequests } from './send-requests.ts';

/** One contestant's starts, each until its first answered chat completion, and its memory later. */
export interface StartFigures {
  readonly name: string;
  readonly elapsedMs: number[];
  /** Processor time of all its threads: the steadier figure where other programs run. */
  readonly cpuMs: number[];
  /** After 100,000 requests. */
  residentBytes: number;
  failed: number;
}

const starts = 21;
const requestsBeforeWeighing = 100_000;
/** Started as in the image: with a limited young generation, and with compiled code kept from an earlier start. */
const deployedArguments: readonly string[] = ['--max-semi-space-size=16'];

/** Starts the gateway and the yardstick in turn, as a deployment would. */
export async function measureStarts(all: readonly Contestant[]): Promise<StartFigures[]> {
  process.env['NODE_COMPILE_CACHE'] = join(scratchFolder(), 'compile-cache');
  const contestants = all.filter(({ name }) => name === 'gateway' || name === baselineName);
  const figures = contestants.map(({ name }) => newFigures(name));
  for (let start = 1; start <= starts; start += 1) {
    showProgress(`start: ${start} of ${starts}`);
    for (const [index, contestant] of contestants.entries())
      await measureStart(contestant, figures[index] as StartFigures, start === starts);
  }
  return figures;
}

async function measureStart({ start }: Contestant, figures: StartFigures, isLast: boolean): Promise<void> {
  const startedMs = performance.now();
  const process = await start(deployedArguments);
  figures.failed += (await sendRequests(process.url, 1, 1, chats['200 B'])).failed;
  figures.elapsedMs.push(performance.now() - startedMs);
  figures.cpuMs.push(readUsage(process.pid).cpuMs);
  if (isLast) {
    const run = await sendRequests(process.url, connections, requestsBeforeWeighing, chats['200 B']);
    figures.failed += run.failed;
    figures.residentBytes = readUsage(process.pid).residentBytes;
  }
  await process.stop();
}

function newFigures(name: string): StartFigures {
  return { name, elapsedMs: [], cpuMs: [], residentBytes: 0, failed: 0 };
}
