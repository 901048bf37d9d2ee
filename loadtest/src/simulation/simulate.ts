import {
  type Call,
  Engine,
  EventQueue,
  type Observer,
  type Random,
  seededRandom,
  type SimulatedBackend,
  SimulatedRequest,
} from '@spillway/simulation';
import { type BackendKind, backendKinds } from './backends/backend-kinds.ts';
import { tokensPerMinute } from './backends/simulated-backend.ts';
import type { MakeReplica } from './replicas/policies.ts';
import type { SimulationResult, SimulationSettings } from './result/simulation-result.ts';
import { Tally } from './result/tally.ts';
import { Network } from './traffic/network.ts';
import { Traffic } from './traffic/traffic.ts';

/** Runs clients, replicas and backends in virtual time. The same settings give the same result. */
export async function simulate(
  settings: SimulationSettings,
  makeReplica: MakeReplica,
): Promise<SimulationResult> {
  const { durationMs, load, seed } = settings;
  const seeds = seededRandom(seed);
  const nextRandom = (): Random => seededRandom(Math.floor(seeds() * 2 ** 32));
  const queue = new EventQueue();
  const backends = kindOf(settings.kind).make(settings.backends);
  // Each has its own source of chance, so that every policy meets the same clients.
  const traffic = new Traffic(nextRandom(), settings.replicas, tokensPerMinute(settings.backends) * load);
  const network = new Network(nextRandom());
  const replicas = Array.from({ length: settings.replicas }, () =>
    makeReplica(backends, nextRandom(), () => queue.nowMs),
  );
  const tally = new Tally(settings.replicas);
  const engine = new Engine<Call, SimulatedBackend>(queue, {
    nextArrival: () => {
      const atMs = queue.nowMs + traffic.gapMs();
      return atMs < durationMs ? { atMs, call: traffic.next() } : undefined;
    },
    makeRequest: (call, onSend) => new SimulatedRequest(call, onSend),
    serve: async (request) => replicas[request.call.replica]?.serve(request),
    ledgerOf: ({ backend }) => backend.ledger,
    travel: network,
    observer: observe(tally, backends, queue),
  });
  let servedTokens = 0;
  engine.schedule(durationMs, () => (servedTokens = sum(backends, ({ ledger }) => ledger.servedTokens)));
  await engine.run();
  return {
    tally,
    servedTokens,
    allowedTokens: sum(backends, ({ ledger }) => ledger.allowedTokens(durationMs)),
    inFlight: sum(replicas, (replica) => replica.inFlight(queue.nowMs)),
  };
}

function observe(
  tally: Tally,
  backends: readonly SimulatedBackend[],
  queue: EventQueue,
): Observer<Call, SimulatedBackend> {
  return {
    arrived: (call) => tally.countRequest(call),
    sent: () => (tally.attempts += 1),
    judged: (_, isServed) => (tally.backendRefusals += isServed ? 0 : 1),
    served: ({ call }) => tally.countSuccess(call),
    refused: ({ call }) =>
      tally.countRefusal(backends.some(({ ledger }) => ledger.hasRoom(call, queue.nowMs))),
  };
}

function kindOf(name: string): BackendKind {
  const kind = backendKinds.get(name);
  if (kind === undefined) throw new Error(`there is no kind of backends "${name}"`);
  return kind;
}

function sum<T>(all: readonly T[], valueOf: (one: T) => number): number {
  return all.reduce((total, one) => total + valueOf(one), 0);
}
