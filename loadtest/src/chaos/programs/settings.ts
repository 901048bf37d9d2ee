/** The common settings of every program's gateway: it stops at once, and failed backends are soon back. */
export const usualSettings = {
  cooldown: { defaultMs: 20, floorMs: 10, ceilingMs: 100 },
  retryBudget: { share: 10 },
} as const;

/** The common time limits of every program's gateway. */
export const usualTimeouts = {
  lameDuckMs: 0,
  shutdownMs: 500,
  attemptMs: 2000,
  overallMs: 8000,
  responseIdleMs: 3000,
} as const;
