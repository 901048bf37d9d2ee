import { type Backend, BackendPool, runFailover, strategies, WaitingRoom } from '@spillway/core';
import { poolBackendOf, poolOptionsOf } from '../../config/pool-settings.ts';
import type { Config } from '../../config/schema.ts';
import {
  Engine,
  EventQueue,
  type Held,
  type Ledger,
  ProvisionedLedger,
  seededRandom,
  SimulatedRequest,
  StandardLedger,
  type Travel,
} from '@spillway/simulation';
import { quotaNameOf, type Quotas } from '../quotas/find-quotas.ts';
import { Findings } from '../result/findings.ts';
import type { ReplayCall } from '../calls/make-calls.ts';
import { ReplayClient } from './replay-client.ts';
import { VirtualAlarm } from './virtual-alarm.ts';

/** Fixed, so that every replay has the same result. */
const TRAVEL: Travel = { toBackendMs: () => 5, refusalMs: () => 15 };
const SEED = 1;
/** How often the use of each quota is sampled, unless that were too many samples to keep. */
const SAMPLE_MS = 1000;
/** Of all quotas together: 16 MB. */
const MAX_SAMPLES = 2_000_000;

type Request = SimulatedRequest<ReplayCall, Backend>;

/** Replays calls in virtual time against the backends of a configuration, which have these quotas. */
export async function replay(
  calls: readonly ReplayCall[],
  config: Config,
  quotas: Quotas,
): Promise<Findings> {
  const queue = new EventQueue();
  const nowMs = () => queue.nowMs;
  const backends = config.backends.map(poolBackendOf);
  const pool = new BackendPool<Backend>(backends, { ...poolOptionsOf(config), random: seededRandom(SEED) });
  const room =
    config.waitingRoom &&
    new WaitingRoom(config.waitingRoom, new VirtualAlarm((ms, run) => engine.schedule(ms, run)), nowMs);
  const ledgers = makeLedgers(quotas, config.quota);
  const lastedMs = calls.at(-1)?.atMs ?? 0;
  const sampleMs = Math.max(SAMPLE_MS, (lastedMs * quotas.size) / MAX_SAMPLES);
  const findings = new Findings(backends, quotas, sampleMs);
  let next = 0;
  const engine: Engine<ReplayCall, Backend> = new Engine(queue, {
    nextArrival: () => {
      const call = calls[next++];
      return call && { atMs: call.atMs, call };
    },
    makeRequest: (call, onSend) => makeRequest(call, onSend, config, { room, engine, nowMs }),
    serve: async (request): Promise<Held | undefined> => {
      const verdict = await runFailover(pool, request.routing, request, nowMs);
      if (verdict.kind !== 'relay') {
        findings.refusedFor(request, verdict.kind === 'exhausted' ? verdict.cause : 'unavailable');
        room?.lookAgain();
        return undefined;
      }
      const { lease } = verdict;
      return {
        finish: (usage, atMs) => lease.finish(usage, atMs),
        release: () => {
          pool.endLease(lease, nowMs());
          room?.lookAgain();
        },
      };
    },
    ledgerOf: createLedgerOf(ledgers),
    travel: TRAVEL,
    observer: findings,
  });
  repeat(engine, { everyMs: sampleMs, untilMs: lastedMs, run: () => findings.sampled(ledgers, nowMs()) });
  await engine.run();
  return findings;
}

/** Creates the function that finds the ledger of a request: a map of names is used only the first time. */
function createLedgerOf(ledgers: ReadonlyMap<string, Ledger>): (request: Request) => Ledger {
  const known = new Map<Backend, Map<string, Ledger>>();
  return ({ backend, call: { deployment } }) => {
    const ofBackend = known.get(backend) ?? new Map<string, Ledger>();
    known.set(backend, ofBackend);
    const ledger = ofBackend.get(deployment) ?? ledgers.get(quotaNameOf(backend, deployment));
    if (ledger === undefined) throw new Error(`there is no quota of ${backend.name} for ${deployment}`);
    ofBackend.set(deployment, ledger);
    return ledger;
  };
}

interface Surroundings {
  readonly room: WaitingRoom | undefined;
  readonly engine: Engine<ReplayCall, Backend>;
  readonly nowMs: () => number;
}

/** Creates a request as the gateway would describe it to its pool. */
function makeRequest(
  call: ReplayCall,
  onSend: () => void,
  { timeouts, strategy, priorityClasses }: Config,
  { room, engine, nowMs }: Surroundings,
): Request {
  const { attemptMs, overallMs, minAttemptMs } = timeouts;
  const { deployment, hasEstimate, promptTokens, maxTokens, priorityClass, requestBytes } = call;
  const isEstimated = hasEstimate && strategies[strategy].regardsHeadroom;
  return new SimulatedRequest<ReplayCall, Backend>(call, onSend, {
    routing: {
      deployment,
      createsObject: false,
      estimate: isEstimated ? { promptTokens, outputTokens: maxTokens } : undefined,
      priorityClass: priorityClasses && (priorityClass ?? priorityClasses.default),
    },
    timing: { deadlineMs: nowMs() + overallMs, attemptMs, minAttemptMs },
    waiting: room && { room, client: new ReplayClient(engine.noteWaiting), bytes: requestBytes },
  });
}

interface Repeated {
  readonly everyMs: number;
  readonly untilMs: number;
  readonly run: () => void;
}

function repeat(engine: Engine<ReplayCall, Backend>, { everyMs, untilMs, run }: Repeated): void {
  let atMs = 0;
  const again = () => {
    run();
    atMs += everyMs;
    if (atMs <= untilMs) engine.schedule(everyMs, again);
  };
  engine.schedule(0, again);
}

/** Creates the ledger of each quota, with nothing spent yet, by its name. */
function makeLedgers(quotas: Quotas, windows: Config['quota']): Map<string, Ledger> {
  return new Map(
    [...quotas].map(([name, { tpm, rpm, isProvisioned }]): [string, Ledger] => [
      name,
      isProvisioned && Number.isFinite(tpm)
        ? new ProvisionedLedger(tpm, windows.tokenWindowMs)
        : new StandardLedger({ tpm, rpm, ...windows }),
    ]),
  );
}
