import { Chance } from '../../chance.ts';
import { serveWell } from '../../peers/serve-well.ts';
import type { Program } from '../program.ts';
import { usualSettings, usualTimeouts } from '../settings.ts';
import { answerBadly } from './answer-badly.ts';
import { askRequest, describeRequest } from './ask-request.ts';

const GOOD = 'good';

/** Backends that answer in every possible way; a good one stands behind them. */
export const answers: Program = {
  name: 'answers',
  shows: 'mutated answers of backends',
  count: 8000,
  unit: 'requests',
  // Few enough that there is nearly always a bad backend that may be asked.
  together: 16,
  limitMs: 240_000,
  backends: [
    ...Array.from({ length: 30 }, (_, i) => ({ name: `bad-${i}`, priority: 1 })),
    { name: GOOD, priority: 2 },
  ],
  settings: {
    ...usualSettings,
    // For this one no backend is full, whatever it reports about its quota.
    strategy: 'round-robin',
    // Nearly all answers are failures, and yet the failing backends must be asked again at once.
    cooldown: { defaultMs: 1, floorMs: 1, ceilingMs: 1 },
    timeouts: { ...usualTimeouts, attemptMs: 200, responseIdleMs: 500, overallMs: 5000 },
  },
  behaviourOf:
    ({ seed, answers: seen }) =>
    (call, moment) => {
      if (moment !== 'whole') return;
      if (call.backend === GOOD) serveWell(call, seen, new Chance(seed, call.marker ?? ''));
      else answerBadly(call, seen, seed);
    },
  runCase: askRequest,
  describeCase: describeRequest,
};
