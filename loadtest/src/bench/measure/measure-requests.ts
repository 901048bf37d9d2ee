import { readUsage } from '../../process/process-usage.ts';
import type { RunningProcess } from '../../process/start-process.ts';
import { showProgress } from '../../report/progress.ts';
import { chats, clientKey, type RequestOf } from '../backend/canned-messages.ts';
import type { Contestant } from '../contestants/contestant.ts';
import type { BenchSetup } from './bench-setup.ts';
import { sendRequests } from './send-requests.ts';
import { takeSteadyRound, type RoundCount } from './take-steady-round.ts';

/** One contestant's cost per request of one kind, round by round. */
export interface RequestFigures {
  readonly name: string;
  /** The name of the chat that was sent. */
  readonly chat: string;
  readonly cpuMicros: number[];
  readonly requestsPerSecond: number[];
  failed: number;
}

/** The constant number of requests under way. */
export const connections = 32;

/** A gateway serves for days, so optimised code and a settled heap are measured. */
const warmUpRequests = 30_000;
/** The same program may be a tenth cheaper or dearer after another start, so several starts are measured. */
const starts = 6;
const roundsPerStart = 3;
/**
 * In a round the contestants take many short turns, so that all of them see the same conditions of a shared machine.
 */
const turnsPerRound = 6;
const requestsPerTurn = 2_000;

interface Runner {
  readonly name: string;
  readonly process: RunningProcess;
  /** Makes a request as its clients send it. */
  readonly asSent: (requestOf: RequestOf) => RequestOf;
}

/** The result of a runner's turns. */
interface Turns {
  cpuMs: number;
  elapsedMs: number;
  failed: number;
}

/** Measures the processor time per proxied request of every contestant, with each of the chats. */
export async function measureRequests(setup: BenchSetup, count: RoundCount): Promise<RequestFigures[]> {
  const all = Object.keys(chats).flatMap((chat) =>
    setup.contestants.map(({ name }) => ({ name, chat, cpuMicros: [], requestsPerSecond: [], failed: 0 })),
  );
  for (let start = 1; start <= starts; start += 1) {
    showProgress(`requests: start ${start} of ${starts}`);
    await measureStart(setup, count, all);
  }
  return all;
}

async function measureStart(
  setup: BenchSetup,
  count: RoundCount,
  all: readonly RequestFigures[],
): Promise<void> {
  const runners: Runner[] = [];
  for (const contestant of setup.contestants) runners.push(await startWarm(contestant, all));
  const pids = runners.map(({ process }) => process.pid);
  for (const [chat, requestOf] of Object.entries(chats)) {
    for (let round = 0; round < roundsPerStart; round += 1) {
      const taken = await takeSteadyRound(setup, pids, count, () => takeTurns(runners, requestOf));
      for (const [runner, turns] of taken) addRound(figuresOf(all, runner.name, chat), turns);
    }
  }
  await Promise.all(runners.map(({ process }) => process.stop()));
}

async function startWarm(
  { name, start, credential }: Contestant,
  all: readonly RequestFigures[],
): Promise<Runner> {
  const process = await start();
  const asSent = credential === undefined ? (requestOf: RequestOf) => requestOf : withCredential(credential);
  for (const [chat, requestOf] of Object.entries(chats)) {
    const { failed } = await sendRequests(process.url, connections, warmUpRequests, asSent(requestOf));
    figuresOf(all, name, chat).failed += failed;
  }
  return { name, process, asSent };
}

function withCredential(line: string): Runner['asSent'] {
  return (requestOf) => (host, client) =>
    Buffer.from(requestOf(host, client).toString('utf8').replace(`api-key: ${clientKey}`, line));
}

function figuresOf(all: readonly RequestFigures[], name: string, chat: string): RequestFigures {
  return all.find((one) => one.name === name && one.chat === chat) as RequestFigures;
}

async function takeTurns(runners: readonly Runner[], requestOf: RequestOf): Promise<Map<Runner, Turns>> {
  const taken = new Map(runners.map((runner) => [runner, { cpuMs: 0, elapsedMs: 0, failed: 0 }]));
  for (let turn = 0; turn < turnsPerRound; turn += 1) {
    const first = turn % runners.length;
    for (const runner of [...runners.slice(first), ...runners.slice(0, first)])
      await takeTurn(runner, requestOf, taken.get(runner) as Turns);
  }
  return taken;
}

async function takeTurn(
  { process: { pid, url }, asSent }: Runner,
  requestOf: RequestOf,
  turns: Turns,
): Promise<void> {
  const before = readUsage(pid);
  const run = await sendRequests(url, connections, requestsPerTurn, asSent(requestOf));
  turns.cpuMs += readUsage(pid).cpuMs - before.cpuMs;
  turns.elapsedMs += run.elapsedMs;
  turns.failed += run.failed;
}

function addRound(figures: RequestFigures, { cpuMs, elapsedMs, failed }: Turns): void {
  const requests = turnsPerRound * requestsPerTurn;
  figures.cpuMicros.push((cpuMs * 1000) / requests);
  figures.requestsPerSecond.push((requests * 1000) / elapsedMs);
  figures.failed += failed;
}
