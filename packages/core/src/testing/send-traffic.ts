import type { Backend } from '../backend.ts';
import type { BackendPool } from '../pool/backend-pool.ts';
import type { Random } from '../selection/strategy.ts';
import type { RoutingRequest } from '../routing-request.ts';
import { Agenda } from './agenda.ts';
import type { RollingBackend } from './rolling-backend.ts';

/** The traffic sent through a pool, in a time that is only a number. */
export interface Traffic<B extends Backend> {
  readonly pool: BackendPool<B>;
  readonly backends: ReadonlyMap<B, RollingBackend>;
  readonly random: Random;
  readonly untilMs: number;
  /** Requests come this far apart on average. */
  readonly gapMs: number;
  /** Draws how many tokens a request takes. */
  readonly drawTokens: () => number;
  /** The gateway's estimate for that (the true number). */
  readonly estimate?: (tokens: number) => number;
  /** How long answers take on average (1 s). */
  readonly answerMs?: number;
  /** Called before each request is sent. */
  readonly before?: (nowMs: number, agenda: Agenda) => void;
  /** Called with each request that no backend is selected for. */
  readonly held?: (tokens: number, nowMs: number) => void;
  /** Called after each answer. */
  readonly answered?: (backend: B, nowMs: number) => void;
}

/** The counts of requests by their result. */
export interface Tally {
  sent: number;
  /** Of those sent. */
  refused: number;
  /** Of those refused: sent as probes although there seemed to be no room. */
  refusedProbes: number;
  /** No backend was selected. */
  held: number;
}

/** The maximum distance between arrivals of requests sent together. */
export const TRAVEL_MS = 20;

/**
 * Sends requests at random moments until the time is over. Returns the counts of their results. A refused client
 * leaves.
 */
export function sendTraffic<B extends Backend>(traffic: Traffic<B>): Tally {
  const { pool, random, untilMs, gapMs, drawTokens, before, held } = traffic;
  const agenda = new Agenda();
  const tally = { sent: 0, refused: 0, refusedProbes: 0, held: 0 };
  const next = (nowMs: number) => {
    before?.(nowMs, agenda);
    const tokens = drawTokens();
    const routing = { deployment: 'x', estimate: needOf(traffic, tokens) };
    const selection = pool.select(routing, () => false, nowMs);
    if (selection.kind === 'selected') {
      tally.sent++;
      send(traffic, agenda, tally, { backend: selection.backend, routing, tokens }, nowMs);
    } else {
      tally.held++;
      held?.(tokens, nowMs);
    }
    const nextMs = nowMs - Math.log(1 - random()) * gapMs;
    if (nextMs < untilMs) agenda.add(nextMs, next);
  };
  agenda.add(0, next);
  agenda.run();
  return tally;
}

function needOf(
  { estimate = (tokens: number) => tokens }: Pick<Traffic<Backend>, 'estimate'>,
  tokens: number,
) {
  return { promptTokens: 0, outputTokens: estimate(tokens) };
}

function send<B extends Backend>(
  { pool, backends, random, answerMs = 1000, answered }: Traffic<B>,
  agenda: Agenda,
  tally: Tally,
  { backend, routing, tokens }: { backend: B; routing: RoutingRequest; tokens: number },
  nowMs: number,
): void {
  const receiver = backends.get(backend);
  if (receiver === undefined) throw new Error(`nothing stands behind "${backend.name}"`);
  const lease = pool.lease(backend, routing.deployment, nowMs, routing);
  receiver.expect(tokens);
  agenda.add(nowMs + random() * TRAVEL_MS, (arrivedMs) => {
    const { outcome, header } = receiver.receive(tokens, arrivedMs);
    if (outcome.kind !== 'succeeded') {
      tally.refused++;
      if (lease.charge.isProbe) tally.refusedProbes++;
    }
    const mostMs = outcome.kind === 'succeeded' ? 2 * answerMs : TRAVEL_MS;
    agenda.add(arrivedMs + random() * mostMs, (settledMs) => {
      pool.settle(lease, outcome, settledMs, header);
      lease.release();
      answered?.(backend, settledMs);
    });
  });
}
