import type { Program } from '../program.ts';
import { usualSettings, usualTimeouts } from '../settings.ts';
import { describeSession } from './plan-session.ts';
import { runSession } from './run-session.ts';
import { SessionLedger } from './session-ledger.ts';
import { takeSessions } from './take-session.ts';

const ledger = new SessionLedger();

/** Realtime sessions that either side opens badly and ends in every way at any time. */
export const sessions: Program = {
  name: 'sessions',
  shows: 'realtime sessions whose clients and backends leave in every way at any time',
  count: 4000,
  unit: 'sessions',
  together: 100,
  limitMs: 180_000,
  backends: [
    { name: 'a', priority: 1 },
    { name: 'b', priority: 1 },
    { name: 'c', priority: 2 },
  ],
  settings: {
    ...usualSettings,
    timeouts: { ...usualTimeouts, sessionIdleMs: 2000, clientStallMs: 2000 },
  },
  behaviourOf: (stage) => takeSessions(stage, ledger),
  runCase: (stage, index) => runSession(stage, index, ledger),
  describeCase: describeSession,
};
