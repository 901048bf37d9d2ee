import type { Program } from '../program.ts';
import { usualSettings, usualTimeouts } from '../settings.ts';
import { answerSlowly } from './answer-slowly.ts';
import { describePeer, REPLAY_BYTES } from './plan-peer.ts';
import { playPeer } from './play-peer.ts';

/** Clients and backends that take their time, with a gateway that has little of it. */
export const slow: Program = {
  name: 'slow',
  shows: 'slow clients and slow backends',
  count: 2000,
  unit: 'connections',
  together: 250,
  limitMs: 180_000,
  backends: [
    { name: 'a', priority: 1 },
    { name: 'b', priority: 1 },
    { name: 'c', priority: 2 },
  ],
  settings: {
    ...usualSettings,
    limits: { replayBytes: REPLAY_BYTES },
    timeouts: {
      ...usualTimeouts,
      requestHeadersMs: 2000,
      requestMs: 4000,
      clientStallMs: 2000,
      sessionIdleMs: 2000,
      attemptMs: 1000,
      responseIdleMs: 1000,
      overallMs: 3000,
      keepAliveMs: 2000,
    },
  },
  behaviourOf: answerSlowly,
  runCase: playPeer,
  describeCase: describePeer,
};
