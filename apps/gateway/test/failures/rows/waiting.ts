import type { FailureRow } from '../failure-row.ts';

const config = { waitingRoom: { maxWaitMs: 5000 }, cooldown: { floorMs: 1 } };

/** Requests that may wait for quota (`waitingRoom`, here for 5 s at most). */
export const waiting: readonly FailureRow[] = [
  {
    title: 'a, the only backend, is throttled for 0.2 s, and requests may wait',
    backends: ['1x throttle(retry-after-ms=200), ok'],
    config,
    sees: '200 chat.completion, from a, 2 attempts',
    cooldowns: 'nobody',
    logged: '200 complete, a throttled (429), a succeeded (200)',
  },
  {
    title: 'a and b are throttled, b for 0.2 s, and requests may wait',
    backends: ['throttle(30)', '1x throttle(retry-after-ms=200), ok'],
    config,
    sees: '200 chat.completion, from b, 3 attempts',
    cooldowns: 'gpt-4o at a, throttled, 30 s',
    logged: '200 complete, a throttled (429), b throttled (429), b succeeded (200)',
  },
  {
    title: 'a answers 500, b is throttled for 0.2 s, and requests may wait',
    backends: ['status(500)', '1x throttle(retry-after-ms=200), ok'],
    config: { ...config, cooldown: { floorMs: 1, defaultMs: 10_000 } },
    sees: '200 chat.completion, from b, 3 attempts',
    cooldowns: 'gpt-4o at a, cooling, 10 s',
    logged: '200 complete, a unavailable (500), b throttled (429), b succeeded (200)',
  },
  {
    title: 'a and b are throttled for longer than requests may wait',
    backends: ['throttle(30)', 'throttle(20)'],
    config,
    sees: '429 error 429, 2 attempts, retry-after: 20',
    cooldowns: 'gpt-4o at a, throttled, 30 s; gpt-4o at b, throttled, 20 s',
    logged: '429 complete (throttled), a throttled (429), b throttled (429)',
  },
  {
    title:
      'a, the only backend, is throttled for 0.2 s, and then refuses the prompt of the request that waited',
    backends: ['1x throttle(retry-after-ms=200), status(400)'],
    config,
    sees: '400 error content_filter, from a, 2 attempts',
    cooldowns: 'nobody',
    logged: '400 complete, a throttled (429), a rejected (400)',
  },
];
