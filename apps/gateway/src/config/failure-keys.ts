import { mapOf, numberBetween, ONE_DAY_MS, wholeNumber } from './fields.ts';

/** When failures that healthy backends have too, now and then, are reason to rest. */
export const outlier = mapOf({
  share: numberBetween(0.01, 1)
    .default(0.3)
    .describe(
      'A backend whose requests succeed so much less often than its peers’ rests: at 0.3, below 70 % of their share. ' +
        'What fails as often everywhere takes nobody out, and the last one is never taken out for this.',
    ),
  consecutiveFailures: wholeNumber(1, 1000)
    .default(3)
    .describe(
      'So many failures in a row are enough where failures are rare; where they are usual, of this backend or of the ' +
        'best of its peers, it takes more. Counted are 5xx without a `Retry-After`, resets and timeouts, never 429.',
    ),
});

/** How long backends rest. */
export const cooldown = mapOf({
  defaultMs: wholeNumber(1, ONE_DAY_MS)
    .default(10_000)
    .describe(
      'A backend’s rest when it did not say how long. After failures, each further rest is twice as long, until it has been ' +
        'well for ten times its last rest, or `cooldown.ceilingMs` if that is less.',
    ),
  floorMs: wholeNumber(1, ONE_DAY_MS).default(100).describe('No rest is shorter.'),
  ceilingMs: wholeNumber(1, ONE_DAY_MS)
    .default(300_000)
    .describe('No rest is longer; after it the backend is simply tried again.'),
}).refine(({ floorMs, ceilingMs }) => floorMs <= ceilingMs, {
  path: ['floorMs'],
  message: 'at most cooldown.ceilingMs',
});

/** How many retries there may be. */
export const retryBudget = mapOf({
  share: numberBetween(0, 10)
    .default(0.2)
    .describe(
      'Retries after failures, and hedges, as a share of the requests of the last ten seconds. What is throttled is not counted. ' +
        'Beyond it, failures are not retried, so that an outage does not double the load on what still works.',
    ),
  minRetriesPerSecond: numberBetween(0, 100_000)
    .default(10)
    .describe('So many retries a second are allowed however few requests there are.'),
});

/** When a second backend is asked beside the first. */
export const hedge = mapOf({
  afterMs: wholeNumber(1, ONE_DAY_MS).describe(
    'Time without response headers after which a second backend is sent the same request; the first answer wins, ' +
      'and the other attempt is aborted. Only for requests that make no object. Default: never.',
  ),
});
