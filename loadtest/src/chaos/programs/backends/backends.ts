import type { Program } from '../program.ts';
import { usualSettings, usualTimeouts } from '../settings.ts';
import { actUp } from './act-up.ts';
import { describePlanned, REPLAY_BYTES } from './plan-request.ts';
import { endKept, sendRequest } from './send-request.ts';

/** Backends on a bad day, with clients of all kinds. */
export const backends: Program = {
  name: 'backends',
  shows: 'backends that fail in every way, with streams, uploads and objects to be made',
  count: 100_000,
  unit: 'requests',
  together: 40,
  limitMs: 300_000,
  backends: [
    { name: 'a', priority: 1 },
    { name: 'b', priority: 1 },
    { name: 'c', priority: 2 },
    { name: 'd', priority: 2 },
  ],
  settings: {
    ...usualSettings,
    cooldown: { defaultMs: 2, floorMs: 1, ceilingMs: 10 },
    timeouts: usualTimeouts,
    limits: { replayBytes: REPLAY_BYTES },
  },
  behaviourOf: actUp,
  runCase: sendRequest,
  describeCase: describePlanned,
  end: endKept,
};
