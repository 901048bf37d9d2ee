import { median, medianRatio } from '@spillway/simulation';
import { chats } from '../bench/backend/canned-messages.ts';
import { sendRequests } from '../bench/measure/send-requests.ts';
import { startServer } from './start-server.ts';
import type { Server } from './start-server.ts';

/** The cost of plain chat completions: medians of all rounds. */
export interface RequestFigures {
  /** Processor time for each, in microseconds. */
  readonly mock: number;
  readonly bare: number;
  /** The mock's cost in a round, divided by the bare server's in the same round. */
  readonly ratio: number;
  readonly perSecond: number;
}

interface Round {
  readonly cpuMicros: number;
  readonly perSecond: number;
}

const connections = 32;
const warmUpRequests = 20_000;
// The same program may be a tenth cheaper or dearer after another start.
const starts = 3;
const roundsPerStart = 15;
// Short rounds in turns, so that both servers see the same conditions of the machine.
const requestsPerRound = 1000;

/** Measures the mock beside a server that does nothing, both on the same processor. */
export async function measureRequests(processor: number | undefined): Promise<RequestFigures> {
  const rounds: { readonly bare: Round; readonly mock: Round }[] = [];
  for (let start = 0; start < starts; start += 1) {
    const bare = await startServer('bare', processor);
    const mock = await startServer('{}', processor);
    for (const { url } of [bare, mock]) await sendRequests(url, connections, warmUpRequests, chats['200 B']);
    for (let round = 0; round < roundsPerStart; round += 1) {
      rounds.push({ bare: await measureRound(bare), mock: await measureRound(mock) });
    }
    await Promise.all([bare.stop(), mock.stop()]);
  }
  const mock = rounds.map((round) => round.mock.cpuMicros);
  const bare = rounds.map((round) => round.bare.cpuMicros);
  return {
    mock: median(mock),
    bare: median(bare),
    ratio: medianRatio(mock, bare),
    perSecond: median(rounds.map(({ mock }) => mock.perSecond)),
  };
}

async function measureRound({ url, usage }: Server): Promise<Round> {
  const before = await usage();
  const { failed, elapsedMs } = await sendRequests(url, connections, requestsPerRound, chats['200 B']);
  const after = await usage();
  if (failed > 0) throw new Error(`${failed} requests failed.`);
  return {
    cpuMicros: (after.cpuMicros - before.cpuMicros) / requestsPerRound,
    perSecond: (requestsPerRound * 1000) / elapsedMs,
  };
}
