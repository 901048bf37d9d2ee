/** What every program's gateway is told: it stops at once, and backends that failed are back soon. */
export const usualSettings = {
  cooldown: { defaultMs: 20, floorMs: 10, ceilingMs: 100 },
  retryBudget: { share: 10 },
} as const;

/** What every program's gateway is told of time. */
export const usualTimeouts = {
  lameDuckMs: 0,
  shutdownMs: 500,
  attemptMs: 2000,
  overallMs: 8000,
  responseIdleMs: 3000,
} as const;
