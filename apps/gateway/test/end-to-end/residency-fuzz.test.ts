import { performance } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeAdmin } from '../testing/ask-admin.ts';
import { Askers } from '../testing/askers.ts';
import {
  BACKENDS,
  configOf,
  EMPTY,
  isAllowed,
  type Layout,
  type Round,
  rounds,
} from '../testing/draw-residency.ts';
import { startNotingBackend } from '../testing/start-noting-backend.ts';
import { startReloadable } from '../testing/start-reloadable.ts';

/**
 * The number of requests that the test sends, in rounds of 50. The promise is about 10,000, which take some minutes:
 * `RESIDENCY_REQUESTS=10000 pnpm exec vitest run residency-fuzz`. It then also prints what came of them.
 */
const ASKED = process.env['RESIDENCY_REQUESTS'];
const REQUESTS = Number(ASKED ?? 200);
const PER_ROUND = 50;
const TIMEOUT_MS = 60_000 + 100 * REQUESTS;
/** Longer than the quota of a backend is spent. */
const PATIENCE_SECONDS = 10;

/** A change of the configuration. */
interface Change {
  readonly from: Layout;
  readonly to: Layout;
  readonly begunMs: number;
  readonly endedMs: number;
  /** The number of the last request that was sent before it. */
  readonly lastBefore: number;
  /** Whether all of these were waiting for quota. */
  readonly isAwaited: boolean;
}

/** Returns the configurations that may be valid for a request that reaches a backend at this time. */
function layoutsFor(number: number, atMs: number, change: Change): Layout[] {
  const { from, to, begunMs, endedMs, lastBefore, isAwaited } = change;
  if (atMs < begunMs) return [from];
  // A request that was under way at a backend stays there, but one that was waiting is routed anew.
  return number > lastBefore || (isAwaited && atMs > endedMs) ? [to] : [from, to];
}

test(
  'no request of a client ever reaches a backend without its tags, whatever it asks for, however backends fail and whenever the configuration changes',
  { timeout: TIMEOUT_MS },
  async () => {
    const backends = await Promise.all(BACKENDS.map(startNotingBackend));
    const urls = backends.map(({ url }) => url);
    const gateway = await startReloadable(configOf(EMPTY, urls));
    const askers = new Askers(gateway.url);
    let from = EMPTY;
    let reached = 0;

    const behave = (deeds: Round['deeds'], { redirectsBy }: Round) =>
      deeds.forEach((some, at) => backends[at]!.behave(some, urls[(at + redirectsBy) % deeds.length]!));
    const recover = () =>
      Promise.all(BACKENDS.map((name) => writeAdmin(gateway, `/admin/backends/${name}/clear-cooldown`)));
    const untilAllWait = () =>
      expect.poll(() => askers.pending - gateway.gateway.waiting().standard, { interval: 5 }).toBe(0);

    const play = async (round: Round): Promise<Change> => {
      const { layout: to, isSpent } = round;
      behave(isSpent ? round.deeds.map(() => ['spent']) : round.deeds, round);
      const patience = isSpent ? PATIENCE_SECONDS : undefined;
      const before = round.before.map((one) => askers.ask(one, patience));
      const lastBefore = askers.last;
      if (isSpent) await untilAllWait();
      const begunMs = performance.now();
      const report = await gateway.reload(configOf(to, urls));
      const endedMs = performance.now();
      expect(report).toMatchObject({ result: 'applied', problems: [] });
      // A patient client would wait for silence to end.
      if (isSpent)
        behave(
          round.deeds.map((some) => some.filter((deed) => deed !== 'silence')),
          round,
        );
      await recover();
      await Promise.all([...before, ...round.after.map((one) => askers.ask(one))]);
      return { from, to, begunMs, endedMs, lastBefore, isAwaited: isSpent };
    };

    const run = fc.asyncProperty(rounds(PER_ROUND), async (round) => {
      const change = await play(round);
      from = change.to;
      const touches = backends.flatMap((backend, at) =>
        backend.touches.splice(0).map((touch) => ({ ...touch, at, change })),
      );
      const forbidden = touches.filter(({ who, at, atMs }) => {
        const [client = '', number] = who?.split(' ') ?? [];
        return !layoutsFor(Number(number), atMs, change).some((layout) => isAllowed(client, at, layout));
      });
      expect(forbidden).toEqual([]);
      reached += touches.length;
    });
    const startedMs = performance.now();
    await fc.assert(run, { numRuns: Math.ceil(REQUESTS / PER_ROUND), endOnFailure: true });
    expect(reached).toBeGreaterThan(REQUESTS / 4);
    const seconds = Math.round((performance.now() - startedMs) / 1000);
    if (ASKED !== undefined)
      process.stdout.write(`${JSON.stringify({ seconds, reached, ...askers.seen }, undefined, 2)}\n`);
  },
);
