/** Compares the gateway with the leanest possible proxies: `pnpm bench`, or `pnpm bench requests` for one part. */
import { endIfUnwritable } from '../report/end-if-unwritable.ts';
import { pinProcesses } from '../process/pin-processes.ts';
import { clearProgress } from '../report/progress.ts';
import { renderVerdicts, type Verdict } from '../report/verdict.ts';
import { startReceiver } from './backend/start-receiver.ts';
import { startIssuer } from './contestants/clients-settings.ts';
import { listContestants, startCannedBackend } from './contestants/contestants.ts';
import {
  judgeMemory,
  judgeRequests,
  judgeScrapes,
  judgeStart,
  judgeStreams,
} from './figures/judge-figures.ts';
import {
  renderDisturbance,
  renderMemory,
  renderRequests,
  renderScrapes,
  renderStarts,
  renderStreams,
  renderSurroundings,
} from './figures/report.ts';
import type { BenchSetup } from './measure/bench-setup.ts';
import { measureMemory } from './measure/measure-memory.ts';
import { measureRequests } from './measure/measure-requests.ts';
import { measureScrapes } from './measure/measure-scrapes.ts';
import { measureStarts } from './measure/measure-start.ts';
import { measureStreams } from './measure/measure-streams.ts';
import type { RoundCount } from './measure/take-steady-round.ts';

const help = `Usage: pnpm bench [part ...]

Measures the gateway against a bare Express + undici proxy and, where it is installed, nginx.

  start     time from spawn to the first answer, memory after 100,000 requests
  requests  CPU time per proxied request
  memory    resident memory over 100,000 requests
  streams   2,000 open streams: CPU time per chunk, memory per stream, stalls
  scrape    time of a scrape of more than 1,200 series, and how long requests wait meanwhile

Without a part all of them run, in about ten minutes. Exit code 1 when a target is missed.
`;

type Part = (setup: BenchSetup) => Promise<readonly Verdict[]>;

const parts: Readonly<Record<string, Part>> = {
  async start({ contestants }) {
    const figures = await measureStarts(contestants);
    printText(renderStarts(figures));
    return judgeStart(figures);
  },
  async requests(setup) {
    const count: RoundCount = { rounds: 0, disturbed: 0, repetitionsLeft: 24 };
    const figures = await measureRequests(setup, count);
    printText(`${renderRequests(figures)}\n${renderDisturbance(count)}`);
    return judgeRequests(figures);
  },
  async memory({ contestants }) {
    const gateway = contestants.find(({ name }) => name === 'gateway');
    if (gateway === undefined) throw new Error('There is no gateway to watch.');
    const figures = await measureMemory(gateway);
    printText(renderMemory(figures));
    return judgeMemory(figures);
  },
  async streams(setup) {
    const count: RoundCount = { rounds: 0, disturbed: 0, repetitionsLeft: 8 };
    const figures = await measureStreams(setup, count);
    printText(`${renderStreams(figures)}\n${renderDisturbance(count)}`);
    return judgeStreams(figures);
  },
  async scrape(setup) {
    const count: RoundCount = { rounds: 0, disturbed: 0, repetitionsLeft: 12 };
    const figures = await measureScrapes(setup, count);
    printText(`${renderScrapes(figures)}\n${renderDisturbance(count)}`);
    return judgeScrapes(figures);
  },
};

async function runParts(names: readonly string[]): Promise<number> {
  const pinning = pinProcesses();
  const backend = await startCannedBackend(pinning);
  const peers = { receiverUrl: await startReceiver(), issuer: await startIssuer() };
  const all = listContestants(backend.url, peers, pinning);
  const ofAllParts = all.filter(({ isOfRequests }) => isOfRequests !== true);
  printText(renderSurroundings(pinning));
  const verdicts: Verdict[] = [];
  for (const name of names) {
    const contestants = name === 'requests' ? all : ofAllParts;
    verdicts.push(...((await parts[name]?.({ pinning, backend, contestants })) ?? []));
  }
  printText(renderVerdicts(verdicts));
  return verdicts.every(({ isMet }) => isMet) ? 0 : 1;
}

function printText(text: string): void {
  clearProgress();
  process.stdout.write(`${text}\n\n`);
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = args.find((name) => !Object.hasOwn(parts, name));
  if (unknown !== undefined) {
    process.stderr.write(`There is no part "${unknown}"; there are ${Object.keys(parts).join(', ')}.\n`);
    return 2;
  }
  try {
    return await runParts(args.length > 0 ? args : Object.keys(parts));
  } catch (error) {
    clearProgress();
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

endIfUnwritable();
process.exit(await main(process.argv.slice(2)));
