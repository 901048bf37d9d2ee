import { Chance } from '../../chance.ts';

/** One side's behaviour in a session. */
export interface SidePlan {
  /** How many bytes it sends at a time, and the pause before each time. */
  readonly sends: readonly { readonly bytes: number; readonly pauseMs: number }[];
  /** How it ends the session afterwards; `wait` leaves that to the other side. */
  readonly ending: 'close-frame' | 'fin' | 'reset' | 'wait';
  /** Whether it stops reading at the beginning, for as long as it is there. */
  readonly isDeaf: boolean;
}

/** A backend's reaction to a request for a session. */
export interface BackendPlan {
  readonly opening: 'accept' | 'refuse' | 'reset' | 'close' | 'hang' | 'late';
  readonly side: SidePlan;
}

/** A client's behaviour. */
export interface ClientPlan {
  /** Bytes sent along with the request. */
  readonly earlyBytes: number;
  /** How long after it began it leaves, whatever it is doing. */
  readonly leavesAfterMs: number | undefined;
  readonly leaving: 'fin' | 'reset' | 'half-close';
  readonly side: SidePlan;
}

/** Draws a client's behaviour. */
export function planClient(seed: number, index: number): ClientPlan {
  const chance = new Chance(seed, 'sessions', index);
  return {
    earlyBytes: chance.is(0.2) ? chance.between(1, 3000) : 0,
    leavesAfterMs: chance.is(0.3) ? chance.between(0, 60) : undefined,
    leaving: chance.pick(['fin', 'reset', 'half-close']),
    side: planSide(chance),
  };
}

/** Draws a backend's behaviour. */
export function planBackend(seed: number, marker: string, backend: string, attempt: number): BackendPlan {
  const chance = new Chance(seed, 'sessions', marker, backend, attempt);
  const opening = chance.weigh({ accept: 80, late: 6, refuse: 8, reset: 3, close: 2, hang: 1 });
  return { opening, side: planSide(chance) };
}

function planSide(chance: Chance): SidePlan {
  const isLoud = chance.is(0.05);
  const sends = Array.from({ length: chance.between(0, 6) }, () => ({
    bytes: isLoud ? chance.between(10_000, 500_000) : chance.between(1, 2000),
    pauseMs: chance.is(0.5) ? 0 : chance.between(1, 15),
  }));
  return {
    sends,
    ending: chance.weigh({ 'close-frame': 3, fin: 2, reset: 2, wait: 3 }),
    isDeaf: chance.is(0.05),
  };
}

/** Describes a client's behaviour; the backends' behaviour is drawn from its marker. */
export function describeSession(seed: number, index: number): string {
  return JSON.stringify(planClient(seed, index));
}
