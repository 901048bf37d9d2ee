import { expect, test } from 'vitest';
import { makeBackend } from '../testing/make-backend.ts';
import { makeHeadroomPool } from '../testing/make-headroom-pool.ts';
import { seededRandom } from '../testing/make-random.ts';
import { RollingBackend, type RollingLimits } from '../testing/rolling-backend.ts';
import { sendTraffic, TRAVEL_MS } from '../testing/send-traffic.ts';

const MINUTE_MS = 60_000;
/** A charge expires at most this late: the skew and the grain of the ledger, and the time it took to arrive. */
const LATE_MS = 25 + 31 + TRAVEL_MS;

interface Run {
  readonly limits: RollingLimits;
  readonly meanTokens: number;
  /** A share of the quota of all backends. */
  readonly load: number;
  readonly backends?: number;
  /** Whether the limits are configured, or have to be learned. */
  readonly isKnown?: boolean;
  readonly estimate?: (tokens: number) => number;
  /** The traffic of others to each backend, as a share of its quota. */
  readonly others?: number;
  readonly untilMs?: number;
  readonly seed?: number;
}

/** Sends random traffic through a pool for some minutes. Returns the counts. */
const run = ({ limits, meanTokens, load, isKnown = true, others = 0, ...rest }: Run) => {
  const { backends: count = 1, untilMs = 5 * MINUTE_MS, seed = 1, estimate } = rest;
  const random = seededRandom(seed);
  const quota = isKnown ? { tpm: limits.tpm, rpm: limits.rpm } : undefined;
  const names = Array.from({ length: count }, (_, index) => String(index));
  const backends = new Map(names.map((name) => [makeBackend(name, { quota }), new RollingBackend(limits)]));
  const pool = makeHeadroomPool([...backends.keys()], { random });
  const drawTokens = () => Math.ceil(meanTokens * (0.1 + 1.8 * random()));
  const came = { heldInVain: 0, errors: [] as number[] };
  const gapMs = (MINUTE_MS * meanTokens) / (limits.tpm * count * load);
  const tally = sendTraffic({
    pool,
    backends,
    random,
    untilMs,
    gapMs,
    drawTokens,
    ...(estimate && { estimate }),
    before(nowMs) {
      for (const backend of backends.values())
        if (random() < others / (load * count)) backend.judge(drawTokens(), nowMs);
    },
    held(tokens, nowMs) {
      for (const backend of backends.values())
        if (backend.willHaveRoomAt(tokens, nowMs, LATE_MS)) came.heldInVain++;
    },
    answered(backend, nowMs) {
      if (nowMs < MINUTE_MS) return;
      const report = pool.report(nowMs).find(({ asWhole }) => asWhole.backend === backend);
      const believed = report?.deployments[0]?.headroom.remainingTokens ?? Number.NaN;
      const used = backends.get(backend)?.usedAt(nowMs) ?? Number.NaN;
      came.errors.push(Math.abs(believed - (limits.tpm - used)) / limits.tpm);
    },
  });
  const served = [...backends.values()].reduce((sum, backend) => sum + backend.tokensSince(MINUTE_MS), 0);
  const allowed = (limits.tpm * count * (untilMs - MINUTE_MS)) / MINUTE_MS;
  came.errors.sort((a, b) => a - b);
  const p95 = came.errors[Math.floor(came.errors.length * 0.95)];
  return { ...tally, ...came, p95, served: served / allowed };
};

test.each<[string, Run]>([
  ['a few requests below the quota', { limits: { tpm: 60_000 }, meanTokens: 500, load: 0.9 }],
  ['a few requests beyond it', { limits: { tpm: 60_000 }, meanTokens: 500, load: 2 }],
  ['large requests', { limits: { tpm: 60_000 }, meanTokens: 5000, load: 1.5 }],
  ['many requests', { limits: { tpm: 600_000 }, meanTokens: 500, load: 1.2, untilMs: 150_000 }],
  ['more than one backend', { limits: { tpm: 60_000 }, meanTokens: 500, load: 1.5, backends: 3 }],
  ['a limit on requests', { limits: { tpm: 600_000, rpm: 300 }, meanTokens: 1500, load: 1.5 }],
  [
    'a limit on requests, told of 10 s',
    { limits: { tpm: 600_000, rpm: 300, tells: '10 s' }, meanTokens: 1500, load: 1.5 },
  ],
])(
  'a gateway that is alone and estimates exactly has nothing refused that it sends for having room, nor holds back what would fit: %s',
  (_, some) => {
    for (const seed of [1, 2, 3]) {
      const { sent, refused, refusedProbes, heldInVain } = run({ ...some, seed });
      expect(sent).toBeGreaterThan(50);
      expect(refused - refusedProbes).toBe(0);
      expect(heldInVain).toBe(0);
    }
  },
);

const known = { limits: { tpm: 60_000 }, meanTokens: 500, load: 2 };
const guess = seededRandom(77);

test.each<[string, number, Partial<Run>]>([
  ['the limit has to be learned', 10, { isKnown: false }],
  ['estimates are half of what is taken', 100, { estimate: (tokens) => tokens / 2 }],
  ['estimates are twice what is taken', 5, { estimate: (tokens) => tokens * 2 }],
  ['estimates are too high by the same amount', 15, { estimate: (tokens) => tokens + 300 }],
  ['estimates are too low by the same amount', 80, { estimate: (tokens) => Math.max(1, tokens - 200) }],
  ['estimates are wrong by a factor of up to 2', 50, { estimate: (tokens) => tokens * 0.5 * 4 ** guess() }],
  ['there are three backends, and estimates are half', 70, { backends: 3, estimate: (tokens) => tokens / 2 }],
  ['others use a third of the quota', 50, { others: 0.3 }],
  ['others use two thirds of the quota', 80, { others: 0.6 }],
])(
  'twice as much as the quota, of which not all is known is served nearly all of it, and at most so many of 1000 are refused: %s, %i',
  (_, most, different) => {
    for (const seed of [1, 2]) {
      const { sent, refused, p95, served } = run({ ...known, ...different, seed });
      expect(served).toBeGreaterThan(0.98);
      expect((1000 * refused) / sent).toBeLessThan(most);
      expect(p95).toBeLessThan(0.05);
    }
  },
);

const silent = { tpm: 60_000, tells: 'nothing' } as const;

test.each<[string, number, number, Partial<Run>]>([
  ['tokens', 20, 0.97, {}],
  ['tokens, estimated at half', 20, 0.97, { estimate: (tokens) => tokens / 2 }],
  ['tokens, estimated at twice', 20, 0.97, { estimate: (tokens) => tokens * 2 }],
  ['tokens, of which others use half', 60, 0.97, { others: 0.5 }],
  ['tokens, at three backends', 20, 0.97, { backends: 3 }],
  ['tokens and requests', 20, 0.94, { limits: { ...silent, rpm: 180 } }],
  ['tokens and requests in one second', 20, 0.93, { limits: { ...silent, rpm: 300, requestWindowMs: 1000 } }],
])(
  'twice as much as a quota of %s, of which nothing is told, is refused at most %i times of 1000 once it is learned, and served %d of it',
  (_, most, share, different) => {
    const traffic = { ...known, limits: silent, isKnown: false, untilMs: 12 * MINUTE_MS };
    const { sent, held, refused, served } = run({ ...traffic, ...different });
    expect((1000 * refused) / (sent + held)).toBeLessThan(most);
    expect(served).toBeGreaterThan(share);
  },
);
